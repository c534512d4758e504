//! From text to a value.

use jackfield_sdk::prelude::*;
use roxmltree::{Document, Error, Node, ParsingOptions};
use serde_json::Map;
use serde_json::map::Entry;

use super::FORMAT;
use crate::bounds::{Count, DEPTH_MAX, VALUES_MAX};
use crate::error::ConvertError;

/// Reads a document.
pub(crate) fn read(text: &str, lists: &[String]) -> Result<Value, ConvertError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    check_depth(text)?;
    let nodes_limit = u32::try_from(VALUES_MAX * 4).unwrap_or(u32::MAX);
    let document =
        Document::parse_with_options(text, ParsingOptions { nodes_limit, ..ParsingOptions::default() }).map_err(|error| bad(&error))?;
    let mut reader = Reader { text, lists, count: Count::new(FORMAT) };
    let root = document.root_element();
    let mut fields = Map::new();
    let name = reader.name(root);
    let value = reader.element(root, 1)?;
    reader.put(&mut fields, name, value);
    Ok(fields.into())
}

/// Refuses deep nesting before it is parsed. Only what looks like an opening tag counts, so that it may count too much in
/// comments and texts in brackets, which have no place at this depth either.
fn check_depth(text: &str) -> Result<(), ConvertError> {
    let (mut depth, mut deepest) = (0_usize, 0);
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let next = bytes.get(at + 1).copied().unwrap_or_default();
        match byte {
            b'<' if next == b'/' => depth = depth.saturating_sub(1),
            b'<' if next != b'!' && next != b'?' => depth += 1,
            b'>' if at > 0 && bytes[at - 1] == b'/' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    // Far above what is allowed in the end, and far below what a stack holds.
    Count::new(FORMAT).depth(if deepest > DEPTH_MAX * 8 { deepest } else { 0 })
}

struct Reader<'a> {
    text: &'a str,
    lists: &'a [String],
    count: Count,
}

impl Reader<'_> {
    fn element(&mut self, node: Node<'_, '_>, depth: usize) -> Result<Value, ConvertError> {
        self.count.add(1)?;
        self.count.depth(depth)?;
        let mut fields = Map::new();
        for attribute in node.attributes() {
            self.count.add(1)?;
            let name = self.text.get(attribute.range_qname()).unwrap_or_else(|| attribute.name());
            fields.insert(format!("@{name}"), attribute.value().into());
        }
        self.declared(node, &mut fields)?;
        let mut text = String::new();
        for child in node.children() {
            if child.is_element() {
                let value = self.element(child, depth + 1)?;
                self.put(&mut fields, self.name(child), value);
            } else if child.is_text() {
                text.push_str(child.text().unwrap_or_default());
            }
        }
        if fields.is_empty() {
            return Ok(text.into());
        }
        // White space between elements is layout.
        if !text.trim().is_empty() {
            fields.insert("#text".to_owned(), text.into());
        }
        Ok(fields.into())
    }

    /// The namespaces that an element declares, as the attributes that they are written as.
    fn declared(&mut self, node: Node<'_, '_>, fields: &mut Map<String, Value>) -> Result<(), ConvertError> {
        let above = node.parent_element();
        for namespace in node.namespaces() {
            self.count.add(1)?;
            let known = above.is_some_and(|above| above.lookup_namespace_uri(namespace.name()) == Some(namespace.uri()));
            if !known && namespace.name() != Some("xml") {
                let name = namespace.name().map_or("@xmlns".to_owned(), |prefix| format!("@xmlns:{prefix}"));
                fields.insert(name, namespace.uri().into());
            }
        }
        Ok(())
    }

    /// The name of an element, as it is written.
    fn name(&self, node: Node<'_, '_>) -> String {
        let tag = self.text.get(node.range()).unwrap_or_default().trim_start_matches('<');
        let end = tag.find(|character: char| character.is_whitespace() || matches!(character, '/' | '>')).unwrap_or(tag.len());
        tag[..end].to_owned()
    }

    fn put(&self, fields: &mut Map<String, Value>, name: String, value: Value) {
        let is_list = self.lists.contains(&name);
        match fields.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(if is_list { Value::Array(vec![value]) } else { value });
            }
            Entry::Occupied(mut entry) => match entry.get_mut() {
                Value::Array(values) => values.push(value),
                first => *first = Value::Array(vec![first.take(), value]),
            },
        }
    }
}

fn bad(error: &Error) -> ConvertError {
    match error {
        Error::NodesLimitReached => ConvertError::TooMuch { format: FORMAT, what: format!("more than {VALUES_MAX} values") },
        Error::DtdDetected => {
            let message = "a document type (`<!DOCTYPE`) is refused: its entities could stand for anything".to_owned();
            ConvertError::BadText { format: FORMAT, line: 1, column: 1, message }
        }
        _ => {
            let (line, column) = (error.pos().row as usize, error.pos().col as usize);
            let message: String = error.to_string().chars().take(300).collect();
            ConvertError::BadText { format: FORMAT, line, column, message }
        }
    }
}
