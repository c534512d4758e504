//! Keeps runs and hands them back; decides nothing.
//!
//! A run is a row, a plan, and a list of event batches. The worker *claims* a run, which gives it a fence; *loads* it; and
//! *commits* one batch after the other under that fence. What a commit carries (events, payloads, logs, savepoints, the row's
//! summary, released locks) is stored whole or not at all, and is on stable storage before it is acknowledged.
//!
//! - [`Store`]: the operations, some twenty, and the [data types](self#structs) they speak.
//! - [`SqliteStore`]: one file, one writer thread, group commit, readers beside it.
//! - [`MemoryStore`]: the same rules without a disk, and stricter, for tests.
//! - [`FaultStore`]: any store, failing at a chosen write, for crash-at-every-write tests.
//! - `conformance` (with the feature of that name): one suite that every store has to pass.
//!
//! The crate knows nothing of what events mean: they are bytes to it. It never asks for the time; every operation that needs
//! it is told.

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod error;
mod faults;
mod memory;
mod records;
mod sqlite;
mod store;

pub use error::{Refusal, StoreError};
pub use faults::{Fault, FaultStore, Then, When};
pub use memory::MemoryStore;
pub use records::{
    Acquired, Batch, Blob, CacheWrite, Claimed, ClientKey, Commit, Created, Depth, ExportedBlob, ExportedLog, ExportedRun, Family, Health,
    Label, ListPage, ListQuery, LockHolder, LockQuery, LockRequest, LogChunk, LogPage, LogPos, LogQuery, NewRun, Place, PruneQuery, Pruned,
    RateRequest, Relabel, RunRow, RunState, Savepoint, SavepointWrite, StoredRun, Summary, Wake, Wakeup, check_labels, limits,
};
pub use sqlite::{Durability, OpenMode, Owner, SqliteStore};
pub use store::{Reply, Store};
