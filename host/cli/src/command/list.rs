//! `jackfield runs list`.

use std::sync::Arc;

use jackfield_flow::run::{RunId, Status};
use jackfield_store::{ListQuery, RunRow, RunState, Store as _, Wake};
use serde::Serialize;

use crate::args::ListArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, small_runtime};
use crate::output::Format;
use crate::output::style::of_status;
use crate::output::table::{Field, Table};
use crate::output::time::{rfc3339, span, utc};

/// Runs for programs.
#[derive(Debug, Serialize)]
struct Listed {
    runs: Vec<Row>,
    /// What to give to `--before` for the next ones; null when these were the last.
    next: Option<RunId>,
}

#[derive(Debug, Serialize)]
struct Row {
    run: RunId,
    workflow: Arc<str>,
    status: &'static str,
    steps_done: u32,
    steps_total: u32,
    created: Option<String>,
    changed: Option<String>,
    wake_at: Option<String>,
    plan: String,
}

/// Lists runs, newest first.
pub(crate) fn run(home: &Home, args: &ListArgs) -> Result<Exit, CliError> {
    let (rows, next) = gather(home, args)?;
    let output = &home.output;
    if output.format() == Format::Json {
        output.json(&Listed { runs: rows.iter().map(row).collect(), next })?;
        return Ok(Exit::Done);
    }
    if rows.is_empty() {
        output.say("no runs");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(["RUN", "WORKFLOW", "STATE", "STEPS", "BEGAN", "TOOK"]);
    for row in &rows {
        let status = status_of(row.summary.state);
        let took = if row.summary.state.is_finished() { span(row.changed_at.since(row.created_at)) } else { String::new() };
        table.row([
            Field::from(row.run.to_string()),
            Field::from(&*row.workflow),
            Field::styled(status.as_str(), of_status(status)),
            format!("{}/{}", row.summary.steps_done, row.summary.steps_total).into(),
            utc(row.created_at).into(),
            took.into(),
        ]);
    }
    output.data(&table.render(output))?;
    if let Some(next) = next {
        output.say(&format!("older ones: {}", home.settings.hint(format!("runs list --before {next}"))));
    }
    Ok(Exit::Done)
}

/// A page of the store may be short or empty while more follow, so pages are read until there are enough runs.
fn gather(home: &Home, args: &ListArgs) -> Result<(Vec<RunRow>, Option<RunId>), CliError> {
    let store = home.reader()?;
    let mut query = ListQuery {
        states: args.state.map(RunState::from).into_iter().collect(),
        workflow: args.workflow.as_deref().map(Arc::from),
        before: args.before,
        ..ListQuery::default()
    };
    let wanted = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let mut rows: Vec<RunRow> = Vec::new();
    small_runtime()?.block_on(async {
        loop {
            query.limit = args.limit - u32::try_from(rows.len()).unwrap_or(args.limit);
            let page = store.list(query.clone()).await?;
            rows.extend(page.rows);
            if rows.len() >= wanted || page.next.is_none() {
                return Ok((rows, page.next));
            }
            query.before = page.next;
        }
    })
}

fn row(row: &RunRow) -> Row {
    Row {
        run: row.run,
        workflow: Arc::clone(&row.workflow),
        status: row.summary.state.name(),
        steps_done: row.summary.steps_done,
        steps_total: row.summary.steps_total,
        created: rfc3339(row.created_at),
        changed: rfc3339(row.changed_at),
        wake_at: match row.summary.wake {
            Some(Wake::At(at)) => rfc3339(at),
            Some(Wake::Ready | Wake::Message) | None => None,
        },
        plan: row.plan.to_string(),
    }
}

fn status_of(state: RunState) -> Status {
    match state {
        RunState::Waiting => Status::Waiting,
        RunState::Running => Status::Running,
        RunState::Blocked => Status::Blocked,
        RunState::Done => Status::Done,
        RunState::Failed => Status::Failed,
        RunState::Cancelled => Status::Cancelled,
    }
}
