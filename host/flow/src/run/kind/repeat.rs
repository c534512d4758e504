//! `repeat`: one action again and again, carrying a value.

use crate::plan::{RepeatTest, StepKind};
use crate::run::apply::illegal;
use crate::run::end::Over;
use crate::run::event::{Event, Place};
use crate::run::failure::{Failure, Platform};
use crate::run::ids::Millis;
use crate::run::machine::Run;
use crate::run::state::{IllegalEvent, SlotEvent, SlotState};
use crate::run::step::Many;
use crate::types::Value;

impl Run {
    /// The next iteration, or the end. What is carried is a function of recorded results.
    pub(in crate::run) fn next_iteration(&self, step: u32, many: &Many, now: Millis) -> Option<Event> {
        let StepKind::Repeat { test, max, every_ms, .. } = &self.plan.steps[step as usize].kind else { return None };
        if let Some(again) = many.again.first() {
            return self.begin_at(Place::item(step, *again), now);
        }
        let done = u32::try_from(many.slots.len()).unwrap_or(u32::MAX);
        let place = Place::item(step, done);
        // Iterations are looked at with their number: the next one's before it, the last one's after it.
        let goes_on = match test {
            RepeatTest::While(condition) => self.holds(condition, Some(place)),
            RepeatTest::Until(_) if done == 0 => Ok(true),
            RepeatTest::Until(condition) => self.holds(condition, Some(Place::item(step, done - 1))).map(|over| !over),
        };
        match goes_on {
            Err(failure) => Some(Event::StepFailed { step, failure }),
            Ok(false) => Some(Event::Closed { step }),
            Ok(true) if done >= *max => {
                let failure = Platform::RepeatMax.failure(format!("it is not over after {max} iterations, and may have no more"));
                Some(Event::StepFailed { step, failure })
            }
            Ok(true) if done > 0 && *every_ms > 0 => Some(Event::Paused { place, until: now.after(*every_ms) }),
            Ok(true) => self.begin_at(place, now),
        }
    }

    pub(in crate::run) fn open_repeat(&mut self, event: &Event, step: u32) -> Result<(), IllegalEvent> {
        let StepKind::Repeat { start, .. } = &self.plan.steps[step as usize].kind else { return Err(illegal(event)) };
        let carry = self.evaluate(start, None).unwrap_or_default();
        let carry = self.typed(Place { step, item: None }, &carry);
        if let Some(many) = self.steps[step as usize].many_mut() {
            many.carry = carry;
        }
        Ok(())
    }

    /// One iteration has ended: its result is carried on, and nobody will ask this one for it again.
    pub(in crate::run) fn iteration_over(&mut self, place: Place, state: SlotState) {
        let Some(many) = self.steps[place.index()].many_mut() else { return };
        match state {
            SlotState::Done(value) => {
                many.carry = value;
                if let Some(slot) = place.item.and_then(|item| many.slots.get_mut(item as usize)) {
                    slot.state = SlotState::Done(Value::Null);
                }
            }
            SlotState::Failed(failure) => many.failure = Some(failure),
            _ => {}
        }
    }

    pub(in crate::run) fn repeat_over(&self, many: &Many) -> Option<Over> {
        match &many.failure {
            Some(failure) => Some(Over::Failed(Failure::clone(failure))),
            None => self.is_still(many).then_some(Over::Cancelled),
        }
    }

    pub(in crate::run) fn close_repeat(&mut self, event: &Event, step: u32, at: Millis) -> Result<(), IllegalEvent> {
        let state = &self.steps[step as usize];
        let repeats = matches!(self.plan.steps[step as usize].kind, StepKind::Repeat { .. });
        match state.many().filter(|many| repeats && many.active == 0 && many.again.is_empty()) {
            Some(many) => {
                let carry = many.carry.clone();
                self.change(event, Place { step, item: None }, SlotEvent::Closed(carry), at)
            }
            None => Err(illegal(event)),
        }
    }
}
