//! What a step costs, whether it is the first or the ten thousandth. The figures are printed by `cargo test --release -p
//! jackfield-flow -- --ignored --nocapture figures`; the tests here count, and measure no time.

use super::*;
use crate::plan::{OnItemError, Plan};

fn chain(steps: usize) -> Plan {
    let names: Vec<String> = (0..steps).map(|step| format!("s{step}")).collect();
    let mut build = Build::new().step(&names[0], &[], one(call("0")));
    for step in 1..steps {
        build = build.step(&names[step], &[&names[step - 1]], one(call(&format!("asInt(steps.{}) + 1", names[step - 1]))));
    }
    build.output("out", &format!("steps.{}", names[steps - 1])).done()
}

#[test]
fn a_waiting_item_is_small() {
    assert!(size_of::<state::Slot>() <= 40, "{} bytes a slot", size_of::<state::Slot>());
}

#[test]
fn a_turn_is_bounded_and_goes_on_at_once() {
    let plan =
        Build::new().step("each", &[], for_each("range(0, 9000)", 32, OnItemError::Fail, value("index"))).output("n", "size(steps.each)");
    let bench = Bench::of(plan.done(), &echo).finish();
    assert_eq!(bench.outcome(), r#"{"n":9000}"#);
    assert_eq!(bench.batches.len(), 3);
    assert!(bench.batches.iter().all(|batch| batch.events.len() <= 4_097));
    for batches in 1..=3 {
        assert_eq!(bench.killed_after(batches).finish().outcome(), bench.outcome());
    }
}

#[test]
fn ten_thousand_timers_due_at_once_fire_in_a_few_turns() {
    let bench = Bench::of(timers(10_000), &echo).finish();
    assert_eq!(bench.outcome(), "{}");
    assert!(bench.batches.len() <= 8, "{} batches", bench.batches.len());
}

fn timers(count: u32) -> Plan {
    let action = crate::plan::Action::Until(x("run.started_at + duration('10s')"));
    Build::new().step("naps", &[], for_each(&format!("range(0, {count})"), count, OnItemError::Fail, action)).done()
}

#[test]
#[ignore = "prints figures"]
#[expect(clippy::disallowed_types, clippy::disallowed_methods, clippy::print_stdout, reason = "this measures, and is not part of the core")]
fn figures() {
    use std::time::Instant;
    let mut bench = Bench::of(chain(10_000), &echo);
    for (from, to) in [(0_u32, 100), (100, 200), (4_900, 5_100), (9_400, 9_600), (9_600, 9_800), (9_800, 9_900), (9_900, 9_999)] {
        while bench.run.progress().0 < from {
            bench.step();
        }
        let began = Instant::now();
        let mut spent = std::time::Duration::ZERO;
        while bench.run.progress().0 < to {
            let (place, attempt) = bench.pending.pop_first().expect("an attempt");
            let turn = Instant::now();
            let result = Ok(bench.run.input_of(place).expect("an input").into());
            let events = bench.run.turn(Input::AttemptEnded { place, attempt, result, receipt: Receipt::default() }, bench.now);
            spent += turn.elapsed();
            bench.keep(events.expect("legal"));
        }
        let steps = to - from;
        println!("steps {from}..{to}: {:?} a turn, {:?} with keeping it", spent / steps, began.elapsed() / steps);
    }
    let many =
        Build::new().step("list", &[], one(call("1"))).step("each", &["list"], for_each("steps.list", 32, OnItemError::Fail, call("item")));
    let listed = |step: &str, input: &str, attempt: u32| match step {
        "list" => Ok(format!("[{}]", vec!["1"; 100_000].join(","))),
        _ => echo(step, input, attempt),
    };
    let mut bench = Bench::of(many.done(), &listed);
    bench.step();
    let many = bench.run.steps[1].many().expect("items");
    let (slots, list) = (size_of_val(&many.slots[..]), size_of_val(&many.list[..]));
    assert_eq!(many.slots.len(), 100_000);
    println!("100,000 items: {} bytes each ({} in slots, {} in the list)", (slots + list) / 100_000, slots, list);
    let mut bench = Bench::of(timers(10_000), &echo);
    while bench.run.steps[0].many().expect("items").next < 10_000 {
        bench.step();
    }
    bench.now = Millis(20_000);
    let began = Instant::now();
    let mut turns = 0;
    while !bench.run.status().is_end() {
        drop(bench.run.turn(Input::WakeUp, bench.now).expect("legal"));
        turns += 1;
    }
    println!("10,000 timers due at once: {:?} in {turns} turns", began.elapsed());
    let began = Instant::now();
    let bench = Bench::of(chain(10_000), &echo).finish();
    println!("10,000 steps in all, with keeping them: {:?}", began.elapsed());
    let began = Instant::now();
    crate::resume::resume(RunId(1), bench.plan.clone(), &bench.batches).expect("resumes");
    println!("resumed from {} batches: {:?}", bench.batches.len(), began.elapsed());
}
