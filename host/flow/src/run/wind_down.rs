//! Stopping: of one place that nobody needs any more, and of everything when the run fails or is cancelled.

use super::command::Command;
use super::event::Place;
use super::failure::{Failure, Platform};
use super::ids::Millis;
use super::machine::Run;
use super::phase::Phase;
use super::state::{Fate, SlotEvent, SlotState};
use crate::plan::{Action, ParentEnds};

impl Run {
    /// The run ends: nothing new begins, and what only waits is over at once. What runs may finish when the run fails, and is
    /// interrupted when it is cancelled. What tidies up goes on.
    pub(super) fn wind_down(&mut self, at: Millis) {
        let mut queue = std::mem::take(&mut self.queue);
        queue.retain(|place| self.is_clean_up(place));
        self.queue = queue;
        let places: Vec<Place> = self.active.iter().copied().filter(|place| !self.is_clean_up(*place)).collect();
        for place in places {
            self.stand_down(place, at);
        }
        let steps: Vec<u32> = self.underway.iter().copied().collect();
        for step in steps {
            self.drain(step, at);
        }
    }

    fn stand_down(&mut self, place: Place, at: Millis) {
        let Some(state) = self.slot(place).map(|slot| slot.state.clone()) else { return };
        match state {
            SlotState::Running => match self.child_policy(place) {
                None if self.phase == Phase::Cancelling => self.commands.push(Command::Interrupt { place }),
                Some(ParentEnds::Cancel) => self.cancel_child(place),
                Some(ParentEnds::Abandon) => self.force(place, SlotEvent::Cancelled, at),
                None | Some(ParentEnds::Wait) => {}
            },
            // What was done perhaps must be undone: somebody has to find out.
            SlotState::Undecided(_) if self.is_undone_later(place) => {}
            SlotState::Handling(_) => self.stop_handler(place, at),
            SlotState::Broken(failure) => self.force(place, SlotEvent::Broke(*failure, Fate::Final), at),
            state if state.is_active() => self.force(place, SlotEvent::Cancelled, at),
            _ => {}
        }
    }

    /// Whether a place would be undone if it were done.
    pub(super) fn is_undone_later(&self, place: Place) -> bool {
        self.plan.steps[place.index()].compensate.is_some()
    }

    /// Whether a failed attempt only did as it was told: the run winds down, and it stopped.
    pub(super) fn is_stopped(&self, place: Place, failure: &Failure) -> bool {
        let told = [Platform::Cancelled, Platform::FlowCancelled].iter().any(|code| *code.code() == *failure.code);
        told && !self.may_go_on(place) && !self.is_clean_up(place)
    }

    /// A step that has begun, and in which nothing is under way, ends.
    fn drain(&mut self, step: u32, at: Millis) {
        let place = Place { step, item: None };
        match self.steps[step as usize].slot.state {
            SlotState::Waiting => self.force(place, SlotEvent::Cancelled, at),
            SlotState::Open => self.weigh(step, at),
            _ => {}
        }
    }

    /// A place that nobody needs any more ends at once; what runs there is interrupted, and its end changes nothing.
    pub(super) fn withdraw(&mut self, place: Place, at: Millis) {
        let Some(slot) = self.slot(place) else { return };
        if slot.state.is_end() {
            return;
        }
        let (handled, attempt) = (matches!(slot.state, SlotState::Handling(_)), slot.attempt);
        self.interrupt(place);
        if let (Some(policy), SlotState::Running) = (self.child_policy(place), &slot_state(self, place)) {
            if policy == ParentEnds::Cancel {
                self.cancel_child(place);
            }
            if policy != ParentEnds::Abandon {
                self.leaving.insert((place, attempt));
            }
        }
        self.force(place, SlotEvent::Cancelled, at);
        if handled {
            self.withdraw_handlers(place, at);
        }
    }

    /// What runs at a place is to stop.
    pub(super) fn interrupt(&mut self, place: Place) {
        if self.running.contains(&place) {
            self.commands.push(Command::Interrupt { place });
        }
    }

    /// The parts of a step where something is under way.
    pub(super) fn parts_under_way(&self, step: u32) -> Vec<Place> {
        let parts = self.active.range(Place { step, item: Some(0) }..).take_while(|place| place.step == step);
        parts.copied().collect()
    }

    /// What becomes of the sub-workflow at a place, when there is one.
    pub(super) fn child_policy(&self, place: Place) -> Option<ParentEnds> {
        match self.action_of(place) {
            Some(Action::Flow { parent_ends, .. }) => Some(*parent_ends),
            _ => None,
        }
    }
}

fn slot_state(run: &Run, place: Place) -> SlotState {
    run.slot(place).map(|slot| slot.state.clone()).unwrap_or_default()
}
