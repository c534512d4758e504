//! What stands at a place of the text.

use super::{Entry, Kind, Node};

/// What stands at a place, and the way to it from the top.
#[derive(Clone, Debug)]
pub(crate) struct Spot<'a> {
    /// The mappings and lists around it, outermost first. Of a key: those around the mapping it is in.
    pub(crate) path: Vec<Seg<'a>>,
    /// The mapping or list that it is directly in.
    pub(crate) around: &'a Node,
    /// What it is.
    pub(crate) part: Part<'a>,
}

/// One part of the way.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seg<'a> {
    /// The value of this entry.
    Entry(&'a Entry),
    /// An item of a list, by its number.
    Item(usize),
}

/// What stands at a place.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'a> {
    /// A key.
    Key(&'a Entry),
    /// A scalar, or nothing where one would be.
    Value(&'a Node),
}

impl Node {
    /// What stands at a byte, the one after its last one counted.
    pub(crate) fn at(&self, byte: usize) -> Option<Spot<'_>> {
        let (mut node, mut around, mut path) = (self, self, Vec::new());
        loop {
            match &node.kind {
                Kind::Scalar(_) | Kind::Missing => return Some(Spot { path, around, part: Part::Value(node) }),
                Kind::List(items) => {
                    let (index, item) = items.iter().enumerate().find(|(_, item)| covers(item, byte))?;
                    path.push(Seg::Item(index));
                    (around, node) = (node, item);
                }
                Kind::Map(entries) => {
                    let on_key = |entry: &&Entry| entry.key_span.start <= byte && byte <= entry.key_span.end;
                    if let Some(entry) = entries.iter().find(on_key) {
                        return Some(Spot { path, around: node, part: Part::Key(entry) });
                    }
                    let entry = entries.iter().find(|entry| covers(&entry.value, byte))?;
                    path.push(Seg::Entry(entry));
                    (around, node) = (node, &entry.value);
                }
            }
        }
    }
}

fn covers(node: &Node, byte: usize) -> bool {
    node.span.start <= byte && byte <= node.span.end && node.kind != Kind::Missing
}
