//! Opening: is it there, is it ours, can we read it; and the connections.

use std::fs::{File, OpenOptions, remove_file, rename, symlink_metadata};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::Durability;
use super::dir::DataDir;
use super::failure::{io_error, sql_error};
use super::{schema, upgrade};
use crate::StoreError;

/// Older libraries can lose committed pages when two connections write and checkpoint at once.
const LIBRARY_MIN: (i32, &str) = (3_051_003, "3.51.3");
/// What a file-system block and a memory page are on nearly every machine. A small step changes two pages, and the log has to
/// carry them whole: with 8192, a commit took 7 % longer before its sync, and a step 204 bytes of database instead of 180.
pub(super) const PAGE_SIZE: u32 = 4096;
/// Readers of other processes hold locks for moments only: when they first look, and when they recover a dead engine's log.
const BUSY: Duration = Duration::from_secs(5);
/// Statements kept prepared per connection; there are fewer different ones.
const STATEMENTS: usize = 64;

/// Refuses a library that is too old.
pub(super) fn check_library() -> Result<(), StoreError> {
    if rusqlite::version_number() >= LIBRARY_MIN.0 {
        return Ok(());
    }
    Err(StoreError::OldLibrary { found: rusqlite::version(), needed: LIBRARY_MIN.1 })
}

/// Makes a new database: whole under its name, or not there at all.
pub(super) fn create(dir: &DataDir) -> Result<(), StoreError> {
    let new = dir.root.join("jackfield.db.new");
    match remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_error("removing an unfinished database", &new, &error)),
        _ => {}
    }
    let failed = |error: io::Error| io_error("creating the database", &new, &error);
    // SQLite would give it the mode of the process's umask; its log and index take the mode of the database.
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new).map_err(failed)?;
    write_tables(&new).map_err(|error| sql_error("creating the database", &new, &error))?;
    file.sync_all().map_err(failed)?;
    rename(&new, &dir.db).map_err(failed)?;
    File::open(&dir.root).and_then(|root| root.sync_all()).map_err(failed)
}

fn write_tables(new: &Path) -> rusqlite::Result<()> {
    let conn = Connection::open_with_flags(new, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // The order matters: the page size is fixed by the first page that is written, and setting auto-vacuum writes it.
    // Nothing has to be synced on the way, because the file has no name yet that anybody looks for.
    conn.execute_batch(&format!(
        "PRAGMA page_size = {PAGE_SIZE}; PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA auto_vacuum = INCREMENTAL;
         BEGIN; {} {} {} PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT; PRAGMA journal_mode = WAL;",
        schema::RUNS,
        schema::PARTS,
        schema::ADDED_IN_2,
        schema::APPLICATION_ID,
        schema::VERSION,
    ))?;
    conn.close().map_err(|(_, error)| error)
}

/// Refuses a database that is not ours or too new, without writing a byte.
pub(super) fn check_identity(dir: &DataDir) -> Result<(), StoreError> {
    let length = symlink_metadata(&dir.db).map_err(|error| io_error("looking at the database", &dir.db, &error))?.len();
    if length < u64::from(PAGE_SIZE) {
        // SQLite would take some of these for an empty database.
        let detail = format!("with {length} bytes it is shorter than the first page of a database ({PAGE_SIZE} bytes)");
        return Err(StoreError::DamagedFile { path: dir.db.clone(), detail });
    }
    // `immutable` reads the file alone, takes no lock and makes no other file. Application and version are written before
    // the database has its name, so that they are in the file and not only in its log.
    let mut uri = String::from("file:");
    push_escaped(&mut uri, &dir.db);
    uri.push_str("?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let read = Connection::open_with_flags(uri, flags).and_then(|conn| identity(&conn));
    match read {
        // An upgrade may still be in the log, so that here an old version is as good as the present one.
        Ok(found) => judge_identity(dir, found).map(|_| ()),
        // A crash may have stopped a checkpoint half-way; the log makes the file whole again, and only the real opening sees it.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => Ok(()),
        Err(error) => Err(sql_error("reading the database header", &dir.db, &error)),
    }
}

/// Application id and schema version.
fn identity(conn: &Connection) -> rusqlite::Result<(i64, i64)> {
    let application = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok((application, version))
}

/// Which tables a database of ours has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tables {
    /// Those of this program.
    Present,
    /// Those of an older one, which this one can upgrade.
    Old(i64),
}

fn judge_identity(dir: &DataDir, (application, version): (i64, i64)) -> Result<Tables, StoreError> {
    let path = dir.db.clone();
    if application != schema::APPLICATION_ID {
        return Err(StoreError::Foreign { path, found: application });
    }
    if version > schema::VERSION {
        return Err(StoreError::Newer { path, found: version, supported: schema::VERSION });
    }
    match version {
        schema::VERSION => Ok(Tables::Present),
        1 => Ok(Tables::Old(version)),
        _ => Err(StoreError::DamagedFile { path, detail: format!("its schema version is {version}, which never existed") }),
    }
}

/// Percent-escapes what has a meaning in a URI.
fn push_escaped(uri: &mut String, path: &Path) {
    use std::fmt::Write as _;
    use std::os::unix::ffi::OsStrExt as _;
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
}

/// The connection of the writer, the only one that writes and the only one that checkpoints.
pub(super) fn writer(dir: &DataDir, durability: Durability) -> Result<Connection, StoreError> {
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    let open = || {
        let conn = Connection::open_with_flags(&dir.db, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        conn.busy_timeout(BUSY)?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS);
        conn.execute_batch(&format!(
            "PRAGMA synchronous = {synchronous}; PRAGMA mmap_size = 0; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = -1;
             PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;"
        ))?;
        // The first read: it recovers the log of an engine that was killed.
        let found = identity(&conn)?;
        Ok((conn, found))
    };
    let (conn, found) = open().map_err(|error| sql_error("opening the database", &dir.db, &error))?;
    let tables = judge_identity(dir, found)?;
    check_journal(dir, &conn)?;
    if let Tables::Old(version) = tables {
        tracing::info!(from = version, to = schema::VERSION, "the database is upgraded");
        upgrade::upgrade(&conn).map_err(|error| sql_error("upgrading the database", &dir.db, &error))?;
    }
    Ok(conn)
}

/// A connection that reads. It works beside a living engine and after a dead one, and leaves database and log as they are: SQLite
/// moves a log into its database only through a connection that may write.
pub(super) fn reader(dir: &DataDir) -> Result<Connection, StoreError> {
    let open = || {
        let conn = Connection::open_with_flags(&dir.db, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        conn.busy_timeout(BUSY)?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS);
        conn.execute_batch("PRAGMA mmap_size = 0; PRAGMA wal_autocheckpoint = 0; PRAGMA query_only = ON; PRAGMA cache_size = -4096;")?;
        let found = identity(&conn)?;
        Ok((conn, found))
    };
    let (conn, found) = open().map_err(|error| sql_error("opening the database for reading", &dir.db, &error))?;
    match judge_identity(dir, found)? {
        Tables::Present => Ok(conn),
        Tables::Old(found) => Err(StoreError::Older { path: dir.db.clone(), found, needed: schema::VERSION }),
    }
}

/// Everything that is promised rests on the write-ahead log.
fn check_journal(dir: &DataDir, conn: &Connection) -> Result<(), StoreError> {
    let mode: String = conn
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .map_err(|error| sql_error("reading the journal mode", &dir.db, &error))?;
    if mode == "wal" {
        return Ok(());
    }
    Err(StoreError::DamagedFile { path: dir.db.clone(), detail: format!("its journal mode is `{mode}` instead of `wal`") })
}
