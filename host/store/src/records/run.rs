//! A run as it is kept.

use std::sync::Arc;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Fence, Millis, RunId, RunUid};

use crate::Label;

/// What a run is doing, as lists show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunState {
    /// Not started.
    Waiting,
    /// Somewhere between its first step and its end.
    Running,
    /// It needs a plugin or a decision.
    Blocked,
    /// Ended with its outputs.
    Done,
    /// Ended without.
    Failed,
    /// Ended because somebody asked for it.
    Cancelled,
}

impl RunState {
    /// All states, in the order of their codes.
    pub const ALL: [Self; 6] = [Self::Waiting, Self::Running, Self::Blocked, Self::Done, Self::Failed, Self::Cancelled];

    /// The word people see.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Blocked => "blocked",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The number that is stored. A number is never given a second meaning, and those of unfinished states are below 10.
    pub fn code(self) -> u8 {
        match self {
            Self::Waiting => 0,
            Self::Running => 1,
            Self::Blocked => 2,
            Self::Done => 10,
            Self::Failed => 11,
            Self::Cancelled => 12,
        }
    }

    /// The state that is stored as this number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether the run has ended. An ended run never changes.
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// What wakes an unfinished run. Each has one: a run that nothing wakes would be lost, and cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Nothing has to happen first: it is under way, or would be if it had an owner.
    Ready,
    /// The time, unless a message comes before it.
    At(Millis),
    /// A message from outside and nothing else: a signal, a child's end, a lock's release, a decision.
    Message,
}

/// What lists show of a run; written with every commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// What the run is doing.
    pub state: RunState,
    /// What wakes the run; `None` exactly when it is finished.
    pub wake: Option<Wake>,
    /// Steps that have ended.
    pub steps_done: u32,
    /// Steps of the plan.
    pub steps_total: u32,
}

/// What lists show of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    /// The run's number in this store.
    pub run: RunId,
    /// The run's name everywhere.
    pub uid: RunUid,
    /// The name of its workflow.
    pub workflow: Arc<str>,
    /// The digest of its plan.
    pub plan: Digest,
    /// As of its last batch.
    pub summary: Summary,
    /// How often it has been claimed.
    pub fence: Fence,
    /// The number of its last batch.
    pub seq: u64,
    /// Who claimed it last.
    pub worker: Option<Arc<str>>,
    /// Its labels, by key.
    pub labels: Vec<Label>,
    /// The run that started it.
    pub parent: Option<RunId>,
    /// How long it wants to be kept after its end.
    pub retain_ms: Option<u64>,
    /// When it was created.
    pub created_at: Millis,
    /// The time of its last batch; for a finished run, when it ended.
    pub changed_at: Millis,
}

/// One batch of events, as it was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its number; the first is 1, and none is missing.
    pub seq: u64,
    /// Its bytes.
    pub events: Vec<u8>,
}

/// Everything needed to resume a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRun {
    /// The row, as of the last of `batches`.
    pub row: RunRow,
    /// The bytes of its plan.
    pub plan: Arc<[u8]>,
    /// All batches, in order.
    pub batches: Vec<Batch>,
}
