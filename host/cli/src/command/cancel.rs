//! `jackfield runs cancel RUN`.

use jackfield_flow::run::RunId;
use jackfield_worker::WorkerError;
use serde::Serialize;

use crate::args::CancelArgs;
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

/// Asks the engine that has the data directory; when there is none, this process is the engine for a moment.
pub(crate) fn run(home: &Home, args: &CancelArgs) -> Result<Exit, CliError> {
    // What is not there is not made by cancelling something in it.
    drop(home.reader()?);
    let request = Request::Cancel { run: args.run, reason: args.reason.clone() };
    if control::ask(&home.settings.data, &request)?.is_none() {
        here(home, args)?;
    }
    if home.output.format() == Format::Json {
        home.output.json(&Cancelled { run: args.run, cancelled: true })?;
    } else {
        home.output.say(&format!("run {}: cancelled", args.run));
    }
    Ok(Exit::Done)
}

fn here(home: &Home, args: &CancelArgs) -> Result<(), CliError> {
    engine_runtime()?.block_on(async {
        let engine = home.engine(Operator::default()).await?;
        let cancelled = to_the_end(home, &engine, args).await;
        engine.close().await;
        cancelled
    })
}

/// Cancels the run, and shows how it ends.
async fn to_the_end(home: &Home, engine: &Engine, args: &CancelArgs) -> Result<(), CliError> {
    engine.worker.cancel(args.run, &args.reason).await?;
    let watch = match engine.worker.watch(args.run).await {
        Ok(watch) => watch,
        // Nothing ran, so it has ended already.
        Err(WorkerError::NotActive { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let mut display = Display::new(home, Logs::Hidden);
    let driven = drive(engine, args.run, Some(watch), &home.output, &mut display).await;
    display.end();
    driven.map(drop)
}
