//! The same rules without a disk, for tests.
//!
//! It is strict where a database would be lenient: everything is checked, nothing is rounded, and a broken invariant of its
//! own panics instead of being stored.

mod shared;
mod whole;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Fence, Millis, RunId};

use self::shared::{Cache, Locks};
use crate::records::limits;
use crate::{
    Acquired, Batch, Blob, Claimed, ClientKey, Commit, Created, Depth, ExportedRun, Health, ListPage, ListQuery, LockHolder, LockQuery,
    LockRequest, LogChunk, LogPage, LogPos, LogQuery, NewRun, Place, PruneQuery, Pruned, RateRequest, Relabel, Reply, RunRow, Savepoint,
    Store, StoreError, StoredRun, Wake, Wakeup,
};

/// A store in memory. Clones are the same store, so that a test can drop its engine and keep what it stored.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    last_run: u64,
    writes: u64,
    runs: BTreeMap<RunId, Kept>,
    keys: BTreeMap<Arc<str>, (Digest, RunId)>,
    blobs: BTreeMap<Digest, Arc<[u8]>>,
    locks: Locks,
    /// Theoretical arrival times.
    rates: BTreeMap<Arc<str>, i64>,
    cache: Cache,
}

/// A run and everything that goes when it goes.
#[derive(Debug)]
struct Kept {
    row: RunRow,
    batches: Vec<Batch>,
    logs: BTreeMap<LogPos, Vec<u8>>,
    savepoints: BTreeMap<Place, Savepoint>,
    /// The payloads it names; its plan is one of them.
    blobs: Vec<Digest>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The state. A test that panicked with it in hand has already failed; others may go on.
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer that is there at once.
fn ready<T: Send + 'static>(answer: Result<T, StoreError>) -> Reply<'static, T> {
    Box::pin(std::future::ready(answer))
}

impl Store for MemoryStore {
    fn create(&self, new: NewRun) -> Reply<'_, Created> {
        ready(self.inner().create(new))
    }

    fn claim(&self, run: RunId, worker: Arc<str>, now: Millis) -> Reply<'_, Claimed> {
        ready(self.inner().claim(run, &worker, now))
    }

    fn claim_due(&self, worker: Arc<str>, now: Millis, limit: u32) -> Reply<'_, Vec<Claimed>> {
        ready(self.inner().claim_due(&worker, now, limit))
    }

    fn wakeups(&self) -> Reply<'_, Vec<Wakeup>> {
        let inner = self.inner();
        let wakeup = |kept: &Kept| kept.row.summary.wake.map(|wake| Wakeup { run: kept.row.run, wake });
        ready(Ok(inner.runs.values().filter_map(wakeup).collect()))
    }

    fn load(&self, run: RunId) -> Reply<'_, StoredRun> {
        ready(self.inner().load(run))
    }

    fn commit(&self, commit: Commit) -> Reply<'_, ()> {
        ready(self.inner().commit(commit))
    }

    fn blob(&self, digest: Digest) -> Reply<'_, Arc<[u8]>> {
        ready(self.inner().blobs.get(&digest).cloned().ok_or(StoreError::NoBlob { digest }))
    }

    fn savepoint(&self, run: RunId, place: Place) -> Reply<'_, Option<Savepoint>> {
        ready(Ok(self.inner().runs.get(&run).and_then(|kept| kept.savepoints.get(&place).cloned())))
    }

    fn logs(&self, query: LogQuery) -> Reply<'_, LogPage> {
        ready(Ok(self.inner().logs(query)))
    }

    fn row(&self, run: RunId) -> Reply<'_, RunRow> {
        ready(self.inner().kept(run).map(|kept| kept.row.clone()))
    }

    fn list(&self, query: ListQuery) -> Reply<'_, ListPage> {
        ready(Ok(self.inner().list(&query)))
    }

    fn acquire(&self, request: LockRequest) -> Reply<'_, Acquired> {
        ready(self.inner().acquire(request))
    }

    fn locks(&self, query: LockQuery) -> Reply<'_, Vec<LockHolder>> {
        ready(Ok(self.inner().locks.list(&query)))
    }

    fn reserve(&self, request: RateRequest) -> Reply<'_, Millis> {
        ready(self.inner().reserve(&request))
    }

    fn cached(&self, key: Digest) -> Reply<'_, Option<Arc<[u8]>>> {
        ready(Ok(self.inner().cache.get(key)))
    }

    fn relabel(&self, change: Relabel) -> Reply<'_, ()> {
        ready(self.inner().relabel(&change))
    }

    fn export(&self, run: RunId) -> Reply<'_, ExportedRun> {
        ready(self.inner().export(run))
    }

    fn import(&self, run: ExportedRun) -> Reply<'_, RunId> {
        ready(self.inner().import(run))
    }

    fn prune(&self, query: PruneQuery) -> Reply<'_, Pruned> {
        ready(Ok(self.inner().prune(&query)))
    }

    fn health(&self, _: Depth) -> Reply<'_, Health> {
        let inner = self.inner();
        let unfinished = inner.runs.values().filter(|kept| !kept.row.summary.state.is_finished()).count();
        ready(Ok(Health {
            kind: "memory".to_owned(),
            unfinished: unfinished as u64,
            transactions: inner.writes,
            writes: inner.writes,
            ..Health::default()
        }))
    }
}

impl Inner {
    fn kept(&mut self, run: RunId) -> Result<&mut Kept, StoreError> {
        self.runs.get_mut(&run).ok_or(StoreError::NotFound { run })
    }

    fn create(&mut self, new: NewRun) -> Result<Created, StoreError> {
        limits::check_new(&new)?;
        if let Some(ClientKey { key, input }) = &new.client_key
            && let Some((known, run)) = self.keys.get(key)
        {
            let (known, run) = (*known, *run);
            return if known == *input { Ok(Created::Existing { run }) } else { Err(StoreError::KeyConflict { key: key.clone(), run }) };
        }
        if let Some(kept) = self.runs.values().find(|kept| kept.row.uid == new.uid) {
            return Err(StoreError::UidTaken { run: kept.row.run });
        }
        if let Some(parent) = new.parent {
            self.kept(parent)?;
        }
        let mut labels = new.labels;
        labels.sort_unstable();
        self.last_run += 1;
        self.writes += 1;
        let run = RunId(self.last_run);
        let fence = Fence(u64::from(new.worker.is_some()));
        let row = RunRow {
            run,
            uid: new.uid,
            workflow: new.workflow,
            plan: new.plan.digest(),
            summary: new.summary,
            fence,
            seq: 1,
            worker: new.worker,
            labels,
            parent: new.parent,
            retain_ms: new.retain_ms,
            created_at: new.at,
            changed_at: new.at,
        };
        if let Some(ClientKey { key, input }) = new.client_key {
            self.keys.insert(key, (input, run));
        }
        let blobs = self.keep_blobs(new.blobs.into_iter().chain([new.plan]));
        let batches = vec![Batch { seq: 1, events: new.events }];
        self.runs.insert(run, Kept { row, batches, logs: BTreeMap::new(), savepoints: BTreeMap::new(), blobs });
        Ok(Created::New { run, fence })
    }

    fn keep_blobs(&mut self, blobs: impl IntoIterator<Item = Blob>) -> Vec<Digest> {
        blobs
            .into_iter()
            .map(|blob| {
                self.blobs.insert(blob.digest(), blob.bytes().clone());
                blob.digest()
            })
            .collect()
    }

    fn claim(&mut self, run: RunId, worker: &Arc<str>, now: Millis) -> Result<Claimed, StoreError> {
        limits::check_worker(worker)?;
        let kept = self.kept(run)?;
        if kept.row.summary.state.is_finished() {
            return Err(StoreError::AlreadyFinished { run, state: kept.row.summary.state });
        }
        kept.row.fence.0 += 1;
        kept.row.worker = Some(worker.clone());
        kept.row.changed_at = now;
        let fence = kept.row.fence;
        self.writes += 1;
        Ok(Claimed { run, fence })
    }

    fn claim_due(&mut self, worker: &Arc<str>, now: Millis, limit: u32) -> Result<Vec<Claimed>, StoreError> {
        let others = self.runs.values().map(|kept| &kept.row).filter(|row| row.worker.as_ref() != Some(worker));
        let mut due: Vec<_> = others.filter_map(|row| Some((due_since(row)?, row.run))).filter(|(since, _)| *since <= now).collect();
        due.sort_unstable();
        due.truncate(limit as usize);
        due.into_iter().map(|(_, run)| self.claim(run, worker, now)).collect()
    }

    fn load(&mut self, run: RunId) -> Result<StoredRun, StoreError> {
        let kept = self.kept(run)?;
        let (row, batches) = (kept.row.clone(), kept.batches.clone());
        assert!(batches.iter().map(|batch| batch.seq).eq(1..=row.seq), "the batches of run {run} are not 1 to {}", row.seq);
        let plan = self.blobs.get(&row.plan).cloned().ok_or(StoreError::Damaged { run, seq: 0 })?;
        Ok(StoredRun { row, plan, batches })
    }

    /// The row of a run that may be written under this fence.
    fn fenced(&mut self, run: RunId, fence: Fence) -> Result<&RunRow, StoreError> {
        let row = &self.kept(run)?.row;
        if row.fence != fence {
            return Err(StoreError::StaleFence { run, fence, current: row.fence });
        }
        if row.summary.state.is_finished() {
            return Err(StoreError::AlreadyFinished { run, state: row.summary.state });
        }
        Ok(row)
    }

    fn commit(&mut self, commit: Commit) -> Result<(), StoreError> {
        limits::check_commit(&commit)?;
        let Commit { run, fence, seq, .. } = commit;
        let row = self.fenced(run, fence)?;
        if seq != row.seq + 1 {
            return Err(StoreError::WrongSeq { run, seq, expected: row.seq + 1 });
        }
        let blobs = self.keep_blobs(commit.blobs);
        self.writes += 1;
        let kept = self.kept(run)?;
        kept.blobs.extend(blobs);
        kept.row.seq = seq;
        kept.row.summary = commit.summary;
        kept.row.changed_at = commit.at;
        kept.batches.push(Batch { seq, events: commit.events });
        for (part, LogChunk { place, attempt, bytes }) in (0..).zip(commit.logs) {
            kept.logs.insert(LogPos { place, attempt, seq, part }, bytes);
        }
        for place in commit.drop_savepoints {
            kept.savepoints.remove(&place);
        }
        if let Some(write) = commit.savepoint {
            kept.savepoints.insert(write.place, Savepoint { attempt: write.attempt, data: write.data });
        }
        if commit.summary.state.is_finished() {
            self.locks.release_all(run);
        } else {
            self.locks.release(run, &commit.release);
        }
        self.cache.keep(commit.cache);
        Ok(())
    }

    fn logs(&mut self, query: LogQuery) -> LogPage {
        let mut page = LogPage { chunks: Vec::new(), next: None };
        let Ok(kept) = self.kept(query.run) else { return page };
        let (mut bytes, mut last) = (0, None);
        for (pos, chunk) in &kept.logs {
            if query.step.is_some_and(|step| pos.place.step != step) || query.after.is_some_and(|after| *pos <= after) {
                continue;
            }
            if bytes >= limits::LOG_PAGE_BYTES {
                page.next = last;
                break;
            }
            bytes += chunk.len();
            last = Some(*pos);
            page.chunks.push(LogChunk { place: pos.place, attempt: pos.attempt, bytes: chunk.clone() });
        }
        page
    }
}

/// Since when a run may be claimed without a message: always when it is ready.
fn due_since(row: &RunRow) -> Option<Millis> {
    match row.summary.wake? {
        Wake::Ready => Some(Millis(i64::MIN)),
        Wake::At(at) => Some(at),
        Wake::Message => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::conformance_suite!(memory, || (Arc::new(MemoryStore::new()) as Arc<dyn Store>, ()));
}
