//! Event → state. The same in a live run and in a resumed one.

use std::sync::Arc;

use super::command::Command;
use super::event::{Event, Place};
use super::failure::Failure;
use super::ids::Millis;
use super::machine::{Run, Work};
use super::state::{IllegalEvent, Phase, Slot, SlotEvent, SlotState, Status};
use crate::types::Value;

impl Run {
    /// Applies one event that became true at `at`.
    pub fn apply(&mut self, event: &Event, at: Millis) -> Result<(), IllegalEvent> {
        self.check_phase(event)?;
        match event {
            Event::Began { uid, inputs, directory, rerun_of, .. } => {
                self.uid = *uid;
                self.inputs = inputs.clone();
                self.directory = Arc::clone(directory);
                self.rerun_of = *rerun_of;
                self.began = at;
                self.phase = Phase::Running;
                let free = self.steps.iter().enumerate().filter(|(_, step)| step.unmet == 0);
                self.ready = free.map(|(index, _)| Place::step(index).step).collect();
            }
            Event::Adopted { step, output } => {
                self.waiting_step(event, *step)?;
                let status = if output.is_some() { Status::Done } else { Status::Skipped };
                self.end_step(*step, status, output.clone().unwrap_or_default(), at);
            }
            Event::Skipped { step } => {
                self.waiting_step(event, *step)?;
                self.end_step(*step, Status::Skipped, Value::Null, at);
            }
            Event::ItemsOpened { step, count } => self.open_items(event, *step, *count, at)?,
            Event::Started { place, attempt } => self.start(event, *place, *attempt, at)?,
            Event::Done { place, attempt, output, .. } => {
                self.slot_event(event, *place, SlotEvent::Done(*attempt, output.clone()))?;
                self.running.remove(place);
                self.deactivate(*place);
                self.place_done(*place, output, at);
            }
            Event::AttemptFailed { place, attempt, failure, retry_at, .. } => {
                self.slot_event(event, *place, SlotEvent::Failed(*attempt, failure.clone(), *retry_at))?;
                self.running.remove(place);
                match retry_at {
                    Some(due) => {
                        self.timers.insert((*due, *place));
                    }
                    None => {
                        self.deactivate(*place);
                        self.place_failed(*place, failure, at);
                    }
                }
            }
            Event::StepFailed { step, failure } => {
                self.waiting_step(event, *step)?;
                self.fail_step(*step, failure, at);
            }
            Event::Lost { places } => self.give_back(event, places, &SlotEvent::Lost)?,
            Event::Released { places } => self.give_back(event, places, &SlotEvent::Released)?,
            Event::CancelRequested { reason } => {
                self.cancel_reason = Some(Arc::clone(reason));
                self.phase = Phase::Cancelling;
                self.commands.extend(self.running.iter().map(|place| Command::Interrupt { place: *place }));
            }
            Event::Blocked { reason } => self.phase = Phase::Blocked(reason.clone()),
            Event::Unblocked => self.unblock(),
            Event::RunDone { outputs } => self.end(Phase::Done(outputs.clone()), at),
            Event::RunFailed { step, failure } => self.end(Phase::Failed { step: *step, failure: failure.clone() }, at),
            Event::RunCancelled => self.end(Phase::Cancelled, at),
            other => return Err(IllegalEvent::OutOfPlace { event: other.kind(), place: other.place() }),
        }
        Ok(())
    }

    /// Which phase an event may happen in.
    fn check_phase(&self, event: &Event) -> Result<(), IllegalEvent> {
        let legal = match (&self.phase, event) {
            (Phase::Done(_) | Phase::Failed { .. } | Phase::Cancelled, _) => false,
            (Phase::Unborn, event) => matches!(event, Event::Began { .. }),
            (_, Event::Began { .. }) => false,
            (Phase::Blocked(_), event) => {
                matches!(event, Event::Unblocked | Event::CancelRequested { .. } | Event::Lost { .. } | Event::Released { .. })
                    || matches!(event, Event::Done { .. } | Event::AttemptFailed { .. })
            }
            (_, Event::Unblocked) => false,
            (Phase::Running, Event::RunCancelled) => false,
            (Phase::Cancelling, Event::Started { .. } | Event::RunDone { .. } | Event::CancelRequested { .. }) => false,
            (Phase::Failing { .. }, Event::Started { .. } | Event::RunDone { .. }) => false,
            _ => true,
        };
        if legal { Ok(()) } else { Err(IllegalEvent::OutOfPlace { event: event.kind(), place: None }) }
    }

    fn waiting_step(&self, event: &Event, step: u32) -> Result<(), IllegalEvent> {
        match self.steps.get(step as usize) {
            None => Err(IllegalEvent::NoSuchStep { event: event.kind(), step }),
            Some(found) if found.status == Status::Waiting => Ok(()),
            Some(_) => Err(IllegalEvent::OutOfPlace { event: event.kind(), place: Some(Place { step, item: None }) }),
        }
    }

    fn slot_event(&mut self, event: &Event, place: Place, slot_event: SlotEvent) -> Result<(), IllegalEvent> {
        let kind = event.kind();
        let Some(step) = self.steps.get_mut(place.index()) else {
            return Err(IllegalEvent::NoSuchStep { event: kind, step: place.step });
        };
        let slot: Option<&mut Slot> = match (&mut step.work, place.item) {
            (Work::One(slot), None) => Some(slot),
            (Work::Many(items), Some(item)) => items.slots.get_mut(item as usize),
            _ => None,
        };
        slot.and_then(|slot| slot.next(slot_event)).ok_or(IllegalEvent::OutOfPlace { event: kind, place: Some(place) })
    }

    fn open_items(&mut self, event: &Event, step: u32, count: u32, at: Millis) -> Result<(), IllegalEvent> {
        self.waiting_step(event, step)?;
        let illegal = IllegalEvent::OutOfPlace { event: event.kind(), place: Some(Place { step, item: None }) };
        // The items are a function of recorded results, so they are computed again rather than kept.
        let list = match self.items_of(step as usize) {
            Ok(list) if list.len() == count as usize => list,
            _ => return Err(illegal),
        };
        let state = &mut self.steps[step as usize];
        let Work::Many(items) = &mut state.work else { return Err(illegal) };
        items.slots = vec![Slot::default(); list.len()];
        items.list = list;
        state.status = Status::Running;
        state.began = Some(at);
        self.ready.remove(&step);
        if count == 0 {
            self.end_step(step, Status::Done, Value::list([]), at);
        } else {
            self.open.insert(step);
        }
        Ok(())
    }

    fn start(&mut self, event: &Event, place: Place, attempt: u32, at: Millis) -> Result<(), IllegalEvent> {
        let due = self.slot(place).and_then(|slot| match slot.state {
            SlotState::Retrying(due) => Some(due),
            _ => None,
        });
        if let Some(due) = due {
            self.timers.remove(&(due, place));
        }
        self.slot_event(event, place, SlotEvent::Started(attempt))?;
        self.ready.remove(&place.step);
        self.running.insert(place);
        let step = &mut self.steps[place.index()];
        step.status = Status::Running;
        step.began = step.began.or(Some(at));
        if let (Work::Many(items), Some(item)) = (&mut step.work, place.item) {
            items.active += u32::from(due.is_none());
            items.again.remove(&item);
            items.next = items.next.max(item as usize + 1);
            if items.next == items.slots.len() && items.again.is_empty() {
                self.open.remove(&place.step);
            }
        }
        self.commands.push(Command::Start { place, attempt });
        Ok(())
    }

    /// An item no longer takes one of its step's places.
    fn deactivate(&mut self, place: Place) {
        if let Work::Many(items) = &mut self.steps[place.index()].work {
            items.active -= 1;
        }
    }

    fn give_back(&mut self, event: &Event, places: &[Place], how: &SlotEvent) -> Result<(), IllegalEvent> {
        for place in places {
            self.slot_event(event, *place, how.clone())?;
            self.running.remove(place);
            self.deactivate(*place);
            match (&mut self.steps[place.index()].work, place.item) {
                (Work::Many(items), Some(item)) => {
                    items.again.insert(item);
                    self.open.insert(place.step);
                }
                _ => {
                    self.ready.insert(place.step);
                }
            }
        }
        Ok(())
    }

    fn place_done(&mut self, place: Place, output: &Value, at: Millis) {
        let finished = match &mut self.steps[place.index()].work {
            Work::One(_) => Some(output.clone()),
            Work::Many(items) => {
                items.done += 1;
                (items.done as usize == items.slots.len()).then(|| items.results())
            }
        };
        if let Some(result) = finished {
            self.end_step(place.step, Status::Done, result, at);
        }
    }

    fn place_failed(&mut self, place: Place, failure: &Failure, at: Millis) {
        self.open.remove(&place.step);
        if self.steps[place.index()].status != Status::Failed {
            self.fail_step(place.step, failure, at);
        }
    }

    fn fail_step(&mut self, step: u32, failure: &Failure, at: Millis) {
        let state = &mut self.steps[step as usize];
        state.failure = Some(Box::new(failure.clone()));
        self.end_step_as(step, Status::Failed, at);
        if self.phase == Phase::Running {
            self.phase = Phase::Failing { step, failure: failure.clone() };
        }
    }

    /// Ends a step with a result that others may read, and readies those that waited for it.
    fn end_step(&mut self, step: u32, status: Status, result: Value, at: Millis) {
        self.end_step_as(step, status, at);
        let ident = Arc::clone(&self.plan.steps[step as usize].ident);
        self.results.insert(ident, result);
        for at in 0..self.dependents[step as usize].len() {
            let dependent = self.dependents[step as usize][at];
            let waiting = &mut self.steps[dependent as usize];
            waiting.unmet -= 1;
            if waiting.unmet == 0 && waiting.status == Status::Waiting {
                self.ready.insert(dependent);
            }
        }
    }

    fn end_step_as(&mut self, step: u32, status: Status, at: Millis) {
        let state = &mut self.steps[step as usize];
        state.status = status;
        state.began = state.began.or(Some(at));
        state.ended = Some(at);
        self.ready.remove(&step);
        self.steps_ended += 1;
    }

    fn unblock(&mut self) {
        // What failed while the run was blocked still decides how it ends.
        let failed = self.steps.iter().enumerate().find_map(|(step, state)| Some((Place::step(step).step, state.failure.clone()?)));
        self.phase = failed.map_or(Phase::Running, |(step, failure)| Phase::Failing { step, failure: *failure });
        for step in &mut self.steps {
            match &mut step.work {
                Work::One(slot) => slot.losses = 0,
                Work::Many(items) => items.slots.iter_mut().for_each(|slot| slot.losses = 0),
            }
        }
    }

    /// Ends the run: what has not started never will.
    fn end(&mut self, phase: Phase, at: Millis) {
        self.phase = phase;
        self.ended = Some(at);
        self.timers.clear();
        self.ready.clear();
        self.open.clear();
        for step in &mut self.steps {
            match &mut step.work {
                Work::One(slot) => slot.cancel(),
                Work::Many(items) => items.slots.iter_mut().for_each(Slot::cancel),
            }
            if !step.status.is_end() {
                step.status = Status::Cancelled;
            }
        }
    }
}
