//! The write-ahead log's size, and when it is moved into the database.
//!
//! A commit is one fdatasync of the log. While the log grows, that sync has to write the file's size and block map as well; in
//! space that was written before, it does not. So the log is lengthened with zeros ahead of use, never cut while the engine
//! runs, and started over from its beginning after each checkpoint. Zeros behind the last commit mean nothing to a reader:
//! no frame has such a checksum.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::Connection;

use super::open::PAGE_SIZE;

/// The log is moved into the database after so many pages: 4 MiB.
const CHECKPOINT_PAGES: u32 = 1_000;
/// When a reader kept it from being started over, the next try is so many pages later.
const RETRY_PAGES: u32 = 250;
/// Below this, a quiet moment is no reason to move it.
const QUIET_PAGES: u32 = 64;
/// A frame: a page and its header.
const FRAME_BYTES: u64 = PAGE_SIZE as u64 + 24;
/// The log is lengthened while it is shorter than this; a checkpoint is due before it is full.
const LENGTH_MAX: u64 = (CHECKPOINT_PAGES as u64 + 300) * FRAME_BYTES;
/// The first lengthening: enough for a short run, and done in a millisecond.
const LENGTH_FIRST: u64 = 256 << 10;
/// The log is lengthened when less than this is left.
const MARGIN: u64 = 16 * FRAME_BYTES;

/// The log of one writer.
#[derive(Debug)]
pub(super) struct Wal {
    path: PathBuf,
    /// Pages in the log, as of the last commit.
    pages: Arc<AtomicU32>,
    /// Pages in the log when it was last moved.
    moved: u32,
    file: Option<File>,
    /// Bytes that need no lengthening.
    length: u64,
}

impl Wal {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, pages: Arc::default(), moved: 0, file: None, length: 0 }
    }

    /// Lets a new connection tell how long the log is.
    pub(super) fn watch(&mut self, conn: &mut Connection) -> rusqlite::Result<()> {
        let pages = self.pages.clone();
        conn.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, now: i32| {
            pages.store(u32::try_from(now).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))
    }

    fn pages(&self) -> u32 {
        self.pages.load(Ordering::Relaxed)
    }

    /// Whether a quiet moment should be used.
    pub(super) fn wants_quiet(&self) -> bool {
        self.pages().abs_diff(self.moved) >= QUIET_PAGES
    }

    /// What is due between two commits: lengthen the log, or move it.
    pub(super) fn tend(&mut self, conn: &Connection) {
        let pages = self.pages();
        // It has been started over.
        if pages < self.moved {
            self.moved = 0;
        }
        let due = if self.moved == 0 { CHECKPOINT_PAGES } else { self.moved.max(CHECKPOINT_PAGES - RETRY_PAGES) + RETRY_PAGES };
        if pages >= due {
            self.move_into_db(conn);
        }
        if let Err(error) = self.lengthen() {
            // A commit may still find room for itself; if not, it says so.
            tracing::debug!(%error, "the log could not be lengthened");
            self.length = u64::MAX;
        }
    }

    /// Moves what readers do not hold. What fails now is tried again later, and the data is in the log meanwhile.
    pub(super) fn move_into_db(&mut self, conn: &Connection) {
        self.moved = self.pages();
        match checkpoint(conn, "PASSIVE") {
            Ok(Moved::All) => {}
            Ok(Moved::Part) => tracing::debug!("a reader keeps part of the log in use"),
            Err(error) => tracing::warn!(%error, "the log could not be moved into the database; it will be tried again"),
        }
    }

    /// Adds zeros behind what is in use.
    fn lengthen(&mut self) -> io::Result<()> {
        let used = 32 + u64::from(self.pages()) * FRAME_BYTES;
        if used + MARGIN <= self.length || self.length >= LENGTH_MAX {
            return Ok(());
        }
        let file = match self.file.take() {
            Some(file) => file,
            // Unlike the database and its index, the log carries none of the process's locks, so that closing it again is harmless.
            None => OpenOptions::new().write(true).open(&self.path)?,
        };
        let from = file.metadata()?.len();
        let to = (from * 4).clamp(LENGTH_FIRST, LENGTH_MAX).max(from);
        let written = write_zeros(&file, from, to);
        if written.is_err() {
            // The disk is full: leave the room to those who have something to say.
            file.set_len(from)?;
        }
        self.length = to;
        self.file = Some(file);
        written
    }
}

fn write_zeros(file: &File, from: u64, to: u64) -> io::Result<()> {
    static ZEROS: [u8; 64 << 10] = [0; 64 << 10];
    let mut at = from;
    while at < to {
        let most = usize::try_from(to - at).unwrap_or(ZEROS.len()).min(ZEROS.len());
        at += file.write_at(&ZEROS[..most], at)? as u64;
    }
    file.sync_data()
}

/// What a checkpoint achieved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moved {
    /// Everything is in the database.
    All,
    /// A reader needs the rest as it is.
    Part,
}

/// Moves the log into the database and syncs it there.
pub(super) fn checkpoint(conn: &Connection, mode: &str) -> rusqlite::Result<Moved> {
    conn.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        let (busy, pages, moved): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(if busy == 0 && pages == moved { Moved::All } else { Moved::Part })
    })
}
