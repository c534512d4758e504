//! `finally`: an action that runs once after a step that was started, however it ended.

use super::event::Place;
use super::ids::Millis;
use super::machine::Run;
use super::state::{SlotState, Status};
use super::step::{Hidden, Parts};

impl Run {
    pub(super) fn begin_finally(&mut self, place: Place) {
        self.make_hidden(place);
        self.enqueue(place);
    }

    /// A step that belongs to another has work at a place.
    pub(super) fn make_hidden(&mut self, place: Place) {
        if let Parts::Sparse(places) = &mut self.steps[place.index()].parts {
            places.insert(place.item, Hidden::default());
        }
    }

    pub(super) fn finally_over(&mut self, place: Place, of: usize, at: Millis) {
        let step = Place::step(of).step;
        let failed = match self.slot(place).map(|slot| &slot.state) {
            Some(SlotState::Failed(failure)) => Some(failure.clone()),
            _ => None,
        };
        let work_failed = matches!(self.steps[of].slot.state, SlotState::Failed(_));
        match failed {
            // A step that has failed already failed for its own reason.
            Some(failure) if !work_failed => {
                self.steps[of].failure = Some(failure.clone());
                self.end_step(step, Status::Failed, at);
                self.start_failing(Some(step), &failure, at);
            }
            _ => self.end_by_work(step, at),
        }
    }
}
