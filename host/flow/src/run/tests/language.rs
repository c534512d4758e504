//! Workflows as people write them, from text to outcome, killed after every event.

use super::*;
use crate::plan::tests::plan_of;

/// The outcome of a workflow whose task `t.inc` adds one.
fn check(workflow: &str, outcome: &str) {
    let increment = |step: &str, input: &str, attempt: u32| match input.strip_prefix("{\"n\":").and_then(|rest| rest.strip_suffix('}')) {
        Some("13") => Err(failure("unlucky", FailureKind::Permanent)),
        Some(number) => Ok(format!("{{\"n\":{}}}", number.parse::<i64>().expect("a number") + 1)),
        None if input == "child" => Ok("{\"n\":2}".to_owned()),
        None => echo(step, input, attempt),
    };
    let whole = super::random::to_the_end(Bench::of(plan_of(workflow), &increment));
    assert_eq!(whole.outcome(), outcome);
    for batches in 1..=whole.batches.len() {
        let resumed = super::random::to_the_end(whole.killed_after(batches));
        assert_eq!(resumed.outcome(), outcome, "killed after batch {batches}");
    }
}

#[test]
fn every_action_and_structure() {
    let workflow = "
workflow: all
plugins: { t: t.wasm }
flows:
  sub:
    inputs: { n: int }
    steps: { a: { value: \"${ inputs.n }\" } }
    outputs: { n: \"${ steps.a }\" }
labels: { team: sales }
steps:
  one: { task: t.inc, with: { n: 1 } }
  nap: { sleep: 2s }
  date: { until: \"${ run.started_at + duration('3s') }\" }
  ask: { wait: { approval: Sure? } }
  go: { wait: { signal: go, type: int } }
  sub: { flow: sub, with: { n: \"${ steps.one.n }\" } }
  each:
    for-each: ${ range(0, steps.one.n) }
    on-item-error: collect
    task: t.inc
    with: { n: \"${ item + 12 }\" }
    lock: db
    rate: { limit: 1, per: 1s }
  loop:
    repeat: { start: { n: 0 }, until: \"${ carry.n >= 3 }\", max: 5, every: 1s }
    task: t.inc
    with: { n: \"${ carry.n }\" }
  pick:
    choose:
      - if: ${ steps.loop.n > 100 }
        value: many
      - value: few
  first:
    race:
      slow: { sleep: 1h }
      quick: { task: t.inc, with: { n: 41 } }
  caught:
    task: t.inc
    with: { n: 13 }
    on-error: { unlucky: { value: { n: 14 } } }
    finally: { task: t.inc, with: { n: 1 } }
outputs:
  by: ${ steps.ask.by }
  go: ${ steps.go }
  ok: \"${ steps.each.filter(e, e.error == null).size() }\"
  loop: ${ steps.loop.n }
  pick: ${ steps.pick }
  first: ${ steps.first.winner }
  caught: ${ steps.caught.n }
";
    check(workflow, r#"{"by":"me","go":1,"ok":1,"loop":3,"pick":"few","first":"quick","caught":14}"#);
}

#[test]
fn a_saga_as_people_write_it() {
    let workflow = "
workflow: saga
plugins: { t: t.wasm }
steps:
  each:
    for-each: ${ [1, 2] }
    task: t.inc
    with: { n: \"${ item }\" }
    compensate: { task: t.inc, with: { n: \"${ output.n + item }\" } }
  fails: { task: t.inc, needs: [each], with: { n: 13 } }
";
    check(workflow, "Some(1) unlucky: try later");
}
