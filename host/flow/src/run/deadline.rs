//! Instants at which something is over: a sleep, or the time that a step has in all.

use super::apply::illegal;
use super::command::Command;
use super::event::{Event, Place};
use super::failure::{Failure, Platform};
use super::ids::Millis;
use super::machine::Run;
use super::receipt::Receipt;
use super::state::{IllegalEvent, SlotEvent, SlotState, Status};
use crate::plan::Action;
use crate::types::Value;

impl Run {
    /// What an instant that has come means.
    pub(super) fn alarm(&self, now: Millis) -> Option<Event> {
        let (due, place) = self.alarms.first().filter(|(due, _)| *due <= now)?;
        match self.slot(*place).map(|slot| &slot.state) {
            Some(SlotState::Sleeping(until)) if until == due => Some(Event::Settled { place: *place, output: Value::Null }),
            _ => Some(self.out_of_time(*place)),
        }
    }

    fn out_of_time(&self, place: Place) -> Event {
        let failure = self.time_is_over(place);
        if !self.plan.steps[place.index()].is_main() {
            return Event::PlaceFailed { place, failure };
        }
        // What must not be repeated cannot just be broken off: somebody has to find out what it did.
        let unsure = self.running.range(place..).next().filter(|running| running.step == place.step);
        match unsure {
            Some(running) if self.plan.steps[place.index()].at_most_once => {
                let attempt = self.slot(*running).map_or(0, |slot| slot.attempt);
                Event::OutcomeUnknown { place: *running, attempt, failure, receipt: Receipt::default() }
            }
            _ => Event::StepFailed { step: place.step, failure },
        }
    }

    fn time_is_over(&self, place: Place) -> Failure {
        let planned = &self.plan.steps[place.index()];
        let ms = planned.timeout.total_ms.unwrap_or(0);
        let waits = planned.actions().iter().all(|action| matches!(action, Action::Signal { .. } | Action::Approval { .. }));
        if waits {
            return Platform::WaitTimeout.failure(format!("nothing came within {ms} ms"));
        }
        Platform::LimitTotalTime.failure(format!("it took longer than {ms} ms in all"))
    }

    /// A step fails as a whole: what is under way in it is broken off.
    pub(super) fn apply_step_failed(&mut self, event: &Event, step: u32, failure: &Failure, at: Millis) -> Result<(), IllegalEvent> {
        let place = Place { step, item: None };
        let state = &self.steps[step as usize];
        let fresh = state.status == Status::Waiting && state.unmet == 0;
        let legal = (fresh || self.underway.contains(&step)) && !state.slot.state.is_end();
        let fate = self.fate(place, failure);
        if !legal || state.slot.clone().next(SlotEvent::Broke(failure.clone(), fate)).is_none() {
            return Err(illegal(event));
        }
        self.drop_deadline(place);
        self.interrupt(place);
        // Ended first, so that the ends of its parts mean nothing to it any more.
        let parts = self.parts_under_way(step);
        self.change(event, place, SlotEvent::Broke(failure.clone(), fate), at)?;
        for part in parts {
            self.withdraw(part, at);
        }
        Ok(())
    }

    pub(super) fn apply_outcome_unknown(
        &mut self,
        event: &Event,
        place: Place,
        attempt: u32,
        failure: &Failure,
        at: Millis,
    ) -> Result<(), IllegalEvent> {
        if !self.running.contains(&place) {
            return Err(illegal(event));
        }
        self.change(event, place, SlotEvent::Unknown(attempt, failure.clone()), at)?;
        self.commands.push(Command::Interrupt { place });
        // Somebody decides now, and takes the time that it takes.
        let others = self.running.range(place.whole()..).next().is_some_and(|running| running.step == place.step);
        if !others {
            self.drop_deadline(place);
        }
        Ok(())
    }

    /// The time that a place has in all no longer counts.
    pub(super) fn drop_deadline(&mut self, place: Place) {
        let step = &mut self.steps[place.index()];
        let (deadline, owner) = match step.hidden_mut(place.item) {
            Some(hidden) => (hidden.deadline.take(), place),
            None if place.item.is_some() => return,
            None => (step.deadline.take(), place),
        };
        if let Some(due) = deadline {
            self.alarms.remove(&(due, owner));
        }
    }
}
