//! Reading everything to see whether it can be trusted.

use std::collections::BTreeSet;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::RunId;
use rusqlite::{Connection, params};

use super::apply::{batch_key, blob_key};
use super::dir::DataDir;
use super::failure::sql_error;
use super::packed::unpack;
use crate::StoreError;

/// Runs that are named; of more than these, nobody reads the list.
const DAMAGED_MAX: usize = 1_000;
/// Rows per statement, so that no snapshot is held for long.
const ROWS: i64 = 1_000;

/// Whether the pages of the file make sense.
pub(super) fn check_pages(conn: &Connection, dir: &DataDir) -> Result<(), StoreError> {
    let found: String =
        conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(|error| sql_error("checking", &dir.db, &error))?;
    if found == "ok" { Ok(()) } else { Err(StoreError::DamagedFile { path: dir.db.clone(), detail: found }) }
}

/// The runs of which a batch, a payload or the plan does not match its checksum.
pub(super) fn damaged_runs(conn: &Connection, dir: &DataDir) -> Result<Vec<RunId>, StoreError> {
    let mut damaged = BTreeSet::new();
    let found = check_batches(conn, &mut damaged).and_then(|()| check_blobs(conn, &mut damaged));
    found.map_err(|error| sql_error("checking", &dir.db, &error))?;
    Ok(damaged.into_iter().take(DAMAGED_MAX).map(|run: i64| RunId(run.cast_unsigned())).collect())
}

fn check_batches(conn: &Connection, damaged: &mut BTreeSet<i64>) -> rusqlite::Result<()> {
    let mut find = conn.prepare("SELECT run, seq, data FROM events WHERE (run, seq) > (?1, ?2) ORDER BY run, seq LIMIT ?3")?;
    let mut last = (i64::MIN, i64::MIN);
    loop {
        let from = last;
        let mut rows = find.query(params![last.0, last.1, ROWS])?;
        while let Some(row) = rows.next()? {
            last = (row.get(0)?, row.get(1)?);
            let key = batch_key(RunId(last.0.cast_unsigned()), last.1.cast_unsigned());
            let intact = row.get_ref(2)?.as_blob().is_ok_and(|data| unpack(key, data).is_ok());
            if !intact && damaged.len() < DAMAGED_MAX {
                damaged.insert(last.0);
            }
        }
        if last == from {
            return Ok(());
        }
    }
}

fn check_blobs(conn: &Connection, damaged: &mut BTreeSet<i64>) -> rusqlite::Result<()> {
    let mut find = conn.prepare("SELECT id, digest, data FROM blobs WHERE id > ?1 ORDER BY id LIMIT 1")?;
    let mut users = conn.prepare("SELECT run FROM run_blobs WHERE blob = ?1 LIMIT ?2")?;
    let mut last = i64::MIN;
    loop {
        let mut rows = find.query([last])?;
        let Some(row) = rows.next()? else { return Ok(()) };
        last = row.get(0)?;
        let digest = Digest(row.get(1)?);
        let raw = row.get_ref(2)?.as_blob().ok().and_then(|data| unpack(blob_key(digest), data).ok());
        if raw.is_none_or(|raw| Digest::of(&raw) != digest) {
            let most = i64::try_from(DAMAGED_MAX).unwrap_or(i64::MAX);
            for run in users.query_map([last, most], |row| row.get(0))? {
                damaged.insert(run?);
            }
        }
    }
}
