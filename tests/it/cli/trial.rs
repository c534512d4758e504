//! Tests of workflows: what passes, what does not and why, and files that cannot be run.

use expect_test::expect;
use kit::world::World;
use serde_json::json;

use super::{check, frozen};

/// A workflow whose tests can go wrong in many ways: it fetches, waits for a day, and saves each thing.
const ORDERS: &str = r#"inputs: { region: { type: string, default: eu } }
steps:
  fetch: { task: probe.echo, with: { value: { region: "${ inputs.region }" } }, retry: { attempts: 3, first: 10s } }
  approve: { wait: { approval: Save them? }, timeout: 1d, needs: fetch }
  save: { for-each: "${ asList(steps.fetch) }", needs: approve, task: probe.spin, with: { rounds: "${ asInt(item.rounds) }" } }
outputs: { saved: "${ size(steps.save) }", first: "${ steps.save[0] }", fetched: "${ steps.fetch }" }
"#;

/// A project with that workflow and these tests.
fn project(tests: &str) -> World {
    let world = World::new();
    world.workflow(ORDERS);
    world.write("w.test.yaml", tests);
    world
}

const GOOD: &str = r#"tests:
  everything-is-saved:
    steps:
      fetch:
        - error: { code: busy, kind: transient }
        - result: [{ rounds: 1 }, { rounds: 2 }]
      save: { result: 7, takes: 2s }
    signals: [{ after: 3h, step: approve, approved: true }]
    expect:
      state: done
      outputs: { saved: 2, first: 7 }
      calls: [fetch: { value: { region: eu } }, fetch, "save[0]", { "save[1]": { rounds: 2 } }]
      took: 3h2s
  nobody-approves:
    steps: { fetch: { result: [] } }
    expect: { error: { step: approve, code: wait.timeout }, took: 1d }
"#;

#[test]
fn tests_pass_without_a_task_being_called() {
    let world = project(GOOD);
    check(
        &world,
        &["test"],
        expect![[r#"
        w.test.yaml
          ✓ everything-is-saved  3h 00m
          ✓ nobody-approves  1d 00h
        --- stderr
        ✓ 2 tests in 1 file: 2 passed
        --- exit 0
    "#]],
    )
    .expect(0);
    assert!(!world.file(".jackfield").exists(), "nothing is recorded");
    check(
        &world,
        &["test", "w.yaml", "--filter", "nobody"],
        expect![[r#"
        w.test.yaml
          ✓ nobody-approves  1d 00h
        --- stderr
        ✓ 1 test in 1 file: 1 passed
        --- exit 0
    "#]],
    )
    .expect(0);
}

#[test]
fn what_is_not_as_expected_is_shown_at_its_place() {
    let world = project(
        r#"tests:
  wrong-in-many-ways:
    steps:
      fetch: { result: [{ rounds: 1, id: a }, { rounds: 2, id: b }] }
      save: { result: 7 }
    signals: [{ after: 3h, step: approve, approved: true }, { after: 2d, step: approve, approved: false }]
    expect:
      state: failed
      error: { step: save }
      outputs: { saved: 3, fetched: [{ rounds: 1, id: b }, { rounds: 2 }] }
      steps: { save: { state: done, attempts: 3 } }
      calls: [fetch, "save[0]": { rounds: 5 }]
      took: 2h
  never-approved:
    steps: { fetch: { result: [{ rounds: 1 }] }, save: { error: { code: bad, message: sold out } } }
    signals: [{ step: approve, approved: true }]
    expect: { state: done, outputs: { saved: 1 } }
  good:
    steps: { fetch: { result: [] } }
    signals: { step: approve, approved: false }
    expect: { state: failed }
"#,
    );
    check(
        &world,
        &["test"],
        expect![[r#"
        w.test.yaml
          ✗ wrong-in-many-ways  3h 00m
        error: the state of the run: expected failed, found done
         --> w.test.yaml:8:14
          |
        8 |       state: failed
          |              ^^^^^^ found done

        error: the step that failed the run: expected save, found none
         --> w.test.yaml:9:22
          |
        9 |       error: { step: save }
          |                      ^^^^ found none

        error: the output `saved`: expected 3, found 2
          --> w.test.yaml:10:25
           |
        10 |       outputs: { saved: 3, fetched: [{ rounds: 1, id: b }, { rounds: 2 }] }
           |                         ^ found 2

        error: the output `fetched` differs at 2 places
          --> w.test.yaml:10:37
           |
        10 |       outputs: { saved: 3, fetched: [{ rounds: 1, id: b }, { rounds: 2 }] }
           |                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ expected here
            [0].id
              expected  "b"
              found     "a"
            [1].id
              expected  nothing
              found     "b"

        error: the attempts of step `save`: expected 3, found 2
          --> w.test.yaml:11:47
           |
        11 |       steps: { save: { state: done, attempts: 3 } }
           |                                               ^ found 2

        error: the input of `save[0]` differs at one place
          --> w.test.yaml:12:33
           |
        12 |       calls: [fetch, "save[0]": { rounds: 5 }]
           |                                 ^^^^^^^^^^^^^ expected here
            rounds
              expected  5
              found     1

        error: call 3: expected no more calls, found save[1] with {"rounds":2}
          --> w.test.yaml:12:14
           |
        12 |       calls: [fetch, "save[0]": { rounds: 5 }]
           |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ found save[1] with {"rounds":2}

        error: the time it took: expected 2h, found 3h
          --> w.test.yaml:13:13
           |
        13 |       took: 2h
           |             ^^ found 3h

        w.test.yaml:6:61: warning[W107]: this comes too late: the run had ended (let it come earlier, or remove it)
          ✗ never-approved  TIME
        error: the state of the run: expected done, found failed
          --> w.test.yaml:17:22
           |
        17 |     expect: { state: done, outputs: { saved: 1 } }
           |                      ^^^^ found failed
           |
           = note: it failed at step `save` with bad: sold out

        error: the output `saved`: expected 1, found none: the run is failed
          --> w.test.yaml:17:46
           |
        17 |     expect: { state: done, outputs: { saved: 1 } }
           |                                              ^ found none: the run is failed

          ✓ good  TIME
        --- stderr
        ✗ 3 tests in 1 file: 1 passed, 2 failed
        --- exit 1
    "#]],
    )
    .expect(1);
}

#[test]
fn what_is_wrong_with_a_test_is_told_with_what_to_do() {
    let world = project(
        r#"tests:
  no-answer:
    steps: { fetch: { result: [{ rounds: 3 }] } }
    signals: [{ step: approve, approved: true }]
    expect: { state: done }
  wrong-type:
    steps: { fetch: { result: [{ rounds: 3 }] }, save: { result: many } }
    signals: [{ step: approve, approved: true }]
    expect: { state: done }
  no-such-step:
    steps: { fetsh: { result: 1 } }
    inputs: { regoin: us }
    expect: { state: done, outputs: { save: 1 } }
"#,
    );
    check(
        &world,
        &["test"],
        expect![[r#"
        w.test.yaml
          ✗ no-answer
        error[E004]: step `save[0]` was reached, and the test has no answer for it
         --> w.test.yaml:2:3
          |
        2 |   no-answer:
          |   ^^^^^^^^^
          |
          = help: add under `steps`: save: { result: 0 } (its input is {"rounds":3})

          ✗ wrong-type
        error[E015]: `save` never answers this: expected int, found string "many"
         --> w.test.yaml:7:56
          |
        7 |     steps: { fetch: { result: [{ rounds: 3 }] }, save: { result: many } }
          |                                                        ^^^^^^^^^^^^^^^^^
          |
          = help: it answers int

          ✗ no-such-step
        error[E009]: the workflow `w` has no step `fetsh`
          --> w.test.yaml:11:14
           |
        11 |     steps: { fetsh: { result: 1 } }
           |              ^^^^^
           |
           = help: did you mean `fetch`?

        error[E009]: the workflow has no input `regoin`
          --> w.test.yaml:12:15
           |
        12 |     inputs: { regoin: us }
           |               ^^^^^^
           |
           = help: did you mean `region`?

        error[E009]: the workflow has no output `save`
          --> w.test.yaml:13:39
           |
        13 |     expect: { state: done, outputs: { save: 1 } }
           |                                       ^^^^
           |
           = help: did you mean `saved`?

        --- stderr
        ✗ 3 tests in 1 file: 0 passed, 3 failed
        --- exit 1
    "#]],
    )
    .expect(1);
}

#[test]
fn bad_files_do_not_stop_the_others() {
    let world = project(GOOD);
    world.write("broken.test.yaml", "tests:\n  a: { expct: { state: done } }\n");
    world.write("lonely.test.yaml", "tests: { a: { expect: { state: done } } }\n");
    world.write("lost.test.yaml", "workflow: no/such.yaml\ntests: { a: { expect: { state: done } } }\n");
    world.write("sick.yaml", "workflow: sick\nsteps: { a: { slep: 1s } }\n");
    world.write("sick.test.yaml", "tests: { a: { expect: { state: done } } }\n");
    world.write("latin.test.yaml", b"tests: \xff");
    check(
        &world,
        &["test"],
        expect![[r#"
            broken.test.yaml
            error[E004]: the test `a` expects nothing, and so cannot fail
             --> broken.test.yaml:2:3
              |
            2 |   a: { expct: { state: done } }
              |   ^
              |
              = help: add `expect: { state: done }`

            error[E002]: unknown key `expct` in a test
             --> broken.test.yaml:2:8
              |
            2 |   a: { expct: { state: done } }
              |        ^^^^^
              |
              = help: did you mean `expect`?

            latin.test.yaml
            error: latin.test.yaml is not UTF-8 text: byte 7 is wrong

            lonely.test.yaml
            error[E018]: the workflow beside it cannot be read: lonely.yaml: No such file or directory (os error 2)
             --> lonely.test.yaml:1:1
              |
            1 | tests: { a: { expect: { state: done } } }
              | ^
              |
              = help: write `workflow: PATH` at the top, or rename one of the two files

            lost.test.yaml
            error[E018]: the workflow cannot be read: no/such.yaml: No such file or directory (os error 2)
             --> lost.test.yaml:1:11
              |
            1 | workflow: no/such.yaml
              |           ^^^^^^^^^^^^

            sick.test.yaml
            error: the workflow sick.yaml has errors, and so none of the tests of sick.test.yaml is run

            error[E004]: step `a` does nothing: it has no action
             --> sick.yaml:2:10
              |
            2 | steps: { a: { slep: 1s } }
              |          ^
              |
              = help: add `task: PLUGIN.TASK`, or one of: flow, sleep, until, wait, value

            error[E002]: unknown key `slep` in a step
             --> sick.yaml:2:15
              |
            2 | steps: { a: { slep: 1s } }
              |               ^^^^
              |
              = help: did you mean `sleep`?

            w.test.yaml
              ✓ everything-is-saved  3h 00m
              ✓ nobody-approves  1d 00h
            --- stderr
            ✗ 2 tests in 6 files: 2 passed, 5 files could not be run
            --- exit 2
        "#]],
    )
    .expect(2);
}

#[test]
fn programs_get_everything() {
    let world = project(
        "tests:\n  a: { steps: { fetch: { result: [] }, save: { result: 1 } }, expect: { state: done, outputs: { fetched: [1] } } }\n",
    );
    world.write("x/broken.test.yaml", "tests: 1\n");
    let answer = world.jackfield(&["test", "--json", "-q"]).expect(2);
    let report = answer.json();
    assert_eq!((&report["passed"], &report["failed"], &report["bad_files"]), (&json!(0), &json!(1), &json!(1)));
    let test = &report["files"][0]["tests"][0];
    assert_eq!(
        (&test["name"], &test["passed"], &test["state"], &test["took_ms"]),
        (&json!("a"), &json!(false), &json!("failed"), &json!(86_400_000))
    );
    assert_eq!(test["problems"][0]["code"], "W107");
    let state = json!({
        "what": "the state of the run", "line": 2, "column": 80, "end": { "line": 2, "column": 84 }, "expected": "done", "found": "failed",
        "differences": [], "more": 0, "note": "it failed at step `approve` with wait.timeout: nothing came within 86400000 ms",
    });
    assert_eq!(test["mismatches"][0], state);
    assert_eq!(report["files"][1]["problems"][0]["file"], "x/broken.test.yaml");
    assert_eq!(world.jackfield(&["test", "--json", "-q"]).stdout, answer.stdout, "the same again");
}

#[test]
fn where_there_are_no_tests_that_is_said() {
    let world = World::new();
    world.workflow(ORDERS);
    check(
        &world,
        &["test"],
        expect![[r#"
        --- stderr
        error: there are no test files (NAME.test.yaml) below .
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["test", "w.yaml"],
        expect![[r#"
        --- stderr
        error: w.yaml has no test file beside it: w.test.yaml is not there
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["test", "no.test.yaml"],
        expect![[r#"
        --- stderr
        error: no.test.yaml: No such file or directory (os error 2)
        --- exit 2
    "#]],
    )
    .expect(2);
    world.write("w.test.yaml", GOOD);
    check(
        &world,
        &["test", "--filter", "nothing-like-it"],
        expect![[r#"
        --- stderr
        error: no test has `nothing-like-it` in its name
        --- exit 2
    "#]],
    )
    .expect(2);
}

#[test]
fn colours_are_for_those_who_want_them() {
    let world = project("tests:\n  it: { steps: { fetch: { result: [1] } }, expect: { outputs: { fetched: [2] } } }\n");
    let mut call = world.call(&["test", "--color", "always"]);
    call.env_remove("NO_COLOR");
    let answer = kit::cli::Answer::of(call.output().expect("it runs"));
    let shown = frozen(&world, &answer.stdout);
    assert!(shown.contains("\u{1b}[31m") || shown.contains("\u{1b}[1m\u{1b}[31m"), "{shown:?}");
    assert!(!world.jackfield(&["test"]).stdout.contains('\u{1b}'));
}
