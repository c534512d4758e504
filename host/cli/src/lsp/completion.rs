//! What can be written at a place.
//!
//! The text is read with a mark at the place, so that an empty line and a half-typed word are the same: something stands there.

mod expression;
mod keys;
mod values;

use jackfield_flow::definition::{FILE_BYTES_MAX, Span};
use lsp_types::{CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, MarkupContent, MarkupKind, TextEdit};

use super::document::{Document, Sort};
use super::known::Known;
use super::language::Context;
use super::outline::{self, Node, Part, Seg, Spot};
use super::view::View;

pub(crate) use expression::signatures;
pub(crate) use values::shape_words;

/// Stands at the place in the text that is read: a letter that nobody writes.
const MARK: char = '\u{10fbee}';

/// More than a person looks through.
const ITEMS_MAX: usize = 1_000;

/// Something that can be written.
#[derive(Clone, Debug)]
struct Offer {
    label: String,
    kind: CompletionItemKind,
    /// A few words beside it.
    detail: String,
    /// What it means, as Markdown.
    docs: String,
    /// What is written.
    text: String,
}

impl Offer {
    fn new(kind: CompletionItemKind, label: impl Into<String>) -> Self {
        let label = label.into();
        Self { text: label.clone(), label, kind, detail: String::new(), docs: String::new() }
    }

    fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    fn docs(self, docs: impl Into<String>) -> Self {
        Self { docs: docs.into(), ..self }
    }

    fn writes(self, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..self }
    }
}

/// The place, and all that can be said of it.
struct Place<'a> {
    view: View<'a>,
    context: Context<'a>,
    spot: Spot<'a>,
}

/// All that can be written at a byte.
pub(crate) fn at(document: &Document, known: &Known, byte: usize) -> Vec<CompletionItem> {
    if document.text.len() > FILE_BYTES_MAX || document.sort() != Sort::Workflow {
        return Vec::new();
    }
    let byte = document.text.floor_char_boundary(byte);
    let (before, after) = document.text.split_at(byte);
    let marked = [before, &MARK.to_string(), after].concat();
    let root = outline::parse(&marked);
    let Some(spot) = root.at(byte) else { return Vec::new() };
    let context = Context::of(&root, &spot);
    let place = Place { view: View { document, known }, context, spot };
    let (written, offers) = offers(&place, &marked, byte);
    let range = document.range(Span::new(written, byte));
    let item = |(at, offer): (usize, Offer)| CompletionItem {
        label: offer.label,
        kind: Some(offer.kind),
        detail: Some(offer.detail).filter(|detail| !detail.is_empty()),
        documentation: Some(offer.docs).filter(|docs| !docs.is_empty()).map(markdown),
        sort_text: Some(format!("{at:04}")),
        filter_text: Some(offer.text.clone()),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text: offer.text })),
        ..CompletionItem::default()
    };
    offers.into_iter().take(ITEMS_MAX).enumerate().map(item).collect()
}

fn markdown(value: String) -> Documentation {
    Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })
}

/// What is offered, and the byte from which on it takes the place of what is written already.
fn offers(place: &Place<'_>, marked: &str, byte: usize) -> (usize, Vec<Offer>) {
    match place.spot.part {
        Part::Key(entry) => {
            let written = marked[entry.key_span.start..byte].trim_start_matches(['"', '\'']);
            let start = byte - written.len();
            (start, keys::offers(place, place.spot.around, Some(entry)))
        }
        Part::Value(node) => value_offers(place, marked, node, byte),
    }
}

fn value_offers(place: &Place<'_>, marked: &str, node: &Node, byte: usize) -> (usize, Vec<Offer>) {
    if let Some(expression) = node.expression(marked).filter(|expression| expression.start <= byte) {
        let before = &expression.text[..(byte - expression.start).min(expression.text.len())];
        return expression::offers(place, before, byte);
    }
    let written = marked[node.span.start.min(byte)..byte].trim_start_matches(['"', '\'']);
    let start = byte - written.len();
    let mut offers = if begins_line(marked, &place.spot, node) { keys::offers(place, node, None) } else { Vec::new() };
    offers.extend(values::offers(place, written));
    (start, offers)
}

/// Whether a mapping could begin where the scalar is: below its key, or behind a dash.
fn begins_line(text: &str, spot: &Spot<'_>, node: &Node) -> bool {
    match spot.path.last() {
        Some(Seg::Entry(entry)) => text.get(entry.key_span.end..node.span.start).is_some_and(|between| between.contains('\n')),
        Some(Seg::Item(_)) | None => true,
    }
}
