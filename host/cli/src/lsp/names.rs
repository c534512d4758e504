//! Where names come from and where they are used: steps, inputs, plugins, flows.

use std::path::PathBuf;

use jackfield_flow::definition::keys::Shape;
use jackfield_flow::definition::{Span, is_name};
use jackfield_flow::plan::ident;

use super::document::{Document, Sort};
use super::expression;
use super::language::{Context, alternatives};
use super::outline::{Entry, Kind, Node, Part};

/// Where a name leads.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Target {
    /// A place of the same file.
    Here(Span),
    /// Another file, relative to this one.
    File(PathBuf),
}

/// Something with a name.
#[derive(Clone, Copy, Debug)]
struct Name<'a> {
    /// The workflow that it is in.
    flow: &'a Node,
    /// `steps` or `inputs`.
    root: &'static str,
    entry: &'a Entry,
}

/// What an expression calls `ROOT.NAME`.
pub(crate) fn entry<'a>(flow: &'a Node, root: &str, name: &str) -> Option<&'a Entry> {
    let named = flow.get(["steps", "inputs"].into_iter().find(|known| *known == root)?)?;
    named.entries().iter().find(|entry| entry.colon && (entry.key == name || *ident(&entry.key) == *name))
}

/// Where the name at a byte comes from.
pub(crate) fn definition(document: &Document, byte: usize) -> Option<Target> {
    if document.sort() != Sort::Workflow {
        return None;
    }
    let spot = document.root.at(byte)?;
    let context = Context::of(&document.root, &spot);
    if let Some(name) = name_at(document, byte) {
        return Some(Target::Here(name.entry.key_span));
    }
    let Part::Value(node) = spot.part else { return None };
    let text = node.text()?;
    alternatives(&context.shape?).iter().find_map(|shape| match shape {
        Shape::Task => {
            let plugin = text.split_once('.').map_or(text, |(plugin, _)| plugin);
            Some(Target::Here(context.root.get("plugins")?.entry(plugin)?.key_span))
        }
        Shape::Flow => match context.flow.get("flows").and_then(|flows| flows.entry(text)) {
            Some(entry) => Some(Target::Here(entry.key_span)),
            None => path(text),
        },
        Shape::Path if context.key.is_some_and(|key| key.name == "flows") => path(text),
        _ => None,
    })
}

fn path(text: &str) -> Option<Target> {
    [".yaml", ".yml", ".json"].iter().any(|end| text.ends_with(end)).then(|| Target::File(PathBuf::from(text)))
}

/// Every place that says the name at a byte, where it comes from first.
pub(crate) fn references(document: &Document, byte: usize) -> Vec<Span> {
    let Some(name) = name_at(document, byte).filter(|_| document.sort() == Sort::Workflow) else { return Vec::new() };
    let mut found = vec![name.entry.key_span];
    uses(name.flow, document, &name, &mut found);
    found
}

/// What is to be written where, so that the name at a byte becomes another.
///
/// # Errors
/// When there is no such name, or the other one is none or is taken; in words for the person.
pub(crate) fn rename(document: &Document, byte: usize, to: &str) -> Result<Vec<(Span, String)>, String> {
    let name = name_at(document, byte).ok_or("only steps and inputs can be renamed here")?;
    if !is_name(to) {
        return Err("a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter".to_owned());
    }
    let taken = entry(name.flow, name.root, &ident(to)).is_some_and(|other| !std::ptr::eq(other, name.entry));
    if taken {
        return Err(format!("`{to}` is taken"));
    }
    let key = name.entry.key.as_str();
    let edit = |span: Span| {
        let written = document.text.get(span.start..span.end).unwrap_or_default();
        // A name with `-` is written with `_` in expressions, unless it stands in quotes there.
        let text = if written.trim_matches(['"', '\'']) == key && key != &*ident(key) { to.to_owned() } else { spelt(document, span, to) };
        (span, text)
    };
    Ok(references(document, byte).into_iter().map(edit).collect())
}

/// The name as it is spelt at a place: a key or an item as it is, in an expression with `_`.
fn spelt(document: &Document, span: Span, to: &str) -> String {
    let in_expression = document.root.at(span.start).is_some_and(|spot| match spot.part {
        Part::Value(node) => node.expression(&document.text).is_some(),
        Part::Key(_) => false,
    });
    if in_expression { ident(to).to_string() } else { to.to_owned() }
}

/// The step or input whose name stands at a byte.
fn name_at(document: &Document, byte: usize) -> Option<Name<'_>> {
    let spot = document.root.at(byte)?;
    let context = Context::of(&document.root, &spot);
    let flow = context.flow;
    let found = |root: &'static str, name: &str| entry(flow, root, name).map(|entry| Name { flow, root, entry });
    match spot.part {
        Part::Key(key) => {
            let root = ["steps", "inputs"].into_iter().find(|root| {
                let named = flow.get(root);
                named.is_some_and(|named| std::ptr::eq(named, spot.around))
            })?;
            found(root, &key.key)
        }
        Part::Value(node) => {
            if let Some(expression) = node.expression(&document.text) {
                let at = byte.checked_sub(expression.start)?;
                return ["steps", "inputs"].into_iter().find_map(|root| {
                    let members = expression::members(&expression.text, root);
                    let (name, _) = members.into_iter().find(|(_, span)| span.start <= at && at <= span.end)?;
                    found(root, name)
                });
            }
            let is_step = alternatives(&context.shape?).iter().any(|shape| matches!(shape, Shape::Step));
            is_step.then(|| found("steps", node.text()?)).flatten()
        }
    }
}

/// Collects the places below a node that use a name.
fn uses(node: &Node, document: &Document, name: &Name<'_>, found: &mut Vec<Span>) {
    if let Some(expression) = node.expression(&document.text) {
        let own = ident(&name.entry.key);
        let same = |written: &str| written == name.entry.key || *written == *own;
        let members = expression::members(&expression.text, name.root).into_iter().filter(|(written, _)| same(written));
        found.extend(members.map(|(_, span)| Span::new(span.start + expression.start, span.end + expression.start)));
        return;
    }
    match &node.kind {
        Kind::Missing | Kind::Scalar(_) => {}
        Kind::List(items) => items.iter().for_each(|item| uses(item, document, name, found)),
        Kind::Map(entries) => {
            for entry in entries {
                if entry.key == "needs" && name.root == "steps" {
                    let same = entry.value.items().iter().filter(|item| item.text() == Some(&name.entry.key));
                    found.extend(same.map(|item| unquoted(item, &document.text)));
                }
                // A workflow written in place has steps and inputs of its own.
                if entry.key != "flows" {
                    uses(&entry.value, document, name, found);
                }
            }
        }
    }
}

/// The place of a scalar without its quotes.
fn unquoted(node: &Node, text: &str) -> Span {
    let raw = text.get(node.span.start..node.span.end).unwrap_or_default();
    let quoted = raw.len() >= 2 && raw.starts_with(['"', '\'']) && raw.ends_with(['"', '\'']);
    if quoted { Span::new(node.span.start + 1, node.span.end - 1) } else { node.span }
}
