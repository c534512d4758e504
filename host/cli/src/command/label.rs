//! `jackfield runs label RUN [KEY=VALUE …] [--remove KEY]`.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_flow::run::RunId;
use jackfield_store::{Label, Relabel, Store as _};
use serde::Serialize;

use crate::args::LabelArgs;
use crate::control::{self, Request};
use crate::error::CliError;
use crate::exit::Exit;
use crate::filter;
use crate::home::{Home, small_runtime};
use crate::output::{Format, escape};

/// The labels of a run, for programs.
#[derive(Debug, Serialize)]
struct Labelled {
    run: RunId,
    labels: BTreeMap<Arc<str>, Arc<str>>,
}

/// Changes labels, and shows what they are now.
pub(crate) fn run(home: &Home, args: &LabelArgs) -> Result<Exit, CliError> {
    // What is not there is not made by labelling something in it.
    let reader = home.reader()?;
    let set: Vec<Label> = args.set.iter().map(filter::label).collect();
    if let Some((key, _)) = set.iter().find(|(key, _)| args.remove.iter().any(|removed| **removed == **key)) {
        return Err(CliError::Usage(format!("the label `{key}` is given and removed at once")));
    }
    if !set.is_empty() || !args.remove.is_empty() {
        change(home, args, set)?;
    }
    let labels = small_runtime()?.block_on(reader.row(args.run))?.labels;
    match home.output.format() {
        Format::Json => home.output.json(&Labelled { run: args.run, labels: labels.into_iter().collect() })?,
        Format::Text if labels.is_empty() => home.output.say(&format!("run {} has no labels", args.run)),
        Format::Text => {
            let lines: String = labels.iter().map(|(key, value)| format!("{key}={}\n", escape::line(value))).collect();
            home.output.data(&lines)?;
        }
    }
    Ok(Exit::Done)
}

/// Asks the engine that has the data directory; when there is none, writes here.
fn change(home: &Home, args: &LabelArgs, set: Vec<Label>) -> Result<(), CliError> {
    let remove: Vec<Arc<str>> = args.remove.iter().map(|key| Arc::from(&**key)).collect();
    if let Some((key, _)) =
        set.iter().enumerate().find(|(at, (key, _))| set[..*at].iter().any(|(other, _)| other == key)).map(|(_, label)| label)
    {
        return Err(CliError::Usage(format!("the label `{key}` is given twice")));
    }
    let request = Request::Label { run: args.run, set: set.iter().cloned().collect(), remove: remove.clone() };
    if control::ask(&home.settings.data, &request)?.is_none() {
        let store = home.writer()?;
        small_runtime()?.block_on(store.relabel(Relabel { run: args.run, set, remove }))?;
    }
    Ok(())
}
