//! What follows when a place has ended: for the step it is part of, or that it belongs to.

use super::event::Place;
use super::failure::Failure;
use super::ids::Millis;
use super::machine::Run;
use super::phase::Phase;
use super::state::{Origin, SlotEvent, SlotState, Status};
use super::step::Many;
use crate::plan::{Role, StepKind};
use crate::types::Value;

/// How the parts of a step end it.
pub(super) enum Over {
    Done(Value),
    Failed(Failure),
    Cancelled,
}

impl Run {
    pub(super) fn place_ended(&mut self, place: Place, at: Millis) {
        self.lossy.remove(&place);
        if let Some(hidden) = self.steps[place.index()].hidden_mut(place.item) {
            hidden.ended = Some(at);
        }
        self.drop_deadline_of_hidden(place);
        match self.plan.steps[place.index()].role {
            Role::Main if place.item.is_none() => self.work_over(place.step, at),
            Role::Main => self.part_over(place, at),
            Role::Handler { of } => self.handler_over(place, place.at(of), at),
            Role::Finally { of } => self.finally_over(place, of, at),
            Role::Compensate { .. } => self.undone(place),
        }
    }

    fn drop_deadline_of_hidden(&mut self, place: Place) {
        if !self.plan.steps[place.index()].is_main() {
            self.drop_deadline(place);
        }
    }

    /// One part of a step has ended.
    fn part_over(&mut self, place: Place, at: Millis) {
        self.release(place);
        let Some(slot) = self.slot(place) else { return };
        let (state, work) = (slot.state.clone(), slot.origin == Origin::Work);
        let planned = &self.plan.steps[place.index()];
        if matches!(planned.kind, StepKind::ForEach { .. }) && planned.compensate.is_some() && work && matches!(state, SlotState::Done(_)) {
            self.undo.push(place);
        }
        if self.steps[place.index()].slot.state != SlotState::Open {
            return;
        }
        match self.plan.steps[place.index()].kind {
            StepKind::ForEach { .. } => self.item_over(place, &state, at),
            StepKind::Repeat { .. } => self.iteration_over(place, state),
            StepKind::Race(_) => self.contender_over(place, state, at),
            StepKind::One(_) | StepKind::Choose(_) => {}
        }
        self.weigh(place.step, at);
    }

    /// Ends an open step when its parts say so.
    pub(super) fn weigh(&mut self, step: u32, at: Millis) {
        let state = &self.steps[step as usize];
        let Some(many) = state.many().filter(|_| state.slot.state == SlotState::Open) else { return };
        let over = match &self.plan.steps[step as usize].kind {
            StepKind::ForEach { on_item_error, .. } => self.for_each_over(many, *on_item_error),
            StepKind::Repeat { .. } => self.repeat_over(many),
            StepKind::Race(_) => self.race_over(many),
            StepKind::One(_) | StepKind::Choose(_) => None,
        };
        if let Some(over) = over {
            self.close(step, over, at);
        }
    }

    /// An open step ends.
    pub(super) fn close(&mut self, step: u32, over: Over, at: Millis) {
        let place = Place { step, item: None };
        let slot_event = match over {
            Over::Done(value) => SlotEvent::Closed(value),
            Over::Failed(failure) => {
                let fate = self.fate(place, &failure);
                SlotEvent::Broke(failure, fate)
            }
            Over::Cancelled => SlotEvent::Cancelled,
        };
        self.force(place, slot_event, at);
    }

    /// Whether the run still begins parts of steps.
    pub(super) fn begins_parts(&self) -> bool {
        self.phase == Phase::Running
    }

    /// Whether nothing is under way among parts, and nothing will be.
    pub(super) fn is_still(&self, many: &Many) -> bool {
        many.active == 0 && !self.begins_parts()
    }

    /// The work of a step is over; its `finally` comes next.
    fn work_over(&mut self, step: u32, at: Millis) {
        let place = Place { step, item: None };
        self.drop_deadline(place);
        let planned = &self.plan.steps[step as usize];
        let (finally, undoable) = (planned.finally, planned.compensate.is_some());
        let items = matches!(planned.kind, StepKind::ForEach { .. });
        let state = &mut self.steps[step as usize];
        match &state.slot.state {
            SlotState::Done(_) if undoable && !items && state.slot.origin == Origin::Work => self.undo.push(place),
            SlotState::Failed(failure) => {
                let failure = failure.clone();
                state.failure = Some(failure.clone());
                self.start_failing(Some(step), &failure, at);
            }
            _ => {}
        }
        match finally {
            Some(finally) if self.steps[step as usize].began.is_some() => self.begin_finally(place.at(finally)),
            _ => self.end_by_work(step, at),
        }
    }

    /// Ends a step as its work ended.
    pub(super) fn end_by_work(&mut self, step: u32, at: Millis) {
        let status = match self.steps[step as usize].slot.state {
            SlotState::Done(_) => Status::Done,
            SlotState::Failed(_) => Status::Failed,
            _ => Status::Cancelled,
        };
        self.end_step(step, status, at);
    }

    /// What others may read of a step that has ended so.
    pub(super) fn result_of(&self, step: u32, status: Status) -> Option<Value> {
        match (&self.steps[step as usize].slot.state, status) {
            (SlotState::Done(value), Status::Done) => Some(value.clone()),
            (_, Status::Skipped) => Some(Value::Null),
            _ => None,
        }
    }
}
