//! One engine per data directory.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant, UNIX_EPOCH};

use jackfield_flow::run::Millis;
use serde::{Deserialize, Serialize};

use super::failure::io_error;
use crate::StoreError;

/// How long a new engine waits for the lock. A killed process keeps it until its last write to the disk returns, and the
/// engine that takes over must not fail for that.
const PATIENCE: Duration = Duration::from_millis(150);
/// No honest lock file is longer.
const LOCK_BYTES_MAX: u64 = 4096;

/// Who holds a data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The name it gave itself.
    pub name: Arc<str>,
    /// Its process id, on its machine.
    pub pid: u32,
    /// The machine.
    pub host: Arc<str>,
    /// Since when it holds the directory.
    pub started_at: Option<Millis>,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "engine `{}` (process {} on {})", self.name, self.pid, self.host)
    }
}

/// What the lock file says of its owner, and how that one left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    name: Arc<str>,
    pid: u32,
    host: Arc<str>,
    stage: Stage,
}

/// How far the owner has come; a later engine reads it to know what it must find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Stage {
    /// It has the lock and has not touched the database yet.
    Opening,
    /// It has written: acknowledged data may be in the write-ahead log alone, and the log is not empty.
    Writing,
    /// It left everything in the database file.
    Closed,
}

/// The lock. It ends with the process, however that ends.
#[derive(Debug)]
pub(super) struct EngineLock {
    file: File,
    path: PathBuf,
    note: Note,
    before: Option<Stage>,
}

impl EngineLock {
    /// Takes the lock of a data directory, or says who has it.
    pub(super) fn take(dir: &Path, name: Arc<str>) -> Result<Self, StoreError> {
        let path = dir.join("engine.lock");
        let mut file = open_lock(&path)?;
        let started = Instant::now();
        while !try_lock(&file, &path)? {
            if started.elapsed() > PATIENCE {
                return Err(StoreError::Locked { path: dir.to_owned(), owner: read_owner(&mut file) });
            }
            sleep(Duration::from_millis(5));
        }
        // The lock belongs to the open file, so a second one must be refused even to this process.
        if try_lock(&open_lock(&path)?, &path)? {
            return Err(StoreError::LockUnreliable { path: dir.to_owned() });
        }
        let before = read_note(&mut file).map(|note| note.stage);
        let note = Note { name, pid: std::process::id(), host: host_name(), stage: Stage::Opening };
        let mut lock = Self { file, path, note, before };
        // That the one before was killed while it wrote stays on record until this one has seen what it left.
        lock.enter(if before == Some(Stage::Writing) { Stage::Writing } else { Stage::Opening })?;
        Ok(lock)
    }

    /// How far the owner before this one had come; `None` in a new directory.
    pub(super) fn before(&self) -> Option<Stage> {
        self.before
    }

    /// Records how far the engine is, so that a later one sees it after anything but a loss of power.
    pub(super) fn enter(&mut self, stage: Stage) -> Result<(), StoreError> {
        self.note.stage = stage;
        let failed = |error| io_error("writing the lock file", &self.path, &error);
        let mut text = serde_json::to_vec(&self.note).map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        self.file.seek(SeekFrom::Start(0)).map_err(failed)?;
        self.file.write_all(&text).map_err(failed)?;
        // Cut after writing, not before: a reader in between sees an owner.
        self.file.set_len(text.len() as u64).map_err(failed)
    }

    /// Records that everything is in the database file, so that a later engine sees it even after a loss of power.
    pub(super) fn enter_closed(&mut self) -> Result<(), StoreError> {
        self.enter(Stage::Closed)?;
        self.file.sync_all().map_err(|error| io_error("writing the lock file", &self.path, &error))
    }
}

fn open_lock(path: &Path) -> Result<File, StoreError> {
    let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    options.map_err(|error| io_error("opening the lock file", path, &error))
}

/// Whether the lock was free, and so is ours now.
fn try_lock(file: &File, path: &Path) -> Result<bool, StoreError> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(io_error("locking", path, &error)),
    }
}

fn read_note(file: &mut File) -> Option<Note> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    (&*file).take(LOCK_BYTES_MAX).read_to_string(&mut text).ok()?;
    // A longer note that was overwritten may have left its tail.
    serde_json::from_str(text.lines().next()?).ok()
}

/// The owner, as far as the file tells: it may just be writing it.
fn read_owner(file: &mut File) -> Owner {
    let since = file.metadata().and_then(|data| data.modified()).ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let started_at = since.and_then(|time| i64::try_from(time.as_millis()).ok()).map(Millis);
    match read_note(file) {
        Some(note) => Owner { name: note.name, pid: note.pid, host: note.host, started_at },
        None => Owner { name: "unknown".into(), pid: 0, host: "unknown".into(), started_at: None },
    }
}

fn host_name() -> Arc<str> {
    rustix::system::uname().nodename().to_string_lossy().into()
}
