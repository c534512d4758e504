//! The data directory: where its files are, and that nobody else can change them.

use std::fs::{DirBuilder, Metadata, symlink_metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use super::failure::io_error;
use crate::StoreError;

/// The mode bit that lets everybody write.
const WORLD_WRITABLE: u32 = 0o002;

/// The files of a store.
#[derive(Clone, Debug)]
pub(super) struct DataDir {
    pub(super) root: PathBuf,
    pub(super) db: PathBuf,
    pub(super) wal: PathBuf,
}

impl DataDir {
    /// Names the files; touches nothing.
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), db: root.join("jackfield.db"), wal: root.join("jackfield.db-wal") }
    }

    /// Makes the directory if it is missing, for its owner alone.
    pub(super) fn create(&self) -> Result<(), StoreError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.root);
        made.map_err(|error| io_error("creating the data directory", &self.root, &error))
    }

    /// Refuses a directory or database that somebody else could change.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        // The directory itself may be reached through a link: its owner made that link. What the link leads to is what counts.
        let root = std::fs::metadata(&self.root).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::Absent { path: self.root.clone() },
            _ => io_error("looking at the data directory", &self.root, &error),
        })?;
        if !root.is_dir() {
            return Err(refusal(&self.root, "it is not a directory".to_owned(), "choose another data directory"));
        }
        check_owner(&self.root, &root, "make it yours alone: chmod 700")?;
        for file in [&self.db, &self.wal] {
            match symlink_metadata(file) {
                Ok(data) if !data.is_file() => {
                    return Err(refusal(file, "it is not a regular file (a link?)".to_owned(), "put the database itself there"));
                }
                Ok(data) => check_owner(file, &data, "make it yours alone: chmod 600")?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(io_error("looking at the database", file, &error)),
            }
        }
        Ok(())
    }

    /// Whether there is a database.
    pub(super) fn has_db(&self) -> bool {
        symlink_metadata(&self.db).is_ok()
    }

    /// Bytes of the write-ahead log; 0 when there is none.
    pub(super) fn wal_bytes(&self) -> u64 {
        symlink_metadata(&self.wal).map_or(0, |data| data.len())
    }
}

fn check_owner(path: &Path, data: &Metadata, fix: &'static str) -> Result<(), StoreError> {
    let me = rustix::process::geteuid().as_raw();
    if data.uid() != me {
        return Err(refusal(path, format!("it belongs to user {}, and this process is user {me}", data.uid()), "run as its owner"));
    }
    if data.mode() & WORLD_WRITABLE != 0 {
        return Err(refusal(path, format!("everybody may write to it (mode {:03o})", data.mode() & 0o777), fix));
    }
    Ok(())
}

fn refusal(path: &Path, why: String, fix: &'static str) -> StoreError {
    StoreError::Unsafe { path: path.to_owned(), why, fix }
}
