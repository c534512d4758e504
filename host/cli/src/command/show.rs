//! `jackfield runs show RUN`.

use jackfield_flow::run::{Reason, Status};
use jackfield_worker::{Clock as _, LoadedRun, SystemClock};

use crate::args::ShowArgs;
use crate::beside::Beside;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::output::Format;
use crate::output::style::{BAD, STRONG, paint};
use crate::output::table::{Field, Table};
use crate::output::time::utc;
use crate::reason;
use crate::report::{self, RunReport};

/// Failed items of one step that are shown; of the rest there is a number.
const FAILED_ITEMS_SHOWN: usize = 20;
/// Questions, sub-workflows and locks that are shown.
const LINES_SHOWN: usize = 20;

/// Shows a run: what it is, its steps, its failures, its outputs.
pub(crate) fn run(home: &Home, args: &ShowArgs) -> Result<Exit, CliError> {
    let beside = Beside::open(home)?;
    let loaded = beside.load(args.run)?;
    if args.timeline {
        return super::timeline::draw(home, &loaded, args.svg.as_deref());
    }
    let (run, output) = (&loaded.run, &home.output);
    if output.format() == Format::Json {
        let report = if args.attempts { RunReport::with_attempts(run, &loaded.batches) } else { RunReport::new(run) };
        output.json(&report.beside(beside.children(&loaded)?, beside.locks(run)?))?;
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
    outside(home, &beside, &loaded)?;
    failures(home, run)?;
    section(home, "inputs", run.inputs())?;
    if let Some(outputs) = run.outputs() {
        section(home, "outputs", outputs)?;
    }
    Ok(Exit::Done)
}

/// What people or other runs have to do with it: questions, signals, sub-workflows, locks.
fn outside(home: &Home, beside: &Beside, loaded: &LoadedRun) -> Result<(), CliError> {
    let (run, output, now) = (&loaded.run, &home.output, SystemClock.now());
    let asks = |reason: &Reason| matches!(reason, Reason::Approval { .. } | Reason::Signal { .. });
    let mut lines: Vec<String> = run
        .waiting_places()
        .into_iter()
        .filter(|(_, reason)| asks(reason))
        .take(LINES_SHOWN)
        .map(|(_, reason)| reason::sentence(&reason, run.id(), now, &home.settings))
        .collect();
    match run.signals_waiting() {
        0 => {}
        1 => lines.push("1 signal waits for a step that takes it".to_owned()),
        waiting => lines.push(format!("{waiting} signals wait for steps that take them")),
    }
    if !lines.is_empty() {
        output.data(&format!("\n{}\n{}\n", paint(STRONG, "asked"), lines.join("\n")))?;
    }
    let children = beside.children(loaded)?;
    if !children.is_empty() {
        let mut table = Table::new(["SUB-WORKFLOW", "RUN", "STATE", "STEP"]);
        for child in children.iter().take(LINES_SHOWN) {
            let step = child.step.as_ref().map_or_else(String::new, |step| reason::at(step, child.item));
            table.row([Field::from(&*child.workflow), child.run.to_string().into(), child.status.into(), step.into()]);
        }
        output.data(&format!("\n{}\n", table.render(output)))?;
        if children.len() > LINES_SHOWN {
            output.data(&format!("  … and {} more; `--json` has them all\n", children.len() - LINES_SHOWN))?;
        }
    }
    let locks = beside.locks(run)?;
    if !locks.is_empty() {
        let mut table = Table::new(["HOLDS", "FOR", "SINCE"]);
        for lock in locks.iter().take(LINES_SHOWN) {
            let step = lock.step.as_ref().map_or_else(|| "the run".to_owned(), |step| reason::at(step, lock.item));
            table.row([Field::from(&*lock.name), step.into(), lock.since.as_deref().unwrap_or_default().into()]);
        }
        output.data(&format!("\n{}\n", table.render(output)))?;
    }
    Ok(())
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
