//! Forgetting finished runs, a bite at a time.
//!
//! A run is forgotten in one transaction: its row moves to `trash`, and from then on nobody sees it. Its parts are deleted after
//! that, a bounded number of rows per bite, so that a run of 100,000 steps holds nobody up. A crash in between loses
//! nothing: the next prune begins with the trash.

use jackfield_flow::run::RunId;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::op::{Bite, Bitten};
use super::{apply, sql};

/// Rows deleted per bite: some milliseconds.
const BITE_ROWS: usize = 1_000;
/// Runs looked at per bite. Most of the oldest ones go; those that stay are unfinished, and few.
const BITE_RUNS: u32 = 100;

/// Deletes about a thousand rows.
pub(super) fn bite(conn: &Connection, bite: Bite) -> rusqlite::Result<Bitten> {
    let mut budget = BITE_ROWS;
    empty_trash(conn, &mut budget)?;
    if budget == 0 {
        return Ok(Bitten { runs: 0, after: Some(bite.after) });
    }
    let (runs, looked) = discard(conn, bite)?;
    empty_trash(conn, &mut budget)?;
    // With nothing more to look at, one more bite is needed if this one left something in the trash.
    let after = looked.or((budget == 0).then_some(bite.after));
    Ok(Bitten { runs, after })
}

/// Moves old runs to the trash. Answers how many, and how far it looked; `None` when it looked at all that may be old enough.
fn discard(conn: &Connection, bite: Bite) -> rusqlite::Result<(u32, Option<RunId>)> {
    let mut find = conn.prepare_cached(sql::OLD_RUNS)?;
    let mut rows = find.query(params![apply::id(bite.after), BITE_RUNS])?;
    let (mut old, mut seen, mut last) = (Vec::new(), 0, bite.after);
    let mut all = true;
    while let Some(row) = rows.next()? {
        let created_at: i64 = row.get(2)?;
        // Ids are given in the order of creation, and no run ends before it begins: all further ones are too young.
        if created_at >= bite.finished_before.0 || old.len() >= bite.limit as usize {
            break;
        }
        let run: i64 = row.get(0)?;
        if apply::state_at(row, 1)?.is_finished() && row.get::<_, i64>(3)? < bite.finished_before.0 {
            old.push((run, row.get::<_, Option<String>>(4)?));
        }
        last = RunId(run.cast_unsigned());
        seen += 1;
        all = seen < BITE_RUNS;
    }
    drop(rows);
    for (run, client_key) in &old {
        conn.prepare_cached(sql::TRASH_ADD)?.execute([run])?;
        conn.prepare_cached(sql::RUN_DROP)?.execute([run])?;
        if let Some(key) = client_key {
            conn.prepare_cached(sql::KEY_DROP)?.execute([key])?;
        }
    }
    Ok((u32::try_from(old.len()).unwrap_or(bite.limit), (!all).then_some(last)))
}

/// Deletes parts of the runs in the trash until none is left or the budget is used up.
fn empty_trash(conn: &Connection, budget: &mut usize) -> rusqlite::Result<()> {
    while *budget > 0 {
        let Some(run) = conn.prepare_cached(sql::TRASH_NEXT)?.query_row([], |row| row.get::<_, i64>(0)).optional()? else {
            return Ok(());
        };
        for text in sql::PARTS_DROP {
            let most = i64::try_from(*budget).unwrap_or(i64::MAX);
            *budget -= conn.prepare_cached(text)?.execute([run, most])?.min(*budget);
        }
        *budget -= drop_blobs(conn, run, *budget)?;
        if *budget > 0 {
            conn.prepare_cached(sql::TRASH_DROP)?.execute([run])?;
        }
    }
    Ok(())
}

/// Lets go of at most so many payloads of a run, and deletes those that nobody else needs.
fn drop_blobs(conn: &Connection, run: i64, most: usize) -> rusqlite::Result<usize> {
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let blobs: Vec<i64> = conn.prepare_cached(sql::RUN_BLOBS)?.query_map([run, limit], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for blob in &blobs {
        conn.prepare_cached(sql::RUN_BLOB_DROP)?.execute([run, *blob])?;
        let refs: i64 = conn.prepare_cached(sql::BLOB_UNREF)?.query_row([blob], |row| row.get(0))?;
        if refs == 0 {
            conn.prepare_cached(sql::BLOB_DROP)?.execute([blob])?;
        }
    }
    Ok(blobs.len())
}

/// Gives at most so many free pages back. Answers how many it was.
pub(super) fn shrink(conn: &Connection, pages: u32) -> rusqlite::Result<u64> {
    let free = || conn.pragma_query_value(None, "freelist_count", |row| row.get::<_, i64>(0));
    let before = free()?;
    if before == 0 {
        return Ok(0);
    }
    // Zero would mean all of them.
    conn.execute_batch(&format!("PRAGMA incremental_vacuum({})", pages.max(1)))?;
    Ok(before.saturating_sub(free()?).max(0).cast_unsigned())
}
