//! What a run waits for, in sentences with the commands to type.

use jackfield_flow::run::{BlockReason, Millis, Reason, Run, RunId};

use crate::output::escape;
use crate::output::time::{span, utc};
use crate::progress::place_name;
use crate::settings::Settings;

/// The longest question or message that is shown in a sentence, in characters.
const QUOTED_MAX: usize = 200;

/// How the key begins under which the runs of a schedule wait for each other.
const SCHEDULE_KEY: &str = "schedule/";

/// One reason as a sentence without a stop.
pub(crate) fn sentence(reason: &Reason, run: RunId, now: Millis, settings: &Settings) -> String {
    match reason {
        Reason::Attempt { step, item, attempt } => format!("attempt {attempt} of {} is running", at(step, *item)),
        Reason::Retry { step, item, attempt, at: due } => {
            format!("attempt {attempt} of {} begins at {}", at(step, *item), when(*due, now))
        }
        Reason::Steps { step, needs } => format!("step {step} waits for {}", needs.join(", ")),
        Reason::Room { step, waiting, max_parallel } => {
            format!("{waiting} items of {step} wait for room: {max_parallel} run at once (`max-parallel`)")
        }
        Reason::Worker => format!("nobody runs it; it goes on with: {}", settings.hint(format!("resume {run}"))),
        Reason::Ending { as_status, attempts, to_undo: 0 } => {
            format!("it ends as {as_status} once {attempts} attempts that still run have ended")
        }
        Reason::Ending { as_status, to_undo, .. } => format!("it ends as {as_status} once what was done has been undone: {to_undo} left"),
        Reason::Plugin { .. } | Reason::Decision { .. } | Reason::Outcome { .. } | Reason::Undoing { .. } => blocked(reason, run, settings),
        other => outside(other, run, now, settings),
    }
}

/// Reasons that somebody or something outside has a hand in.
fn outside(reason: &Reason, run: RunId, now: Millis, settings: &Settings) -> String {
    let until = |until: &Option<Millis>| until.map_or_else(String::new, |until| format!(", until {} at most", utc(until)));
    match reason {
        Reason::Flow { step, item, workflow, .. } => format!("{} waits for the sub-workflow {workflow}", at(step, *item)),
        Reason::Sleep { step, item, until } => format!("{} sleeps until {}", at(step, *item), when(*until, now)),
        Reason::Iteration { step, item, at: next } => format!("{} begins at {}", at(step, *item), when(*next, now)),
        Reason::Signal { step, item, name, until: end } => {
            let signal = settings.hint(format!("runs signal {run} {name}"));
            format!("{} waits for the signal {name}{}: {signal}", at(step, *item), until(end))
        }
        Reason::Approval { step, item, question, until: end } => {
            let place = at(step, *item);
            let approve = settings.hint(format!("runs approve {run} {}", word(&place)));
            format!("{place} waits for an approval, \"{}\"{}: {approve}", escape::brief(question, QUOTED_MAX), until(end))
        }
        Reason::Lock { step, item, name } => format!("{} waits for the lock {}", at(step, *item), lock_name(name)),
        Reason::Rate { step, item, at: Some(start) } => format!("{} may start at {} (`rate`)", at(step, *item), when(*start, now)),
        Reason::Rate { step, item, at: None } => format!("{} waits to know when it may start (`rate`)", at(step, *item)),
        Reason::Concurrency { key } if key.starts_with(SCHEDULE_KEY) => {
            format!("it waits until no other run of the schedule {} is under way (`overlap`)", lock_name(key))
        }
        Reason::Concurrency { key } => format!("it waits for room among the runs with the key {} (`concurrency`)", lock_name(key)),
        _ => String::new(),
    }
}

/// Reasons that need somebody's decision.
fn blocked(reason: &Reason, run: RunId, settings: &Settings) -> String {
    let resolve = |place: &str| settings.hint(format!("runs resolve {run} {} --as done|failed|retry", word(place)));
    match reason {
        Reason::Plugin { digest } => {
            let resume = settings.hint(format!("resume {run}"));
            format!("it needs the plugin {digest}, which is not there; run `jackfield check` on a workflow that uses it, then: {resume}")
        }
        Reason::Decision { step, item, times } => format!(
            "the engine died {times} times in a row while {} ran; it waits for a decision: {} or {}",
            at(step, *item),
            settings.hint(format!("resume {run}")),
            settings.hint(format!("runs cancel {run}"))
        ),
        Reason::Outcome { step, item, attempt, failure } => {
            let (place, failure) = (at(step, *item), escape::brief(failure, QUOTED_MAX));
            format!("nobody knows what attempt {attempt} of {place} did ({failure}), and it may not be repeated: {}", resolve(&place))
        }
        Reason::Undoing { step, item, failure } => {
            let (place, failure) = (at(step, *item), escape::brief(failure, QUOTED_MAX));
            format!("{place} could not undo what was done ({failure}): {}", resolve(&place))
        }
        _ => String::new(),
    }
}

/// The command that lets a blocked run go on.
pub(crate) fn way_on(run: &Run, reason: &BlockReason, settings: &Settings) -> String {
    match reason {
        BlockReason::PluginMissing { .. } | BlockReason::KilledWorker { .. } => settings.hint(format!("resume {}", run.id())),
        BlockReason::UnknownOutcome { place, .. } | BlockReason::CompensationFailed { place } => {
            settings.hint(format!("runs resolve {} {} --as done|failed|retry", run.id(), word(&place_name(run, *place))))
        }
    }
}

/// `save` or `save[12]`.
pub(crate) fn at(step: &str, item: Option<u32>) -> String {
    item.map_or_else(|| step.to_owned(), |item| format!("{step}[{item}]"))
}

/// An instant, and how far away it is.
fn when(due: Millis, now: Millis) -> String {
    match due.since(now) {
        0 => format!("{} (now)", utc(due)),
        ms => format!("{} (in {})", utc(due), span(ms)),
    }
}

/// A place as one word of a shell, in which brackets have a meaning.
fn word(place: &str) -> String {
    if place.contains('[') { format!("'{place}'") } else { place.to_owned() }
}

/// The name of a lock or a key as the workflow writes it.
pub(crate) fn lock_name(name: &str) -> String {
    let key = || name.strip_prefix("concurrency/")?.split_once('/').map(|(_, key)| key);
    let shown = name.strip_prefix("lock/").or_else(|| name.strip_prefix(SCHEDULE_KEY)).or_else(key);
    escape::brief(shown.unwrap_or(name), QUOTED_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Global;

    fn say(reason: Reason) -> String {
        sentence(&reason, RunId(7), Millis(0), &Settings::new(&Global::default(), &|_| None, None))
    }

    #[test]
    fn every_reason_is_a_sentence_that_says_what_to_do() {
        let retry = Reason::Retry { step: "fetch".into(), item: Some(3), attempt: 2, at: Millis(90_000) };
        assert_eq!(say(retry), "attempt 2 of fetch[3] begins at 1970-01-01 00:01:30Z (in 1m 30s)");
        assert_eq!(say(Reason::Worker), "nobody runs it; it goes on with: jackfield resume 7");
        let decision = Reason::Decision { step: "fetch".into(), item: None, times: 3 };
        assert!(say(decision).ends_with("jackfield resume 7 or jackfield runs cancel 7"));
        assert_eq!(say(Reason::Steps { step: "save".into(), needs: vec!["a".into(), "b".into()] }), "step save waits for a, b");
    }

    #[test]
    fn what_people_decide_comes_with_the_command() {
        let approval = Reason::Approval { step: "ask".into(), item: Some(3), question: "Ship\x1b it?".into(), until: Some(Millis(0)) };
        let expected =
            "ask[3] waits for an approval, \"Ship\\x1b it?\", until 1970-01-01 00:00:00Z at most: jackfield runs approve 7 'ask[3]'";
        assert_eq!(say(approval), expected);
        let signal = Reason::Signal { step: "ask".into(), item: None, name: "go".into(), until: None };
        assert_eq!(say(signal), "ask waits for the signal go: jackfield runs signal 7 go");
        let outcome = Reason::Outcome { step: "pay".into(), item: None, attempt: 1, failure: "x: y".into() };
        assert!(say(outcome).ends_with("jackfield runs resolve 7 pay --as done|failed|retry"));
        assert_eq!(say(Reason::Lock { step: "a".into(), item: None, name: "lock/db".into() }), "a waits for the lock db");
        let key = say(Reason::Concurrency { key: "concurrency/w/eu/1".into() });
        assert_eq!(key, "it waits for room among the runs with the key eu/1 (`concurrency`)");
        let schedule = say(Reason::Concurrency { key: "schedule/w/1".into() });
        assert_eq!(schedule, "it waits until no other run of the schedule w/1 is under way (`overlap`)");
    }
}
