//! Signals, approvals and decisions from another process: heard by the engine that has the run, or recorded for the next one.

use expect_test::expect;
use kit::world::World;
use rustix::process::Signal;
use serde_json::json;

use super::{Live, check, frozen};

/// A step that asks, and one that says what was answered.
const ASKING: &str = "workflow: w
steps:
  ask: { wait: { approval: Ship it? } }
  ship: { value: \"${ steps.ask.by }\" }
outputs: { by: \"${ steps.ship }\" }
";

/// A step that waits for a signal with a number.
const LISTENING: &str = "workflow: w
steps:
  paid: { wait: { signal: paid, type: int } }
outputs: { amount: \"${ steps.paid }\" }
";

fn world(text: &str) -> World {
    let world = World::new();
    world.write("w.yaml", text);
    world
}

/// A run that waits in a process of its own, until that has said `part`.
fn waiting(text: &str, part: &str) -> (World, Live) {
    let world = world(text);
    let mut live = Live::start(&world, &["run", "w.yaml"]);
    live.until(part);
    (world, live)
}

/// A run that waits, and that nobody has any more.
fn given_back(text: &str, part: &str) -> World {
    let (world, live) = waiting(text, part);
    live.signal(Signal::INT);
    live.end().expect(5);
    world
}

#[test]
fn a_run_that_waits_goes_on_when_another_process_approves() {
    let (world, live) = waiting(ASKING, "runs approve");
    check(
        &world,
        &["runs", "why", "1"],
        expect![[r#"
        ask waits for an approval, "Ship it?": jackfield runs approve 1 ask
        step ship waits for ask
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["runs", "approve", "1", "ask", "--by", "anna", "--note", "looked at it"],
        expect![[r#"
        --- stderr
        run 1: ask approved
        --- exit 0
    "#]],
    )
    .expect(0);
    let answer = live.end().expect(0);
    expect![[r#"
        run 1: w
        step ask waits for an approval, "Ship it?": jackfield runs approve 1 ask
        run 1 waits until somebody says so; Ctrl-C gives it back
        step ask: approved by anna: looked at it
        step ask: done in TIME
        step ship: done in TIME
        ✓ run 1 done in TIME
        ---
        by: anna
    "#]]
    .assert_eq(&frozen(&world, &format!("{}---\n{}", answer.stderr, answer.stdout)));
}

#[test]
fn an_approval_without_an_engine_is_recorded_and_found_by_the_next_one() {
    let (world, live) = waiting(ASKING, "runs approve");
    live.signal(Signal::INT);
    let stopped = live.end().expect(5);
    expect![[r#"
        run 1: w
        step ask waits for an approval, "Ship it?": jackfield runs approve 1 ask
        run 1 waits until somebody says so; Ctrl-C gives it back
        stopping; once more ends at once
        interrupted; run 1 stands where it was, go on with: jackfield resume 1
    "#]]
    .assert_eq(&frozen(&world, &stopped.stderr));
    check(
        &world,
        &["runs", "approve", "1", "ask", "--by", "anna"],
        expect![[r#"
        --- stderr
        run 1: ask approved
        nobody runs it now; it goes on with: jackfield resume 1
        --- exit 0
    "#]],
    )
    .expect(0);
    let again = world.jackfield(&["runs", "approve", "1", "ask"]).expect(3);
    assert!(again.stderr.contains("decided before: approved"), "{}", again.stderr);
    check(
        &world,
        &["resume", "1"],
        expect![[r#"
        by: anna
        --- stderr
        run 1: resumed
        step ask: done in TIME
        step ship: done in TIME
        ✓ run 1 done in TIME
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["runs", "approve", "1", "ask"],
        expect![[r#"
        --- stderr
        error: run 1 is already done; what has ended does not change. To run it again from a step: `jackfield runs rerun 1 --from STEP`
        --- exit 3
    "#]],
    )
    .expect(3);
}

#[test]
fn a_denial_fails_the_step() {
    let world = given_back(ASKING, "runs approve");
    world.jackfield(&["runs", "approve", "1", "ask", "--deny", "--by", "anna", "--note", "not on Fridays"]).expect(0);
    check(
        &world,
        &["resume", "1"],
        expect![[r#"
        --- stderr
        run 1: resumed
        step ask: approval.denied: denied by anna: not on Fridays
        step ask: failed after TIME
        ✗ run 1 failed in TIME
        failed at step ask: approval.denied
          denied by anna: not on Fridays
        what it logged:  jackfield runs logs 1 --step ask
        from there on:   jackfield runs rerun 1 --from ask
        --- exit 1
    "#]],
    )
    .expect(1);
}

#[test]
fn a_signal_carries_what_the_step_wants_and_the_same_one_counts_once() {
    let (world, live) = waiting(LISTENING, "runs signal");
    check(
        &world,
        &["runs", "signal", "1", "payd", "3"],
        expect![[r#"
        --- stderr
        error: run 1: no step of `w` waits for a signal `payd`; did you mean `paid`?
        --- exit 3
    "#]],
    )
    .expect(3);
    check(
        &world,
        &["runs", "signal", "1", "paid", "\"much\""],
        expect![[r#"
        --- stderr
        error: run 1: the payload of `paid` must be int: expected int, found string "much"
        --- exit 3
    "#]],
    )
    .expect(3);
    check(
        &world,
        &["runs", "signal", "1", "paid", "much"],
        expect![[r#"
        --- stderr
        error: the payload must be JSON: this is not JSON: expected a value, found 'm' (line 1, column 1); a text is written as '"much"'
        --- exit 2
    "#]],
    )
    .expect(2);
    live.signal(Signal::INT);
    live.end().expect(5);
    for _ in 0..2 {
        let told = world.jackfield(&["runs", "signal", "1", "paid", "3", "--id", "payment-1", "--json"]).expect(0);
        assert_eq!(told.json(), json!({"run": 1, "accepted": true, "heard": false, "status": "running"}));
    }
    let other = world.jackfield(&["runs", "signal", "1", "paid", "4", "--id", "payment-1"]).expect(3);
    assert!(other.stderr.contains("accepted before with other content"), "{}", other.stderr);
    assert_eq!(world.jackfield(&["resume", "1", "--json"]).expect(0).json()["outputs"]["amount"], 3);
    let late = world.jackfield(&["runs", "signal", "1", "paid", "4"]).expect(3);
    assert!(late.stderr.contains("already done"), "{}", late.stderr);
}

#[test]
fn a_payload_of_a_megabyte_reaches_an_engine_and_a_larger_one_is_refused() {
    let (world, live) = waiting(
        "workflow: w\nsteps:\n  a: { wait: { signal: text, type: string } }\noutputs: { n: \"${ size(steps.a) }\" }\n",
        "runs signal",
    );
    let text = |bytes: usize| serde_json::to_string(&"\"".repeat(bytes)).expect("JSON");
    world.write("large.json", text((1 << 19) - 2));
    world.write("larger.json", text(1 << 19));
    let refused = world.jackfield(&["runs", "signal", "1", "text", "@larger.json"]).expect(3);
    assert!(refused.stderr.contains("1048576"), "{}", refused.stderr);
    world.jackfield(&["runs", "signal", "1", "text", "@large.json"]).expect(0);
    assert_eq!(live.end().expect(0).stdout, "n: 524286\n");
}

#[test]
fn what_cannot_be_asked_is_refused_with_what_can() {
    let world = given_back(ASKING, "runs approve");
    for (words, expected) in [
        (
            &["runs", "approve", "1", "ship"][..],
            expect![[r#"
            error: run 1: `ship` asks for no approval; these do: ask
            exit 3
        "#]],
        ),
        (
            &["runs", "approve", "1", "aks"][..],
            expect![[r#"
            error: run 1 has no step `aks`; did you mean `ask`?
            exit 2
        "#]],
        ),
        (
            &["runs", "approve", "1", "ask[0]"][..],
            expect![[r#"
            error: run 1: `ask[0]` asks for no approval; these do: ask
            exit 3
        "#]],
        ),
        (
            &["runs", "signal", "1", "go"][..],
            expect![[r#"
            error: run 1: no step of `w` waits for a signal `go`
            exit 3
        "#]],
        ),
        (
            &["runs", "resolve", "1", "ask", "--as", "retry"][..],
            expect![[r#"
            error: run 1: there is nothing to resolve at `ask`; nor anywhere else in this run
            exit 3
        "#]],
        ),
        (
            &["runs", "resolve", "1", "ask", "--as", "retry", "--result", "1"][..],
            expect![[r#"
            error: only what is done has a result: `--result` stands with `--as done`
            exit 2
        "#]],
        ),
        (
            &["runs", "approve", "7", "ask"][..],
            expect![[r#"
            error: run 7 does not exist in this store
            exit 2
        "#]],
        ),
    ] {
        let answer = world.jackfield(words);
        expected.assert_eq(&format!("{}exit {}\n", frozen(&world, &answer.stderr), answer.code));
    }
}

#[test]
fn an_attempt_that_nobody_knows_the_end_of_waits_until_somebody_does() {
    let world = World::new();
    world.workflow("steps:\n  pay: { task: probe.spin-forever, timeout: 1h, effect: at-most-once }\n  after: { value: 1, needs: pay }\n");
    let mut live = Live::start(&world, &["run", "w.yaml"]);
    live.until("step pay: started");
    live.signal(Signal::KILL);
    live.end();
    check(
        &world,
        &["resume", "1"],
        expect![[r#"
        --- stderr
        run 1: resumed
        step pay: nobody knows what attempt 1 did, host.lost: the worker stopped while the attempt ran
        run 1: blocked: nobody knows what attempt 1 of pay did, and it may not be repeated
        ! run 1 blocked
        run 1 is blocked: nobody knows what attempt 1 of pay did, and it may not be repeated
        to let it go on: jackfield runs resolve 1 pay --as done|failed|retry
        --- exit 4
    "#]],
    )
    .expect(4);
    check(&world, &["runs", "why", "1"], expect![[r#"
        nobody knows what attempt 1 of pay did (host.lost: the worker stopped while the attempt ran), and it may not be repeated: jackfield runs resolve 1 pay --as done|failed|retry
        --- stderr
        --- exit 0
    "#]]).expect(0);
    check(
        &world,
        &["runs", "resolve", "1", "pay", "--as", "done", "--result", "\"text\""],
        expect![[r#"
        --- stderr
        error: run 1: `pay`: the result must be int: expected int, found string "text"
        --- exit 3
    "#]],
    )
    .expect(3);
    check(
        &world,
        &["runs", "resolve", "1", "pay", "--as", "done", "--result", "0"],
        expect![[r#"
        --- stderr
        run 1: pay resolved as done
        nobody runs it now; it goes on with: jackfield resume 1
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["resume", "1"],
        expect![[r#"
        --- stderr
        run 1: resumed
        step after: done in TIME
        ✓ run 1 done in TIME
        --- exit 0
    "#]],
    )
    .expect(0);
}
