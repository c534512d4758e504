//! Whether a write whose COMMIT failed is stored all the same.

use jackfield_flow::run::{Fence, RunId, RunUid};
use rusqlite::{Connection, OptionalExtension as _};

use super::apply::{batch_key, id, run_with_uid};
use super::op::Op;
use super::packed::unpack;
use super::sql;
use crate::{Acquired, Claimed, Created};

/// Whether what the write meant to do is there; `None` when it does not tell. A write that was refused meant to do nothing, and
/// deleting, reserving and labelling are simply done again when they are asked for again.
pub(super) fn landed(conn: &Connection, op: &Op) -> rusqlite::Result<Option<bool>> {
    match op {
        Op::Create(call) => match &call.result {
            Some(Ok(Created::New { run, .. })) => is_stored(conn, *run, call.args.uid).map(Some),
            _ => Ok(None),
        },
        Op::Import(call) => match &call.result {
            Some(Ok(run)) => is_stored(conn, *run, call.args.uid()).map(Some),
            _ => Ok(None),
        },
        Op::Acquire(call) => match &call.result {
            Some(Ok(Acquired::Held { token })) => conn.prepare_cached(sql::LOCK_HAS)?.exists([token.cast_signed()]).map(Some),
            _ => Ok(None),
        },
        Op::Claim(call) => match &call.result {
            Some(Ok(claimed)) => is_claimed(conn, claimed).map(Some),
            _ => Ok(None),
        },
        Op::ClaimDue(call) => match &call.result {
            Some(Ok(claimed)) => claimed.first().map(|one| is_claimed(conn, one)).transpose(),
            _ => Ok(None),
        },
        Op::Commit(call) => match &call.result {
            Some(Ok(())) => Ok(Some(batch(conn, call.args.run, call.args.seq)?.as_ref() == Some(&call.args.events))),
            _ => Ok(None),
        },
        Op::Reserve(_) | Op::Relabel(_) | Op::Prune(_) | Op::Shrink(_) => Ok(None),
    }
}

fn is_stored(conn: &Connection, run: RunId, uid: RunUid) -> rusqlite::Result<bool> {
    Ok(run_with_uid(conn, uid)? == Some(run))
}

/// A later member of the group may have raised the fence further.
fn is_claimed(conn: &Connection, claimed: &Claimed) -> rusqlite::Result<bool> {
    Ok(fence(conn, claimed.run)? >= Some(claimed.fence))
}

fn fence(conn: &Connection, run: RunId) -> rusqlite::Result<Option<Fence>> {
    let mut find = conn.prepare_cached(sql::STANDING)?;
    Ok(find.query_row([id(run)], |row| row.get::<_, i64>(0)).optional()?.map(|fence| Fence(fence.cast_unsigned())))
}

fn batch(conn: &Connection, run: RunId, seq: u64) -> rusqlite::Result<Option<Vec<u8>>> {
    let mut find = conn.prepare_cached("SELECT data FROM events WHERE run = ?1 AND seq = ?2")?;
    let data: Option<Vec<u8>> = find.query_row([id(run), seq.cast_signed()], |row| row.get(0)).optional()?;
    Ok(data.and_then(|data| unpack(batch_key(run, seq), &data).ok()))
}
