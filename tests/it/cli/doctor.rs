//! `doctor`, the auditor: what wakes unfinished runs, and who holds locks.

use expect_test::{Expect, expect};
use kit::world::World;
use rusqlite::Connection;
use rustix::process::Signal;

use super::{ENDLESS, Live, frozen, greeting};

/// What the doctor says of runs and locks, one finding a line, and its exit code.
#[track_caller]
fn check(world: &World, expected: Expect) {
    let answer = world.jackfield(&["doctor", "--json"]);
    let findings = answer.json();
    let known = ["version", "sandbox", "cache", "plugin tools", "data", "store", "engine"];
    let told = findings.as_array().expect("a list").iter().filter(|found| !known.iter().any(|known| found["what"] == *known));
    let lines: String = told.map(|found| format!("{} {}: {}\n", found["state"], found["what"], found["detail"])).collect();
    expected.assert_eq(&frozen(world, &format!("{}--- exit {}\n", lines.replace('"', ""), answer.code)));
}

/// A project with a run that was interrupted.
fn open() -> World {
    let world = World::new();
    world.workflow(ENDLESS);
    let mut live = Live::start(&world, &["run", "w.yaml"]);
    live.until("step spin: started");
    live.signal(Signal::INT);
    live.end().expect(5);
    world
}

fn sql(world: &World, statements: &str) {
    let conn = Connection::open(world.file(".jackfield/jackfield.db")).expect("it opens");
    conn.execute_batch(statements).expect("done");
}

#[test]
fn runs_are_told_by_what_wakes_them() {
    let world = open();
    check(
        &world,
        expect![[r#"
        note runs that nobody runs: 1
        --- exit 0
    "#]],
    );
    let mut live = Live::start(&world, &["resume", "1"]);
    live.until("attempt 2 started");
    check(
        &world,
        expect![[r#"
        good runs under way: 1
        --- exit 0
    "#]],
    );
    live.signal(Signal::KILL);
    live.end();
    check(
        &world,
        expect![[r#"
        note runs that nobody runs: 1
        --- exit 0
    "#]],
    );
}

#[test]
fn a_run_that_sleeps_or_is_overdue_is_told() {
    let world = World::new();
    world.workflow(
        "steps:\n  read: { task: probe.fail, with: { kind: retry-after, code: busy, message: later, delay_ms: 3600000 }, retry: 9 }\n",
    );
    let mut live = Live::start(&world, &["run", "w.yaml"]);
    live.until("next in");
    live.signal(Signal::INT);
    live.end().expect(5);
    check(
        &world,
        expect![[r#"
        good runs that sleep until a time: 1
        --- exit 0
    "#]],
    );
    sql(&world, "UPDATE runs SET wake_at = 5");
    check(
        &world,
        expect![[r#"
        note runs whose time has come: 1
        --- exit 0
    "#]],
    );
}

#[test]
fn a_run_that_nothing_can_wake_is_a_defect_that_is_found() {
    let world = open();
    // Its row says that a message has to come, and it waits for none.
    sql(&world, "UPDATE runs SET wake_at = NULL");
    check(
        &world,
        expect![[r#"
        bad runs that nothing can wake: 1
        --- exit 74
    "#]],
    );
    // Its events say that it has ended, and its row does not.
    let world = greeting();
    world.jackfield(&["run", "w.yaml", "-q"]).expect(0);
    sql(&world, "UPDATE runs SET state = 1, wake_at = 5");
    check(
        &world,
        expect![[r#"
        bad runs that nothing can wake: 1
        --- exit 74
    "#]],
    );
    let world = open();
    sql(&world, "UPDATE events SET data = x'00' WHERE seq = 1");
    check(
        &world,
        expect![[r#"
        bad damaged runs: 1
        bad unreadable runs: 1
        --- exit 74
    "#]],
    );
}

#[test]
fn a_lock_whose_holder_nobody_has_is_told() {
    let world = open();
    let held = |name: &str, run: u64| {
        format!("INSERT INTO locks (name, run, step, item, permits, since) VALUES ('{name}', {run}, -1, -1, 1, 1772331300000);")
    };
    sql(&world, &held("shop\u{1b}[2J", 1));
    check(
        &world,
        expect![[r#"
        note runs that nobody runs: 1
        note held lock: shop\u001b[2J: held by run 1 since WHEN, which nobody runs: `jackfield resume 1` or `jackfield runs cancel 1` lets go of it
        --- exit 0
    "#]],
    );
    let mut live = Live::start(&world, &["resume", "1"]);
    live.until("attempt 2 started");
    check(
        &world,
        expect![[r#"
        good runs under way: 1
        --- exit 0
    "#]],
    );
    live.signal(Signal::INT);
    live.end().expect(5);
    world.jackfield(&["runs", "cancel", "1", "-q"]).expect(0);
    check(
        &world,
        expect![[r#"
        --- exit 0
    "#]],
    );
    sql(&world, &[held("old", 1), held("lost", 99)].concat());
    check(
        &world,
        expect![[r#"
        bad held lock: old: held by run 1 since WHEN, which has ended
        bad held lock: lost: held by run 99 since WHEN, which is not there
        --- exit 74
    "#]],
    );
}
