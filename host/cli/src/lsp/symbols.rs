//! The parts of a workflow, for the list beside the text.

use lsp_types::{DocumentSymbol, SymbolKind};

use super::document::{Document, Sort};
use super::outline::{Entry, Node};

/// More than a person looks through.
const SYMBOLS_MAX: usize = 20_000;

/// The parts whose names are listed, and what they are to editors.
const PARTS: &[(&str, SymbolKind)] = &[
    ("inputs", SymbolKind::VARIABLE),
    ("plugins", SymbolKind::PACKAGE),
    ("flows", SymbolKind::MODULE),
    ("steps", SymbolKind::FUNCTION),
    ("outputs", SymbolKind::FIELD),
    ("tests", SymbolKind::METHOD),
];

/// Inputs, plugins, flows, steps and outputs.
pub(crate) fn of(document: &Document) -> Vec<DocumentSymbol> {
    if document.sort() == Sort::Other { Vec::new() } else { parts(document, &document.root) }
}

fn parts(document: &Document, flow: &Node) -> Vec<DocumentSymbol> {
    let part = |entry: &Entry| {
        let (_, kind) = PARTS.iter().find(|(name, _)| *name == entry.key)?;
        let named = entry.value.entries().iter().filter(|entry| entry.colon).take(SYMBOLS_MAX);
        let children = named.map(|entry| {
            let detail = entry.value.get("task").or_else(|| entry.value.get("flow")).unwrap_or(&entry.value);
            let nested = if entry.value.get("steps").is_some() { parts(document, &entry.value) } else { Vec::new() };
            symbol(document, entry, *kind, detail.text(), nested)
        });
        Some(symbol(document, entry, SymbolKind::NAMESPACE, None, children.collect()))
    };
    flow.entries().iter().filter_map(part).collect()
}

fn symbol(document: &Document, entry: &Entry, kind: SymbolKind, detail: Option<&str>, children: Vec<DocumentSymbol>) -> DocumentSymbol {
    let end = entry.value.span.end.max(entry.key_span.end);
    #[expect(deprecated, reason = "the field has to be given, and nothing is said in it")]
    DocumentSymbol {
        name: if entry.key.is_empty() { "?".to_owned() } else { entry.key.clone() },
        detail: detail.map(ToOwned::to_owned),
        kind,
        tags: None,
        deprecated: None,
        range: document.range(jackfield_flow::definition::Span::new(entry.key_span.start, end)),
        selection_range: document.range(entry.key_span),
        children: Some(children).filter(|children| !children.is_empty()),
    }
}
