//! The published schema against the reader: what the reader accepts, the schema accepts, and what the schema cannot say is listed.

pub(super) mod judge;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::GOOD;
use crate::definition::keys::{Place, Shape};
use crate::definition::{Node, NodeKind, Severity, Source, read, read_tree, schema};

/// Every key of the language.
const FULL: &str = r#"
workflow: full
description: Everything there is.
labels: { team: sales, region: "${ inputs.region }" }
inputs:
  region: { type: string, enum: [eu, us], default: eu, description: Where. }
  days: int
  list: { type: list, items: string, optional: true }
  map: { type: map, values: { type: list, items: int } }
  record: { type: record, fields: { id: int, note: { type: string, optional: true, description: A note. } }, open: true }
  other: { type: object, properties: { id: int } }
plugins: { shop: ./shop.wasm }
on:
  - { cron: "15 2 * * *", time-zone: Europe/Rome, overlap: skip, catch-up: last, inputs: { days: 1, map: { a: [1] } } }
  - cron: "@daily"
flows:
  notify: ./notify.yaml
  tidy:
    workflow: tidy
    description: In place.
    labels: { a: b }
    inputs: { days: int }
    flows: { deeper: ./deeper.yaml }
    concurrency: { key: "${ string(inputs.days) }" }
    priority: 1
    retention: 1d
    defaults: { timeout: 1s, retry: 2 }
    steps: { one: { value: 1 } }
    outputs: { n: "${ steps.one }" }
concurrency: { key: "${ inputs.region }", limit: 2, when-busy: skip }
priority: -5
retention: 30d
defaults: { timeout: { attempt: 30s, total: 10m }, retry: { attempts: 3 } }
steps:
  fetch:
    description: Fetches.
    task: shop.list
    with: { region: "${ inputs.region }" }
    grant:
      http: ["GET https://api.shop.example/*"]
      files: ["read ./in", "write ./out"]
      config: [region]
      secrets: [token, { name: other, hosts: [api.shop.example] }]
      scratch: true
      memory: 128MiB
    if: ${ inputs.days > 1 }
    timeout: 30s
    retry: { attempts: 4, backoff: exponential, first: 1s, max: 60s, jitter: full, on: [busy, limit.time] }
    on-error:
      busy: fail
      gone: { value: null }
      any: { task: shop.list, with: {}, timeout: 1s, retry: 2, grant: { http: "GET https://x.example/*" } }
    finally: { task: shop.close, with: {} }
    compensate: { task: shop.undo }
    cache: true
    lock: shop
    rate: { limit: 10, per: 1s, name: shop }
    priority: 3
  once: { task: shop.pay, effect: at-most-once, lock: { name: "${ inputs.region }", permits: 3 }, needs: fetch }
  each:
    for-each: ${ range(0, 3) }
    max-parallel: 4
    on-item-error: collect
    task: shop.item
    with: { n: "${ item }" }
  poll:
    repeat: { start: { done: false }, until: "${ carry.done }", max: 10, every: 10s }
    task: shop.poll
  again: { repeat: { while: "${ carry }" , start: true }, value: false }
  pick:
    choose:
      - { if: "${ inputs.days > 2 }", task: shop.list, with: {}, grant: {} }
      - { if: true, flow: tidy, with: { days: 1 }, if-parent-ends: wait }
      - { if: "${ true }", sleep: 1s }
      - { if: "${ true }", until: 2030-05-01T12:00:00Z }
      - { if: "${ true }", wait: { signal: go } }
      - { value: [] }
  first:
    race:
      fast: { task: shop.list, with: {}, grant: {} }
      flow: { flow: ./x.yaml, with: {}, if-parent-ends: abandon }
      late: { sleep: "${ duration('5m') }" }
      when: { until: "${ run.started_at }" }
      asked: { wait: { approval: "Go on?" } }
      now: { value: 1 }
  sub: { flow: notify, with: { a: 1 }, if-parent-ends: cancel, grant: { config: region }, needs: [each, poll] }
  nap: { sleep: 2d }
  day: { until: "${ run.started_at }" }
  sign: { wait: { signal: go, type: { type: record, fields: { n: int } } }, timeout: 1h }
  calc: { value: { a: [1, "${ steps.nap }"] } }
  tidied:
    value: 1
    finally: { flow: tidy, if-parent-ends: wait }
    compensate: { sleep: 1s }
    on-error:
      a: { until: "${ run.started_at }" }
      b: { wait: { approval: x } }
outputs: { n: "${ steps.calc }" }
"#;

/// Small files that both accept.
const BOTH_ACCEPT: &[&str] = &[
    GOOD,
    "workflow: w\nsteps: {}\n",
    "{\"workflow\": \"w\", \"steps\": {\"a\": {\"value\": 1}}}",
    "workflow: true\nsteps: { null: { wait: { signal: null } } }\n",
    "workflow: w\non: { cron: 0 0 1 1 * }\nsteps: { a: { value: 1 } }\n",
    "workflow: w\ndescription: 2024\nsteps: { a: { value: } }\n",
    "workflow: w\nlabels: { version: 1.2 }\nsteps: { a: { task: t.x, with: , lock: 17 } }\n",
    "workflow: w\nsteps: { a: { task: t.x, with: \"${ inputs.a }\", retry: 3, timeout: 1h30m, needs: [] } }\n",
    "workflow: w\nsteps: { a: { task: t.x, grant: { memory: 65536, http: [], config: a } } }\n",
];

/// Small files that both refuse.
const BOTH_REFUSE: &[&str] = &[
    "[]",
    "workflow: w",
    "steps: {}",
    "workflow: Daily\nsteps: {}\n",
    "workflow: w\nsteps: []\n",
    "workflow: w\nsteps:\n",
    "workflow: w\nstpes: {}\nsteps: {}\n",
    "workflow: w\nsteps: { A: { value: 1 } }\n",
    "workflow: w\nsteps: { a-: { value: 1 } }\n",
    "workflow: w\nsteps: { a: {} }\n",
    "workflow: w\nsteps: { a: { value: 1, task: t.x } }\n",
    "workflow: w\nsteps: { a: { value: 1, choose: [{ value: 1 }] } }\n",
    "workflow: w\nsteps: { a: { value: 1, for-each: [1], repeat: { until: true } } }\n",
    "workflow: w\nsteps: { a: { task: t } }\n",
    "workflow: w\nsteps: { a: { task: t.x, tmeout: 1s } }\n",
    "workflow: w\nsteps: { a: { task: t.x, timeout: 5 } }\n",
    "workflow: w\nsteps: { a: { task: t.x, timeout: soon } }\n",
    "workflow: w\nsteps: { a: { task: t.x, timeout: { all: 1s } } }\n",
    "workflow: w\nsteps: { a: { task: t.x, retry: 0 } }\n",
    "workflow: w\nsteps: { a: { task: t.x, retry: 1001 } }\n",
    "workflow: w\nsteps: { a: { task: t.x, retry: \"3\" } }\n",
    "workflow: w\nsteps: { a: { task: t.x, retry: { backoff: none } } }\n",
    "workflow: w\nsteps: { a: { task: t.x, with: 1 } }\n",
    "workflow: w\nsteps: { a: { task: t.x, with: [1] } }\n",
    "workflow: w\nsteps: { a: { task: t.x, max-parallel: 2 } }\n",
    "workflow: w\nsteps: { a: { task: t.x, cache: yes } }\n",
    "workflow: w\nsteps: { a: { task: t.x, effect: twice } }\n",
    "workflow: w\nsteps: { a: { task: t.x, priority: 101 } }\n",
    "workflow: w\nsteps: { a: { task: t.x, grant: { htp: [] } } }\n",
    "workflow: w\nsteps: { a: { task: t.x, grant: { memory: much } } }\n",
    "workflow: w\nsteps: { a: { task: t.x, grant: { secrets: [{ hosts: [a.b] }] } } }\n",
    "workflow: w\nsteps: { a: { task: t.x, rate: { limit: 1 } } }\n",
    "workflow: w\nsteps: { a: { task: t.x, lock: { permits: 2 } } }\n",
    "workflow: w\nsteps: { a: { value: 1, with: {} } }\n",
    "workflow: w\nsteps: { a: { value: 1, if-parent-ends: wait } }\n",
    "workflow: w\nsteps: { a: { wait: {} } }\n",
    "workflow: w\nsteps: { a: { wait: { signal: go, approval: x } } }\n",
    "workflow: w\nsteps: { a: { repeat: { max: 3 }, value: 1 } }\n",
    "workflow: w\nsteps: { a: { repeat: { until: true, while: true }, value: 1 } }\n",
    "workflow: w\nsteps: { a: { choose: { value: 1 } } }\n",
    "workflow: w\nsteps: { a: { choose: [{ if: true }] } }\n",
    "workflow: w\nsteps: { a: { race: [{ value: 1 }] } }\n",
    "workflow: w\nsteps: { a: { value: 1, on-error: { any: ignore } } }\n",
    "workflow: w\nsteps: { a: { value: 1, finally: {} } }\n",
    "workflow: w\nsteps: { a: { value: 1, finally: { value: 1, task: t.x } } }\n",
    "workflow: w\ninputs: { a: integr }\nsteps: {}\n",
    "workflow: w\ninputs: { a: { description: x } }\nsteps: {}\n",
    "workflow: w\ninputs: { a: { type: list, itms: int } }\nsteps: {}\n",
    "workflow: w\ninputs: { a: { type: list, items: { default: 1, type: int } } }\nsteps: {}\n",
    "workflow: w\ninputs: { a: { fields: {}, properties: {} } }\nsteps: {}\n",
    "workflow: w\nflows: { a: { plugins: {}, steps: {} } }\nsteps: {}\n",
    "workflow: w\nconcurrency: { limit: 0 }\nsteps: {}\n",
    "workflow: w\nconcurrency: { when-busy: panic }\nsteps: {}\n",
    "workflow: w\nretention: for ever\nsteps: {}\n",
    "workflow: w\non: daily\nsteps: {}\n",
    "workflow: w\non: { time-zone: UTC }\nsteps: {}\n",
    "workflow: w\non: [{ cron: \"* * * *\" }]\nsteps: {}\n",
    "workflow: w\non: [{ cron: \"@daily\", overlap: sometimes }]\nsteps: {}\n",
    "workflow: w\non: [{ cron: \"@daily\", timezone: UTC }]\nsteps: {}\n",
    "workflow: w\nflows: { a: { on: { cron: \"@daily\" }, steps: {} } }\nsteps: {}\n",
];

/// What a schema cannot say, each with an example that only the reader refuses.
const READER_ONLY: &[(&str, &str)] = &[
    ("a key that stands twice: in what a schema sees it stands once", "workflow: w\nsteps: { a: { value: 1 }, a: { value: 2 } }\n"),
    ("what an expression says", "workflow: w\nsteps: { a: { value: \"${ 1 + }\" } }\n"),
    ("the range of a duration", "workflow: w\nsteps: { a: { sleep: 0s } }\n"),
    ("what a literal of an action means", "workflow: w\nsteps: { a: { sleep: soon } }\n"),
    ("an instant", "workflow: w\nsteps: { a: { until: tomorrow } }\n"),
    ("which times there are", "workflow: w\non: { cron: \"0 0 31 2 *\" }\nsteps: {}\n"),
    ("which time zones there are", "workflow: w\non: { cron: \"@daily\", time-zone: Rome }\nsteps: {}\n"),
    ("a rule of a grant", "workflow: w\nsteps: { a: { task: t.x, grant: { http: [everything] } } }\n"),
    ("where a plugin may be", "workflow: w\nplugins: { a: \"ftp://a/b\" }\nsteps: {}\n"),
    ("whether a default is of its type", "workflow: w\ninputs: { a: { type: int, default: x } }\nsteps: {}\n"),
    ("which keys belong to which type", "workflow: w\ninputs: { a: { type: int, items: int } }\nsteps: {}\n"),
    ("that only the last branch fits always", "workflow: w\nsteps: { a: { choose: [{ value: 1 }, { value: 2 }] } }\n"),
    ("nothing where a text must be: YAML's empty value is a word for null, and so may be a text", "workflow: w\ndescription:\nsteps: {}\n"),
];

static SCHEMA: LazyLock<Json> = LazyLock::new(|| serde_json::from_str(&schema()).expect("JSON"));

/// What an editor's schema checker sees of a tree.
pub(super) fn seen(node: &Node) -> Json {
    match &node.kind {
        NodeKind::Scalar { .. } => serde_json::from_str(&node.scalar().to_json()).expect("JSON"),
        NodeKind::List(items) => Json::Array(items.iter().map(seen).collect()),
        NodeKind::Map(pairs) => Json::Object(pairs.iter().map(|(key, value)| (key_of(key).to_owned(), seen(value))).collect()),
    }
}

fn key_of(key: &Node) -> &str {
    match &key.kind {
        NodeKind::Scalar { text, .. } => text,
        _ => "",
    }
}

pub(super) fn tree(text: &str) -> Node {
    read_tree(&Source::new("w.yaml", text)).unwrap_or_else(|problem| panic!("{problem:?}\n{text}"))
}

/// The errors that the reader tells of a text.
fn refused_by_reader(text: &str) -> Vec<String> {
    let source = Source::new("w.yaml", text);
    let problems = read(&source).1.into_iter().filter(|problem| problem.code.severity() == Severity::Error);
    problems.map(|problem| problem.line(&source)).collect()
}

/// The errors that the schema tells of an instance.
fn refused_by_schema(instance: &Json) -> Vec<String> {
    judge::judge(&SCHEMA, instance)
}

#[test]
fn the_published_schema_is_current() {
    expect_test::expect_file!["../../../../workflow.schema.json"].assert_eq(&schema());
}

#[test]
fn good_files_are_accepted_by_both() {
    for text in BOTH_ACCEPT.iter().chain(&[FULL]) {
        assert_eq!(refused_by_reader(text), [""; 0], "{text}");
        assert_eq!(refused_by_schema(&seen(&tree(text))), [""; 0], "{text}");
    }
}

#[test]
fn bad_files_are_refused_by_both() {
    for text in BOTH_REFUSE {
        assert!(!refused_by_reader(text).is_empty(), "the reader accepts: {text}");
        assert!(!refused_by_schema(&seen(&tree(text))).is_empty(), "the schema accepts: {text}");
    }
}

#[test]
fn what_a_schema_cannot_say_is_left_to_the_reader() {
    for (reason, text) in READER_ONLY {
        assert!(!refused_by_reader(text).is_empty(), "{reason}: {text}");
        assert_eq!(refused_by_schema(&seen(&tree(text))), [""; 0], "the schema can say it after all: {reason}: {text}");
    }
}

/// Notes which keys stand in which mappings of a tree.
fn note(node: &Node, shape: &Shape, found: &mut BTreeSet<(Place, &'static str)>) {
    match (shape, &node.kind) {
        (Shape::Mapping(place), NodeKind::Map(pairs)) => {
            for (key, value) in pairs {
                if let Some(key) = place.key(key_of(key)) {
                    found.insert((*place, key.name));
                    note(value, &key.shape, found);
                }
            }
        }
        (Shape::Named(inner), NodeKind::Map(pairs)) => pairs.iter().for_each(|(_, value)| note(value, inner, found)),
        (Shape::Many(inner) | Shape::List(inner), NodeKind::List(items)) => items.iter().for_each(|item| note(item, inner, found)),
        (Shape::Many(inner), _) => note(node, inner, found),
        (Shape::OneOf(shapes), _) => shapes.iter().for_each(|shape| note(node, shape, found)),
        _ => {}
    }
}

#[test]
fn every_key_of_the_language_is_tried() {
    let mut found = BTreeSet::new();
    note(&tree(FULL), &Shape::Mapping(Place::Workflow), &mut found);
    let all = Place::ALL.iter().flat_map(|place| place.keys().iter().map(|key| (*place, key.name)));
    let missing: Vec<String> = all.filter(|key| !found.contains(key)).map(|(place, key)| format!("{place:?}.{key}")).collect();
    assert_eq!(missing, [""; 0]);
}

/// The mappings of an instance, by the way to each.
fn mappings(json: &Json, path: String, found: &mut Vec<String>) {
    match json {
        Json::Object(map) => {
            found.push(path.clone());
            map.iter().for_each(|(key, value)| mappings(value, format!("{path}/{key}"), found));
        }
        Json::Array(items) => items.iter().enumerate().for_each(|(at, item)| mappings(item, format!("{path}/{at}"), found)),
        _ => {}
    }
}

/// Values that may stand somewhere.
fn values() -> Vec<Json> {
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(3),
        json!(1.5),
        json!(-1),
        json!(""),
        json!("a"),
        json!("fetch"),
        json!("t.x"),
        json!("5m"),
        json!("64MiB"),
        json!("int"),
        json!("any"),
        json!("fail"),
        json!("${ 1 }"),
        json!("./a.yaml"),
        json!("2030-05-01T12:00:00Z"),
        json!([]),
        json!(["a"]),
        json!([{ "value": 1 }]),
        json!({}),
        json!({ "value": 1 }),
        json!({ "a": { "value": 1 } }),
        json!({ "signal": "go" }),
        json!({ "until": true }),
        json!({ "attempt": "1s" }),
        json!({ "attempts": 2 }),
        json!({ "type": "list", "items": "int" }),
        json!({ "limit": 1, "per": "1s" }),
        json!({ "name": "a" }),
    ]
}

/// Changes one mapping: a key goes, comes, gets another name or another value.
fn change(file: &mut Json, at: &str, key: usize, how: u8, value: Json) {
    let Some(Json::Object(map)) = file.pointer_mut(at) else { return };
    let present: Vec<String> = map.keys().cloned().collect();
    let known: Vec<&str> = Place::ALL.iter().flat_map(|place| place.keys()).map(|key| key.name).collect();
    let here = present.get(key % present.len().max(1)).cloned();
    let other = known[key % known.len()].to_owned();
    match (how, here) {
        (0, Some(here)) => drop(map.remove(&here)),
        (1, Some(here)) => {
            let kept = map.remove(&here).unwrap_or_default();
            map.insert(other, kept);
        }
        (2, Some(here)) => drop(map.insert(here, value)),
        _ => drop(map.insert(other, value)),
    }
}

fn changed(file: &str) -> impl Strategy<Value = Json> + use<> {
    let file = seen(&tree(file));
    let mut places = Vec::new();
    mappings(&file, String::new(), &mut places);
    let change_of = (prop::sample::select(places), 0..10_000_usize, 0..4_u8, prop::sample::select(values()));
    prop::collection::vec(change_of, 1..3).prop_map(move |changes| {
        let mut file = file.clone();
        for (at, key, how, value) in changes {
            change(&mut file, &at, key, how, value);
        }
        file
    })
}

/// A step with any few keys.
fn step() -> impl Strategy<Value = Json> {
    let keys: Vec<&str> = Place::Step.keys().iter().map(|key| key.name).collect();
    let pair = (prop::sample::select(keys), prop::sample::select(values()));
    prop::collection::vec(pair, 1..4).prop_map(|pairs| {
        let step: Map<String, Json> = pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        json!({ "workflow": "w", "steps": { "a": step } })
    })
}

/// What the reader accepts, the schema accepts; so what the schema refuses, the reader refuses.
fn agree(file: &Json) {
    let text = file.to_string();
    if refused_by_reader(&text).is_empty() {
        assert_eq!(refused_by_schema(file), [""; 0], "only the schema refuses: {text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn the_schema_refuses_nothing_that_the_reader_accepts(file in changed(FULL)) {
        agree(&file);
    }

    #[test]
    fn steps_of_any_keys_are_judged_alike(file in step()) {
        agree(&file);
    }
}
