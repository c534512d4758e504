//! Inputs of a workflow: name, type, default.

use std::sync::Arc;

use super::diagnostic::{Code, Diagnostic};
use super::reader::Reader;
use super::source::{Span, Spanned};
use super::tree::{Node, NodeKind};
use crate::types::{Type, Value};

/// One input of a workflow.
#[derive(Clone, Debug)]
pub struct InputDef {
    /// Its name.
    pub name: Spanned<Arc<str>>,
    /// Its type.
    pub ty: Type,
    /// Its value when none is given; without one it must be given.
    pub default: Option<Value>,
    /// What it means.
    pub description: Arc<str>,
}

/// Keys that are not part of the type.
const OWN_KEYS: &[&str] = &["default", "description"];

impl Reader<'_> {
    pub(super) fn inputs(&mut self, node: &Node) -> Vec<InputDef> {
        let named = self.named(node, "input");
        named.into_iter().filter_map(|(name, node)| self.input(name, node)).collect()
    }

    fn input(&mut self, name: Spanned<Arc<str>>, node: &Node) -> Option<InputDef> {
        let NodeKind::Map(pairs) = &node.kind else {
            let ty = self.notation(node, &node_value(node))?;
            return Some(InputDef { name, ty, default: None, description: Arc::from("") });
        };
        let entry = |key: &str| {
            pairs.iter().find(|(name, _)| matches!(&name.kind, NodeKind::Scalar { text, .. } if text == key)).map(|(_, node)| node)
        };
        // Refuses a key that stands twice before the type is read from what is left.
        self.pairs(node, "an input")?;
        let rest = pairs.iter().filter(|(key, _)| !matches!(&key.kind, NodeKind::Scalar { text, .. } if OWN_KEYS.contains(&text.as_str())));
        let ty_node = Node { span: node.span, kind: NodeKind::Map(rest.cloned().collect()) };
        let ty = self.notation(&ty_node, &node_value(&ty_node))?;
        let default = entry("default").and_then(|node| self.typed(node, &ty));
        let description = entry("description").and_then(|node| self.text(node, "a text")).map_or_else(|| Arc::from(""), |text| text.value);
        Some(InputDef { name, ty, default, description })
    }

    /// A type as it is written.
    pub(super) fn ty(&mut self, node: &Node) -> Option<Type> {
        self.notation(node, &node_value(node))
    }

    fn notation(&mut self, node: &Node, value: &Value) -> Option<Type> {
        match Type::from_notation(value) {
            Ok(ty) => Some(ty),
            Err(error) => {
                let span = place_of(node, &error.path).unwrap_or(node.span);
                self.problem(Diagnostic::new(Code::WrongShape, span, error.message).maybe_help(error.help));
                None
            }
        }
    }

    /// A literal that must be of a type.
    fn typed(&mut self, node: &Node, ty: &Type) -> Option<Value> {
        match ty.check(&node_value(node)) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(Diagnostic::new(Code::BadValue, node.span, format!("the default is not of type {ty}: {error}")));
                None
            }
        }
    }
}

/// The value of a tree without expressions.
pub(super) fn node_value(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Scalar { .. } => node.scalar(),
        NodeKind::List(items) => Value::list(items.iter().map(node_value)),
        NodeKind::Map(pairs) => Value::map(pairs.iter().filter_map(|(key, value)| match &key.kind {
            NodeKind::Scalar { text, .. } => Some((text.as_str(), node_value(value))),
            _ => None,
        })),
    }
}

/// The place of a path of keys, as far as the tree has it.
fn place_of(node: &Node, path: &[Arc<str>]) -> Option<Span> {
    let Some((first, rest)) = path.split_first() else { return Some(node.span) };
    let NodeKind::Map(pairs) = &node.kind else { return Some(node.span) };
    let found = pairs.iter().find(|(key, _)| matches!(&key.kind, NodeKind::Scalar { text, .. } if **text == **first));
    match found {
        Some((key, _)) if rest.is_empty() => Some(key.span),
        Some((_, value)) => place_of(value, rest),
        None => Some(node.span),
    }
}
