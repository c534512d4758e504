//! What YAML has and a workflow has not, and how a file can be no text at all (P01).

use expect_test::expect;

use super::{call, check, problems, sound, step};
use crate::definition::TemplateKind;
use crate::types::Value;

#[test]
fn p01_empty_files() {
    for text in ["", "\n\n", "# nothing\n", "\u{feff}"] {
        assert_eq!(
            problems(text).1,
            ["w.yaml:1:1: error[E001]: the file is empty (a workflow begins with `workflow: NAME` and `steps:`)"],
            "{text:?}"
        );
    }
    check(
        "---\n",
        expect![[r#"
        w.yaml:2:1: error[E005]: expected a mapping (a workflow), found nothing
    "#]],
    );
    check(
        "null\n",
        expect![[r#"
        w.yaml:1:1: error[E005]: expected a mapping (a workflow), found nothing
    "#]],
    );
    check(
        "[]\n",
        expect![[r#"
        w.yaml:1:1: error[E005]: expected a mapping (a workflow), found a list
    "#]],
    );
    check(
        "{}\n",
        expect![[r#"
        w.yaml:1:1: error[E004]: a workflow needs `steps` (add `steps:` with at least one step)
        w.yaml:1:1: error[E004]: a workflow needs a name (begin with `workflow: NAME`)
    "#]],
    );
    check(
        "hello\n",
        expect![[r#"
        w.yaml:1:1: error[E005]: expected a mapping (a workflow), found a text
    "#]],
    );
}

#[test]
fn p01_binary_files() {
    check(
        "\0asm\r\0\u{1}\0",
        expect![[r#"
        w.yaml:1:1: error[E001]: a control character: this is not a text file
    "#]],
    );
    check(
        "workflow: w\nsteps: \u{7f}ELF\n",
        expect![[r#"
        w.yaml:2:8: error[E001]: a control character: this is not a text file
    "#]],
    );
    // UTF-16 that was taken for UTF-8: every other byte is NUL.
    check(
        "w\0o\0r\0k\0",
        expect![[r#"
        w.yaml:1:2: error[E001]: a control character: this is not a text file
    "#]],
    );
    check(
        "workflow: \u{85}\n",
        expect![[r#"
        w.yaml:1:11: error[E001]: a control character: this is not a text file
    "#]],
    );
}

#[test]
fn p01_a_byte_order_mark_is_no_part_of_the_text() {
    let definition = sound("\u{feff}workflow: w\nsteps: { a: { task: t.x } }\n");
    assert_eq!(&*definition.name.value, "w");
    check(
        "\u{feff}wörkflow: w\nsteps: { a: { task: t.x } }\n",
        expect![[r#"
        w.yaml:1:1: error[E002]: unknown key `wörkflow` in a workflow (did you mean `workflow`?)
        w.yaml:1:1: error[E004]: a workflow needs a name (begin with `workflow: NAME`)
    "#]],
    );
}

#[test]
fn p01_tabs() {
    check(
        "workflow: w\nsteps:\n\ta:\n\t\ttask: t.x\n",
        expect![[r#"
        w.yaml:3:2: error[E001]: not well-formed YAML: tabs disallowed within this context (block indentation) (YAML is indented by spaces, not by tabs)
    "#]],
    );
    check(
        "workflow: w\nsteps:\n  a:\n  \ttask: t.x\n",
        expect![[r#"
        w.yaml:4:4: error[E001]: not well-formed YAML: tabs disallowed within this context (block indentation) (YAML is indented by spaces, not by tabs)
    "#]],
    );
    check(
        "workflow:\tw\n",
        expect![[r#"
        w.yaml:1:11: error[E001]: not well-formed YAML: ':' must be followed by a valid YAML whitespace (YAML is indented by spaces, not by tabs)
    "#]],
    );
    // Between words a tab is white space like any other.
    sound("workflow: \tw\nsteps:\n  a: { task: t.x,\tneeds: [] }\t# a comment\n");
}

#[test]
fn p01_line_ends_of_other_systems() {
    sound("workflow: w\r\nsteps:\r\n  a:\r\n    task: t.x\r\n");
    check(
        "workflow: w\r\nsteps:\r\n  é:\r\n    task: t.x\r\n  b:\r\n    tsk: t.x\r\n",
        expect![[r#"
            w.yaml:3:3: error[E007]: `é` cannot name a step (1 character) (a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter)
            w.yaml:5:3: error[E004]: step `b` does nothing: it has no action (add `task: PLUGIN.TASK`, or one of: flow, sleep, until, wait, value)
            w.yaml:6:5: error[E002]: unknown key `tsk` in a step (did you mean `task`?)
        "#]],
    );
}

#[test]
fn p01_keys_that_stand_twice() {
    check(
        "workflow: w\nworkflow: v\nsteps:\n  a: { task: t.x, task: t.y }\n  \"a\": { task: t.z }\n",
        expect![[r#"
        w.yaml:2:1: error[E003]: `workflow` stands twice (it is already in line 1)
        w.yaml:4:19: error[E003]: `task` stands twice (it is already in line 4)
        w.yaml:5:3: error[E003]: `a` stands twice (it is already in line 4)
    "#]],
    );
    check(
        &step("with: { n: { b: 1, c: 2, b: 3 } }"),
        expect![[r#"
        w.yaml:5:30: error[E003]: `b` stands twice (it is already in line 5)
    "#]],
    );
    check(
        "workflow: w\ninputs:\n  a: { type: int, type: string }\n  b: { type: int, default: 1, default: 2 }\nsteps: { a: { task: t.x } }\n",
        expect![[r#"
            w.yaml:3:19: error[E003]: `type` stands twice (it is already in line 3)
            w.yaml:4:31: error[E003]: `default` stands twice (it is already in line 4)
        "#]],
    );
}

#[test]
fn p01_keys_without_meaning_and_the_nearest_that_has_one() {
    check(
        "workflow: w\nimputs: {}\nbackoff: fixed\nsteps:\n  a: { tassk: t.x, task: t.x, retires: 3, forEach: [], zzz: 1 }\n",
        expect![[r#"
            w.yaml:2:1: error[E002]: unknown key `imputs` in a workflow (did you mean `inputs`?)
            w.yaml:3:1: error[E002]: unknown key `backoff` in a workflow (`backoff` is a key of `retry`; a workflow has: workflow, description, labels, inputs, plugins, on, flows, concurrency, priority, retention, defaults, steps, outputs)
            w.yaml:5:8: error[E002]: unknown key `tassk` in a step (did you mean `task`?)
            w.yaml:5:31: error[E002]: unknown key `retires` in a step (a step has: description, task, with, grant, flow, if-parent-ends, sleep, until, wait, value, for-each, max-parallel, on-item-error, repeat, choose, race, if, needs, timeout, retry, on-error, finally, compensate, cache, lock, rate, priority, effect)
            w.yaml:5:43: error[E002]: unknown key `forEach` in a step (did you mean `for-each`?)
            w.yaml:5:56: error[E002]: unknown key `zzz` in a step (a step has: description, task, with, grant, flow, if-parent-ends, sleep, until, wait, value, for-each, max-parallel, on-item-error, repeat, choose, race, if, needs, timeout, retry, on-error, finally, compensate, cache, lock, rate, priority, effect)
        "#]],
    );
    check(
        &step("retry: { attempt: 3, backof: fixed }"),
        expect![[r#"
        w.yaml:5:14: error[E002]: unknown key `attempt` in `retry` (did you mean `attempts`?)
        w.yaml:5:26: error[E002]: unknown key `backof` in `retry` (did you mean `backoff`?)
    "#]],
    );
    check(
        &step("grant: { htpp: [], file: [], secrets: [{ nam: a }] }"),
        expect![[r#"
        w.yaml:5:14: error[E002]: unknown key `htpp` in `grant` (did you mean `http`?)
        w.yaml:5:24: error[E002]: unknown key `file` in `grant` (did you mean `files`?)
        w.yaml:5:44: error[E004]: a secret needs a `name`
        w.yaml:5:46: error[E002]: unknown key `nam` in a secret (did you mean `name`?)
    "#]],
    );
}

#[test]
fn p01_merge_keys() {
    check(
        "base: &base { task: t.x }\nsteps:\n  a:\n    <<: *base\n",
        expect![[r#"
        w.yaml:4:5: error[E001]: merge keys (`<<`) are not part of YAML 1.2 (use `defaults:` for what steps have in common)
    "#]],
    );
}

#[test]
fn p01_tags() {
    check(
        &step("with: { n: !!python/object/apply:os.system [\"id\"] }"),
        expect![[r#"
        w.yaml:5:16: error[E001]: the tag `tag:yaml.org,2002:python/object/apply:os.system` has no meaning here (write the value without a tag; quote it to make it a text)
    "#]],
    );
    check(
        &step("with: { n: !!str 1 }"),
        expect![[r#"
        w.yaml:5:16: error[E001]: the tag `tag:yaml.org,2002:str` has no meaning here (write the value without a tag; quote it to make it a text)
    "#]],
    );
    check(
        &step("with: !secret { n: 1 }"),
        expect![[r#"
        w.yaml:5:11: error[E001]: the tag `!secret` has no meaning here (write the value without a tag; quote it to make it a text)
    "#]],
    );
    check(
        "%TAG !e! tag:example.com,2026:\n---\nworkflow: !e!name w\n",
        expect![[r#"
        w.yaml:3:11: error[E001]: the tag `tag:example.com,2026:name` has no meaning here (write the value without a tag; quote it to make it a text)
    "#]],
    );
}

#[test]
fn p01_more_than_one_document() {
    check(
        "workflow: w\nsteps: { a: { task: t.x } }\n---\nworkflow: v\n",
        expect![[r#"
        w.yaml:4:1: error[E001]: a second document: one file is one workflow
    "#]],
    );
    sound("---\nworkflow: w\nsteps: { a: { task: t.x } }\n...\n");
}

#[test]
fn p01_aliases_of_what_is_not_there_or_not_ended() {
    check(
        &step("with: { n: *nowhere }"),
        expect![[r#"
        w.yaml:5:16: error[E001]: not well-formed YAML: while parsing node, found unknown anchor
    "#]],
    );
    check(
        &step("with: &loop { n: *loop }"),
        expect![[r#"
        w.yaml:5:22: error[E001]: an alias inside of what it stands for
    "#]],
    );
}

#[test]
fn p01_half_of_a_text() {
    for text in ["workflow: \"w\n", "workflow: [a\n", "workflow: {a: 1\n"] {
        let (definition, problems) = problems(text);
        assert!(definition.is_none() && problems.len() == 1 && problems[0].contains("error[E001]: not well-formed YAML"), "{problems:?}");
    }
    check(
        "workflow: w\nsteps:\n  a: b: c\n",
        expect![[r#"
        w.yaml:3:7: error[E001]: not well-formed YAML: mapping values are not allowed in this context
    "#]],
    );
    check(
        "workflow: w\n  steps: 1\n",
        expect![[r#"
        w.yaml:2:8: error[E001]: not well-formed YAML: mapping values are not allowed in this context
    "#]],
    );
    check(
        "? [a, b]\n: 1\n",
        expect![[r#"
        w.yaml:1:3: error[E001]: a key must be a text
    "#]],
    );
}

/// The literal that a plain scalar is in `with`.
fn literal(scalar: &str) -> Value {
    let definition = sound(&step(&format!("with: {{ n: {scalar} }}")));
    let Some(TemplateKind::Map(fields)) = call(&definition, 0).with.as_ref().map(|with| &with.kind) else { panic!("{scalar}") };
    match &fields[0].2.kind {
        TemplateKind::Literal(value) => value.clone(),
        other => panic!("{scalar}: {other:?}"),
    }
}

#[test]
fn p01_scalars_mean_what_yaml_1_2_says() {
    for text in [
        "no",
        "NO",
        "No",
        "yes",
        "on",
        "off",
        "y",
        "n",
        "1_000",
        "12:30:45",
        "0b1",
        ".inf",
        "-.inf",
        ".nan",
        "1e309",
        "2026-03-01",
        "+",
        ".",
        "0x",
        "99999999999999999999999",
    ] {
        assert_eq!(literal(text), Value::string(text), "{text}");
    }
    for text in ["\"1\"", "'true'", "\"null\"", "'~'"] {
        assert_eq!(literal(text), Value::string(&text[1..text.len() - 1]), "{text}");
    }
    for text in ["null", "~", "Null", "NULL", ""] {
        assert_eq!(literal(text), Value::Null, "{text}");
    }
    let numbers = [
        ("012", Value::Int(12)),
        ("0o14", Value::Int(12)),
        ("0xfF", Value::Int(255)),
        ("-7", Value::Int(-7)),
        ("+7", Value::Int(7)),
        ("9223372036854775807", Value::Int(i64::MAX)),
        ("-9223372036854775808", Value::Int(i64::MIN)),
        ("18446744073709551615", Value::uint(u64::MAX)),
        ("1.5", Value::Float(1.5)),
        ("-.5e3", Value::Float(-500.0)),
        ("true", Value::Bool(true)),
        ("FALSE", Value::Bool(false)),
    ];
    for (text, value) in numbers {
        assert_eq!(literal(text), value, "{text}");
    }
}

#[test]
fn p01_norway_is_a_text_and_no_answer() {
    check(
        &step("grant: { scratch: no }"),
        expect![[r#"
        w.yaml:5:23: error[E005]: `scratch` is `no` (one of: true, false)
    "#]],
    );
    check(
        &step("grant: { scratch: yes }"),
        expect![[r#"
        w.yaml:5:23: error[E005]: `scratch` is `yes` (one of: true, false)
    "#]],
    );
    check(
        "workflow: w\ninputs:\n  yes-no: { type: bool, default: no }\n  country: { type: string, default: no }\nsteps: { a: { task: t.x } }\n",
        expect![[r#"
        w.yaml:3:34: error[E015]: the default is not of type bool: expected bool, found string "no"
    "#]],
    );
}

#[test]
fn p01_shapes_that_are_not_expected() {
    check(
        "workflow: [w]\nsteps: []\n",
        expect![[r#"
        w.yaml:1:11: error[E005]: expected a name, found a list
        w.yaml:2:8: error[E005]: expected a mapping from names to steps, found a list
    "#]],
    );
    check(
        "workflow:\nsteps:\n",
        expect![[r#"
        w.yaml:1:9: error[E005]: expected a name, found nothing
        w.yaml:2:6: error[E005]: expected a mapping from names to steps, found nothing
    "#]],
    );
    check(
        &step("with: 3"),
        expect![[r#"
        w.yaml:5:11: error[E005]: expected a mapping (the task's input), found a number
    "#]],
    );
    check(
        &step("with: [1]"),
        expect![[r#"
        w.yaml:5:11: error[E005]: expected a mapping (the task's input), found a list
    "#]],
    );
    check(
        &step("grant: all"),
        expect![[r#"
        w.yaml:5:12: error[E005]: expected a mapping (`grant`), found a text
    "#]],
    );
    check(
        &step("needs: { b: 1 }"),
        expect![[r#"
        w.yaml:5:12: error[E005]: expected the name of a step, found a mapping
    "#]],
    );
    check(
        &step("retry: [1]"),
        expect![[r#"
        w.yaml:5:12: error[E005]: expected a mapping (`retry`), found a list
    "#]],
    );
    check(
        &step("timeout: [5s]"),
        expect![[r#"
        w.yaml:5:14: error[E005]: expected a duration such as 30s, found a list
    "#]],
    );
    check(
        "workflow: w\ninputs: 3\nplugins: x\ndefaults: 5s\noutputs: 1\nsteps: { a: t.x }\n",
        expect![[r#"
        w.yaml:2:9: error[E005]: expected a mapping from names to inputs, found a number
        w.yaml:3:10: error[E005]: expected a mapping from names to plugins, found a text
        w.yaml:4:11: error[E005]: expected a mapping (`defaults`), found a text
        w.yaml:5:10: error[E005]: expected a mapping from names to outputs, found a number
        w.yaml:6:13: error[E005]: expected a mapping (a step), found a text
    "#]],
    );
}
