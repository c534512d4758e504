//! Texts and the trees that are made of them.

use expect_test::{Expect, expect};

use super::*;

/// A tree in one line: keys with `:` when the colon is there, `~` for what is missing.
fn line(node: &Node) -> String {
    match &node.kind {
        Kind::Missing => "~".to_owned(),
        Kind::Scalar(scalar) => format!("{:?}", scalar.text),
        Kind::List(items) => format!("[{}]", items.iter().map(line).collect::<Vec<_>>().join(", ")),
        Kind::Map(entries) => {
            let entry = |entry: &Entry| format!("{}{} {}", entry.key, if entry.colon { ":" } else { "?" }, line(&entry.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&line(&parse(text)));
}

#[test]
fn whole_texts() {
    check("a: 1\nb:\n  c: x y # comment\n  d: \"q: \\\" r\"\n", expect![[r#"{a: "1", b: {c: "x y", d: "q: \" r"}}"#]]);
    check("a:\n- 1\n- b: 2\n  c: 3\n-\n  d: 4\n- - 5\n", expect![[r#"{a: ["1", {b: "2", c: "3"}, {d: "4"}, ["5"]]}"#]]);
    check("a: { b: [1, 'x''y'], \"c\": {d: e} }\nf: []\n", expect![[r#"{a: {b: ["1", "x'y"], c: {d: "e"}}, f: []}"#]]);
    check("a: {\n  b: 1,\n  c: [\n    2\n  ],\n}\nd: 1\n", expect![[r#"{a: {b: "1", c: ["2"]}, d: "1"}"#]]);
    check("a: |\n  line: 1\n\n  - 2\nb: >-\n  x\n", expect![[r#"{a: "line: 1\n\n- 2", b: "x"}"#]]);
    check("a: plain\n  goes on\nb: 1\n", expect![[r#"{a: "plain goes on", b: "1"}"#]]);
    check("{\"a\": {\"b\": [1, true]}}", expect![[r#"{a: {b: ["1", "true"]}}"#]]);
    check("a: &x 1\nb: *x\nc: !!str 2\n", expect![[r#"{a: "1", b: "*x", c: "2"}"#]]);
    check("\u{feff}# comment\n---\na: 1\r\nb: 2\r\n...\n", expect![[r#"{a: "1", b: "2"}"#]]);
    check("a:\n  if: ${ x\n    ? 1 : 2 }\n  b: 1\n", expect![[r#"{a: {if: "${ x ? 1 : 2 }", b: "1"}}"#]]);
}

#[test]
fn half_texts() {
    check("a", expect![[r#""a""#]]);
    check("a:\n  b\n", expect![[r#"{a: "b"}"#]]);
    check("a:\n  b\n  c: 1\n", expect![[r#"{a: {b? ~, c: "1"}}"#]]);
    check("a:\n  b: 1\n  c\nd:\n", expect![[r#"{a: {b: "1", c? ~}, d: ~}"#]]);
    check("a: { b: 1, c\nd: 2\n", expect![[r#"{a: {b: "1", c? ~}, d: "2"}"#]]);
    check("a: { b: \"x }\nc: 2\n", expect![[r#"{a: {b: "x }"}, c: "2"}"#]]);
    check("a: [1, 2\nb: 3\n", expect![[r#"{a: ["1", "2"], b: "3"}"#]]);
    check("a: { b: ${ x.y }, c: ${ z }\n", expect![[r#"{a: {b: "${ x.y }", c: "${ z }"}}"#]]);
    check("a:\n  b: 1\n    c: 2\n  d: 3\n", expect![[r#"{a: {b: "1", d: "3"}}"#]]);
    check("a:\n    b: 1\n  c: 2\n", expect![[r#"{a: {b: "1", c: "2"}}"#]]);
    check("a: 'x\nb: 1\n", expect![[r#"{a: "x", b: "1"}"#]]);
    check("- a\nb: 1\n", expect![[r#"["a"]"#]]);
    check("a: }\nb: ]\nc: ,\n", expect![[r#"{a: "}", b: "]", c: ","}"#]]);
    check("{ a: { b }\n", expect!["{a: {b? ~}}"]);
    check("a:\n\tb: 1\n", expect![[r#"{a: {b: "1"}}"#]]);
}
