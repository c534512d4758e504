//! How large things may be, tested before anything is written.
//!
//! These are the store's own walls, far outside what the engine's limits let through. They keep a defect elsewhere from
//! growing the store or the memory of whoever reads it without bound.

use std::collections::BTreeSet;

use jackfield_flow::run::Millis;

use crate::records::label::check_labels;
use crate::{Commit, ExportedRun, LockRequest, NewRun, RateRequest, Relabel, StoreError, Summary, Wake};

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
/// Labels of a run.
pub const LABELS_MAX: usize = 32;
/// A label's key, in bytes.
pub const LABEL_KEY_BYTES_MAX: usize = 64;
/// A label's value, in bytes.
pub const LABEL_VALUE_BYTES_MAX: usize = 256;
/// The longest time a run can ask to be kept: a thousand years.
pub const RETAIN_MS_MAX: u64 = 1_000 * 366 * 24 * 3_600_000;
/// Permits of a lock, and so its holders: whoever is turned away is told all of them.
pub const PERMITS_MAX: u32 = 1_000;
/// Locks that a run may hold at a time.
pub const LOCKS_OF_RUN_MAX: usize = 4_096;
/// Holders that one question for locks is answered with, those with the lowest tokens.
pub const LOCKS_LISTED_MAX: usize = 10_000;
/// Places that one commit may release.
pub const RELEASES_MAX: usize = 100_000;
/// The longest time over which a rate counts: a leap year.
pub const RATE_PER_MS_MAX: u64 = 366 * 24 * 3_600_000;
/// A rate that has said nothing for so long is forgotten.
pub const RATE_IDLE_MS: u64 = 3_600_000;
/// Results in the cache.
pub const CACHE_ENTRIES_MAX: usize = 100_000;
/// All results in the cache, in bytes.
pub const CACHE_BYTES_MAX: usize = 256 << 20;
/// One result in the cache, in bytes; a larger one is not kept.
pub const CACHE_VALUE_BYTES_MAX: usize = 4 << 20;
/// Results that one commit may add.
pub const CACHE_WRITES_MAX: usize = 1_000;
/// Results that make room in one commit.
pub const CACHE_BITE: usize = 256;
/// A run that is exported or imported, in bytes: all its parts, and 64 for each of them.
pub const RUN_BYTES_MAX: usize = 256 << 20;
/// Runs in a page of a list.
pub const LIST_MAX: u32 = 500;
/// Log bytes in a page, before the chunk that crosses it.
pub const LOG_PAGE_BYTES: usize = 4 << 20;

/// A size within its limit, or why not.
pub(crate) fn within(what: &'static str, size: usize, limit: usize) -> Result<(), StoreError> {
    // Sizes of things in memory fit in 64 bits on every machine that can hold them.
    at_most(what, size as u64, limit as u64)
}

/// A number within its limit, or why not.
fn at_most(what: &'static str, size: u64, limit: u64) -> Result<(), StoreError> {
    if size <= limit { Ok(()) } else { Err(StoreError::TooLarge { what, size, limit }) }
}

/// The sizes of a new run.
pub(crate) fn check_new(new: &NewRun) -> Result<(), StoreError> {
    within("a workflow's name", new.workflow.len(), NAME_BYTES_MAX)?;
    check_worker(new.worker.as_deref().unwrap_or_default())?;
    within("a client key", new.client_key.as_ref().map_or(0, |key| key.key.len()), NAME_BYTES_MAX)?;
    within("a plan", new.plan.bytes().len(), BLOB_BYTES_MAX)?;
    check_labels(&new.labels)?;
    check_retention(new.retain_ms)?;
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
    within("the number of releases", commit.release.len(), RELEASES_MAX)?;
    within("the number of results for the cache", commit.cache.len(), CACHE_WRITES_MAX)?;
    within("all results for the cache", commit.cache.iter().map(|write| write.value.len()).sum(), BLOBS_BYTES_MAX)?;
    check_summary(&commit.summary)
}

/// The bounds of a request for a lock.
pub(crate) fn check_lock(request: &LockRequest) -> Result<(), StoreError> {
    within("a lock's name", request.name.len(), NAME_BYTES_MAX)?;
    if request.permits == 0 {
        return Err(StoreError::Malformed("a lock with no permits, which nobody could hold"));
    }
    within("the permits of a lock", request.permits as usize, PERMITS_MAX as usize)
}

/// The bounds of a request for a start.
pub(crate) fn check_rate(request: &RateRequest) -> Result<(), StoreError> {
    within("a rate's name", request.name.len(), NAME_BYTES_MAX)?;
    if request.limit == 0 || request.per_ms == 0 || request.burst == 0 || request.burst > request.limit {
        return Err(StoreError::Malformed("a rate without a limit or a time, or with a burst that is 0 or more than its limit"));
    }
    at_most("the time of a rate, in milliseconds,", request.per_ms, RATE_PER_MS_MAX)
}

/// The bounds of a change of labels.
pub(crate) fn check_relabel(change: &Relabel) -> Result<(), StoreError> {
    within("the number of labels to remove", change.remove.len(), LABELS_MAX)?;
    check_labels(&change.set)
}

/// The bounds of a whole run and its numbers. Its digests are checked where its payloads are taken out of it.
pub(crate) fn check_import(run: &ExportedRun) -> Result<(), StoreError> {
    within("a run to import", run.size(), RUN_BYTES_MAX)?;
    within("a workflow's name", run.workflow.len(), NAME_BYTES_MAX)?;
    check_labels(&run.labels)?;
    check_retention(run.retain_ms)?;
    check_summary(&run.summary)?;
    if run.batches.is_empty() || !run.batches.iter().map(|batch| batch.seq).eq(1..=run.batches.len() as u64) {
        return Err(StoreError::Malformed("a run whose batches are not numbered from 1, none missing and none twice"));
    }
    for batch in &run.batches {
        check_events(&batch.events)?;
    }
    for blob in run.blobs.iter().chain([&run.plan]) {
        within("a payload or plan", blob.bytes.len(), BLOB_BYTES_MAX)?;
    }
    check_logs_of(run)?;
    let mut places = BTreeSet::new();
    for savepoint in &run.savepoints {
        within("a savepoint", savepoint.data.len(), SAVEPOINT_BYTES_MAX)?;
        if !places.insert(savepoint.place) {
            return Err(StoreError::Malformed("two savepoints of one place"));
        }
    }
    Ok(())
}

fn check_logs_of(run: &ExportedRun) -> Result<(), StoreError> {
    let mut places = BTreeSet::new();
    for log in &run.logs {
        within("a log chunk", log.bytes.len(), LOG_BYTES_MAX)?;
        if log.seq == 0 || log.seq > run.batches.len() as u64 {
            return Err(StoreError::Malformed("a log that came with no batch of its run"));
        }
        if !places.insert((log.place, log.attempt, log.seq, log.part)) {
            return Err(StoreError::Malformed("two log chunks in one place"));
        }
    }
    Ok(())
}

fn check_retention(retain_ms: Option<u64>) -> Result<(), StoreError> {
    at_most("the time to keep a run, in milliseconds,", retain_ms.unwrap_or(0), RETAIN_MS_MAX)
}

fn check_batch(events: &[u8], blobs: &[crate::Blob]) -> Result<(), StoreError> {
    check_events(events)?;
    within("the number of payloads", blobs.len(), BLOBS_MAX)?;
    blobs.iter().try_for_each(|blob| within("a payload", blob.bytes().len(), BLOB_BYTES_MAX))?;
    within("all payloads of a commit", blobs.iter().map(|blob| blob.bytes().len()).sum(), BLOBS_BYTES_MAX)
}

fn check_events(events: &[u8]) -> Result<(), StoreError> {
    if events.is_empty() {
        return Err(StoreError::Malformed("a batch without events"));
    }
    within("a batch of events", events.len(), EVENTS_BYTES_MAX)
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
