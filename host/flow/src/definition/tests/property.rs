//! Whatever the text, reading it ends with an answer whose places lie in the text.

use proptest::prelude::*;

use super::GOOD;
use crate::definition::{Severity, Source, read};

/// Pieces that make up something close to a workflow.
const PIECES: &[&str] = &[
    "workflow: w\n",
    "steps:\n",
    "  a:\n",
    "    task: t.x\n",
    "    with: ",
    "{ n: ",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "${ ",
    " }",
    "inputs.x",
    "|\n",
    ">-\n",
    "&a ",
    "*a",
    "<<: ",
    "!!str ",
    "- ",
    "? ",
    ": ",
    ", ",
    "\n",
    "  ",
    "\t",
    "\r\n",
    "# ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "é",
    "🚀",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "\0",
    "1e309s",
    "-1",
    "timeout: ",
    "retry: ",
    "grant: { http: [",
    "\\u00e9",
    "\\x",
];

/// A text close to a workflow.
fn nearly() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

/// The good file with some parts cut, doubled, moved or replaced.
fn mutated() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_u8, prop::sample::select(PIECES));
    prop::collection::vec(change, 1..6).prop_map(|changes| {
        let mut text: Vec<char> = GOOD.chars().collect();
        for (from, to, how, piece) in changes {
            if text.is_empty() {
                break;
            }
            let (from, to) = (from.index(text.len()), to.index(text.len()));
            let (from, to) = (from.min(to), from.max(to).min(from.min(to) + 40));
            match how {
                0 => drop(text.drain(from..to)),
                1 => {
                    let part = text[from..to].to_vec();
                    text.splice(to..to, part);
                }
                2 => text.truncate(from),
                _ => drop(text.splice(from..to, piece.chars())),
            }
        }
        text.into_iter().collect()
    })
}

/// Reads it; what is said of it can be shown, and a text without errors has a definition.
fn read_and_look(text: &str) {
    let source = Source::new("w.yaml", text);
    let (definition, problems) = read(&source);
    let errors = problems.iter().filter(|problem| problem.code.severity() == Severity::Error).count();
    assert!(definition.is_some() || errors > 0, "neither a definition nor an error: {text:?}");
    for problem in &problems {
        assert!(problem.span.start <= problem.span.end, "{problem:?}");
        assert!(problem.span.start <= text.len(), "{problem:?} lies outside of {text:?}");
        assert!(!problem.line(&source).is_empty() && !problem.message.contains('\n'), "{problem:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        read_and_look(&text);
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_and_look(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn nearly_a_workflow_is_answered(text in nearly()) {
        read_and_look(&text);
    }

    #[test]
    fn a_workflow_with_mistakes_is_answered(text in mutated()) {
        read_and_look(&text);
    }
}
