//! Decisions of people about a place that the run cannot decide about by itself.

use super::apply::{illegal, is_about};
use super::decide::ANSWER_LIMITS;
use super::event::{BlockReason, Event, Place, Resolution};
use super::ids::Millis;
use super::input::Resolve;
use super::machine::Run;
use super::state::{Fate, IllegalEvent, SlotEvent, SlotState};
use crate::plan::Action;
use crate::types::{Type, Value};

/// A decision that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveRefusal {
    /// Nothing is to be decided there.
    #[error("there is nothing to resolve at this step: it is not blocked by an unknown outcome or a failed undoing")]
    NothingToResolve,
    /// The result is not of the type that the step answers.
    #[error("the result must be {ty}: {problem}")]
    WrongResult {
        /// The type.
        ty: String,
        /// What is wrong.
        problem: String,
    },
}

impl Run {
    /// Whether a decision is accepted, and as what it is recorded.
    pub fn check_resolve(&self, place: Place, how: &Resolve) -> Result<Resolution, ResolveRefusal> {
        if !self.undecided.contains(&place) && self.failed_undoing() != Some(place) {
            return Err(ResolveRefusal::NothingToResolve);
        }
        match how {
            Resolve::Failed => Ok(Resolution::Failed),
            Resolve::Retry => Ok(Resolution::Retry),
            Resolve::Done(text) => self.resolved_as(place, text).map(Resolution::Done),
        }
    }

    fn resolved_as(&self, place: Place, text: &str) -> Result<Value, ResolveRefusal> {
        let ty = match self.action_of(place) {
            // Nobody reads the result of an undoing.
            _ if self.failed_undoing() == Some(place) => Type::Json,
            Some(Action::Task(call)) => self.plan.tasks[call.task].output.clone(),
            _ => Type::Json,
        };
        let refused = |problem: String| ResolveRefusal::WrongResult { ty: ty.to_string(), problem };
        let value = Value::from_json(text, ANSWER_LIMITS).map_err(|error| refused(error.to_string()))?;
        ty.check(&value).map_err(|error| refused(error.to_string()))
    }

    /// The places about which somebody has to decide.
    pub fn to_resolve(&self) -> Vec<Place> {
        self.undecided.iter().copied().chain(self.failed_undoing()).collect()
    }

    pub(super) fn apply_resolved(&mut self, event: &Event, place: Place, how: &Resolution, at: Millis) -> Result<(), IllegalEvent> {
        let undoing = self.failed_undoing() == Some(place);
        if !undoing && !self.undecided.contains(&place) {
            return Err(illegal(event));
        }
        if is_about(self.blocked.as_ref(), place) {
            self.blocked = None;
        }
        let fate = match self.slot(place).map(|slot| &slot.state) {
            Some(SlotState::Undecided(failure)) => self.fate(place, failure),
            _ => Fate::Final,
        };
        match how {
            // What could not be undone stays as it is.
            Resolution::Failed if undoing => self.give_up_undoing(),
            Resolution::Failed => self.change(event, place, SlotEvent::GivenUp(fate), at)?,
            Resolution::Done(value) => {
                let value = self.typed(place, value);
                self.change(event, place, SlotEvent::Resolved(value), at)?;
            }
            Resolution::Retry => self.change(event, place, SlotEvent::OnceMore, at)?,
        }
        Ok(())
    }

    /// Why the run cannot go on by itself, when it cannot.
    pub(super) fn stuck(&self) -> Option<BlockReason> {
        if let Some(place) = self.undecided.first() {
            let attempt = self.slot(*place).map_or(0, |slot| slot.attempt);
            return Some(BlockReason::UnknownOutcome { place: *place, attempt });
        }
        self.failed_undoing().map(|place| BlockReason::CompensationFailed { place })
    }
}
