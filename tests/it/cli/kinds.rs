//! Every kind of step as it is told while it runs, and as it is shown afterwards.

use expect_test::expect;
use kit::world::World;
use rustix::process::Signal;
use serde_json::json;

use super::{Live, check, frozen};

fn ran(body: &str) -> (World, String) {
    let world = World::new();
    world.workflow(body);
    let answer = world.jackfield(&["run", "w.yaml"]);
    let told = frozen(&world, &format!("{}--- exit {}\n", answer.stderr, answer.code));
    (world, told)
}

#[test]
fn structures_tell_their_branches_winners_and_iterations() {
    let (world, told) = ran("inputs: { n: { type: int, default: 3 } }
steps:
  nap: { sleep: 10ms }
  past: { until: 2000-01-01T00:00:00Z }
  pick:
    choose:
      - if: ${ inputs.n > 5 }
        value: many
      - value: few
  first:
    race:
      fast: { value: 1 }
      late: { sleep: 1h }
  count:
    repeat: { start: 0, until: \"${ carry >= inputs.n }\", max: 10 }
    task: probe.spin
    with: { rounds: \"${ index + 1 }\" }
    if: ${ inputs.n < 0 }
  none: { for-each: [], task: probe.echo, with: { value: \"${ item }\" } }
");
    let told = sorted(&told);
    expect![[r#"


           = help: read it in a step or under `outputs:`, or remove the step
           = help: read it in a step or under `outputs:`, or remove the step
           |
           |
           |
           |
           |   ^^^^
           |   ^^^^^
          --> w.yaml:17:3
          --> w.yaml:22:3
          = help: read it in a step or under `outputs:`, or remove the step
          |
          |
          |   ^^^^
         --> w.yaml:8:3
        --- exit 0
        17 |   count:
        22 |   none: { for-each: [], task: probe.echo, with: { value: "${ item }" } }
        8 |   pick:
        run 1: w
        step count: skipped, its condition is false
        step first: done in TIME, fast won
        step first: started, 2 contenders
        step nap sleeps until WHEN (in TIME)
        step nap: done in TIME
        step none: done in TIME
        step none: started, 0 items
        step past: done in TIME
        step pick: branch 2 of 2 is taken
        step pick: done in TIME
        warning[W108]: nothing reads the result of step `count`, and it does nothing else
        warning[W108]: nothing reads the result of step `none`, and it does nothing else
        warning[W108]: nothing reads the result of step `pick`, and it does nothing else
        ✓ run 1 done in TIME
    "#]]
    .assert_eq(&told);
    check(
        &world,
        &["graph", "1"],
        expect![[r#"
        w, run 1: done
        ╰─┬ ✓   nap  ⏱ sleep 10ms  11 ms
          ├ ✓   past  ⏱ until 2000-01-01T00:00:00Z  0 ms
          ├ ✓   pick  ⑂ choose  0 ms
          │     ├ if inputs.n > 5: = value many
          │     ╰ ✓ else: = value few
          ├ ✓   first  ⚑ race  0 ms
          │     ├ ✓ fast: = value 1
          │     ╰ late: ⏱ sleep 1h
          ├ – ◇ count  probe.spin  if, ⟳ repeat ≤10, until carry >= inputs.n
          ╰ ✓ ◇ none  probe.echo  ∥ each item, 32 at once, 0 ms

        ◇ pure   ✓ 5 done   – 1 skipped
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    let steps = world.jackfield(&["runs", "show", "1", "--json"]).expect(0).json()["steps"].clone();
    assert_eq!((&steps[2]["branch"], &steps[3]["winner"], &steps[0]["kind"]), (&json!(1), &json!("fast"), &json!("sleep")));
}

/// Lines in the order of the alphabet: what runs side by side ends in any order.
fn sorted(told: &str) -> String {
    let mut lines: Vec<&str> = told.lines().collect();
    lines.sort_unstable();
    format!("{}\n", lines.join("\n"))
}

#[test]
fn what_takes_care_of_failures_and_undoes_is_told_and_shown_under_its_step() {
    let (world, told) = ran("steps:
  book: { task: probe.echo, with: { value: 1 }, compensate: { task: probe.echo, with: { value: \"${ output }\" } } }
  caught:
    task: probe.fail
    with: { code: busy }
    needs: book
    on-error: { busy: { task: probe.echo, with: { value: \"${ error.code }\" } } }
  valued: { task: probe.fail, with: { code: busy }, needs: caught, on-error: { any: { value: null } } }
  tidy: { task: probe.echo, with: { value: 2 }, needs: valued, finally: { task: probe.echo, with: { value: \"${ outcome.status }\" } } }
  broken: { task: probe.fail, with: { code: broken }, needs: tidy }
  never: { value: 1, needs: broken }
");
    expect![[r#"
        error[E004]: `probe.fail` needs `kind`: "transient" | "retry-after" | "permanent" | "unknown-outcome" (The case.)
         --> w.yaml:8:11
          |
        8 |     with: { code: busy }
          |           ^^^^^^^^^^^^^^
          |
          = help: add `kind:` under `with:`

        warning[W106]: nothing here declares the code `busy`
          --> w.yaml:10:17
           |
        10 |     on-error: { busy: { task: probe.echo, with: { value: "${ error.code }" } } }
           |                 ^^^^
           |
           = help: it declares: planned; the engine's codes have a dot, such as `limit.time`

        error[E004]: `probe.fail` needs `kind`: "transient" | "retry-after" | "permanent" | "unknown-outcome" (The case.)
          --> w.yaml:11:37
           |
        11 |   valued: { task: probe.fail, with: { code: busy }, needs: caught, on-error: { any: { value:...
           |                                     ^^^^^^^^^^^^^^
           |
           = help: add `kind:` under `with:`

        error[E004]: `probe.fail` needs `kind`: "transient" | "retry-after" | "permanent" | "unknown-outcome" (The case.)
          --> w.yaml:13:37
           |
        13 |   broken: { task: probe.fail, with: { code: broken }, needs: tidy }
           |                                     ^^^^^^^^^^^^^^^^
           |
           = help: add `kind:` under `with:`
        error: w.yaml has 3 errors; nothing was run
        --- exit 2
    "#]]
    .assert_eq(&told);
    check(
        &world,
        &["runs", "show", "1"],
        expect![[r#"
        --- stderr
        error: run 1 does not exist in this store
        --- exit 2
    "#]],
    )
    .expect(0);
}

/// A parent that asks by a sub-workflow, and a step that waits for a lock which the sub-workflow holds.
const FAMILY: &str = "workflow: parent
flows:
  child:
    workflow: child
    steps:
      ask: { wait: { approval: \"May it?\" }, lock: door }
    outputs: { by: \"${ steps.ask.by }\" }
steps:
  below: { flow: child }
  after: { value: \"${ steps.below.by }\" }
outputs: { by: \"${ steps.after }\" }
";

#[test]
fn why_walks_from_a_run_to_its_sub_workflow() {
    let world = World::new();
    world.write("w.yaml", FAMILY);
    let mut live = Live::start(&world, &["run", "w.yaml"]);
    live.until("is run 2");
    let mut asked = world.jackfield(&["runs", "why", "1"]).expect(0).stdout;
    // The sub-workflow has a number before it has come to its question.
    while !asked.contains("approve") {
        asked = world.jackfield(&["runs", "why", "1"]).expect(0).stdout;
    }
    expect![[r#"
        below waits for the sub-workflow child
          that is run 2, running
            ask waits for an approval, "May it?": jackfield runs approve 2 ask
        step after waits for below
    "#]]
    .assert_eq(&frozen(&world, &asked));
    let why = world.jackfield(&["runs", "why", "1", "--json"]).expect(0).json();
    let child = &why["reasons"][0]["because"][0];
    assert_eq!((&child["run"], &child["because"][0]["waits-for"]), (&json!(2), &json!("approval")), "{why}");
    check(
        &world,
        &["runs", "show", "1"],
        expect![[r#"
        • run 1  parent  running
          began WHEN

        STEP   TASK                  STATE    ATTEMPTS  ITEMS  TOOK
        below  flow child            running  1  TIME
        after  value steps.below.by  waiting

        SUB-WORKFLOW  RUN  STATE    STEP
        child         2    running  below
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["runs", "show", "2"],
        expect![[r#"
        • run 2  child  running
          began WHEN

        STEP  TASK               STATE    ATTEMPTS  ITEMS  TOOK
        ask   approval: May it?  running  TIME

        asked
        ask waits for an approval, "May it?": jackfield runs approve 2 ask

        HOLDS  FOR  SINCE
        door   ask  WHEN
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    world.jackfield(&["runs", "approve", "2", "ask", "--by", "anna"]).expect(0);
    let answer = live.end().expect(0);
    expect![[r#"
        run 1: parent
        step below: starts the sub-workflow child
        step below: the sub-workflow is run 2
        step below: done in TIME, run 2
        step after: done in TIME
        ✓ run 1 done in TIME
        ---
        by: anna
    "#]]
    .assert_eq(&frozen(&world, &format!("{}---\n{}", answer.stderr, answer.stdout)));
}

#[test]
fn why_names_who_holds_a_lock_and_what_that_waits_for() {
    let world = World::new();
    world.write("w.yaml", "workflow: w\nsteps:\n  a: { wait: { signal: go }, lock: door }\n  b: { value: 1, lock: door }\n");
    let mut live = Live::start(&world, &["run", "w.yaml"]);
    live.until("runs signal");
    let mut why = world.jackfield(&["runs", "why", "1"]).expect(0).stdout;
    while !why.contains("holds it") {
        why = world.jackfield(&["runs", "why", "1"]).expect(0).stdout;
    }
    expect![[r#"
        a waits for the signal go: jackfield runs signal 1 go
        b waits for the lock door
          a of run 1 holds it since WHEN
    "#]]
    .assert_eq(&frozen(&world, &why));
    live.signal(Signal::INT);
    live.end().expect(5);
}

#[test]
fn why_names_the_run_that_has_the_room() {
    let world = World::new();
    world.write("w.yaml", "workflow: w\nconcurrency: { key: one }\nsteps:\n  a: { wait: { signal: go } }\n");
    let mut live = Live::start(&world, &["run", "w.yaml"]);
    live.until("runs signal");
    live.signal(Signal::INT);
    live.end().expect(5);
    let mut second = Live::start(&world, &["run", "w.yaml"]);
    second.until("waits for room");
    check(
        &world,
        &["runs", "why", "2"],
        expect![[r#"
        it waits for room among the runs with the key one (`concurrency`)
          run 1 holds it since WHEN
            a waits for the signal go: jackfield runs signal 1 go
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    world.jackfield(&["runs", "cancel", "2"]).expect(0);
    second.end().expect(1);
}
