//! Forgetting finished runs, a bite at a time.
//!
//! A run is forgotten in one transaction: its row moves to `trash`, and from then on nobody sees it. The runs below it and its
//! parts follow, a bounded number of rows per bite, so that a run of 100,000 steps or children holds nobody up. A crash in
//! between loses nothing: the next prune begins with the trash.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::op::{Bite, Bitten, Reached};
use super::sql;

/// Rows deleted per bite: some milliseconds.
const BITE_ROWS: usize = 1_000;
/// Runs looked at per bite. Most of the oldest ones go; those that stay are of other workflows, or wait for a run below them.
const BITE_RUNS: u32 = 100;

/// Deletes about a thousand rows.
pub(super) fn bite(conn: &Connection, bite: &Bite) -> rusqlite::Result<Bitten> {
    let mut budget = BITE_ROWS;
    let mut bitten = Bitten { runs: empty_trash(conn, &mut budget)?, ..Bitten::default() };
    if budget == 0 {
        bitten.next = Some(bite.from);
        return Ok(bitten);
    }
    let (roots, next) = discard(conn, bite)?;
    bitten.roots = roots;
    bitten.runs += roots + empty_trash(conn, &mut budget)?;
    // With nothing more to look at, one more bite is needed if this one left something in the trash.
    bitten.next = next.or((budget == 0).then_some(bite.from));
    Ok(bitten)
}

/// Moves runs to the trash. Answers how many, and where the next bite looks on; `None` when there is no more to look at.
fn discard(conn: &Connection, bite: &Bite) -> rusqlite::Result<(u32, Option<Reached>)> {
    let query = &bite.query;
    if query.limit == 0 {
        return Ok((0, None));
    }
    let after_these = match bite.from {
        Reached::Old(..) => Some(Reached::Expired(i64::MIN, i64::MIN)),
        Reached::Expired(..) => None,
    };
    let (text, until, from) = match bite.from {
        Reached::Old(time, run) => (sql::OLD_RUNS, query.finished_before, (time, run)),
        Reached::Expired(time, run) => (sql::EXPIRED_RUNS, query.expired_at, (time, run)),
    };
    let Some(until) = until else { return Ok((0, after_these)) };
    let mut find = conn.prepare_cached(text)?;
    let rows = find.query_map(params![from.0, from.1, until.0, query.workflow, BITE_RUNS], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, bool>(2)?))
    })?;
    let found: Vec<(i64, i64, bool)> = rows.collect::<rusqlite::Result<_>>()?;
    let mut roots = 0;
    let mut last = from;
    for (run, time, concerned) in &found {
        if roots == query.limit {
            return Ok((roots, None));
        }
        if *concerned && !conn.prepare_cached(sql::OPEN_BELOW)?.exists([run])? {
            throw_away(conn, *run)?;
            roots += 1;
        }
        last = (*time, *run);
    }
    let all = u32::try_from(found.len()).is_ok_and(|found| found < BITE_RUNS);
    let here = match bite.from {
        Reached::Old(..) => Reached::Old(last.0, last.1),
        Reached::Expired(..) => Reached::Expired(last.0, last.1),
    };
    Ok((roots, if all { after_these } else { Some(here) }))
}

/// From here on nobody sees the run.
fn throw_away(conn: &Connection, run: i64) -> rusqlite::Result<()> {
    conn.prepare_cached(sql::TRASH_ADD)?.execute([run])?;
    conn.prepare_cached(sql::LABELS_DROP)?.execute([run])?;
    let client_key: Option<String> = conn.prepare_cached(sql::RUN_DROP)?.query_row([run], |row| row.get(0))?;
    if let Some(key) = client_key {
        conn.prepare_cached(sql::KEY_DROP)?.execute([key])?;
    }
    Ok(())
}

/// Deletes parts of the runs in the trash, and throws the runs below them away, until none is left or the budget is used up.
/// Answers how many runs were thrown away.
fn empty_trash(conn: &Connection, budget: &mut usize) -> rusqlite::Result<u32> {
    let mut thrown = 0;
    while *budget > 0 {
        let Some(run) = conn.prepare_cached(sql::TRASH_NEXT)?.query_row([], |row| row.get::<_, i64>(0)).optional()? else {
            break;
        };
        let most = i64::try_from(*budget).unwrap_or(i64::MAX);
        let children: Vec<i64> =
            conn.prepare_cached(sql::CHILDREN)?.query_map([run, most], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for child in &children {
            throw_away(conn, *child)?;
            thrown += 1;
        }
        *budget -= children.len();
        for text in sql::PARTS_DROP {
            let most = i64::try_from(*budget).unwrap_or(i64::MAX);
            *budget -= conn.prepare_cached(text)?.execute([run, most])?.min(*budget);
        }
        *budget -= drop_blobs(conn, run, *budget)?;
        if *budget > 0 {
            conn.prepare_cached(sql::TRASH_DROP)?.execute([run])?;
        }
    }
    Ok(thrown)
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
