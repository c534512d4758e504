//! Where a run is in its life, and which events may happen there.
//!
//! | phase | what happens | next |
//! | --- | --- | --- |
//! | unborn | began | arriving when the workflow bounds its runs, else running |
//! | arriving | results are adopted, then queued | queued |
//! | queued | waits for room | admitted: running |
//! | running | everything | done; a failure for good: failing; a cancel: cancelling |
//! | failing | what runs may finish, `finally` actions run | compensating, failed |
//! | cancelling | what runs is interrupted, `finally` actions run | compensating, cancelled |
//! | compensating | what was done is undone, the last first | failed, cancelled |
//! | done, failed, cancelled | nothing | |
//!
//! A blocked run is in one of these phases as well; nothing begins there until somebody decides.

use super::event::{BlockReason, Event, Place};
use super::failure::Failure;
use super::machine::Run;
use super::state::{IllegalEvent, SlotState, Status};
use crate::plan::Role;
use crate::types::Value;

/// Where a run is in its life.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Phase {
    Unborn,
    Arriving,
    Queued,
    Running,
    Failing(Cause),
    Cancelling,
    /// With the cause when the run failed, without when it was cancelled.
    Compensating(Option<Cause>),
    Done(Value),
    Failed(Cause),
    Cancelled,
}

/// Why a run fails, and at which step.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cause {
    pub(super) step: Option<u32>,
    pub(super) failure: Failure,
}

impl Phase {
    pub(super) fn status(&self) -> Status {
        match self {
            Self::Unborn | Self::Arriving | Self::Queued => Status::Waiting,
            Self::Running | Self::Failing(_) | Self::Cancelling | Self::Compensating(_) => Status::Running,
            Self::Done(_) => Status::Done,
            Self::Failed(_) => Status::Failed,
            Self::Cancelled => Status::Cancelled,
        }
    }
}

#[cfg(test)]
impl Phase {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Unborn => "unborn",
            Self::Arriving => "arriving",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Failing(_) => "failing",
            Self::Cancelling => "cancelling",
            Self::Compensating(_) => "compensating",
            Self::Done(_) | Self::Failed(_) | Self::Cancelled => "ended",
        }
    }
}

impl Run {
    /// Whether something may begin at a place, as far as the phase is concerned.
    pub(super) fn may_go_on(&self, place: Place) -> bool {
        let Some(step) = self.plan.steps.get(place.index()) else { return false };
        matches!(
            (&self.phase, step.role),
            (Phase::Running, Role::Main | Role::Handler { .. } | Role::Finally { .. })
                | (Phase::Failing(_) | Phase::Cancelling, Role::Finally { .. })
                | (Phase::Compensating(_), Role::Compensate { .. })
        )
    }

    /// Whether a place tidies up after others: a cancel does not stop it.
    pub(super) fn is_clean_up(&self, place: Place) -> bool {
        matches!(self.plan.steps[place.index()].role, Role::Finally { .. } | Role::Compensate { .. })
    }

    /// Whether an event may happen in the phase the run is in.
    pub(super) fn check_phase(&self, event: &Event) -> Result<(), IllegalEvent> {
        if self.fits_phase(event) { Ok(()) } else { Err(IllegalEvent::OutOfPlace { event: event.kind(), place: event.place() }) }
    }

    fn fits_phase(&self, event: &Event) -> bool {
        let (phase, free) = (&self.phase, self.blocked.is_none());
        match event {
            _ if self.status().is_end() => false,
            Event::Began { .. } => *phase == Phase::Unborn,
            _ if *phase == Phase::Unborn => false,
            Event::Prioritized { .. } => matches!(phase, Phase::Arriving | Phase::Running) && self.priority_given.is_none(),
            Event::Adopted { .. } | Event::ItemAdopted { .. } => matches!(phase, Phase::Arriving | Phase::Running) && free,
            Event::Queued { .. } => *phase == Phase::Arriving,
            Event::Admitted { .. } => *phase == Phase::Queued,
            Event::Skipped { .. } | Event::ItemsOpened { .. } | Event::Opened { .. } | Event::Closed { .. } => self.runs_freely(),
            Event::Caught { .. } => self.runs_freely(),
            // The time of what still runs is over at its instant, also when the run has failed.
            Event::StepFailed { step, .. } => {
                self.runs_freely() || free && matches!(phase, Phase::Failing(_) | Phase::Cancelling) && self.underway.contains(step)
            }
            Event::LockWanted { place, .. }
            | Event::RateWanted { place }
            | Event::Paused { place, .. }
            | Event::Started { place, .. }
            | Event::Sleeping { place, .. }
            | Event::Listening { place }
            | Event::Settled { place, .. }
            | Event::Signalled { place, .. } => free && self.may_go_on(*place) && self.is_open(*place),
            Event::PlaceFailed { place, .. } if self.active.contains(place) => free,
            Event::PlaceFailed { place, .. } => free && self.may_go_on(*place) && self.is_open(*place),
            // What the outside reports is taken down whatever the run is about; the place says whether it fits.
            Event::LockHeld { .. } | Event::Delayed { .. } | Event::ChildLeft { .. } | Event::Resolved { .. } => true,
            Event::Done { .. } | Event::AttemptFailed { .. } | Event::OutcomeUnknown { .. } => true,
            Event::Lost { .. } | Event::Released { .. } | Event::SignalAccepted { .. } | Event::Decided { .. } => true,
            Event::CancelRequested { .. } => !matches!(phase, Phase::Cancelling | Phase::Compensating(_)),
            Event::Failing { .. } => matches!(phase, Phase::Arriving) || self.runs_freely() && self.is_complete(),
            Event::CompensationBegan => {
                matches!(phase, Phase::Failing(_) | Phase::Cancelling) && self.is_drained() && !self.undo.is_empty()
            }
            Event::Blocked { reason } => free && !matches!(phase, Phase::Arriving | Phase::Queued) && self.may_be(reason),
            Event::Unblocked => {
                matches!(self.blocked, Some(BlockReason::PluginMissing { .. } | BlockReason::KilledWorker { .. }))
            }
            Event::RunDone { .. } => self.runs_freely() && self.is_complete(),
            Event::RunFailed { .. } => matches!(phase, Phase::Failing(_) | Phase::Compensating(Some(_))) && self.is_over(),
            Event::RunCancelled => matches!(phase, Phase::Cancelling | Phase::Compensating(None)) && self.is_over(),
        }
    }

    /// Whether a place is the whole of a step, or a part of one that is open.
    fn is_open(&self, place: Place) -> bool {
        let part = place.item.is_some() && self.plan.steps[place.index()].is_main();
        !part || self.steps[place.index()].slot.state == SlotState::Open
    }

    /// Whether a reason to be blocked can be one now.
    fn may_be(&self, reason: &BlockReason) -> bool {
        match reason {
            BlockReason::PluginMissing { .. } | BlockReason::KilledWorker { .. } => true,
            BlockReason::UnknownOutcome { place, .. } => self.undecided.contains(place),
            BlockReason::CompensationFailed { place } => self.failed_undoing() == Some(*place),
        }
    }

    fn runs_freely(&self) -> bool {
        self.phase == Phase::Running && self.blocked.is_none()
    }

    /// Whether all steps have ended and nothing is waited for.
    pub(super) fn is_complete(&self) -> bool {
        self.steps_ended == self.main_steps && self.is_drained()
    }

    /// Whether nothing is under way.
    pub(super) fn is_drained(&self) -> bool {
        self.active.is_empty() && self.leaving.is_empty() && self.queue.is_empty() && self.blocked.is_none()
    }

    /// Whether nothing is under way and nothing is left to be undone.
    pub(super) fn is_over(&self) -> bool {
        self.is_drained() && self.undo.is_empty()
    }
}
