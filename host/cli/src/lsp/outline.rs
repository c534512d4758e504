//! A tree of any text that was meant to be YAML: half-typed lines, open quotes and open brackets included.
//!
//! The parser of [`jackfield_flow::definition`] is strict and stops at the first thing that is not YAML, and an editor asks
//! in just those moments. This one knows indentation, quotes and brackets, never fails, and gives each part its place. It
//! judges nothing: what is wrong is said by the strict one.

mod block;
mod flow;
mod lines;
mod scalar;
mod spot;
#[cfg(test)]
mod tests;

use jackfield_flow::definition::Span;

use lines::Lines;
pub(crate) use scalar::{ExprText, Scalar, Style};
pub(crate) use spot::{Part, Seg, Spot};

/// A part of the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// Where it stands.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What a part is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Nothing yet: its place is where it would begin.
    Missing,
    /// A word, a text, a number.
    Scalar(Scalar),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping.
    Map(Vec<Entry>),
}

/// One line of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// Its key, without quotes.
    pub(crate) key: String,
    /// Where the key stands.
    pub(crate) key_span: Span,
    /// Whether a colon follows; without one it is a word that somebody is writing.
    pub(crate) colon: bool,
    /// Its value.
    pub(crate) value: Node,
}

/// How deep parts may lie in each other; what is deeper is passed over.
const DEPTH_MAX: usize = 80;

/// The tree of a text.
pub(crate) fn parse(text: &str) -> Node {
    let mut parser = Parser { text, lines: Lines::of(text), line: 0, at: 0 };
    let root = parser.block(0, 0);
    Node { span: Span::new(0, text.len()), kind: root.kind }
}

struct Parser<'a> {
    text: &'a str,
    lines: Lines,
    /// The first line that is not read yet, or the one that is being read.
    line: usize,
    /// Within the line that is being read.
    at: usize,
}

impl Node {
    fn missing(at: usize) -> Self {
        Self { span: Span::new(at, at), kind: Kind::Missing }
    }

    /// The entries of a mapping; none of anything else.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list, or the one value that stands for a list of one.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::List(items) => items,
            Kind::Missing => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of a key.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The scalar that it is.
    pub(crate) fn scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of the scalar that it is.
    pub(crate) fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }
}
