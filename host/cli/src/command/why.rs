//! `jackfield runs why RUN`.

use jackfield_flow::run::{Ownership, Reason, RunId, Status};
use jackfield_worker::{Clock as _, SystemClock};
use serde::Serialize;

use crate::args::WhyArgs;
use crate::control;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::output::Format;
use crate::reason::sentence;

/// What a run waits for, for programs.
#[derive(Debug, Serialize)]
struct Why {
    run: RunId,
    status: Status,
    /// The engine that has the run now.
    engine: Option<String>,
    reasons: Vec<Reason>,
}

/// Reasons that a person is shown one by one.
const REASONS_SHOWN: usize = 20;

/// Says what a run waits for, from its state and from who has it.
pub(crate) fn run(home: &Home, args: &WhyArgs) -> Result<Exit, CliError> {
    let loaded = home.load(args.run)?;
    let (run, output) = (&loaded.run, &home.output);
    let engine = control::status(&home.settings.data).map(|status| status.engine);
    // The engine that is alive may be another one than the one that claimed the run, and then nobody has it.
    let engine = engine.filter(|engine| loaded.row.worker.as_deref() == Some(engine));
    let reasons = run.why(if engine.is_some() { Ownership::Worker } else { Ownership::Nobody });
    if output.format() == Format::Json {
        output.json(&Why { run: run.id(), status: run.status(), engine, reasons })?;
        return Ok(Exit::Done);
    }
    if run.status().is_end() {
        output.data(&format!("run {} waits for nothing: it is {}", run.id(), run.status()))?;
        return Ok(Exit::Done);
    }
    let now = SystemClock.now();
    for reason in reasons.iter().take(REASONS_SHOWN) {
        output.data(&sentence(reason, run.id(), now, &home.settings))?;
    }
    if reasons.len() > REASONS_SHOWN {
        output.data(&format!("… and {} more reasons; `--json` has them all", reasons.len() - REASONS_SHOWN))?;
    }
    Ok(Exit::Done)
}
