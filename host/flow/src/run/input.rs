//! What the outside tells a run. All reasons for a change of state are here.

use std::sync::Arc;

use super::event::{Decision, Place};
use super::failure::Failure;
use super::ids::{LockToken, Millis};
use super::receipt::Receipt;
use crate::plan::Digest;

/// What the outside tells a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A worker took the run over: attempts of tasks that were running are lost, sub-workflows are not, and what is wanted
    /// from outside is wanted again.
    Recovered,
    /// The worker stops in good order: attempts that are running are given back.
    Released,
    /// An attempt of a task ended: its answer as JSON text, or why it failed.
    AttemptEnded {
        /// Where.
        place: Place,
        /// Which attempt; an answer of an older one changes nothing.
        attempt: u32,
        /// JSON text of the task's output type, or the failure.
        result: Result<Arc<str>, Failure>,
        /// What it used.
        receipt: Receipt,
    },
    /// A sub-workflow ended.
    ChildEnded {
        /// The place that started it.
        place: Place,
        /// Which attempt.
        attempt: u32,
        /// How.
        end: ChildEnd,
    },
    /// Time has passed.
    WakeUp,
    /// A signal; see [`super::Run::check_signal`], which says beforehand whether it is accepted.
    Signal(Signal),
    /// A decision; see [`super::Run::check_approval`], which says beforehand whether it is accepted.
    Approval(Approval),
    /// A lock that was asked for is held from now on; without a place, room among the runs with the same key.
    LockGranted {
        /// The place that asked.
        place: Option<Place>,
        /// What it holds.
        token: LockToken,
    },
    /// There is no room among the runs with the same key, and the run does not wait for it.
    ConcurrencyRefused,
    /// A start that was asked for is reserved.
    RateGranted {
        /// The place that asked.
        place: Place,
        /// When it may start.
        at: Millis,
    },
    /// Somebody wants the run to stop.
    Cancel {
        /// Who or why, for people.
        reason: Arc<str>,
    },
    /// The bytes of a pinned plugin cannot be had.
    PluginMissing {
        /// Where it is needed.
        place: Place,
        /// Which attempt.
        attempt: u32,
        /// The digest that is missing.
        digest: Digest,
    },
    /// Somebody says that a blocked run may go on.
    Unblock,
    /// Somebody decides about a place; see [`super::Run::check_resolve`], which says beforehand whether it is accepted.
    Resolve {
        /// Where.
        place: Place,
        /// How.
        how: Resolve,
    },
}

/// How a sub-workflow ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChildEnd {
    /// Well: its outputs as JSON text.
    Done(Arc<str>),
    /// Badly.
    Failed(Failure),
    /// Somebody cancelled it.
    Cancelled,
}

/// A signal to a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Its name in the world: the same again changes nothing.
    pub id: Arc<str>,
    /// The name that steps wait for.
    pub name: Arc<str>,
    /// What it says, as JSON text; `null` when there is nothing to say.
    pub payload: Arc<str>,
    /// Who sent it.
    pub by: Arc<str>,
    /// A word of theirs.
    pub note: Arc<str>,
}

/// A decision about a step that waits for an approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Its name in the world: the same again changes nothing.
    pub id: Arc<str>,
    /// What it is about.
    pub place: Place,
    /// What was decided.
    pub decision: Decision,
    /// Who decided.
    pub by: Arc<str>,
    /// A word of theirs.
    pub note: Arc<str>,
}

/// What somebody decides about a place whose outcome is unknown, or that could not be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolve {
    /// It is done, with this result as JSON text.
    Done(Arc<str>),
    /// It failed.
    Failed,
    /// It is tried again.
    Retry,
}
