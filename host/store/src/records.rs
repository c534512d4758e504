//! What goes into a store and comes out of it.

mod label;
pub mod limits;
mod lock;
mod rate;
mod read;
mod run;
mod whole;
mod write;

pub use label::{Label, Relabel, check_labels};
pub use lock::{Acquired, LockHolder, LockQuery, LockRequest};
pub use rate::RateRequest;
pub(crate) use rate::{idle_before, reserve};
pub use read::{Depth, Family, Health, ListPage, ListQuery, LogPage, LogPos, LogQuery, PruneQuery, Pruned, Wakeup};
pub use run::{Batch, RunRow, RunState, StoredRun, Summary, Wake};
pub(crate) use whole::part_size;
pub use whole::{ExportedBlob, ExportedLog, ExportedRun};
pub use write::{Blob, CacheWrite, Claimed, ClientKey, Commit, Created, LogChunk, NewRun, Place, Savepoint, SavepointWrite};
