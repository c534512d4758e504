//! What steps do, one file per kind: how a place begins, and for kinds with parts, what comes next and when they are over.

mod choose;
mod flow;
mod for_each;
mod race;
mod repeat;
mod sleep;
mod task;
mod value;
mod wait;

use super::apply::illegal;
use super::event::{Event, Place};
use super::ids::Millis;
use super::machine::Run;
use super::state::{IllegalEvent, SlotEvent, SlotState, Status};
use crate::plan::{Action, StepKind};
use crate::types::Value;

impl Run {
    /// What comes next at a place that can go on by itself.
    pub(super) fn look_at(&self, place: Place, now: Millis) -> Option<Event> {
        let planned = &self.plan.steps[place.index()];
        match &self.slot(place)?.state {
            SlotState::Broken(failure) => self.take_care(place, failure),
            SlotState::Open => self.next_part(place.step, now),
            _ if planned.is_main() && place.item.is_none() => self.begin_step(place, now),
            _ => self.begin_at(place, now),
        }
    }

    /// A step of the file whose needs are met: skipped, opened or begun.
    fn begin_step(&self, place: Place, now: Millis) -> Option<Event> {
        let (step, index) = (place.step, place.index());
        let state = &self.steps[index];
        if state.status == Status::Waiting && state.slot.state == SlotState::Waiting {
            match self.condition_of(index) {
                Ok(true) => {}
                Ok(false) => return Some(Event::Skipped { step }),
                Err(failure) => return Some(Event::StepFailed { step, failure }),
            }
        }
        match &self.plan.steps[index].kind {
            StepKind::One(_) => self.begin_at(place, now),
            StepKind::ForEach { .. } => Some(self.open_for_each(step)),
            StepKind::Choose(branches) if state.branch.is_none() => Some(self.choose(step, branches)),
            StepKind::Choose(_) => self.begin_at(place, now),
            StepKind::Repeat { start, .. } => match self.evaluate(start, None) {
                Ok(_) => self.gate(place).or(Some(Event::Opened { step, branch: None })),
                Err(failure) => Some(Event::StepFailed { step, failure }),
            },
            StepKind::Race(_) => self.gate(place).or(Some(Event::Opened { step, branch: None })),
        }
    }

    /// A place that works begins with its action, after its lock and its turn.
    pub(super) fn begin_at(&self, place: Place, now: Millis) -> Option<Event> {
        if let Some(event) = self.gate(place) {
            return Some(event);
        }
        Some(match self.action_of(place)? {
            Action::Task(_) => self.begin_task(place),
            Action::Flow { .. } => self.begin_flow(place),
            Action::Sleep(template) => self.begin_sleep(place, template, now),
            Action::Until(template) => self.begin_until(place, template, now),
            Action::Signal { .. } | Action::Approval { .. } => self.begin_wait(place),
            Action::Value(template) => self.begin_value(place, template),
        })
    }

    /// What comes next in a step whose parts do the work.
    fn next_part(&self, step: u32, now: Millis) -> Option<Event> {
        let many = self.steps[step as usize].many()?;
        match &self.plan.steps[step as usize].kind {
            StepKind::Repeat { .. } => self.next_iteration(step, many, now),
            _ => self.begin_at(Place::item(step, many.first()?), now),
        }
    }

    /// Keeps an open step in the queue exactly while a part of it can begin.
    pub(super) fn refresh(&mut self, step: u32) {
        let place = Place { step, item: None };
        let state = &self.steps[step as usize];
        let Some(many) = state.many().filter(|_| state.slot.state == SlotState::Open && self.begins_parts()) else { return };
        let can = match &self.plan.steps[step as usize].kind {
            StepKind::ForEach { max_parallel, .. } => many.active < *max_parallel && many.first().is_some(),
            StepKind::Repeat { .. } => many.active == 0,
            _ => many.first().is_some(),
        };
        if can { self.enqueue(place) } else { self.dequeue(place) }
    }

    /// A `choose`, a `race` or a `repeat` is opened.
    pub(super) fn open(&mut self, event: &Event, step: u32, branch: Option<u32>, at: Millis) -> Result<(), IllegalEvent> {
        let place = Place { step, item: None };
        let state = &self.steps[step as usize];
        if state.status != Status::Waiting || state.unmet > 0 || state.branch.is_some() {
            return Err(illegal(event));
        }
        let plan = std::sync::Arc::clone(&self.plan);
        match (&plan.steps[step as usize].kind, branch) {
            (StepKind::Choose(branches), branch) if state.slot.state == SlotState::Waiting => {
                if branch.is_some_and(|branch| branch as usize >= branches.len()) {
                    return Err(illegal(event));
                }
                self.mark_begun(place, at);
                self.steps[step as usize].branch = branch;
                match branch {
                    // It had been queued without anybody knowing what it would do.
                    Some(_) => {
                        self.dequeue(place);
                        self.enqueue(place);
                    }
                    None => self.force(place, SlotEvent::Settled(Value::Null), at),
                }
                Ok(())
            }
            (StepKind::Race(contenders), None) => {
                self.check_open(event, place)?;
                self.mark_begun(place, at);
                self.open_race(step, contenders.len());
                self.change(event, place, SlotEvent::Opened, at)
            }
            (StepKind::Repeat { .. }, None) => {
                self.check_open(event, place)?;
                self.mark_begun(place, at);
                self.change(event, place, SlotEvent::Opened, at)?;
                self.open_repeat(event, step)
            }
            _ => Err(illegal(event)),
        }
    }

    /// A mark must not be left by what is illegal.
    fn check_open(&self, event: &Event, place: Place) -> Result<(), IllegalEvent> {
        let opens = self.slot(place).is_some_and(|slot| slot.clone().next(SlotEvent::Opened).is_some());
        if opens { Ok(()) } else { Err(illegal(event)) }
    }
}
