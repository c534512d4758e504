//! Chains, mixed graphs, retries, deaths and cancels: what every kind of step rests on.

use super::bench::{permanent, transient};
use super::*;
use crate::checkpoint::Batch;
use crate::plan::Digest;
use crate::resume::resume;
use crate::types::Value;
use std::sync::Arc;

type Task<'a> = super::bench::Task<'a>;

fn increment(_step: &str, input: &str, _attempt: u32) -> Result<String, Failure> {
    let value = Value::from_json(input, crate::types::JsonLimits::default()).expect("JSON");
    match value.get("n") {
        Some(Value::Int(n)) => Ok(format!(r#"{{"n":{}}}"#, n + 1)),
        _ => Ok(input.to_owned()),
    }
}

const CHAIN: &str = "
workflow: chain
plugins: { t: t.wasm }
steps:
  a: { task: t.inc, with: { n: 1 } }
  b: { task: t.inc, with: { n: \"${ steps.a.n }\" } }
  c: { task: t.inc, with: { n: \"${ steps.b.n }\" } }
outputs: { n: \"${ steps.c.n }\" }
";

const MIXED: &str = "
workflow: mixed
plugins: { t: t.wasm }
defaults: { retry: { attempts: 3, first: 10ms, jitter: none } }
steps:
  a: { task: t.inc, with: { n: 1 } }
  b: { task: t.inc, with: { n: \"${ steps.a.n }\" } }
  c: { task: t.inc, with: { n: \"${ steps.a.n + 10 }\" } }
  skipped: { task: t.inc, if: \"${ steps.a.n > 100 }\", with: { n: 1 } }
  each:
    for-each: ${ range(0, steps.b.n + 4) }
    max-parallel: 3
    task: t.inc
    with: { n: \"${ item + index }\" }
  none: { for-each: [], task: t.inc, with: { n: 1 } }
  last: { task: t.inc, needs: [skipped, none], with: { n: \"${ size(steps.each) + steps.c.n }\" } }
outputs: { last: \"${ steps.last.n }\", each: \"${ steps.each.map(e, e.n) }\" }
";

/// A list that is known only at run time, longer than what any other expression may cost.
#[test]
fn a_hundred_thousand_items_from_a_range() {
    let workflow = "
workflow: wide
plugins: { t: t.wasm }
inputs: { n: { type: int, default: 100000 } }
steps:
  each: { for-each: \"${ range(0, inputs.n) }\", task: t.inc, with: { n: \"${ item }\" } }
";
    let bench = Bench::new(workflow, &increment);
    assert_eq!(bench.run.items(0).len(), 100_000);
    assert_eq!(bench.pending.len(), 32, "as many as may run at once");
}

#[test]
fn a_chain_runs_in_order() {
    let bench = Bench::new(CHAIN, &increment).finish();
    assert_eq!(bench.outcome(), r#"{"n":4}"#);
    let order: Vec<u32> = bench.started.iter().map(|(place, _)| place.step).collect();
    assert_eq!(order, [0, 1, 2]);
    // The first start, one batch a step, and the end comes with the last step: one commit per step.
    assert_eq!(bench.batches.len(), 4);
}

#[test]
fn independent_steps_run_at_once_and_items_within_their_bound() {
    let bench = Bench::new(MIXED, &increment).finish();
    assert_eq!(bench.outcome(), r#"{"last":21,"each":[1,3,5,7,9,11,13]}"#);
    assert_eq!(bench.run.steps()[3].status, Status::Skipped);
    assert_eq!(bench.run.steps()[5].items.map(|items| items.total), None);
    let items = bench.started.iter().filter(|(place, _)| place.item.is_some()).count();
    assert_eq!(items, 7);
    assert!(bench.running_max <= 4, "at most three items and one step, not {}", bench.running_max);
}

/// The heart of it: wherever the worker dies, another one ends the run as if nothing had happened.
#[test]
fn killed_after_any_batch_the_run_ends_the_same_and_recorded_steps_do_not_run_again() {
    let flaky = |step: &str, input: &str, attempt: u32| {
        if attempt == 1 && (step == "c" || input.contains(":5")) { Err(transient()) } else { increment(step, input, attempt) }
    };
    let tasks: [(&str, &Task<'_>); 2] = [(CHAIN, &increment), (MIXED, &flaky)];
    for (workflow, task) in tasks {
        let whole = Bench::new(workflow, task).finish();
        for batches in 1..=whole.batches.len() {
            let resumed = whole.killed_after(batches);
            let done: Vec<Place> = resumed.batches.iter().flat_map(|batch| &batch.events).filter_map(done_at).collect();
            let resumed = resumed.finish();
            assert_eq!(resumed.outcome(), whole.outcome(), "killed after batch {batches}");
            let again: Vec<_> = resumed.started.iter().filter(|(place, _)| done.contains(place)).collect();
            assert!(again.is_empty(), "recorded, and started again: {again:?}");
            for place in resumed.started.iter().map(|(place, _)| place) {
                assert_eq!(resumed.run.idempotency_key(*place), whole.run.idempotency_key(*place));
            }
        }
    }
}

fn done_at(event: &Event) -> Option<Place> {
    match event {
        Event::Done { place, .. } => Some(*place),
        _ => None,
    }
}

#[test]
fn a_resumed_run_is_the_run_it_was() {
    let whole = Bench::new(MIXED, &increment).finish();
    let resumed = resume(RunId(1), Arc::clone(&whole.plan), &whole.batches).expect("resumes");
    assert_eq!(resumed.steps(), whole.run.steps());
    assert_eq!(resumed.outputs(), whole.run.outputs());
    assert_eq!(resumed.ended(), whole.run.ended());
}

#[test]
fn transient_failures_are_tried_again_as_often_as_said_and_later_each_time() {
    let always = |_: &str, _: &str, _: u32| Err(transient());
    let text = CHAIN.replace("n: 1 }", "n: 1 }, retry: { attempts: 4, first: 1s, max: 3s, jitter: none }");
    let bench = Bench::new(&text, &always).finish();
    assert_eq!(bench.outcome(), "Some(0) busy: try later");
    assert_eq!(bench.started.iter().map(|(_, attempt)| *attempt).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let waits: Vec<u64> = bench.batches.windows(2).map(|pair| pair[1].at.since(pair[0].at)).filter(|wait| *wait > 100).collect();
    assert_eq!(waits, [1_000, 2_000, 3_000].map(|wait| wait));
    assert_eq!(bench.run.steps()[1].status, Status::Cancelled);
}

#[test]
fn permanent_failures_and_a_single_attempt_end_the_run() {
    let bench = Bench::new(&CHAIN.replace("n: 1 }", "n: 1 }, retry: 5"), &|_: &str, _: &str, _: u32| Err(permanent())).finish();
    assert_eq!(bench.started.len(), 1);
    let bench = Bench::new(CHAIN, &|_: &str, _: &str, _: u32| Err(transient())).finish();
    assert_eq!(bench.started.len(), 1);
    assert_eq!(bench.run.status(), Status::Failed);
}

#[test]
fn retry_after_is_honoured_up_to_the_longest_wait() {
    let later = |ms| {
        move |_: &str, _: &str, attempt: u32| {
            if attempt == 1 { Err(Failure { kind: FailureKind::RetryAfter(ms), ..transient() }) } else { Ok("{\"n\":9}".to_owned()) }
        }
    };
    let text = CHAIN.replace("n: 1 }", "n: 1 }, retry: { attempts: 2, first: 1s, max: 1m, jitter: none }");
    for (asked, waited) in [(0, 1_000), (30_000, 30_000), (3_600_000, 60_000)] {
        let task = later(asked);
        let bench = Bench::new(&text, &task);
        let began = bench.now;
        let bench = bench.finish();
        let second = bench.batches.iter().find(|batch| batch.events.iter().any(|event| matches!(event, Event::Started { attempt: 2, .. })));
        assert_eq!(second.expect("a second attempt").at.since(began), waited, "asked for {asked} ms");
    }
}

#[test]
fn an_answer_of_another_type_fails_the_step_for_good() {
    for (answer, code) in [("{\"n\":\"x\"}", "value.output"), ("nonsense", "value.output"), ("{\"n\":1,\"n\":2}", "value.output")] {
        let task = |_: &str, _: &str, _: u32| Ok(answer.to_owned());
        let bench = Bench::new(&CHAIN.replace("n: 1 }", "n: 1 }, retry: 3"), &task).finish();
        assert_eq!(&*bench.run.failure().expect("failed").1.code, code, "{answer}");
        assert_eq!(bench.started.len(), 1);
    }
}

#[test]
fn an_expression_that_fails_at_run_time_fails_its_step() {
    let text = CHAIN.replace("${ steps.a.n }", "${ 10 / (steps.a.n - 2) }");
    let bench = Bench::new(&text, &increment).finish();
    let (step, failure) = bench.run.failure().expect("failed");
    assert_eq!(step, Some(1));
    assert!(failure.code.starts_with("expr."), "{failure}");
}

#[test]
fn a_worker_that_dies_three_times_at_one_place_blocks_the_run_until_somebody_decides() {
    let mut bench = Bench::new(CHAIN, &increment);
    for death in 1..=2 {
        bench = bench.killed_after(bench.batches.len());
        assert_eq!(bench.run.status(), Status::Running, "after {death} deaths");
        assert_eq!(bench.started, [(Place::step(0), death + 1)]);
    }
    bench = bench.killed_after(bench.batches.len());
    assert_eq!(bench.run.blocked(), Some(&BlockReason::KilledWorker { place: Place::step(0), times: 3 }));
    assert!(bench.started.is_empty());
    assert!(matches!(bench.run.why(Ownership::Worker)[..], [Reason::Decision { times: 3, .. }]));
    bench.input(Input::Unblock);
    assert_eq!(bench.finish().outcome(), r#"{"n":4}"#);
}

#[test]
fn attempts_given_back_in_good_order_do_not_count() {
    let mut bench = Bench::new(CHAIN, &increment);
    for _ in 0..10 {
        bench.input(Input::Released);
        bench.pending.clear();
        bench = bench.killed_after(bench.batches.len());
        assert_eq!(bench.run.status(), Status::Running);
    }
    assert_eq!(bench.finish().outcome(), r#"{"n":4}"#);
}

#[test]
fn cancel_interrupts_what_runs_and_starts_nothing() {
    let mut bench = Bench::new(MIXED, &increment);
    bench.step();
    let started = bench.started.len();
    bench.input(Input::Cancel { reason: "enough".into() });
    assert_eq!(bench.run.status(), Status::Cancelled);
    assert_eq!(bench.started.len(), started);
    assert!(bench.run.steps().iter().all(|step| step.status.is_end()));
    // What ended stays ended.
    for input in [Input::Cancel { reason: "again".into() }, Input::Unblock, Input::Recovered, Input::WakeUp] {
        assert!(bench.run.turn(input, bench.now).expect("legal").is_empty());
    }
    assert_eq!(bench.killed_after(bench.batches.len()).outcome(), "cancelled");
}

#[test]
fn a_late_answer_changes_nothing() {
    let mut bench = Bench::new(CHAIN, &increment).killed_after(1);
    let late =
        |attempt| Input::AttemptEnded { place: Place::step(0), attempt, result: Ok("{\"n\":50}".into()), receipt: Receipt::default() };
    assert!(bench.run.turn(late(1), bench.now).expect("legal").is_empty());
    assert!(bench.run.turn(late(9), bench.now).expect("legal").is_empty());
    assert_eq!(bench.finish().outcome(), r#"{"n":4}"#);
}

#[test]
fn a_missing_plugin_blocks_and_is_named() {
    let mut bench = Bench::new(CHAIN, &increment);
    let digest = Digest::of(b"t");
    bench.input(Input::PluginMissing { place: Place::step(0), attempt: 1, digest });
    bench.pending.clear();
    assert_eq!(bench.run.blocked(), Some(&BlockReason::PluginMissing { digest }));
    assert_eq!(bench.run.why(Ownership::Worker), [Reason::Plugin { digest: digest.to_string() }]);
    let mut bench = bench.killed_after(bench.batches.len());
    assert_eq!(bench.run.status(), Status::Blocked);
    bench.input(Input::Unblock);
    assert_eq!(bench.finish().outcome(), r#"{"n":4}"#);
}

fn began() -> Event {
    Event::Began {
        uid: RunUid([0; 16]),
        inputs: Value::Null,
        directory: "".into(),
        rerun_of: None,
        parent: None,
        labels: Vec::new(),
        scheduled: None,
    }
}

#[test]
fn illegal_events_are_refused() {
    let bench = Bench::new(CHAIN, &increment);
    let done = |step, attempt| Event::Done { place: Place { step, item: None }, attempt, output: Value::Null, receipt: Receipt::default() };
    let started = |step, item, attempt| Event::Started { place: Place { step, item }, attempt };
    let illegal = [
        done(0, 2),
        done(1, 1),
        done(9, 1),
        started(0, None, 2),
        started(1, Some(0), 1),
        started(1, None, 2),
        Event::Skipped { step: 0 },
        Event::Skipped { step: 9 },
        Event::ItemsOpened { step: 1, count: 3 },
        Event::Lost { places: vec![Place::step(1)] },
        Event::Unblocked,
        Event::RunCancelled,
        began(),
    ];
    for event in illegal {
        assert!(bench.run.clone().apply(&event, bench.now).is_err(), "{event:?}");
    }
    let ended = Bench::new(CHAIN, &increment).finish();
    assert!(ended.run.clone().apply(&Event::CancelRequested { reason: "".into() }, ended.now).is_err());
    assert!(resume(RunId(1), Arc::clone(&bench.plan), &[]).is_err());
    let skipped_first = Batch { at: Millis(0), events: vec![Event::Skipped { step: 0 }] };
    assert!(resume(RunId(1), Arc::clone(&bench.plan), &[skipped_first]).is_err());
}

#[test]
fn an_unfinished_run_always_says_why() {
    let bench = Bench::new(MIXED, &increment);
    let whole = Bench::new(MIXED, &increment).finish();
    for batches in 1..whole.batches.len() {
        let at = resume(RunId(1), Arc::clone(&bench.plan), &whole.batches[..batches]).expect("resumes");
        assert!(!at.why(Ownership::Worker).is_empty(), "after batch {batches}");
        assert_eq!(at.why(Ownership::Nobody), [Reason::Worker]);
    }
    assert!(whole.run.why(Ownership::Worker).is_empty());
}

#[test]
fn a_rerun_takes_over_what_does_not_depend_on_its_steps() {
    let old = Bench::new(MIXED, &increment).finish();
    let each = old.plan.step_named("each").expect("there");
    let adopted = old.run.adoptable(&[each]);
    let names: Vec<&str> = adopted.iter().map(|(step, _)| &*old.plan.steps[*step as usize].name).collect();
    assert_eq!(names, ["a", "b", "c", "skipped", "none"]);
    let beginning = Beginning { rerun_of: Some(RunId(1)), adopted, ..Beginning::new(RunUid([8; 16]), old.run.inputs().clone(), "/w") };
    let bench = Bench::begin(Arc::clone(&old.plan), beginning, &increment);
    let bench = bench.finish();
    assert_eq!(bench.outcome(), old.outcome());
    assert!(bench.started.iter().all(|(place, _)| ["each", "last"].contains(&&*bench.plan.steps[place.index()].name)));
}

#[test]
fn ten_thousand_items_take_little_memory_each() {
    assert!(std::mem::size_of::<crate::run::state::Slot>() <= 56, "{} bytes a slot", std::mem::size_of::<crate::run::state::Slot>());
    let text = MIXED.replace("range(0, steps.b.n + 4)", "range(0, 10000)").replace("max-parallel: 3", "max-parallel: 100");
    let bench = Bench::new(&text, &increment).finish();
    assert_eq!(bench.run.status(), Status::Done);
}
