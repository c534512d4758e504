//! A run, as programs and people see it.

use std::sync::Arc;

use jackfield_flow::checkpoint::Batch;
use jackfield_flow::run::{Event, Failure, ItemCounts, Millis, Place, Receipt, Run, RunId, Status, StepView};
use jackfield_flow::types::Value;
use serde::Serialize;

use crate::beside::{ChildReport, LockReport, step_name};
use crate::graph;
use crate::output::style::{BAD, DIM, STRONG, of_status, paint, sign};
use crate::output::table::{Field, Table};
use crate::output::time::{bytes, rfc3339, span, utc};
use crate::output::{Output, escape};
use crate::progress::blocked_line;

/// A run for programs.
#[derive(Debug, Serialize)]
pub(crate) struct RunReport {
    run: RunId,
    workflow: Arc<str>,
    status: Status,
    /// RFC 3339, as all times here.
    began: Option<String>,
    ended: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rerun_of: Option<RunId>,
    /// The priority that whoever started it gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<i32>,
    inputs: Value,
    /// An object when the run is done, otherwise null.
    outputs: Option<Value>,
    failure: Option<FailureReport>,
    /// Why it is blocked, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel_reason: Option<Arc<str>>,
    steps: Vec<StepReport>,
    /// What somebody is asked to decide.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    approvals: Vec<ApprovalReport>,
    /// Signals that were accepted, and that no step has taken yet.
    #[serde(skip_serializing_if = "is_zero")]
    signals_waiting: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    children: Option<Vec<ChildReport>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locks: Option<Vec<LockReport>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<Vec<AttemptReport>>,
}

/// Why a run failed, for programs.
#[derive(Debug, Serialize)]
struct FailureReport {
    step: Option<Arc<str>>,
    #[serde(flatten)]
    failure: Failure,
}

/// A step for programs.
#[derive(Debug, Serialize)]
struct StepReport {
    name: Arc<str>,
    kind: &'static str,
    /// The step it belongs to, when it handles a failure, tidies up or undoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<Arc<str>>,
    task: String,
    status: Status,
    attempts: u32,
    began: Option<String>,
    ended: Option<String>,
    /// The branch that a `choose` took, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<u32>,
    /// The contender that won a `race`.
    #[serde(skip_serializing_if = "Option::is_none")]
    winner: Option<Arc<str>>,
    items: Option<ItemCounts>,
    failure: Option<Failure>,
}

/// A question for programs.
#[derive(Debug, Serialize)]
struct ApprovalReport {
    step: Arc<str>,
    item: Option<u32>,
    question: String,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// One attempt, as its events tell.
#[derive(Debug, Serialize)]
pub(crate) struct AttemptReport {
    step: Arc<str>,
    item: Option<u32>,
    attempt: u32,
    began: Option<String>,
    ended: Option<String>,
    /// `running`, `done`, `failed`, `lost` or `released`.
    outcome: &'static str,
    failure: Option<Failure>,
    retry_at: Option<String>,
    receipt: Option<Receipt>,
}

impl RunReport {
    /// The run as it stands.
    pub(crate) fn new(run: &Run) -> Self {
        let step = |view: StepView| StepReport {
            name: view.name,
            kind: view.kind,
            of: view.of,
            task: view.task,
            status: view.status,
            attempts: view.attempts,
            began: view.began.and_then(rfc3339),
            ended: view.ended.and_then(rfc3339),
            branch: view.branch,
            winner: view.winner,
            items: view.items,
            failure: view.failure,
        };
        let question = |(place, question): (Place, String)| ApprovalReport { step: step_name(run, place), item: place.item, question };
        let failure = run.failure().map(|(step, failure)| FailureReport {
            step: step.and_then(|step| run.plan().steps.get(step)).map(|step| Arc::clone(&step.name)),
            failure: failure.clone(),
        });
        Self {
            run: run.id(),
            workflow: Arc::clone(&run.plan().workflow),
            status: run.status(),
            began: rfc3339(run.began()),
            ended: run.ended().and_then(rfc3339),
            rerun_of: run.rerun_of(),
            priority: run.priority_given(),
            inputs: run.inputs().clone(),
            outputs: run.outputs().cloned(),
            failure,
            blocked: run.blocked().map(|reason| blocked_line(run, reason)),
            cancel_reason: run.cancel_reason().cloned(),
            steps: run.steps().into_iter().map(step).collect(),
            approvals: run.approvals().into_iter().map(question).collect(),
            signals_waiting: run.signals_waiting(),
            children: None,
            locks: None,
            attempts: None,
        }
    }

    /// The same with what stands beside the run.
    pub(crate) fn beside(self, children: Vec<ChildReport>, locks: Vec<LockReport>) -> Self {
        Self { children: Some(children), locks: Some(locks), ..self }
    }

    /// The same with every attempt.
    pub(crate) fn with_attempts(run: &Run, batches: &[Batch]) -> Self {
        Self { attempts: Some(attempts(run, batches)), ..Self::new(run) }
    }
}

/// Every attempt of a run, in the order in which they began.
pub(crate) fn attempts(run: &Run, batches: &[Batch]) -> Vec<AttemptReport> {
    let mut attempts: Vec<AttemptReport> = Vec::new();
    // Where the attempt that is under way at a place stands in the list.
    let mut open: std::collections::BTreeMap<Place, usize> = std::collections::BTreeMap::new();
    let name = |place: &Place| run.plan().steps.get(place.index()).map_or_else(|| Arc::from("?"), |step| Arc::clone(&step.name));
    for batch in batches {
        for event in &batch.events {
            match event {
                Event::Started { place, attempt } => {
                    open.insert(*place, attempts.len());
                    attempts.push(AttemptReport {
                        step: name(place),
                        item: place.item,
                        attempt: *attempt,
                        began: rfc3339(batch.at),
                        ended: None,
                        outcome: "running",
                        failure: None,
                        retry_at: None,
                        receipt: None,
                    });
                }
                Event::Done { place, receipt, .. } => {
                    close(&mut attempts, open.remove(place), batch.at, "done", |attempt| attempt.receipt = Some(receipt.clone()));
                }
                Event::AttemptFailed { place, failure, retry_at, receipt, .. } => {
                    close(&mut attempts, open.remove(place), batch.at, "failed", |attempt| {
                        attempt.failure = Some(failure.clone());
                        attempt.retry_at = retry_at.and_then(rfc3339);
                        attempt.receipt = Some(receipt.clone());
                    });
                }
                Event::Lost { places } | Event::Released { places } => {
                    let outcome = if matches!(event, Event::Lost { .. }) { "lost" } else { "released" };
                    for place in places {
                        close(&mut attempts, open.remove(place), batch.at, outcome, |_| {});
                    }
                }
                _ => {}
            }
        }
    }
    attempts
}

fn close(attempts: &mut [AttemptReport], at: Option<usize>, ended: Millis, outcome: &'static str, more: impl FnOnce(&mut AttemptReport)) {
    if let Some(attempt) = at.and_then(|at| attempts.get_mut(at)) {
        attempt.outcome = outcome;
        attempt.ended = rfc3339(ended);
        more(attempt);
    }
}

/// The first lines about a run: what it is, and how it stands.
pub(crate) fn head(run: &Run) -> String {
    let status = run.status();
    let mut text = format!(
        "{} run {}  {}  {}\n",
        paint(of_status(status), sign(status)),
        paint(STRONG, run.id()),
        paint(STRONG, &run.plan().workflow),
        paint(of_status(status), status)
    );
    let ended = run.ended().map_or_else(String::new, |ended| format!(", took {}", span(ended.since(run.began()))));
    text.push_str(&format!("  began {}{ended}\n", utc(run.began())));
    if let Some(of) = run.rerun_of() {
        text.push_str(&format!("  repeats run {of}\n"));
    }
    if let Some(priority) = run.priority_given() {
        text.push_str(&format!("  priority {priority}\n"));
    }
    if let Some(reason) = run.cancel_reason() {
        text.push_str(&format!("  cancelled: {}\n", escape::line(reason)));
    }
    if let Some(reason) = run.blocked() {
        text.push_str(&format!("  blocked: {}\n", blocked_line(run, reason)));
    }
    text
}

/// The steps of a run, each with what belongs to it and has come into play.
pub(crate) fn steps(run: &Run, output: &Output, now: Millis) -> String {
    let mut table = Table::new(["STEP", "TASK", "STATE", "ATTEMPTS", "ITEMS", "TOOK"]);
    let views: Vec<(usize, StepView)> = run.steps().into_iter().enumerate().collect();
    let mut parts: std::collections::BTreeMap<Arc<str>, Vec<&(usize, StepView)>> = std::collections::BTreeMap::new();
    for view in &views {
        if let Some(of) = view.1.of.as_ref().filter(|_| !matches!(view.1.status, Status::Waiting | Status::Skipped)) {
            parts.entry(Arc::clone(of)).or_default().push(view);
        }
    }
    for (index, step) in views.iter().filter(|(_, view)| view.of.is_none()) {
        table.row(step_row(run, *index, step, &step.name, now));
        for (index, part) in parts.remove(&step.name).into_iter().flatten() {
            let name = part.name.strip_prefix(&*step.name).unwrap_or(&part.name);
            table.row(step_row(run, *index, part, &format!("  {name}"), now));
        }
    }
    table.render(output)
}

fn step_row(run: &Run, index: usize, step: &StepView, name: &str, now: Millis) -> [Field; 6] {
    let items = step.items.map_or_else(String::new, |items| match items.failed {
        0 => format!("{}/{}", items.done, items.total),
        failed => format!("{}/{}, {failed} failed", items.done, items.total),
    });
    let took = step.began.map_or_else(String::new, |began| span(step.ended.or(run.ended()).unwrap_or(now).since(began)));
    let attempts = if step.attempts == 0 { String::new() } else { step.attempts.to_string() };
    let state = Field::styled(step.status.as_str(), of_status(step.status));
    let taken = step.branch.map(|branch| format!(", branch {}", branch + 1));
    let won = step.winner.as_ref().map(|winner| format!(", {winner} won"));
    let does = format!("{}{}", graph::does(run.plan(), index), taken.or(won).unwrap_or_default());
    [Field::from(name), Field::styled(&does, DIM), state, attempts.into(), items.into(), took.into()]
}

/// Every attempt of a run.
pub(crate) fn attempts_table(attempts: &[AttemptReport], output: &Output) -> String {
    let mut table = Table::new(["STEP", "ATTEMPT", "BEGAN", "OUTCOME", "TOOK", "MEMORY", "IN", "OUT"]);
    for attempt in attempts {
        let step = attempt.item.map_or_else(|| attempt.step.to_string(), |item| format!("{}[{item}]", attempt.step));
        let outcome = match &attempt.failure {
            Some(failure) => Field::styled(format!("{}: {}", failure.code, escape::brief(&failure.message, 120)), BAD),
            None => attempt.outcome.into(),
        };
        let receipt = attempt.receipt.as_ref();
        let used = |used: fn(&Receipt) -> u64| receipt.map_or_else(String::new, |receipt| bytes(used(receipt)));
        table.row([
            Field::from(step),
            attempt.attempt.to_string().into(),
            attempt.began.as_deref().unwrap_or_default().into(),
            outcome,
            receipt.map_or_else(String::new, |receipt| span(receipt.wall_us / 1_000)).into(),
            used(|receipt| receipt.memory_peak).into(),
            used(|receipt| receipt.bytes_in).into(),
            used(|receipt| receipt.bytes_out).into(),
        ]);
    }
    table.render(output)
}

/// A failure with all that is known: where, message, data, backtrace.
pub(crate) fn failure(step: Option<&str>, failure: &Failure) -> String {
    let at = step.map_or_else(String::new, |step| format!(" at step {step}"));
    let message = escape::block(&failure.message, "  ");
    format!("{}{at}: {}\n{message}\n{}", paint(BAD, "failed"), escape::line(&failure.code), details(failure))
}

/// What is known of a failure beside its code and message: data, backtrace. Often nothing.
pub(crate) fn details(failure: &Failure) -> String {
    let data = failure.data.as_ref().map_or_else(String::new, |data| format!("  data: {}\n", escape::brief(data, 2_000)));
    let trace = failure.trace.as_ref().map_or_else(String::new, |trace| format!("  backtrace:\n{}\n", escape::block(trace, "    ")));
    data + &trace
}

/// Named values for people: texts as they are, everything else as JSON.
pub(crate) fn values(values: &Value) -> String {
    let Value::Map(fields) = values else { return format!("{}\n", escape::line(&values.to_json())) };
    let mut text = String::new();
    for (name, value) in fields.iter() {
        let shown = match value {
            Value::String(shown) => shown.to_string(),
            Value::List(_) | Value::Map(_) => crate::output::json::indented(value),
            other => crate::output::json::line(other).trim_matches('"').to_owned(),
        };
        let name = paint(STRONG, escape::line(name));
        if shown.contains('\n') {
            text.push_str(&format!("{name}:\n{}\n", escape::block(&shown, "  ")));
        } else {
            text.push_str(&format!("{name}: {}\n", escape::line(&shown)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use jackfield_flow::run::{Input, Platform};

    use super::*;
    use crate::progress::tests::begun;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn values_are_shown_without_quotes_and_without_harm() {
        let shown = values(&Value::map([
            ("name", Value::string("Ada\x1b[2J")),
            ("count", Value::Int(3)),
            ("none", Value::Null),
            ("text", Value::string("a\nb\r\n")),
            ("list", Value::list([Value::Int(1)])),
        ]));
        assert_eq!(plain(&shown), "name: Ada\\x1b[2J\ncount: 3\nnone: null\ntext:\n  a\n  b\nlist:\n  [\n    1\n  ]\n");
    }

    #[test]
    fn a_failure_tells_all_that_is_known() {
        let known = Failure {
            kind: jackfield_flow::run::FailureKind::Permanent,
            code: "guest.trap".into(),
            message: "unreachable\nerror: forged".into(),
            data: Some(r#"{"line":3}"#.into()),
            trace: Some("0: parse\n1: run".into()),
        };
        let expected = "failed at step fetch: guest.trap\n  unreachable\n  error: forged\n  data: {\"line\":3}\n  backtrace:\n    0: parse\n    1: run\n";
        assert_eq!(plain(&failure(Some("fetch"), &known)), expected);
    }

    #[test]
    fn every_attempt_is_found_with_its_end() {
        let (mut run, events) = begun();
        let mut batches = vec![Batch { at: Millis(0), events }];
        let place = Place { step: 0, item: None };
        let mut tell = |at: i64, input| batches.push(Batch { at: Millis(at), events: run.turn(input, Millis(at)).unwrap() });
        tell(10, Input::Recovered);
        let failed = Err(Platform::GuestTrap.failure("m"));
        tell(20, Input::AttemptEnded { place, attempt: 2, result: failed, receipt: Receipt { wall_us: 9, ..Receipt::default() } });
        tell(2_000, Input::WakeUp);
        let attempts = attempts(&run, &batches);
        let seen: Vec<_> =
            attempts.iter().map(|attempt| (attempt.attempt, attempt.outcome, attempt.receipt.as_ref().map(|r| r.wall_us))).collect();
        assert_eq!(seen, [(1, "lost", None), (2, "failed", Some(9)), (3, "running", None)]);
        assert_eq!(attempts[1].retry_at.as_deref(), Some("1970-01-01T00:00:00.520Z"));
        let json = serde_json::to_value(RunReport::with_attempts(&run, &batches)).unwrap();
        assert_eq!(json["steps"][0]["name"], "fetch");
        assert_eq!(json["attempts"].as_array().unwrap().len(), 3);
        assert_eq!(json["failure"], serde_json::Value::Null);
    }
}
