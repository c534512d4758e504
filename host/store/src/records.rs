//! What goes into a store and comes out of it.

pub mod limits;
mod read;
mod run;
mod write;

pub use read::{Depth, Health, ListPage, ListQuery, LogPage, LogPos, LogQuery, Pruned, Wakeup};
pub use run::{Batch, RunRow, RunState, StoredRun, Summary, Wake};
pub use write::{Blob, Claimed, ClientKey, Commit, Created, LogChunk, NewRun, Place, Savepoint, SavepointWrite};
