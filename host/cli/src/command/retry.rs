//! `jackfield runs retry RUN`, or of all that are meant.

use std::sync::Arc;

use jackfield_flow::plan::Role;
use jackfield_flow::run::{Run, Status};
use jackfield_store::RunState;
use jackfield_worker::{Again, Rerun};

use super::rerun::Repeat;
use crate::args::RetryArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;

/// Repeats what did not end well.
pub(crate) fn run(home: &Home, args: &RetryArgs) -> Result<Exit, CliError> {
    let how = |run: &Run| {
        let from = unwell(run).map_err(|rest| CliError::Refused(format!("{rest}: {}", home.settings.hint(way_out(run)))))?;
        let words = if from.is_empty() { String::new() } else { format!(" from {}", from.join(", ")) };
        // Of a step with items only those that are not done are done again.
        Ok((Rerun { again: Again::Failed, inputs: Arc::default() }, words))
    };
    let repeat = Repeat { verb: "retry", fit: &[RunState::Failed, RunState::Cancelled], usual: &[RunState::Failed], how: &how };
    repeat.run(home, &args.which, &args.watch, &args.operator)
}

/// The steps of a run that did not end well; or why there is nothing to retry.
fn unwell(run: &Run) -> Result<Vec<String>, String> {
    match run.status() {
        Status::Failed | Status::Cancelled => {}
        Status::Done => return Err(format!("run {} is done, so nothing is left to retry. To repeat it from a step on", run.id())),
        status => return Err(format!("run {} is {status}, and may still end well. To go on with it", run.id())),
    }
    let steps = run.steps();
    let main = run.plan().steps.iter().zip(&steps).filter(|(planned, _)| planned.role == Role::Main);
    Ok(main
        .filter(|(_, step)| !matches!(step.status, Status::Done | Status::Skipped))
        .map(|(planned, _)| planned.name.to_string())
        .collect())
}

/// What to type instead.
fn way_out(run: &Run) -> String {
    if run.status() == Status::Done { format!("runs rerun {} --from STEP", run.id()) } else { format!("resume {}", run.id()) }
}
