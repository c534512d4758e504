//! Names of every kind, and what refers to them (P02).

use expect_test::expect;

use super::{check, problems, sound, step};
use crate::definition::is_name;

#[test]
fn p02_what_names_a_step() {
    let bad = |name: &str| format!("workflow: w\nsteps:\n  {name}: {{ task: t.x }}\n");
    check(
        &bad("a/b"),
        expect![[r#"
        w.yaml:3:3: error[E007]: `a/b` cannot name a step (3 characters) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
    "#]],
    );
    check(
        &bad("../a"),
        expect![[r#"
        w.yaml:3:3: error[E007]: `../a` cannot name a step (4 characters) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
    "#]],
    );
    check(
        &bad("🚀"),
        expect![[r#"
        w.yaml:3:3: error[E007]: `🚀` cannot name a step (1 character) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
    "#]],
    );
    check(
        &bad("Fetch"),
        expect![[r#"
        w.yaml:3:3: error[E007]: `Fetch` cannot name a step (5 characters) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
    "#]],
    );
    check(
        &bad("fetch_all"),
        expect![[r#"
        w.yaml:3:3: error[E007]: `fetch_all` cannot name a step (9 characters) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
    "#]],
    );
    check(
        &bad("1st"),
        expect![[r#"
        w.yaml:3:3: error[E007]: `1st` cannot name a step (3 characters) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
    "#]],
    );
    check(
        &bad("a-"),
        expect![[r#"
        w.yaml:3:3: error[E007]: `a-` cannot name a step (2 characters) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
    "#]],
    );
    check(
        &bad("\"\""),
        expect![[r#"
        w.yaml:3:3: error[E007]: `` cannot name a step (0 characters) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
    "#]],
    );
    check(
        &bad("\"a b\""),
        expect![[r#"
        w.yaml:3:3: error[E007]: `a b` cannot name a step (3 characters) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
    "#]],
    );
    check(
        &bad("\"a\\u202eb\\e[2J\""),
        expect![[r#"
        w.yaml:3:3: error[E007]: `a\u{202e}b\u{1b}[2J` cannot name a step (7 characters) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
    "#]],
    );
    check(
        &bad(&"a".repeat(300)),
        expect![[r#"
        w.yaml:3:3: error[E007]: `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…` cannot name a step (300 characters) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
    "#]],
    );
    check(
        &bad(&"a".repeat(65)),
        expect![[r#"
        w.yaml:3:3: error[E007]: `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…` cannot name a step (65 characters) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
    "#]],
    );
    sound(&bad(&"a".repeat(64)));
    sound(&bad("a-1"));
}

#[test]
fn p02_every_other_name_is_held_to_the_same_rule() {
    check(
        "workflow: W/1\ninputs: { A: int }\nplugins: { t_x: ./t.wasm }\nsteps: { a: { task: t.x } }\noutputs: { Out: 1 }\n",
        expect![[r#"
            w.yaml:1:11: error[E007]: `W/1` cannot name a workflow (3 characters) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
            w.yaml:2:11: error[E007]: `A` cannot name an input (1 character) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
            w.yaml:3:12: error[E007]: `t_x` cannot name a plugin (3 characters) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
            w.yaml:5:12: error[E007]: `Out` cannot name an output (3 characters) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
        "#]],
    );
}

#[test]
fn p02_a_name_is_what_it_says() {
    for name in ["a", "a1", "a-b", "steps", "inputs", "item", "true", "null", "in"] {
        assert!(is_name(name), "{name}");
    }
    for name in ["", "-", "-a", "a-", "1", "A", "é", "a\n", "a\0", "a.b", "a_b", " a"] {
        assert!(!is_name(name), "{name:?}");
    }
}

#[test]
fn p02_words_of_the_language_can_name_steps() {
    sound("workflow: w\nsteps:\n  steps: { task: t.x }\n  inputs: { task: t.x }\n  item: { task: t.x }\n  \"true\": { task: t.x }\n");
}

#[test]
fn p02_what_names_a_task() {
    for task in ["csv", "csv.", ".parse", "\".\"", "\"\""] {
        let (_, problems) = problems(&format!("workflow: w\nsteps:\n  a: {{ task: {task} }}\n"));
        let expected = format!(
            "w.yaml:3:14: error[E005]: `{}` does not name a task (write PLUGIN.TASK, such as `csv.parse`, where PLUGIN stands under `plugins:`)",
            task.trim_matches('"')
        );
        assert_eq!(problems, [expected]);
    }
    check(
        "workflow: w\nsteps:\n  a: {}\n  b:\n  c: { with: {} }\n",
        expect![[r#"
            w.yaml:3:3: error[E004]: step `a` does nothing: it has no action (add `task: PLUGIN.TASK`, or one of: flow, sleep, until, wait, value)
            w.yaml:4:4: error[E005]: expected a mapping (a step), found nothing
            w.yaml:5:3: error[E004]: step `c` does nothing: it has no action (add `task: PLUGIN.TASK`, or one of: flow, sleep, until, wait, value)
        "#]],
    );
}

#[test]
fn p02_where_plugins_come_from() {
    check(
        "workflow: w\nplugins:\n  a: ftp://registry.example/a:^1\n  b: oci://x/b\n  c: [./c.wasm]\n  d:\nsteps: { a: { task: a.x } }\n",
        expect![[r#"
            w.yaml:3:6: error[E014]: plugins are found by path or in a registry; `ftp:` is not known (write a path relative to this file, such as `./plugins/csv.wasm`, or a package, such as `oci://registry.example/acme/csv:^1.2`)
            w.yaml:5:6: error[E005]: expected a path to a component, found a list
            w.yaml:6:4: error[E005]: expected a path to a component, found nothing
        "#]],
    );
}

#[test]
fn p02_a_hundred_thousand_steps_are_too_many() {
    let steps: String = (0..100_000).map(|step| format!("  s{step}: {{ task: t.x }}\n")).collect();
    let (definition, problems) = problems(&format!("workflow: w\nsteps:\n{steps}"));
    assert!(definition.is_none());
    expect!["w.yaml:100001:19: error[E001]: more than 400000 values, those of anchors and aliases counted each time"]
        .assert_eq(&problems.join("\n"));
}

#[test]
fn p02_twenty_thousand_steps_are_not() {
    let steps: String = (0..20_000).map(|step| format!("  s{step}: {{ task: t.x }}\n")).collect();
    assert_eq!(sound(&format!("workflow: w\nsteps:\n{steps}")).steps.len(), 20_000);
    check(
        &format!("workflow: w\nsteps:\n{steps}  more: {{ task: t.x }}\n"),
        expect![[r#"
        w.yaml:1:1: error[E006]: 20001 steps; a workflow may have 20000 (use `for-each` for what is repeated)
    "#]],
    );
}

#[test]
fn p02_after_two_hundred_problems_nobody_reads_on() {
    let steps: String = (0..5_000).map(|step| format!("  S{step}: {{ task: t.x }}\n")).collect();
    let (_, problems) = problems(&format!("workflow: w\nsteps:\n{steps}"));
    assert_eq!(problems.len(), 200);
}

#[test]
fn p02_a_limit_without_what_it_limits() {
    check(
        &step("max-parallel: 3"),
        expect![[r#"
            w.yaml:5:5: error[E016]: `max-parallel` belongs to `for-each`, and what stands here is `task` (remove `max-parallel`, or write it where `for-each` is)
        "#]],
    );
}
