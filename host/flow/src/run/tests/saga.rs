//! Undoing: exactly what was done, the last first, wherever the worker dies.

use super::bench::permanent;
use super::*;
use crate::plan::{OnItemError, Plan};

/// Steps of all kinds that can be undone, and one that fails after them.
fn saga() -> Plan {
    let undo = || call("output");
    let loops = repeat("0", "carry >= 2", 9, 0, call("carry + 1"));
    Build::new()
        .step("one", &[], one(call("'one'")))
        .compensate(undo())
        .step("each", &["one"], for_each("['a', 'b', 'bad', 'c']", 1, OnItemError::Skip, call("item")))
        .compensate(call("output + '!' + item"))
        .step("loop", &["each"], loops)
        .compensate(undo())
        .step("pick", &["loop"], choose(vec![(None, call("'picked'"))]))
        .compensate(undo())
        .step("race", &["pick"], race(vec![("slow", sleep("1h")), ("fast", call("'won'"))]))
        .compensate(call("output.value"))
        .step("caught", &["race"], one(call("'bad'")))
        .fallback(None, "'instead'")
        .compensate(undo())
        .step("late", &["caught"], one(call("'late'")))
        .finally(call("'tidy'"))
        .compensate(undo())
        .step("broken", &["late"], one(call("'bad'")))
        .compensate(undo())
        .done()
}

fn bad(_: &str, input: &str, _: u32) -> Result<String, Failure> {
    if input == "\"bad\"" { Err(permanent()) } else { Ok(input.to_owned()) }
}

const UNDONE: [&str; 8] = ["\"late\"", "\"won\"", "\"picked\"", "2", "\"c!c\"", "\"b!b\"", "\"a!a\"", "\"one\""];

#[test]
fn what_was_done_is_undone_in_reverse_order() {
    let bench = Bench::of(saga(), &bad).finish();
    assert_eq!(bench.outcome(), "Some(7) busy: try later");
    assert_eq!(bench.effects("/compensate"), UNDONE);
    let running = bench.world.effects.iter().filter(|(step, _)| step.ends_with("/finally")).count();
    assert_eq!(running, 1, "what tidies up is not what undoes");
}

/// Effects over both lives of a run: those recorded before the worker died, and those of the one that took over.
#[test]
fn killed_after_any_event_exactly_what_was_done_is_undone() {
    let whole = Bench::of(saga(), &bad).finish();
    for batches in 1..=whole.batches.len() {
        let killed = whole.killed_after(batches);
        let before = undone(&killed);
        let resumed = killed.finish();
        assert_eq!(resumed.outcome(), whole.outcome(), "killed after batch {batches}");
        assert_eq!(undone(&resumed), undone(&whole), "killed after batch {batches}");
        let again: Vec<&Place> = resumed.started.iter().map(|(place, _)| place).filter(|place| before.contains(place)).collect();
        assert!(again.is_empty(), "undone, and undone again: {again:?}");
    }
}

/// Also when it is cancelled at any time: what was done by then is undone, the last first.
#[test]
fn cancelled_after_any_event_exactly_what_was_done_by_then_is_undone() {
    let whole = Bench::of(saga(), &bad).finish();
    for batches in 1..whole.batches.len() {
        let mut killed = whole.killed_after(batches);
        killed.input(Input::Cancel { reason: "enough".into() });
        let ended = killed.finish();
        let mut done = done_and_undoable(&ended);
        done.reverse();
        assert_eq!(undone(&ended), done, "cancelled after batch {batches}");
    }
}

/// The places that undid something, in order.
fn undone(bench: &Bench<'_>) -> Vec<Place> {
    let done = bench.batches.iter().flat_map(|batch| &batch.events).filter_map(|event| match event {
        Event::Done { place, .. } => Some(*place),
        _ => None,
    });
    done.filter(|place| bench.plan.steps[place.index()].name.ends_with("/compensate")).collect()
}

/// The places that should be undone, by a count of its own: the last event of every step that was done.
fn done_and_undoable(bench: &Bench<'_>) -> Vec<Place> {
    let mut places = Vec::new();
    for event in bench.batches.iter().flat_map(|batch| &batch.events) {
        let (step, item, ends) = match event {
            Event::Done { place, .. } => (place.step, place.item, true),
            Event::Closed { step } => (*step, None, true),
            _ => continue,
        };
        let planned = &bench.plan.steps[step as usize];
        let Some(compensate) = planned.compensate.filter(|_| ends) else { continue };
        let place = Place::step(compensate);
        match &*planned.name {
            "each" => places.push(Place { item, ..place }),
            // Iterations are undone as a whole, and what the race did when it was won.
            "loop" if matches!(event, Event::Done { .. }) => {}
            _ => places.push(place),
        }
    }
    places
}

#[test]
fn an_undoing_that_fails_blocks_the_run_until_somebody_decides() {
    let undo_fails = |step: &str, input: &str, _: u32| {
        let fails = step == "each/compensate" && input.starts_with("\"b");
        if fails || input == "\"bad\"" { Err(permanent()) } else { Ok(input.to_owned()) }
    };
    let blocked = Bench::of(saga(), &undo_fails).finish();
    let place = Place { item: Some(1), ..Place::step(blocked.plan.step_named("each/compensate").expect("there")) };
    assert_eq!(blocked.run.blocked(), Some(&BlockReason::CompensationFailed { place }));
    assert!(matches!(blocked.run.why(Ownership::Nobody)[..], [Reason::Undoing { item: Some(1), .. }]));
    let go_on = |how: Resolve| {
        let mut bench = blocked.killed_after(blocked.batches.len());
        bench.input(Input::Cancel { reason: "too late".into() });
        assert_eq!(bench.run.status(), Status::Blocked);
        bench.input(Input::Resolve { place, how });
        bench.finish()
    };
    for how in [Resolve::Failed, Resolve::Done("null".into())] {
        let ended = go_on(how);
        assert_eq!(ended.outcome(), "Some(7) busy: try later");
        assert_eq!(ended.effects("/compensate"), ["\"a!a\"", "\"one\""]);
    }
    let again = go_on(Resolve::Retry);
    assert_eq!((again.run.status(), again.effects("/compensate")), (Status::Blocked, vec!["\"b!b\"".to_owned()]));
}

#[test]
fn an_unknown_outcome_that_would_have_to_be_undone_blocks_also_a_run_that_is_cancelled() {
    let plan = |compensated: bool| {
        let pay = Build::new().step("pay", &[], one(call("1"))).with(|step| step.at_most_once = true);
        if compensated { pay.compensate(call("output")).done() } else { pay.done() }
    };
    let cancel = |plan: Plan| {
        let mut bench = Bench::of(plan, &echo);
        bench.input(Input::Cancel { reason: "enough".into() });
        bench.finish()
    };
    assert_eq!(cancel(plan(false)).outcome(), "cancelled");
    let mut blocked = cancel(plan(true));
    assert_eq!(blocked.run.status(), Status::Blocked);
    blocked.input(Input::Resolve { place: Place::step(0), how: Resolve::Done("7".into()) });
    let ended = blocked.finish();
    assert_eq!((ended.outcome(), ended.effects("/compensate")), ("cancelled".to_owned(), vec!["7".to_owned()]));
}

#[test]
fn outputs_that_cannot_be_computed_undo_what_was_done() {
    let plan = Build::new().step("a", &[], one(call("0"))).compensate(call("output")).output("n", "1 / asInt(steps.a)").done();
    let bench = Bench::of(plan, &echo).finish();
    assert!(bench.outcome().starts_with("None expr."), "{}", bench.outcome());
    assert_eq!(bench.effects("/compensate"), ["0"]);
}

#[test]
fn what_was_undone_is_not_taken_over_by_a_rerun() {
    let ended = Bench::of(saga(), &bad).finish();
    assert!(ended.run.adoptable(&[]).is_empty(), "all of it was undone");
    let each = ended.plan.step_named("each").expect("there");
    assert!(ended.run.adoptable_items(each, &ItemsAgain::Failed).is_empty());
}
