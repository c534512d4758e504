//! The reads. Each statement is short and ends before the next begins, so that no reader keeps a snapshot.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Fence, Millis, RunId, RunUid};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Row, params};

use super::apply::{batch_key, blob_key, id, item, labels, place_key, state_at, wake_from};
use super::dir::DataDir;
use super::failure::sql_error;
use super::packed::unpack;
use super::sql;
use super::writer::Counters;
use crate::records::limits;
use crate::{Batch, Health, LogChunk, LogPage, LogPos, LogQuery, Place, RunRow, Savepoint, StoreError, StoredRun, Summary, Wakeup};

/// Batches per statement while a run is loaded.
const LOAD_BATCHES: u64 = 1_000;

/// An error of the library while reading.
fn failed(dir: &DataDir) -> impl Fn(rusqlite::Error) -> StoreError + '_ {
    |error| sql_error("reading", &dir.db, &error)
}

pub(super) fn row(conn: &Connection, dir: &DataDir, run: RunId) -> Result<RunRow, StoreError> {
    let find = || {
        let row = conn.prepare_cached(sql::ROW)?.query_row([id(run)], read_row).optional()?;
        row.map(|row| Ok(RunRow { labels: labels(conn, run)?, ..row })).transpose()
    };
    find().map_err(failed(dir))?.ok_or(StoreError::NotFound { run })
}

/// All but its labels, which are rows of another table.
fn read_row(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    let state = state_at(row, 4)?;
    Ok(RunRow {
        run: RunId(row.get::<_, i64>(0)?.cast_unsigned()),
        uid: RunUid(row.get(1)?),
        workflow: row.get(2)?,
        plan: Digest(row.get(3)?),
        summary: Summary {
            state,
            wake: if state.is_finished() { None } else { Some(wake_from(row.get(5)?)) },
            steps_done: row.get(6)?,
            steps_total: row.get(7)?,
        },
        fence: Fence(row.get::<_, i64>(8)?.cast_unsigned()),
        seq: row.get::<_, i64>(9)?.cast_unsigned(),
        worker: row.get(10)?,
        labels: Vec::new(),
        created_at: Millis(row.get(11)?),
        changed_at: Millis(row.get(12)?),
        parent: row.get::<_, Option<i64>>(13)?.map(|parent| RunId(parent.cast_unsigned())),
        retain_ms: row.get::<_, Option<i64>>(14)?.map(i64::cast_unsigned),
    })
}

pub(super) fn load(conn: &Connection, dir: &DataDir, run: RunId) -> Result<StoredRun, StoreError> {
    let row = row(conn, dir, run)?;
    let plan = blob(conn, dir, row.plan).map_err(|error| match error {
        StoreError::NoBlob { .. } | StoreError::DamagedBlob { .. } => StoreError::Damaged { run, seq: 0 },
        other => other,
    })?;
    let mut batches = Vec::new();
    let mut next = 1;
    // What is committed never changes, so that the batches up to the row's last are the same in every snapshot.
    while next <= row.seq {
        match read_batches(conn, run, next, row.seq, &mut batches) {
            Ok(after) if after > next => next = after,
            Ok(_) => return gone_or_damaged(conn, dir, run, next),
            Err(Unread::Bad(seq)) => return Err(StoreError::Damaged { run, seq }),
            Err(Unread::Sql(error)) => return Err(failed(dir)(error)),
        }
    }
    Ok(StoredRun { row, plan, batches })
}

/// Why a batch could not be read.
enum Unread {
    /// It is missing or does not match its checksum.
    Bad(u64),
    /// The library failed.
    Sql(rusqlite::Error),
}

/// Reads some batches from `next` on, and answers the number after the last one it read.
fn read_batches(conn: &Connection, run: RunId, mut next: u64, last: u64, batches: &mut Vec<Batch>) -> Result<u64, Unread> {
    // A page of the table that makes no sense concerns this run: others have their batches elsewhere.
    let unread = |seq| {
        move |error: rusqlite::Error| match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt) => Unread::Bad(seq),
            _ => Unread::Sql(error),
        }
    };
    let mut find = conn.prepare_cached(sql::BATCHES).map_err(Unread::Sql)?;
    let range = params![id(run), (next - 1).cast_signed(), last.cast_signed(), LOAD_BATCHES.cast_signed()];
    let mut rows = find.query(range).map_err(unread(next))?;
    while let Some(row) = rows.next().map_err(unread(next))? {
        let seq = row.get::<_, i64>(0).map_err(Unread::Sql)?.cast_unsigned();
        let data = row.get_ref(1).and_then(|data| Ok(data.as_blob()?)).map_err(|_| Unread::Bad(next))?;
        if seq != next {
            return Err(Unread::Bad(next));
        }
        let events = unpack(batch_key(run, seq), data).map_err(|_| Unread::Bad(seq))?;
        batches.push(Batch { seq, events });
        next += 1;
    }
    Ok(next)
}

/// A batch is missing: the run may have been pruned since its row was read.
fn gone_or_damaged<T>(conn: &Connection, dir: &DataDir, run: RunId, seq: u64) -> Result<T, StoreError> {
    row(conn, dir, run)?;
    Err(StoreError::Damaged { run, seq })
}

pub(super) fn blob(conn: &Connection, dir: &DataDir, digest: Digest) -> Result<Arc<[u8]>, StoreError> {
    let find = || conn.prepare_cached(sql::BLOB_READ)?.query_row([digest.0], |row| row.get::<_, Vec<u8>>(0)).optional();
    let stored = find().map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt) => StoreError::DamagedBlob { digest },
        _ => failed(dir)(error),
    })?;
    let stored = stored.ok_or(StoreError::NoBlob { digest })?;
    let bytes = unpack(blob_key(digest), &stored).map_err(|_| StoreError::DamagedBlob { digest })?;
    if Digest::of(&bytes) == digest { Ok(bytes.into()) } else { Err(StoreError::DamagedBlob { digest }) }
}

pub(super) fn savepoint(conn: &Connection, dir: &DataDir, run: RunId, place: Place) -> Result<Option<Savepoint>, StoreError> {
    let find = || {
        let mut find = conn.prepare_cached(sql::SAVEPOINT_READ)?;
        find.query_row(params![id(run), place.step, item(place)], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?))).optional()
    };
    let Some((attempt, stored)) = find().map_err(failed(dir))? else { return Ok(None) };
    let data = unpack(place_key(run, place), &stored).map_err(|_| StoreError::DamagedPart { run, place, what: "savepoint" })?;
    Ok(Some(Savepoint { attempt, data }))
}

pub(super) fn logs(conn: &Connection, dir: &DataDir, query: LogQuery) -> Result<LogPage, StoreError> {
    let first = LogPos { place: Place { step: query.step.unwrap_or(0), item: None }, attempt: 0, seq: 0, part: 0 };
    // Batches count from 1, so that nothing is at the first position itself.
    let after = query.after.map_or(first, |after| after.max(first));
    let run = query.run;
    let mut find = conn.prepare_cached(sql::LOGS).map_err(failed(dir))?;
    let range = params![
        id(run),
        after.place.step,
        item(after.place),
        after.attempt,
        after.seq.cast_signed(),
        after.part,
        query.step.unwrap_or(u32::MAX),
    ];
    let mut rows = find.query(range).map_err(failed(dir))?;
    let (mut page, mut bytes, mut last) = (LogPage { chunks: Vec::new(), next: None }, 0, None);
    while let Some(row) = rows.next().map_err(failed(dir))? {
        if bytes >= limits::LOG_PAGE_BYTES {
            page.next = last;
            break;
        }
        let (pos, stored) = read_log(row).map_err(failed(dir))?;
        let raw = unpack(place_key(run, pos.place), &stored);
        let raw = raw.map_err(|_| StoreError::DamagedPart { run, place: pos.place, what: "log" })?;
        bytes += raw.len();
        last = Some(pos);
        page.chunks.push(LogChunk { place: pos.place, attempt: pos.attempt, bytes: raw });
    }
    Ok(page)
}

fn read_log(row: &Row<'_>) -> rusqlite::Result<(LogPos, Vec<u8>)> {
    // Any negative item is a step that is not a for-each.
    let place = Place { step: row.get(0)?, item: u32::try_from(row.get::<_, i64>(1)?).ok() };
    let pos = LogPos { place, attempt: row.get(2)?, seq: row.get::<_, i64>(3)?.cast_unsigned(), part: row.get(4)? };
    Ok((pos, row.get(5)?))
}

pub(super) fn wakeups(conn: &Connection, dir: &DataDir) -> Result<Vec<Wakeup>, StoreError> {
    let find = || -> rusqlite::Result<Vec<Wakeup>> {
        let wakeup = |row: &Row<'_>| {
            let run = RunId(row.get::<_, i64>(0)?.cast_unsigned());
            Ok(Wakeup { run, wake: wake_from(row.get(1)?) })
        };
        conn.prepare_cached(sql::WAKEUPS)?.query_map([], wakeup)?.collect()
    };
    find().map_err(failed(dir))
}

/// Counters only.
pub(super) fn glance(conn: &Connection, dir: &DataDir, counters: &Counters) -> Result<Health, StoreError> {
    let number = |pragma: &str| -> Result<i64, StoreError> { conn.pragma_query_value(None, pragma, |row| row.get(0)).map_err(failed(dir)) };
    let page = number("page_size")?;
    let unfinished: i64 = conn.query_row(sql::UNFINISHED, [], |row| row.get(0)).map_err(failed(dir))?;
    Ok(Health {
        kind: format!("SQLite {}", rusqlite::version()),
        schema: number("user_version")?,
        bytes: (page * number("page_count")?).cast_unsigned(),
        bytes_free: (page * number("freelist_count")?).cast_unsigned(),
        bytes_wal: dir.wal_bytes(),
        unfinished: unfinished.cast_unsigned(),
        transactions: counters.transactions.load(Ordering::Relaxed),
        writes: counters.writes.load(Ordering::Relaxed),
        damaged: Vec::new(),
    })
}
