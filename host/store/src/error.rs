//! What can go wrong, each with what was seen and what to do.

use std::path::PathBuf;
use std::sync::Arc;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Fence, RunId};

use crate::{Owner, Place, RunState};

/// Why a store refused or failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no such run.
    #[error("run {run} does not exist in this store")]
    NotFound {
        /// The run that was asked for.
        run: RunId,
    },
    /// Another worker has claimed the run since.
    #[error("run {run}: write refused, its fence is {current} and the write carries {}: another worker owns the run now", fence.0, current = current.0)]
    StaleFence {
        /// The run.
        run: RunId,
        /// The fence the write carried.
        fence: Fence,
        /// The fence the run has.
        current: Fence,
    },
    /// The batch is not the next one.
    #[error("run {run}: batch {seq} refused, the next one is {expected}: load the run again")]
    WrongSeq {
        /// The run.
        run: RunId,
        /// The number the commit carried.
        seq: u64,
        /// The only number that would have been accepted.
        expected: u64,
    },
    /// The first end state wins, for ever.
    #[error("run {run} is already {}: a finished run does not change", state.name())]
    AlreadyFinished {
        /// The run.
        run: RunId,
        /// How it ended.
        state: RunState,
    },
    /// The client key belongs to a run with another input.
    #[error("client key `{key}` was already used for run {run} with another input: use a new key, or the same input")]
    KeyConflict {
        /// The key.
        key: Arc<str>,
        /// The run that was started with it.
        run: RunId,
    },
    /// The uid names a run that is already here.
    #[error("run {run} of this store has the same uid already: a run is started or imported once")]
    UidTaken {
        /// The run that has it.
        run: RunId,
    },
    /// A label that cannot be stored.
    #[error("label `{key}` refused: {why}")]
    BadLabel {
        /// Its key.
        key: Arc<str>,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A batch or the plan of a run cannot be trusted.
    #[error("run {run} is damaged: {}; other runs are not affected", damaged_part(*seq))]
    Damaged {
        /// The run.
        run: RunId,
        /// The batch that failed its check or is missing; 0 means the plan.
        seq: u64,
    },
    /// A savepoint or a log cannot be trusted.
    #[error("run {run}, step {}: its {what} is damaged (the checksum does not match)", place.step)]
    DamagedPart {
        /// The run.
        run: RunId,
        /// The step and item.
        place: Place,
        /// `savepoint` or `log`.
        what: &'static str,
    },
    /// No payload has this digest.
    #[error("payload {digest} is not in this store")]
    NoBlob {
        /// The digest that was asked for.
        digest: Digest,
    },
    /// The stored payload does not have its digest any more.
    #[error("payload {digest} is damaged: the stored bytes have another digest")]
    DamagedBlob {
        /// The digest that was asked for.
        digest: Digest,
    },
    /// Something is larger than the store takes.
    #[error("{what} of {size} refused: the limit is {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size, in bytes or entries.
        size: u64,
        /// The limit, in the same unit.
        limit: u64,
    },
    /// Too much waits to be written. Nothing of this write was stored.
    #[error("write refused: {writes} writes of {bytes} bytes wait already; wait for some of them, then try again")]
    Busy {
        /// Writes that wait.
        writes: usize,
        /// Their bytes.
        bytes: u64,
    },
    /// A request that no caller should make: a count above its total, an empty batch.
    #[error("write refused: {0}")]
    Malformed(&'static str),
    /// No space is left. Nothing of the write was stored, and nothing stored before is lost.
    #[error("no space left for {}: free some or prune finished runs, then try again ({detail})", path.display())]
    Full {
        /// The database file.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// A newer program wrote this store.
    #[error("{} has schema {found}, newer than {supported}, the newest this program knows: use the newer program", path.display())]
    Newer {
        /// The database file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The newest that is supported.
        supported: i64,
    },
    /// An older program wrote this store, and it was to be read only.
    #[error("{} has schema {found}, older than {needed}: start the engine on it once, which upgrades it", path.display())]
    Older {
        /// The database file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The one that is needed for reading.
        needed: i64,
    },
    /// The file belongs to another product.
    #[error("{} is a database of another program (application id {found:#010x}): choose another data directory", path.display())]
    Foreign {
        /// The database file.
        path: PathBuf,
        /// Its application id.
        found: i64,
    },
    /// The store as a whole cannot be trusted.
    #[error("{} is damaged: {detail}; keep the files and restore a backup", path.display())]
    DamagedFile {
        /// The file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// Another engine runs on this data directory.
    #[error("{} is in use by {owner}: stop that engine, or choose another data directory", path.display())]
    Locked {
        /// The data directory.
        path: PathBuf,
        /// Who holds the lock.
        owner: Owner,
    },
    /// The file system does not keep locks.
    #[error("{} is on a file system whose locks do not exclude: put the data directory on a local disk", path.display())]
    LockUnreliable {
        /// The data directory.
        path: PathBuf,
    },
    /// Somebody else could change the files.
    #[error("{} refused: {why}; {fix}", path.display())]
    Unsafe {
        /// The file or directory.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
        /// What to do.
        fix: &'static str,
    },
    /// A reader was asked for a store that does not exist.
    #[error("there is no store in {}", path.display())]
    Absent {
        /// The data directory.
        path: PathBuf,
    },
    /// The SQLite library can lose committed pages.
    #[error("SQLite {found} is too old: {needed} or newer is needed, older ones can lose committed data")]
    OldLibrary {
        /// The version of the library.
        found: &'static str,
        /// The oldest that is accepted.
        needed: &'static str,
    },
    /// A store that was opened for reading was asked to write.
    #[error("this store was opened for reading")]
    ReadOnly,
    /// The store was closed, or its writer ended.
    #[error("the store is closed")]
    Closed,
    /// The operation failed and nothing was written.
    #[error("{what}: {detail}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// What the system said.
        detail: String,
    },
    /// The write may or may not be stored. Load the run again before writing to it.
    #[error("{what}: {detail}; whether it was stored is not known, load the run again")]
    Unknown {
        /// What was being done.
        what: &'static str,
        /// What the system said.
        detail: String,
    },
}

/// The kinds of [`StoreError`] that callers treat alike; the border maps them to exit codes and HTTP statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// What was named does not exist.
    Absent,
    /// The write lost against another write or an earlier decision.
    Conflict,
    /// A limit, a lock, a permission or a version says no.
    Refused,
    /// No space is left.
    Full,
    /// Stored bytes cannot be trusted.
    Damaged,
    /// The disk, the file system or the library failed.
    Storage,
}

impl StoreError {
    /// What kind of refusal this is.
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::NotFound { .. } | Self::NoBlob { .. } | Self::Absent { .. } => Refusal::Absent,
            Self::StaleFence { .. }
            | Self::WrongSeq { .. }
            | Self::AlreadyFinished { .. }
            | Self::KeyConflict { .. }
            | Self::UidTaken { .. } => Refusal::Conflict,
            Self::TooLarge { .. }
            | Self::Busy { .. }
            | Self::Malformed(_)
            | Self::BadLabel { .. }
            | Self::Newer { .. }
            | Self::Older { .. }
            | Self::Foreign { .. }
            | Self::Locked { .. }
            | Self::LockUnreliable { .. }
            | Self::Unsafe { .. }
            | Self::OldLibrary { .. }
            | Self::ReadOnly => Refusal::Refused,
            Self::Full { .. } => Refusal::Full,
            Self::Damaged { .. } | Self::DamagedPart { .. } | Self::DamagedBlob { .. } | Self::DamagedFile { .. } => Refusal::Damaged,
            Self::Closed | Self::Io { .. } | Self::Unknown { .. } => Refusal::Storage,
        }
    }
}

/// Batch 0 is how an error names the plan.
fn damaged_part(seq: u64) -> String {
    if seq == 0 {
        "its plan does not match its digest".to_owned()
    } else {
        format!("batch {seq} is missing or does not match its checksum")
    }
}
