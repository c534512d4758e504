//! Locks, rates, room among runs, reruns, and what waits for them.

use std::sync::Arc;

use super::*;
use crate::plan::{Concurrency, Lock, OnItemError, Overlap, PlanStep, Rate, Schedule, WhenBusy};
use crate::schedule::CatchUp;
use crate::types::Value;

fn locked(step: &mut PlanStep) {
    step.lock = Some(Lock { name: x("'db'"), permits: 2 });
}

fn busy_once(_: &str, input: &str, attempt: u32) -> Result<String, Failure> {
    if attempt == 1 { Err(failure("busy", FailureKind::Transient)) } else { Ok(input.to_owned()) }
}

#[test]
fn a_lock_is_held_from_before_the_first_attempt_until_the_end() {
    let plan = || {
        let each = Build::new().step("each", &[], for_each("[1, 2, 3, 4, 5]", 5, OnItemError::Fail, call("item"))).retry(2).with(locked);
        each.output("out", "steps.each").done()
    };
    let whole = Bench::of(plan(), &busy_once).finish();
    assert_eq!((whole.outcome(), whole.world.held_max), (r#"{"out":[1,2,3,4,5]}"#.to_owned(), 2));
    assert!(whole.world.held.values().all(Vec::is_empty) && whole.world.wanted.is_empty(), "nothing is left behind");
    for batches in 1..=whole.batches.len() {
        assert_eq!(whole.killed_after(batches).finish().outcome(), whole.outcome(), "killed after batch {batches}");
    }
    // Who asks and is told no more gives up what was asked for, whoever is told first.
    let mut bench = Bench::of(plan(), &busy_once);
    assert_eq!(bench.world.wanted.len(), 5);
    assert!(matches!(&bench.run.why(Ownership::Nobody)[0], Reason::Lock { name, .. } if &**name == "lock/db"));
    bench.input(Input::Cancel { reason: "enough".into() });
    assert!(bench.world.wanted.is_empty());
    bench.input(Input::LockGranted { place: Some(Place::item(0, 0)), token: LockToken(9) });
    assert_eq!(bench.finish().outcome(), "cancelled");
}

#[test]
fn one_lock_for_all_iterations_and_all_contenders() {
    for kind in [repeat("0", "carry > 2", 9, 10, call("carry + 1")), race(vec![("a", call("1")), ("b", sleep("1h"))])] {
        let bench = Bench::of(Build::new().step("a", &[], kind).with(locked).done(), &echo).finish();
        assert_eq!((bench.outcome(), bench.world.tokens), ("{}".to_owned(), 1));
        assert!(bench.world.held.values().all(Vec::is_empty));
    }
}

#[test]
fn starts_come_no_faster_than_said() {
    let each = Build::new().step("each", &[], for_each("[1, 2, 3, 4]", 4, OnItemError::Fail, call("item"))).retry(2);
    let plan = each.with(|step| step.rate = Some(Rate { name: "api".into(), limit: 1, per_ms: 1_000 })).with(locked).done();
    let bench = Bench::of(plan, &busy_once).finish();
    let events = bench.batches.iter().flat_map(|batch| batch.events.iter().map(move |event| (batch.at, event)));
    let first: Vec<i64> = events
        .filter_map(|(at, event)| match event {
            Event::Started { attempt: 1, .. } => Some(at.0),
            _ => None,
        })
        .collect();
    assert!(first.windows(2).all(|pair| pair[1] - pair[0] >= 500), "{first:?}");
    assert_eq!(bench.kinds().iter().filter(|kind| **kind == "rate-wanted").count(), 4, "a second attempt is no first start");
    let of_first = |event: &&Event| event.place() == Some(Place::item(0, 0));
    let order: Vec<&str> = bench.batches.iter().flat_map(|batch| &batch.events).filter(of_first).map(Event::kind).take(6).collect();
    assert_eq!(order, ["lock-wanted", "lock-held", "rate-wanted", "delayed", "started", "attempt-failed"]);
    for batches in 1..=bench.batches.len() {
        assert_eq!(bench.killed_after(batches).finish().outcome(), "{}", "killed after batch {batches}");
    }
}

#[test]
fn runs_of_one_schedule_wait_for_each_other_when_it_says_so() {
    let plan = |overlap| {
        let schedule =
            Schedule { cron: "@daily".into(), time_zone: "UTC".into(), overlap, catch_up: CatchUp::Last, inputs: Value::map::<&str>([]) };
        let step = Build::new().step("a", &[], one(call("run.scheduled_at"))).output("out", "steps.a");
        step.plan(|plan| plan.schedules = vec![schedule]).done()
    };
    let at = Millis(1_700_000_000_000);
    let begun = |overlap, scheduled| {
        let beginning = Beginning { scheduled, ..Beginning::new(RunUid([1; 16]), Value::map::<&str>([]), "/") };
        let (mut run, events) = Run::begin(Arc::new(plan(overlap)), beginning, Millis(at.0 + 5)).expect("legal");
        let queued = events.iter().find_map(|event| match event {
            Event::Queued { key, limit, when_busy } => Some((key.to_string(), *limit, *when_busy)),
            _ => None,
        });
        (queued, run.take_commands().len())
    };
    let scheduled = Some(Scheduled { schedule: 0, at });
    assert_eq!(begun(Overlap::Queue, scheduled), (Some(("schedule/made/1".into(), 1, WhenBusy::Queue)), 1));
    assert_eq!(begun(Overlap::CancelRunning, scheduled), (Some(("schedule/made/1".into(), 1, WhenBusy::CancelRunning)), 1));
    for (overlap, scheduled) in [(Overlap::Allow, scheduled), (Overlap::Skip, scheduled), (Overlap::Queue, None)] {
        assert_eq!(begun(overlap, scheduled), (None, 1), "it starts at once");
    }
    // One that is stored with a plan that has no such schedule runs as if there were none.
    assert_eq!(begun(Overlap::Queue, Some(Scheduled { schedule: 7, at })), (None, 1));
    // It is asked for again by the next worker, and the instant is known to the run.
    let beginning = Beginning { scheduled, ..Beginning::new(RunUid([1; 16]), Value::map::<&str>([]), "/") };
    let plan = Arc::new(plan(Overlap::Queue));
    let (_, events) = Run::begin(Arc::clone(&plan), beginning, at).expect("legal");
    let mut run = crate::resume::resume(RunId(1), plan, &[crate::checkpoint::Batch { at, events }]).expect("resumes");
    run.turn(Input::Recovered, at).expect("legal");
    assert!(matches!(&run.take_commands()[..], [Command::Acquire { name, permits: 1, .. }] if &**name == "schedule/made/1"));
    run.turn(Input::LockGranted { place: None, token: LockToken(1) }, at).expect("legal");
    assert_eq!(run.scheduled(), scheduled);
    assert!(matches!(&run.take_commands()[..], [Command::Start { .. }]));
}

#[test]
fn a_run_waits_for_room_before_anything_starts() {
    let plan = |when_busy| {
        let step = Build::new().step("a", &[], one(call("1"))).output("out", "steps.a");
        step.plan(|plan| plan.concurrency = Some(Concurrency { key: x("'eu'"), limit: 1, when_busy })).done()
    };
    let mut bench = Bench::of(plan(WhenBusy::Queue), &echo);
    assert!(bench.started.is_empty());
    assert_eq!(bench.run.status(), Status::Waiting);
    assert_eq!(bench.run.why(Ownership::Nobody), [Reason::Concurrency { key: "concurrency/made/eu".into() }]);
    assert_eq!(bench.killed_after(1).world.wanted.len(), 1, "asked for again by the next worker");
    bench.world.wanted.clear();
    assert!(!bench.step());
    bench.input(Input::LockGranted { place: None, token: LockToken(3) });
    let bench = bench.finish();
    assert_eq!(bench.outcome(), r#"{"out":1}"#);
    let mut refused = Bench::of(plan(WhenBusy::Skip), &echo);
    refused.input(Input::ConcurrencyRefused);
    assert_eq!(
        (refused.outcome(), refused.run.cancel_reason().map(|why| &**why)),
        ("cancelled".to_owned(), Some("skipped by concurrency"))
    );
    let mut cancelled = Bench::of(plan(WhenBusy::Queue), &echo);
    cancelled.input(Input::Cancel { reason: "".into() });
    assert!(cancelled.world.wanted.is_empty());
    let broken = Build::new()
        .plan(|plan| plan.concurrency = Some(Concurrency { key: x("string(1 / (size('a') - 1))"), limit: 1, when_busy: WhenBusy::Queue }));
    assert!(Bench::of(broken.done(), &echo).finish().outcome().starts_with("None expr."));
}

#[test]
fn priority_goes_first() {
    let plan = Build::new().step("low", &[], one(value("1"))).step("high", &[], one(value("2"))).with(|step| step.priority = 5).done();
    let bench = Bench::of(plan, &echo);
    let settled: Vec<u32> = bench.batches[0].events.iter().filter_map(|event| event.place().map(|place| place.step)).collect();
    assert_eq!(settled, [1, 0]);
}

#[test]
fn the_priority_that_a_run_is_given_is_kept_and_that_of_a_step_is_added() {
    let step = |step: &mut crate::plan::PlanStep| step.priority = 5;
    let plan = Build::new().step("a", &[], one(value("1"))).with(step).plan(|plan| plan.priority = 3).done();
    let plan = std::sync::Arc::new(plan);
    for (priority, of_run) in [(None, 3), (Some(-50), -50), (Some(0), 0)] {
        let beginning = Beginning { priority, ..Beginning::new(RunUid([8; 16]), Value::map::<&str>([]), "/w") };
        let bench = Bench::begin(std::sync::Arc::clone(&plan), beginning, &echo).finish();
        let resumed = bench.killed_after(1);
        for run in [&bench.run, &resumed.run] {
            assert_eq!((run.priority(None), run.priority(Some(Place::step(0)))), (of_run, of_run + 5), "{priority:?}");
        }
    }
}

#[test]
fn a_rerun_does_failed_items_or_single_items_again() {
    let plan =
        Build::new().step("each", &[], for_each("[1, 2, 3]", 2, OnItemError::Collect, call("item"))).output("out", "steps.each").done();
    let second =
        |_: &str, input: &str, _: u32| if input == "2" { Err(failure("bad", FailureKind::Permanent)) } else { Ok(input.to_owned()) };
    let old = Bench::of(plan, &second).finish();
    let rerun = |again: &ItemsAgain| {
        let adopted_items = old.run.adoptable_items(0, again);
        let beginning =
            Beginning { adopted_items, rerun_of: Some(RunId(1)), ..Beginning::new(RunUid([8; 16]), Value::map::<&str>([]), "/w") };
        let bench = Bench::begin(std::sync::Arc::clone(&old.plan), beginning, &echo).finish();
        let resumed = bench.killed_after(1).finish();
        assert_eq!(resumed.outcome(), bench.outcome());
        (bench.outcome(), bench.started.iter().map(|(place, _)| place.item.expect("an item")).collect::<Vec<_>>())
    };
    let whole = r#"{"out":[{"ok":1,"error":null},{"ok":2,"error":null},{"ok":3,"error":null}]}"#.to_owned();
    assert_eq!(rerun(&ItemsAgain::Failed), (whole.clone(), vec![1]));
    assert_eq!(rerun(&ItemsAgain::These(vec![0])), (whole, vec![0, 1]));
}

#[test]
fn what_read_an_input_that_is_different_now_is_done_again() {
    use crate::plan::PlanInput;
    let input =
        |name: &str| PlanInput { name: name.into(), ty: crate::types::Type::Int, default: Some(Value::Int(1)), description: "".into() };
    let plan = Build::new()
        .plan(|plan| plan.inputs = vec![input("a"), input("b")])
        .step("a", &[], one(call("inputs.a")))
        .step("b", &[], one(call("inputs.b")))
        .step("c", &["a"], one(value("1")))
        .step("all", &[], one(value("inputs")))
        .step("handled", &[], one(call("1")))
        .handler(None, call("inputs.a"))
        .done();
    let old = Bench::of(plan, &echo).finish();
    let kept = |a: i64, b: i64| -> Vec<u32> {
        let inputs = Value::map([("a", Value::Int(a)), ("b", Value::Int(b))]);
        old.run.adoptable_with(&[], &inputs).into_iter().map(|(step, _)| step).collect()
    };
    assert_eq!((kept(1, 1), kept(2, 1), kept(1, 2)), (vec![0, 1, 2, 3, 4], vec![1], vec![0, 2, 4]));
}
