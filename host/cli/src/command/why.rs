//! `jackfield runs why RUN`.

use jackfield_flow::run::Millis;
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
        Reason::Ending { as_status, attempts, to_undo: 0 } => {
            format!("it ends as {as_status} once {attempts} attempts that still run have ended")
        }
        Reason::Ending { as_status, to_undo, .. } => format!("it ends as {as_status} once what was done has been undone: {to_undo} left"),
        other => outside(other, run, now, settings),
    }
}

/// Reasons that somebody or something outside has a hand in.
fn outside(reason: &Reason, run: RunId, now: jackfield_flow::run::Millis, settings: &Settings) -> String {
    let at = |step: &str, item: &Option<u32>| item.map_or_else(|| step.to_owned(), |item| format!("{step}[{item}]"));
    let until = |until: &Option<Millis>| until.map_or_else(String::new, |until| format!(", until {} at most", utc(until)));
    let due = |due: Millis| format!("{} (in {})", utc(due), span(due.since(now)));
    let resolve = |place: &str| settings.hint(format!("runs resolve {run} {place} --as done|failed|retry"));
    match reason {
        Reason::Flow { step, item, workflow, key } => format!("{} waits for the sub-workflow {workflow} ({key})", at(step, item)),
        Reason::Sleep { step, item, until } => format!("{} sleeps until {}", at(step, item), due(*until)),
        Reason::Iteration { step, item, at: next } => format!("{} begins at {}", at(step, item), due(*next)),
        Reason::Signal { step, item, name, until: end } => {
            format!("{} waits for the signal {name}{}: {}", at(step, item), until(end), settings.hint(format!("runs signal {run} {name}")))
        }
        Reason::Approval { step, item, question, until: end } => {
            let place = at(step, item);
            let approve = settings.hint(format!("runs approve {run} {place}"));
            format!("{place} waits for somebody to decide{}: {question:?}: {approve}", until(end))
        }
        Reason::Lock { step, item, name } => format!("{} waits for the lock {name}", at(step, item)),
        Reason::Rate { step, item, at: Some(start) } => format!("{} may start at {}, because of its `rate`", at(step, item), due(*start)),
        Reason::Rate { step, item, at: None } => format!("{} waits to know when it may start, because of its `rate`", at(step, item)),
        Reason::Concurrency { key } => format!("it waits for room among the runs with the key {key:?} (`concurrency`)"),
        Reason::Outcome { step, item, attempt, failure } => {
            let place = at(step, item);
            format!("nobody knows what attempt {attempt} of {place} did ({failure}), and it may not be repeated: {}", resolve(&place))
        }
        Reason::Undoing { step, item, failure } => {
            let place = at(step, item);
            format!("{place} could not undo what was done ({failure}): {}", resolve(&place))
        }
        _ => String::new(),
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
