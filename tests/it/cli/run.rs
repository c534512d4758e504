//! Running to the end: what is printed, and the exit codes of runs.

use expect_test::expect;
use kit::world::World;
use serde_json::json;

use super::{check, greeting};

#[test]
fn a_run_prints_its_outputs_and_says_what_happens() {
    let world = greeting();
    check(
        &world,
        &["run", "w.yaml"],
        expect![[r#"
        answer:
          {
            "hello": "Ada"
          }
        --- stderr
        run 1: w
        step greet: started
        step greet: done in TIME
        ✓ run 1 done in TIME
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["run", "w.yaml", "--quiet", "-i", "name=Grace"],
        expect![[r#"
        answer:
          {
            "hello": "Grace"
          }
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
}

#[test]
fn a_run_for_programs_is_one_object() {
    let world = greeting();
    let report = world.jackfield(&["run", "w.yaml", "--json"]).expect(0).json();
    assert_eq!(report["outputs"], json!({"answer": {"hello": "Ada"}}));
    assert_eq!((&report["run"], &report["workflow"], &report["status"]), (&json!(1), &json!("w"), &json!("done")));
    assert_eq!(report["steps"][0]["name"], "greet");
    assert_eq!(report["failure"], json!(null));
}

#[test]
fn a_failed_run_says_where_why_and_what_to_do() {
    let world = World::new();
    world.workflow(
        "steps:\n  bad: { task: probe.fail, with: { kind: permanent, code: no-stock, message: \"sold\\nout\\e[2J\", data: { left: 0 } } }\n  after: { task: probe.echo, needs: bad, with: { value: 1 } }\n",
    );
    check(
        &world,
        &["run", "w.yaml"],
        expect![[r#"
        --- stderr
        run 1: w
        step bad: started
        step bad: attempt 1 failed, no-stock: sold\nout\x1b[2J; it is not tried again
        step bad: failed after TIME
        ✗ run 1 failed in TIME
        failed at step bad: no-stock
          sold
          out\x1b[2J
          data: {"left":0}
        what it logged:  jackfield runs logs 1 --step bad
        from there on:   jackfield runs rerun 1 --from bad
        --- exit 1
    "#]],
    )
    .expect(1);
    let report = world.jackfield(&["run", "w.yaml", "--json", "--quiet"]).expect(1).json();
    assert_eq!(
        (&report["status"], &report["failure"]["step"], &report["failure"]["code"]),
        (&json!("failed"), &json!("bad"), &json!("no-stock"))
    );
    check(
        &world,
        &["runs", "show", "1"],
        expect![[r#"
        ✗ run 1  w  failed
          began WHEN, took TIME

        STEP   TASK        STATE      ATTEMPTS  ITEMS  TOOK
        bad    probe.fail  failed     1  TIME
        after  probe.echo  cancelled

        failed at step bad: no-stock
          sold
          out\x1b[2J
          data: {"left":0}
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["runs", "rerun", "1", "--from", "bda"],
        expect![[r#"
        --- stderr
        error: run 1 has no step `bda`; did you mean `bad`?
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["resume", "1"],
        expect![[r#"
        --- stderr
        error: run 1 is already failed; what has ended does not change. To run it again from a step: `jackfield runs rerun 1 --from STEP`
        --- exit 3
    "#]],
    )
    .expect(3);
    check(
        &world,
        &["runs", "cancel", "1"],
        expect![[r#"
        --- stderr
        error: run 1 is already failed; what has ended does not change. To run it again from a step: `jackfield runs rerun 1 --from STEP`
        --- exit 3
    "#]],
    )
    .expect(3);
}

#[test]
fn a_rerun_takes_over_what_it_does_not_repeat() {
    let world = World::new();
    world.workflow(
        "steps:\n  first: { task: probe.echo, with: { value: 1 } }\n  second: { task: probe.context, needs: first }\n  third: { task: probe.echo, with: { value: \"${ steps.second.run }\" } }\noutputs: { third: \"${ steps.third }\" }\n",
    );
    let first = world.jackfield(&["run", "w.yaml", "--json"]).expect(0).json();
    let again = world.jackfield(&["runs", "rerun", "1", "--from", "second", "--json"]).expect(0).json();
    assert_eq!((&again["run"], &again["rerun_of"]), (&json!(2), &json!(1)));
    assert_eq!(again["steps"][0]["attempts"], 0);
    assert_eq!(again["steps"][1]["attempts"], 1);
    assert_ne!(first["outputs"], again["outputs"], "the second step ran again, in another run");
    check(
        &world,
        &["runs", "rerun", "1", "--from", "third"],
        expect![[r#"
        third: 1
        --- stderr
        run 3: repeats run 1 from third
        step first: result taken over from run 1
        step second: result taken over from run 1
        step third: started
        step third: done in TIME
        ✓ run 3 done in TIME
        --- exit 0
    "#]],
    )
    .expect(0);
}

#[test]
fn what_was_skipped_is_taken_over_as_skipped() {
    let world = World::new();
    world.workflow(
        "inputs: { no: { type: bool, default: false } }\nsteps:\n  off: { if: \"${ inputs.no }\", task: probe.echo, with: { value: 1 } }\n  bad: { task: probe.fail, needs: off, with: { kind: permanent } }\n",
    );
    world.jackfield(&["run", "w.yaml"]).expect(1);
    check(
        &world,
        &["runs", "rerun", "1", "--from", "bad"],
        expect![[r#"
        --- stderr
        run 2: repeats run 1 from bad
        step off: skipped, its condition is false
        step bad: started
        step bad: attempt 1 failed, planned: as asked; it is not tried again
        step bad: failed after TIME
        ✗ run 2 failed in TIME
        failed at step bad: planned
          as asked
        what it logged:  jackfield runs logs 2 --step bad
        from there on:   jackfield runs rerun 2 --from bad
        --- exit 1
    "#]],
    )
    .expect(1);
}

#[test]
fn everything_is_told_however_fast_it_was() {
    let world = World::new();
    world.workflow(
        "steps:
  talk: { task: probe.log-lines, with: { lines: 3, message: hello } }
  late: { task: probe.fail-until, needs: talk, with: { attempt: 3, kind: transient }, retry: { attempts: 3, first: 1ms, max: 1ms, jitter: none } }
  each: { for-each: [1], task: probe.log-lines, needs: late, with: { lines: 1, message: \"${ 'item ' + string(item) }\" } }
",
    );
    check(
        &world,
        &["run", "w.yaml", "--watch", "--key", "k"],
        expect![[r#"
        --- stderr
        run 1: w
        step talk: started
        talk trace: hello n=0
        talk debug: hello n=1
        talk info: hello n=2
        step talk: done in TIME
        step late: started
        step late: attempt 1 failed, not-yet: attempt 1 of 3; next in TIME
        step late: attempt 2 started
        step late: attempt 2 failed, not-yet: attempt 2 of 3; next in TIME
        step late: attempt 3 started
        step late: done in TIME
        step each: started, 1 item
        each[0] trace: item 1 n=0
        step each: done in TIME
        ✓ run 1 done in TIME
        --- exit 0
    "#]],
    )
    .expect(0);
    // What a run that has ended tells again is what it told while it ran; its log is kept elsewhere.
    check(
        &world,
        &["run", "w.yaml", "--watch", "--key", "k"],
        expect![[r#"
        --- stderr
        run 1: w
        step talk: started
        step talk: done in TIME
        step late: started
        step late: attempt 1 failed, not-yet: attempt 1 of 3; next in TIME
        step late: attempt 2 started
        step late: attempt 2 failed, not-yet: attempt 2 of 3; next in TIME
        step late: attempt 3 started
        step late: done in TIME
        step each: started, 1 item
        step each: done in TIME
        ✓ run 1 done in TIME
        --- exit 0
    "#]],
    )
    .expect(0);
}

#[test]
fn a_key_starts_a_run_once() {
    let world = greeting();
    let run = |words: &[&str], code| world.jackfield(&[&["run", "w.yaml", "--key", "nightly", "--json"], words].concat()).expect(code);
    assert_eq!(run(&[], 0).json()["run"], 1);
    assert_eq!(run(&[], 0).json()["run"], 1);
    let other = run(&["-i", "name=Eve"], 3);
    assert!(other.stderr.contains("client key `nightly` was already used for run 1"), "{}", other.stderr);
}

#[test]
fn d24_a_result_that_equals_a_word_of_the_engine_is_data() {
    let words =
        ["retryable", "SQLITE_BUSY", "transient", "failed", "cancelled", "limit.time", "blocked", "${ steps.none }", "null", "error: x"];
    let world = World::new();
    let list = serde_json::to_string(&words).expect("texts");
    world.workflow(&format!(
        "inputs: {{ words: {{ type: list, items: string, default: {list} }} }}\nsteps:\n  say: {{ for-each: \"${{ inputs.words }}\", task: probe.echo, with: {{ value: \"${{ item }}\" }} }}\n  again: {{ task: probe.echo, with: {{ value: \"${{ steps.say }}\" }} }}\noutputs: {{ words: \"${{ steps.again }}\" }}\n"
    ));
    let report = world.jackfield(&["run", "w.yaml", "--json"]).expect(0).json();
    assert_eq!(report["outputs"]["words"], json!(words));
    assert_eq!(report["steps"][0]["items"]["done"], words.len());
    assert!(report["steps"].as_array().is_some_and(|steps| steps.iter().all(|step| step["status"] == "done" && step["failure"].is_null())));
}

#[test]
fn d24_an_error_that_a_task_makes_up_in_the_engines_words_stays_its_own() {
    let world = World::new();
    world.workflow(
        "steps:\n  bad: { task: probe.fail, with: { kind: permanent, code: limit.time, message: SQLITE_BUSY retryable }, retry: 5 }\n",
    );
    let report = world.jackfield(&["run", "w.yaml", "--json"]).expect(1).json();
    assert_eq!(report["steps"][0]["attempts"], 1, "permanent is what counts, not the text");
    assert_eq!(report["failure"]["kind"], "permanent");
}

#[test]
fn what_tasks_log_is_kept_and_shown_escaped() {
    let world = World::new();
    world.workflow("steps:\n  talk: { task: probe.log-lines, with: { lines: 5, message: \"a\\e]0;t\\abc\\u202ed\\re\" } }\n  each: { for-each: [1, 2], task: probe.log-lines, with: { lines: 1, message: \"${ 'item ' + string(item) }\" } }\n");
    let run = world.jackfield(&["run", "w.yaml", "--watch"]).expect(0);
    let logs = world.jackfield(&["runs", "logs", "1", "--step", "talk"]).expect(0);
    assert_eq!(logs.stdout.lines().filter(|line| line.contains("a\\x1b]0;t\\x07bc\\u{202e}d\\re")).count(), 5, "{}", logs.stdout);
    for text in [&run.stderr, &logs.stdout] {
        assert!(!text.contains(['\x1b', '\x07', '\u{202e}', '\r']), "{text:?}");
    }
    let json = world.jackfield(&["runs", "logs", "1", "--step", "each", "--item", "1", "--json"]).expect(0).json();
    assert_eq!((&json["step"], &json["item"], &json["text"]), (&json!("each"), &json!(1), &json!("item 2")));
    check(
        &world,
        &["runs", "logs", "1", "--step", "tlak"],
        expect![[r#"
        --- stderr
        error: run 1 has no step `tlak`; did you mean `talk`?
        --- exit 2
    "#]],
    )
    .expect(2);
}
