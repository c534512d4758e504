//! What is told of a run, and the words for it.

use std::sync::Arc;

use jackfield_flow::run::{BlockReason, Failure, Place, Run, Status};
use jackfield_sandbox::LogLine;

use super::tracker::{Items, Tracker};
use crate::log_line;
use crate::output::escape;
use crate::output::style::{DIM, paint};
use crate::output::time::span;

/// Something that happened, once it is durable.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Notice {
    /// A step took over a result of another run.
    Adopted {
        /// Which.
        step: usize,
    },
    /// A step's condition was false.
    Skipped {
        /// Which.
        step: usize,
    },
    /// An attempt of a step without items began.
    Started {
        /// Which.
        step: usize,
        /// Which attempt.
        attempt: u32,
    },
    /// A `for-each` step knows its items.
    ItemsOpened {
        /// Which.
        step: usize,
        /// How many.
        count: u32,
    },
    /// An item of a step ended; the step goes on.
    Items {
        /// Which.
        step: usize,
    },
    /// A step ended well.
    StepDone {
        /// Which.
        step: usize,
        /// How long it took.
        took_ms: u64,
    },
    /// An attempt failed.
    AttemptFailed {
        /// Where.
        place: Place,
        /// Which attempt.
        attempt: u32,
        /// Why.
        failure: Failure,
        /// When it is tried again, from now; nothing when it is not.
        wait_ms: Option<u64>,
    },
    /// Further failed attempts of a step's items are only counted.
    FailuresCounted {
        /// Which.
        step: usize,
    },
    /// A step failed.
    StepFailed {
        /// Which.
        step: usize,
        /// How long it took.
        took_ms: u64,
        /// Why, when no attempt has told it.
        failure: Option<Failure>,
    },
    /// Attempts were lost with their worker.
    Lost {
        /// How many.
        attempts: usize,
    },
    /// Attempts were given back by a worker that stops.
    Released {
        /// How many.
        attempts: usize,
    },
    /// Somebody wants the run to stop.
    CancelRequested {
        /// Who or why.
        reason: Arc<str>,
    },
    /// The run cannot go on by itself.
    Blocked,
    /// It goes on.
    Unblocked,
    /// It ended.
    Ended,
}

/// A failure on one line.
pub(crate) fn failure_line(failure: &Failure) -> String {
    format!("{}: {}", escape::line(&failure.code), escape::brief(&failure.message, 400))
}

/// Why a run is blocked, and what to do.
pub(crate) fn blocked_line(run: &Run, reason: &BlockReason) -> String {
    match reason {
        BlockReason::PluginMissing { digest } => {
            format!(
                "it needs the plugin {digest}, whose component is no longer there: `jackfield check` on a workflow that uses it installs it again"
            )
        }
        BlockReason::KilledWorker { place, times } => format!(
            "the engine died {times} times in a row while {} ran; look at the cause before you let it run again",
            place_name(run, *place)
        ),
        BlockReason::UnknownOutcome { place, attempt } => format!(
            "nobody knows what attempt {attempt} of {} did, and it may not be repeated: `jackfield runs resolve` says how to go on",
            place_name(run, *place)
        ),
        BlockReason::CompensationFailed { place } => {
            format!("{} could not undo what was done: `jackfield runs resolve` says how to go on", place_name(run, *place))
        }
    }
}

/// `save` or `save[12]`.
pub(crate) fn place_name(run: &Run, place: Place) -> String {
    let step = run.plan().steps.get(place.index()).map_or("?", |step| &step.name);
    match place.item {
        Some(item) => format!("{step}[{item}]"),
        None => step.to_owned(),
    }
}

/// `12/100 items`, and how many of them failed.
pub(super) fn items_words(items: Items) -> String {
    let ended = items.done + items.failed;
    match items.failed {
        0 => format!("{ended}/{} items", items.total),
        failed => format!("{ended}/{} items, {failed} failed", items.total),
    }
}

impl Notice {
    /// The notice as a line of text; nothing for one that plain lines do not tell.
    pub(super) fn line(&self, run: &Run, tracker: &Tracker) -> Option<String> {
        let name = |step: &usize| run.plan().steps.get(*step).map_or_else(String::new, |step| format!("step {}", step.name));
        let line = match self {
            Self::Adopted { step } => {
                let from = run.rerun_of().map_or_else(String::new, |run| format!(" from run {run}"));
                format!("{}: result taken over{from}", name(step))
            }
            Self::Skipped { step } => format!("{}: skipped, its condition is false", name(step)),
            Self::Started { step, attempt: 1 } => format!("{}: started", name(step)),
            Self::Started { step, attempt } => format!("{}: attempt {attempt} started", name(step)),
            Self::ItemsOpened { step, count: 1 } => format!("{}: started, 1 item", name(step)),
            Self::ItemsOpened { step, count } => format!("{}: started, {count} items", name(step)),
            Self::Items { step } => format!("{}: {}", name(step), items_words(tracker.step(*step).items?)),
            Self::StepDone { step, took_ms } => format!("{}: done in {}", name(step), span(*took_ms)),
            Self::AttemptFailed { place, attempt, failure, wait_ms } => {
                let next = wait_ms.map_or_else(|| "it is not tried again".to_owned(), |ms| format!("next in {}", span(ms)));
                format!("step {}: attempt {attempt} failed, {}; {next}", place_name(run, *place), failure_line(failure))
            }
            Self::FailuresCounted { step } => format!("{}: more attempts fail; they are counted, and shown by `runs show`", name(step)),
            Self::StepFailed { step, took_ms, failure } => {
                let why = failure.as_ref().map_or_else(String::new, |failure| format!(", {}", failure_line(failure)));
                format!("{}: failed after {}{why}", name(step), span(*took_ms))
            }
            Self::Lost { attempts: 1 } => "1 attempt was lost with the engine that ran it, and runs again".to_owned(),
            Self::Lost { attempts } => format!("{attempts} attempts were lost with the engine that ran them, and run again"),
            Self::CancelRequested { reason } => format!("run {}: cancelled: {}", run.id(), escape::brief(reason, 400)),
            Self::Blocked => format!("run {}: blocked: {}", run.id(), blocked_line(run, run.blocked()?)),
            Self::Unblocked => format!("run {}: goes on", run.id()),
            Self::Released { .. } | Self::Ended => return None,
        };
        Some(line)
    }

    /// The state that a step has reached by this notice, when it ended.
    pub(super) fn ended_step(&self) -> Option<(usize, Status, u64)> {
        match self {
            Self::Adopted { step } => Some((*step, Status::Done, 0)),
            Self::Skipped { step } => Some((*step, Status::Skipped, 0)),
            Self::StepDone { step, took_ms } => Some((*step, Status::Done, *took_ms)),
            Self::StepFailed { step, took_ms, .. } => Some((*step, Status::Failed, *took_ms)),
            _ => None,
        }
    }
}

/// A line that a task logged, and where.
pub(super) fn log_line(run: &Run, place: Place, line: &LogLine) -> String {
    format!("{} {}", paint(DIM, place_name(run, place)), log_line::words(&line.into()))
}
