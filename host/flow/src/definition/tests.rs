//! The parser against bad files: every problem at its place, all of a file at once, and no file that it dies of.

pub(crate) mod generate;
mod hostile;
mod language;
mod names;
mod numbers;
mod places;
mod property;
mod schedule;
mod schema;
mod trial;
mod yaml;

use expect_test::Expect;

use super::{ActionKind, CallDef, Definition, Source, TimeoutDef, read};

/// The problems of a text, one a line, are these.
#[track_caller]
fn check(text: &str, expected: Expect) {
    let (_, problems) = problems(text);
    expected.assert_eq(&problems.iter().map(|line| format!("{line}\n")).collect::<String>());
}

/// The definition, if there is one, and the problems of a text, each in one line.
fn problems(text: &str) -> (Option<Definition>, Vec<String>) {
    let source = Source::new("w.yaml", text);
    let (definition, found) = read(&source);
    (definition, found.iter().map(|problem| problem.line(&source)).collect())
}

/// The definition of a text without problems.
#[track_caller]
fn sound(text: &str) -> Definition {
    let (definition, problems) = problems(text);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    definition.expect("a text without problems has a definition")
}

/// The call of a task that a step does.
#[track_caller]
fn call(definition: &Definition, step: usize) -> &CallDef {
    match &definition.steps[step].body.actions()[0].kind {
        ActionKind::Task(call) => call,
        other => panic!("{other:?}"),
    }
}

/// A workflow with one step that has these lines beside its task.
fn step(lines: &str) -> String {
    format!("workflow: w\nsteps:\n  a:\n    task: t.x\n    {lines}\n")
}

/// A workflow that uses everything there is.
const GOOD: &str = r#"workflow: daily-orders
description: Brings the orders of a day.
inputs:
  region: { type: string, enum: [eu, us], default: eu, description: Where. }
  limit: int
plugins:
  csv: ./plugins/csv.wasm
  shop: ../shop.wasm
defaults:
  timeout: 5m
  retry: { attempts: 4, backoff: exponential, first: 1s, max: 60s, jitter: full }
steps:
  fetch:
    description: From the shop.
    task: shop.list-orders
    with: { region: "${ inputs.region }", limit: "${ inputs.limit + 1 }" }
    grant:
      http: ["GET https://api.shop.example/*"]
      secrets: [shop-token, { name: other, hosts: [api.shop.example] }]
      memory: 128MiB
  save:
    for-each: ${ steps.fetch.orders }
    max-parallel: 32
    if: ${ size(steps.fetch.orders) > 0 }
    needs: [fetch]
    timeout: 1h30m
    retry: 3
    task: csv.write
    with:
      order: |
        ${
          item
        }
      note: &note "a \"text\""
      again: *note
    grant: { files: [write out], config: [region], scratch: true }
outputs:
  saved: ${ size(steps.save) }
"#;

#[test]
fn the_good_file_is_good() {
    let definition = sound(GOOD);
    assert_eq!((definition.inputs.len(), definition.plugins.len(), definition.steps.len(), definition.outputs.len()), (2, 2, 2, 1));
    let save = &definition.steps[1];
    let said = save.timeout.as_ref().map(|timeout| timeout.value);
    assert_eq!((said, save.retry.as_ref().and_then(|retry| retry.attempts)), (Some(TimeoutDef::One(5_400_000)), Some(3)));
    assert_eq!(call(&definition, 1).grant.as_ref().map(|grant| (grant.value.files.len(), grant.value.scratch)), Some((1, true)));
    assert_eq!(definition.defaults.retry.and_then(|retry| retry.max_ms), Some(60_000));
}

#[test]
fn json_is_the_same_model() {
    let definition = sound(r#"{"workflow": "w", "steps": {"a": {"task": "t.x", "with": {"n": 1, "text": "1"}}}}"#);
    assert_eq!(&*call(&definition, 0).task.task, "x");
}

#[test]
fn all_problems_of_a_file_are_told_at_once() {
    check(
        "workflow: Daily\ninputs:\n  n: { type: integr }\nplugins:\n  csv: ftp://r/csv\ndefaults:\n  timeout: 0s\n  retry: { atempts: 3 }\nstpes: 1\nsteps:\n  a: { task: csv.x, with: { n: \"${ 1 + }\" }, max-parallel: 2 }\n  a: { task: csv.x }\n  B: { task: csv.x }\n  c: { tsk: csv.x }\n  d: { task: csv, grant: { http: [\"GET everything\"] } }\noutputs: [1]\n",
        expect_test::expect![[r#"
            w.yaml:1:11: error[E007]: `Daily` cannot name a workflow (5 characters) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
            w.yaml:3:8: error[E005]: there is no type `integr`: the types are string, int, integer, float, number, bool, boolean, timestamp, duration, bytes, list, map, record, json, array, object (did you mean `integer`?)
            w.yaml:5:8: error[E014]: plugins are found by path or in a registry; `ftp:` is not known (write a path relative to this file, such as `./plugins/csv.wasm`, or a package, such as `oci://registry.example/acme/csv:^1.2`)
            w.yaml:7:12: error[E006]: `timeout` is 0s; it may be 1ms to 3660d (write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d)
            w.yaml:8:12: error[E002]: unknown key `atempts` in `retry` (did you mean `attempts`?)
            w.yaml:9:1: error[E002]: unknown key `stpes` in a workflow (did you mean `steps`?)
            w.yaml:11:40: error[E008]: expected a value, found the end of the expression
            w.yaml:11:46: error[E016]: `max-parallel` belongs to `for-each`, and what stands here is `task` (remove `max-parallel`, or write it where `for-each` is)
            w.yaml:12:3: error[E003]: `a` stands twice (it is already in line 11)
            w.yaml:13:3: error[E007]: `B` cannot name a step (1 character) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
            w.yaml:14:3: error[E004]: step `c` does nothing: it has no action (add `task: PLUGIN.TASK`, or one of: flow, sleep, until, wait, value)
            w.yaml:14:8: error[E002]: unknown key `tsk` in a step (did you mean `task`?)
            w.yaml:15:14: error[E005]: `csv` does not name a task (write PLUGIN.TASK, such as `csv.parse`, where PLUGIN stands under `plugins:`)
            w.yaml:15:35: error[E013]: `everything` has no scheme: write `https://host/path/*`
            w.yaml:16:10: error[E005]: expected a mapping from names to outputs, found a list
        "#]],
    );
}
