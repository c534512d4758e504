//! What runs share: locks, rates and the cache.

use std::sync::Arc;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Millis, RunId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::apply::{self, Applied, blob_key, id, item};
use super::dir::DataDir;
use super::failure::sql_error;
use super::packed::{pack, unpack};
use super::sql;
use crate::records::{idle_before, limits, reserve};
use crate::{Acquired, CacheWrite, LockHolder, LockQuery, LockRequest, Place, RateRequest, StoreError};

/// Idle rates that one reservation forgets. As each adds at most one, their number falls whenever there are more than needed.
const RATES_BITE: u32 = 4;

/// Step and item as they are stored for a lock: -1 where there is none.
fn lock_place(place: Option<Place>) -> (i64, i64) {
    place.map_or((-1, -1), |place| (i64::from(place.step), item(place)))
}

pub(super) fn acquire(conn: &Connection, request: &LockRequest) -> Applied<Acquired> {
    let LockRequest { name, permits, run, fence, place, at } = request;
    if let Err(refusal) = apply::fenced(conn, *run, *fence)? {
        return Ok(Err(refusal));
    }
    let mut find = conn.prepare_cached(sql::LOCKS_NAMED)?;
    let most = limits::LOCKS_LISTED_MAX as u64;
    let holders = find.query_map(params![name, most.cast_signed()], holder)?.collect::<Result<_, _>>()?;
    if let Some(answer) = request.judge(holders) {
        return Ok(Ok(answer));
    }
    let most = limits::LOCKS_OF_RUN_MAX as u64;
    let own: u32 = conn.prepare_cached(sql::LOCKS_COUNT)?.query_row(params![id(*run), most.cast_signed()], |row| row.get(0))?;
    if let Err(refusal) = limits::within("the number of locks of a run", own as usize + 1, limits::LOCKS_OF_RUN_MAX) {
        return Ok(Err(refusal));
    }
    let (step, item) = lock_place(*place);
    conn.prepare_cached(sql::LOCK_ADD)?.execute(params![name, id(*run), step, item, permits, at.0])?;
    Ok(Ok(Acquired::Held { token: conn.last_insert_rowid().cast_unsigned() }))
}

fn holder(row: &Row<'_>) -> rusqlite::Result<LockHolder> {
    // Any negative step is the run as a whole, and any negative item a step that is not a for-each.
    let (step, item): (i64, i64) = (row.get(3)?, row.get(4)?);
    Ok(LockHolder {
        token: row.get::<_, i64>(0)?.cast_unsigned(),
        name: row.get(1)?,
        run: RunId(row.get::<_, i64>(2)?.cast_unsigned()),
        place: u32::try_from(step).ok().map(|step| Place { step, item: u32::try_from(item).ok() }),
        permits: row.get(5)?,
        since: Millis(row.get(6)?),
    })
}

pub(super) fn release(conn: &Connection, run: RunId, places: &[Option<Place>]) -> rusqlite::Result<()> {
    for place in places {
        let (step, item) = lock_place(*place);
        conn.prepare_cached(sql::LOCKS_RELEASE)?.execute(params![id(run), step, item])?;
    }
    Ok(())
}

pub(super) fn locks(conn: &Connection, dir: &DataDir, query: &LockQuery) -> Result<Vec<LockHolder>, StoreError> {
    let most = (limits::LOCKS_LISTED_MAX as u64).cast_signed();
    let find = || -> rusqlite::Result<Vec<LockHolder>> {
        match query {
            LockQuery::All => conn.prepare_cached(sql::LOCKS_ALL)?.query_map([most], holder)?.collect(),
            LockQuery::Name(name) => conn.prepare_cached(sql::LOCKS_NAMED)?.query_map(params![name, most], holder)?.collect(),
            LockQuery::Run(run) => conn.prepare_cached(sql::LOCKS_OF_RUN)?.query_map([id(*run), most], holder)?.collect(),
        }
    };
    find().map_err(|error| sql_error("reading", &dir.db, &error))
}

pub(super) fn reserve_start(conn: &Connection, request: &RateRequest) -> rusqlite::Result<Millis> {
    conn.prepare_cached(sql::RATES_FORGET)?.execute(params![idle_before(request.at), RATES_BITE])?;
    let known = conn.prepare_cached(sql::RATE_READ)?.query_row([&request.name], |row| row.get(0)).optional()?;
    let (start, tat) = reserve(known, request);
    conn.prepare_cached(sql::RATE_PUT)?.execute(params![request.name, tat])?;
    Ok(start)
}

/// A damaged result is one that is not there: what led to it can be done again.
pub(super) fn cached(conn: &Connection, dir: &DataDir, key: Digest) -> Result<Option<Arc<[u8]>>, StoreError> {
    let find = || conn.prepare_cached(sql::CACHE_READ)?.query_row([key.0], |row| row.get::<_, Vec<u8>>(0)).optional();
    let stored = find().map_err(|error| sql_error("reading", &dir.db, &error))?;
    Ok(stored.and_then(|stored| unpack(blob_key(key), &stored).ok()).map(Into::into))
}

/// The size of the cache.
#[derive(Clone, Copy)]
struct Total {
    entries: i64,
    bytes: i64,
}

impl Total {
    fn has_room(self, bytes: i64) -> bool {
        self.entries < (limits::CACHE_ENTRIES_MAX as u64).cast_signed()
            && self.bytes + bytes <= (limits::CACHE_BYTES_MAX as u64).cast_signed()
    }
}

pub(super) fn remember(conn: &Connection, writes: &[CacheWrite]) -> rusqlite::Result<()> {
    if writes.is_empty() {
        return Ok(());
    }
    let mut total = conn.prepare_cached(sql::CACHE_TOTAL)?.query_row([], |row| Ok(Total { entries: row.get(0)?, bytes: row.get(1)? }))?;
    let mut bite = limits::CACHE_BITE;
    for CacheWrite { key, value } in writes {
        if value.len() > limits::CACHE_VALUE_BYTES_MAX || is_remembered(conn, *key, &mut total)? {
            continue;
        }
        let size = (value.len() as u64).cast_signed();
        while !total.has_room(size) && bite > 0 {
            let gone: Option<i64> = conn.prepare_cached(sql::CACHE_OLDEST_DROP)?.query_row([], |row| row.get(0)).optional()?;
            total = Total { entries: total.entries - i64::from(gone.is_some()), bytes: total.bytes - gone.unwrap_or(0) };
            bite -= 1;
        }
        if total.has_room(size) {
            conn.prepare_cached(sql::CACHE_ADD)?.execute(params![key.0, size, pack(blob_key(*key), value)])?;
            total = Total { entries: total.entries + 1, bytes: total.bytes + size };
        }
    }
    conn.prepare_cached(sql::CACHE_TOTAL_PUT)?.execute([total.entries, total.bytes])?;
    Ok(())
}

/// Whether the key has a sound result. A damaged one is removed, or nobody could ever write it again.
fn is_remembered(conn: &Connection, key: Digest, total: &mut Total) -> rusqlite::Result<bool> {
    let stored = conn.prepare_cached(sql::CACHE_READ)?.query_row([key.0], |row| row.get::<_, Vec<u8>>(0)).optional()?;
    let Some(stored) = stored else { return Ok(false) };
    if unpack(blob_key(key), &stored).is_ok() {
        return Ok(true);
    }
    let size: i64 = conn.prepare_cached(sql::CACHE_DROP)?.query_row([key.0], |row| row.get(0))?;
    *total = Total { entries: total.entries - 1, bytes: total.bytes - size };
    Ok(false)
}
