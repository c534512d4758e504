//! What is written.

use std::sync::Arc;

pub use jackfield_flow::checkpoint::Blob;
use jackfield_flow::plan::Digest;
pub use jackfield_flow::run::Place;
use jackfield_flow::run::{Fence, Millis, RunId, RunUid};

use crate::{Label, Summary};

/// A run to be started.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// Its name everywhere.
    pub uid: RunUid,
    /// The name of its workflow.
    pub workflow: Arc<str>,
    /// Its plan, stored once for all runs that have it.
    pub plan: Blob,
    /// The first batch, number 1.
    pub events: Vec<u8>,
    /// The payloads that the events name.
    pub blobs: Vec<Blob>,
    /// What lists show of it.
    pub summary: Summary,
    /// The time.
    pub at: Millis,
    /// The worker that owns it at once, with fence 1. Without one the run waits to be claimed.
    pub worker: Option<Arc<str>>,
    /// What makes starting it twice harmless.
    pub client_key: Option<ClientKey>,
    /// What people want to find it by; each key once.
    pub labels: Vec<Label>,
    /// The run that starts it; it must exist. A run with a parent is forgotten with it, and not before.
    pub parent: Option<RunId>,
    /// How long it wants to be kept after its end; without one, until somebody prunes by time.
    pub retain_ms: Option<u64>,
}

/// A caller's own name for a start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientKey {
    /// The name.
    pub key: Arc<str>,
    /// The digest of everything that must be the same for it to be the same start: workflow and inputs.
    pub input: Digest,
}

/// The answer to a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// The run was started.
    New {
        /// Its number.
        run: RunId,
        /// 1 when a worker was named, else 0.
        fence: Fence,
    },
    /// The same key and input had already started this run; nothing was written.
    Existing {
        /// Its number.
        run: RunId,
    },
}

impl Created {
    /// The run, new or not.
    pub fn run(self) -> RunId {
        match self {
            Self::New { run, .. } | Self::Existing { run } => run,
        }
    }
}

/// Ownership of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The run.
    pub run: RunId,
    /// What every write of the owner has to carry.
    pub fence: Fence,
}

/// One batch and everything that follows from it; stored whole or not at all.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The run.
    pub run: RunId,
    /// The owner's fence.
    pub fence: Fence,
    /// The number of this batch: exactly one more than the last.
    pub seq: u64,
    /// The batch; never empty.
    pub events: Vec<u8>,
    /// The payloads that these events name. One that is already stored is not stored again, but it must be listed: that
    /// is how the store knows that this run needs it.
    pub blobs: Vec<Blob>,
    /// What lists show of the run from now on.
    pub summary: Summary,
    /// Log output to keep.
    pub logs: Vec<LogChunk>,
    /// A savepoint to keep; it replaces the one of the same place.
    pub savepoint: Option<SavepointWrite>,
    /// Places whose savepoint is not needed any more. Those that have none are ignored.
    pub drop_savepoints: Vec<Place>,
    /// Places, or the run as a whole, that let go of every lock they hold. Those that hold none are ignored. A commit that
    /// ends the run releases all that the run holds.
    pub release: Vec<Option<Place>>,
    /// Results to remember.
    pub cache: Vec<CacheWrite>,
    /// The time.
    pub at: Millis,
}

/// A result to be remembered beyond its run, for whoever asks with the same key.
///
/// The first write of a key wins. A cache may forget and may decline: it is bounded by
/// [`CACHE_ENTRIES_MAX`](crate::limits::CACHE_ENTRIES_MAX) and [`CACHE_BYTES_MAX`](crate::limits::CACHE_BYTES_MAX), the oldest
/// entries make room, a few a commit, and what does not fit then is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheWrite {
    /// The digest of everything the result follows from.
    pub key: Digest,
    /// The result.
    pub value: Arc<[u8]>,
}

/// A piece of an attempt's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogChunk {
    /// Where it was written.
    pub place: Place,
    /// The attempt, from 1.
    pub attempt: u32,
    /// The bytes, as they were written.
    pub bytes: Vec<u8>,
}

/// A savepoint to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavepointWrite {
    /// Whose it is.
    pub place: Place,
    /// The attempt that saved it, from 1.
    pub attempt: u32,
    /// The task's own bytes.
    pub data: Vec<u8>,
}

/// A stored savepoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Savepoint {
    /// The attempt that saved it.
    pub attempt: u32,
    /// The task's own bytes.
    pub data: Vec<u8>,
}
