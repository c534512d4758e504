//! What an expression names from outside.

use std::sync::Arc;

use super::Span;
use super::ast::{Ast, Kind, Missing, Name, Path, Root};

/// A name from outside and the constant names after it: `steps.fetch.orders`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The first name: `steps`.
    pub root: Arc<str>,
    /// The names after it: `fetch`, `orders`. Names behind `.?` and inside of `has(…)` count as well.
    pub path: Vec<Arc<str>>,
    /// Where it stands in the source.
    pub span: Span,
}

pub(super) fn references(ast: &Ast) -> Vec<Reference> {
    // Nodes on top of a path come after it, so what extends it is met later; the longest form wins.
    let mut found: Vec<(usize, Reference)> = Vec::new();
    for (id, node) in ast.nodes.iter().enumerate() {
        match &node.kind {
            Kind::Path(path) if path.root == Root::Outside => found.push((id, of_path(path))),
            Kind::Has { of, name } | Kind::Select { of, name, missing: Missing::IsNothing } => {
                extend(&mut found, of.0, id, name);
            }
            _ => {}
        }
    }
    found.sort_by_key(|(_, reference)| reference.span.start);
    found.into_iter().map(|(_, reference)| reference).collect()
}

fn of_path(path: &Path) -> Reference {
    let names = path.fields.iter().map(|field| Arc::clone(&field.text)).collect();
    Reference { root: Arc::clone(&path.name.text), path: names, span: path.span() }
}

/// The reference that ends at node `of` goes on with a name, up to node `id`.
fn extend(found: &mut [(usize, Reference)], of: usize, id: usize, name: &Name) {
    if let Some((end, reference)) = found.iter_mut().find(|(end, _)| *end == of) {
        *end = id;
        reference.path.push(Arc::clone(&name.text));
        reference.span = reference.span.to(name.span);
    }
}
