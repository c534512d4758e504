//! A sub-workflow: a run of its own.

use crate::run::event::{Event, Place};
use crate::run::machine::Run;

impl Run {
    pub(in crate::run) fn begin_flow(&self, place: Place) -> Event {
        match self.child_inputs(place) {
            Ok(_) => Event::Started { place, attempt: self.slot(place).map_or(0, |slot| slot.attempt) + 1 },
            Err(failure) => Event::PlaceFailed { place, failure },
        }
    }
}
