//! States, and which event may follow which.
//!
//! | slot state | event | next |
//! | --- | --- | --- |
//! | waiting, retrying | started | running |
//! | running | done | done |
//! | running | attempt failed, tried again | retrying |
//! | running | attempt failed, for good | failed |
//! | running | lost, released | waiting |
//! | waiting, retrying | (the run is cancelled or fails) | cancelled |
//!
//! A slot is the work of a step, or of one item of a `for-each` step. What the table does not list is an [`IllegalEvent`].

use std::fmt;

use serde::Serialize;

use super::event::{BlockReason, Place};
use super::failure::Failure;
use super::ids::Millis;
use crate::types::Value;

/// The state of a run or a step as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Not started.
    Waiting,
    /// Started, not ended.
    Running,
    /// Ended well.
    Done,
    /// Ended badly.
    Failed,
    /// Never wanted: its condition was false.
    Skipped,
    /// Stopped on request, or not started because the run ended.
    Cancelled,
    /// Needs a plugin or a decision.
    Blocked,
}

impl Status {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
            Self::Blocked => "blocked",
        }
    }

    /// Whether nothing can follow it.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Skipped | Self::Cancelled)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The work of a step or of one item. Small: a `for-each` may have 100,000 of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Slot {
    pub(super) state: SlotState,
    /// Attempts started so far.
    pub(super) attempt: u32,
    /// Attempts among them that ended through no fault of the task: lost or released. They do not count as tries.
    pub(super) excused: u16,
    /// How often in a row the worker died while this ran.
    pub(super) losses: u16,
}

/// See the table of this module.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum SlotState {
    #[default]
    Waiting,
    Running,
    Retrying(Millis),
    Done(Value),
    Failed(Box<Failure>),
    Cancelled,
}

/// What happens to a slot.
#[derive(Clone, Debug)]
pub(super) enum SlotEvent {
    Started(u32),
    Done(u32, Value),
    Failed(u32, Failure, Option<Millis>),
    Lost,
    Released,
}

impl Slot {
    /// The next state, by the table; `None` when the event is illegal here.
    pub(super) fn next(&mut self, event: SlotEvent) -> Option<()> {
        use SlotState::{Done, Failed, Retrying, Running, Waiting};
        self.state = match (&self.state, event) {
            (Waiting | Retrying(_), SlotEvent::Started(attempt)) if attempt == self.attempt + 1 => {
                self.attempt = attempt;
                Running
            }
            (Running, SlotEvent::Done(attempt, output)) if attempt == self.attempt => Done(output),
            (Running, SlotEvent::Failed(attempt, _, Some(at))) if attempt == self.attempt => {
                self.losses = 0;
                Retrying(at)
            }
            (Running, SlotEvent::Failed(attempt, failure, None)) if attempt == self.attempt => Failed(Box::new(failure)),
            (Running, SlotEvent::Lost) => {
                self.excused = self.excused.saturating_add(1);
                self.losses = self.losses.saturating_add(1);
                Waiting
            }
            (Running, SlotEvent::Released) => {
                self.excused = self.excused.saturating_add(1);
                Waiting
            }
            _ => return None,
        };
        Some(())
    }

    /// Cancels what has not started or waits; what runs or has ended stays as it is.
    pub(super) fn cancel(&mut self) {
        if matches!(self.state, SlotState::Waiting | SlotState::Retrying(_)) {
            self.state = SlotState::Cancelled;
        }
    }

    pub(super) fn status(&self) -> Status {
        match self.state {
            SlotState::Waiting => Status::Waiting,
            SlotState::Running | SlotState::Retrying(_) => Status::Running,
            SlotState::Done(_) => Status::Done,
            SlotState::Failed(_) => Status::Failed,
            SlotState::Cancelled => Status::Cancelled,
        }
    }

    /// Attempts that count as tries.
    pub(super) fn tries(&self) -> u32 {
        self.attempt - u32::from(self.excused)
    }
}

/// Where a run is in its life.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Phase {
    Unborn,
    Running,
    /// A step failed; what runs may finish, nothing new starts.
    Failing {
        step: u32,
        failure: Failure,
    },
    /// A cancel was accepted; what runs is interrupted, nothing new starts.
    Cancelling,
    Blocked(BlockReason),
    Done(Value),
    Failed {
        step: Option<u32>,
        failure: Failure,
    },
    Cancelled,
}

impl Phase {
    pub(super) fn status(&self) -> Status {
        match self {
            Self::Unborn => Status::Waiting,
            Self::Running | Self::Failing { .. } | Self::Cancelling => Status::Running,
            Self::Blocked(_) => Status::Blocked,
            Self::Done(_) => Status::Done,
            Self::Failed { .. } => Status::Failed,
            Self::Cancelled => Status::Cancelled,
        }
    }
}

/// An event that cannot happen in the state the run is in. Stored events that say so are damaged, or of another plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IllegalEvent {
    /// The event does not fit the state.
    #[error("the event `{event}` cannot follow here{}", place.map_or_else(String::new, |place| format!(" (step {}, item {:?})", place.step, place.item)))]
    OutOfPlace {
        /// The kind of the event.
        event: &'static str,
        /// Where, when it is about a place.
        place: Option<Place>,
    },
    /// It names a step or an item that the plan does not have.
    #[error("the event `{event}` is about step {step}, which the plan does not have")]
    NoSuchStep {
        /// The kind of the event.
        event: &'static str,
        /// The step it names.
        step: u32,
    },
}
