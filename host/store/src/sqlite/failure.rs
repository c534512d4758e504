//! What the system and the library say, in our words.

use std::io;
use std::path::Path;

use rusqlite::ErrorCode;

use crate::StoreError;

/// A file operation failed. A full disk is told apart, because it can be mended.
pub(super) fn io_error(what: &'static str, path: &Path, error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full { path: path.to_owned(), detail: error.to_string() },
        _ => StoreError::Io { what, detail: format!("{}: {error}", path.display()) },
    }
}

/// The library failed.
pub(super) fn sql_error(what: &'static str, path: &Path, error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full { path: path.to_owned(), detail: error.to_string() },
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            StoreError::DamagedFile { path: path.to_owned(), detail: format!("{what}: {error}") }
        }
        _ => StoreError::Io { what, detail: format!("{}: {error}", path.display()) },
    }
}
