//! `jackfield runs logs RUN`.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_flow::run::Run;
use jackfield_flow::types::did_you_mean;
use jackfield_store::{LogChunk, LogQuery, Store as _};
use jackfield_worker::{LogEntry, WorkerError, decode_log, load_run};
use serde::Serialize;

use crate::args::LogsArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, small_runtime};
use crate::log_line;
use crate::output::Format;
use crate::output::style::{DIM, paint};

/// A line for programs.
#[derive(Debug, Serialize)]
struct Line<'a> {
    step: Arc<str>,
    item: Option<u32>,
    attempt: u32,
    at_ms: u64,
    source: &'a str,
    text: &'a str,
    fields: &'a BTreeMap<String, String>,
}

/// Prints what the tasks of a run logged, by step, item, attempt and time.
pub(crate) fn run(home: &Home, args: &LogsArgs) -> Result<Exit, CliError> {
    let store = home.reader()?;
    small_runtime()?.block_on(async {
        let run = load_run(&store, args.run).await?.run;
        let step = args.step.as_deref().map(|name| step_index(&run, name)).transpose()?;
        let mut query = LogQuery { run: args.run, step, after: None };
        loop {
            let page = store.logs(query).await?;
            for chunk in page.chunks.iter().filter(|chunk| args.item.is_none_or(|item| chunk.place.item == Some(item))) {
                print(home, &run, chunk)?;
            }
            query.after = page.next;
            if page.next.is_none() {
                return Ok(Exit::Done);
            }
        }
    })
}

fn step_index(run: &Run, name: &str) -> Result<u32, CliError> {
    let index = run.plan().step_named(name).and_then(|index| u32::try_from(index).ok());
    index.ok_or_else(|| {
        let near = did_you_mean(name, run.plan().steps.iter().map(|step| &*step.name));
        let help = near.map(|near| format!("did you mean `{near}`?"));
        WorkerError::NoStep { run: run.id(), step: name.to_owned(), help }.into()
    })
}

fn print(home: &Home, run: &Run, chunk: &LogChunk) -> Result<(), CliError> {
    let step = usize::try_from(chunk.place.step).ok().and_then(|step| run.plan().steps.get(step));
    let step = step.map_or_else(|| Arc::from("?"), |step| Arc::clone(&step.name));
    for entry in decode_log(&chunk.bytes) {
        match home.output.format() {
            Format::Json => home.output.json_line(&Line {
                step: Arc::clone(&step),
                item: chunk.place.item,
                attempt: chunk.attempt,
                at_ms: entry.at_ms,
                source: &entry.source,
                text: &entry.text,
                fields: &entry.fields,
            })?,
            Format::Text => home.output.data(&line(&step, chunk.place.item, chunk.attempt, &entry))?,
        }
    }
    Ok(())
}

fn line(step: &str, item: Option<u32>, attempt: u32, entry: &LogEntry) -> String {
    let item = item.map_or_else(String::new, |item| format!("[{item}]"));
    let attempt = if attempt > 1 { format!("#{attempt}") } else { String::new() };
    let place = format!("{step}{item}{attempt} {}.{:03}s", entry.at_ms / 1_000, entry.at_ms % 1_000);
    format!("{} {}", paint(DIM, place), log_line::words(entry))
}
