//! What people and programs see of a run, and why it waits.

use std::sync::Arc;

use serde::Serialize;

use super::event::{BlockReason, Place};
use super::failure::Failure;
use super::ids::Millis;
use super::machine::{Run, Work};
use super::state::{Phase, Slot, SlotState, Status};

/// One step as people see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct StepView {
    /// Its name.
    pub name: Arc<str>,
    /// `PLUGIN.TASK`.
    pub task: String,
    /// Its state.
    pub status: Status,
    /// Attempts so far, over all items.
    pub attempts: u32,
    /// When it began, in milliseconds since the Unix epoch.
    pub began: Option<Millis>,
    /// When it ended.
    pub ended: Option<Millis>,
    /// Its items, when it is a `for-each` step that has been opened.
    pub items: Option<ItemCounts>,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// How many items of a `for-each` step are in which state.
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
    /// Not started because the run ended.
    pub cancelled: u32,
}

/// One item of a `for-each` step as people see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ItemView {
    /// Its index, from 0.
    pub item: u32,
    /// Its state.
    pub status: Status,
    /// Attempts so far.
    pub attempts: u32,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// One thing a run waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "waits-for")]
pub enum Reason {
    /// An attempt that runs.
    Attempt {
        /// The step.
        step: Arc<str>,
        /// The item.
        item: Option<u32>,
        /// Which attempt.
        attempt: u32,
    },
    /// The time of the next attempt.
    Retry {
        /// The step.
        step: Arc<str>,
        /// The item.
        item: Option<u32>,
        /// Which attempt it will be.
        attempt: u32,
        /// When, in milliseconds since the Unix epoch.
        at: Millis,
    },
    /// Steps before it.
    Steps {
        /// The step that waits.
        step: Arc<str>,
        /// The steps it waits for.
        needs: Vec<Arc<str>>,
    },
    /// Room: so many items of this step run already.
    Room {
        /// The step.
        step: Arc<str>,
        /// Items that wait.
        waiting: u32,
        /// Items that may run at once.
        max_parallel: u32,
    },
    /// A worker: the run is ready to go on, and nobody runs it.
    Worker,
    /// The bytes of a plugin.
    Plugin {
        /// Its digest.
        digest: String,
    },
    /// A decision: the worker died too often at the same place.
    Decision {
        /// The step.
        step: Arc<str>,
        /// The item.
        item: Option<u32>,
        /// How often the worker died.
        times: u32,
    },
    /// Attempts that still run before the run can end.
    Ending {
        /// `failed` or `cancelled`.
        as_status: Status,
        /// How many.
        attempts: u32,
    },
}

impl Run {
    /// All steps, in the order of the plan.
    pub fn steps(&self) -> Vec<StepView> {
        (0..self.steps.len()).map(|step| self.step(step)).collect()
    }

    fn step(&self, index: usize) -> StepView {
        let (step, planned) = (&self.steps[index], &self.plan.steps[index]);
        let (attempts, items) = match &step.work {
            Work::One(slot) => (slot.attempt, None),
            Work::Many(items) if step.began.is_none() || items.slots.is_empty() => (0, None),
            Work::Many(items) => (items.slots.iter().map(|slot| slot.attempt).sum(), Some(count(&items.slots))),
        };
        StepView {
            name: Arc::clone(&planned.name),
            task: planned.calls().next().map(|call| self.plan.task_name(call)).unwrap_or_default(),
            status: step.status,
            attempts,
            began: step.began,
            ended: step.ended,
            items,
            failure: step.failure.as_deref().cloned(),
        }
    }

    /// The items of a `for-each` step, in order; none for another step.
    pub fn items(&self, step: usize) -> Vec<ItemView> {
        let Some(Work::Many(items)) = self.steps.get(step).map(|step| &step.work) else { return Vec::new() };
        let view = |(item, slot): (usize, &Slot)| ItemView {
            item: Place::step(item).step,
            status: slot.status(),
            attempts: slot.attempt,
            failure: match &slot.state {
                SlotState::Failed(failure) => Some((**failure).clone()),
                _ => None,
            },
        };
        items.slots.iter().enumerate().map(view).collect()
    }

    /// Whether somebody asked for the run to stop, and why.
    pub fn cancel_reason(&self) -> Option<&Arc<str>> {
        self.cancel_reason.as_ref()
    }

    /// The run that this one repeats, in part.
    pub fn rerun_of(&self) -> Option<super::ids::RunId> {
        self.rerun_of
    }

    /// When it ended.
    pub fn ended(&self) -> Option<Millis> {
        self.ended
    }

    /// What an unfinished run waits for, nearest first: never empty for a run that has not ended.
    ///
    /// `owned` is whether a worker has the run now: without one, attempts that were running are not.
    pub fn why(&self, owned: Ownership) -> Vec<Reason> {
        let attempts = u32::try_from(self.running.len()).unwrap_or(u32::MAX);
        match &self.phase {
            Phase::Done(_) | Phase::Failed { .. } | Phase::Cancelled => return Vec::new(),
            Phase::Blocked(BlockReason::PluginMissing { digest }) => return vec![Reason::Plugin { digest: digest.to_string() }],
            Phase::Blocked(BlockReason::KilledWorker { place, times }) => {
                return vec![Reason::Decision { step: self.name(*place), item: place.item, times: *times }];
            }
            Phase::Blocked(_) => return Vec::new(),
            _ if owned == Ownership::Nobody => return vec![Reason::Worker],
            Phase::Failing { .. } => return vec![Reason::Ending { as_status: Status::Failed, attempts }],
            Phase::Cancelling => return vec![Reason::Ending { as_status: Status::Cancelled, attempts }],
            Phase::Unborn | Phase::Running => {}
        }
        let attempt = |place: Place| self.slot(place).map_or(0, |slot| slot.attempt);
        let running =
            self.running.iter().map(|place| Reason::Attempt { step: self.name(*place), item: place.item, attempt: attempt(*place) });
        let retries = self.timers.iter().map(|(at, place)| Reason::Retry {
            step: self.name(*place),
            item: place.item,
            attempt: attempt(*place) + 1,
            at: *at,
        });
        let mut reasons: Vec<Reason> = running.chain(retries).collect();
        reasons.extend((0..self.steps.len()).filter_map(|step| self.waits(step)));
        if reasons.is_empty() {
            reasons.push(Reason::Worker);
        }
        reasons
    }

    fn name(&self, place: Place) -> Arc<str> {
        Arc::clone(&self.plan.steps[place.index()].name)
    }

    fn waits(&self, step: usize) -> Option<Reason> {
        let (state, planned) = (&self.steps[step], &self.plan.steps[step]);
        if state.status == Status::Waiting {
            let unmet = planned.needs.iter().filter(|need| !self.steps[**need].status.is_end());
            let needs: Vec<Arc<str>> = unmet.map(|need| Arc::clone(&self.plan.steps[*need].name)).collect();
            return (!needs.is_empty()).then(|| Reason::Steps { step: Arc::clone(&planned.name), needs });
        }
        match (&state.work, &planned.kind) {
            (Work::Many(items), crate::plan::StepKind::ForEach { max_parallel, .. }) if state.status == Status::Running => {
                let waiting = count(&items.slots).waiting;
                (waiting > 0).then(|| Reason::Room { step: Arc::clone(&planned.name), waiting, max_parallel: *max_parallel })
            }
            _ => None,
        }
    }
}

/// Whether a worker has a run now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// A worker has it.
    Worker,
    /// Nobody has it.
    Nobody,
}

fn count(slots: &[Slot]) -> ItemCounts {
    let mut counts = ItemCounts { total: Place::step(slots.len().min(1 << 20)).step, ..ItemCounts::default() };
    for slot in slots {
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
