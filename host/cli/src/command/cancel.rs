//! `jackfield runs cancel RUN`, or of all that are meant.

use jackfield_flow::run::{RunId, Status};
use jackfield_store::{RunRow, RunState};
use jackfield_worker::WorkerError;
use serde::Serialize;

use crate::args::CancelArgs;
use crate::bulk::{self, Outcome};
use crate::control::{self, Request};
use crate::drive::drive;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Engine, Home, engine_runtime};
use crate::operator::Operator;
use crate::output::Format;
use crate::progress::{Display, Logs};

/// What came of it, for programs.
#[derive(Debug, Serialize)]
struct Cancelled {
    run: RunId,
    /// Always true: a refusal is an error.
    cancelled: bool,
}

/// Runs that can be cancelled.
const OPEN: [RunState; 3] = [RunState::Waiting, RunState::Running, RunState::Blocked];

/// Asks the engine that has the data directory; when there is none, this process is the engine for a moment.
pub(crate) fn run(home: &Home, args: &CancelArgs) -> Result<Exit, CliError> {
    let Some(run) = args.which.run else { return many(home, args) };
    // What is not there is not made by cancelling something in it.
    drop(home.reader()?);
    if !ask(home, run, &args.reason)? {
        engine_runtime()?.block_on(async {
            let engine = home.engine(Operator::default()).await?;
            let cancelled = to_the_end(home, &engine, run, &args.reason).await;
            engine.close().await;
            cancelled
        })?;
    }
    if home.output.format() == Format::Json {
        home.output.json(&Cancelled { run, cancelled: true })?;
    } else {
        home.output.say(&format!("run {run}: cancelled"));
    }
    Ok(Exit::Done)
}

/// Whether an engine is there, which has cancelled it.
fn ask(home: &Home, run: RunId, reason: &str) -> Result<bool, CliError> {
    let request = Request::Cancel { run, reason: reason.to_owned() };
    Ok(control::ask(&home.settings.data, &request)?.is_some())
}

fn many(home: &Home, args: &CancelArgs) -> Result<Exit, CliError> {
    let runs = bulk::choose(home, &args.which, &OPEN, &OPEN, "cancel")?;
    let (mut outcomes, mut left) = (Vec::new(), Vec::new());
    for row in &runs {
        let outcome = match ask(home, row.run, &args.reason) {
            Ok(true) => Outcome::good(row.run, Status::Cancelled),
            Ok(false) => {
                left.push(row);
                continue;
            }
            Err(error) => Outcome::refused(row.run, &error),
        };
        bulk::tell(&home.output, &outcome)?;
        outcomes.push(outcome);
    }
    if !left.is_empty() {
        outcomes.extend(engine_runtime()?.block_on(many_here(home, &left, &args.reason))?);
    }
    bulk::conclude(&home.output, &outcomes)
}

async fn many_here(home: &Home, runs: &[&RunRow], reason: &str) -> Result<Vec<Outcome>, CliError> {
    let engine = home.engine(Operator::default()).await?;
    let mut outcomes = Vec::with_capacity(runs.len());
    for row in runs {
        let outcome = match to_the_end(home, &engine, row.run, reason).await {
            Ok(()) => Outcome::good(row.run, Status::Cancelled),
            Err(error) => Outcome::refused(row.run, &error),
        };
        bulk::tell(&home.output, &outcome)?;
        outcomes.push(outcome);
    }
    engine.close().await;
    Ok(outcomes)
}

/// Cancels the run, and shows how it ends.
async fn to_the_end(home: &Home, engine: &Engine, run: RunId, reason: &str) -> Result<(), CliError> {
    engine.worker.cancel(run, reason).await?;
    let watch = match engine.worker.watch(run).await {
        Ok(watch) => watch,
        // Nothing ran, so it has ended already.
        Err(WorkerError::NotActive { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let mut display = Display::new(home, Logs::Hidden);
    let driven = drive(engine, run, Some(watch), &home.output, &mut display).await;
    display.end();
    driven.map(drop)
}
