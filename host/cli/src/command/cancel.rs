//! `jackfield runs cancel RUN`, or of all that are meant.

use jackfield_flow::run::{RunId, Status};
use jackfield_store::{RunRow, RunState};
use jackfield_worker::WorkerError;
use serde::Serialize;

use crate::args::CancelArgs;
use crate::bulk::{self, Fit, Outcome, Repeated};
use crate::control::{self, Done, Patience, Request};
use crate::drive::drive;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Engine, Home, engine_runtime};
use crate::operator::Operator;
use crate::output::Format;
use crate::progress::{Display, Logs};

use super::ask::way_on;

/// What came of it, for programs.
#[derive(Debug, Serialize)]
struct Cancelled {
    run: RunId,
    /// Always true: a refusal is an error.
    cancelled: bool,
    /// Whether nobody has the run, and it winds down once somebody resumes it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    recorded: bool,
}

/// What a cancel came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    /// The run is cancelled, or whoever has it winds it down.
    Cancelled,
    /// It is recorded: nobody has the run, and there is something to wind down.
    Recorded(Status),
}

/// Runs that can be cancelled.
const OPEN: [RunState; 3] = [RunState::Waiting, RunState::Running, RunState::Blocked];

/// Asks the engine that has the data directory; when there is none, this process is the engine for a moment.
pub(crate) fn run(home: &Home, args: &CancelArgs) -> Result<Exit, CliError> {
    let Some(run) = args.which.run else { return many(home, args) };
    // What is not there is not made by cancelling something in it.
    drop(home.reader()?);
    let here = || engine_runtime()?.block_on(here(home, run, &args.reason));
    let came = match control::ask_or(&home.settings.data, &request(run, &args.reason), here)? {
        Done::There(status) => came(home, run, &status)?,
        Done::Here(()) => Came::Cancelled,
    };
    match (home.output.format(), came) {
        (Format::Json, _) => home.output.json(&Cancelled { run, cancelled: true, recorded: came != Came::Cancelled })?,
        (Format::Text, Came::Cancelled) => home.output.say(&format!("run {run}: cancelled")),
        (Format::Text, Came::Recorded(_)) => home.output.say(&format!("run {run}: to be cancelled\n{}", way_on(home, run))),
    }
    Ok(Exit::Done)
}

fn request(run: RunId, reason: &str) -> Request {
    Request::Cancel { run, reason: reason.to_owned() }
}

/// What it came to when another engine did it.
fn came(home: &Home, run: RunId, answer: &control::Status) -> Result<Came, CliError> {
    if !answer.recorded {
        return Ok(Came::Cancelled);
    }
    let status = home.load(run)?.run.status();
    Ok(if status.is_end() { Came::Cancelled } else { Came::Recorded(status) })
}

async fn here(home: &Home, run: RunId, reason: &str) -> Result<(), CliError> {
    let engine = home.engine(Operator::default()).await?;
    let cancelled = to_the_end(home, &engine, run, reason).await;
    engine.close().await;
    cancelled
}

fn many(home: &Home, args: &CancelArgs) -> Result<Exit, CliError> {
    let fit = Fit { verb: "cancel", states: &OPEN, usual: &OPEN, repeated: Repeated::Meant };
    let runs = bulk::choose(home, &args.which, &fit)?;
    let (mut outcomes, mut left) = (Vec::new(), runs.iter().collect::<Vec<_>>());
    let patience = Patience::default();
    loop {
        left = many_there(home, &left, &args.reason, &mut outcomes)?;
        if left.is_empty() {
            break;
        }
        match engine_runtime()?.block_on(many_here(home, &left, &args.reason)) {
            Ok(done) => {
                outcomes.extend(done);
                break;
            }
            Err(error) => patience.wait(error)?,
        }
    }
    bulk::conclude(&home.output, &outcomes)
}

/// Asks the engine that has the data directory; those are left for which there is none.
fn many_there<'r>(home: &Home, runs: &[&'r RunRow], reason: &str, outcomes: &mut Vec<Outcome>) -> Result<Vec<&'r RunRow>, CliError> {
    let mut left = Vec::new();
    for row in runs {
        let outcome = match control::ask(&home.settings.data, &request(row.run, reason)) {
            Ok(Some(answer)) => match came(home, row.run, &answer)? {
                Came::Cancelled => Outcome::good(row.run, Status::Cancelled),
                Came::Recorded(status) => {
                    home.output.say(&format!("run {}: {}", row.run, way_on(home, row.run)));
                    Outcome::good(row.run, status)
                }
            },
            Ok(None) => {
                left.push(*row);
                continue;
            }
            Err(error) => Outcome::refused(row.run, &error),
        };
        bulk::tell(&home.output, &outcome)?;
        outcomes.push(outcome);
    }
    Ok(left)
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
