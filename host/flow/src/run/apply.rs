//! Event → state. The same in a live run and in a resumed one.

use std::sync::Arc;

use super::command::Command;
use super::event::{BlockReason, Event, Place};
use super::failure::Failure;
use super::ids::Millis;
use super::machine::Run;
use super::phase::{Cause, Phase};
use super::state::{Fate, IllegalEvent, Origin, SlotEvent, SlotState, Status};
use super::step::Parts;

impl Run {
    /// Applies one event that became true at `at`.
    pub fn apply(&mut self, event: &Event, at: Millis) -> Result<(), IllegalEvent> {
        self.check_names(event)?;
        self.check_phase(event)?;
        match event {
            Event::Began { .. } => self.be_born(event, at),
            Event::Prioritized { priority } => self.priority_given = Some(*priority),
            Event::Adopted { step, output } => self.adopt(event, *step, output.as_ref(), at)?,
            Event::ItemAdopted { place, output } => self.adopt_item(event, *place, output)?,
            Event::Queued { key, limit, when_busy } => self.queue_up(key, *limit, *when_busy),
            Event::Admitted { token } => self.be_admitted(*token),
            Event::Skipped { step } => {
                self.waiting_step(event, *step)?;
                self.end_step(*step, Status::Skipped, at);
            }
            Event::ItemsOpened { step, count } => self.open_items(event, *step, *count, at)?,
            Event::Opened { step, branch } => self.open(event, *step, *branch, at)?,
            Event::Closed { step } => self.close_repeat(event, *step, at)?,
            Event::StepFailed { step, failure } => self.apply_step_failed(event, *step, failure, at)?,
            Event::Caught { place, handler } => self.apply_caught(event, *place, *handler, at)?,
            Event::Lost { places } => self.give_back(event, places, &SlotEvent::Lost, at)?,
            Event::Released { places } => self.give_back(event, places, &SlotEvent::Released, at)?,
            Event::SignalAccepted { id, name, payload, .. } => self.post(id, name, payload),
            Event::Decided { id, place, decision, by, note } => self.post_decision(id, *place, *decision, by, note, at),
            Event::ChildLeft { place, attempt } => self.apply_child_left(event, *place, *attempt)?,
            Event::CancelRequested { reason } => {
                self.cancel_reason = Some(Arc::clone(reason));
                self.phase = Phase::Cancelling;
                self.blocked = None;
                self.wind_down(at);
            }
            Event::Failing { failure } => self.start_failing(None, failure, at),
            Event::CompensationBegan => self.start_compensating(),
            Event::Blocked { reason } => self.blocked = Some(reason.clone()),
            Event::Unblocked => self.unblock(),
            Event::RunDone { outputs } => self.end(Phase::Done(self.typed_outputs(outputs)), at),
            Event::RunFailed { step, failure } => self.end(Phase::Failed(Cause { step: *step, failure: failure.clone() }), at),
            Event::RunCancelled => self.end(Phase::Cancelled, at),
            _ => self.apply_at_place(event, at)?,
        }
        Ok(())
    }

    fn apply_at_place(&mut self, event: &Event, at: Millis) -> Result<(), IllegalEvent> {
        match event {
            Event::LockWanted { place, name, permits } => self.apply_lock_wanted(event, *place, name, *permits, at)?,
            Event::LockHeld { place, token } => self.apply_lock_held(event, *place, *token, at)?,
            Event::RateWanted { place } => self.apply_rate_wanted(event, *place, at)?,
            Event::Delayed { place, until } => self.change(event, *place, SlotEvent::Delayed(*until), at)?,
            Event::Paused { place, until } => self.begin_part(event, *place, SlotEvent::Paused(*until), at)?,
            Event::Started { place, attempt } => self.apply_started(event, *place, *attempt, at)?,
            Event::Sleeping { place, until } => self.begin_part(event, *place, SlotEvent::Sleeping(*until), at)?,
            Event::Listening { place } => self.begin_part(event, *place, SlotEvent::Listening, at)?,
            Event::Done { place, attempt, output, .. } => {
                let output = self.typed(*place, output);
                self.change(event, *place, SlotEvent::Done(*attempt, output), at)?;
            }
            Event::Settled { place, output } => {
                let output = self.typed(*place, output);
                self.begin_part(event, *place, SlotEvent::Settled(output), at)?;
            }
            Event::Signalled { place, signal } => self.apply_signalled(event, *place, *signal, at)?,
            Event::AttemptFailed { place, attempt, failure, retry_at, .. } => {
                let slot_event = match retry_at {
                    Some(due) => SlotEvent::Again(*attempt, *due),
                    None if self.is_stopped(*place, failure) => SlotEvent::Stopped(*attempt),
                    None => SlotEvent::Failed(*attempt, failure.clone(), self.fate(*place, failure)),
                };
                self.change(event, *place, slot_event, at)?;
            }
            Event::OutcomeUnknown { place, attempt, failure, .. } => {
                self.apply_outcome_unknown(event, *place, *attempt, failure, at)?;
            }
            Event::Resolved { place, how } => self.apply_resolved(event, *place, how, at)?,
            Event::PlaceFailed { place, failure } => {
                self.interrupt(*place);
                let fate = match self.slot(*place).map(|slot| &slot.state) {
                    Some(SlotState::Broken(_)) => Fate::Final,
                    _ => self.fate(*place, failure),
                };
                self.prepare_part(*place);
                self.change(event, *place, SlotEvent::Broke(failure.clone(), fate), at)?;
            }
            other => return Err(illegal(other)),
        }
        Ok(())
    }

    /// Whether the steps an event names are there, and a place is one where something can happen.
    fn check_names(&self, event: &Event) -> Result<(), IllegalEvent> {
        let Some(place) = event.place() else { return Ok(()) };
        let Some(planned) = self.plan.steps.get(place.index()) else {
            return Err(IllegalEvent::NoSuchStep { event: event.kind(), step: place.step });
        };
        let of_step = matches!(
            event,
            Event::Adopted { .. }
                | Event::Skipped { .. }
                | Event::ItemsOpened { .. }
                | Event::Opened { .. }
                | Event::Closed { .. }
                | Event::StepFailed { .. }
        );
        if of_step && !planned.is_main() {
            return Err(illegal(event));
        }
        Ok(())
    }

    fn be_born(&mut self, event: &Event, at: Millis) {
        let Event::Began { uid, inputs, directory, rerun_of, parent, labels, scheduled } = event else { return };
        self.uid = *uid;
        self.inputs = self.typed_inputs(inputs);
        self.directory = Arc::clone(directory);
        self.rerun_of = *rerun_of;
        self.parent = *parent;
        self.labels.clone_from(labels);
        self.scheduled = *scheduled;
        self.began = at;
        self.phase = if self.crowd().is_some() { Phase::Arriving } else { Phase::Running };
        for index in 0..self.steps.len() {
            if self.steps[index].unmet == 0 && self.plan.steps[index].is_main() {
                self.enqueue(Place::step(index));
            }
        }
    }

    pub(super) fn waiting_step(&self, event: &Event, step: u32) -> Result<(), IllegalEvent> {
        let state = &self.steps[step as usize];
        let fresh = state.status == Status::Waiting && state.unmet == 0 && state.slot.state == SlotState::Waiting;
        if fresh { Ok(()) } else { Err(illegal(event)) }
    }

    /// A slot takes its next state; all that is known about places by their state follows.
    pub(super) fn change(&mut self, event: &Event, place: Place, slot_event: SlotEvent, at: Millis) -> Result<(), IllegalEvent> {
        self.shift(place, slot_event, at).ok_or_else(|| illegal(event))
    }

    /// The same for what follows from an event by itself, and so cannot be illegal.
    pub(super) fn force(&mut self, place: Place, slot_event: SlotEvent, at: Millis) {
        let shifted = self.shift(place, slot_event, at);
        debug_assert!(shifted.is_some(), "a consequence fits the state it follows from");
    }

    fn shift(&mut self, place: Place, slot_event: SlotEvent, at: Millis) -> Option<()> {
        let lost = matches!(slot_event, SlotEvent::Lost);
        let excused = matches!(slot_event, SlotEvent::Lost | SlotEvent::Released);
        let retried = matches!(slot_event, SlotEvent::Again(..));
        let once_more = matches!(slot_event, SlotEvent::OnceMore);
        let slot = self.steps.get_mut(place.index())?.slot_mut(place.item)?;
        let before = slot.state.clone();
        if let SlotEvent::Started(attempt) = &slot_event
            && *attempt == slot.attempt + 1
        {
            slot.next(slot_event)?;
            slot.attempt += 1;
        } else {
            slot.next(slot_event)?;
        }
        slot.excused = slot.excused.saturating_add(u16::from(excused));
        slot.losses = if retried { 0 } else { slot.losses.saturating_add(u8::from(lost)) };
        if once_more {
            slot.excused = u16::try_from(slot.attempt).unwrap_or(u16::MAX);
        }
        if matches!(before, SlotState::Broken(_) | SlotState::Handling(_)) && matches!(slot.state, SlotState::Done(_)) {
            slot.origin = Origin::Rescue;
        }
        if lost {
            self.lossy.insert(place);
        }
        self.reindex(place, &before);
        self.follow(place, at);
        Some(())
    }

    /// Brings the sets of places in line with a slot that has changed.
    fn reindex(&mut self, place: Place, before: &SlotState) {
        let Some(slot) = self.slot(place) else { return };
        let after = slot.state.clone();
        if let Some(due) = before.starts_at() {
            self.starts.remove(&(due, place));
        }
        if let SlotState::Sleeping(until) = before {
            self.alarms.remove(&(*until, place));
        }
        if let Some(due) = after.starts_at() {
            self.starts.insert((due, place));
        }
        if let SlotState::Sleeping(until) = after {
            self.alarms.insert((until, place));
        }
        if *before == SlotState::Running {
            self.running.remove(&place);
            self.children.remove(&place);
        }
        if after == SlotState::Running {
            let set = if self.starts_child(place) { &mut self.children } else { &mut self.running };
            set.insert(place);
        }
        if after.is_active() {
            self.active.insert(place);
        } else {
            self.active.remove(&place);
        }
        if matches!(after, SlotState::Undecided(_)) {
            self.undecided.insert(place);
        } else if self.undecided.remove(&place) && is_about(self.blocked.as_ref(), place) {
            // Decided, or withdrawn because the run ends: either way there is nothing left to decide.
            self.blocked = None;
        }
        self.listen(place, before, &after);
        self.dequeue(place);
        self.count(place, before, &after);
    }

    /// Counts the parts of a step by their states.
    fn count(&mut self, place: Place, before: &SlotState, after: &SlotState) {
        let Some(item) = place.item else { return };
        let Parts::Many(many) = &mut self.steps[place.index()].parts else { return };
        many.active -= u32::from(before.is_active());
        many.active += u32::from(after.is_active());
        // An undoing that failed and is resolved leaves its end again; a part of a step never does.
        let counter = match after {
            SlotState::Done(_) => Some(&mut many.done),
            SlotState::Failed(_) => Some(&mut many.failed),
            SlotState::Cancelled => Some(&mut many.cancelled),
            _ => None,
        };
        if let Some(counter) = counter {
            *counter += 1;
        }
        if *after == SlotState::Waiting {
            many.again.insert(item);
        } else {
            many.again.remove(&item);
            many.next = many.next.max(item as usize + 1);
        }
    }

    /// What follows from the new state of a slot by itself.
    fn follow(&mut self, place: Place, at: Millis) {
        let Some(state) = self.slot(place).map(|slot| &slot.state) else { return };
        match state {
            SlotState::Waiting if !self.may_go_on(place) => self.force(place, SlotEvent::Cancelled, at),
            SlotState::Waiting if place.item.is_some() && self.steps[place.index()].many().is_some() => {}
            SlotState::Waiting | SlotState::Locked | SlotState::Open => self.enqueue(place),
            SlotState::Broken(_) => {
                self.drop_deadline(place);
                self.enqueue(place);
            }
            state if state.is_end() => self.place_ended(place, at),
            _ => {}
        }
        if place.item.is_some() {
            self.refresh(place.step);
        }
    }

    /// Makes room for a part that has not been seen before: a `repeat` does not know how many there will be.
    pub(super) fn prepare_part(&mut self, place: Place) {
        let grows = matches!(self.plan.steps[place.index()].kind, crate::plan::StepKind::Repeat { .. });
        let opened = self.steps[place.index()].slot.state == SlotState::Open;
        if let (true, Some(item), Some(many)) = (grows, place.item, self.steps[place.index()].many_mut())
            && opened
            && many.slots.len() == item as usize
            && many.active == 0
            && many.again.is_empty()
        {
            many.slots.push(super::state::Slot::default());
        }
    }

    /// A place begins with something, if it has not yet.
    pub(super) fn begin_part(&mut self, event: &Event, place: Place, slot_event: SlotEvent, at: Millis) -> Result<(), IllegalEvent> {
        if self.action_of(place).is_none() && !matches!(slot_event, SlotEvent::Settled(_)) {
            return Err(illegal(event));
        }
        self.prepare_part(place);
        let rescued = matches!(self.slot(place).map(|slot| &slot.state), Some(SlotState::Broken(_)));
        let Some(slot) = self.slot(place) else { return Err(illegal(event)) };
        // What would be illegal must not leave the mark of a beginning.
        slot.clone().next(slot_event.clone()).ok_or_else(|| illegal(event))?;
        if !rescued && !matches!(slot_event, SlotEvent::Paused(_)) {
            self.mark_begun(place, at);
        }
        self.change(event, place, slot_event, at)
    }

    fn apply_started(&mut self, event: &Event, place: Place, attempt: u32, at: Millis) -> Result<(), IllegalEvent> {
        if !matches!(self.action_of(place), Some(crate::plan::Action::Task(_) | crate::plan::Action::Flow { .. })) {
            return Err(illegal(event));
        }
        let fits = self.slot(place).is_none_or(|slot| slot.attempt + 1 == attempt);
        if !fits {
            return Err(illegal(event));
        }
        self.begin_part(event, place, SlotEvent::Started(attempt), at)?;
        let child = self.starts_child(place);
        self.children_started = self.children_started.saturating_add(u32::from(child));
        self.commands.push(if child { Command::StartChild { place, attempt } } else { Command::Start { place, attempt } });
        Ok(())
    }

    /// The step, or what belongs to it at this place, has begun; its time counts from here.
    pub(super) fn mark_begun(&mut self, place: Place, at: Millis) {
        let total_ms = self.plan.steps[place.index()].timeout.total_ms;
        let step = &mut self.steps[place.index()];
        let (began, deadline, owner) = match step.hidden_mut(place.item) {
            Some(hidden) => (&mut hidden.began, &mut hidden.deadline, place),
            None => (&mut step.began, &mut step.deadline, place.whole()),
        };
        if began.is_none() {
            *began = Some(at);
            *deadline = total_ms.map(|ms| at.after(ms));
            if let Some(due) = *deadline {
                self.alarms.insert((due, owner));
            }
        }
        if self.plan.steps[place.index()].is_main() {
            self.steps[place.index()].status = Status::Running;
            self.underway.insert(place.step);
        }
    }

    fn give_back(&mut self, event: &Event, places: &[Place], how: &SlotEvent, at: Millis) -> Result<(), IllegalEvent> {
        for place in places {
            if !self.running.contains(place) {
                return Err(illegal(event));
            }
            self.change(event, *place, how.clone(), at)?;
        }
        Ok(())
    }

    fn unblock(&mut self) {
        self.blocked = None;
        for place in std::mem::take(&mut self.lossy) {
            if let Some(slot) = self.steps[place.index()].slot_mut(place.item) {
                slot.losses = 0;
            }
        }
    }

    /// The run will fail: nothing new begins.
    pub(super) fn start_failing(&mut self, step: Option<u32>, failure: &Failure, at: Millis) {
        if matches!(self.phase, Phase::Running | Phase::Arriving) {
            self.phase = Phase::Failing(Cause { step, failure: failure.clone() });
            self.wind_down(at);
        }
    }

    /// Ends a step of the file, and readies those that waited for it when there is a result that they may read.
    pub(super) fn end_step(&mut self, step: u32, status: Status, at: Millis) {
        let place = Place { step, item: None };
        self.drop_deadline(place);
        self.release(place);
        self.dequeue(place);
        self.underway.remove(&step);
        self.steps_ended += 1;
        let result = self.result_of(step, status);
        let state = &mut self.steps[step as usize];
        state.status = status;
        state.began = state.began.or(Some(at));
        state.ended = Some(at);
        if let (true, Some(many)) = (status != Status::Done, state.many_mut()) {
            many.slots.iter_mut().filter(|slot| slot.state == SlotState::Waiting).for_each(|slot| slot.state = SlotState::Cancelled);
        }
        let Some(result) = result else { return };
        self.results.insert(Arc::clone(&self.plan.steps[step as usize].ident), result);
        for at in 0..self.dependents[step as usize].len() {
            let dependent = self.dependents[step as usize][at];
            self.steps[dependent as usize].unmet -= 1;
            let waiting = &self.steps[dependent as usize];
            let may = matches!(self.phase, Phase::Running | Phase::Arriving);
            if may && waiting.unmet == 0 && waiting.status == Status::Waiting {
                self.enqueue(Place { step: dependent, item: None });
            }
        }
    }

    /// Ends the run: what has not started never will.
    fn end(&mut self, phase: Phase, at: Millis) {
        self.phase = phase;
        self.blocked = None;
        self.ended = Some(at);
        self.queue.clear();
        self.starts.clear();
        self.alarms.clear();
        self.release_all();
        for (step, planned) in self.steps.iter_mut().zip(&self.plan.steps) {
            if planned.is_main() && !step.status.is_end() {
                step.status = Status::Cancelled;
                step.slot.state = SlotState::Cancelled;
            }
        }
    }
}

/// An event that does not fit.
pub(super) fn illegal(event: &Event) -> IllegalEvent {
    IllegalEvent::OutOfPlace { event: event.kind(), place: event.place() }
}

/// Whether a reason is about a place.
pub(super) fn is_about(reason: Option<&BlockReason>, place: Place) -> bool {
    match reason {
        Some(BlockReason::UnknownOutcome { place: about, .. } | BlockReason::CompensationFailed { place: about }) => *about == place,
        _ => false,
    }
}
