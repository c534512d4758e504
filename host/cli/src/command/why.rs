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
use crate::output::time::{span, utc};
use crate::settings::Settings;

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

fn sentence(reason: &Reason, run: RunId, now: jackfield_flow::run::Millis, settings: &Settings) -> String {
    let at = |step: &str, item: &Option<u32>| item.map_or_else(|| step.to_owned(), |item| format!("{step}[{item}]"));
    match reason {
        Reason::Attempt { step, item, attempt } => format!("attempt {attempt} of {} is running", at(step, item)),
        Reason::Retry { step, item, attempt, at: due } => {
            format!("attempt {attempt} of {} begins at {} (in {})", at(step, item), utc(*due), span(due.since(now)))
        }
        Reason::Steps { step, needs } => format!("step {step} waits for {}", needs.join(", ")),
        Reason::Room { step, waiting, max_parallel } => {
            format!("{waiting} items of {step} wait for room: {max_parallel} run at once (`max-parallel`)")
        }
        Reason::Worker => format!("nobody runs it; it goes on with: {}", settings.hint(format!("resume {run}"))),
        Reason::Plugin { digest } => {
            let resume = settings.hint(format!("resume {run}"));
            format!("it needs the plugin {digest}, which is not there; run `jackfield check` on a workflow that uses it, then: {resume}")
        }
        Reason::Decision { step, item, times } => format!(
            "the engine died {times} times in a row while {} ran; it waits for a decision: {} or {}",
            at(step, item),
            settings.hint(format!("resume {run}")),
            settings.hint(format!("runs cancel {run}"))
        ),
        Reason::Ending { as_status, attempts } => format!("it ends as {as_status} once {attempts} attempts that still run have ended"),
    }
}

#[cfg(test)]
mod tests {
    use jackfield_flow::run::Millis;

    use super::*;
    use crate::args::Global;

    #[test]
    fn every_reason_is_a_sentence_that_says_what_to_do() {
        let settings = Settings::new(&Global::default(), &|_| None, None);
        let say = |reason| sentence(&reason, RunId(7), Millis(0), &settings);
        let retry = Reason::Retry { step: "fetch".into(), item: Some(3), attempt: 2, at: Millis(90_000) };
        assert_eq!(say(retry), "attempt 2 of fetch[3] begins at 1970-01-01 00:01:30Z (in 1m 30s)");
        assert_eq!(say(Reason::Worker), "nobody runs it; it goes on with: jackfield resume 7");
        let decision = Reason::Decision { step: "fetch".into(), item: None, times: 3 };
        assert!(say(decision).ends_with("jackfield resume 7 or jackfield runs cancel 7"));
        assert_eq!(say(Reason::Steps { step: "save".into(), needs: vec!["a".into(), "b".into()] }), "step save waits for a, b");
    }
}
