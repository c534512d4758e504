//! `compensate`: when the run fails or is cancelled, what was recorded as done is undone, the last first, one after another.

use super::event::Place;
use super::machine::Run;
use super::phase::Phase;
use super::state::SlotState;

impl Run {
    pub(super) fn start_compensating(&mut self) {
        self.phase = match &self.phase {
            Phase::Failing(cause) => Phase::Compensating(Some(cause.clone())),
            _ => Phase::Compensating(None),
        };
        self.undo_next();
    }

    /// The place that undoes what was done last.
    pub(super) fn undoing(&self) -> Option<Place> {
        let done = self.undo.last()?;
        let compensate = self.plan.steps[done.index()].compensate?;
        matches!(self.phase, Phase::Compensating(_)).then(|| done.at(compensate))
    }

    fn undo_next(&mut self) {
        if let Some(place) = self.undoing() {
            self.make_hidden(place);
            self.enqueue(place);
        }
    }

    /// An undoing has ended. One that failed stays where it is until somebody decides.
    pub(super) fn undone(&mut self, place: Place) {
        if self.undoing() == Some(place) && !self.has_failed(place) {
            self.undo.pop();
            self.undo_next();
        }
    }

    /// Nobody will undo what an undoing could not.
    pub(super) fn give_up_undoing(&mut self) {
        self.undo.pop();
        self.undo_next();
    }

    /// The undoing that failed for good, when there is one.
    pub(super) fn failed_undoing(&self) -> Option<Place> {
        self.undoing().filter(|place| self.has_failed(*place))
    }

    fn has_failed(&self, place: Place) -> bool {
        self.slot(place).is_some_and(|slot| matches!(slot.state, SlotState::Failed(_)))
    }
}
