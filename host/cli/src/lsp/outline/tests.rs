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
    check("a: 1\nb:\n  c: x y # comment\n  d: \"q: \\\" r\"\n", expect![""]);
    check("a:\n- 1\n- b: 2\n  c: 3\n-\n  d: 4\n- - 5\n", expect![""]);
    check("a: { b: [1, 'x''y'], \"c\": {d: e} }\nf: []\n", expect![""]);
    check("a: {\n  b: 1,\n  c: [\n    2\n  ],\n}\nd: 1\n", expect![""]);
    check("a: |\n  line: 1\n\n  - 2\nb: >-\n  x\n", expect![""]);
    check("a: plain\n  goes on\nb: 1\n", expect![""]);
    check("{\"a\": {\"b\": [1, true]}}", expect![""]);
    check("a: &x 1\nb: *x\nc: !!str 2\n", expect![""]);
    check("\u{feff}# comment\n---\na: 1\r\nb: 2\r\n...\n", expect![""]);
    check("a:\n  if: ${ x\n    ? 1 : 2 }\n  b: 1\n", expect![""]);
}

#[test]
fn half_texts() {
    check("a", expect![""]);
    check("a:\n  b\n", expect![""]);
    check("a:\n  b\n  c: 1\n", expect![""]);
    check("a:\n  b: 1\n  c\nd:\n", expect![""]);
    check("a: { b: 1, c\nd: 2\n", expect![""]);
    check("a: { b: \"x }\nc: 2\n", expect![""]);
    check("a: [1, 2\nb: 3\n", expect![""]);
    check("a: { b: ${ x.y }, c: ${ z }\n", expect![""]);
    check("a:\n  b: 1\n    c: 2\n  d: 3\n", expect![""]);
    check("a:\n    b: 1\n  c: 2\n", expect![""]);
    check("a: 'x\nb: 1\n", expect![""]);
    check("- a\nb: 1\n", expect![""]);
    check("a: }\nb: ]\nc: ,\n", expect![""]);
    check("{ a: { b }\n", expect![""]);
    check("a:\n\tb: 1\n", expect![""]);
}
