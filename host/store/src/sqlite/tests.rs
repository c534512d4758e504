//! What is true of the SQLite store alone.

mod cost;
mod damage;
mod failures;
mod opening;
mod readers;
mod upgrade;

use std::path::PathBuf;

use jackfield_flow::run::{Fence, RunUid};
use tempfile::TempDir;

use super::*;
use crate::{Blob, RunState, Summary, Wake};

crate::conformance_suite!(conformance, || {
    let dir = Dir::new();
    (Arc::new(dir.engine()) as Arc<dyn Store>, dir)
});

/// A data directory of a test.
struct Dir(TempDir);

impl Dir {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn db(&self) -> PathBuf {
        self.path().join("jackfield.db")
    }

    fn wal(&self) -> PathBuf {
        self.path().join("jackfield.db-wal")
    }

    fn try_engine(&self) -> Result<SqliteStore, StoreError> {
        SqliteStore::open(self.path(), OpenMode::Engine { name: "first".into(), durability: Durability::Full })
    }

    fn engine(&self) -> SqliteStore {
        self.try_engine().expect("the engine opens")
    }

    fn reader(&self) -> Result<SqliteStore, StoreError> {
        SqliteStore::open(self.path(), OpenMode::Reader)
    }

    /// What a kill -9 would leave: the files as they are now, without the index that is rebuilt from the log.
    fn as_after_a_kill(&self) -> Self {
        let copy = Self::new();
        for name in ["jackfield.db", "jackfield.db-wal", "engine.lock"] {
            std::fs::copy(self.path().join(name), copy.path().join(name)).expect("the files are copied");
        }
        copy
    }

    /// Changes the database from outside, as nobody should.
    fn meddle(&self, sql: &str) {
        let conn = rusqlite::Connection::open(self.db()).expect("it opens");
        conn.execute_batch(sql).expect("it is changed");
    }

    /// A writer without its thread.
    fn writer(&self) -> Writer {
        let dir = DataDir::new(self.path());
        let lock = EngineLock::take(&dir.root, "first".into()).expect("the lock is free");
        open::create(&dir).expect("a new database");
        Writer::open(dir, Durability::Full, lock, Arc::default()).expect("the writer opens")
    }
}

const RUNNING: Summary = Summary { state: RunState::Running, wake: Some(Wake::Ready), steps_done: 0, steps_total: 9 };
const DONE: Summary = Summary { state: RunState::Done, wake: None, ..RUNNING };

fn new_run(uid: u8) -> NewRun {
    NewRun {
        uid: RunUid([uid; 16]),
        workflow: "daily".into(),
        plan: Blob::new(*b"the one plan of these tests"),
        events: format!("the first batch of {uid}").into_bytes(),
        blobs: Vec::new(),
        summary: RUNNING,
        at: Millis(1_700_000_000_000),
        worker: Some("w1".into()),
        client_key: None,
        labels: Vec::new(),
        parent: None,
        retain_ms: None,
    }
}

fn step(run: RunId, seq: u64) -> Commit {
    Commit {
        run,
        fence: Fence(1),
        seq,
        events: format!("batch {seq} of run {run}, and what else a small step has to say").into_bytes(),
        blobs: Vec::new(),
        summary: RUNNING,
        logs: Vec::new(),
        savepoint: None,
        drop_savepoints: Vec::new(),
        release: Vec::new(),
        cache: Vec::new(),
        at: Millis(1_700_000_000_000),
    }
}

/// All that ended before a time.
fn old(before: i64, limit: u32) -> PruneQuery {
    PruneQuery { finished_before: Some(Millis(before)), limit, ..PruneQuery::default() }
}

/// Starts a run with some steps.
async fn run_with(store: &SqliteStore, uid: u8, steps: u64) -> RunId {
    let run = store.create(new_run(uid)).await.expect("it starts").run();
    for seq in 2..2 + steps {
        store.commit(step(run, seq)).await.expect("it commits");
    }
    run
}

/// Bytes that do not compress.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

type Answer<T> = tokio::sync::oneshot::Receiver<Result<T, StoreError>>;

fn op_create(new: NewRun) -> (Op, Answer<Created>) {
    let (call, answer) = Call::new(new);
    (Op::Create(Box::new(call)), answer)
}

fn op_commit(commit: Commit) -> (Op, Answer<()>) {
    let (call, answer) = Call::new(commit);
    (Op::Commit(Box::new(call)), answer)
}

/// Does writes as one group, and answers them.
fn group<T>(writer: &mut Writer, ops: impl IntoIterator<Item = (Op, Answer<T>)>) -> Vec<Result<T, StoreError>> {
    let (mut ops, answers): (Vec<_>, Vec<_>) = ops.into_iter().unzip();
    writer.transact(&mut ops);
    ops.into_iter().for_each(Op::reply);
    answers.into_iter().map(|mut answer| answer.try_recv().expect("it was answered")).collect()
}

fn create(writer: &mut Writer, uid: u8) -> RunId {
    group(writer, [op_create(new_run(uid))]).remove(0).expect("it starts").run()
}
