//! `jackfield schedule`: when it fires, what it starts, and what it leaves.

use expect_test::expect;
use kit::world::World;
use rustix::process::Signal;

use super::{Live, check, frozen};

/// A workflow with these schedules, whose runs end at once.
fn world(on: &str) -> World {
    let world = World::new();
    world.write("w.yaml", format!("workflow: w\non:\n{on}steps: {{ a: {{ value: \"${{ run.scheduled_at != null }}\" }} }}\noutputs: {{ scheduled: \"${{ steps.a }}\" }}\n"));
    world
}

#[test]
fn the_next_instants_are_shown_and_nothing_is_run() {
    let world = world("  - { cron: '30 2 * * *', time-zone: Europe/Rome }\n  - { cron: '@monthly' }\n");
    check(
        &world,
        &["schedule", "w.yaml", "--next", "4", "--from", "2030-03-29T12:00:00Z"],
        expect![[r#"
        AT                    THERE                             SCHEDULE
        WHEN  Sat 2030-03-30 02:30 Europe/Rome  w/1
        WHEN  Sun 2030-03-31 03:00 Europe/Rome  w/1
        WHEN  Mon 2030-04-01 00:00 UTC          w/2
        WHEN  Mon 2030-04-01 02:30 Europe/Rome  w/1
        --- stderr
        --- exit 0
    "#]],
    );
    let answer = world.jackfield(&["schedule", "w.yaml", "--next", "3", "--from", "2030-03-30T12:00:00+01:00", "--json"]).expect(0);
    expect![[r#"
        [
          {
            "at": "2030-03-31T01:00:00.000Z",
            "local": "Sun 2030-03-31 03:00 Europe/Rome",
            "schedule": "w/1",
            "time_zone": "Europe/Rome"
          },
          {
            "at": "2030-04-01T00:00:00.000Z",
            "local": "Mon 2030-04-01 00:00 UTC",
            "schedule": "w/2",
            "time_zone": "UTC"
          },
          {
            "at": "2030-04-01T00:30:00.000Z",
            "local": "Mon 2030-04-01 02:30 Europe/Rome",
            "schedule": "w/1",
            "time_zone": "Europe/Rome"
          }
        ]"#]]
    .assert_eq(&serde_json::to_string_pretty(&answer.json()).expect("JSON"));
    assert!(!world.file(".jackfield").exists(), "looking makes no data directory");
    assert_eq!(world.jackfield(&["schedule", "w.yaml", "--next", "1000", "--json"]).expect(0).json().as_array().map(Vec::len), Some(1000));
}

#[test]
fn files_that_cannot_be_looked_after_are_refused() {
    let world = world("  - cron: '0 0 31 2 *'\n");
    world.write("none.yaml", "workflow: none\nsteps: { a: { value: 1 } }\n");
    world.write("one.yaml", "workflow: one\non: { cron: '@daily' }\nsteps: { a: { value: 1 } }\n");
    check(
        &world,
        &["schedule", "w.yaml"],
        expect![[r#"
        --- stderr
        error[E032]: `0 0 31 2 *` never fires: no month that it names has such a day
         --> w.yaml:3:16
          |
        3 |   - cron: '0 0 31 2 *'
          |                ^^^^^^
          |
          = help: correct the day or the month; the last day of every month is `L`
        error: w.yaml has 1 error; nothing was run
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["schedule", "none.yaml"],
        expect![[r#"
        --- stderr
        error: none.yaml has no schedules: say under `on:` when it starts
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["schedule", "one.yaml", "./one.yaml"],
        expect![[r#"
        --- stderr
        error: two of the files are the workflow `one`, and their schedules would be taken for each other
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["schedule", "one.yaml", "--next", "0"],
        expect![[r#"
        --- stderr
        error: invalid value '0' for '--next <N>': 0 is not in 1..=1000

        For more information, try '--help'.
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["schedule", "one.yaml", "--next", "3", "--from", "tomorrow"],
        expect![[r#"
        --- stderr
        error: invalid value 'tomorrow' for '--from <INSTANT>': an instant looks like 2030-05-01T12:00:00Z, or has an offset

        For more information, try '--help'.
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["explain", "E032"],
        expect![[r#"
        E032 (error)

        A cron expression that never fires.

        No month that it names has such a day.

        ```yaml
        # wrong
        on: [{ cron: "0 0 31 2 *" }]
        # right
        on: [{ cron: "0 0 L 2 *" }]
        ```

        Correct the day or the month; the last day of every month is `L`.
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
}

#[test]
fn what_is_due_is_started_once_and_its_end_awaited() {
    // Every minute: the last one is not longer ago than one was seen late.
    let world = world("  - cron: '* * * * *'\n");
    let first = world.jackfield(&["schedule", "w.yaml", "--once"]).expect(0);
    expect![[r#"
        w/1: run 1 started for WHEN
        ✓ run 1 done in TIME
    "#]]
    .assert_eq(&frozen(&world, &first.stderr));
    // The instant of the first call fires no more; at most the next minute has begun.
    let second = world.jackfield(&["schedule", "w.yaml", "--once", "--json"]).expect(0);
    let started = second.stdout.lines().filter(|line| line.contains("\"started\"")).count();
    assert!(started <= 1 && !second.stdout.contains("started-before"), "{}", second.stdout);
    let runs = world.jackfield(&["runs", "list", "--json"]).expect(0).json();
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(1 + started));
    let rare = self::world("  - { cron: '0 0 29 2 *' }\n");
    let answer = rare.jackfield(&["schedule", "w.yaml", "--once"]).expect(0);
    assert!(answer.stderr.starts_with("nothing is due\nw/1: next at "), "{}", answer.stderr);
}

#[test]
fn a_run_that_fails_is_told_by_the_exit_code() {
    let world = World::new();
    world.write("w.yaml", "workflow: w\non: { cron: '* * * * *' }\nsteps: { a: { value: \"${ 1 / (size(run.key) - 32) }\" } }\n");
    let answer = world.jackfield(&["schedule", "w.yaml", "--once"]).expect(1);
    expect![[r#"
        w/1: run 1 started for WHEN
        ✗ run 1 failed in TIME
        failed at step a: expr.divide-by-zero
          1 / 0 has no value in `1 / (size(run.key) - 32)`
        what it logged:  jackfield runs logs 1 --step a
        from there on:   jackfield runs rerun 1 --from a
    "#]]
    .assert_eq(&frozen(&world, &answer.stderr));
}

/// Ctrl-C while a run is under way: it is given back, and the next call goes on with it.
#[test]
fn runs_of_an_interrupted_scheduler_are_gone_on_with() {
    let world = World::new();
    world.write("w.yaml", "workflow: w\non: { cron: '* * * * *', overlap: skip }\nsteps: { a: { wait: { signal: go } } }\n");
    let mut live = Live::start(&world, &["schedule", "w.yaml"]);
    live.until("run 1 started");
    live.signal(Signal::INT);
    let answer = live.end().expect(5);
    let said = frozen(&world, &answer.stderr);
    assert!(
        said.ends_with("stopping; once more ends at once\ninterrupted; run 1 stands where it was, and the same command goes on\n"),
        "{said}"
    );
    let mut again = Live::start(&world, &["schedule", "w.yaml"]);
    again.until("run 1: resumed");
    world.jackfield(&["runs", "cancel", "1"]).expect(0);
    again.until("run 1 cancelled");
    again.signal(Signal::TERM);
    // The next minute may have begun.
    let answer = again.end();
    assert!([0, 5].contains(&answer.code), "{answer:?}");
}

#[test]
fn nothing_under_way_is_no_interruption() {
    let world = world("  - { cron: '0 0 29 2 *', time-zone: Europe/Rome }\n");
    let mut live = Live::start(&world, &["schedule", "w.yaml"]);
    live.until("next at");
    live.signal(Signal::INT);
    let answer = live.end().expect(0);
    assert!(answer.stderr.starts_with("w/1: next at ") && answer.stderr.contains("-02-29 00:00 Europe/Rome)"), "{}", answer.stderr);
}
