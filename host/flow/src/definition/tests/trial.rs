//! Test files: what is read, and every problem of what is not.

use expect_test::{Expect, expect};

use super::schema::{judge, seen, tree};
use crate::definition::keys::{Place, Shape};
use crate::definition::{Source, TrialFile, TrialTarget, read_trials, test_schema};
use crate::run::FailureKind;
use crate::types::Value;

fn read(text: &str) -> (Option<TrialFile>, String) {
    let source = Source::new("t", text);
    let (file, problems) = read_trials(&source);
    (file, problems.iter().map(|problem| format!("{}\n", problem.line(&source).trim_start_matches("t:"))).collect())
}

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&read(text).1);
}

/// A test whose lines these are.
#[track_caller]
fn check_test(lines: &str, expected: Expect) {
    check(&format!("tests:\n  it:\n    {lines}\n"), expected);
}

#[track_caller]
fn sound(text: &str) -> TrialFile {
    let (file, problems) = read(text);
    assert_eq!(problems, "");
    file.expect("a file")
}

/// The example of the language reference.
fn reference() -> &'static str {
    let page = include_str!("../../../../LANGUAGE.md");
    let section = page.split("## Testing a workflow without the world").nth(1).expect("the section");
    section.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example")
}

#[test]
fn the_example_of_the_reference_is_read() {
    let file = sound(reference());
    assert_eq!(file.workflow.expect("a path").value.as_ref(), "./orders.yaml");
    let trial = &file.trials[0];
    assert_eq!((trial.started_at_ms, trial.cancel_after_ms.as_ref().map(|after| after.value)), (1_767_225_600_000, Some(10_800_000)));
    let steps: Vec<&str> = trial.stubs.iter().map(|stub| &*stub.step.value).collect();
    assert_eq!(steps, ["fetch", "save", "save/compensate", "check", "archive"]);
    let check = &trial.stubs[3];
    assert_eq!((check.answers.len(), check.answers[0].takes_ms, &*check.items[0].item.value), (1, 120_000, "1"));
    assert_eq!(trial.stubs[1].answers.len(), 2);
    assert!(matches!(&trial.signals[1].to, TrialTarget::Approval { step, approved: true } if &*step.value == "approve"));
    let calls = trial.expect.calls.as_ref().expect("calls");
    let places: Vec<&str> = calls.value.iter().map(|call| &*call.place.value).collect();
    assert_eq!((places.as_slice(), calls.value[0].input.is_some()), (["fetch", "save[0]", "save[1]"].as_slice(), true));
    assert_eq!(trial.expect.took_ms.as_ref().map(|took| took.value), Some(120_000));
}

#[test]
fn errors_have_kinds_and_those_of_the_engine_their_own() {
    let kind = |error: &str| {
        let file = sound(&format!("tests: {{ it: {{ steps: {{ a: {{ error: {error} }} }}, expect: {{ took: 0 }} }} }}"));
        file.trials[0].stubs[0].answers[0].result.clone().expect_err("an error").kind
    };
    assert_eq!(kind("{ code: no }"), FailureKind::Permanent);
    assert_eq!(kind("{ code: no, kind: transient }"), FailureKind::Transient);
    assert_eq!(kind("{ code: no, kind: unknown-outcome }"), FailureKind::UnknownOutcome);
    assert_eq!(kind("{ code: no, retry-after: 2s }"), FailureKind::RetryAfter(2_000));
    assert_eq!(kind("{ code: limit.time }"), FailureKind::Transient);
    assert_eq!(kind("{ code: limit.time, kind: permanent }"), FailureKind::Permanent);
}

#[test]
fn answers_are_values_and_no_templates() {
    let file = sound("tests: { it: { steps: { a: { result: \"${ x }\" }, b: { result: } }, expect: { outputs: { a: null } } } }");
    let results: Vec<Value> = file.trials[0].stubs.iter().map(|stub| stub.answers[0].result.clone().expect("a result")).collect();
    assert_eq!(results, [Value::string("${ x }"), Value::Null]);
}

#[test]
fn a_file_needs_tests_and_a_test_something_to_expect() {
    check(
        "workflow: w.yaml\n",
        expect![[r#"
        1:1: error[E004]: a test file needs `tests` (add `tests:`. Names with tests.)
    "#]],
    );
    check(
        "tests: {}\n",
        expect![[r#"
        1:8: error[E004]: there is no test (add one: NAME: { expect: { state: done } })
    "#]],
    );
    check(
        "tests: [a]\n",
        expect![[r#"
        1:8: error[E005]: expected a mapping from names to tests, found a list
    "#]],
    );
    check(
        "tests:\n  a: { steps: {} }\n  B: { expect: { state: done } }\n  c: { expect: {} }\n  c: { expect: { state: done } }\n",
        expect![[r#"
            2:3: error[E004]: the test `a` expects nothing, and so cannot fail (add `expect: { state: done }`)
            3:3: error[E007]: `B` cannot name a test (1 character) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
            4:16: error[E004]: nothing is expected, and so the test cannot fail (add `state: done`)
            5:3: error[E003]: `c` stands twice (it is already in line 4)
        "#]],
    );
}

#[test]
fn keys_are_known() {
    check(
        "test: {}\ntests: { a: { input: {}, expect: { sate: done, error: { cod: x }, steps: { b: { attempt: 1 } } } } }\n",
        expect![[r#"
            1:1: error[E002]: unknown key `test` in a test file (did you mean `tests`?)
            2:15: error[E002]: unknown key `input` in a test (did you mean `inputs`?)
            2:36: error[E002]: unknown key `sate` in `expect` (did you mean `state`?)
            2:55: error[E004]: `expect.error` has a `step` or a `code`, or both (to expect any failure, write `state: failed`)
            2:57: error[E002]: unknown key `cod` in `expect.error` (did you mean `code`?)
            2:81: error[E002]: unknown key `attempt` in what is expected of a step (did you mean `attempts`?)
        "#]],
    );
    check_test(
        "steps: { a: { reslt: 1 }, b: { result: 1, retry: 3 } }\n    expect: { took: 1s }",
        expect![[r#"
            3:17: error[E004]: an answer has either a `result` or an `error` (write `{ result: … }` or `{ error: { code: … } }`)
            3:19: error[E002]: unknown key `reslt` in an answer (did you mean `result`?)
            3:47: error[E002]: unknown key `retry` in an answer (`retry` is a key of a step; an answer has: result, error, takes, items)
        "#]],
    );
}

#[test]
fn an_answer_is_a_result_or_an_error() {
    check_test(
        "steps:
      a: {}
      b: { result: 1, error: { code: x } }
      c: []
      d: [{ items: {} }]
      e: { takes: 1s, items: { 0: { result: 1 } } }
      f: 7
      g: { items: { one: [], -1: { result: 1 }, 01: { result: 1 } } }
      h: { result: 1, takes: 0 }
    expect: { took: 1s }",
        expect![[r#"
            4:10: error[E004]: an answer has either a `result` or an `error` (write `{ result: … }` or `{ error: { code: … } }`)
            5:10: error[E004]: an answer has either a `result` or an `error` (write `{ result: … }` or `{ error: { code: … } }`)
            6:10: error[E004]: an empty list answers nothing (write `{ result: … }`)
            7:11: error[E004]: an answer has either a `result` or an `error` (write `{ result: … }` or `{ error: { code: … } }`)
            7:13: error[E002]: unknown key `items` in an answer (`items` is a key of an input; an answer has: result, error, takes)
            8:12: error[E016]: `takes` belongs to `result` or `error`, which is not here (remove `takes`, or write it where `result` is)
            9:10: error[E005]: expected a mapping (an answer), found a number
            10:26: error[E004]: an empty list answers nothing (write `{ result: … }`)
            10:30: error[E005]: `-1` is neither the number of an item nor the name of a contender (items are counted from 0)
            10:49: error[E005]: `01` is neither the number of an item nor the name of a contender (items are counted from 0)
            11:30: error[E006]: `takes` is `0`, which is not a duration of 1ms to 3660d (write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d)
        "#]],
    );
}

#[test]
fn errors_are_checked() {
    check_test(
        "steps:
      a: { error: {} }
      b: { error: { code: Bad Code } }
      c: { error: { code: x, kind: sometimes } }
      d: { error: { code: x, kind: transient, retry-after: 1s } }
      e: { error: bad }
    expect: { took: 1s }",
        expect![[r#"
            4:19: error[E004]: an error needs `code` (add `code:`. Its code: the task's own, or the engine's, such as `limit.time`.)
            5:27: error[E007]: `Bad Code` is no code of a failure (a task's codes are 1 to 64 characters of a-z, 0-9 and `-`; the engine's have a dot, such as `limit.time`)
            6:36: error[E005]: `kind` is `sometimes` (one of: permanent, transient, unknown-outcome)
            7:30: error[E016]: an error has a `kind` or a `retry-after`, which is a kind of its own (remove one of them)
            8:19: error[E005]: expected a mapping (an error), found a text
        "#]],
    );
}

#[test]
fn signals_are_for_somebody() {
    check_test(
        "signals:
      - {}
      - { name: a, step: b, approved: true }
      - { step: b }
      - { step: b, approved: perhaps }
      - { step: b, approved: true, payload: 1 }
      - { after: soon, name: a }
    expect: { took: 1s }",
        expect![[r#"
            4:9: error[E004]: a signal has a `name`, or the `step` that it decides and `approved` (write `{ name: SIGNAL, payload: … }` or `{ step: STEP, approved: true }`)
            5:9: error[E004]: a signal has a `name`, or the `step` that it decides and `approved` (write `{ name: SIGNAL, payload: … }` or `{ step: STEP, approved: true }`)
            6:9: error[E004]: a signal has a `name`, or the `step` that it decides and `approved` (write `{ name: SIGNAL, payload: … }` or `{ step: STEP, approved: true }`)
            7:30: error[E005]: `approved` is `perhaps` (one of: true, false)
            8:36: error[E016]: `payload` belongs to `name`, which is not here (remove `payload`, or write it where `name` is)
            9:18: error[E006]: `after` is `soon`, which is not a duration of 1ms to 3660d (write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d)
        "#]],
    );
}

#[test]
fn what_is_expected_is_checked() {
    check_test(
        "started-at: yesterday
    cancel-after: never
    expect:
      state: skipped
      error: {}
      outputs: [1]
      steps: { a: finished, b: { state: don, attempts: -1 } }
      calls: { a: 1 }
      took: 0s",
        expect![[r#"
            3:17: error[E005]: `yesterday` is not an instant (write it as RFC 3339 text, such as 2026-01-31T12:00:00Z)
            4:19: error[E006]: `cancel-after` is `never`, which is not a duration of 1ms to 3660d (write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d)
            6:14: error[E005]: `state` is `skipped` (one of: done, failed, cancelled, blocked, running, waiting)
            7:14: error[E004]: `expect.error` has a `step` or a `code`, or both (to expect any failure, write `state: failed`)
            8:16: error[E005]: expected a mapping from outputs to values, found a list
            9:19: error[E005]: `state` is `finished` (one of: done, failed, skipped, cancelled, blocked, running, waiting)
            9:41: error[E005]: `state` is `don` (did you mean `done`?)
            9:56: error[E006]: `attempts` is -1; it may be 0 to 1000000
            10:14: error[E005]: expected a list of calls, such as `[fetch, "save[0]"]`, found a mapping
            11:13: error[E006]: `took` is 0s; it may be 1ms to 3660d (write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d)
        "#]],
    );
    check_test(
        "expect: { calls: [{ a: 1, b: 2 }, [a], a], took: 0 }",
        expect![[r#"
        3:23: error[E005]: a call is one step with its input (write each call as an element of its own: `- STEP: { … }`)
        3:39: error[E005]: expected STEP or STEP[ITEM], and its input, found a list
    "#]],
    );
}

#[test]
fn no_file_is_the_readers_end() {
    let text = reference();
    for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
        read(&text[..at]);
        read(&text[at..]);
        read(&format!("{}[{}", &text[..at], &text[at..]));
    }
}

#[test]
fn every_key_is_documented_once() {
    for place in Place::OF_TESTS {
        let mut names = std::collections::BTreeSet::new();
        for key in place.keys() {
            assert!(names.insert(key.name), "{place:?} has `{}` twice", key.name);
            assert!(key.docs.ends_with('.') && !key.docs.contains('\n'), "{place:?} `{}`: {}", key.name, key.docs);
            assert!(key.beside.iter().all(|other| place.key(other).is_some()), "{place:?} `{}`", key.name);
        }
    }
}

#[test]
fn every_word_is_read() {
    let expect = |place: Place, key: &str| match place.key(key).map(|key| key.shape) {
        Some(Shape::Words(words)) => words.iter().map(|word| word.name).collect::<Vec<_>>(),
        _ => panic!("{place:?} {key}"),
    };
    for word in expect(Place::Expect, "state") {
        sound(&format!("tests: {{ it: {{ expect: {{ state: {word} }} }} }}"));
    }
    for word in expect(Place::ExpectStep, "state") {
        let file = sound(&format!("tests: {{ it: {{ expect: {{ steps: {{ a: {word} }} }} }} }}"));
        assert_eq!(file.trials[0].expect.steps[0].state.as_ref().map(|state| state.value.as_str()), Some(word));
    }
    for word in expect(Place::MadeUpError, "kind") {
        sound(&format!("tests: {{ it: {{ steps: {{ a: {{ error: {{ code: x, kind: {word} }} }} }}, expect: {{ took: 0 }} }} }}"));
    }
}

#[test]
fn the_published_schema_of_tests_is_current() {
    expect_test::expect_file!["../../../../test.schema.json"].assert_eq(&test_schema());
}

/// What the schema of tests says against a text.
fn refused(text: &str) -> Vec<String> {
    let schema: serde_json::Value = serde_json::from_str(&test_schema()).expect("JSON");
    judge::judge(&schema, &seen(&tree(text)))
}

#[test]
fn the_schema_of_tests_takes_what_the_reader_takes() {
    let more = "tests: { it: { steps: { a/b/compensate: [{ error: { code: limit.time, kind: transient, data: 1 }, takes: 1s }] }, signals: { name: go }, expect: { calls: [a: 1, \"a[0]\"], took: 0, steps: { a/b: { attempts: 0, result: } } } } }";
    for text in [reference(), more] {
        sound(text);
        assert_eq!(refused(text), [""; 0], "{text}");
    }
    for text in [
        "tests: { it: { expct: {} } }",
        "tests: { it: {} }",
        "tests: { A: { expect: { took: 0 } } }",
        "tests: { it: { expect: { state: odd } } }",
        "{}",
    ] {
        assert_ne!(read(text).1, "", "{text}");
        assert_ne!(refused(text), [""; 0], "{text}");
    }
}
