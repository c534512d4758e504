//! Changing many runs at once: cancel, retry, rerun.

use expect_test::expect;
use kit::world::World;
use serde_json::json;

use super::many::{listed, sql, three};
use super::{ENDLESS, Live, check, frozen};

/// A workflow that fails for as long as a file is missing.
const FRAGILE: &str = "steps:
  first: { task: probe.echo, with: { value: 1 } }
  read: { task: probe.read, needs: first, with: { path: data/x }, grant: { files: [read data] } }
  last: { task: probe.echo, with: { value: \"${ steps.read }\" } }
";

/// A project with so many failed runs of the fragile workflow.
fn failed(runs: usize) -> World {
    let world = World::new();
    world.workflow(FRAGILE);
    world.write("data/y", "");
    for _ in 0..runs {
        world.jackfield(&["run", "w.yaml", "-q"]).expect(1);
    }
    world
}

#[test]
fn many_are_retried() {
    let world = failed(3);
    check(
        &world,
        &["runs", "retry", "--workflow", "w"],
        expect![[r#"
        --- stderr
        RUN  WORKFLOW  STATE   STEPS  BEGAN                 TOOK
        3    w         failed  2/3    WHEN  TIME
        2    w         failed  2/3    WHEN  TIME
        1    w         failed  2/3    WHEN  TIME
        error: nothing was changed: this is not a terminal, so nobody can be asked; to go on, say `--yes`
        --- exit 3
    "#]],
    )
    .expect(3);
    assert_eq!(listed(&world, &[]), [3, 2, 1], "nothing began");
    // Still missing: each ends as it did before.
    let again = world.jackfield(&["runs", "retry", "--since", "1h", "--state", "failed", "--yes"]).expect(1);
    let lines: Vec<&str> = again.stdout.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line.starts_with("✗ run ") && line.contains(" failed: ")), "{lines:?}");
    assert!(again.stderr.ends_with("0 of 3 went well\n"), "{}", again.stderr);
    world.write("data/x", "here");
    let retried = world.jackfield(&["runs", "retry", "--workflow", "w", "--yes", "--json"]).expect(0);
    assert!(retried.stderr.contains("run 1 is left out: run 4 repeats it\nrun 2 is left out: run "), "{}", retried.stderr);
    let done = retried.json();
    assert_eq!((done["runs"].as_array().map(Vec::len), &done["failed"]), (Some(3), &json!(0)));
    assert!(done["runs"].as_array().is_some_and(|runs| runs.iter().all(|run| run["status"] == "done" && run["repeated_by"].is_u64())));
    let attempts = world.jackfield(&["runs", "show", "9", "--attempts", "--json"]).expect(0).json();
    let again: Vec<&str> = attempts["attempts"].as_array().expect("a list").iter().filter_map(|one| one["step"].as_str()).collect();
    assert_eq!(again, ["read", "last"], "what was done was taken over");
    check(
        &world,
        &["runs", "retry", "--state", "done", "--yes"],
        expect![[r#"
        --- stderr
        error: one cannot retry runs that are done; it is for those that are failed, cancelled
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["runs", "retry", "9"],
        expect![[r#"
        --- stderr
        error: run 9 is done, so nothing is left to retry. To repeat it from a step on: jackfield runs rerun 9 --from STEP
        --- exit 3
    "#]],
    )
    .expect(3);
    check(
        &world,
        &["runs", "retry", "99"],
        expect![[r#"
        --- stderr
        error: run 99 does not exist in this store
        --- exit 2
    "#]],
    )
    .expect(2);
}

#[test]
fn those_that_others_repeat_are_retried_by_their_numbers_alone() {
    let world = failed(2);
    world.jackfield(&["runs", "rerun", "1", "--from", "first", "-q"]).expect(1);
    let none = world.jackfield(&["runs", "retry", "--workflow", "w", "--until", "0s", "--label", "x=y", "--yes"]).expect(0);
    assert_eq!(none.stderr, "no runs\n");
    world.write("data/x", "here");
    world.jackfield(&["runs", "retry", "--state", "failed", "--yes"]).expect(0);
    check(
        &world,
        &["runs", "retry", "--state", "failed", "--yes"],
        expect![[r#"
            --- stderr
            run 1 is left out: run 3 repeats it
            run 2 is left out: run 4 repeats it
            run 3 is left out: run 5 repeats it
            no runs
            --- exit 0
        "#]],
    )
    .expect(0);
    world.jackfield(&["runs", "retry", "1", "-q"]).expect(0);
    let again = world.jackfield(&["runs", "retry", "--state", "failed", "--yes"]).expect(0);
    assert!(again.stderr.contains("run 1 is left out: run 6 repeats it"), "{}", again.stderr);
    // What a filter of another command means has not changed.
    world.jackfield(&["runs", "rerun", "--state", "failed", "--from", "read", "--yes"]).expect(0);
    assert_eq!(listed(&world, &[]).len(), 9);
}

#[test]
fn one_is_retried_and_shown() {
    let world = failed(1);
    world.write("data/x", "here");
    check(
        &world,
        &["runs", "retry", "1"],
        expect![[r#"
        --- stderr
        run 2: repeats run 1 from read, last
        step first: result taken over from run 1
        step read: started
        step read: done in TIME
        step last: started
        step last: done in TIME
        ✓ run 2 done in TIME
        --- exit 0
    "#]],
    )
    .expect(0);
}

#[test]
fn many_are_repeated_from_a_step_on() {
    let world = three();
    let answer = world.jackfield(&["runs", "rerun", "--label", "team=red", "--from", "greet", "--yes"]).expect(0);
    // Both run at once, and are told of as they end; which of them has the lower number is as it happens.
    let mut ended: Vec<&str> = answer.stdout.lines().collect();
    ended.sort_unstable();
    let repeated = ["✓ run 1: run 4 done", "✓ run 3: run 5 done"];
    let the_other_way = ["✓ run 1: run 5 done", "✓ run 3: run 4 done"];
    assert!(ended == repeated || ended == the_other_way, "{ended:?}");
    expect![[r#"
        RUN  WORKFLOW  STATE  STEPS  BEGAN                 TOOK  LABELS
        3    w         done   1/1    WHEN  TIME  team=red
        1    w         done   1/1    WHEN  TIME  team=red
        2 of 2 went well
    "#]]
    .assert_eq(&frozen(&world, &answer.stderr));
    check(
        &world,
        &["runs", "rerun", "--label", "team=blue", "--from", "great", "--yes"],
        expect![[r#"
            ✗ run 2: run 2 has no step `great`; did you mean `greet`?
            --- stderr
            RUN  WORKFLOW  STATE  STEPS  BEGAN                 TOOK  LABELS
            2    w         done   1/1    WHEN  TIME  team=blue
            --- exit 1
        "#]],
    )
    .expect(1);
    check(
        &world,
        &["runs", "rerun", "--label", "team=green", "--from", "greet", "--yes", "--json"],
        expect![[r#"
        {"runs":[],"failed":0}
        --- stderr
        no runs
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["runs", "rerun", "--from", "greet"],
        expect![[r#"
            --- stderr
            error: the following required arguments were not provided:
              <RUN>

            Usage: jackfield runs rerun [OPTIONS] <RUN>
                   jackfield runs rerun [OPTIONS] <FILTERS>

            For more information, try '--help'.
            --- exit 2
        "#]],
    )
    .expect(2);
    check(
        &world,
        &["runs", "rerun", "1", "--workflow", "w", "--from", "greet"],
        expect![[r#"
            --- stderr
            error: the argument '[RUN]' cannot be used with:
              --workflow <NAME>
              --state <STATE>
              --label <KEY=VALUE>
              --since <TIME>
              --until <TIME>
              --children-of <RUN>
              --all

            Usage: jackfield runs rerun [OPTIONS] <RUN>
                   jackfield runs rerun [OPTIONS] <FILTERS>

            For more information, try '--help'.
            --- exit 2
        "#]],
    )
    .expect(2);
}

#[test]
fn repeating_many_can_be_stopped() {
    let world = World::new();
    world.workflow(ENDLESS);
    for _ in 0..2 {
        let mut live = Live::start(&world, &["run", "w.yaml"]);
        live.until("step spin: started");
        live.signal(rustix::process::Signal::INT);
        live.end().expect(5);
    }
    let mut live = Live::start(&world, &["runs", "rerun", "--state", "running", "--from", "spin", "--yes", "-vv"]);
    live.until("2    w");
    live.until("1    w");
    while listed(&world, &[]).len() < 4 {}
    live.signal(rustix::process::Signal::INT);
    let answer = live.end().expect(5);
    assert!(answer.stderr.contains("stopped: 0 of 2 runs have been repeated"), "{}", answer.stderr);
    assert_eq!(listed(&world, &["--state", "running"]), [4, 3, 2, 1]);
}

#[test]
fn many_are_cancelled_when_nobody_runs_them() {
    let world = World::new();
    world.workflow(ENDLESS);
    for _ in 0..2 {
        let mut live = Live::start(&world, &["run", "w.yaml"]);
        live.until("step spin: started");
        live.signal(rustix::process::Signal::INT);
        live.end().expect(5);
    }
    check(
        &world,
        &["runs", "cancel", "--workflow", "w"],
        expect![[r#"
        --- stderr
        RUN  WORKFLOW  STATE    STEPS  BEGAN                 TOOK
        2    w         running  0/1    WHEN
        1    w         running  0/1    WHEN
        error: nothing was changed: this is not a terminal, so nobody can be asked; to go on, say `--yes`
        --- exit 3
    "#]],
    )
    .expect(3);
    check(
        &world,
        &["runs", "cancel", "--state", "done"],
        expect![[r#"
        --- stderr
        error: one cannot cancel runs that are done; it is for those that are waiting, running, blocked
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["runs", "cancel"],
        expect![[r#"
        --- stderr
        error: the following required arguments were not provided:
          <RUN>

        Usage: jackfield runs cancel [OPTIONS] <RUN>
               jackfield runs cancel [OPTIONS] <FILTERS>

        For more information, try '--help'.
        --- exit 2
    "#]],
    )
    .expect(2);
    sql(&world, "UPDATE events SET data = x'00' WHERE run = 1");
    check(
        &world,
        &["runs", "cancel", "--workflow", "w", "--yes", "--quiet"],
        expect![[r#"
        – run 2: cancelled
        ✗ run 1: run 1 is damaged: batch 1 is missing or does not match its checksum; other runs are not affected
        --- stderr
        --- exit 1
    "#]],
    )
    .expect(1);
    check(
        &world,
        &["runs", "cancel", "--workflow", "v", "--yes"],
        expect![[r#"
        --- stderr
        no runs
        --- exit 0
    "#]],
    )
    .expect(0);
    assert_eq!(listed(&world, &["--state", "cancelled"]), [2]);
}
