//! One kind of step after another: what it does, also when it is killed after every event.

use super::bench::{permanent, transient};
use super::*;
use crate::plan::{OnItemError, ParentEnds, Plan};

/// Runs a plan to its end, and again killed after each of its batches: the end is always the same, and what was recorded is
/// not started again.
fn check(plan: &Plan, task: &bench::Task<'_>, outcome: &str) {
    let whole = Bench::of(plan.clone(), task).finish();
    assert_eq!(whole.outcome(), outcome);
    for batches in 1..=whole.batches.len() {
        let killed = whole.killed_after(batches);
        let recorded: Vec<Place> = done(&killed);
        let resumed = killed.finish();
        assert_eq!(resumed.outcome(), outcome, "killed after batch {batches}");
        let again: Vec<_> = resumed.started.iter().filter(|(place, _)| recorded.contains(place)).collect();
        assert!(again.is_empty(), "recorded, and started again after batch {batches}: {again:?}");
    }
}

fn done(bench: &Bench<'_>) -> Vec<Place> {
    let events = bench.batches.iter().flat_map(|batch| &batch.events);
    events
        .filter_map(|event| match event {
            Event::Done { place, .. } | Event::Settled { place, .. } => Some(*place),
            _ => None,
        })
        .collect()
}

/// Fails with the code that the input names as `"fail CODE"`.
fn told(_step: &str, input: &str, _attempt: u32) -> Result<String, Failure> {
    match input.trim_matches('"').strip_prefix("fail ") {
        Some(code) => Err(failure(code, FailureKind::Permanent)),
        None => echo("", input, 1),
    }
}

#[test]
fn a_value_is_computed_and_keeps_its_type_over_a_restart() {
    let plan = Build::new()
        .step("at", &[], one(value("timestamp('2024-05-01T12:00:00Z')")))
        .with(|step| step.output = crate::types::Type::Timestamp)
        .step("later", &["at"], one(call("steps.at + duration('1h')")))
        .output("at", "steps.later");
    check(&plan.done(), &echo, r#"{"at":"2024-05-01T13:00:00Z"}"#);
    let wrong = Build::new().step("a", &[], one(value("1 / (size('x') - 1)"))).done();
    assert!(Bench::of(wrong, &echo).finish().outcome().contains("expr."));
}

#[test]
fn sleeps_end_at_their_instant_and_not_before() {
    let plan = Build::new()
        .step("nap", &[], one(sleep("10s")))
        .step("past", &[], one(crate::plan::Action::Until(x("'1969-01-01T00:00:00Z'"))))
        .step("until", &[], one(crate::plan::Action::Until(x("run.started_at + duration('20s')"))))
        .done();
    check(&plan, &echo, "{}");
    let mut bench = Bench::of(plan, &echo);
    assert_eq!(bench.run.next_wakeup(), Some(Millis(11_000)));
    for now in [10_999, 5, 10_999] {
        bench.now = Millis(now);
        bench.input(Input::WakeUp);
        assert_eq!(bench.run.steps()[0].status, Status::Running);
    }
    bench.now = Millis(11_000);
    bench.input(Input::WakeUp);
    assert_eq!(bench.run.steps()[0].status, Status::Done);
    // The clock goes back: what is over stays over.
    bench.now = Millis(2_000);
    bench.input(Input::WakeUp);
    assert_eq!(bench.run.next_wakeup(), Some(Millis(21_000)));
    assert_eq!(bench.kinds().iter().filter(|kind| **kind == "settled").count(), 2);
}

#[test]
fn items_fail_are_collected_or_skipped() {
    let items = "['a', 'fail x', 'c', 'd']";
    let plan = |policy| {
        let each = Build::new().step("each", &[], for_each(items, 2, policy, call("item")));
        each.output("out", "steps.each").done()
    };
    check(&plan(OnItemError::Skip), &told, r#"{"out":["a","c","d"]}"#);
    let collected = r#"{"out":[{"ok":"a","error":null},{"ok":null,"error":{"code":"x","message":"try later","data":null}},{"ok":"c","error":null},{"ok":"d","error":null}]}"#;
    check(&plan(OnItemError::Collect), &told, collected);
    check(&plan(OnItemError::Fail), &told, "Some(0) x: try later");
    // What runs may finish, what waits does not begin.
    let failed = Bench::of(plan(OnItemError::Fail), &told).finish();
    assert_eq!(
        failed.run.items(0).iter().map(|item| item.status).collect::<Vec<_>>(),
        [Status::Done, Status::Failed, Status::Done, Status::Cancelled]
    );
}

#[test]
fn repeat_carries_a_value_until_it_is_enough() {
    let plan = |max, every_ms| {
        let step =
            Build::new().step("loop", &[], repeat("{'n': 0}", "carry.n >= 3", max, every_ms, call("{'n': carry.n + 1, 'at': index}")));
        step.output("out", "steps.loop").done()
    };
    check(&plan(10, 0), &echo, r#"{"out":{"n":3,"at":2}}"#);
    check(&plan(10, 5_000), &echo, r#"{"out":{"n":3,"at":2}}"#);
    check(&plan(2, 0), &echo, "Some(0) repeat.max: it is not over after 2 iterations, and may have no more");
    assert_eq!(Bench::of(plan(10, 5_000), &echo).finish().now.0 / 1_000, 11);
    let zero = crate::plan::StepKind::Repeat {
        start: x("7"),
        test: crate::plan::RepeatTest::While(x("carry < 7")),
        max: 5,
        every_ms: 0,
        action: call("carry"),
    };
    check(&Build::new().step("loop", &[], zero).output("out", "steps.loop").done(), &echo, r#"{"out":7}"#);
}

#[test]
fn choose_takes_the_first_branch_that_fits() {
    let plan = |n: u32, last| {
        let branches = vec![(Some("steps.n > 100"), call("'many'")), (Some("steps.n > 10"), value("'some'")), (last, sleep("1s"))];
        let n = Build::new().step("n", &[], one(value(&n.to_string())));
        n.step("pick", &["n"], choose(branches)).output("out", "steps.pick").done()
    };
    check(&plan(500, None), &echo, r#"{"out":"many"}"#);
    check(&plan(50, None), &echo, r#"{"out":"some"}"#);
    check(&plan(5, None), &echo, r#"{"out":null}"#);
    check(&plan(5, Some("false")), &echo, r#"{"out":null}"#);
    assert_eq!(Bench::of(plan(50, None), &echo).finish().run.steps()[1].branch, Some(1));
    assert_eq!(Bench::of(plan(5, Some("false")), &echo).finish().run.steps()[1].branch, None);
}

#[test]
fn the_first_contender_that_succeeds_wins_and_the_others_are_withdrawn() {
    let plan = |contenders| Build::new().step("race", &[], race(contenders)).output("out", "steps.race").done();
    let hangs = |step: &str, input: &str, attempt: u32| {
        if input == "\"hang\"" { Err(failure("hang", FailureKind::Transient)) } else { told(step, input, attempt) }
    };
    let slow = plan(vec![("task", call("'hang'")), ("late", sleep("5m")), ("soon", sleep("1s"))]);
    check(&slow, &hangs, r#"{"out":{"winner":"soon","value":null}}"#);
    let bench = Bench::of(slow, &hangs).finish();
    assert!(bench.pending.is_empty(), "what lost was interrupted");
    assert_eq!(bench.run.items(0)[0].status, Status::Cancelled);
    check(&plan(vec![("a", call("'fail x'")), ("b", call("'ok'"))]), &told, r#"{"out":{"winner":"b","value":"ok"}}"#);
    check(&plan(vec![("a", call("'fail x'")), ("b", call("'fail y'"))]), &told, "Some(0) y: try later");
    let cancelled = vec![("task", call("'hang'")), ("flow", flow(ParentEnds::Cancel)), ("soon", sleep("1s"))];
    let with_flow = Build::new().plan(|plan| plan.flows.push(Build::new().done().into())).step("race", &[], race(cancelled)).done();
    let mut bench = Bench::of(with_flow, &hangs);
    bench.world.children_hang = true;
    let bench = bench.finish();
    assert_eq!((bench.outcome(), bench.world.cancelled_children.len()), ("{}".to_owned(), 1));
    assert!(bench.kinds().contains(&"child-left"), "the run waited for the sub-workflow that lost");
}

#[test]
fn a_failure_is_taken_care_of_by_its_code() {
    let plan = |code: &str| {
        let step = Build::new().step("a", &[], one(call(&format!("'fail {code}'"))));
        let step = step.fallback(Some("x"), "'value for ' + error.code").handler(Some("y"), call("'handled ' + error.code"));
        let step = step.handler(Some("z"), call("'fail again'"));
        step.step("b", &["a"], one(value("steps.a"))).output("out", "steps.b").done()
    };
    check(&plan("x"), &told, r#"{"out":"value for x"}"#);
    check(&plan("y"), &told, r#"{"out":"handled y"}"#);
    check(&plan("z"), &told, "Some(0) again: try later (while taking care of z: try later)");
    check(&plan("other"), &told, "Some(0) other: try later");
    let items = Build::new().step("each", &[], for_each("['a', 'fail x', 'fail y']", 3, OnItemError::Fail, call("item")));
    let items = items.fallback(Some("x"), "index").handler(None, call("item + '!' + error.code"));
    check(
        &items.output("out", "steps.each").done(),
        &|step, input, attempt| if step.contains('/') { echo(step, input, attempt) } else { told(step, input, attempt) },
        r#"{"out":["a",1,"fail y!y"]}"#,
    );
}

#[test]
fn finally_runs_once_however_the_step_ended() {
    let plan = |input: &str, last: &str| {
        let step = Build::new().step("a", &[], one(call(input))).finally(call(last));
        step.step("b", &["a"], one(value("1"))).output("out", "steps.b").done()
    };
    check(&plan("'ok'", "outcome"), &told, r#"{"out":1}"#);
    let done = Bench::of(plan("'ok'", "outcome"), &told).finish();
    assert_eq!(done.effects("/finally"), [r#"{"status":"done","code":null}"#]);
    check(&plan("'fail x'", "outcome"), &told, "Some(0) x: try later");
    let failed = Bench::of(plan("'fail x'", "outcome"), &told).finish();
    assert_eq!(failed.effects("/finally"), [r#"{"status":"failed","code":"x"}"#]);
    check(&plan("'ok'", "'fail late'"), &told, "Some(0) late: try later");
    check(&plan("'fail x'", "'fail late'"), &told, "Some(0) x: try later");
    // Also when it is cancelled, and a second cancel does not stop it.
    let mut bench = Bench::of(plan("'ok'", "outcome"), &told);
    bench.input(Input::Cancel { reason: "enough".into() });
    assert_eq!(bench.run.status(), Status::Running);
    let batches = bench.batches.len();
    bench.input(Input::Cancel { reason: "again".into() });
    assert_eq!(bench.batches.len(), batches);
    let bench = bench.finish();
    assert_eq!(bench.outcome(), "cancelled");
    assert_eq!(bench.effects("/finally").len(), 1);
    // A step that was never started has none.
    let never = Build::new().step("a", &[], one(call("'fail x'"))).step("b", &["a"], one(value("1"))).finally(call("outcome")).done();
    assert!(Bench::of(never, &told).finish().effects("/finally").is_empty());
}

#[test]
fn retries_with_codes_are_only_for_these_codes() {
    let plan = |code: &str, kind: &str| {
        let step = Build::new().step("a", &[], one(call(&format!("['{code}', '{kind}']")))).retry(3);
        step.with(|step| step.retry.on = vec!["busy".into(), "odd".into()]).done()
    };
    let task = |_: &str, input: &str, _: u32| {
        let kind = if input.contains("odd-kind") { FailureKind::Permanent } else { FailureKind::Transient };
        Err(failure(input.split('"').nth(1).unwrap_or_default(), kind))
    };
    for (code, kind, started) in [("busy", "", 3), ("other", "", 1), ("odd", "odd-kind", 3)] {
        assert_eq!(Bench::of(plan(code, kind), &task).finish().started.len(), started, "{code}");
    }
}

#[test]
fn the_time_in_all_ends_attempts_items_and_waits() {
    let total = |step: &mut crate::plan::PlanStep| step.timeout.total_ms = Some(3_000);
    let hang = |_: &str, _: &str, _: u32| Err(failure("hang", FailureKind::Transient));
    let over = "Some(0) limit.total-time: it took longer than 3000 ms in all";
    check(&Build::new().step("a", &[], one(call("1"))).with(total).done(), &hang, over);
    let retries = |_: &str, _: &str, _: u32| Err(transient());
    check(&Build::new().step("a", &[], one(call("1"))).retry(100).with(total).done(), &retries, over);
    let items = Build::new().step("a", &[], for_each("[1, 2, 3]", 2, OnItemError::Skip, call("item"))).with(total);
    check(&items.done(), &hang, over);
    let wait = Build::new().step("a", &[], one(signal("go"))).with(total).fallback(Some("wait.timeout"), "'late'");
    check(&wait.output("out", "steps.a").done(), &hang, r#"{"out":"late"}"#);
    let hidden = Build::new().step("a", &[], one(call("1"))).handler(None, sleep("1h")).with_hidden(total).done();
    let bench = Bench::of(hidden, &|_: &str, _: &str, _: u32| Err(permanent())).finish();
    assert!(bench.outcome().contains("limit.total-time") && bench.now < Millis(10_000), "{}", bench.outcome());
}

#[test]
fn what_must_not_be_repeated_waits_for_a_decision() {
    let plan = Build::new().step("pay", &[], one(call("1"))).with(|step| step.at_most_once = true).output("out", "steps.pay").done();
    let unsure = |_: &str, _: &str, attempt: u32| {
        if attempt == 1 { Err(failure("who-knows", FailureKind::UnknownOutcome)) } else { Ok("9".to_owned()) }
    };
    let trap = |_: &str, _: &str, _: u32| Err(Platform::GuestTrap.failure("unreachable"));
    for bench in [Bench::of(plan.clone(), &unsure).finish(), Bench::of(plan.clone(), &trap).finish()] {
        let killed = bench.killed_after(bench.batches.len()).finish();
        assert_eq!(killed.run.blocked(), Some(&BlockReason::UnknownOutcome { place: Place::step(0), attempt: 1 }));
        assert!(killed.started.is_empty(), "never started twice by itself");
    }
    // Lost with its worker, or given back by it.
    let running = Bench::of(plan.clone(), &unsure);
    assert_eq!(running.killed_after(1).run.status(), Status::Blocked);
    let mut released = Bench::of(plan, &unsure);
    released.input(Input::Released);
    released.pending.clear();
    let blocked = released.killed_after(released.batches.len());
    assert_eq!(blocked.run.status(), Status::Blocked);
    let resolved = |how| {
        let mut bench = blocked.killed_after(blocked.batches.len());
        assert!(bench.run.check_resolve(Place::step(0), &how).is_ok());
        bench.input(Input::Unblock);
        assert_eq!(bench.run.status(), Status::Blocked, "this needs a decision");
        bench.input(Input::Resolve { place: Place::step(0), how });
        let bench = bench.finish();
        (bench.outcome(), bench.started.len())
    };
    assert_eq!(resolved(Resolve::Done("42".into())), (r#"{"out":42}"#.to_owned(), 0));
    assert_eq!(resolved(Resolve::Retry), (r#"{"out":9}"#.to_owned(), 1));
    assert_eq!(resolved(Resolve::Failed).0, "Some(0) host.lost: the worker stopped while the attempt ran");
    assert!(blocked.run.check_resolve(Place::step(0), &Resolve::Done("{".into())).is_err());
    assert!(blocked.run.check_resolve(Place::step(7), &Resolve::Failed).is_err());
}

#[test]
fn sub_workflows_are_started_once_and_their_policy_is_carried_out() {
    let plan = |policy| {
        let base = Build::new().plan(|plan| plan.flows.push(Build::new().output("n", "1").done().into()));
        base.step("sub", &[], one(flow(policy))).retry(2).output("out", "steps.sub").done()
    };
    let task = |_: &str, _: &str, attempt: u32| if attempt == 1 { Err(transient()) } else { Ok("{\"n\":5}".to_owned()) };
    check(&plan(ParentEnds::Cancel), &task, r#"{"out":{"n":5}}"#);
    let bench = Bench::of(plan(ParentEnds::Cancel), &task).finish();
    assert_eq!(bench.world.children_started.len(), 2, "one for each attempt");
    for (policy, cancelled, ended) in [(ParentEnds::Cancel, 1, false), (ParentEnds::Abandon, 0, true), (ParentEnds::Wait, 0, false)] {
        let mut bench = Bench::of(plan(policy), &task);
        bench.world.children_hang = true;
        bench.input(Input::Cancel { reason: "enough".into() });
        assert_eq!((bench.world.cancelled_children.len(), bench.run.status().is_end()), (cancelled, ended), "{policy:?}");
        // A worker that takes over attaches again, and carries the policy out again.
        let again = bench.killed_after(bench.batches.len());
        assert_eq!(again.world.cancelled_children.len(), cancelled);
        assert_eq!(again.world.children_started.len(), usize::from(!ended));
        assert_eq!(again.world.children_started.first(), again.world.children_started.first().map(|_| &bench.world.children_started[0]));
        bench.world.children_hang = false;
        assert_eq!(bench.finish().outcome(), "cancelled");
    }
}
