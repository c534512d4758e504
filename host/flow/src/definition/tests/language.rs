//! Actions, structures, modifiers and handlers: what cannot stand together, and what is out of range.

use expect_test::expect;

use super::{check, sound};
use crate::definition::keys::{Key, Need, Place, Shape};

/// A workflow with these steps.
fn steps(steps: &str) -> String {
    format!("workflow: w\nsteps:\n{steps}")
}

#[test]
fn e016_keys_that_belong_elsewhere() {
    check(
        &steps(
            "  a: { sleep: 1s, with: { n: 1 }, grant: {}, retry: 3, cache: true, effect: at-most-once, if-parent-ends: wait }
  b: { task: t.x, if-parent-ends: cancel, on-item-error: skip }
  c: { wait: { approval: x, type: int }, cache: true }
  d: { choose: [{ value: 1 }], with: {}, retry: 3, max-parallel: 3 }
  e: { race: { x: { sleep: 1s, retry: 3 } }, effect: at-most-once }
  f: { value: 1, timeout: 3s }
  g: { sleep: 1s, timeout: { attempt: 1s } }
  h: { flow: x, retry: 3 }
  i: { choose: [{ task: t.x }, { value: 1 }], retry: 3, cache: true, effect: at-most-once, grant: {} }
  j: { task: t.x, finally: { sleep: 1s, retry: 3 }, compensate: { value: 1, timeout: 1s } }
",
        ),
        expect![[r#"
            w.yaml:3:19: error[E016]: `with` belongs to `task` or `flow`, and what stands here is `sleep` (remove `with`, or write it where `task` is)
            w.yaml:3:35: error[E016]: `grant` belongs to `task` or `flow`, and what stands here is `sleep` (remove `grant`, or write it where `task` is)
            w.yaml:3:46: error[E016]: `retry` belongs to `task`, and what stands here is `sleep` (remove `retry`, or write it where `task` is)
            w.yaml:3:56: error[E016]: `cache` belongs to `task`, and what stands here is `sleep` (remove `cache`, or write it where `task` is)
            w.yaml:3:69: error[E016]: `effect` belongs to `task`, and what stands here is `sleep` (remove `effect`, or write it where `task` is)
            w.yaml:3:91: error[E016]: `if-parent-ends` belongs to `flow`, and what stands here is `sleep` (remove `if-parent-ends`, or write it where `flow` is)
            w.yaml:4:19: error[E016]: `if-parent-ends` belongs to `flow`, and what stands here is `task` (remove `if-parent-ends`, or write it where `flow` is)
            w.yaml:4:43: error[E016]: `on-item-error` belongs to `for-each`, and what stands here is `task` (remove `on-item-error`, or write it where `for-each` is)
            w.yaml:5:29: error[E016]: `type` belongs to `signal`, which is not here (remove `type`, or write it where `signal` is)
            w.yaml:5:42: error[E016]: `cache` belongs to `task`, and what stands here is `wait` (remove `cache`, or write it where `task` is)
            w.yaml:6:32: error[E016]: `with` belongs to one action, and `choose` has several (write it within `choose`, beside the action it belongs to)
            w.yaml:6:42: error[E016]: `retry` belongs to `task`, and what stands here is `value` (remove `retry`, or write it where `task` is)
            w.yaml:6:52: error[E016]: `max-parallel` belongs to `for-each`, and what stands here is `choose` (remove `max-parallel`, or write it where `for-each` is)
            w.yaml:7:32: error[E002]: unknown key `retry` in a contender of `race` (`retry` is a key of a step; a contender of `race` has: task, with, grant, flow, if-parent-ends, sleep, until, wait, value)
            w.yaml:7:46: error[E016]: `effect` belongs to `task`, and what stands here is `sleep` (remove `effect`, or write it where `task` is)
            w.yaml:8:27: error[E016]: `timeout` has no meaning here: a `value` is computed at once (remove it)
            w.yaml:9:28: error[E016]: `timeout.attempt` has no meaning here: a `sleep` has no attempts (write `timeout: 30s`, which is how long it may take in all)
            w.yaml:10:17: error[E016]: `retry` belongs to `task`, and what stands here is `flow` (remove `retry`, or write it where `task` is)
            w.yaml:11:17: error[E020]: branch 1 of step `i` has no `if`, so that the ones after it are never looked at (give it an `if`, or make it the last branch)
            w.yaml:11:92: error[E016]: `grant` belongs to one action, and `choose` has several (write it within `choose`, beside the action it belongs to)
            w.yaml:12:41: error[E016]: `retry` belongs to `task`, and what stands here is `sleep` (remove `retry`, or write it where `task` is)
            w.yaml:12:86: error[E016]: `timeout` has no meaning here: a `value` is computed at once (remove it)
        "#]],
    );
}

#[test]
fn e017_two_things_at_once() {
    check(
        &steps(
            "  a: { task: t.x, sleep: 1s, value: 3 }
  b: { for-each: [1], repeat: { until: true }, task: t.x }
  c: { choose: [{ value: 1 }], task: t.x }
  d: { race: { x: { value: 1 } }, value: 1 }
  e: { wait: { signal: x, approval: y } }
  f: { repeat: { until: true, while: false }, value: 1 }
  g: { task: t.x, on-error: { any: { value: 1, sleep: 1s } } }
",
        ),
        expect![[r#"
            w.yaml:3:19: error[E017]: step `a` has `task` and `sleep`, and may have one of them (remove one of them; for several steps in one place use a `flow`)
            w.yaml:3:30: error[E017]: step `a` has `task` and `value`, and may have one of them (remove one of them; for several steps in one place use a `flow`)
            w.yaml:4:23: error[E017]: step `b` has `for-each` and `repeat`, and may have one of them (remove one of them; for several steps in one place use a `flow`)
            w.yaml:5:32: error[E017]: step `c` has `choose` and `task`: `choose` holds its own actions (move `task` into `choose`)
            w.yaml:6:35: error[E017]: step `d` has `race` and `value`: `race` holds its own actions (move `value` into `race`)
            w.yaml:7:27: error[E017]: `wait` has `signal` and `approval`, and may have one of them (remove one of them; for several steps in one place use a `flow`)
            w.yaml:8:31: error[E017]: `repeat` has `until` and `while`, and may have one of them (remove one of them; for several steps in one place use a `flow`)
            w.yaml:9:48: error[E017]: `any` in `on-error` of step `g` has `value` and `sleep`, and may have one of them (remove one of them; for several steps in one place use a `flow`)
        "#]],
    );
}

#[test]
fn e004_what_is_missing() {
    check(
        &steps(
            "  a: { for-each: [1] }
  b: { repeat: { start: 1 }, value: 1 }
  c: { wait: {} }
  d: { value: 1, lock: { permits: 2 }, rate: { name: x } }
  e: { choose: [{ if: true }] }
  f: { race: { x: {} } }
  g: { value: 1, finally: {}, on-error: { any: {} } }
",
        ),
        expect![[r#"
            w.yaml:3:3: error[E004]: step `a` does nothing: it has no action (add `task: PLUGIN.TASK`, or one of: flow, sleep, until, wait, value)
            w.yaml:4:16: error[E004]: `repeat` does not say when it ends: it has neither `until` nor `while` (add `until: ${ … }`, which is looked at after each iteration)
            w.yaml:5:14: error[E004]: `wait` waits for nothing: it has neither `signal` nor `approval` (write `wait: { signal: NAME, type: TYPE }`)
            w.yaml:6:24: error[E004]: `lock` needs `name` (add `name:`. Its name; it may be computed.)
            w.yaml:6:46: error[E004]: `rate` needs `limit` (add `limit:`. So many starts, 1 to 1,000,000.)
            w.yaml:6:46: error[E004]: `rate` needs `per` (add `per:`. The time in which they may be.)
            w.yaml:7:17: error[E004]: branch 1 of step `e` does nothing: it has no action (add `task: PLUGIN.TASK`, or one of: flow, sleep, until, wait, value)
            w.yaml:8:16: error[E004]: contender `x` of step `f` does nothing: it has no action (add `task: PLUGIN.TASK`, or one of: flow, sleep, until, wait, value)
            w.yaml:9:18: error[E004]: `finally` of step `g` does nothing: it has no action (add `task: PLUGIN.TASK`, or one of: flow, sleep, until, wait, value)
            w.yaml:9:43: error[E004]: `any` in `on-error` of step `g` does nothing: it has no action (add `task: PLUGIN.TASK`, or one of: flow, sleep, until, wait, value)
        "#]],
    );
}

#[test]
fn e020_and_e021_what_is_never_looked_at() {
    check(
        &steps(
            "  a: { choose: [{ value: 1 }, { if: true, value: 2 }, { value: 3 }] }
  b: { value: 1, on-error: { any: fail, not-found: fail, any-other: { value: 2 } } }
",
        ),
        expect![[r#"
            w.yaml:3:17: error[E020]: branch 1 of step `a` has no `if`, so that the ones after it are never looked at (give it an `if`, or make it the last branch)
            w.yaml:4:41: error[E021]: `not-found` comes after `any`, which fits every failure (move `any` to the end)
            w.yaml:4:58: error[E021]: `any-other` comes after `any`, which fits every failure (move `any` to the end)
        "#]],
    );
}

#[test]
fn e005_and_e007_shapes_and_names() {
    check(
        &steps(
            "  a: { choose: { x: 1 } }
  b: { race: [1] }
  c: { wait: approval }
  d: { wait: { signal: Not-A-Name } }
  e: { value: 1, on-error: fail }
  f: { value: 1, on-error: { any: ignore, Not.A.Code: fail, two.dots.x: fail } }
  g: { value: 1, lock: [1], rate: 3 }
  h: { sleep: [1] }
  i: { until: tomorrow }
  j: { until: {} }
  k: { task: t.x, cache: yes, effect: at-least-once }
  l: { flow: { steps: {} } }
  m: { task: t.x, retry: { on: [Bad Code, {}] } }
  n: { value: 1, rate: { limit: 1, per: 1s, name: A } }
  o: { for-each: [1], on-item-error: colect, value: 1 }
",
        ),
        expect![[r#"
            w.yaml:3:16: error[E005]: expected a list of branches, found a mapping
            w.yaml:4:14: error[E005]: expected a mapping from names to contenders, found a list
            w.yaml:5:14: error[E005]: expected a mapping (`wait`), found a text
            w.yaml:6:24: error[E007]: `Not-A-Name` cannot name a signal (10 characters) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
            w.yaml:7:28: error[E005]: expected a mapping from codes, or `any`, to what is done, found a text
            w.yaml:8:35: error[E005]: expected `fail`, `{ value: … }` or an action, found a text
            w.yaml:8:43: error[E007]: `Not.A.Code` is no code of a failure (a task's codes are 1 to 64 characters of a-z, 0-9 and `-`; the engine's have a dot, such as `limit.time`)
            w.yaml:8:43: error[E021]: `Not.A.Code` comes after `any`, which fits every failure (move `any` to the end)
            w.yaml:8:61: error[E007]: `two.dots.x` is no code of a failure (a task's codes are 1 to 64 characters of a-z, 0-9 and `-`; the engine's have a dot, such as `limit.time`)
            w.yaml:8:61: error[E021]: `two.dots.x` comes after `any`, which fits every failure (move `any` to the end)
            w.yaml:9:24: error[E005]: expected a text, literal or computed, found a list
            w.yaml:9:35: error[E005]: expected a mapping (`rate`), found a number
            w.yaml:10:15: error[E005]: expected a duration such as 30s, found a list
            w.yaml:11:15: error[E006]: `until` is `tomorrow`, which is not an instant (write it as RFC 3339 text, such as 2030-05-01T12:00:00Z, or compute it: "${ timestamp(inputs.when) }")
            w.yaml:12:15: error[E005]: expected an instant, literal or computed, found a mapping
            w.yaml:13:26: error[E005]: `cache` is `yes` (one of: true, false)
            w.yaml:13:39: error[E005]: `effect` is `at-least-once` (did you mean `at-most-once`?)
            w.yaml:14:14: error[E005]: expected the name of a flow, or the path of one, found a mapping
            w.yaml:15:33: error[E007]: `Bad Code` is no code of a failure (a task's codes are 1 to 64 characters of a-z, 0-9 and `-`; the engine's have a dot, such as `limit.time`)
            w.yaml:15:43: error[E005]: expected a code, found a mapping
            w.yaml:16:51: error[E007]: `A` cannot name a rate (1 character) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
            w.yaml:17:38: error[E005]: `on-item-error` is `colect` (did you mean `collect`?)
        "#]],
    );
}

#[test]
fn e006_ranges() {
    check(
        &steps(
            "  a: { repeat: { until: true, max: 10001, every: 0s }, value: 1 }
  b: { value: 1, lock: { name: x, permits: 0 }, rate: { limit: 1000001, per: 0ms } }
  c: { value: 1, priority: 101 }
  d: { value: 1, priority: -101 }
  e: { sleep: 0s }
  f: { sleep: 4000d }
  g: { choose: [] }
  h: { race: {} }
  i: { task: t.x, timeout: { attempt: 0s, total: 0s } }
concurrency: { limit: 10001, when-busy: que }
priority: 1000
retention: 0s
",
        ),
        expect![[r#"
            w.yaml:3:36: error[E006]: `repeat.max` is 10001; it may be 1 to 10000
            w.yaml:3:50: error[E006]: `repeat.every` is 0s; it may be 1ms to 3660d (write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d)
            w.yaml:4:44: error[E006]: `lock.permits` is 0; it may be 1 to 10000
            w.yaml:4:64: error[E006]: `rate.limit` is 1000001; it may be 1 to 1000000
            w.yaml:4:78: error[E006]: `rate.per` is 0ms; it may be 1ms to 3660d (write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d)
            w.yaml:5:28: error[E006]: `priority` is 101; it may be -100 to 100
            w.yaml:6:28: error[E006]: `priority` is -101; it may be -100 to 100
            w.yaml:7:15: error[E006]: `sleep` is 0s; it may be 1ms to 3660d (write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d)
            w.yaml:8:15: error[E006]: `sleep` is 4000d; it may be 1ms to 3660d (write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d)
            w.yaml:9:16: error[E006]: 0 branches; there may be 1 to 1000
            w.yaml:10:14: error[E006]: 0 contenders; there may be 1 to 1000
            w.yaml:11:39: error[E006]: `timeout.attempt` is 0s; it may be 1ms to 3660d (write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d)
            w.yaml:11:50: error[E006]: `timeout.total` is 0s; it may be 1ms to 3660d (write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d)
            w.yaml:12:23: error[E006]: `concurrency.limit` is 10001; it may be 1 to 10000
            w.yaml:12:41: error[E005]: `when-busy` is `que` (one of: queue, skip, cancel-running)
            w.yaml:13:11: error[E006]: `priority` is 1000; it may be -100 to 100
            w.yaml:14:12: error[E006]: `retention` is 0s; it may be 1ms to 3660d (write a number and a unit: 250ms, 1.5s, 5m, 1h30m, 2d)
        "#]],
    );
}

#[test]
fn w105_a_total_shorter_than_an_attempt() {
    check(
        &steps("  a: { task: t.x, timeout: { attempt: 5m, total: 1m } }\n"),
        expect![[r#"
        w.yaml:3:50: warning[W105]: `timeout.total` is shorter than `timeout.attempt`, which so is never reached (make `attempt` the shorter one, or leave it out)
    "#]],
    );
}

#[test]
fn workflows_in_place_are_read_like_files() {
    check(
        "workflow: w
flows:
  a: { plugins: { t: ./t.wasm }, steps: { x: { tsk: t.x } } }
  b: https://x.example/b.yaml
  C: ./c.yaml
  d: [1]
  e: { workflow: Bad, steps: {} }
  f: {}
steps: { x: { value: 1 } }
",
        expect![[r#"
            w.yaml:3:8: error[E002]: unknown key `plugins` in a workflow written in place (it uses the plugins of the file it stands in)
            w.yaml:3:43: error[E004]: step `x` does nothing: it has no action (add `task: PLUGIN.TASK`, or one of: flow, sleep, until, wait, value)
            w.yaml:3:48: error[E002]: unknown key `tsk` in a step (did you mean `task`?)
            w.yaml:4:6: error[E018]: workflows are found by path; `https:` is not known (write a path relative to this file, such as `./notify.yaml`)
            w.yaml:5:3: error[E007]: `C` cannot name a flow (1 character) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
            w.yaml:6:6: error[E005]: expected a path to a workflow file, or a workflow, found a list
            w.yaml:7:18: error[E007]: `Bad` cannot name a workflow (3 characters) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
            w.yaml:8:6: error[E004]: a workflow written in place needs `steps` (add `steps:` with at least one step)
        "#]],
    );
    let definition =
        sound("workflow: w\nflows: { inner: { steps: { x: { value: 1 } } }, named: { workflow: other, steps: {} } }\nsteps: {}\n");
    let names = definition.flows.iter().map(|flow| match &flow.body {
        crate::definition::FlowBody::Inline(inline) => inline.name.value.to_string(),
        crate::definition::FlowBody::File(path) => path.value.to_string(),
    });
    assert_eq!(names.collect::<Vec<_>>(), ["inner", "other"]);
}

/// A small value of a shape, as it is written.
fn example(shape: &Shape) -> String {
    match shape {
        Shape::Text | Shape::Name | Shape::Step => "a".to_owned(),
        Shape::Cron => "\"15 2 * * mon-fri\"".to_owned(),
        Shape::TimeZone => "Europe/Rome".to_owned(),
        Shape::Integer(least, most) => format!("{}", (*least).max(1).min(*most)),
        Shape::Duration => "5s".to_owned(),
        Shape::Size => "1MiB".to_owned(),
        Shape::Bool => "true".to_owned(),
        Shape::Words(words) => words[0].name.to_owned(),
        Shape::Value => "{ x: 1 }".to_owned(),
        Shape::Typed("duration") => "5s".to_owned(),
        Shape::Typed("timestamp") => "2030-01-01T00:00:00Z".to_owned(),
        Shape::Typed("record") => "{}".to_owned(),
        Shape::Typed(_) => "\"${ 1 }\"".to_owned(),
        Shape::Type => "int".to_owned(),
        Shape::Task => "t.x".to_owned(),
        Shape::Flow | Shape::Path => "./x.yaml".to_owned(),
        Shape::ErrorCode => "not-found".to_owned(),
        Shape::Rule => "\"GET https://x.example/*\"".to_owned(),
        Shape::Mapping(place) => mapping(*place, None),
        Shape::Named(shape) => format!("{{ a: {} }}", example(shape)),
        Shape::Many(shape) | Shape::List(shape) => format!("[{}]", example(shape)),
        Shape::OneOf(shapes) => example(&shapes[0]),
    }
}

/// A mapping with what it needs and, if asked for, one more key with what that needs.
fn mapping(place: Place, with: Option<(&Key, &str)>) -> String {
    let mut entries: Vec<(&str, String)> = Vec::new();
    if let Some((key, value)) = with {
        entries.push((key.name, value.to_owned()));
        if let Some(other) = key.beside.first().and_then(|beside| place.key(beside)) {
            entries.push((other.name, example(&other.shape)));
        }
    }
    let needed = place.keys().iter().filter(|key| key.need == Need::Required);
    entries.extend(needed.map(|key| (key.name, example(&key.shape))));
    let acts = matches!(place, Place::Step | Place::Branch | Place::Contender | Place::Handler);
    let has = |entries: &[(&str, String)], keys: &[&str]| entries.iter().any(|(name, _)| keys.contains(name));
    if acts && !has(&entries, &["task", "flow", "sleep", "until", "wait", "value", "choose", "race"]) {
        entries.push(("task", "t.x".to_owned()));
    }
    if place == Place::Repeat && !has(&entries, &["until", "while"]) {
        entries.push(("until", "true".to_owned()));
    }
    if place == Place::Wait && !has(&entries, &["signal", "approval"]) {
        entries.push(("signal", "a".to_owned()));
    }
    if place == Place::Input && !has(&entries, &["type"]) {
        let ty = match with.map(|(key, _)| key.name) {
            Some("items") => "list",
            Some("values") => "map",
            Some("fields" | "properties" | "open") => "record",
            _ => "string",
        };
        entries.push(("type", ty.to_owned()));
    }
    let mut seen = std::collections::BTreeSet::new();
    entries.retain(|(name, _)| seen.insert(*name));
    format!("{{ {} }}", entries.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join(", "))
}

/// A file in which a mapping stands where its place is.
fn file(place: Place, mapping: &str) -> String {
    let step = |lines: &str| format!("workflow: w\nsteps: {{ s: {{ {lines} }} }}\n");
    match place {
        Place::Workflow => mapping.to_owned(),
        Place::InlineFlow => format!("workflow: w\nflows: {{ f: {mapping} }}\nsteps: {{}}\n"),
        Place::Input => format!("workflow: w\ninputs: {{ i: {mapping} }}\nsteps: {{}}\n"),
        Place::Schedule => format!("workflow: w\non: [{mapping}]\nsteps: {{}}\n"),
        Place::Concurrency => format!("workflow: w\nconcurrency: {mapping}\nsteps: {{}}\n"),
        Place::Defaults => format!("workflow: w\ndefaults: {mapping}\nsteps: {{}}\n"),
        Place::Step => format!("workflow: w\nsteps: {{ s: {mapping} }}\n"),
        Place::Branch => step(&format!("choose: [{mapping}]")),
        Place::Contender => step(&format!("race: {{ x: {mapping} }}")),
        Place::Handler => step(&format!("task: t.x, finally: {mapping}")),
        Place::Repeat => step(&format!("task: t.x, repeat: {mapping}")),
        Place::Wait => step(&format!("wait: {mapping}")),
        Place::Timeout => step(&format!("task: t.x, timeout: {mapping}")),
        Place::Retry => step(&format!("task: t.x, retry: {mapping}")),
        Place::Lock => step(&format!("task: t.x, lock: {mapping}")),
        Place::Rate => step(&format!("task: t.x, rate: {mapping}")),
        Place::Grant => step(&format!("task: t.x, grant: {mapping}")),
        Place::Secret => step(&format!("task: t.x, grant: {{ secrets: [{mapping}] }}")),
        of_tests => panic!("{of_tests:?} stands in no workflow"),
    }
}

/// All values a key is read with: each word of its words, and an example of every other shape.
fn examples(key: &Key) -> Vec<String> {
    let of = |shape: &Shape| match shape {
        Shape::Words(words) => words.iter().map(|word| word.name.to_owned()).collect(),
        Shape::Integer(least, most) => vec![least.to_string(), most.to_string()],
        other => vec![example(other)],
    };
    match &key.shape {
        Shape::OneOf(shapes) => shapes.iter().flat_map(of).collect(),
        // Rules of directories look otherwise, and an `enum` is of texts.
        Shape::Many(Shape::Rule) if key.name == "files" => vec!["[read .]".to_owned()],
        other => of(other),
    }
}

#[test]
fn every_key_of_the_table_is_read() {
    for place in Place::ALL {
        for key in place.keys() {
            for value in examples(key) {
                let value = if *place == Place::Input && key.name == "default" { "text".to_owned() } else { value };
                let text = file(*place, &mapping(*place, Some((key, &value))));
                let (definition, problems) = super::problems(&text);
                assert!(problems.is_empty() && definition.is_some(), "{text}\n{}", problems.join("\n"));
            }
        }
    }
}

#[test]
fn every_key_is_documented_once() {
    for place in Place::ALL {
        let mut names = std::collections::BTreeSet::new();
        for key in place.keys() {
            assert!(names.insert(key.name), "{place:?} has `{}` twice", key.name);
            assert!(key.docs.ends_with('.') && !key.docs.contains('\n'), "{place:?} `{}`: {}", key.name, key.docs);
            for other in key.beside {
                assert!(place.key(other).is_some() || *place == Place::Defaults, "{place:?} `{}` beside `{other}`", key.name);
            }
        }
    }
}
