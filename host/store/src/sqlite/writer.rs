//! The one writer: a thread, a connection, a queue, and group commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use super::dir::DataDir;
use super::failure::sql_error;
use super::lock::{EngineLock, Stage};
use super::op::Op;
use super::queue::Waiting;
use super::wal::{Moved, Wal, checkpoint};
use super::{Durability, apply, landed, open};
use crate::StoreError;

/// Members of a group: more of them would make the first wait too long.
const GROUP_OPS: usize = 512;
/// Bytes of a group, before the member that crosses it.
const GROUP_BYTES: usize = 8 << 20;
/// So long without a write is a quiet moment.
const QUIET: Duration = Duration::from_secs(1);

/// When so many members of a group find the disk full one by one, the rest would as well.
const HOPELESS: u32 = 8;

/// What the writer has done so far.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) transactions: AtomicU64,
    pub(super) writes: AtomicU64,
}

/// The writer's state. It is driven by one thread, or by a test.
#[derive(Debug)]
pub(super) struct Writer {
    dir: DataDir,
    durability: Durability,
    /// Absent after a failure that leaves the connection in doubt, until it can be opened again.
    conn: Option<Connection>,
    wal: Wal,
    lock: EngineLock,
    counters: Arc<Counters>,
    /// Whether the lock file says that the log is in use.
    marked: bool,
    #[cfg(test)]
    pub(super) fault: Option<CommitFault>,
    /// Whether the database cannot be opened again.
    #[cfg(test)]
    pub(super) blind: bool,
}

/// A planned failure of the next COMMIT.
#[cfg(test)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommitFault {
    /// The transaction is lost.
    Lost,
    /// The transaction is stored, and an error is reported.
    Stored,
}

/// Where a transaction failed.
enum Failed {
    /// Before COMMIT: nothing was written.
    Inside(rusqlite::Error),
    /// In COMMIT: what was written is not known.
    AtCommit(rusqlite::Error),
}

impl Writer {
    /// Opens the database for writing.
    pub(super) fn open(dir: DataDir, durability: Durability, lock: EngineLock, counters: Arc<Counters>) -> Result<Self, StoreError> {
        let wal = Wal::new(dir.wal.clone());
        let marked = lock.before() == Some(Stage::Writing);
        let mut writer = Self {
            dir,
            durability,
            conn: None,
            wal,
            lock,
            counters,
            marked,
            #[cfg(test)]
            fault: None,
            #[cfg(test)]
            blind: false,
        };
        writer.connect()?;
        Ok(writer)
    }

    /// Serves the queue until nobody can ask any more.
    pub(super) fn serve(mut self, queue: &Waiting) {
        while let Some(first) = self.next(queue) {
            let mut bytes = first.bytes();
            let mut group = vec![first];
            while group.len() < GROUP_OPS && bytes < GROUP_BYTES {
                let Some(op) = queue.next_now() else { break };
                bytes += op.bytes();
                group.push(op);
            }
            self.transact(&mut group);
            group.into_iter().for_each(Op::reply);
            self.tend();
        }
        self.close();
    }

    /// The next write. A quiet moment is used once, and then there is nothing to do but wait.
    fn next(&mut self, queue: &Waiting) -> Option<Op> {
        if self.wal.wants_quiet() {
            if let Some(op) = queue.next_within(QUIET) {
                return Some(op);
            }
            if let Some(conn) = &self.conn {
                self.wal.move_into_db(conn);
            }
        }
        queue.next()
    }

    /// Does all writes in one transaction. Afterwards each has its result, and may be answered.
    pub(super) fn transact(&mut self, group: &mut [Op]) {
        let conn = match self.connect() {
            Ok(conn) => conn,
            Err(error) => return group.iter_mut().for_each(|op| op.fail(error.clone())),
        };
        let tried = attempt(conn, group);
        #[cfg(test)]
        let tried = self.plan_fault(tried);
        match tried.and_then(|()| self.finish()) {
            Ok(()) => {
                self.counters.transactions.fetch_add(1, Ordering::Relaxed);
                self.counters.writes.fetch_add(group.len() as u64, Ordering::Relaxed);
            }
            Err(Failed::Inside(error)) => self.undo(group, &error),
            Err(Failed::AtCommit(error)) => self.settle(group, &error),
        }
    }

    fn finish(&self) -> Result<(), Failed> {
        match &self.conn {
            Some(conn) => conn.execute_batch("COMMIT").map_err(Failed::AtCommit),
            None => Ok(()),
        }
    }

    /// The transaction failed before its COMMIT: nothing of it is stored.
    fn undo(&mut self, group: &mut [Op], error: &rusqlite::Error) {
        let rolled_back = self.conn.as_ref().is_some_and(|conn| conn.is_autocommit() || conn.execute_batch("ROLLBACK").is_ok());
        if !rolled_back || is_device_error(error) {
            self.conn = None;
        }
        self.retry_or_fail(group, error);
    }

    /// One member may have been too much: the others are tried without it, until it is plain that it was not that one.
    fn retry_or_fail(&mut self, group: &mut [Op], error: &rusqlite::Error) {
        let told = sql_error("writing", &self.dir.db, error);
        if group.len() == 1 || !may_be_one_member(error) {
            return group.iter_mut().for_each(|op| op.fail(told.clone()));
        }
        let mut full = 0;
        for op in group {
            if full < HOPELESS {
                self.transact(std::slice::from_mut(op));
                full += u32::from(op.is_full());
            } else {
                op.fail(told.clone());
            }
        }
    }

    /// The COMMIT failed, and its outcome is unknown: close, open again, read, then decide.
    fn settle(&mut self, group: &mut [Op], error: &rusqlite::Error) {
        tracing::warn!(%error, "a commit failed; the database is opened again to see what became of it");
        self.conn = None;
        let path = self.dir.db.clone();
        let known = self.connect().and_then(|conn| {
            // What the new connection sees may be in the page cache alone, and what it does not see may be in the file. A
            // commit and a checkpoint through the new handle make the one durable and write over the other.
            let version = super::schema::VERSION;
            let probe = conn.execute_batch(&format!("PRAGMA user_version = {version}")).and_then(|()| checkpoint(conn, "FULL"));
            let seen: rusqlite::Result<Vec<Option<bool>>> = group.iter().map(|op| landed::landed(conn, op)).collect();
            let seen = seen.map_err(|error| sql_error("reading after a failed commit", &path, &error))?;
            Ok((probe.is_ok_and(|moved| moved == Moved::All), seen))
        });
        // A group is one transaction: all of it is stored, or nothing, and any member that can tell tells for all.
        let full = error.sqlite_error_code() == Some(ErrorCode::DiskFull);
        match known.map(|(proven, seen)| (proven, seen.contains(&Some(true)))) {
            Ok((true, true)) => return,
            Ok((proven, false)) if proven || full => return self.retry_or_fail(group, error),
            _ => {}
        }
        self.conn = None;
        let unknown = StoreError::Unknown { what: "committing", detail: error.to_string() };
        group.iter_mut().filter(|op| op.is_done()).for_each(|op| op.fail(unknown.clone()));
    }

    /// What is due after the answers are on their way.
    pub(super) fn tend(&mut self) {
        let Some(conn) = &self.conn else { return };
        self.wal.tend(conn);
        if !self.marked && self.dir.wal_bytes() > 0 {
            self.marked = true;
            if let Err(error) = self.lock.enter(Stage::Writing) {
                tracing::warn!(%error, "a lost log would not be noticed");
            }
        }
    }

    /// Moves everything into the database file, so that it can be copied alone.
    pub(super) fn close(mut self) {
        let Some(conn) = self.conn.take() else { return };
        let closed = checkpoint(&conn, "FULL").map_err(|error| sql_error("closing", &self.dir.db, &error)).and_then(|moved| {
            if moved == Moved::All {
                self.lock.enter_closed()?;
                checkpoint(&conn, "TRUNCATE").map_err(|error| sql_error("closing", &self.dir.db, &error))?;
            }
            Ok(())
        });
        if let Err(error) = closed {
            tracing::warn!(%error, "the log stays beside the database; the next engine reads it");
        }
    }

    /// The connection, opened again if it was given up.
    fn connect(&mut self) -> Result<&mut Connection, StoreError> {
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => {
                #[cfg(test)]
                if self.blind {
                    return Err(StoreError::Io { what: "opening", detail: "planned".to_owned() });
                }
                let mut conn = open::writer(&self.dir, self.durability)?;
                self.wal = Wal::new(self.dir.wal.clone());
                let failed = |error| sql_error("watching the log", &self.dir.db, &error);
                self.wal.watch(&mut conn).map_err(failed)?;
                conn
            }
        };
        Ok(self.conn.insert(conn))
    }

    #[cfg(test)]
    fn plan_fault(&mut self, tried: Result<(), Failed>) -> Result<(), Failed> {
        tried?;
        let Some(fault) = self.fault.take() else { return Ok(()) };
        let conn = self.connect().expect("it was just used");
        conn.execute_batch(if fault == CommitFault::Lost { "ROLLBACK" } else { "COMMIT" }).expect("the fault is ours alone");
        Err(Failed::AtCommit(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC), None)))
    }

    #[cfg(test)]
    pub(super) fn conn(&mut self) -> &mut Connection {
        self.connect().expect("the test's database opens")
    }

    #[cfg(test)]
    pub(super) fn wal_path(&self) -> &std::path::Path {
        &self.dir.wal
    }
}

/// Everything up to the COMMIT.
fn attempt(conn: &Connection, group: &mut [Op]) -> Result<(), Failed> {
    conn.execute_batch("BEGIN IMMEDIATE").map_err(Failed::Inside)?;
    group.iter_mut().try_for_each(|op| apply::apply(conn, op)).map_err(Failed::Inside)
}

/// Whether an error may be due to a single member, so that the others may do without it.
fn may_be_one_member(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DiskFull | ErrorCode::TooBig | ErrorCode::OutOfMemory | ErrorCode::ConstraintViolation)
    )
}

/// Whether the handle itself is in doubt, so that other writes through it would fail as well.
fn is_device_error(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::CannotOpen | ErrorCode::ReadOnly
        )
    )
}
