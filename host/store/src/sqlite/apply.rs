//! The writes, each inside a transaction that it shares with others.
//!
//! Every function answers twice. The outer error means that the library failed, and the whole transaction with it. The inner
//! one is a refusal: it is found before anything is written, so that the other members of the transaction are not disturbed
//! and need no savepoint.

use std::sync::Arc;

use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Fence, Millis, RunId, RunUid};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::op::Op;
use super::packed::pack;
use super::{prune, shared, sql, whole};
use crate::{
    Blob, Claimed, ClientKey, Commit, Created, Label, NewRun, Place, Relabel, RunState, SavepointWrite, StoreError, Summary, Wake,
};

/// What a write came to; see the head of the file.
pub(super) type Applied<T> = rusqlite::Result<Result<T, StoreError>>;

/// Does one write, and keeps its result with it.
pub(super) fn apply(conn: &Connection, op: &mut Op) -> rusqlite::Result<()> {
    match op {
        Op::Create(call) => call.result = Some(create(conn, &call.args)?),
        Op::Claim(call) => call.result = Some(claim(conn, call.args.0, &call.args.1, call.args.2)?),
        Op::ClaimDue(call) => call.result = Some(Ok(claim_due(conn, &call.args.0, call.args.1, call.args.2)?)),
        Op::Commit(call) => call.result = Some(commit(conn, &call.args)?),
        Op::Acquire(call) => call.result = Some(shared::acquire(conn, &call.args)?),
        Op::Reserve(call) => call.result = Some(Ok(shared::reserve_start(conn, &call.args)?)),
        Op::Relabel(call) => call.result = Some(relabel(conn, &call.args)?),
        Op::Import(call) => call.result = Some(whole::import(conn, &call.args)?),
        Op::Prune(call) => call.result = Some(Ok(prune::bite(conn, &call.args)?)),
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
    if let Some(run) = run_with_uid(conn, new.uid)? {
        return Ok(Err(StoreError::UidTaken { run }));
    }
    if let Some(run) = new.parent
        && standing(conn, run)?.is_none()
    {
        return Ok(Err(StoreError::NotFound { run }));
    }
    let plan = keep_blob(conn, &new.plan)?;
    let fence = Fence(u64::from(new.worker.is_some()));
    let run = insert(
        conn,
        &NewRow {
            fence,
            seq: 1,
            summary: new.summary,
            created_at: new.at,
            changed_at: new.at,
            plan,
            uid: new.uid,
            workflow: &new.workflow,
            worker: new.worker.as_deref(),
            client_key: new.client_key.as_ref(),
            parent: new.parent,
            retain_ms: new.retain_ms,
            labels: &new.labels,
        },
    )?;
    append(conn, run, 1, &new.events)?;
    use_blob(conn, run, plan)?;
    use_blobs(conn, run, &new.blobs)?;
    Ok(Ok(Created::New { run, fence }))
}

/// A run that has this uid.
pub(super) fn run_with_uid(conn: &Connection, uid: RunUid) -> rusqlite::Result<Option<RunId>> {
    let mut find = conn.prepare_cached(sql::UID_FIND)?;
    find.query_row([uid.0], |row| Ok(RunId(row.get::<_, i64>(0)?.cast_unsigned()))).optional()
}

/// What a new run is stored with beside its parts.
pub(super) struct NewRow<'a> {
    pub(super) fence: Fence,
    pub(super) seq: u64,
    pub(super) summary: Summary,
    pub(super) created_at: Millis,
    pub(super) changed_at: Millis,
    /// The row of its plan.
    pub(super) plan: i64,
    pub(super) uid: RunUid,
    pub(super) workflow: &'a str,
    pub(super) worker: Option<&'a str>,
    pub(super) client_key: Option<&'a ClientKey>,
    pub(super) parent: Option<RunId>,
    pub(super) retain_ms: Option<u64>,
    pub(super) labels: &'a [Label],
}

/// Adds the row of a run, its client key and its labels.
pub(super) fn insert(conn: &Connection, new: &NewRow<'_>) -> rusqlite::Result<RunId> {
    let Summary { state, wake, steps_done, steps_total } = new.summary;
    let retain_ms = new.retain_ms.map(u64::cast_signed);
    let ended_at = state.is_finished().then_some(new.changed_at.0);
    conn.prepare_cached(sql::CREATE)?.execute(params![
        new.fence.0.cast_signed(),
        new.seq.cast_signed(),
        state.code(),
        wake_code(wake),
        steps_done,
        steps_total,
        new.created_at.0,
        new.changed_at.0,
        new.plan,
        new.uid.0,
        new.workflow,
        new.worker,
        new.client_key.map(|client| &client.key),
        new.parent.map(id),
        retain_ms,
        ended_at,
        ended_at.zip(retain_ms).map(|(ended_at, retain_ms)| ended_at.saturating_add(retain_ms)),
    ])?;
    let run = RunId(conn.last_insert_rowid().cast_unsigned());
    if let Some(client) = new.client_key {
        conn.prepare_cached(sql::KEY_ADD)?.execute(params![client.key, client.input.0, id(run)])?;
    }
    for (key, value) in new.labels {
        conn.prepare_cached(sql::LABEL_PUT)?.execute(params![id(run), key, value, new.created_at.0])?;
    }
    Ok(run)
}

fn relabel(conn: &Connection, change: &Relabel) -> Applied<()> {
    let run = change.run;
    let began: Option<i64> = conn.prepare_cached(sql::BEGAN)?.query_row([id(run)], |row| row.get(0)).optional()?;
    let Some(began) = began else { return Ok(Err(StoreError::NotFound { run })) };
    let before = labels(conn, run)?;
    let after = match change.apply(before.iter().cloned().collect()) {
        Ok(after) => after,
        Err(refusal) => return Ok(Err(refusal)),
    };
    for (key, _) in before.iter().filter(|(key, _)| !after.contains_key(key)) {
        conn.prepare_cached(sql::LABEL_DROP)?.execute(params![id(run), key])?;
    }
    for label in after.into_iter().filter(|label| !before.contains(label)) {
        conn.prepare_cached(sql::LABEL_PUT)?.execute(params![id(run), label.0, label.1, began])?;
    }
    Ok(Ok(()))
}

/// The labels of a run, by key.
pub(super) fn labels(conn: &Connection, run: RunId) -> rusqlite::Result<Vec<Label>> {
    let mut find = conn.prepare_cached(sql::LABELS)?;
    find.query_map([id(run)], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
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
    let (run_id, fence, seq_id, at) = (id(*run), fence.0.cast_signed(), seq.cast_signed(), commit.at.0);
    let Summary { state, wake, steps_done, steps_total } = summary;
    let (changed, holds_locks) = if state.is_finished() {
        let mut end = conn.prepare_cached(sql::END)?;
        let row = params![run_id, fence, seq_id, steps_done, steps_total, at, state.code()];
        let holds_locks: Option<bool> = end.query_row(row, |row| row.get(0)).optional()?;
        (holds_locks.is_some(), holds_locks.unwrap_or(false))
    } else {
        let row = params![run_id, fence, seq_id, steps_done, steps_total, at, state.code(), wake_code(*wake)];
        // Most steps leave state and wake-up as they were.
        let changed = conn.prepare_cached(sql::STEP)?.execute(row)? > 0 || conn.prepare_cached(sql::TURN)?.execute(row)? > 0;
        (changed, false)
    };
    if !changed {
        return Ok(Err(refusal(commit, standing(conn, *run)?)));
    }
    if holds_locks {
        conn.prepare_cached(sql::LOCKS_RELEASE_ALL)?.execute([run_id])?;
    }
    append(conn, *run, *seq, &commit.events)?;
    use_blobs(conn, *run, &commit.blobs)?;
    keep_logs(conn, commit)?;
    keep_savepoints(conn, commit)?;
    shared::release(conn, *run, &commit.release)?;
    shared::remember(conn, &commit.cache)?;
    Ok(Ok(()))
}

pub(super) fn append(conn: &Connection, run: RunId, seq: u64, events: &[u8]) -> rusqlite::Result<()> {
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
    match judge(run, fence, standing) {
        Err(refusal) => refusal,
        Ok(now) => StoreError::WrongSeq { run, seq, expected: now.seq + 1 },
    }
}

/// Whether a run may be written under this fence.
pub(super) fn fenced(conn: &Connection, run: RunId, fence: Fence) -> Applied<()> {
    Ok(judge(run, fence, standing(conn, run)?).map(|_| ()))
}

fn judge(run: RunId, fence: Fence, standing: Option<Standing>) -> Result<Standing, StoreError> {
    match standing {
        None => Err(StoreError::NotFound { run }),
        Some(now) if now.fence != fence.0 => Err(StoreError::StaleFence { run, fence, current: Fence(now.fence) }),
        Some(now) if now.state.is_finished() => Err(StoreError::AlreadyFinished { run, state: now.state }),
        Some(now) => Ok(now),
    }
}

/// The row of a payload, stored now if it was not yet.
pub(super) fn keep_blob(conn: &Connection, blob: &Blob) -> rusqlite::Result<i64> {
    let mut find = conn.prepare_cached(sql::BLOB_ID)?;
    if let Some(id) = find.query_row([blob.digest().0], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    conn.prepare_cached(sql::BLOB_ADD)?.execute(params![blob.digest().0, pack(blob_key(blob.digest()), blob.bytes())])?;
    Ok(conn.last_insert_rowid())
}

/// Records that a run needs a payload, once.
pub(super) fn use_blob(conn: &Connection, run: RunId, blob: i64) -> rusqlite::Result<()> {
    if conn.prepare_cached(sql::BLOB_USE)?.execute([id(run), blob])? == 1 {
        conn.prepare_cached(sql::BLOB_REF)?.execute([blob])?;
    }
    Ok(())
}

pub(super) fn use_blobs(conn: &Connection, run: RunId, blobs: &[Blob]) -> rusqlite::Result<()> {
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
    commit.savepoint.iter().try_for_each(|write| put_savepoint(conn, run, write))
}

pub(super) fn put_savepoint(conn: &Connection, run: RunId, write: &SavepointWrite) -> rusqlite::Result<()> {
    let data = pack(place_key(run, write.place), &write.data);
    let place = (id(run), write.place.step, item(write.place));
    conn.prepare_cached(sql::SAVEPOINT_PUT)?.execute(params![place.0, place.1, place.2, write.attempt, data])?;
    Ok(())
}
