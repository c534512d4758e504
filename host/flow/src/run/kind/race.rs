//! `race`: all at once; the first that succeeds wins, the others are withdrawn.

use crate::plan::StepKind;
use crate::run::end::Over;
use crate::run::event::Place;
use crate::run::ids::Millis;
use crate::run::machine::Run;
use crate::run::state::{Slot, SlotState};
use crate::run::step::Many;
use crate::types::Value;

impl Run {
    pub(in crate::run) fn open_race(&mut self, step: u32, contenders: usize) {
        if let Some(many) = self.steps[step as usize].many_mut() {
            many.slots = vec![Slot::default(); contenders];
        }
    }

    /// One contender has ended.
    pub(in crate::run) fn contender_over(&mut self, place: Place, state: SlotState, at: Millis) {
        match state {
            SlotState::Failed(failure) => {
                if let Some(many) = self.steps[place.index()].many_mut() {
                    many.failure = Some(failure);
                }
            }
            SlotState::Done(value) => {
                let won = self.winner(place, value);
                let others = self.parts_under_way(place.step);
                self.close(place.step, Over::Done(won), at);
                for other in others {
                    self.withdraw(other, at);
                }
            }
            _ => {}
        }
    }

    fn winner(&self, place: Place, value: Value) -> Value {
        let name = match (&self.plan.steps[place.index()].kind, place.item) {
            (StepKind::Race(contenders), Some(item)) => contenders.get(item as usize).map(|contender| contender.name.clone()),
            _ => None,
        };
        Value::map([("winner", name.map_or(Value::Null, Value::String)), ("value", value)])
    }

    /// A race that nobody won is over when nobody runs any more.
    pub(in crate::run) fn race_over(&self, many: &Many) -> Option<Over> {
        match &many.failure {
            Some(failure) if many.failed as usize == many.slots.len() => Some(Over::Failed((**failure).clone())),
            _ => self.is_still(many).then_some(Over::Cancelled),
        }
    }
}
