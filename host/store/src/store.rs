//! What every store can do.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Millis, RunId};

use crate::{
    Acquired, Claimed, Commit, Created, Depth, ExportedRun, Health, ListPage, ListQuery, LockHolder, LockQuery, LockRequest, LogPage,
    LogQuery, NewRun, Place, PruneQuery, Pruned, RateRequest, Relabel, RunRow, Savepoint, StoreError, StoredRun, Wakeup,
};

/// An answer on its way. Dropping it does not take a write back.
pub type Reply<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Keeps runs and hands them back; decides nothing.
///
/// Every write is atomic and durable when it is answered with `Ok`. After [`StoreError::Unknown`] nobody knows yet, and the
/// caller has to load the run again before it writes; after any other error nothing was written.
///
/// Writes are queued when the method is called, not when its answer is first polled, so that two commits of one run arrive
/// in the order of the calls. Each has a caller who waits for it, and so the callers bound the queue; when far too much waits,
/// a write is refused with [`StoreError::Busy`].
///
/// The futures of the SQLite store need a Tokio runtime, with no particular feature of it.
pub trait Store: Send + Sync {
    /// Starts a run: its row, its plan and its first batch (number 1) in one commit.
    ///
    /// # Errors
    /// [`StoreError::KeyConflict`] when the client key was used with another input; then [`StoreError::UidTaken`] when a run with
    /// this uid is here, and [`StoreError::NotFound`] when the parent is not; [`StoreError::TooLarge`], [`StoreError::BadLabel`].
    fn create(&self, new: NewRun) -> Reply<'_, Created>;

    /// Makes `worker` the owner of a run and raises its fence, so that the writes of any earlier owner are refused.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::AlreadyFinished`].
    fn claim(&self, run: RunId, worker: Arc<str>, now: Millis) -> Reply<'_, Claimed>;

    /// Claims at most `limit` runs that are unfinished, not already owned by `worker`, and due: they are ready (their last owner
    /// died, or nobody ever had them), or their wake-up time is not after `now`. Ready ones come first, then those due longest. A
    /// run that only a message wakes is never due.
    fn claim_due(&self, worker: Arc<str>, now: Millis, limit: u32) -> Reply<'_, Vec<Claimed>>;

    /// Every unfinished run and what wakes it, in the order of their ids: what a worker asks once, at its start, and what an
    /// auditor compares with the sources that are named.
    fn wakeups(&self) -> Reply<'_, Vec<Wakeup>>;

    /// A run with its plan and all its batches, each checked.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Damaged`] names the batch that cannot be trusted, and concerns this run only.
    fn load(&self, run: RunId) -> Reply<'_, StoredRun>;

    /// Appends a batch to a run, with everything that follows from it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::StaleFence`], [`StoreError::AlreadyFinished`], [`StoreError::WrongSeq`], tested in
    /// this order; [`StoreError::TooLarge`], [`StoreError::Full`].
    fn commit(&self, commit: Commit) -> Reply<'_, ()>;

    /// A payload by its digest, checked.
    ///
    /// # Errors
    /// [`StoreError::NoBlob`], [`StoreError::DamagedBlob`].
    fn blob(&self, digest: Digest) -> Reply<'_, Arc<[u8]>>;

    /// The savepoint of a step or item, if it has one.
    ///
    /// # Errors
    /// [`StoreError::DamagedPart`]. An unknown run has no savepoints.
    fn savepoint(&self, run: RunId, place: Place) -> Reply<'_, Option<Savepoint>>;

    /// A page of stored logs, ordered by step, item, attempt and time.
    ///
    /// # Errors
    /// [`StoreError::DamagedPart`]. An unknown run has no logs.
    fn logs(&self, query: LogQuery) -> Reply<'_, LogPage>;

    /// Lets a run hold a lock, or tells who holds it. Whoever holds it already gets the same token again. It is held until a
    /// commit of the run releases it or ends the run.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::StaleFence`], [`StoreError::AlreadyFinished`], tested in this order;
    /// [`StoreError::TooLarge`] when the run holds too many.
    fn acquire(&self, request: LockRequest) -> Reply<'_, Acquired>;

    /// Who holds which locks, the lowest token first; at most [`LOCKS_LISTED_MAX`](crate::limits::LOCKS_LISTED_MAX).
    fn locks(&self, query: LockQuery) -> Reply<'_, Vec<LockHolder>>;

    /// Reserves a start under a rate, and answers its instant: now or later. A start that was reserved and not made is lost, which
    /// harms nobody.
    fn reserve(&self, request: RateRequest) -> Reply<'_, Millis>;

    /// A result that a commit put into the cache, if it is still there. A damaged one is not.
    fn cached(&self, key: Digest) -> Reply<'_, Option<Arc<[u8]>>>;

    /// Changes the labels of a run, whoever owns it and whether or not it has ended.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::TooLarge`], [`StoreError::BadLabel`].
    fn relabel(&self, change: Relabel) -> Reply<'_, ()>;

    /// A run with all its parts, as of one moment, each checked.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::TooLarge`] for a run that is larger than
    /// [`RUN_BYTES_MAX`](crate::limits::RUN_BYTES_MAX); what is damaged is named, and nothing is exported.
    fn export(&self, run: RunId) -> Reply<'_, ExportedRun>;

    /// Stores a run that was exported elsewhere, in one transaction. It gets a new number; an unfinished one has no owner. Unlike
    /// other writes, it is queued when its answer is first polled: it has to be checked before.
    ///
    /// # Errors
    /// [`StoreError::UidTaken`] when it is already here; [`StoreError::DamagedBlob`], [`StoreError::Malformed`],
    /// [`StoreError::TooLarge`], [`StoreError::BadLabel`].
    fn import(&self, run: ExportedRun) -> Reply<'_, RunId>;

    /// What lists show of a run.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    fn row(&self, run: RunId) -> Reply<'_, RunRow>;

    /// A page of runs, newest first.
    fn list(&self, query: ListQuery) -> Reply<'_, ListPage>;

    /// Forgets finished runs, those first that ended first, and gives their space back, in small bites between which other writes
    /// proceed.
    fn prune(&self, query: PruneQuery) -> Reply<'_, Pruned>;

    /// How the store is. [`Depth::Check`] reads the whole store.
    ///
    /// # Errors
    /// [`StoreError::DamagedFile`] when a check found something.
    fn health(&self, depth: Depth) -> Reply<'_, Health>;
}
