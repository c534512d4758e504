//! `jackfield run FILE`.

use std::path::Path;
use std::sync::Arc;

use jackfield_flow::run::{Run, Status};
use jackfield_store::check_labels;
use jackfield_worker::{Start, Started};

use crate::args::{OperatorArgs, Pair, RunArgs, WatchArgs};
use crate::drive::{Driven, drive};
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Engine, Home, engine_runtime};
use crate::operator::Operator;
use crate::output::style::{of_status, paint, sign};
use crate::output::time::span;
use crate::output::{Format, Talk};
use crate::progress::{Display, Logs};
use crate::report::{self, RunReport};
use crate::workflow::{Written, planned};
use crate::{inputs, progress};

/// Checks the file, starts the run, drives it to its end.
pub(crate) fn run(home: &Home, args: &RunArgs) -> Result<Exit, CliError> {
    if args.file == Path::new("-") && args.inputs_file.as_deref() == Some(Path::new("-")) {
        return Err(CliError::Usage("standard input can be the workflow or the inputs, not both".to_owned()));
    }
    let written = Written::read(&args.file)?;
    let operator = operator(&args.operator)?;
    let runtime = engine_runtime()?;
    runtime.block_on(async {
        if written.is_malformed() {
            // It cannot run whatever else is found, so no data directory is made for it.
            let plugins = home.plugins(operator)?;
            planned(home, written.check(&plugins).await)?;
            return Ok(Exit::Usage);
        }
        let engine = home.engine(operator).await?;
        let exit = start(home, &engine, &written, args).await;
        engine.close().await;
        exit
    })
}

async fn start(home: &Home, engine: &Engine, written: &Written, args: &RunArgs) -> Result<Exit, CliError> {
    let plan = planned(home, written.check(&engine.plugins).await)?;
    let inputs = inputs::gather(&plan, &args.inputs, args.inputs_file.as_deref())?;
    let client_key = args.key.as_deref().map(Arc::from);
    let workflow = Arc::clone(&plan.workflow);
    let labels = labels(&args.labels)?;
    check_labels(&labels)?;
    let directory = written.directory.clone();
    let started = engine.worker.start(Start { plan, inputs, directory, client_key, labels, priority: args.priority }).await?;
    home.output.say(&format!("run {}: {workflow}", started.run));
    to_the_end(home, engine, started, &args.watch).await
}

/// A label: its name and its text.
type Label = (Arc<str>, Arc<str>);

/// The labels that were typed, each once.
fn labels(typed: &[Pair]) -> Result<Vec<Label>, CliError> {
    let twice = typed.iter().enumerate().find(|(at, pair)| typed[..*at].iter().any(|other| other.name == pair.name));
    match twice {
        Some((_, pair)) => Err(CliError::Usage(format!("the label `{}` is given twice", pair.name))),
        None => Ok(typed.iter().map(|pair| (Arc::from(&*pair.name), Arc::from(&*pair.value))).collect()),
    }
}

/// What the operator typed, with what is in the environment.
pub(super) fn operator(typed: &OperatorArgs) -> Result<Operator, CliError> {
    let env = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Operator::new(typed, env)
}

/// Drives a run that has started, shows it, and prints what came of it.
pub(super) async fn to_the_end(home: &Home, engine: &Engine, started: Started, watch: &WatchArgs) -> Result<Exit, CliError> {
    let logs = if watch.watch { Logs::Shown } else { Logs::Hidden };
    let mut display = Display::new(home, logs);
    let driven = drive(engine, started.run, started.watch, &home.output, &mut display).await;
    display.end();
    match driven? {
        Driven::Settled(run) => settled(home, &run),
        Driven::Interrupted(run) => {
            if home.output.format() == Format::Json {
                home.output.json(&RunReport::new(&run))?;
            }
            Err(CliError::Interrupted { run: run.id(), hint: home.settings.hint(format!("resume {}", run.id())) })
        }
    }
}

/// Prints what came of a run that has ended or is blocked.
fn settled(home: &Home, run: &Run) -> Result<Exit, CliError> {
    let exit = match run.status() {
        Status::Done => Exit::Done,
        Status::Blocked => Exit::NeedsDecision,
        _ => Exit::RunFailed,
    };
    if home.output.format() == Format::Json {
        home.output.json(&RunReport::new(run))?;
    } else if let Some(outputs) = run.outputs() {
        home.output.data(&report::values(outputs))?;
    }
    tell(home, run);
    Ok(exit)
}

/// Says how it ended and, when it did not end well, what to do.
pub(super) fn tell(home: &Home, run: &Run) {
    let (output, id, status) = (&home.output, run.id(), run.status());
    let took = run.ended().map_or_else(String::new, |ended| format!(" in {}", span(ended.since(run.began()))));
    output.say(&format!("{} run {id} {status}{took}", paint(of_status(status), sign(status))));
    if home.output.format() == Format::Json {
        return;
    }
    if let Some((step, failure)) = run.failure() {
        let name = step.and_then(|step| run.plan().steps.get(step)).map(|step| &*step.name);
        output.talk_line(&report::failure(name, failure));
        if let Some(name) = name {
            output.say(&format!("what it logged:  {}", home.settings.hint(format!("runs logs {id} --step {name}"))));
            output.say(&format!("from there on:   {}", home.settings.hint(format!("runs rerun {id} --from {name}"))));
        }
    }
    if let Some(reason) = run.blocked() {
        output.talk_line(&format!("run {id} is blocked: {}", progress::blocked_line(run, reason)));
        output.say(&format!("to let it go on: {}", crate::reason::way_on(run, reason, &home.settings)));
    }
    if let (Status::Cancelled, Some(reason), Talk::Normal | Talk::Verbose) = (status, run.cancel_reason(), output.talk()) {
        output.say(&format!("cancelled: {}", crate::output::escape::line(reason)));
    }
}
