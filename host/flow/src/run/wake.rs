//! What can move a run: the auditor's view. An unfinished run that nothing can move is an error of the engine.

use super::event::Place;
use super::ids::Millis;
use super::machine::{Pace, Run};
use super::phase::Phase;
use super::state::SlotState;

/// Something from outside that will move a run, or that may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WakeSource {
    /// An attempt of a task ends.
    Attempt(Place),
    /// A sub-workflow ends.
    Child(Place),
    /// An instant comes.
    Timer(Millis),
    /// A signal can come.
    Signal(Place),
    /// Somebody can approve or deny.
    Approval(Place),
    /// A lock is granted; without a place, room among the runs with the same key.
    Lock(Option<Place>),
    /// A start is reserved.
    Rate(Place),
    /// Somebody decides that a blocked run goes on.
    Decision,
    /// There is more to do at once: the last turn stopped at its bound, or the worker stopped.
    AtOnce,
}

impl Run {
    /// Everything that can move the run. Empty for a run that has ended, and never for another.
    pub fn wake_sources(&self) -> Vec<WakeSource> {
        if self.status().is_end() {
            return Vec::new();
        }
        let mut sources = Vec::new();
        if self.blocked.is_some() {
            sources.push(WakeSource::Decision);
        }
        if self.pace != Pace::Rests || self.has_mail() {
            sources.push(WakeSource::AtOnce);
        }
        if self.phase == Phase::Queued {
            sources.push(WakeSource::Lock(None));
        }
        sources.extend(self.next_wakeup().map(WakeSource::Timer));
        sources.extend(self.leaving.iter().map(|(place, _)| WakeSource::Child(*place)));
        sources.extend(self.active.iter().filter_map(|place| self.wakes(*place)));
        sources
    }

    fn wakes(&self, place: Place) -> Option<WakeSource> {
        match self.slot(place)?.state {
            SlotState::Running if self.starts_child(place) => Some(WakeSource::Child(place)),
            SlotState::Running => Some(WakeSource::Attempt(place)),
            SlotState::Locking => Some(WakeSource::Lock(Some(place))),
            SlotState::Rating => Some(WakeSource::Rate(place)),
            SlotState::Listening => match self.action_of(place) {
                Some(crate::plan::Action::Approval { .. }) => Some(WakeSource::Approval(place)),
                _ => Some(WakeSource::Signal(place)),
            },
            _ => None,
        }
    }
}
