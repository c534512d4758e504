//! Whatever the text and wherever the place, every feature answers, with places in the text.

use proptest::prelude::*;

use super::kit;
use crate::lsp::document::Document;
use crate::lsp::known::Known;
use crate::lsp::outline::{Kind, Node};
use crate::lsp::{completion, hover, names, symbols};

const GOOD: &str = r#"workflow: daily-orders
inputs:
  region: { type: string, enum: [eu, us], default: eu }
plugins:
  shop: ./shop.wasm
flows:
  tidy:
    steps:
      one: { value: "${ 1 }" }
steps:
  fetch:
    task: shop.list-orders
    with: { region: "${ inputs.region }" }
    retry: { attempts: 3, on: [busy] }
  save:
    for-each: ${ steps.fetch.orders.filter(o, o.total > 1.5) }
    task: shop.upsert
    with:
      order: |
        ${
          item
        }
    on-error:
      busy: { value: "${ { 'id': 1, 'code': error.code }.id }" }
    compensate: { flow: tidy, with: {} }
  pick:
    needs: [save, fetch]
    choose:
      - if: ${ size(steps.save) > 0 && 'a b' != "\"c\"" }
        value: 'it''s'
      - value: []
outputs:
  saved: ${ size(steps.save) }
"#;

const PIECES: &[&str] = &[
    "${ ",
    " }",
    "}",
    "{",
    "[",
    "]",
    "\"",
    "'",
    "`",
    "|\n",
    ">\n",
    "- ",
    "- - ",
    ": ",
    ":",
    "\n",
    "\n  ",
    "  ",
    "\t",
    "#",
    " # x",
    "&a ",
    "*a",
    "!!str ",
    "? ",
    "---\n",
    "é",
    "🚀",
    "\u{feff}",
    "\u{10fbee}",
    "\0",
    "\r",
    "\r\n",
    "steps.",
    "steps.fetch.",
    "inputs.",
    ".?",
    ".map(x, x.",
    "(",
    ")",
    "with:",
    "task: shop.",
    "steps:\n",
    "\\",
    "''",
];

fn mutated() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_u8, prop::sample::select(PIECES));
    prop::collection::vec(change, 0..8).prop_map(|changes| {
        let mut text: Vec<char> = GOOD.chars().collect();
        for (from, to, how, piece) in changes {
            if text.is_empty() {
                break;
            }
            let (from, to) = (from.index(text.len()), to.index(text.len()));
            let (from, to) = (from.min(to), from.max(to).min(from.min(to) + 60));
            match how {
                0 => drop(text.drain(from..to)),
                1 => {
                    let part = text[from..to].to_vec();
                    text.splice(to..to, part);
                }
                2 if from > 100 => text.truncate(from),
                _ => drop(text.splice(from..from, piece.chars())),
            }
        }
        text.into_iter().collect()
    })
}

/// Every feature at a place.
fn ask(document: &Document, known: &Known, byte: usize) {
    // An editor knows no places within a letter or within the end of a line.
    let byte = document.byte(document.lines.position(&document.text, byte));
    for item in completion::at(document, known, byte) {
        let Some(lsp_types::CompletionTextEdit::Edit(edit)) = item.text_edit else { continue };
        assert_eq!(document.byte(edit.range.end), byte, "what is written ends where the person is");
    }
    drop(hover::at(document, known, byte));
    drop(names::definition(document, byte));
    for span in names::references(document, byte) {
        assert!(document.text.get(span.start..span.end).is_some(), "{span:?} of {:?}", document.text);
    }
    drop(names::rename(document, byte, "other"));
}

/// Parts lie within their wholes, at whole characters.
fn places(node: &Node, text: &str) {
    assert!(text.get(node.span.start..node.span.end).is_some(), "{node:?}");
    match &node.kind {
        Kind::Missing | Kind::Scalar(_) => drop(node.expression(text)),
        Kind::List(items) => items.iter().for_each(|item| places(item, text)),
        Kind::Map(entries) => {
            for entry in entries {
                assert!(text.get(entry.key_span.start..entry.key_span.end).is_some(), "{entry:?}");
                places(&entry.value, text);
            }
        }
    }
}

fn look(text: &str, at: &[prop::sample::Index]) {
    let (document, known) = kit::opened(text);
    places(&document.root, text);
    drop(symbols::of(&document));
    ask(&document, &known, text.len());
    for index in at {
        ask(&document, &known, index.index(text.len() + 1));
    }
}

fn somewhere() -> impl Strategy<Value = Vec<prop::sample::Index>> {
    prop::collection::vec(any::<prop::sample::Index>(), 6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_workflow_with_mistakes_is_answered(text in mutated(), at in somewhere()) {
        look(&text, &at);
    }

    #[test]
    fn any_text_is_answered(text in any::<String>(), at in somewhere()) {
        look(&text, &at);
    }

    #[test]
    fn any_pieces_are_answered(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40), at in somewhere()) {
        look(&pieces.concat(), &at);
    }
}

/// The good text means the same to the forgiving parser as to the strict one.
#[test]
fn what_is_whole_is_read_as_it_is_meant() {
    let (document, known) = kit::opened(GOOD);
    let json = crate::lsp::view::value_of(&document.root).to_json();
    let read = |text: &str| jackfield_flow::definition::read(&jackfield_flow::definition::Source::new("w.yaml", text));
    let ((_, first), (_, second)) = (read(GOOD), read(&json));
    assert_eq!((first.len(), second.len()), (0, 0), "{first:?}\n{second:?}\n{json}");
    assert!(known.plugins.len() == 1);
}

/// Texts that make a careless parser slow or deep.
#[test]
fn large_and_deep_texts_are_answered() {
    let texts = [
        "[".repeat(100_000),
        "{a: ".repeat(50_000),
        "- ".repeat(50_000),
        "\"".repeat(100_001),
        "a: \"\n".repeat(50_000),
        (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect(),
        format!("workflow: w\nsteps:\n  a:\n    value: ${{ {}", "(".repeat(100_000)),
        format!("workflow: w\nsteps:\n  a:\n    value: ${{ {}", "a.map(x, ".repeat(2_000)),
        format!("workflow: w\nsteps:\n  a:\n    value: ${{ {}", "a[".repeat(20_000)),
        "x: |\n".repeat(50_000),
        format!("workflow: w\nsteps:\n{}", "  a: { needs: [b], value: \"${ steps.b }\" }\n".repeat(20_000)),
    ];
    for text in texts {
        let (document, known) = kit::opened(&text);
        drop(symbols::of(&document));
        for byte in [0, text.len() / 2, text.len()] {
            ask(&document, &known, byte);
        }
    }
}
