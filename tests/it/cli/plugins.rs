//! `task call` and `plugin`: what a person does with one component.

use expect_test::expect;
use kit::world::World;
use serde_json::json;

use super::check;

/// A folder with the guest of the tests in it.
fn with_probe() -> World {
    let world = World::new();
    std::fs::copy(kit::guest("probe"), world.file("probe.wasm")).expect("copied");
    world
}

#[test]
fn a_task_is_called_by_hand() {
    let world = with_probe();
    check(
        &world,
        &["task", "call", "probe.wasm", "echo", "--input", "{\"value\": {\"a\": 1}}"],
        expect![[r#"
        {"a":1}
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["task", "call", "probe.wasm", "spin", "--input", "rounds=10"],
        expect![[r#"
        910698096645
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["task", "call", "probe.wasm", "log-lines", "-i", "lines=4", "-i", "message=a\x1b[2J"],
        expect![[r#"
        null
        --- stderr
        trace: a\x1b[2J n=0
        debug: a\x1b[2J n=1
        info: a\x1b[2J n=2
        warn: a\x1b[2J n=3
        --- exit 0
    "#]],
    )
    .expect(0);
    check(
        &world,
        &["task", "call", "probe.wasm", "fail", "-i", "kind=permanent", "-i", "code=sold", "-i", "data={\"left\": 0}"],
        expect![[r#"
            --- stderr
            failed: sold: as asked
              data: {"left":0}
            --- exit 1
        "#]],
    )
    .expect(1);
    let late = world.jackfield(&["task", "call", "probe.wasm", "spin-forever", "--timeout", "50ms", "--json"]).expect(1);
    let error: serde_json::Value = serde_json::from_str(&late.stderr).expect("JSON");
    assert_eq!((&error["error"]["code"], &error["error"]["failure"]["code"]), (&json!("task.failed"), &json!("limit.time")));
    assert!(!world.file(".jackfield").exists(), "nothing is recorded");
}

#[test]
fn a_task_called_wrongly_is_not_called() {
    let world = with_probe();
    check(
        &world,
        &["task", "call", "probe.wasm", "ehco"],
        expect![[r#"
        --- stderr
        error: the plugin has no task `ehco`; did you mean `echo`?
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["task", "call", "probe.wasm", "spin"],
        expect![[r#"
        --- stderr
        error: --input: `rounds`: expected int, found no such field; the task takes {rounds: int}
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["task", "call", "probe.wasm", "spin", "-i", "rounds=x"],
        expect![[r#"
        --- stderr
        error: --input rounds: it must be int, written as JSON: this is not JSON: expected a value, found 'x' (line 1, column 1)
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["task", "call", "probe.wasm", "spin", "-i", "{\"rounds\": 1, \"more\": 2}"],
        expect![[r#"
        --- stderr
        error: --input: `more`: expected only the fields rounds, found int 2; the task takes {rounds: int}
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["task", "call", "probe.wasm", "echo", "--timeout", "0s"],
        expect![[r#"
        --- stderr
        error: --timeout: `0s` is not a time above 0, such as 500ms, 30s or 2m
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["task", "call", "probe.wasm", "echo", "--http", "GET everything"],
        expect![[r#"
        --- stderr
        error: --http: `everything` has no scheme: write `https://host/path/*`
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["task", "call", "none.wasm", "echo"],
        expect![[r#"
        --- stderr
        error: none.wasm: No such file or directory (os error 2)
        --- exit 2
    "#]],
    )
    .expect(2);
}

#[test]
fn a_plugin_is_described_and_checked() {
    let world = with_probe();
    std::fs::copy(kit::guest("noop"), world.file("noop.wasm")).expect("copied");
    check(
        &world,
        &["plugin", "describe", "noop.wasm"],
        expect![[r#"
        DIGEST, 1.5 KiB
        imports no WASI at all: it can do nothing but compute

        inc PURE
          Adds one.
          input   {v: int}
          output  {v: int}
        --- stderr
        --- exit 0
    "#]],
    )
    .expect(0);
    let described = world.jackfield(&["plugin", "describe", "probe.wasm", "--json"]).expect(0).json();
    let tasks = described["tasks"].as_array().expect("tasks");
    assert!(tasks.len() > 20 && tasks.iter().any(|task| task["name"] == "echo" && task["effect"] == "pure"), "{described}");
    let checked = world.jackfield(&["plugin", "check", "probe.wasm", "--json"]).expect(0).json();
    let findings = checked["findings"].as_array().expect("a list");
    assert!(findings.iter().all(|found| found["severity"] == "warning" && found["task"] != "echo"), "{checked}");
    let said = world.jackfield(&["plugin", "check", "probe.wasm"]).expect(0);
    assert!(said.stderr.ends_with("tasks, nothing is wrong\n"), "{}", said.stderr);
}

#[test]
fn h26_files_that_are_no_plugins_are_named_for_what_they_are() {
    let world = World::new();
    for (name, bytes) in handwritten::not_components() {
        world.write("x.wasm", bytes);
        for words in [&["plugin", "check", "x.wasm"][..], &["plugin", "describe", "x.wasm", "--json"], &["task", "call", "x.wasm", "a"]] {
            let answer = world.jackfield(words);
            assert!([1, 2].contains(&answer.code), "{name}: {words:?}: {answer:?}");
            assert!(answer.stderr.contains("x.wasm") && !answer.stderr.contains("internal error"), "{name}: {}", answer.stderr);
        }
    }
    world.write("x.wasm", handwritten::unknown_import());
    let answer = world.jackfield(&["plugin", "check", "x.wasm"]).expect(2);
    assert!(answer.stderr.contains("acme:door/open@1.0.0"), "{}", answer.stderr);
    check(
        &world,
        &["plugin", "check", "none.wasm"],
        expect![[r#"
        --- stderr
        error: none.wasm: No such file or directory (os error 2)
        --- exit 2
    "#]],
    )
    .expect(2);
    check(
        &world,
        &["plugin", "check", "."],
        expect![[r#"
        --- stderr
        error: .: not a regular file
        --- exit 2
    "#]],
    )
    .expect(2);
}

#[test]
fn a_new_plugin_is_made_once_and_only_under_a_name() {
    let world = World::new();
    check(
        &world,
        &["plugin", "new", "hello"],
        expect![[r#"
        --- stderr
        hello is a working plugin; next: jackfield plugin build hello
        --- exit 0
    "#]],
    )
    .expect(0);
    assert!(world.read("hello/Cargo.toml").contains("name = \"hello\""));
    let made = world.read("hello/Cargo.toml");
    check(
        &world,
        &["plugin", "new", "hello"],
        expect![[r#"
        --- stderr
        error: hello is not empty: choose another directory with `--dir`
        --- exit 2
    "#]],
    )
    .expect(2);
    assert_eq!(world.read("hello/Cargo.toml"), made);
    for name in ["../x", "Hello", "é", "a/b", "", "con.txt"] {
        world.jackfield(&["plugin", "new", name]).expect(2);
    }
    world.jackfield(&["plugin", "new", "other", "--dir", "a/b", "--json"]).expect(0);
    assert!(world.file("a/b/src/lib.rs").is_file());
    world.jackfield(&["plugin", "build", "none"]).expect(2);
}

/// Another version of the smallest guest, which takes and answers any number.
fn with_two_versions() -> World {
    let world = World::new();
    let old = std::fs::read(kit::guest("noop")).expect("built");
    let (from, to) = (b":\"integer\"", b": \"number\"");
    let mut new = old.clone();
    let at = old.windows(from.len()).position(|part| part == from).expect("its schema");
    new[at..at + to.len()].copy_from_slice(to);
    world.write("old.wasm", old);
    world.write("new.wasm", new);
    world
}

#[test]
fn another_version_tells_what_it_changes_and_for_whom() {
    let world = with_two_versions();
    world.write("a/uses.yaml", "workflow: uses\nplugins: { p: ../old.wasm }\nsteps:\n  one: { task: p.inc, with: { v: 1 } }\n  two: { task: p.inc, with: { v: \"${ steps.one.v + 1 }\" } }\noutputs: { v: \"${ steps.two.v }\" }\n");
    world.write("other.yaml", "workflow: other\nplugins: { p: new.wasm }\nsteps:\n  one: { task: p.inc, with: { v: 1.0 } }\noutputs: { v: \"${ steps.one.v }\" }\n");
    world.write("no-workflow.yaml", "- 1\n");
    check(
        &world,
        &["plugin", "diff", "old.wasm", "new.wasm"],
        expect![[r#"
            DIGEST 1.5 KiB → DIGEST 1.5 KiB
              ! inc input: `v` was int, is float
              ! inc output: `v` was int, is float

            a/uses.yaml: steps one, two
              a/uses.yaml:5:38: error[E010]: `+` does not take float and int (whole numbers and doubles do not mix: write `1.0`, or use `float(...)` or `int(...)`)
            --- stderr
            --- exit 4
        "#]],
    )
    .expect(4);
    let report = world.jackfield(&["plugin", "diff", "old.wasm", "new.wasm", "--json"]).expect(4).json();
    assert_eq!((&report["weight"], &report["workflows"][0]["steps"]), (&json!("breaking"), &json!(["one", "two"])));
    assert_eq!(report["workflows"][0]["problems"][0]["line"], 5);
    check(
        &world,
        &["plugin", "diff", "old.wasm", "old.wasm"],
        expect![[r#"
            DIGEST 1.5 KiB → DIGEST 1.5 KiB
            the same bytes
            --- stderr
            --- exit 0
        "#]],
    )
    .expect(0);
    check(
        &world,
        &["plugin", "diff", "old.wasm", "new.wasm", "--workflow", "other.yaml", "-q"],
        expect![[r#"
        DIGEST 1.5 KiB → DIGEST 1.5 KiB
          ! inc input: `v` was int, is float
          ! inc output: `v` was int, is float
        --- stderr
        --- exit 4
    "#]],
    )
    .expect(4);
    check(
        &world,
        &["plugin", "diff", "old.wasm", "new.wasm", "--workflow", "none.yaml"],
        expect![[r#"
        --- stderr
        error: none.yaml: No such file or directory (os error 2)
        --- exit 2
    "#]],
    )
    .expect(2);
}
