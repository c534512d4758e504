//! Any workflow, killed after any event, ends as if nothing had happened.

use std::collections::BTreeSet;

use super::build::approval;
use super::*;
use crate::plan::{OnItemError, ParentEnds, Plan, PlanStep, Rate};

/// A source of chance that always gives the same (Knuth's linear congruential generator).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x1234_5678)
    }

    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[usize::try_from(self.roll(choices.len() as u64)).unwrap_or(0)]
    }
}

/// What made-up tasks do is told by their input, and not by how often they were tried.
pub(super) fn behave(_step: &str, input: &str, attempt: u32) -> Result<String, Failure> {
    match input.trim_matches('"') {
        "child" => Ok("{}".to_owned()),
        "flaky" if attempt == 1 => Err(failure("busy", FailureKind::Transient)),
        "bad" => Err(failure("bad", FailureKind::Permanent)),
        "unsure" => Err(failure("who-knows", FailureKind::UnknownOutcome)),
        "hang" => Err(failure("hang", FailureKind::Transient)),
        _ => Ok(input.to_owned()),
    }
}

fn action(dice: &mut Dice) -> crate::plan::Action {
    match dice.roll(12) {
        0 => sleep("3s"),
        1 => value("'v'"),
        2 => flow(ParentEnds::Cancel),
        3 => flow(ParentEnds::Wait),
        4 => signal("go"),
        5 => approval("sure?"),
        6 => call("'bad'"),
        7 => call("'flaky'"),
        _ => call("'ok'"),
    }
}

fn kind(dice: &mut Dice) -> crate::plan::StepKind {
    let policy = [OnItemError::Fail, OnItemError::Collect, OnItemError::Skip][usize::try_from(dice.roll(3)).unwrap_or(0)];
    match dice.roll(8) {
        0 => for_each(dice.pick(&["['ok', 'flaky', 'ok']", "['ok', 'bad', 'ok', 'flaky']", "[]"]), 2, policy, call("item")),
        1 => for_each("[1, 2, 3]", 2, policy, action(dice)),
        2 => repeat("0", dice.pick(&["carry >= 2", "carry >= 9"]), 3, dice.roll(2) * 1_000, call("carry + 1")),
        3 => race(vec![("hang", call("'hang'")), ("bad", call("'bad'")), ("late", dice_last(dice))]),
        4 => choose(vec![(Some("size(inputs) > 9"), action(dice)), (Some("true"), action(dice))]),
        _ => one(action(dice)),
    }
}

/// The contender that decides a race, whatever the order of things.
fn dice_last(dice: &mut Dice) -> crate::plan::Action {
    match dice.roll(3) {
        0 => sleep("2s"),
        1 => call("'flaky'"),
        _ => signal("go"),
    }
}

/// A plan with all that steps can say of themselves.
pub(super) fn plan(seed: u64) -> Plan {
    let dice = &mut Dice::new(seed);
    let mut build = Build::new().plan(|plan| plan.flows.push(Build::new().done().into()));
    let names = ["a", "b", "c", "d", "e"];
    for at in 0..usize::try_from(1 + dice.roll(5)).unwrap_or(1) {
        let needs: Vec<&str> = names[..at].iter().copied().filter(|_| dice.roll(2) == 0).collect();
        build = build.step(names[at], &needs, kind(dice)).retry(3);
        if dice.roll(2) == 0 {
            build = build.compensate(call("output == null ? 'null' : 'undo'")).with_hidden(|step| step.retry = super::build::attempts(2));
        }
        if dice.roll(3) == 0 {
            build = build.finally(call("'flaky'")).with_hidden(|step| step.retry = super::build::attempts(3));
        }
        build = match dice.roll(5) {
            0 => build.fallback(Some("bad"), "error.code"),
            1 => build.handler(Some("bad"), action(dice)).with_hidden(|step| step.retry = super::build::attempts(3)),
            _ => build,
        };
        let (lock, rate, total, once) = (dice.roll(4), dice.roll(4), dice.roll(6), dice.roll(6));
        build = build.with(|step| modify(step, lock == 0, rate == 0, total == 0, once == 0));
    }
    build.output("done", "1").done()
}

fn modify(step: &mut PlanStep, lock: bool, rate: bool, total: bool, once: bool) {
    if lock {
        step.lock = Some(crate::plan::Lock { name: x("'l'"), permits: 1 });
    }
    if rate {
        step.rate = Some(Rate { name: "r".into(), limit: 1, per_ms: 100 });
    }
    if total {
        step.timeout.total_ms = Some(3_600_000);
    }
    if once && step.calls().next().is_some() && !matches!(step.kind, crate::plan::StepKind::Race(_)) {
        step.at_most_once = true;
        step.retry.attempts = 1;
    }
}

/// Goes on until the end: sends signals, approves, and says of every attempt of unknown outcome what it would have answered.
pub(super) fn to_the_end(mut bench: Bench<'_>) -> Bench<'_> {
    for round in 0..10_000 {
        bench = bench.finish();
        if bench.run.status().is_end() {
            return bench;
        }
        if let Some(place) = bench.run.to_resolve().first().copied() {
            let input = bench.run.input_of(place).expect("an input");
            // An effect that must not be repeated never fails here, so that it always ends the same.
            let how = if bench.run.failed_undoing() == Some(place) {
                Resolve::Failed
            } else {
                Resolve::Done(input.replace("bad", "ok").replace("flaky", "ok").into())
            };
            bench.input(Input::Resolve { place, how });
        } else if let Some((place, _)) = bench.run.approvals().first().cloned() {
            let id = format!("{place:?}").into();
            bench.input(Input::Approval(Approval { id, place, decision: Decision::Approved, by: "me".into(), note: "".into() }));
        } else if bench.run.signal_names().contains("go") {
            let id = format!("{round}-{}", bench.batches.len()).into();
            bench.input(Input::Signal(Signal { id, name: "go".into(), payload: "1".into(), by: "".into(), note: "".into() }));
        } else {
            panic!("nothing moves it: {:?}", bench.run.why(Ownership::Worker));
        }
    }
    panic!("it does not end");
}

/// A task that must not be repeated does not fail: it answers, or nobody knows.
fn once<'a>(plan: &'a Plan) -> impl Fn(&str, &str, u32) -> Result<String, Failure> + 'a {
    |step, input, attempt| {
        let careful = plan.step_named(step).is_some_and(|index| plan.steps[index].at_most_once);
        match input.trim_matches('"') {
            "bad" | "flaky" if careful => Err(failure("who-knows", FailureKind::UnknownOutcome)),
            _ => behave(step, input, attempt),
        }
    }
}

/// What was done and should be undone when the run does not end well, counted from the events alone.
fn should_be_undone(bench: &Bench<'_>) -> Vec<Place> {
    use crate::plan::StepKind;
    let (mut failed, mut over, mut places) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for event in bench.batches.iter().flat_map(|batch| &batch.events) {
        let Some(place) = event.place() else { continue };
        let planned = &bench.plan.steps[place.index()];
        let done = match event {
            Event::AttemptFailed { retry_at: None, .. } | Event::PlaceFailed { .. } | Event::StepFailed { .. } => {
                failed.insert(place);
                false
            }
            Event::Done { .. } | Event::Settled { .. } | Event::Signalled { .. } | Event::Closed { .. } => true,
            Event::Resolved { how: Resolution::Done(_), .. } => true,
            Event::Resolved { how: Resolution::Failed, .. } => {
                failed.insert(place);
                false
            }
            _ => false,
        };
        let Some(compensate) = planned.compensate.filter(|_| done && !failed.contains(&place)) else { continue };
        let undo = match (&planned.kind, place.item) {
            (StepKind::Repeat { .. }, Some(_)) => continue,
            (StepKind::Race(_), Some(_)) => place.whole(),
            _ => place,
        };
        if over.insert(undo) {
            places.push(undo.at(compensate));
        }
    }
    places.reverse();
    places
}

/// The places that did undo something, in order. An undoing that failed for good and was given up counts.
fn undone(bench: &Bench<'_>) -> Vec<Place> {
    let events = bench.batches.iter().flat_map(|batch| &batch.events);
    let ends = events.filter_map(|event| match event {
        Event::Done { place, .. } | Event::Resolved { place, .. } => Some(*place),
        _ => None,
    });
    ends.filter(|place| matches!(bench.plan.steps[place.index()].role, crate::plan::Role::Compensate { .. })).collect()
}

fn check_end(bench: &Bench<'_>, what: &str) {
    let wanted = if bench.run.status() == Status::Done { Vec::new() } else { should_be_undone(bench) };
    assert_eq!(undone(bench), wanted, "{what}");
    assert!(bench.world.held.values().all(Vec::is_empty), "{what}: locks are given back");
    for (step, planned) in bench.plan.steps.iter().enumerate().filter(|(_, planned)| planned.at_most_once) {
        let events = bench.batches.iter().flat_map(|batch| &batch.events);
        let starts: Vec<Place> = events
            .filter_map(|event| match event {
                Event::Started { place, .. } if place.index() == step => Some(*place),
                _ => None,
            })
            .collect();
        let places: BTreeSet<Place> = starts.iter().copied().collect();
        assert_eq!(places.len(), starts.len(), "{what}: `{}` was started twice", planned.name);
    }
    for (step, planned) in bench.plan.steps.iter().enumerate() {
        let began = bench.run.steps()[step].status != Status::Skipped && bench.run.steps[step].began.is_some();
        if let (Some(finally), true) = (planned.finally, began && planned.is_main()) {
            let begun = bench.batches.iter().flat_map(|batch| &batch.events).any(|event| {
                event.place().is_some_and(|place| {
                    place.index() == step
                        && !matches!(
                            event,
                            Event::StepFailed { .. }
                                | Event::LockWanted { .. }
                                | Event::RateWanted { .. }
                                | Event::LockHeld { .. }
                                | Event::Delayed { .. }
                                | Event::Skipped { .. }
                                | Event::PlaceFailed { .. }
                        )
                })
            });
            let ran = bench.run.steps()[finally].status == Status::Done;
            assert!(!begun || ran, "{what}: `finally` of `{}` ran", planned.name);
        }
    }
}

#[test]
fn any_workflow_killed_after_any_event_ends_as_if_nothing_had_happened() {
    for seed in 0..250 {
        let plan = plan(seed);
        let task = once(&plan);
        let whole = to_the_end(Bench::of(plan.clone(), &task));
        check_end(&whole, &format!("seed {seed}"));
        for batches in 1..=whole.batches.len() {
            let what = format!("seed {seed}, killed after batch {batches} of {}", whole.batches.len());
            let resumed = to_the_end(whole.killed_after(batches));
            assert_eq!(resumed.run.status(), whole.run.status(), "{what}");
            assert_eq!(resumed.run.outputs(), whole.run.outputs(), "{what}");
            check_end(&resumed, &what);
        }
    }
}

#[test]
fn any_workflow_cancelled_after_any_event_ends_tidily() {
    for seed in 0..250 {
        let plan = plan(seed);
        let task = once(&plan);
        let whole = to_the_end(Bench::of(plan.clone(), &task));
        for batches in 1..=whole.batches.len() {
            let what = format!("seed {seed}, cancelled after batch {batches}");
            let mut killed = whole.killed_after(batches);
            killed.input(Input::Cancel { reason: "enough".into() });
            let ended = to_the_end(killed);
            let at_end = whole.batches.len() == batches;
            assert!(at_end || ended.run.status() != Status::Done, "{what}");
            check_end(&ended, &what);
        }
    }
}
