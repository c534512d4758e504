//! `jackfield runs prune`.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_flow::run::Millis;
use jackfield_store::{Family, ListQuery, PruneQuery, RunRow, RunState, SqliteStore, Store as _};
use jackfield_worker::{Clock as _, SystemClock};
use serde::Serialize;

use crate::args::PruneArgs;
use crate::confirm::confirm;
use crate::control::{self, Forgotten, Request};
use crate::drive::Stop;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, engine_runtime, small_runtime};
use crate::output::Format;
use crate::output::table::Table;
use crate::output::time::{bytes, utc};
use crate::progress::Count;

/// Runs that one bite forgets at most, not counting those below them.
const BITE_RUNS: u32 = 200;
/// Runs that are looked at to say what would go; of more it says that there are more.
const LOOKED_AT_MAX: usize = 100_000;
/// Workflows that are told one by one.
const WORKFLOWS_SHOWN: usize = 20;

/// What would go, and what went, for programs.
#[derive(Debug, Default, Serialize)]
struct Report {
    /// Runs that were to go, not counting those below them, as far as was looked.
    found: u64,
    /// Whether only some runs were looked at.
    more: bool,
    workflows: BTreeMap<Arc<str>, u64>,
    /// Runs that are forgotten, those below others included; null when nothing was to be done.
    forgotten: Option<u64>,
    /// Bytes given back to the file system.
    bytes: Option<u64>,
}

/// Says what would go, asks, and forgets it bite by bite.
pub(crate) fn run(home: &Home, args: &PruneArgs) -> Result<Exit, CliError> {
    let now = SystemClock.now();
    let query = PruneQuery {
        finished_before: args.older_than.map(|ms| Millis(now.0.saturating_sub(i64::try_from(ms).unwrap_or(i64::MAX)))),
        expired_at: args.expired.then_some(now),
        workflow: args.workflow.as_deref().map(Arc::from),
        limit: BITE_RUNS,
    };
    let mut report = small_runtime()?.block_on(look(&home.reader()?, &query))?;
    tell(home, &query, &report);
    if report.found > 0 && !args.dry_run {
        confirm(&home.output, args.yes, &format!("Forget {} for good?", counted(&report)))?;
        forget(home, query, &mut report)?;
    }
    if home.output.format() == Format::Json {
        home.output.json(&report)?;
    }
    Ok(Exit::Done)
}

/// What the query means now. A run below which another one has not ended yet is among them, and will stay.
async fn look(store: &SqliteStore, query: &PruneQuery) -> Result<Report, CliError> {
    let mut list = ListQuery {
        states: vec![RunState::Done, RunState::Failed, RunState::Cancelled],
        workflow: query.workflow.clone(),
        family: Family::TopLevel,
        // Who ended before it began before it.
        began_until: query.finished_before.filter(|_| query.expired_at.is_none()),
        ..ListQuery::default()
    };
    let (mut report, mut looked) = (Report::default(), 0);
    loop {
        let page = store.list(list.clone()).await?;
        looked += page.rows.len();
        for row in page.rows.iter().filter(|row| concerns(query, row)) {
            report.found += 1;
            *report.workflows.entry(Arc::clone(&row.workflow)).or_default() += 1;
        }
        list.before = page.next;
        report.more = page.next.is_some() && looked >= LOOKED_AT_MAX;
        if page.next.is_none() || report.more {
            return Ok(report);
        }
    }
}

fn concerns(query: &PruneQuery, row: &RunRow) -> bool {
    query.finished_before.is_some_and(|before| row.changed_at < before)
        || query.expired_at.is_some_and(|at| row.retain_ms.is_some_and(|kept| row.changed_at.after(kept) <= at))
}

fn tell(home: &Home, query: &PruneQuery, report: &Report) {
    let output = &home.output;
    if report.found == 0 && !report.more {
        output.say("no runs to forget");
        return;
    }
    let ended = query.finished_before.map(|before| format!("ended before {}", utc(before)));
    let expired = query.expired_at.map(|_| "have been kept for as long as they wanted".to_owned());
    let why: Vec<String> = ended.into_iter().chain(expired).collect();
    output.say(&format!("{} that {}, each with the runs below it:", counted(report), why.join(" or ")));
    let mut table = Table::new(["WORKFLOW", "RUNS"]);
    for (workflow, runs) in report.workflows.iter().take(WORKFLOWS_SHOWN) {
        table.row([(&**workflow).into(), runs.to_string().into()]);
    }
    output.say(&table.render(output));
    if report.workflows.len() > WORKFLOWS_SHOWN {
        output.say(&format!("… and {} more workflows", report.workflows.len() - WORKFLOWS_SHOWN));
    }
}

fn counted(report: &Report) -> String {
    let least = if report.more { "at least " } else { "" };
    format!("{least}{} run{}", report.found, if report.found == 1 { "" } else { "s" })
}

/// Whoever has the data directory does it; nobody else may.
enum Forgetter {
    Remote,
    Here(SqliteStore),
}

fn forget(home: &Home, query: PruneQuery, report: &mut Report) -> Result<(), CliError> {
    let forgetter = match control::status(&home.settings.data) {
        Some(_) => Forgetter::Remote,
        None => Forgetter::Here(home.writer()?),
    };
    let (mut runs, mut freed) = (0, 0);
    let count = Count::new(&home.output, report.found, "runs forgotten");
    engine_runtime()?.block_on(async {
        let mut stop = Stop::listen()?;
        loop {
            let bitten = bite(home, &forgetter, &query).await?;
            runs += u64::from(bitten.runs);
            freed += bitten.bytes;
            if bitten.runs == 0 {
                break;
            }
            count.at(runs);
            if stop.was_wished().await {
                return Err(CliError::Stopped(format!("stopped; {runs} runs are forgotten, the others are as they were")));
            }
        }
        Ok(())
    })?;
    drop(count);
    (report.forgotten, report.bytes) = (Some(runs), Some(freed));
    home.output.say(&format!("{runs} runs forgotten, {} given back", bytes(freed)));
    Ok(())
}

async fn bite(home: &Home, forgetter: &Forgetter, query: &PruneQuery) -> Result<Forgotten, CliError> {
    match forgetter {
        Forgetter::Here(store) => {
            let pruned = store.prune(query.clone()).await?;
            Ok(Forgotten { runs: pruned.runs, bytes: pruned.bytes })
        }
        Forgetter::Remote => {
            let PruneQuery { finished_before, expired_at, workflow, limit } = query.clone();
            let answer = control::ask(&home.settings.data, &Request::Prune { finished_before, expired_at, workflow, limit })?;
            // An engine that has gone has given the directory back, and the next call does the rest.
            let gone = || CliError::Refused("the engine that has the data directory has ended meanwhile: try again".to_owned());
            answer.and_then(|status| status.pruned).ok_or_else(gone)
        }
    }
}
