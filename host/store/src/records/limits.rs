//! How large things may be, tested before anything is written.
//!
//! These are the store's own walls, far outside what the engine's limits let through. They keep a defect elsewhere from
//! growing the store or the memory of whoever reads it without bound.

use jackfield_flow::run::Millis;

use crate::{Commit, NewRun, StoreError, Summary, Wake};

/// One batch of events, in bytes.
pub const EVENTS_BYTES_MAX: usize = 32 << 20;
/// One payload or plan, in bytes: twice the largest output of a task.
pub const BLOB_BYTES_MAX: usize = 128 << 20;
/// Payloads in one commit.
pub const BLOBS_MAX: usize = 100_000;
/// All payloads of one commit, in bytes.
pub const BLOBS_BYTES_MAX: usize = 256 << 20;
/// Log chunks in one commit.
pub const LOG_CHUNKS_MAX: usize = 10_000;
/// One log chunk, in bytes: twice what is kept of an attempt.
pub const LOG_BYTES_MAX: usize = 2 << 20;
/// All log chunks of one commit, in bytes.
pub const LOGS_BYTES_MAX: usize = 64 << 20;
/// One savepoint, in bytes.
pub const SAVEPOINT_BYTES_MAX: usize = 64 << 20;
/// A workflow's or worker's name, or a client key, in bytes.
pub const NAME_BYTES_MAX: usize = 1024;
/// Runs in a page of a list.
pub const LIST_MAX: u32 = 500;
/// Log bytes in a page, before the chunk that crosses it.
pub const LOG_PAGE_BYTES: usize = 4 << 20;

/// A size within its limit, or why not.
pub(crate) fn within(what: &'static str, size: usize, limit: usize) -> Result<(), StoreError> {
    if size <= limit {
        return Ok(());
    }
    // Sizes of things in memory fit in 64 bits on every machine that can hold them.
    Err(StoreError::TooLarge { what, size: size as u64, limit: limit as u64 })
}

/// The sizes of a new run.
pub(crate) fn check_new(new: &NewRun) -> Result<(), StoreError> {
    within("a workflow's name", new.workflow.len(), NAME_BYTES_MAX)?;
    check_worker(new.worker.as_deref().unwrap_or_default())?;
    within("a client key", new.client_key.as_ref().map_or(0, |key| key.key.len()), NAME_BYTES_MAX)?;
    within("a plan", new.plan.bytes().len(), BLOB_BYTES_MAX)?;
    check_batch(&new.events, &new.blobs)?;
    check_summary(&new.summary)
}

/// The size of a worker's name.
pub(crate) fn check_worker(worker: &str) -> Result<(), StoreError> {
    within("a worker's name", worker.len(), NAME_BYTES_MAX)
}

/// The sizes of a commit.
pub(crate) fn check_commit(commit: &Commit) -> Result<(), StoreError> {
    check_batch(&commit.events, &commit.blobs)?;
    within("the number of log chunks", commit.logs.len(), LOG_CHUNKS_MAX)?;
    for chunk in &commit.logs {
        within("a log chunk", chunk.bytes.len(), LOG_BYTES_MAX)?;
    }
    within("all log chunks of a commit", commit.logs.iter().map(|chunk| chunk.bytes.len()).sum(), LOGS_BYTES_MAX)?;
    within("a savepoint", commit.savepoint.as_ref().map_or(0, |savepoint| savepoint.data.len()), SAVEPOINT_BYTES_MAX)?;
    check_summary(&commit.summary)
}

fn check_batch(events: &[u8], blobs: &[crate::Blob]) -> Result<(), StoreError> {
    if events.is_empty() {
        return Err(StoreError::Malformed("a batch without events"));
    }
    within("a batch of events", events.len(), EVENTS_BYTES_MAX)?;
    within("the number of payloads", blobs.len(), BLOBS_MAX)?;
    blobs.iter().try_for_each(|blob| within("a payload", blob.bytes().len(), BLOB_BYTES_MAX))?;
    within("all payloads of a commit", blobs.iter().map(|blob| blob.bytes().len()).sum(), BLOBS_BYTES_MAX)
}

fn check_summary(summary: &Summary) -> Result<(), StoreError> {
    if summary.steps_done > summary.steps_total {
        return Err(StoreError::Malformed("more steps done than there are"));
    }
    match summary.wake {
        Some(_) if summary.state.is_finished() => Err(StoreError::Malformed("a finished run that wants to be woken")),
        None if !summary.state.is_finished() => Err(StoreError::Malformed("an unfinished run that nothing wakes")),
        Some(Wake::At(Millis(i64::MIN))) => Err(StoreError::Malformed("a wake-up at the beginning of time: say that the run is ready")),
        _ => Ok(()),
    }
}
