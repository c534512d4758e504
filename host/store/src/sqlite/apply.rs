//! The writes, each inside a transaction that it shares with others.
//!
//! Every function answers twice. The outer error means that the library failed, and the whole transaction with it. The inner
//! one is a refusal: it is found before anything is written, so that the other members of the transaction are not disturbed
//! and need no savepoint.

use std::sync::Arc;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Fence, Millis, RunId};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::op::Op;
use super::packed::pack;
use super::{prune, sql};
use crate::{Blob, Claimed, Commit, Created, NewRun, Place, RunState, StoreError, Summary, Wake};

/// What a write came to; see the head of the file.
type Applied<T> = rusqlite::Result<Result<T, StoreError>>;

/// Does one write, and keeps its result with it.
pub(super) fn apply(conn: &Connection, op: &mut Op) -> rusqlite::Result<()> {
    match op {
        Op::Create(call) => call.result = Some(create(conn, &call.args)?),
        Op::Claim(call) => call.result = Some(claim(conn, call.args.0, &call.args.1, call.args.2)?),
        Op::ClaimDue(call) => call.result = Some(Ok(claim_due(conn, &call.args.0, call.args.1, call.args.2)?)),
        Op::Commit(call) => call.result = Some(commit(conn, &call.args)?),
        Op::Prune(call) => call.result = Some(Ok(prune::bite(conn, call.args)?)),
        Op::Shrink(call) => call.result = Some(Ok(prune::shrink(conn, call.args)?)),
    }
    Ok(())
}

/// An id as SQLite has it. One that is too large becomes negative, and no row has such an id.
pub(super) fn id(run: RunId) -> i64 {
    run.0.cast_signed()
}

/// The key under which a batch is packed.
pub(super) fn batch_key(run: RunId, seq: u64) -> [u64; 2] {
    [run.0, seq]
}

/// The key under which a payload is packed.
pub(super) fn blob_key(digest: Digest) -> [u64; 2] {
    let half = |from: usize| digest.0[from..from + 8].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    [half(0), half(8)]
}

/// The key under which a savepoint or log is packed.
pub(super) fn place_key(run: RunId, place: Place) -> [u64; 2] {
    [run.0, u64::from(place.step) << 33 | place.item.map_or(0, |item| u64::from(item) + 1)]
}

/// The item as it is stored.
pub(super) fn item(place: Place) -> i64 {
    place.item.map_or(-1, i64::from)
}

/// A wake-up as it is stored: the beginning of time for a run that is ready, so that all that is due is one range of the index,
/// and nothing for a run that only a message wakes.
fn wake_code(wake: Option<Wake>) -> Option<i64> {
    match wake? {
        Wake::Ready => Some(i64::MIN),
        Wake::At(at) => Some(at.0),
        Wake::Message => None,
    }
}

/// The wake-up of an unfinished run that is stored as this number.
pub(super) fn wake_from(code: Option<i64>) -> Wake {
    match code {
        Some(i64::MIN) => Wake::Ready,
        Some(at) => Wake::At(Millis(at)),
        None => Wake::Message,
    }
}

fn create(conn: &Connection, new: &NewRun) -> Applied<Created> {
    if let Some(client) = &new.client_key {
        let mut find = conn.prepare_cached(sql::KEY_FIND)?;
        let known = find.query_row([&client.key], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?))).optional()?;
        if let Some((run, input)) = known {
            let run = RunId(run.cast_unsigned());
            let same = input == client.input.0;
            return Ok(if same { Ok(Created::Existing { run }) } else { Err(StoreError::KeyConflict { key: client.key.clone(), run }) });
        }
    }
    let plan = keep_blob(conn, &new.plan)?;
    let fence = i64::from(new.worker.is_some());
    let Summary { state, wake, steps_done, steps_total } = new.summary;
    conn.prepare_cached(sql::CREATE)?.execute(params![
        fence,
        state.code(),
        wake_code(wake),
        steps_done,
        steps_total,
        new.at.0,
        plan,
        new.uid.0,
        new.workflow,
        new.worker,
        new.client_key.as_ref().map(|client| &client.key),
    ])?;
    let run = RunId(conn.last_insert_rowid().cast_unsigned());
    if let Some(client) = &new.client_key {
        conn.prepare_cached(sql::KEY_ADD)?.execute(params![client.key, client.input.0, id(run)])?;
    }
    append(conn, run, 1, &new.events)?;
    use_blob(conn, run, plan)?;
    use_blobs(conn, run, &new.blobs)?;
    Ok(Ok(Created::New { run, fence: Fence(fence.cast_unsigned()) }))
}

fn claim(conn: &Connection, run: RunId, worker: &Arc<str>, now: Millis) -> Applied<Claimed> {
    let mut raise = conn.prepare_cached(sql::CLAIM)?;
    let fence = raise.query_row(params![id(run), worker, now.0], |row| row.get::<_, i64>(0)).optional()?;
    match fence {
        Some(fence) => Ok(Ok(Claimed { run, fence: Fence(fence.cast_unsigned()) })),
        None => match standing(conn, run)? {
            Some(Standing { state, .. }) => Ok(Err(StoreError::AlreadyFinished { run, state })),
            None => Ok(Err(StoreError::NotFound { run })),
        },
    }
}

fn claim_due(conn: &Connection, worker: &Arc<str>, now: Millis, limit: u32) -> rusqlite::Result<Vec<Claimed>> {
    let mut find = conn.prepare_cached(sql::DUE)?;
    let due: Vec<i64> = find.query_map(params![worker, limit, now.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut claimed = Vec::with_capacity(due.len());
    for run in due {
        // They were unfinished a moment ago, and nobody else writes.
        if let Ok(one) = claim(conn, RunId(run.cast_unsigned()), worker, now)? {
            claimed.push(one);
        }
    }
    Ok(claimed)
}

fn commit(conn: &Connection, commit: &Commit) -> Applied<()> {
    let Commit { run, fence, seq, summary, .. } = commit;
    let turn = |text| {
        conn.prepare_cached(text)?.execute(params![
            id(*run),
            fence.0.cast_signed(),
            seq.cast_signed(),
            summary.steps_done,
            summary.steps_total,
            commit.at.0,
            summary.state.code(),
            wake_code(summary.wake),
        ])
    };
    // Exactly one row must change. A run that ends changes its state, so that the first way cannot be its.
    let changed = if summary.state.is_finished() { 0 } else { turn(sql::STEP)? };
    if changed == 0 && turn(sql::TURN)? == 0 {
        return Ok(Err(refusal(commit, standing(conn, *run)?)));
    }
    append(conn, *run, *seq, &commit.events)?;
    use_blobs(conn, *run, &commit.blobs)?;
    keep_logs(conn, commit)?;
    keep_savepoints(conn, commit)?;
    Ok(Ok(()))
}

fn append(conn: &Connection, run: RunId, seq: u64, events: &[u8]) -> rusqlite::Result<()> {
    conn.prepare_cached(sql::APPEND)?.execute(params![id(run), seq.cast_signed(), pack(batch_key(run, seq), events)])?;
    Ok(())
}

/// What decides whether a write is accepted.
struct Standing {
    fence: u64,
    seq: u64,
    state: RunState,
}

fn standing(conn: &Connection, run: RunId) -> rusqlite::Result<Option<Standing>> {
    let mut find = conn.prepare_cached(sql::STANDING)?;
    find.query_row([id(run)], |row| {
        Ok(Standing { fence: row.get::<_, i64>(0)?.cast_unsigned(), seq: row.get::<_, i64>(1)?.cast_unsigned(), state: state_at(row, 2)? })
    })
    .optional()
}

/// A state as it is stored. A number that no state has is damage.
pub(super) fn state_at(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<RunState> {
    let code: u8 = row.get(column)?;
    RunState::from_code(code).ok_or(rusqlite::Error::IntegralValueOutOfRange(column, i64::from(code)))
}

/// Why no row changed.
fn refusal(commit: &Commit, standing: Option<Standing>) -> StoreError {
    let Commit { run, fence, seq, .. } = *commit;
    match standing {
        None => StoreError::NotFound { run },
        Some(now) if now.fence != fence.0 => StoreError::StaleFence { run, fence, current: Fence(now.fence) },
        Some(now) if now.state.is_finished() => StoreError::AlreadyFinished { run, state: now.state },
        Some(now) => StoreError::WrongSeq { run, seq, expected: now.seq + 1 },
    }
}

/// The row of a payload, stored now if it was not yet.
fn keep_blob(conn: &Connection, blob: &Blob) -> rusqlite::Result<i64> {
    let mut find = conn.prepare_cached(sql::BLOB_ID)?;
    if let Some(id) = find.query_row([blob.digest().0], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    conn.prepare_cached(sql::BLOB_ADD)?.execute(params![blob.digest().0, pack(blob_key(blob.digest()), blob.bytes())])?;
    Ok(conn.last_insert_rowid())
}

/// Records that a run needs a payload, once.
fn use_blob(conn: &Connection, run: RunId, blob: i64) -> rusqlite::Result<()> {
    if conn.prepare_cached(sql::BLOB_USE)?.execute([id(run), blob])? == 1 {
        conn.prepare_cached(sql::BLOB_REF)?.execute([blob])?;
    }
    Ok(())
}

fn use_blobs(conn: &Connection, run: RunId, blobs: &[Blob]) -> rusqlite::Result<()> {
    blobs.iter().try_for_each(|blob| use_blob(conn, run, keep_blob(conn, blob)?))
}

fn keep_logs(conn: &Connection, commit: &Commit) -> rusqlite::Result<()> {
    let run = commit.run;
    for (part, chunk) in (0_u32..).zip(&commit.logs) {
        let data = pack(place_key(run, chunk.place), &chunk.bytes);
        let key = (id(run), chunk.place.step, item(chunk.place), chunk.attempt);
        conn.prepare_cached(sql::LOG_ADD)?.execute(params![key.0, key.1, key.2, key.3, commit.seq.cast_signed(), part, data])?;
    }
    Ok(())
}

/// Drops first, so that a place can drop the old savepoint and keep a new one.
fn keep_savepoints(conn: &Connection, commit: &Commit) -> rusqlite::Result<()> {
    let run = commit.run;
    for place in &commit.drop_savepoints {
        conn.prepare_cached(sql::SAVEPOINT_DROP)?.execute(params![id(run), place.step, item(*place)])?;
    }
    if let Some(write) = &commit.savepoint {
        let data = pack(place_key(run, write.place), &write.data);
        let place = (id(run), write.place.step, item(write.place));
        conn.prepare_cached(sql::SAVEPOINT_PUT)?.execute(params![place.0, place.1, place.2, write.attempt, data])?;
    }
    Ok(())
}
