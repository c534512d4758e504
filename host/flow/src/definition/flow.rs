//! Sub-workflows: by file, or written in place.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::action::ActionKind;
use super::diagnostic::{Code, Diagnostic};
use super::keys::Place;
use super::reader::Reader;
use super::source::{Span, Spanned};
use super::tree::{Node, NodeKind};
use super::workflow::Definition;

/// A sub-workflow that has a name.
#[derive(Clone, Debug)]
pub struct FlowDef {
    /// Its name in this workflow.
    pub name: Spanned<Arc<str>>,
    /// Where it is.
    pub body: FlowBody,
}

/// Where a sub-workflow is.
#[derive(Clone, Debug)]
pub enum FlowBody {
    /// In a file, by its path as written, relative to the file that names it.
    File(Spanned<Arc<str>>),
    /// Here.
    Inline(Box<Definition>),
}

/// Whether what stands under `flow` is a path and no name: a name has neither dots nor slashes.
pub fn is_flow_path(flow: &str) -> bool {
    flow.contains(['/', '.', '\\'])
}

/// The files of sub-workflows that a definition names, those of workflows written in place included: each path as written, once,
/// with the first place where it stands. Paths are relative to the file of the definition.
pub fn flow_files(definition: &Definition) -> Vec<Spanned<Arc<str>>> {
    let mut found: BTreeMap<Arc<str>, Span> = BTreeMap::new();
    collect(definition, &mut found);
    let mut files: Vec<Spanned<Arc<str>>> = found.into_iter().map(|(path, span)| Spanned::new(path, span)).collect();
    files.sort_by_key(|file| file.span.start);
    files
}

fn collect(definition: &Definition, found: &mut BTreeMap<Arc<str>, Span>) {
    let mut add = |path: &Spanned<Arc<str>>| {
        found.entry(path.value.clone()).or_insert(path.span);
    };
    for flow in &definition.flows {
        if let FlowBody::File(path) = &flow.body {
            add(path);
        }
    }
    for action in definition.steps.iter().flat_map(|step| step.all_actions()) {
        if let ActionKind::Flow(call) = &action.kind
            && is_flow_path(&call.flow.value)
        {
            add(&call.flow);
        }
    }
    for flow in &definition.flows {
        if let FlowBody::Inline(definition) = &flow.body {
            collect(definition, found);
        }
    }
}

impl Reader<'_> {
    pub(super) fn flows(&mut self, node: &Node) -> Vec<FlowDef> {
        let mut flows = Vec::new();
        for (name, node) in self.named(node, "flow") {
            let body = match &node.kind {
                NodeKind::Map(_) => self.workflow(node, Place::InlineFlow, Some(&name)).map(|inline| FlowBody::Inline(Box::new(inline))),
                _ => self.flow_path(node).map(FlowBody::File),
            };
            flows.extend(body.map(|body| FlowDef { name, body }));
        }
        flows
    }

    fn flow_path(&mut self, node: &Node) -> Option<Spanned<Arc<str>>> {
        let path = self.text(node, "a path to a workflow file, or a workflow")?;
        if let Some((scheme, _)) = path.value.split_once("://") {
            let message = format!("workflows are found by path; `{scheme}:` is not known");
            self.problem(
                Diagnostic::new(Code::BadFlow, path.span, message).help("write a path relative to this file, such as `./notify.yaml`"),
            );
            return None;
        }
        Some(path)
    }
}
