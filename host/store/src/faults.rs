//! A store that fails at a chosen write.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Millis, RunId};

use crate::{
    Acquired, Claimed, Commit, Created, Depth, ExportedRun, Health, ListPage, ListQuery, LockHolder, LockQuery, LockRequest, LogPage,
    LogQuery, NewRun, Place, PruneQuery, Pruned, RateRequest, Relabel, Reply, RunRow, Savepoint, Store, StoreError, StoredRun, Wakeup,
};

/// On which side of a write the fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Nothing is written: [`StoreError::Io`].
    Before,
    /// It is written, but the caller is not told: [`StoreError::Unknown`].
    After,
    /// Nothing is written, because the disk is full: [`StoreError::Full`].
    Full,
}

/// What becomes of the store after its fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Every later call is refused with [`StoreError::Closed`], as if the process had died.
    Down,
    /// It goes on as if nothing had been.
    Up,
}

/// One fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The write that fails, counted from 1.
    pub nth: u64,
    /// On which side of it.
    pub when: When,
    /// What becomes of the store.
    pub then: Then,
}

/// Any store, failing once at a chosen write.
///
/// Writes are `create`, `claim`, `claim_due`, `commit`, `acquire`, `reserve`, `relabel`, `import` and `prune`. To crash at
/// every write of a scenario: run it once without a fault, read [`writes`](Self::writes), then run it once for each number.
pub struct FaultStore {
    inner: Arc<dyn Store>,
    fault: Mutex<Option<Fault>>,
    writes: AtomicU64,
    down: AtomicBool,
}

impl FaultStore {
    /// A store that fails as told, or never.
    pub fn new(inner: Arc<dyn Store>, fault: Option<Fault>) -> Self {
        Self { inner, fault: Mutex::new(fault), writes: AtomicU64::new(0), down: AtomicBool::new(false) }
    }

    /// How many writes were asked for so far, failed ones included.
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }

    /// Whether the fault has struck.
    pub fn struck(&self) -> bool {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|fault| fault.nth <= self.writes())
    }

    /// Refuses every later call, as if the process had died.
    pub fn take_down(&self) {
        self.down.store(true, Ordering::SeqCst);
    }

    /// Whether every call is refused.
    pub fn is_down(&self) -> bool {
        self.down.load(Ordering::SeqCst)
    }

    /// Counts a write and says whether the fault strikes it.
    fn count(&self) -> Option<When> {
        let nth = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        let fault = (*self.fault.lock().unwrap_or_else(PoisonError::into_inner))?;
        if fault.nth != nth {
            return None;
        }
        if fault.then == Then::Down {
            self.down.store(true, Ordering::SeqCst);
        }
        Some(fault.when)
    }

    fn write<'a, T: Send + 'a>(&'a self, write: impl FnOnce(&'a dyn Store) -> Reply<'a, T>) -> Reply<'a, T> {
        if self.is_down() {
            return refused(StoreError::Closed);
        }
        match self.count() {
            None => write(&*self.inner),
            Some(When::Before) => refused(StoreError::Io { what: "planned fault", detail: "before the write".to_owned() }),
            Some(When::Full) => {
                refused(StoreError::Full { path: "planned-fault".into(), detail: "No space left on device (planned)".to_owned() })
            }
            Some(When::After) => {
                let done = write(&*self.inner);
                Box::pin(async move {
                    done.await?;
                    Err(StoreError::Unknown { what: "planned fault", detail: "after the write".to_owned() })
                })
            }
        }
    }

    fn read<'a, T: Send + 'a>(&'a self, read: impl FnOnce(&'a dyn Store) -> Reply<'a, T>) -> Reply<'a, T> {
        if self.is_down() { refused(StoreError::Closed) } else { read(&*self.inner) }
    }
}

fn refused<'a, T: Send + 'a>(error: StoreError) -> Reply<'a, T> {
    Box::pin(std::future::ready(Err(error)))
}

impl Store for FaultStore {
    fn create(&self, new: NewRun) -> Reply<'_, Created> {
        self.write(|store| store.create(new))
    }

    fn claim(&self, run: RunId, worker: Arc<str>, now: Millis) -> Reply<'_, Claimed> {
        self.write(|store| store.claim(run, worker, now))
    }

    fn claim_due(&self, worker: Arc<str>, now: Millis, limit: u32) -> Reply<'_, Vec<Claimed>> {
        self.write(|store| store.claim_due(worker, now, limit))
    }

    fn wakeups(&self) -> Reply<'_, Vec<Wakeup>> {
        self.read(|store| store.wakeups())
    }

    fn load(&self, run: RunId) -> Reply<'_, StoredRun> {
        self.read(|store| store.load(run))
    }

    fn commit(&self, commit: Commit) -> Reply<'_, ()> {
        self.write(|store| store.commit(commit))
    }

    fn blob(&self, digest: Digest) -> Reply<'_, Arc<[u8]>> {
        self.read(|store| store.blob(digest))
    }

    fn savepoint(&self, run: RunId, place: Place) -> Reply<'_, Option<Savepoint>> {
        self.read(|store| store.savepoint(run, place))
    }

    fn logs(&self, query: LogQuery) -> Reply<'_, LogPage> {
        self.read(|store| store.logs(query))
    }

    fn row(&self, run: RunId) -> Reply<'_, RunRow> {
        self.read(|store| store.row(run))
    }

    fn list(&self, query: ListQuery) -> Reply<'_, ListPage> {
        self.read(|store| store.list(query))
    }

    fn acquire(&self, request: LockRequest) -> Reply<'_, Acquired> {
        self.write(|store| store.acquire(request))
    }

    fn locks(&self, query: LockQuery) -> Reply<'_, Vec<LockHolder>> {
        self.read(|store| store.locks(query))
    }

    fn reserve(&self, request: RateRequest) -> Reply<'_, Millis> {
        self.write(|store| store.reserve(request))
    }

    fn cached(&self, key: Digest) -> Reply<'_, Option<Arc<[u8]>>> {
        self.read(|store| store.cached(key))
    }

    fn relabel(&self, change: Relabel) -> Reply<'_, ()> {
        self.write(|store| store.relabel(change))
    }

    fn export(&self, run: RunId) -> Reply<'_, ExportedRun> {
        self.read(|store| store.export(run))
    }

    fn import(&self, run: ExportedRun) -> Reply<'_, RunId> {
        self.write(|store| store.import(run))
    }

    fn prune(&self, query: PruneQuery) -> Reply<'_, Pruned> {
        self.write(|store| store.prune(query))
    }

    fn health(&self, depth: Depth) -> Reply<'_, Health> {
        self.read(|store| store.health(depth))
    }
}

#[cfg(test)]
mod tests {
    use jackfield_flow::run::{Fence, RunUid};

    use super::*;
    use crate::{Blob, MemoryStore, RunState, Summary, Wake};

    fn new_run() -> NewRun {
        NewRun {
            uid: RunUid([1; 16]),
            workflow: "w".into(),
            plan: Blob::new(*b"plan"),
            events: b"x".to_vec(),
            blobs: Vec::new(),
            summary: Summary { state: RunState::Running, wake: Some(Wake::Ready), steps_done: 0, steps_total: 1 },
            at: Millis(0),
            worker: None,
            client_key: None,
            labels: Vec::new(),
            parent: None,
            retain_ms: None,
        }
    }

    /// A store that fails at its second write.
    fn failing(when: When, then: Then) -> (FaultStore, MemoryStore) {
        let inner = MemoryStore::new();
        (FaultStore::new(Arc::new(inner.clone()), Some(Fault { nth: 2, when, then })), inner)
    }

    async fn second_claim(store: &FaultStore) -> Result<Claimed, StoreError> {
        let run = store.create(new_run()).await.expect("the first write").run();
        assert!(!store.struck());
        let claimed = store.claim(run, "w".into(), Millis(0)).await;
        assert!(store.struck());
        assert_eq!(store.writes(), 2);
        claimed
    }

    async fn fence(store: &MemoryStore) -> Fence {
        store.row(RunId(1)).await.expect("the run").fence
    }

    #[tokio::test]
    async fn before_writes_nothing_and_after_writes_all() {
        let (store, inner) = failing(When::Before, Then::Up);
        assert!(matches!(second_claim(&store).await, Err(StoreError::Io { .. })));
        assert_eq!(fence(&inner).await, Fence(0));
        let (store, inner) = failing(When::Full, Then::Up);
        assert!(matches!(second_claim(&store).await, Err(StoreError::Full { .. })));
        assert_eq!(fence(&inner).await, Fence(0));
        let (store, inner) = failing(When::After, Then::Up);
        assert!(matches!(second_claim(&store).await, Err(StoreError::Unknown { .. })));
        assert_eq!(fence(&inner).await, Fence(1));
    }

    #[tokio::test]
    async fn up_goes_on_and_down_is_down() {
        let (store, _) = failing(When::Before, Then::Up);
        second_claim(&store).await.expect_err("the fault");
        store.claim(RunId(1), "w".into(), Millis(0)).await.expect("it goes on");
        let (store, inner) = failing(When::After, Then::Down);
        second_claim(&store).await.expect_err("the fault");
        assert_eq!(store.claim(RunId(1), "w".into(), Millis(0)).await, Err(StoreError::Closed));
        assert_eq!(store.row(RunId(1)).await, Err(StoreError::Closed));
        assert_eq!(fence(&inner).await, Fence(1), "what was written before stays");
    }

    crate::conformance_suite!(without_a_fault, || (Arc::new(FaultStore::new(Arc::new(MemoryStore::new()), None)) as Arc<dyn Store>, ()));
}
