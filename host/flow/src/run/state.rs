//! States of a slot, and which event may follow which.
//!
//! A slot is the work of a place: of a step, of one item, iteration or contender of it, or of a step that belongs to it.
//!
//! | from | event | to |
//! | --- | --- | --- |
//! | waiting | lock wanted | locking |
//! | locking | lock held | locked |
//! | waiting, locked, paused | rate wanted | rating |
//! | rating | delayed | delayed |
//! | waiting | paused | paused |
//! | *ready*: waiting, locked, delayed, paused | sleeping · listening · started · settled | sleeping · listening · running · done |
//! | waiting, locked | opened | open |
//! | open | closed | done |
//! | retrying | started | running |
//! | running | done · tried again · unknown · lost, released | done · retrying · undecided · waiting |
//! | running | failed for good | failed, or broken when something takes care of it |
//! | *ready*, locking, rating, running, retrying, sleeping, listening, open, broken | broke | failed or broken |
//! | sleeping, broken | settled | done |
//! | listening | settled, signalled | done |
//! | broken | caught | handling |
//! | handling | handled · handler failed | done · failed |
//! | undecided | resolved · given up · tried once more | done · failed or broken · waiting |
//! | failed (an undoing) | resolved · tried once more | done · waiting |
//! | running | stopped | cancelled |
//! | all but broken, done, failed, cancelled | cancelled | cancelled |
//!
//! What the table does not list is an [`IllegalEvent`]. Which phase of the run an event may happen in is told by
//! [`super::phase`].

use std::fmt;

use serde::{Deserialize, Serialize};

use super::event::Place;
use super::failure::Failure;
use super::ids::Millis;
use crate::types::Value;

/// The state of a run or a step as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

/// The work of a place. Small: a `for-each` may have 100,000 of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Slot {
    pub(super) state: SlotState,
    /// Attempts started so far.
    pub(super) attempt: u32,
    /// Attempts among them that do not count as tries: lost, released, or before somebody said to try once more.
    pub(super) excused: u16,
    /// How often in a row the worker died while this ran.
    pub(super) losses: u8,
    /// Where the result comes from.
    pub(super) origin: Origin,
}

/// Where a result comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Origin {
    /// The work was done here.
    #[default]
    Work,
    /// The work failed, and this takes the result's place.
    Rescue,
    /// Another run.
    Adopted,
}

/// See the table of this module.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum SlotState {
    #[default]
    Waiting,
    Locking,
    Locked,
    Rating,
    Delayed(Millis),
    Paused(Millis),
    Running,
    Retrying(Millis),
    Sleeping(Millis),
    Listening,
    /// Its parts do the work.
    Open,
    /// An attempt that must not be repeated ended nobody knows how.
    Undecided(Box<Failure>),
    /// Failed for good, and something will take care of it.
    Broken(Box<Failure>),
    /// Another step takes care of the failure.
    Handling(Box<Failure>),
    Done(Value),
    Failed(Box<Failure>),
    Cancelled,
}

/// What happens to a slot.
#[derive(Clone, Debug)]
pub(super) enum SlotEvent {
    LockWanted,
    LockHeld,
    RateWanted,
    Delayed(Millis),
    Paused(Millis),
    Started(u32),
    Sleeping(Millis),
    Listening,
    Opened,
    Closed(Value),
    Done(u32, Value),
    Settled(Value),
    Signalled(Value),
    Again(u32, Millis),
    Failed(u32, Failure, Fate),
    Stopped(u32),
    Unknown(u32, Failure),
    Broke(Failure, Fate),
    Caught,
    Handled(Value),
    HandlerFailed(Failure),
    Resolved(Value),
    GivenUp(Fate),
    OnceMore,
    Lost,
    Released,
    Cancelled,
}

/// What becomes of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays one.
    Final,
    /// Something takes care of it.
    Caught,
}

impl Slot {
    /// The next state, by the table; `None` when the event is illegal here.
    pub(super) fn next(&mut self, event: SlotEvent) -> Option<()> {
        use SlotState::{
            Broken, Cancelled, Delayed, Done, Failed, Handling, Listening, Locked, Locking, Open, Paused, Rating, Retrying, Running,
            Sleeping, Undecided, Waiting,
        };
        let (attempt, state) = (self.attempt, std::mem::take(&mut self.state));
        #[cfg(test)]
        let edge = (super::tests::edges::state_name(&state), super::tests::edges::event_name(&event));
        let next = match (state, event) {
            (Waiting, SlotEvent::LockWanted) => Locking,
            (Locking, SlotEvent::LockHeld) => Locked,
            (Waiting | Locked | Paused(_), SlotEvent::RateWanted) => Rating,
            (Rating, SlotEvent::Delayed(at)) => Delayed(at),
            (Waiting, SlotEvent::Paused(at)) => Paused(at),
            (Waiting | Locked | Delayed(_) | Paused(_), SlotEvent::Sleeping(at)) => Sleeping(at),
            (Waiting | Locked | Delayed(_) | Paused(_), SlotEvent::Listening) => Listening,
            (Waiting | Locked | Delayed(_) | Paused(_) | Retrying(_), SlotEvent::Started(new)) if new == attempt + 1 => Running,
            (Waiting | Locked | Delayed(_) | Paused(_) | Sleeping(_) | Listening | Broken(_), SlotEvent::Settled(value)) => Done(value),
            (Waiting | Locked, SlotEvent::Opened) => Open,
            (Open, SlotEvent::Closed(value)) | (Listening, SlotEvent::Signalled(value)) => Done(value),
            (Running, SlotEvent::Done(ended, value)) if ended == attempt => Done(value),
            (Running, SlotEvent::Again(ended, at)) if ended == attempt => Retrying(at),
            (Running, SlotEvent::Failed(ended, failure, fate)) if ended == attempt => fate.of(failure.into()),
            (Running, SlotEvent::Stopped(ended)) if ended == attempt => Cancelled,
            (Running, SlotEvent::Unknown(ended, failure)) if ended == attempt => Undecided(failure.into()),
            (Running, SlotEvent::Lost | SlotEvent::Released) => Waiting,
            (Waiting | Locking | Locked | Rating | Delayed(_) | Paused(_), SlotEvent::Broke(failure, fate)) => fate.of(failure.into()),
            (Running | Retrying(_) | Sleeping(_) | Listening | Open, SlotEvent::Broke(failure, fate)) => fate.of(failure.into()),
            (Broken(_), SlotEvent::Broke(failure, Fate::Final)) => Failed(failure.into()),
            (Broken(failure), SlotEvent::Caught) => Handling(failure),
            (Handling(_), SlotEvent::Handled(value)) => Done(value),
            (Handling(_), SlotEvent::HandlerFailed(failure)) => Failed(failure.into()),
            (Undecided(_) | Failed(_), SlotEvent::Resolved(value)) => Done(value),
            (Undecided(failure), SlotEvent::GivenUp(fate)) => fate.of(failure),
            (Undecided(_) | Failed(_), SlotEvent::OnceMore) => Waiting,
            (Waiting | Locking | Locked | Rating | Delayed(_) | Paused(_) | Open, SlotEvent::Cancelled) => Cancelled,
            (Running | Retrying(_) | Sleeping(_) | Listening | Undecided(_) | Handling(_), SlotEvent::Cancelled) => Cancelled,
            (state, _) => {
                self.state = state;
                return None;
            }
        };
        self.state = next;
        #[cfg(test)]
        super::tests::edges::taken(edge);
        Some(())
    }

    pub(super) fn status(&self) -> Status {
        match self.state {
            SlotState::Waiting | SlotState::Locking | SlotState::Locked | SlotState::Rating | SlotState::Delayed(_) => Status::Waiting,
            SlotState::Done(_) => Status::Done,
            SlotState::Failed(_) => Status::Failed,
            SlotState::Cancelled => Status::Cancelled,
            SlotState::Undecided(_) => Status::Blocked,
            _ => Status::Running,
        }
    }

    /// Attempts that count as tries.
    pub(super) fn tries(&self) -> u32 {
        self.attempt.saturating_sub(u32::from(self.excused))
    }
}

impl Fate {
    fn of(self, failure: Box<Failure>) -> SlotState {
        match self {
            Self::Final => SlotState::Failed(failure),
            Self::Caught => SlotState::Broken(failure),
        }
    }
}

impl SlotState {
    /// Whether nothing more happens.
    pub(super) fn is_end(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Failed(_) | Self::Cancelled)
    }

    /// Whether something is under way here that will go on: neither not begun, nor ended, nor left to its parts.
    pub(super) fn is_active(&self) -> bool {
        !self.is_end() && !matches!(self, Self::Waiting | Self::Open)
    }

    /// When it wants to start, if it waits for that.
    pub(super) fn starts_at(&self) -> Option<Millis> {
        match self {
            Self::Delayed(at) | Self::Paused(at) | Self::Retrying(at) => Some(*at),
            _ => None,
        }
    }

    /// Why it failed, also when something takes care of it.
    pub(super) fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) | Self::Broken(failure) | Self::Handling(failure) | Self::Undecided(failure) => Some(failure),
            _ => None,
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
