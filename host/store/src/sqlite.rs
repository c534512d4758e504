//! One SQLite file: a writer with group commit, and readers beside it.

mod apply;
mod dir;
mod examine;
mod failure;
mod landed;
mod list;
mod lock;
mod op;
mod open;
mod packed;
mod prune;
mod query;
mod queue;
mod reader;
mod schema;
mod shared;
mod sql;
#[cfg(test)]
mod tests;
mod upgrade;
mod wal;
mod whole;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Millis, RunId};

use self::dir::DataDir;
use self::lock::{EngineLock, Stage};
use self::op::{Bite, Call, Op, Reached};
use self::queue::Queue;
use self::reader::Readers;
use self::writer::{Counters, Writer};
use crate::records::limits;
use crate::{
    Acquired, Claimed, Commit, Created, Depth, ExportedRun, Health, ListPage, ListQuery, LockHolder, LockQuery, LockRequest, LogPage,
    LogQuery, NewRun, Place, PruneQuery, Pruned, RateRequest, Relabel, Reply, RunRow, Savepoint, Store, StoreError, StoredRun, Wakeup,
};

pub use self::lock::Owner;

/// Pages given back per bite of a prune.
const SHRINK_PAGES: u32 = 256;

/// When a commit is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// After it is on stable storage. What the engine promises rests on this.
    Full,
    /// After it is in the log, which a loss of power may undo. For measurements.
    Normal,
}

/// How to open a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// As the only writer. The store is made if it is missing.
    Engine {
        /// What a second engine is told about this one.
        name: Arc<str>,
        /// When a commit is answered.
        durability: Durability,
    },
    /// To look only, beside an engine or after one. Nothing is written, and writes are refused with [`StoreError::ReadOnly`].
    Reader,
}

/// A store in one SQLite file.
///
/// Dropping it waits for the writes that are queued, and leaves everything in the database file.
#[derive(Debug)]
pub struct SqliteStore {
    // The readers go first: with their connections gone, the writer can leave an empty log behind.
    readers: Readers,
    writer: Option<WriterThread>,
    counters: Arc<Counters>,
    dir: Arc<DataDir>,
}

/// The writer's thread, and the way to it.
#[derive(Debug)]
struct WriterThread {
    /// Absent once the thread has been told to end.
    queue: Option<Queue>,
    thread: Option<JoinHandle<()>>,
}

impl SqliteStore {
    /// Opens the store in a data directory. It blocks for some milliseconds.
    ///
    /// # Errors
    /// [`StoreError::Locked`] with the owner, when another engine has it; [`StoreError::Unsafe`], [`StoreError::Foreign`],
    /// [`StoreError::Newer`], [`StoreError::DamagedFile`] and [`StoreError::Absent`] say why it is not touched.
    pub fn open(dir: &Path, mode: OpenMode) -> Result<Self, StoreError> {
        open::check_library()?;
        let dir = DataDir::new(dir);
        let counters = Arc::<Counters>::default();
        let writer = match mode {
            OpenMode::Engine { name, durability } => Some(start_writer(&dir, name, durability, counters.clone())?),
            OpenMode::Reader => {
                dir.check()?;
                if !dir.has_db() {
                    return Err(StoreError::Absent { path: dir.root });
                }
                open::check_identity(&dir)?;
                None
            }
        };
        let dir = Arc::new(dir);
        let readers = Readers::new(dir.clone());
        if writer.is_none() {
            readers.probe()?;
        }
        Ok(Self { readers, writer, counters, dir })
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        &self.dir.root
    }

    /// Queues a write.
    fn write<A, T>(&self, wrap: impl FnOnce(Call<A, T>) -> Op, args: A) -> Reply<'_, T>
    where
        A: Send + 'static,
        T: Send + 'static,
    {
        let Some(queue) = self.writer.as_ref().and_then(|writer| writer.queue.as_ref()) else {
            return refused(StoreError::ReadOnly);
        };
        let (call, answer) = Call::new(args);
        queue.push(wrap(call));
        Box::pin(async move { answer.await.unwrap_or(Err(StoreError::Closed)) })
    }
}

fn start_writer(dir: &DataDir, name: Arc<str>, durability: Durability, counters: Arc<Counters>) -> Result<WriterThread, StoreError> {
    dir.create()?;
    dir.check()?;
    // An engine that is refused by the lock has not touched the database.
    let lock = EngineLock::take(&dir.root, name)?;
    if dir.has_db() {
        open::check_identity(dir)?;
        check_log(dir, &lock)?;
    } else {
        open::create(dir)?;
    }
    let writer = Writer::open(dir.clone(), durability, lock, counters)?;
    let (queue, waiting) = queue::queue();
    let thread = std::thread::Builder::new()
        .name("store-writer".to_owned())
        .spawn(move || writer.serve(&waiting))
        .map_err(|error| StoreError::Io { what: "starting the writer's thread", detail: error.to_string() })?;
    Ok(WriterThread { queue: Some(queue), thread: Some(thread) })
}

/// A log that somebody removed took acknowledged data with it.
fn check_log(dir: &DataDir, lock: &EngineLock) -> Result<(), StoreError> {
    if lock.before() != Some(Stage::Writing) || dir.wal_bytes() > 0 {
        return Ok(());
    }
    let detail = "the engine before was stopped while it wrote, and its log is missing or empty: work it had acknowledged would be \
                  lost. Put the log back; or, to go on without, remove engine.lock"
        .to_owned();
    Err(StoreError::DamagedFile { path: dir.wal.clone(), detail })
}

impl Drop for WriterThread {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer ended by a defect; the log stays beside the database");
        }
    }
}

/// An answer that needs no waiting.
fn refused<'a, T: Send + 'a>(error: StoreError) -> Reply<'a, T> {
    Box::pin(std::future::ready(Err(error)))
}

impl Store for SqliteStore {
    fn create(&self, new: NewRun) -> Reply<'_, Created> {
        match limits::check_new(&new) {
            Ok(()) => self.write(|call| Op::Create(Box::new(call)), new),
            Err(error) => refused(error),
        }
    }

    fn claim(&self, run: RunId, worker: Arc<str>, now: Millis) -> Reply<'_, Claimed> {
        match limits::check_worker(&worker) {
            Ok(()) => self.write(Op::Claim, (run, worker, now)),
            Err(error) => refused(error),
        }
    }

    fn claim_due(&self, worker: Arc<str>, now: Millis, limit: u32) -> Reply<'_, Vec<Claimed>> {
        match limits::check_worker(&worker) {
            Ok(()) => self.write(Op::ClaimDue, (worker, now, limit)),
            Err(error) => refused(error),
        }
    }

    fn wakeups(&self) -> Reply<'_, Vec<Wakeup>> {
        self.readers.ask(query::wakeups)
    }

    fn load(&self, run: RunId) -> Reply<'_, StoredRun> {
        self.readers.ask(move |conn, dir| query::load(conn, dir, run))
    }

    fn commit(&self, commit: Commit) -> Reply<'_, ()> {
        match limits::check_commit(&commit) {
            Ok(()) => self.write(|call| Op::Commit(Box::new(call)), commit),
            Err(error) => refused(error),
        }
    }

    fn blob(&self, digest: Digest) -> Reply<'_, Arc<[u8]>> {
        self.readers.ask(move |conn, dir| query::blob(conn, dir, digest))
    }

    fn savepoint(&self, run: RunId, place: Place) -> Reply<'_, Option<Savepoint>> {
        self.readers.ask(move |conn, dir| query::savepoint(conn, dir, run, place))
    }

    fn logs(&self, query: LogQuery) -> Reply<'_, LogPage> {
        self.readers.ask(move |conn, dir| query::logs(conn, dir, query))
    }

    fn row(&self, run: RunId) -> Reply<'_, RunRow> {
        self.readers.ask(move |conn, dir| query::row(conn, dir, run))
    }

    fn list(&self, query: ListQuery) -> Reply<'_, ListPage> {
        self.readers.ask(move |conn, dir| list::list(conn, dir, &query))
    }

    fn acquire(&self, request: LockRequest) -> Reply<'_, Acquired> {
        match limits::check_lock(&request) {
            Ok(()) => self.write(|call| Op::Acquire(Box::new(call)), request),
            Err(error) => refused(error),
        }
    }

    fn locks(&self, query: LockQuery) -> Reply<'_, Vec<LockHolder>> {
        self.readers.ask(move |conn, dir| shared::locks(conn, dir, &query))
    }

    fn reserve(&self, request: RateRequest) -> Reply<'_, Millis> {
        match limits::check_rate(&request) {
            Ok(()) => self.write(Op::Reserve, request),
            Err(error) => refused(error),
        }
    }

    fn cached(&self, key: Digest) -> Reply<'_, Option<Arc<[u8]>>> {
        self.readers.ask(move |conn, dir| shared::cached(conn, dir, key))
    }

    fn relabel(&self, change: Relabel) -> Reply<'_, ()> {
        match limits::check_relabel(&change) {
            Ok(()) => self.write(|call| Op::Relabel(Box::new(call)), change),
            Err(error) => refused(error),
        }
    }

    fn export(&self, run: RunId) -> Reply<'_, ExportedRun> {
        self.readers.ask(move |conn, dir| whole::export(conn, dir, run))
    }

    fn import(&self, run: ExportedRun) -> Reply<'_, RunId> {
        Box::pin(async move {
            let checked = tokio::task::spawn_blocking(move || whole::check(run)).await;
            let checked = checked.map_err(|error| StoreError::Io { what: "checking", detail: error.to_string() })??;
            self.write(|call| Op::Import(Box::new(call)), checked).await
        })
    }

    fn prune(&self, mut query: PruneQuery) -> Reply<'_, Pruned> {
        Box::pin(async move {
            let mut pruned = Pruned::default();
            let mut next = Some(Reached::Old(i64::MIN, i64::MIN));
            while let Some(from) = next {
                let bite = Bite { query: query.clone(), from };
                let bitten = self.write(|call| Op::Prune(Box::new(call)), bite).await?;
                query.limit -= bitten.roots;
                pruned.runs += bitten.runs;
                next = bitten.next;
            }
            loop {
                let pages = self.write(Op::Shrink, SHRINK_PAGES).await?;
                if pages == 0 {
                    return Ok(pruned);
                }
                pruned.bytes += pages * u64::from(open::PAGE_SIZE);
            }
        })
    }

    fn health(&self, depth: Depth) -> Reply<'_, Health> {
        let counters = self.counters.clone();
        self.readers.ask(move |conn, dir| {
            let mut health = query::glance(conn, dir, &counters)?;
            if depth == Depth::Check {
                examine::check_pages(conn, dir)?;
                health.damaged = examine::damaged_runs(conn, dir)?;
            }
            Ok(health)
        })
    }
}
