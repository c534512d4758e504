//! `on-error`: what happens when a step, or an item, has failed for good.

use std::sync::Arc;

use super::apply::illegal;
use super::event::{Event, Place};
use super::failure::Failure;
use super::ids::Millis;
use super::machine::Run;
use super::phase::Phase;
use super::state::{Fate, IllegalEvent, SlotEvent, SlotState};
use crate::plan::{StepKind, Then};

impl Run {
    /// Whether something takes care of a failure at a place: only while the run goes on, and each item of a `for-each` for
    /// itself, any other step as a whole.
    pub(super) fn fate(&self, place: Place, failure: &Failure) -> Fate {
        let planned = &self.plan.steps[place.index()];
        let level = matches!(planned.kind, StepKind::ForEach { .. }) == place.item.is_some();
        let caught = planned.is_main() && level && self.phase == Phase::Running;
        match self.remedy(place, failure).filter(|_| caught) {
            None | Some(Then::Fail) => Fate::Final,
            Some(Then::Value(_) | Then::Step(_)) => Fate::Caught,
        }
    }

    /// The first remedy that fits a failure.
    fn remedy(&self, place: Place, failure: &Failure) -> Option<&Then> {
        let remedies = &self.plan.steps[place.index()].on_error;
        remedies.iter().find(|remedy| remedy.code.as_ref().is_none_or(|code| *code == failure.code)).map(|remedy| &remedy.then)
    }

    /// What happens next at a place that failed and that something takes care of.
    pub(super) fn take_care(&self, place: Place, failure: &Failure) -> Option<Event> {
        match self.remedy(place, failure)? {
            Then::Fail => None,
            Then::Value(template) => Some(match self.evaluate_result(template, place) {
                Ok(output) => Event::Settled { place, output },
                Err(problem) => Event::PlaceFailed { place, failure: while_handling(&problem, failure) },
            }),
            Then::Step(handler) => Some(Event::Caught { place, handler: Place::step(*handler).step }),
        }
    }

    pub(super) fn apply_caught(&mut self, event: &Event, place: Place, handler: u32, at: Millis) -> Result<(), IllegalEvent> {
        let failure = self.slot(place).and_then(|slot| slot.state.failure().cloned()).ok_or_else(|| illegal(event))?;
        if !matches!(self.remedy(place, &failure), Some(Then::Step(step)) if *step == handler as usize) {
            return Err(illegal(event));
        }
        self.change(event, place, SlotEvent::Caught, at)?;
        let handling = place.at(handler as usize);
        self.make_hidden(handling);
        self.enqueue(handling);
        Ok(())
    }

    /// A handler has ended: its result takes the place of the one that failed.
    pub(super) fn handler_over(&mut self, handler: Place, place: Place, at: Millis) {
        let Some(SlotState::Handling(failure)) = self.slot(place).map(|slot| slot.state.clone()) else { return };
        let end = match self.slot(handler).map(|slot| slot.state.clone()) {
            Some(SlotState::Done(output)) => SlotEvent::Handled(self.typed(place, &output)),
            Some(SlotState::Failed(problem)) => SlotEvent::HandlerFailed(while_handling(&problem, &failure)),
            _ => SlotEvent::HandlerFailed(*failure),
        };
        self.force(place, end, at);
    }

    /// The handler of a place does not begin any more; one that runs may finish, or has been interrupted.
    pub(super) fn stop_handler(&mut self, place: Place, at: Millis) {
        for handler in self.handlers(place) {
            if self.slot(handler).is_some_and(|slot| slot.state == SlotState::Waiting) {
                self.force(handler, SlotEvent::Cancelled, at);
            }
        }
    }

    pub(super) fn withdraw_handlers(&mut self, place: Place, at: Millis) {
        for handler in self.handlers(place) {
            self.withdraw(handler, at);
        }
    }

    /// The places of handlers of a place.
    pub(super) fn handlers(&self, place: Place) -> Vec<Place> {
        let remedies = self.plan.steps[place.index()].on_error.iter();
        let steps = remedies.filter_map(|remedy| match remedy.then {
            Then::Step(handler) => Some(place.at(handler)),
            _ => None,
        });
        steps.filter(|handler| self.slot(*handler).is_some()).collect()
    }
}

/// The failure of a remedy, which says what it should have been a remedy for.
fn while_handling(problem: &Failure, failure: &Failure) -> Failure {
    let message = format!("{} (while taking care of {}: {})", problem.message, failure.code, failure.message);
    Failure { message: Arc::from(message), ..problem.clone() }
}
