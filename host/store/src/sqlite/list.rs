//! Lists of runs, each from the index that fits its query best.

use rusqlite::{CachedStatement, Connection, OptionalExtension as _, Rows, params};

use jackfield_flow::run::RunId;

use super::apply::id;
use super::dir::DataDir;
use super::failure::sql_error;
use super::{query, sql};
use crate::records::limits;
use crate::{Family, Label, ListPage, ListQuery, RunState, StoreError};

/// Entries of an index that a page looks at.
const WINDOW: u32 = 50_000;

/// Where a run is listed: when it began, and its number.
type Position = (i64, i64);

/// What a page found.
#[derive(Default)]
struct Found {
    runs: Vec<RunId>,
    /// The last run that was looked at, when it was not the last there is.
    stopped: Option<RunId>,
}

pub(super) fn list(conn: &Connection, dir: &DataDir, query: &ListQuery) -> Result<ListPage, StoreError> {
    let Found { runs, stopped } = find(conn, query).map_err(|error| sql_error("reading", &dir.db, &error))?;
    let mut rows = Vec::with_capacity(runs.len());
    for run in runs {
        match query::row(conn, dir, run) {
            // The row is read a moment later: what has changed since may not belong on the list any more.
            Ok(row) if query.wants(&row) => rows.push(row),
            Ok(_) | Err(StoreError::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(ListPage { rows, next: stopped })
}

fn find(conn: &Connection, query: &ListQuery) -> rusqlite::Result<Found> {
    let Some(end) = end_of_page_before(conn, query)? else { return Ok(Found::default()) };
    let Some((first_label, labels)) = split_labels(&query.labels) else { return Ok(Found::default()) };
    let family = match query.family {
        Family::All => -1,
        Family::TopLevel => 0,
        Family::ChildrenOf(parent) => id(parent),
    };
    let from = query.began_from.map_or(i64::MIN, |from| from.0);
    let states = states_mask(&query.states);
    let mut find = conn.prepare_cached(source(query))?;
    let rows = match first_label {
        None => find.query(params![end.0, end.1, from, states, query.workflow, family])?,
        Some((key, value)) => find.query(params![end.0, end.1, from, states, query.workflow, family, key, value])?,
    };
    let has = conn.prepare_cached(sql::LABEL_HAS)?;
    take_page(rows, query.page_size() as usize, labels, has)
}

/// The first label, which an index finds, and the others, which are looked up. `None` when no run can have so many.
fn split_labels(labels: &[Label]) -> Option<(Option<&Label>, &[Label])> {
    if labels.len() > limits::LABELS_MAX {
        return None;
    }
    Some(labels.split_first().map_or((None, labels), |(first, others)| (Some(first), others)))
}

/// Reads until a page is full and one more run is known, or enough entries have been looked at.
fn take_page(mut rows: Rows<'_>, limit: usize, labels: &[Label], mut has: CachedStatement<'_>) -> rusqlite::Result<Found> {
    let mut found = Found::default();
    let mut looked = 0;
    while let Some(row) = rows.next()? {
        let run: i64 = row.get(0)?;
        looked += 1;
        let mut wanted: bool = row.get(1)?;
        for (key, value) in labels {
            wanted = wanted && has.exists(params![run, key, value])?;
        }
        if wanted && found.runs.len() == limit {
            found.stopped = found.runs.last().copied();
            break;
        }
        let run = RunId(run.cast_unsigned());
        if wanted {
            found.runs.push(run);
        }
        if looked == WINDOW {
            found.stopped = Some(run);
            break;
        }
    }
    Ok(found)
}

/// Everything on this page comes before this position; `None` when nothing can.
fn end_of_page_before(conn: &Connection, query: &ListQuery) -> rusqlite::Result<Option<Position>> {
    let until = query.began_until.map_or((i64::MAX, i64::MAX), |until| (until.0, i64::MIN));
    let Some(before) = query.before else { return Ok(Some(until)) };
    let asked = i64::try_from(before.0).unwrap_or(i64::MAX);
    let nearest = conn.prepare_cached(sql::POSITION)?.query_row([asked], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    // When the run itself is gone, the one before it belongs on this page.
    let position = nearest.map(|(began, run): Position| (began, if run == asked { run } else { run + 1 }));
    Ok(position.map(|position| position.min(until)))
}

/// A bit for each state that is wanted.
fn states_mask(states: &[RunState]) -> i64 {
    if states.is_empty() { i64::MAX } else { states.iter().fold(0, |mask, state| mask | 1 << state.code()) }
}

/// The statement whose index leaves the least to look at.
fn source(query: &ListQuery) -> &'static str {
    let all_are = |wanted: fn(&RunState) -> bool| !query.states.is_empty() && query.states.iter().all(wanted);
    if !query.labels.is_empty() {
        sql::LIST_LABELLED
    } else if let Family::ChildrenOf(_) = query.family {
        sql::LIST_CHILDREN
    } else if all_are(|state| !state.is_finished()) {
        sql::LIST_UNFINISHED
    } else if all_are(|state| matches!(state, RunState::Failed | RunState::Cancelled)) {
        sql::LIST_FAILED
    } else if query.workflow.is_some() {
        sql::LIST_WORKFLOW
    } else if query.family == Family::TopLevel {
        sql::LIST_TOP
    } else {
        sql::LIST_ALL
    }
}
