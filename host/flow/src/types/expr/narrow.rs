//! What a condition tells about paths: after `has(a.b)` or `a.b != null`, `a.b` is there.

use std::sync::Arc;

use super::ast::{Ast, Comparison, Kind, Missing, Name, NodeId, Path, Root};

/// A path that is known to have a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    root: Root,
    /// The first name, then those after it.
    names: Vec<Arc<str>>,
}

impl Known {
    fn of(path: &Path, more: Option<&Name>) -> Self {
        let names = [&path.name].into_iter().chain(&path.fields).chain(more);
        Self { root: path.root, names: names.map(|name| Arc::clone(&name.text)).collect() }
    }

    /// Whether it is this path up to so many of its fields.
    pub(super) fn is(&self, path: &Path, fields: usize) -> bool {
        let names = [&path.name].into_iter().chain(&path.fields[..fields]);
        self.root == path.root && self.names.len() == fields + 1 && self.names.iter().zip(names).all(|(known, name)| *known == name.text)
    }
}

/// The paths that have a value when the condition is as said.
pub(super) fn known_when(ast: &Ast, condition: NodeId, truth: bool) -> Vec<Known> {
    let mut known = Vec::new();
    collect(ast, condition, truth, &mut known);
    known
}

fn collect(ast: &Ast, condition: NodeId, truth: bool, known: &mut Vec<Known>) {
    match (&ast.node(condition).kind, truth) {
        (Kind::Not(of), _) => collect(ast, *of, !truth, known),
        // All operands of a true `&&` are true, all of a false `||` are false.
        (Kind::And(operands), true) | (Kind::Or(operands), false) => {
            operands.iter().for_each(|operand| collect(ast, *operand, truth, known));
        }
        (Kind::Has { of, name }, true) => known.extend(ast.node(*of).as_path().map(|path| Known::of(path, Some(name)))),
        (Kind::Compare { op: Comparison::NotEqual, left, right }, true) | (Kind::Compare { op: Comparison::Equal, left, right }, false) => {
            if ast.node(*right).is_null() {
                known.extend(subject(ast, *left));
            } else if ast.node(*left).is_null() {
                known.extend(subject(ast, *right));
            }
        }
        (Kind::Call { function, args, .. }, true) if function.name == "hasValue" => {
            known.extend(args.first().and_then(|of| subject(ast, *of)));
        }
        _ => {}
    }
}

/// The path that a part is: `a.b`, or `a.?b`.
fn subject(ast: &Ast, id: NodeId) -> Option<Known> {
    match &ast.node(id).kind {
        Kind::Path(path) => Some(Known::of(path, None)),
        Kind::Select { of, name, missing: Missing::IsNothing } => ast.node(*of).as_path().map(|path| Known::of(path, Some(name))),
        _ => None,
    }
}
