//! What a plan says of a step, in few words.

use jackfield_flow::plan::{Action, Contender, Effect, OnItemError, Plan, PlanStep, PlanTemplate, RepeatTest, StepKind, Then};
use jackfield_flow::types::{Value, parse_duration};

use super::label::{elide, plain, units};
use super::model::{Inner, Mark, Part, Saying};

/// The longest expression or value that is quoted, in columns.
const BRIEF_COLUMNS: usize = 48;

/// Branches, contenders and handlers that are shown before the rest is only counted.
const SHOWN_MAX: usize = 8;

/// What a step does: its structure, then its action.
pub(super) fn does(plan: &Plan, kind: &StepKind) -> Vec<Saying> {
    match kind {
        StepKind::One(one) => vec![action(plan, one)],
        StepKind::ForEach { max_parallel, on_item_error, action: each, .. } => {
            let failures = match on_item_error {
                OnItemError::Fail => "",
                OnItemError::Collect => ", collects failures",
                OnItemError::Skip => ", leaves failed ones out",
            };
            let words = format!("each item, {max_parallel} at once{failures}");
            vec![Saying::new(Mark::Each, words), action(plan, each)]
        }
        StepKind::Repeat { test, max, every_ms, action: again, .. } => {
            let test = match test {
                RepeatTest::While(test) => format!("while {}", brief(test)),
                RepeatTest::Until(test) => format!("until {}", brief(test)),
            };
            let pause = if *every_ms == 0 { String::new() } else { format!(", every {}", units(*every_ms)) };
            vec![Saying::new(Mark::Repeat, format!("repeat ≤{max}{pause}, {test}")), action(plan, again)]
        }
        StepKind::Choose(_) => vec![Saying::new(Mark::Choose, "choose")],
        StepKind::Race(_) => vec![Saying::new(Mark::Race, "race")],
    }
}

/// The action of a step in few words; of a step that has several, its structure.
pub(crate) fn does_words(plan: &Plan, step: usize) -> String {
    does(plan, &plan.steps[step].kind).pop().map(|saying| saying.words).unwrap_or_default()
}

/// What a step does: its structure, then its action; a line each.
pub(crate) fn does_lines(plan: &Plan, step: &PlanStep) -> Vec<String> {
    does(plan, &step.kind).into_iter().map(|saying| saying.words).collect()
}

/// The branches of a `choose`, the contenders of a `race`; a line each.
pub(crate) fn inner_words(plan: &Plan, step: &PlanStep) -> Vec<String> {
    inner(plan, &step.kind).into_iter().map(|inner| format!("{}: {}", inner.label, inner.does.words)).collect()
}

/// What holds for the whole of a step; a line each.
pub(crate) fn badge_words(step: &PlanStep) -> Vec<String> {
    let deadline = |saying: &Saying| saying.mark != Mark::Deadline;
    badges(step).into_iter().filter(deadline).map(|saying| saying.words).collect()
}

/// What is done about failures without a step of its own; a line each.
pub(crate) fn remedy_words(step: &PlanStep) -> Vec<String> {
    let words = step.on_error.iter().take(SHOWN_MAX).map(|on_error| {
        let label = on_error.code.as_ref().map_or_else(|| "any error".to_owned(), |code| plain(code));
        match &on_error.then {
            Then::Fail => format!("on {label}: fail"),
            Then::Value(value) => format!("on {label}: value {}", brief(value)),
            Then::Step(_) => format!("on {label}: see below"),
        }
    });
    words.collect()
}

/// An action in few words.
pub(crate) fn action_words(plan: &Plan, one: &Action) -> String {
    action(plan, one).words
}

/// The actions among which a step chooses, or which race.
pub(super) fn inner(plan: &Plan, kind: &StepKind) -> Vec<Inner> {
    let mut all: Vec<Inner> = match kind {
        StepKind::Choose(branches) => {
            let shown = branches.iter().take(SHOWN_MAX).map(|branch| {
                let label = branch.condition.as_ref().map_or_else(|| "else".to_owned(), |test| format!("if {}", brief(test)));
                Inner { label, does: action(plan, &branch.action) }
            });
            shown.collect()
        }
        StepKind::Race(contenders) => {
            let inner = |contender: &Contender| Inner { label: plain(&contender.name), does: action(plan, &contender.action) };
            contenders.iter().take(SHOWN_MAX).map(inner).collect()
        }
        _ => Vec::new(),
    };
    let count = match kind {
        StepKind::Choose(branches) => branches.len(),
        StepKind::Race(contenders) => contenders.len(),
        _ => 0,
    };
    if count > all.len() {
        all.push(Inner { label: "…".to_owned(), does: Saying::new(Mark::Task, format!("{} more", count - all.len())) });
    }
    all
}

/// The least thing that is done.
fn action(plan: &Plan, action: &Action) -> Saying {
    match action {
        Action::Task(call) => Saying::new(Mark::Task, plain(&plan.task_name(call))),
        Action::Flow { flow, .. } => Saying::new(Mark::Flow, format!("flow {}", plain(&plan.flows[*flow].workflow))),
        Action::Sleep(time) => Saying::new(Mark::Time, format!("sleep {}", time_words(time))),
        Action::Until(instant) => Saying::new(Mark::Time, format!("until {}", instant_words(instant))),
        Action::Signal { name, .. } => Saying::new(Mark::Signal, format!("signal {}", plain(name))),
        Action::Approval { question } => Saying::new(Mark::Approval, format!("approval: {}", brief(question))),
        Action::Value(value) => Saying::new(Mark::Value, format!("value {}", brief(value))),
    }
}

/// What holds for the whole of a step.
pub(super) fn badges(step: &PlanStep) -> Vec<Saying> {
    let lock = step.lock.as_ref().map(|lock| {
        let permits = if lock.permits == 1 { String::new() } else { format!(" ×{}", lock.permits) };
        Saying::new(Mark::Lock, format!("lock {}{permits}", brief(&lock.name)))
    });
    let rate = step.rate.as_ref().map(|rate| Saying::new(Mark::Rate, format!("{} per {}", rate.limit, units(rate.per_ms))));
    let deadline = step.timeout.total_ms.map(|ms| Saying::new(Mark::Deadline, format!("within {}", units(ms))));
    let cache = step.cache.then(|| Saying::new(Mark::Cache, "cache"));
    let once = step.at_most_once.then(|| Saying::new(Mark::Once, "at most once"));
    [lock, rate, deadline, cache, once].into_iter().flatten().collect()
}

/// What belongs to a step.
pub(super) fn parts(plan: &Plan, step: &PlanStep) -> Vec<Part> {
    let of = |mark: Mark, label: &str, other: usize| part(Some(other), mark, label, summary(plan, &plan.steps[other].kind));
    let mut parts: Vec<Part> = Vec::new();
    for on_error in step.on_error.iter().take(SHOWN_MAX) {
        let label = on_error.code.as_ref().map_or_else(|| "on any error".to_owned(), |code| format!("on {}", plain(code)));
        parts.push(match &on_error.then {
            Then::Fail => part(None, Mark::OnError, &label, Saying::new(Mark::Task, "fail")),
            Then::Value(value) => part(None, Mark::OnError, &label, Saying::new(Mark::Value, format!("value {}", brief(value)))),
            Then::Step(other) => of(Mark::OnError, &label, *other),
        });
    }
    let more = step.on_error.len().saturating_sub(SHOWN_MAX);
    if more > 0 {
        parts.push(part(None, Mark::OnError, "…", Saying::new(Mark::Task, format!("{more} more"))));
    }
    parts.extend(step.finally.map(|other| of(Mark::Finally, "finally", other)));
    parts.extend(step.compensate.map(|other| of(Mark::Undo, "compensate", other)));
    parts
}

fn part(step: Option<usize>, mark: Mark, label: &str, does: Saying) -> Part {
    Part { step, mark, label: label.to_owned(), does, status: None, note: String::new() }
}

/// What a step does in one saying.
fn summary(plan: &Plan, kind: &StepKind) -> Saying {
    match kind {
        StepKind::One(one) => action(plan, one),
        other => does(plan, other).swap_remove(0),
    }
}

/// The most that each sub-workflow can do to the world.
pub(crate) fn flow_effects(plan: &Plan) -> Vec<Effect> {
    let whole = |flow: &Plan| {
        let within = flow_effects(flow);
        flow.steps.iter().filter_map(|step| effect(step, &within)).max().unwrap_or(Effect::Pure)
    };
    plan.flows.iter().map(|flow| whole(flow)).collect()
}

/// The most that a step can do to the world, with its sub-workflows; nothing when it neither calls a task nor starts a flow.
pub(crate) fn effect(step: &PlanStep, flows: &[Effect]) -> Option<Effect> {
    let of = |action: &Action| match action {
        Action::Task(call) => Some(call.effect),
        Action::Flow { flow, .. } => Some(flows[*flow]),
        _ => None,
    };
    step.actions().into_iter().filter_map(of).max()
}

fn time_words(time: &PlanTemplate) -> String {
    let ms = match time {
        PlanTemplate::Value(Value::Duration(duration)) => u64::try_from(duration.as_millis()).ok(),
        PlanTemplate::Value(Value::String(text)) => parse_duration(text).and_then(|duration| u64::try_from(duration.as_millis()).ok()),
        // What stands in the file as a literal is kept as a conversion of its text.
        PlanTemplate::Expr(expr) => {
            let literal = expr.source().trim().strip_prefix("duration(\"").and_then(|text| text.strip_suffix("\")"));
            literal.and_then(parse_duration).and_then(|duration| u64::try_from(duration.as_millis()).ok())
        }
        _ => None,
    };
    ms.map_or_else(|| brief(time), units)
}

/// An instant as it was written: a literal is kept as a conversion of its text.
fn instant_words(instant: &PlanTemplate) -> String {
    let literal = match instant {
        PlanTemplate::Expr(expr) => expr.source().trim().strip_prefix("timestamp(\"").and_then(|text| text.strip_suffix("\")")),
        _ => None,
    };
    literal.map_or_else(|| brief(instant), plain)
}

/// A value as it was written, on one short line.
pub(crate) fn brief(template: &PlanTemplate) -> String {
    let text = match template {
        PlanTemplate::Value(Value::String(text)) => short(text),
        PlanTemplate::Value(Value::List(list)) if !list.is_empty() => "[…]".to_owned(),
        PlanTemplate::Value(Value::Map(map)) if !map.is_empty() => "{…}".to_owned(),
        PlanTemplate::Value(value) => short(&value.to_json()),
        PlanTemplate::Expr(expr) => short(expr.source()),
        PlanTemplate::List(_) => "[…]".to_owned(),
        PlanTemplate::Map(_) => "{…}".to_owned(),
    };
    elide(&text, BRIEF_COLUMNS)
}

/// Made harmless, with one blank for many; only as much is looked at as can be shown.
fn short(text: &str) -> String {
    let start: String = text.chars().take(4 * BRIEF_COLUMNS).collect();
    plain(&start.split_whitespace().collect::<Vec<_>>().join(" "))
}
