//! `for-each`: one action for each of many items, so many at once.

use crate::plan::OnItemError;
use crate::run::apply::illegal;
use crate::run::end::Over;
use crate::run::event::{Event, Place};
use crate::run::failure::Failure;
use crate::run::ids::Millis;
use crate::run::machine::Run;
use crate::run::state::{IllegalEvent, Origin, Slot, SlotEvent, SlotState};
use crate::run::step::Many;
use crate::types::Value;

impl Run {
    pub(in crate::run) fn open_for_each(&self, step: u32) -> Event {
        match self.items_of(step as usize) {
            Ok(items) => Event::ItemsOpened { step, count: u32::try_from(items.len()).unwrap_or(u32::MAX) },
            Err(failure) => Event::StepFailed { step, failure },
        }
    }

    pub(in crate::run) fn open_items(&mut self, event: &Event, step: u32, count: u32, at: Millis) -> Result<(), IllegalEvent> {
        self.waiting_step(event, step)?;
        // The items are a function of recorded results, so they are computed again rather than kept.
        let list = match self.items_of(step as usize) {
            Ok(list) if list.len() == count as usize => list,
            _ => return Err(illegal(event)),
        };
        let place = Place { step, item: None };
        self.mark_begun(place, at);
        let Some(many) = self.steps[step as usize].many_mut() else { return Err(illegal(event)) };
        many.slots = vec![Slot::default(); list.len()];
        many.list = list;
        for (item, output) in std::mem::take(&mut many.adopted) {
            if let Some(slot) = many.slots.get_mut(item as usize) {
                (slot.state, slot.origin) = (SlotState::Done(output), Origin::Adopted);
                many.done += 1;
            }
        }
        // Items to begin are those after `next`, and those in `again`: with holes among them, all are in `again`.
        if many.done > 0 {
            let left = many.slots.iter().zip(0..).filter(|(slot, _)| slot.state == SlotState::Waiting);
            many.again = left.map(|(_, item)| item).collect();
            many.next = many.slots.len();
        }
        self.change(event, place, SlotEvent::Opened, at)?;
        self.refresh(step);
        self.weigh(step, at);
        Ok(())
    }

    /// One item has ended; the first that fails decides, where a failed item fails the step.
    pub(in crate::run) fn item_over(&mut self, place: Place, state: &SlotState, at: Millis) {
        let SlotState::Failed(failure) = state else { return };
        let fails = matches!(self.plan.steps[place.index()].kind, crate::plan::StepKind::ForEach { on_item_error: OnItemError::Fail, .. });
        let Some(many) = self.steps[place.index()].many_mut() else { return };
        if fails && many.failure.is_none() {
            many.failure = Some(failure.clone());
            self.dequeue(place.whole());
            self.start_failing(Some(place.step), failure, at);
        }
    }

    pub(in crate::run) fn for_each_over(&self, many: &Many, on_item_error: OnItemError) -> Option<Over> {
        if let Some(failure) = &many.failure {
            return (many.active == 0).then(|| Over::Failed((**failure).clone()));
        }
        if many.ended() == many.slots.len() && many.cancelled == 0 {
            return Some(Over::Done(results(many, on_item_error)));
        }
        self.is_still(many).then_some(Over::Cancelled)
    }
}

/// The results of all items, in order, once all have ended.
fn results(many: &Many, on_item_error: OnItemError) -> Value {
    let one = |slot: &Slot| match (&slot.state, on_item_error) {
        (SlotState::Done(output), OnItemError::Collect) => Some(Value::map([("ok", output.clone()), ("error", Value::Null)])),
        (SlotState::Failed(failure), OnItemError::Collect) => Some(Value::map([("ok", Value::Null), ("error", failure.as_value())])),
        (SlotState::Done(output), _) => Some(output.clone()),
        _ => None,
    };
    Value::list(many.slots.iter().filter_map(one))
}

impl Failure {
    /// What expressions see of it.
    pub(in crate::run) fn as_value(&self) -> Value {
        let data = self.data.as_deref().and_then(|text| Value::from_json(text, crate::types::JsonLimits::default()).ok());
        Value::map([
            ("code", Value::String(self.code.clone())),
            ("message", Value::String(self.message.clone())),
            ("data", data.unwrap_or_default()),
        ])
    }
}
