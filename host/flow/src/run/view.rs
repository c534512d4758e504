//! What people and programs see of a run.

use std::sync::Arc;

use serde::Serialize;

use super::event::Place;
use super::failure::Failure;
use super::ids::Millis;
use super::machine::Run;
use super::state::{Slot, SlotState, Status};
use super::step::{Hidden, Parts};
use crate::plan::{Role, StepKind};

/// One step as people see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct StepView {
    /// Its name.
    pub name: Arc<str>,
    /// What it does: `task`, `flow`, `sleep`, `until`, `signal`, `approval`, `value`, `for-each`, `repeat`, `choose` or `race`.
    pub kind: &'static str,
    /// The step it belongs to, when it handles a failure, tidies up or undoes.
    pub of: Option<Arc<str>>,
    /// `PLUGIN.TASK` of the first task it calls.
    pub task: String,
    /// Its state.
    pub status: Status,
    /// Attempts so far, over all its parts.
    pub attempts: u32,
    /// When it began, in milliseconds since the Unix epoch.
    pub began: Option<Millis>,
    /// When it ended.
    pub ended: Option<Millis>,
    /// The branch that a `choose` took, from 0.
    pub branch: Option<u32>,
    /// The contender that won a `race`.
    pub winner: Option<Arc<str>>,
    /// Its items, iterations or contenders, once they are known.
    pub items: Option<ItemCounts>,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// How many parts of a step are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ItemCounts {
    /// All of them.
    pub total: u32,
    /// Not started.
    pub waiting: u32,
    /// Started, or between two attempts.
    pub running: u32,
    /// Ended well.
    pub done: u32,
    /// Ended badly.
    pub failed: u32,
    /// Withdrawn, or not started because the run ended.
    pub cancelled: u32,
}

/// One item, iteration or contender of a step as people see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ItemView {
    /// Its index, from 0.
    pub item: u32,
    /// The name of a contender.
    pub name: Option<Arc<str>>,
    /// Its state.
    pub status: Status,
    /// Attempts so far.
    pub attempts: u32,
    /// Why it failed.
    pub failure: Option<Failure>,
}

impl Run {
    /// All steps, in the order of the plan: those of the file first, then those that belong to them.
    pub fn steps(&self) -> Vec<StepView> {
        (0..self.steps.len()).map(|step| self.step(step)).collect()
    }

    /// One step.
    pub fn step(&self, index: usize) -> StepView {
        let (step, planned) = (&self.steps[index], &self.plan.steps[index]);
        let mut view = StepView {
            name: Arc::clone(&planned.name),
            kind: planned.kind.word(),
            of: None,
            task: planned.calls().next().map(|call| self.plan.task_name(call)).unwrap_or_default(),
            status: self.status_of(index),
            attempts: step.slot.attempt,
            began: step.began,
            ended: step.ended,
            branch: step.branch,
            winner: self.won_by(index),
            items: None,
            failure: step.failure.as_deref().cloned(),
        };
        match &step.parts {
            Parts::Many(many) if !many.slots.is_empty() => {
                view.attempts = many.slots.iter().map(|slot| slot.attempt).sum();
                view.items = Some(count(many.slots.iter()));
            }
            Parts::Sparse(places) => {
                let (Role::Handler { of } | Role::Finally { of } | Role::Compensate { of }) = planned.role else { return view };
                view.of = Some(Arc::clone(&self.plan.steps[of].name));
                see_hidden(&mut view, places.values());
                view.items = places.keys().any(Option::is_some).then(|| count(places.values().map(|hidden| &hidden.slot)));
            }
            Parts::Many(_) | Parts::None => {}
        }
        view
    }

    /// The contender that won a `race`, once one has.
    fn won_by(&self, index: usize) -> Option<Arc<str>> {
        let StepKind::Race(contenders) = &self.plan.steps[index].kind else { return None };
        let slots = &self.steps[index].many()?.slots;
        let won = slots.iter().position(|slot| matches!(slot.state, SlotState::Done(_)))?;
        contenders.get(won).map(|contender| Arc::clone(&contender.name))
    }

    /// How many parts of a step are in which state, at the cost of a glance: a part that waits for its lock has started here.
    pub fn counts(&self, step: usize) -> Option<ItemCounts> {
        let many = self.steps.get(step)?.many().filter(|many| !many.slots.is_empty())?;
        let total = u32::try_from(many.slots.len()).unwrap_or(u32::MAX);
        let ended = many.done + many.failed + many.cancelled;
        let waiting = total.saturating_sub(ended + many.active);
        Some(ItemCounts { total, waiting, running: many.active, done: many.done, failed: many.failed, cancelled: many.cancelled })
    }

    /// The state of a place; nothing for one that is not there yet.
    pub fn place_status(&self, place: Place) -> Option<Status> {
        self.slot(place).map(Slot::status)
    }

    /// The state of a step.
    pub fn status_of(&self, index: usize) -> Status {
        let step = &self.steps[index];
        match &step.parts {
            Parts::Sparse(places) if places.is_empty() && self.status().is_end() => Status::Skipped,
            Parts::Sparse(places) => {
                let all = || places.values().map(|hidden| hidden.slot.status());
                let first = |wanted: Status| all().any(|status| status == wanted).then_some(wanted);
                let order = [Status::Running, Status::Blocked, Status::Waiting, Status::Failed, Status::Cancelled, Status::Done];
                order.into_iter().find_map(first).unwrap_or(Status::Waiting)
            }
            _ if matches!(step.slot.state, SlotState::Undecided(_)) && !step.status.is_end() => Status::Blocked,
            _ => step.status,
        }
    }

    /// The items, iterations or contenders of a step, in order; none for another step.
    pub fn items(&self, step: usize) -> Vec<ItemView> {
        let Some(state) = self.steps.get(step) else { return Vec::new() };
        let view = |item: u32, slot: &Slot| ItemView {
            item,
            name: match &self.plan.steps[step].kind {
                StepKind::Race(contenders) => contenders.get(item as usize).map(|contender| Arc::clone(&contender.name)),
                _ => None,
            },
            status: slot.status(),
            attempts: slot.attempt,
            failure: slot.state.failure().cloned(),
        };
        match &state.parts {
            Parts::Many(many) => (0..).zip(&many.slots).map(|(item, slot)| view(item, slot)).collect(),
            Parts::Sparse(places) => places.iter().filter_map(|(item, hidden)| Some(view((*item)?, &hidden.slot))).collect(),
            Parts::None => Vec::new(),
        }
    }

    /// The result of one part of a step, when it has one; an iteration's is carried on and not kept.
    pub fn item_result(&self, place: Place) -> Option<&crate::types::Value> {
        match &self.slot(place)?.state {
            SlotState::Done(value) => Some(value),
            _ => None,
        }
    }
}

fn see_hidden<'a>(view: &mut StepView, places: impl Iterator<Item = &'a Hidden>) {
    for hidden in places {
        view.attempts += hidden.slot.attempt;
        view.began = [view.began, hidden.began].into_iter().flatten().min();
        view.ended = view.ended.max(hidden.ended);
        view.failure = view.failure.take().or_else(|| hidden.slot.state.failure().cloned());
    }
}

fn count<'a>(slots: impl Iterator<Item = &'a Slot>) -> ItemCounts {
    let mut counts = ItemCounts::default();
    for slot in slots {
        counts.total += 1;
        match slot.status() {
            Status::Waiting => counts.waiting += 1,
            Status::Done => counts.done += 1,
            Status::Failed => counts.failed += 1,
            Status::Cancelled => counts.cancelled += 1,
            Status::Running | Status::Skipped | Status::Blocked => counts.running += 1,
        }
    }
    counts
}
