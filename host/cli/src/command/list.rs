//! `jackfield runs list`.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_flow::run::{RunId, Status};
use jackfield_store::{Family, Label, RunRow, RunState, Store as _, Wake};
use jackfield_worker::{Clock as _, SystemClock};
use serde::Serialize;

use crate::args::ListArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::filter;
use crate::home::{Home, small_runtime};
use crate::output::Format;
use crate::output::style::{DIM, of_status};
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
    /// What wakes it: `ready`, `time` or `message`; null for a run that has ended.
    wake: Option<&'static str>,
    wake_at: Option<String>,
    parent: Option<RunId>,
    labels: BTreeMap<Arc<str>, Arc<str>>,
    plan: String,
}

/// Lists runs, newest first.
pub(crate) fn run(home: &Home, args: &ListArgs) -> Result<Exit, CliError> {
    let now = SystemClock.now();
    let mut query = filter::query(&args.filter, now)?;
    query.before = args.before;
    let nested = query.family != Family::TopLevel;
    let store = home.reader()?;
    let (rows, next) = small_runtime()?.block_on(async {
        if let Family::ChildrenOf(parent) = query.family {
            // A run that is not there has no children, and that is another answer than none.
            store.row(parent).await?;
        }
        filter::gather(&store, query, args.limit).await
    })?;
    let output = &home.output;
    if output.format() == Format::Json {
        output.json(&Listed { runs: rows.iter().map(row).collect(), next })?;
        return Ok(Exit::Done);
    }
    if rows.is_empty() {
        output.say("no runs");
        return Ok(Exit::Done);
    }
    output.data(&table(&rows, nested).render(output))?;
    if let Some(next) = next {
        output
            .say(&format!("older ones: {}", home.settings.hint(format!("runs list{} --before {next}", filter::words(&args.filter, now)))));
    }
    Ok(Exit::Done)
}

/// Runs as a table. Columns that would be empty are not there.
pub(crate) fn table(rows: &[RunRow], nested: bool) -> Table {
    let labelled = rows.iter().any(|row| !row.labels.is_empty());
    let mut head = vec!["RUN", "WORKFLOW", "STATE", "STEPS", "BEGAN", "TOOK"];
    head.extend(nested.then_some("PARENT"));
    head.extend(labelled.then_some("LABELS"));
    let mut table = Table::new(head);
    for row in rows {
        let status = status_of(row.summary.state);
        let took = if row.summary.state.is_finished() { span(row.changed_at.since(row.created_at)) } else { String::new() };
        let mut fields = vec![
            Field::from(row.run.to_string()),
            Field::from(&*row.workflow),
            Field::styled(status.as_str(), of_status(status)),
            format!("{}/{}", row.summary.steps_done, row.summary.steps_total).into(),
            utc(row.created_at).into(),
            took.into(),
        ];
        if nested {
            fields.push(row.parent.map_or_else(String::new, |parent| parent.to_string()).into());
        }
        if labelled {
            fields.push(Field::styled(row.labels.iter().map(words).collect::<Vec<_>>().join(" "), DIM));
        }
        table.row(fields);
    }
    table
}

fn words((key, value): &Label) -> String {
    format!("{key}={value}")
}

fn row(row: &RunRow) -> Row {
    let (wake, wake_at) = match row.summary.wake {
        Some(Wake::Ready) => (Some("ready"), None),
        Some(Wake::At(at)) => (Some("time"), rfc3339(at)),
        Some(Wake::Message) => (Some("message"), None),
        None => (None, None),
    };
    Row {
        run: row.run,
        workflow: Arc::clone(&row.workflow),
        status: row.summary.state.name(),
        steps_done: row.summary.steps_done,
        steps_total: row.summary.steps_total,
        created: rfc3339(row.created_at),
        changed: rfc3339(row.changed_at),
        wake,
        wake_at,
        parent: row.parent,
        labels: row.labels.iter().cloned().collect(),
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
