//! What a run waits for, told to people.

use std::sync::Arc;

use serde::Serialize;

use super::event::{BlockReason, Place};
use super::ids::Millis;
use super::machine::Run;
use super::phase::Phase;
use super::state::{SlotState, Status};
use crate::plan::{Action, StepKind};

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
    /// The end of a sub-workflow.
    Flow {
        /// The step.
        step: Arc<str>,
        /// The item.
        item: Option<u32>,
        /// The sub-workflow.
        workflow: Arc<str>,
        /// Its name in the world, 32 hexadecimal digits.
        key: String,
    },
    /// The end of a sleep.
    Sleep {
        /// The step.
        step: Arc<str>,
        /// The item.
        item: Option<u32>,
        /// When, in milliseconds since the Unix epoch.
        until: Millis,
    },
    /// The time of the next iteration.
    Iteration {
        /// The step.
        step: Arc<str>,
        /// Which iteration, from 0.
        item: Option<u32>,
        /// When, in milliseconds since the Unix epoch.
        at: Millis,
    },
    /// A signal.
    Signal {
        /// The step.
        step: Arc<str>,
        /// The item.
        item: Option<u32>,
        /// The signal.
        name: Arc<str>,
        /// When the wait is over without it, in milliseconds since the Unix epoch.
        until: Option<Millis>,
    },
    /// Somebody's decision about a question.
    Approval {
        /// The step.
        step: Arc<str>,
        /// The item.
        item: Option<u32>,
        /// The question.
        question: String,
        /// When the wait is over without it, in milliseconds since the Unix epoch.
        until: Option<Millis>,
    },
    /// A lock that others hold.
    Lock {
        /// The step.
        step: Arc<str>,
        /// The item.
        item: Option<u32>,
        /// The lock.
        name: Arc<str>,
    },
    /// Its turn among starts that may not come too fast.
    Rate {
        /// The step.
        step: Arc<str>,
        /// The item.
        item: Option<u32>,
        /// When, in milliseconds since the Unix epoch, once it is known.
        at: Option<Millis>,
    },
    /// Room among the runs with the same key.
    Concurrency {
        /// The key.
        key: Arc<str>,
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
    /// A decision: nobody knows what an attempt did that must not be repeated.
    Outcome {
        /// The step.
        step: Arc<str>,
        /// The item.
        item: Option<u32>,
        /// Which attempt.
        attempt: u32,
        /// What is known of it.
        failure: String,
    },
    /// A decision: what was done cannot be undone.
    Undoing {
        /// The step that should have undone it.
        step: Arc<str>,
        /// The item.
        item: Option<u32>,
        /// Why it could not.
        failure: String,
    },
    /// What still has to end, or to be undone, before the run can end.
    Ending {
        /// `failed` or `cancelled`.
        as_status: Status,
        /// Attempts that run.
        attempts: u32,
        /// What has still to be undone.
        to_undo: u32,
    },
}

/// Whether a worker has a run now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// A worker has it.
    Worker,
    /// Nobody has it.
    Nobody,
}

/// More reasons than this are told by their beginning.
const REASONS_MAX: usize = 1_000;

impl Run {
    /// What an unfinished run waits for, nearest first: never empty for a run that has not ended.
    ///
    /// `owned` is whether a worker has the run now: without one, attempts that were running are not.
    pub fn why(&self, owned: Ownership) -> Vec<Reason> {
        if self.status().is_end() {
            return Vec::new();
        }
        if let Some(reason) = &self.blocked {
            return vec![self.why_blocked(reason)];
        }
        let mut reasons = Vec::new();
        if let (Phase::Queued, Some(key)) = (&self.phase, self.locks.get(&None)) {
            reasons.push(Reason::Concurrency { key: Arc::clone(&key.name) });
        }
        reasons.extend(self.ending_as().map(|as_status| Reason::Ending {
            as_status,
            attempts: u32::try_from(self.running.len()).unwrap_or(u32::MAX),
            to_undo: u32::try_from(self.undo.len()).unwrap_or(u32::MAX),
        }));
        let active = self.active.iter().filter_map(|place| self.why_at(*place, owned));
        let left = self.leaving.iter().map(|(place, attempt)| self.why_child(*place, *attempt));
        reasons.extend(active.chain(left).take(REASONS_MAX));
        if self.phase == Phase::Running {
            reasons.extend((0..self.steps.len()).filter_map(|step| self.waits(step)).take(REASONS_MAX));
        }
        let moved_by_others = |reason: &Reason| !matches!(reason, Reason::Steps { .. } | Reason::Room { .. } | Reason::Ending { .. });
        if owned == Ownership::Nobody && !reasons.iter().any(moved_by_others) || reasons.is_empty() {
            return vec![Reason::Worker];
        }
        reasons
    }

    /// What a place waits for, unless it works or is done.
    pub fn waits_at(&self, place: Place) -> Option<Reason> {
        self.why_at(place, Ownership::Worker).filter(|reason| !matches!(reason, Reason::Attempt { .. }))
    }

    /// The places that wait for something, and for what; bounded as the reasons are.
    pub fn waiting_places(&self) -> Vec<(Place, Reason)> {
        self.active.iter().filter_map(|place| Some((*place, self.waits_at(*place)?))).take(REASONS_MAX).collect()
    }

    fn ending_as(&self) -> Option<Status> {
        match &self.phase {
            Phase::Failing(_) | Phase::Compensating(Some(_)) => Some(Status::Failed),
            Phase::Cancelling | Phase::Compensating(None) => Some(Status::Cancelled),
            _ => None,
        }
    }

    fn why_blocked(&self, reason: &BlockReason) -> Reason {
        let failure = |place: &Place| self.slot(*place).and_then(|slot| slot.state.failure()).map(ToString::to_string).unwrap_or_default();
        match reason {
            BlockReason::PluginMissing { digest } => Reason::Plugin { digest: digest.to_string() },
            BlockReason::KilledWorker { place, times } => Reason::Decision { step: self.name(*place), item: place.item, times: *times },
            BlockReason::UnknownOutcome { place, attempt } => {
                Reason::Outcome { step: self.name(*place), item: place.item, attempt: *attempt, failure: failure(place) }
            }
            BlockReason::CompensationFailed { place } => {
                Reason::Undoing { step: self.name(*place), item: place.item, failure: failure(place) }
            }
        }
    }

    fn why_at(&self, place: Place, owned: Ownership) -> Option<Reason> {
        let slot = self.slot(place)?;
        let (step, item) = (self.name(place), place.item);
        Some(match &slot.state {
            SlotState::Running if self.starts_child(place) => self.why_child(place, slot.attempt),
            SlotState::Running if owned == Ownership::Nobody => return None,
            SlotState::Running => Reason::Attempt { step, item, attempt: slot.attempt },
            SlotState::Retrying(at) => Reason::Retry { step, item, attempt: slot.attempt + 1, at: *at },
            SlotState::Sleeping(until) => Reason::Sleep { step, item, until: *until },
            SlotState::Paused(at) => Reason::Iteration { step, item, at: *at },
            SlotState::Delayed(at) => Reason::Rate { step, item, at: Some(*at) },
            SlotState::Rating => Reason::Rate { step, item, at: None },
            SlotState::Locking => {
                let name = self.locks.get(&Some(place)).map_or_else(|| Arc::from(""), |lock| Arc::clone(&lock.name));
                Reason::Lock { step, item, name }
            }
            // It goes on as soon as somebody has the run.
            SlotState::Listening if self.is_answered(place) => return None,
            SlotState::Listening => match self.action_of(place) {
                Some(Action::Signal { name, .. }) => Reason::Signal { step, item, name: Arc::clone(name), until: self.deadline_of(place) },
                _ => Reason::Approval { step, item, question: self.question(place), until: self.deadline_of(place) },
            },
            _ => return None,
        })
    }

    fn why_child(&self, place: Place, attempt: u32) -> Reason {
        let workflow = self.flow_of(place).map_or_else(|| Arc::from(""), |flow| Arc::clone(&flow.workflow));
        let key = format!("{:032x}", u128::from_be_bytes(self.child_uid(place, attempt).0));
        Reason::Flow { step: self.name(place), item: place.item, workflow, key }
    }

    fn deadline_of(&self, place: Place) -> Option<Millis> {
        let step = &self.steps[place.index()];
        match &step.parts {
            super::step::Parts::Sparse(places) => places.get(&place.item)?.deadline,
            _ => step.deadline,
        }
    }

    fn name(&self, place: Place) -> Arc<str> {
        Arc::clone(&self.plan.steps[place.index()].name)
    }

    fn waits(&self, step: usize) -> Option<Reason> {
        let (state, planned) = (&self.steps[step], &self.plan.steps[step]);
        if planned.is_main() && state.status == Status::Waiting && state.slot.state == SlotState::Waiting {
            let unmet = planned.needs.iter().filter(|need| !self.steps[**need].status.is_end());
            let needs: Vec<Arc<str>> = unmet.map(|need| Arc::clone(&self.plan.steps[*need].name)).collect();
            return (!needs.is_empty()).then(|| Reason::Steps { step: Arc::clone(&planned.name), needs });
        }
        match (state.many(), &planned.kind) {
            (Some(many), StepKind::ForEach { max_parallel, .. }) if state.slot.state == SlotState::Open => {
                let waiting = many.slots.len() - many.ended() - many.active as usize;
                let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
                (waiting > 0).then(|| Reason::Room { step: Arc::clone(&planned.name), waiting, max_parallel: *max_parallel })
            }
            _ => None,
        }
    }
}
