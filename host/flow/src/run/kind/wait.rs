//! `wait`: for a signal, or for somebody's decision.

use crate::plan::Action;
use crate::run::event::{Event, Place};
use crate::run::machine::Run;

impl Run {
    pub(in crate::run) fn begin_wait(&self, place: Place) -> Event {
        // A question that cannot be asked is found now, not by the one who looks for it.
        if let Some(Action::Approval { question }) = self.action_of(place)
            && let Err(failure) = self.evaluate(question, Some(place))
        {
            return Event::PlaceFailed { place, failure };
        }
        Event::Listening { place }
    }
}
