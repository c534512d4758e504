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
  count: { repeat: { start: 0, until: \"${ carry >= inputs.n }\", max: 10 }, value: \"${ carry + 1 }\" }
  not: { task: probe.echo, with: { value: 1 }, if: \"${ inputs.n > 5 }\" }
  none: { for-each: [], task: probe.echo, with: { value: \"${ item }\" } }
  go: { wait: { signal: go }, timeout: 10ms, on-error: { wait.timeout: { value: null } }, needs: nap }
outputs: { pick: \"${ steps.pick }\", count: \"${ steps.count }\", none: \"${ steps.none }\", not: \"${ steps.not == null }\" }
");
    let told = sorted(&told);
    expect![[r#"
        --- exit 0
        run 1: w
        step count: done in TIME
        step count: iteration 1
        step first: done in TIME, fast won
        step first: started, 2 contenders
        step go waits for the signal go, until WHEN at most: jackfield runs signal 1 go
        step go: `on-error` puts a value in its place
        step go: done in TIME
        step go: wait.timeout: nothing came within TIME
        step nap sleeps until WHEN (in TIME)
        step nap: done in TIME
        step none: done in TIME
        step none: started, 0 items
        step not: skipped, its condition is false
        step past: done in TIME
        step pick: branch 2 of 2 is taken
        step pick: done in TIME
        ✓ run 1 done in TIME
    "#]]
    .assert_eq(&told);
    check(
        &world,
        &["graph", "1"],
        expect![[r#"
            w, run 1: done
            ├─┬ ✓   nap  ⏱ sleep 10ms  TIME
            │ ├ ✓   past  ⏱ until 2000-01-01T00:00:00Z  TIME
            │ ├ ✓   pick  ⑂ choose  TIME
            │ │     ├ if inputs.n > 5: = value many
            │ │     ╰ ✓ else: = value few
            │ ├ ✓   first  ⚑ race  TIME
            │ │     ├ ✓ fast: = value 1
            │ │     ╰ late: ⏱ sleep 1h
            │ ├ ✓   count  = value carry + 1  ⟳ repeat ≤10, until carry >= inputs.n, TIME
            │ ├ – ◇ not  probe.echo  if
            │ ╰ ✓ ◇ none  probe.echo  ∥ each item, 32 at once, TIME
            ╰── ✓   go  ✉ signal go  TIME  ← nap
                    ◔ within TIME
                    ↯ on wait.timeout: = value null

            ◇ pure   ✓ 7 done   – 1 skipped
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
    // How many iterations have a line depends on the time they take.
    let mut lines: Vec<&str> = told.lines().filter(|line| !line.contains("iteration ") || line.ends_with("iteration 1")).collect();
    lines.sort_unstable();
    format!("{}\n", lines.join("\n"))
}

#[test]
fn what_takes_care_of_failures_and_undoes_is_told_and_shown_under_its_step() {
    let (world, told) = ran("steps:
  book: { task: probe.echo, with: { value: 1 }, compensate: { task: probe.echo, with: { value: \"${ output }\" } } }
  caught:
    task: probe.fail
    with: { kind: permanent, code: busy }
    needs: book
    on-error: { any: { task: probe.echo, with: { value: \"${ error.code }\" } } }
  valued: { task: probe.fail, with: { kind: permanent, code: busy }, needs: caught, on-error: { any: { value: null } } }
  tidy: { task: probe.echo, with: { value: 2 }, needs: valued, finally: { task: probe.echo, with: { value: \"${ outcome.status }\" } } }
  broken: { task: probe.fail, with: { kind: permanent }, needs: tidy }
  never: { value: 1, needs: broken }
");
    expect![[r#"
        run 1: w
        step book: started
        step book: done in TIME
        step caught: started
        step caught: attempt 1 failed, busy: as asked; it is not tried again
        step caught: caught/on-error-1 takes care of it
        step caught: done in TIME
        step valued: started
        step valued: attempt 1 failed, busy: as asked; it is not tried again
        step valued: `on-error` puts a value in its place
        step valued: done in TIME
        step tidy: started
        step tidy: `finally` started
        step tidy: done in TIME
        step broken: started
        step broken: attempt 1 failed, planned: as asked; it is not tried again
        step broken: failed after TIME
        run 1: what was done is undone
        step book: is being undone
        step book: undone
        ✗ run 1 failed in TIME
        failed at step broken: planned
          as asked
        what it logged:  jackfield runs logs 1 --step broken
        from there on:   jackfield runs rerun 1 --from broken
        --- exit 1
    "#]]
    .assert_eq(&told);
    check(
        &world,
        &["runs", "show", "1"],
        expect![[r#"
            ✗ run 1  w  failed
              began WHEN, took TIME

            STEP           TASK        STATE      ATTEMPTS  ITEMS  TOOK
            book           probe.echo  done       1  TIME
              /compensate  probe.echo  done       1  TIME
            caught         probe.fail  done       1  TIME
              /on-error-1  probe.echo  done       1  TIME
            valued         probe.fail  done       1  TIME
            tidy           probe.echo  done       1  TIME
              /finally     probe.echo  done       1  TIME
            broken         probe.fail  failed     1  TIME
            never          value 1     cancelled

            failed at step broken: planned
              as asked
            --- stderr
            --- exit 0
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
