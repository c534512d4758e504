//! The words for what is told of a run.

use jackfield_flow::plan::{Action, Role, StepKind};
use jackfield_flow::run::{BlockReason, Decision, Failure, ItemCounts, Place, Reason, Resolution, Run};
use jackfield_sandbox::LogLine;

use super::Notice;
use super::tracker::{Tracker, main_of};
use crate::output::escape;
use crate::output::style::{DIM, paint};
use crate::output::time::{span, utc};
use crate::settings::Settings;
use crate::{log_line, reason};

/// The longest message or note that is shown, in characters.
const MESSAGE_MAX: usize = 400;

/// A failure on one line.
pub(crate) fn failure_line(failure: &Failure) -> String {
    format!("{}: {}", escape::line(&failure.code), escape::brief(&failure.message, MESSAGE_MAX))
}

/// Why a run is blocked.
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
        BlockReason::UnknownOutcome { place, attempt } => {
            format!("nobody knows what attempt {attempt} of {} did, and it may not be repeated", place_name(run, *place))
        }
        BlockReason::CompensationFailed { place } => {
            format!("{} could not undo what was done", place_name(run, *place))
        }
    }
}

/// `save` or `save[12]`.
pub(crate) fn place_name(run: &Run, place: Place) -> String {
    let step = run.plan().steps.get(place.index()).map_or("?", |step| &step.name);
    reason::at(step, place.item)
}

/// `12/100 items`, and how many of them failed.
pub(super) fn items_words(run: &Run, step: usize, items: ItemCounts) -> String {
    let ended = items.done + items.failed;
    let what = match run.plan().steps.get(step).map(|planned| &planned.kind) {
        Some(StepKind::Repeat { .. }) => return format!("iteration {}", items.total),
        Some(StepKind::Race(_)) => "contenders",
        _ => "items",
    };
    match items.failed {
        0 => format!("{ended}/{} {what}", items.total),
        failed => format!("{ended}/{} {what}, {failed} failed", items.total),
    }
}

/// What a place waits for, in the words that fit behind its name.
pub(super) fn wait_words(reason: &Reason) -> Option<String> {
    Some(match reason {
        Reason::Sleep { until, .. } => format!("sleeps until {}", utc(*until)),
        Reason::Iteration { at, .. } => format!("goes on at {}", utc(*at)),
        Reason::Rate { at: Some(at), .. } => format!("may start at {}", utc(*at)),
        Reason::Signal { name, .. } => format!("waits for the signal {name}"),
        Reason::Approval { .. } => "waits for an approval".to_owned(),
        Reason::Lock { name, .. } => format!("waits for the lock {}", reason::lock_name(name)),
        _ => return None,
    })
}

impl Notice {
    /// The notice as a line of text; nothing for one that plain lines do not tell.
    pub(super) fn line(&self, run: &Run, tracker: &Tracker, settings: &Settings) -> Option<String> {
        let name = |step: &usize| run.plan().steps.get(*step).map_or_else(String::new, |step| format!("step {}", step.name));
        let line = match self {
            Self::Adopted { step } => {
                let from = run.rerun_of().map_or_else(String::new, |run| format!(" from run {run}"));
                format!("{}: result taken over{from}", name(step))
            }
            Self::Skipped { step } => format!("{}: skipped, its condition is false", name(step)),
            Self::PartsOpened { step, count } => format!("{}: started, {}", name(step), parts(run, *step, *count)),
            Self::Branch { step, branch: Some(branch) } => format!("{}: {} is taken", name(step), branch_words(run, *step, *branch)),
            Self::Branch { step, branch: None } => format!("{}: no branch fits", name(step)),
            Self::Items { step } => format!("{}: {}", name(step), items_words(run, *step, tracker.step(*step).items?)),
            Self::StepDone { step, took_ms } => format!("{}: done in {}{}", name(step), span(*took_ms), aside(run, tracker, *step)),
            Self::LinesCounted { step } => format!("{}: more about its items is shown by `runs show`", name(step)),
            Self::StepFailed { step, took_ms, failure } => {
                let why = failure.as_ref().map_or_else(String::new, |failure| format!(", {}", failure_line(failure)));
                format!("{}: failed after {}{why}", name(step), span(*took_ms))
            }
            Self::StepCancelled { step, took_ms } => format!("{}: cancelled after {}", name(step), span(*took_ms)),
            // The next iteration tells itself.
            Self::Waits { reason: Reason::Iteration { .. }, .. } => return None,
            Self::Waits { place, reason, at } => {
                let who = if place.is_some() { "step".to_owned() } else { format!("run {}:", run.id()) };
                format!("{who} {}", reason::sentence(reason, run.id(), *at, settings))
            }
            Self::Lost { attempts: 1 } => "1 attempt was lost with the engine that ran it, and runs again".to_owned(),
            Self::Lost { attempts } => format!("{attempts} attempts were lost with the engine that ran them, and run again"),
            Self::Signal { name, by, note } => format!("run {}: signal {name} from {}{}", run.id(), escape::line(by), remark(note)),
            Self::CancelRequested { reason } => format!("run {}: cancelled: {}", run.id(), escape::brief(reason, MESSAGE_MAX)),
            Self::Failing { failure } => format!("run {}: fails, {}", run.id(), failure_line(failure)),
            Self::Undoing => format!("run {}: what was done is undone", run.id()),
            Self::Blocked => format!("run {}: blocked: {}", run.id(), blocked_line(run, run.blocked()?)),
            Self::Unblocked => format!("run {}: goes on", run.id()),
            Self::Released { .. } | Self::Ended => return None,
            at_place => at_place.line_at_place(run)?,
        };
        Some(line)
    }

    fn line_at_place(&self, run: &Run) -> Option<String> {
        let name = |place: &Place| format!("step {}", place_name(run, *place));
        Some(match self {
            Self::Started { place, attempt } => started(run, *place, *attempt),
            Self::AttemptFailed { place, attempt, failure, wait_ms } => {
                let next = wait_ms.map_or_else(|| "it is not tried again".to_owned(), |ms| format!("next in {}", span(ms)));
                format!("{}: attempt {attempt} failed, {}; {next}", name(place), failure_line(failure))
            }
            Self::PlaceFailed { place, failure } => format!("{}: {}", name(place), failure_line(failure)),
            Self::OutcomeUnknown { place, attempt, failure } => {
                format!("{}: nobody knows what attempt {attempt} did, {}", name(place), failure_line(failure))
            }
            Self::Resolved { place, how } => {
                let how = match how {
                    Resolution::Done(_) => "done",
                    Resolution::Failed => "failed",
                    Resolution::Retry => "to be tried again",
                };
                format!("{}: resolved as {how}", name(place))
            }
            Self::Caught { place, handler } => {
                let handler = run.plan().steps.get(*handler).map_or("?", |step| &step.name);
                format!("{}: {handler} takes care of it", name(place))
            }
            Self::Rescued { place } => format!("{}: `on-error` puts a value in its place", name(place)),
            Self::Undone { place } => format!("{}: undone", owner(run, *place)),
            Self::Decided { place, decision, by, note } => {
                let decided = match decision {
                    Decision::Approved => "approved",
                    Decision::Denied => "denied",
                };
                format!("{}: {decided} by {}{}", name(place), escape::line(by), remark(note))
            }
            _ => return None,
        })
    }
}

/// The step, or the item of it, to which a place belongs.
fn owner(run: &Run, place: Place) -> String {
    let of = Place { item: place.item, ..Place::step(main_of(run, place.index())) };
    format!("step {}", place_name(run, of))
}

fn started(run: &Run, place: Place, attempt: u32) -> String {
    let planned = &run.plan().steps[place.index()];
    match (planned.role, attempt) {
        (Role::Compensate { .. }, 1) => format!("{}: is being undone", owner(run, place)),
        (Role::Finally { .. }, 1) => format!("{}: `finally` started", owner(run, place)),
        (_, 1) => match run.action_of(place) {
            Some(Action::Flow { flow, .. }) => {
                format!("step {}: starts the sub-workflow {}", place_name(run, place), run.plan().flows[*flow].workflow)
            }
            _ => format!("step {}: started", place_name(run, place)),
        },
        (_, attempt) => format!("step {}: attempt {attempt} started", place_name(run, place)),
    }
}

fn parts(run: &Run, step: usize, count: u32) -> String {
    let one = match run.plan().steps.get(step).map(|planned| &planned.kind) {
        Some(StepKind::Race(_)) => "contender",
        _ => "item",
    };
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

fn branch_words(run: &Run, step: usize, branch: u32) -> String {
    let count = match run.plan().steps.get(step).map(|planned| &planned.kind) {
        Some(StepKind::Choose(branches)) => branches.len(),
        _ => 0,
    };
    format!("branch {} of {count}", branch + 1)
}

/// What else is to be said of a step that is done: who won, which run it was.
fn aside(run: &Run, tracker: &Tracker, step: usize) -> String {
    if let StepKind::Race(_) = run.plan().steps[step].kind
        && let Some(winner) = run.step(step).winner
    {
        return format!(", {winner} won");
    }
    tracker.child_of(step).map_or_else(String::new, |child| format!(", run {child}"))
}

fn remark(note: &str) -> String {
    if note.is_empty() { String::new() } else { format!(": {}", escape::brief(note, MESSAGE_MAX)) }
}

/// A line that a task logged, and where.
pub(super) fn log_line(run: &Run, place: Place, line: &LogLine) -> String {
    format!("{} {}", paint(DIM, place_name(run, place)), log_line::words(&line.into()))
}
