//! `jackfield runs show RUN`.

use jackfield_flow::run::Status;
use jackfield_worker::{Clock as _, SystemClock};

use crate::args::ShowArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::output::Format;
use crate::output::style::{BAD, STRONG, paint};
use crate::output::time::utc;
use crate::report::{self, RunReport};

/// Failed items of one step that are shown; of the rest there is a number.
const FAILED_ITEMS_SHOWN: usize = 20;

/// Shows a run: what it is, its steps, its failures, its outputs.
pub(crate) fn run(home: &Home, args: &ShowArgs) -> Result<Exit, CliError> {
    let loaded = home.load(args.run)?;
    if args.timeline {
        return super::timeline::draw(home, &loaded, args.svg.as_deref());
    }
    let (run, output) = (&loaded.run, &home.output);
    if output.format() == Format::Json {
        let report = if args.attempts { RunReport::with_attempts(run, &loaded.batches) } else { RunReport::new(run) };
        output.json(&report)?;
        return Ok(Exit::Done);
    }
    let now = SystemClock.now();
    output.data(&report::head(run))?;
    if let Some(at) = run.next_wakeup() {
        output.data(&format!("  waits until {}\n", utc(at)))?;
    }
    output.data(&format!("\n{}\n", report::steps(run, output, now)))?;
    if args.attempts {
        output.data(&format!("\n{}\n", report::attempts_table(&report::attempts(run, &loaded.batches), output)))?;
    }
    failures(home, run)?;
    section(home, "inputs", run.inputs())?;
    if let Some(outputs) = run.outputs() {
        section(home, "outputs", outputs)?;
    }
    Ok(Exit::Done)
}

fn section(home: &Home, title: &str, values: &jackfield_flow::types::Value) -> Result<(), CliError> {
    if matches!(values, jackfield_flow::types::Value::Map(fields) if fields.is_empty()) {
        return Ok(());
    }
    home.output.data(&format!("\n{}\n{}", paint(STRONG, title), report::values(values)))
}

fn failures(home: &Home, run: &jackfield_flow::run::Run) -> Result<(), CliError> {
    let output = &home.output;
    if let Some((step, failure)) = run.failure() {
        let name = step.and_then(|step| run.plan().steps.get(step)).map(|step| &*step.name);
        output.data(&format!("\n{}", report::failure(name, failure)))?;
    }
    for (index, step) in run.steps().iter().enumerate() {
        if step.items.is_none_or(|items| items.failed == 0) {
            continue;
        }
        let failed: Vec<_> = run.items(index).into_iter().filter(|item| item.status == Status::Failed).collect();
        for item in failed.iter().take(FAILED_ITEMS_SHOWN) {
            if let Some(failure) = &item.failure {
                let line =
                    format!("{}[{}] after {} attempts: {}", step.name, item.item, item.attempts, crate::progress::failure_line(failure));
                output.data(&format!("{} {line}\n", paint(BAD, "✗")))?;
            }
        }
        if failed.len() > FAILED_ITEMS_SHOWN {
            output.data(&format!("  … and {} more items of {}\n", failed.len() - FAILED_ITEMS_SHOWN, step.name))?;
        }
    }
    Ok(())
}
