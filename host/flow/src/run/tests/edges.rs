//! The transition table: every edge of it is taken by some history, and nothing else is legal.

use std::cell::RefCell;
use std::collections::BTreeSet;

use expect_test::expect;

use super::super::state::{Fate, Slot, SlotEvent, SlotState};
use super::random::{once, plan, to_the_end, wild};
use super::*;
use crate::types::Value;

type Edge = (&'static str, &'static str);

thread_local! {
    /// Edges that slots took on this thread.
    static TAKEN: RefCell<BTreeSet<Edge>> = const { RefCell::new(BTreeSet::new()) };
}

pub(in crate::run) fn taken(edge: Edge) {
    TAKEN.with_borrow_mut(|edges| edges.insert(edge));
}

pub(in crate::run) fn state_name(state: &SlotState) -> &'static str {
    match state {
        SlotState::Waiting => "waiting",
        SlotState::Locking => "locking",
        SlotState::Locked => "locked",
        SlotState::Rating => "rating",
        SlotState::Delayed(_) => "delayed",
        SlotState::Paused(_) => "paused",
        SlotState::Running => "running",
        SlotState::Retrying(_) => "retrying",
        SlotState::Sleeping(_) => "sleeping",
        SlotState::Listening => "listening",
        SlotState::Open => "open",
        SlotState::Undecided(_) => "undecided",
        SlotState::Broken(_) => "broken",
        SlotState::Handling(_) => "handling",
        SlotState::Done(_) => "done",
        SlotState::Failed(_) => "failed",
        SlotState::Cancelled => "cancelled",
    }
}

pub(in crate::run) fn event_name(event: &SlotEvent) -> &'static str {
    match event {
        SlotEvent::LockWanted => "lock wanted",
        SlotEvent::LockHeld => "lock held",
        SlotEvent::RateWanted => "rate wanted",
        SlotEvent::Delayed(_) => "delayed",
        SlotEvent::Paused(_) => "paused",
        SlotEvent::Started(_) => "started",
        SlotEvent::Sleeping(_) => "sleeping",
        SlotEvent::Listening => "listening",
        SlotEvent::Opened => "opened",
        SlotEvent::Closed(_) => "closed",
        SlotEvent::Done(..) => "done",
        SlotEvent::Settled(_) => "settled",
        SlotEvent::Signalled(_) => "signalled",
        SlotEvent::Again(..) => "tried again",
        SlotEvent::Failed(..) => "failed",
        SlotEvent::Stopped(_) => "stopped",
        SlotEvent::Unknown(..) => "unknown",
        SlotEvent::Broke(..) => "broke",
        SlotEvent::Caught => "caught",
        SlotEvent::Handled(_) => "handled",
        SlotEvent::HandlerFailed(_) => "handler failed",
        SlotEvent::Resolved(_) => "resolved",
        SlotEvent::GivenUp(_) => "given up",
        SlotEvent::OnceMore => "once more",
        SlotEvent::Lost => "lost",
        SlotEvent::Released => "released",
        SlotEvent::Cancelled => "cancelled",
    }
}

fn states() -> Vec<SlotState> {
    let failure = || Box::new(failure("x", FailureKind::Permanent));
    use SlotState::{Broken, Cancelled, Delayed, Done, Failed, Handling, Listening, Locked, Locking, Open, Paused, Rating};
    vec![
        SlotState::Waiting,
        Locking,
        Locked,
        Rating,
        Delayed(Millis(1)),
        Paused(Millis(1)),
        SlotState::Running,
        SlotState::Retrying(Millis(1)),
        SlotState::Sleeping(Millis(1)),
        Listening,
        Open,
        SlotState::Undecided(failure()),
        Broken(failure()),
        Handling(failure()),
        Done(Value::Null),
        Failed(failure()),
        Cancelled,
    ]
}

fn events(attempt: u32) -> Vec<SlotEvent> {
    let failure = || failure("x", FailureKind::Permanent);
    vec![
        SlotEvent::LockWanted,
        SlotEvent::LockHeld,
        SlotEvent::RateWanted,
        SlotEvent::Delayed(Millis(1)),
        SlotEvent::Paused(Millis(1)),
        SlotEvent::Started(attempt + 1),
        SlotEvent::Sleeping(Millis(1)),
        SlotEvent::Listening,
        SlotEvent::Opened,
        SlotEvent::Closed(Value::Null),
        SlotEvent::Done(attempt, Value::Null),
        SlotEvent::Settled(Value::Null),
        SlotEvent::Signalled(Value::Null),
        SlotEvent::Again(attempt, Millis(1)),
        SlotEvent::Failed(attempt, failure(), Fate::Final),
        SlotEvent::Stopped(attempt),
        SlotEvent::Unknown(attempt, failure()),
        SlotEvent::Broke(failure(), Fate::Final),
        SlotEvent::Caught,
        SlotEvent::Handled(Value::Null),
        SlotEvent::HandlerFailed(failure()),
        SlotEvent::Resolved(Value::Null),
        SlotEvent::GivenUp(Fate::Final),
        SlotEvent::OnceMore,
        SlotEvent::Lost,
        SlotEvent::Released,
        SlotEvent::Cancelled,
    ]
}

/// The full cross product of states and events.
fn legal() -> BTreeSet<Edge> {
    let mut edges = BTreeSet::new();
    for state in states() {
        for event in events(4) {
            let mut slot = Slot { state: state.clone(), attempt: 4, ..Slot::default() };
            let before = slot.clone();
            let name = event_name(&event);
            match slot.next(event) {
                Some(()) => drop(edges.insert((state_name(&state), name))),
                None => assert_eq!(slot, before, "what is refused changes nothing"),
            }
        }
    }
    edges
}

#[test]
fn the_table_is_what_it_is_and_nothing_else_is_legal() {
    let mut text = String::new();
    for state in states() {
        let events: Vec<&str> = legal().into_iter().filter(|(from, _)| *from == state_name(&state)).map(|(_, event)| event).collect();
        text.push_str(&format!("{}: {}\n", state_name(&state), events.join(", ")));
    }
    expect![[r#"
        waiting: broke, cancelled, listening, lock wanted, opened, paused, rate wanted, settled, sleeping, started
        locking: broke, cancelled, lock held
        locked: broke, cancelled, listening, opened, rate wanted, settled, sleeping, started
        rating: broke, cancelled, delayed
        delayed: broke, cancelled, listening, settled, sleeping, started
        paused: broke, cancelled, listening, rate wanted, settled, sleeping, started
        running: broke, cancelled, done, failed, lost, released, stopped, tried again, unknown
        retrying: broke, cancelled, started
        sleeping: broke, cancelled, settled
        listening: broke, cancelled, settled, signalled
        open: broke, cancelled, closed
        undecided: cancelled, given up, once more, resolved
        broken: broke, caught, settled
        handling: cancelled, handled, handler failed
        done: 
        failed: once more, resolved
        cancelled: 
    "#]]
    .assert_eq(&text);
}

/// Attempts that are not the one that runs are refused.
#[test]
fn another_attempt_is_refused() {
    for attempt in [0, 3, 5, 6] {
        let running = Slot { state: SlotState::Running, attempt: 4, ..Slot::default() };
        for event in events(attempt) {
            let numbered = ["done", "tried again", "failed", "stopped", "unknown"].contains(&event_name(&event));
            assert!(!numbered || running.clone().next(event).is_none());
        }
        let waiting = Slot { attempt: 4, ..Slot::default() };
        assert_eq!(waiting.clone().next(SlotEvent::Started(attempt)).is_some(), attempt == 5);
    }
}

#[test]
fn every_edge_of_the_table_is_taken_by_some_history() {
    TAKEN.with_borrow_mut(BTreeSet::clear);
    for seed in 0..900_u64 {
        let plan = if seed.is_multiple_of(3) { plan(seed) } else { wild(seed) };
        let task = once(&plan);
        let whole = to_the_end(Bench::of(plan.clone(), &task));
        for batches in 1..=whole.batches.len() {
            let mut killed = whole.killed_after(batches);
            match (seed + batches as u64) % 6 {
                0 => killed.input(Input::Cancel { reason: "enough".into() }),
                1 => {
                    killed.input(Input::Released);
                    killed.pending.clear();
                }
                2 => resolve(&mut killed, Resolve::Failed),
                3 => resolve(&mut killed, Resolve::Retry),
                4 => resolve(&mut killed, Resolve::Done("null".into())),
                _ => killed = to_the_end(killed),
            }
        }
    }
    let naps = Build::new().step("naps", &[], repeat("0", "index >= 2", 9, 1_000, sleep("1s"))).done();
    assert_eq!(Bench::of(naps, &echo).finish().outcome(), "{}");
    out_of_time_while_blocked();
    out_of_time_before_a_start_is_reserved();
    let taken = TAKEN.with_borrow(BTreeSet::clone);
    let never: Vec<Edge> = legal().difference(&taken).copied().collect();
    assert_eq!(never, []);
}

fn resolve(bench: &mut Bench<'_>, how: Resolve) {
    if let Some(place) = bench.run.to_resolve().first().copied() {
        bench.input(Input::Resolve { place, how });
    }
}

/// The time of a step is over while the run is blocked, and one of its items has failed meanwhile.
fn out_of_time_while_blocked() {
    let plan = Build::new().step("each", &[], for_each("['bad', 'ok']", 2, crate::plan::OnItemError::Fail, call("item")));
    let plan = plan.fallback(None, "1").with(|step| step.timeout.total_ms = Some(500)).done();
    let mut bench = Bench::of(plan, &super::random::behave);
    bench.input(Input::PluginMissing { place: Place::item(0, 1), attempt: 1, digest: crate::plan::Digest::of(b"t") });
    let result = Err(failure("bad", FailureKind::Permanent));
    bench.input(Input::AttemptEnded { place: Place::item(0, 0), attempt: 1, result, receipt: Receipt::default() });
    bench.pending.clear();
    bench.now = Millis(10_000);
    bench.input(Input::Unblock);
    assert!(bench.outcome().contains("limit.total-time"), "{}", bench.outcome());
}

/// The time of a step is over before anybody said when it may start.
fn out_of_time_before_a_start_is_reserved() {
    let plan = Build::new().step("a", &[], choose(vec![(None, call("1"))])).with(|step| {
        step.rate = Some(crate::plan::Rate { name: "r".into(), limit: 1, per_ms: 1_000 });
        step.timeout.total_ms = Some(500);
    });
    let mut bench = Bench::of(plan.done(), &super::random::behave);
    bench.now = Millis(10_000);
    bench.input(Input::WakeUp);
    assert!(bench.outcome().contains("limit.total-time"), "{}", bench.outcome());
}

/// Every event at every place of many runs in every phase: what is accepted is told here, and nothing panics.
#[test]
fn the_phases_accept_what_they_accept() {
    let mut accepted: BTreeSet<Edge> = BTreeSet::new();
    for seed in 0..12 {
        let plan = wild(seed);
        let task = once(&plan);
        let whole = to_the_end(Bench::of(plan.clone(), &task));
        for batches in 0..=whole.batches.len() {
            let run = match batches {
                0 => Run::unborn(RunId(1), whole.plan.clone()),
                _ => crate::resume::resume(RunId(1), whole.plan.clone(), &whole.batches[..batches]).expect("resumes"),
            };
            accept(&run, &mut accepted);
            if batches > 0 && seed % 2 == 0 {
                let mut cancelled = whole.killed_after(batches);
                cancelled.input(Input::Cancel { reason: "enough".into() });
                accept(&cancelled.run, &mut accepted);
            }
        }
    }
    let concurrency = crate::plan::Concurrency { key: x("'k'"), limit: 1, when_busy: crate::plan::WhenBusy::Queue };
    let plan = std::sync::Arc::new(Build::new().step("a", &[], one(call("1"))).plan(|plan| plan.concurrency = Some(concurrency)).done());
    let mut run = Run::unborn(RunId(1), plan.clone());
    run.apply(&crate::checkpoint::tests::all_events()[0], Millis(1)).expect("it begins");
    accept(&run, &mut accepted);
    let (queued, _) = Run::begin(plan, Beginning::new(RunUid([1; 16]), Value::Null, "/"), Millis(1)).expect("legal");
    accept(&queued, &mut accepted);
    let mut text = String::new();
    let phases: BTreeSet<&str> = accepted.iter().map(|(phase, _)| *phase).collect();
    for phase in phases {
        let events: Vec<&str> = accepted.iter().filter(|(of, _)| *of == phase).map(|(_, event)| *event).collect();
        let lines: Vec<String> = events.chunks(8).map(|events| events.join(", ")).collect();
        text.push_str(&format!("{phase}: {}\n", lines.join(",\n    ")));
    }
    expect![[r#"
        arriving: adopted, cancel-requested, decided, failing, prioritized, queued, signal-accepted
        cancelling: blocked, decided, done, place-failed, resolved, signal-accepted
        compensating: attempt-failed, blocked, decided, done, lost, outcome-unknown, place-failed, released,
            resolved, signal-accepted
        failing: blocked, cancel-requested, decided, done, place-failed, signal-accepted
        queued: admitted, cancel-requested, decided, signal-accepted
        running: attempt-failed, blocked, cancel-requested, decided, delayed, done, listening, lock-held,
            lost, outcome-unknown, place-failed, prioritized, rate-wanted, released, resolved, settled,
            signal-accepted, sleeping, started, step-failed
        unborn: began
    "#]]
    .assert_eq(&text);
}

/// Tries every event at every place.
fn accept(run: &Run, accepted: &mut BTreeSet<Edge>) {
    for step in 0..run.plan().steps.len() + 1 {
        for item in [None, Some(0), Some(1), Some(7)] {
            for event in crate::checkpoint::tests::all_events() {
                let event = crate::checkpoint::tests::about(event, Place { item, ..Place::step(step) });
                if run.clone().apply(&event, Millis(1 << 40)).is_ok() {
                    accepted.insert((run.phase.name(), event.kind()));
                }
            }
        }
    }
}
