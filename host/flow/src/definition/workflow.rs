//! The whole file.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::diagnostic::{Code, Diagnostic};
use super::flow::FlowDef;
use super::input::InputDef;
use super::keys::Place;
use super::modifier::Defaults;
use super::reader::{Keys, Reader};
use super::schedule::ScheduleDef;
use super::source::{Source, Span, Spanned};
use super::step::StepDef;
use super::template::Template;
use super::tree::{Node, NodeKind, read_tree};
use crate::plan::{WhenBusy, ident};

/// A workflow as it was written.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its name.
    pub name: Spanned<Arc<str>>,
    /// What it is for.
    pub description: Arc<str>,
    /// Texts by which its runs are found.
    pub labels: Vec<LabelDef>,
    /// What it wants to be given.
    pub inputs: Vec<InputDef>,
    /// The plugins it uses.
    pub plugins: Vec<PluginDef>,
    /// The schedules by which it starts.
    pub schedules: Vec<ScheduleDef>,
    /// The sub-workflows that have names.
    pub flows: Vec<FlowDef>,
    /// How many of its runs may be running at once.
    pub concurrency: Option<ConcurrencyDef>,
    /// Which run goes first, −100 to 100.
    pub priority: Option<i32>,
    /// How long an ended run is kept, in milliseconds.
    pub retain_ms: Option<u64>,
    /// What holds for every task step that does not say otherwise.
    pub defaults: Defaults,
    /// Its steps.
    pub steps: Vec<StepDef>,
    /// What it answers.
    pub outputs: Vec<OutputDef>,
    /// Inputs, steps and flows that are there but could not be read, by their names in expressions: whoever names one of them is right.
    pub unread: BTreeSet<Arc<str>>,
}

/// A label of the runs of a workflow.
#[derive(Clone, Debug)]
pub struct LabelDef {
    /// Its name.
    pub name: Spanned<Arc<str>>,
    /// Its text.
    pub value: Template,
}

/// `concurrency`.
#[derive(Clone, Debug)]
pub struct ConcurrencyDef {
    /// Where it stands.
    pub span: Span,
    /// A text computed from the inputs; without one, all runs have the same.
    pub key: Option<Template>,
    /// So many.
    pub limit: Option<u32>,
    /// What a run does that finds no room.
    pub when_busy: Option<WhenBusy>,
}

/// A plugin of a workflow.
#[derive(Clone, Debug)]
pub struct PluginDef {
    /// Its name in this workflow.
    pub name: Spanned<Arc<str>>,
    /// Where it is: a path relative to the workflow file, or a package of a registry.
    pub location: Spanned<Arc<str>>,
}

/// One output of a workflow.
#[derive(Clone, Debug)]
pub struct OutputDef {
    /// Its name.
    pub name: Spanned<Arc<str>>,
    /// Its value.
    pub value: Template,
}

/// What a package of a registry may begin with. What follows is for those to read who know registries.
const PACKAGE_SCHEMES: [&str; 4] = ["oci", "https", "http", "file"];

/// The most steps of a workflow.
const STEPS_MAX: usize = 20_000;

/// Reads a workflow file. Answers what could be read, and all problems; with an error among them there may be no definition.
pub fn read(source: &Source) -> (Option<Definition>, Vec<Diagnostic>) {
    let mut reader = Reader::new(source);
    let definition = match read_tree(source) {
        Ok(root) => reader.workflow(&root, Place::Workflow, None),
        Err(problem) => {
            reader.problem(problem);
            None
        }
    };
    (definition, reader.problems.into_sorted())
}

impl Reader<'_> {
    /// A workflow; one that is written in place may leave its name to the name it has there.
    pub(super) fn workflow(&mut self, root: &Node, place: Place, named: Option<&Spanned<Arc<str>>>) -> Option<Definition> {
        let keys = self.keys(root, place)?;
        let description = self.description(&keys);
        let labels = keys.get("labels").map(|node| self.labels(node)).unwrap_or_default();
        let inputs = keys.get("inputs").map(|node| self.inputs(node)).unwrap_or_default();
        let in_file = place == Place::Workflow;
        let plugins = keys.get("plugins").filter(|_| in_file).map(|node| self.plugins(node)).unwrap_or_default();
        let schedules = keys.get("on").filter(|_| in_file).map(|node| self.schedules(node)).unwrap_or_default();
        let flows = keys.get("flows").map(|node| self.flows(node)).unwrap_or_default();
        let concurrency = keys.get("concurrency").and_then(|node| self.concurrency(node));
        let priority = keys.get("priority").and_then(|node| self.priority(node));
        let retain_ms = keys.get("retention").and_then(|node| self.duration(node, "`retention`"));
        let defaults = keys.get("defaults").map(|node| self.defaults(node)).unwrap_or_default();
        let steps = keys.get("steps").map(|node| self.steps(node)).unwrap_or_default();
        let outputs = keys.get("outputs").map(|node| self.outputs(node)).unwrap_or_default();
        self.check_steps(&keys, steps.len(), place)?;
        let name = self.workflow_name(&keys, place, named)?;
        Some(Definition {
            name,
            description,
            labels,
            plugins,
            schedules,
            concurrency,
            priority,
            retain_ms,
            defaults,
            unread: Self::unread(&keys, &inputs, &steps, &flows),
            inputs,
            flows,
            steps,
            outputs,
        })
    }

    /// The names under `inputs`, `steps` and `flows` that nothing was read of.
    fn unread(keys: &Keys<'_>, inputs: &[InputDef], steps: &[StepDef], flows: &[FlowDef]) -> BTreeSet<Arc<str>> {
        let written = ["inputs", "steps", "flows"].into_iter().filter_map(|key| match &keys.get(key)?.kind {
            NodeKind::Map(pairs) => Some(pairs),
            _ => None,
        });
        let mut unread: BTreeSet<Arc<str>> = written
            .flatten()
            .filter_map(|(key, _)| match &key.kind {
                NodeKind::Scalar { text, .. } => Some(ident(text)),
                _ => None,
            })
            .collect();
        let names =
            inputs.iter().map(|input| &input.name).chain(steps.iter().map(|step| &step.name)).chain(flows.iter().map(|flow| &flow.name));
        for name in names {
            unread.remove(&ident(&name.value));
        }
        unread
    }

    fn check_steps(&mut self, keys: &Keys<'_>, steps: usize, place: Place) -> Option<()> {
        if keys.get("steps").is_none() {
            let message = format!("{} needs `steps`", place.what());
            self.problem(Diagnostic::new(Code::MissingKey, keys.span, message).help("add `steps:` with at least one step"));
        }
        if steps > STEPS_MAX {
            let message = format!("{steps} steps; a workflow may have {STEPS_MAX}");
            self.problem(Diagnostic::new(Code::OutOfRange, keys.span, message).help("use `for-each` for what is repeated"));
        }
        (steps <= STEPS_MAX).then_some(())
    }

    fn workflow_name(&mut self, keys: &Keys<'_>, place: Place, named: Option<&Spanned<Arc<str>>>) -> Option<Spanned<Arc<str>>> {
        let Some(node) = keys.get("workflow") else {
            if named.is_none() {
                let message = format!("{} needs a name", place.what());
                self.problem(Diagnostic::new(Code::MissingKey, keys.span, message).help("begin with `workflow: NAME`"));
            }
            return named.cloned();
        };
        let name = self.text(node, "a name")?;
        self.check_name(&name.value, name.span, "workflow").then_some(name)
    }

    fn labels(&mut self, node: &Node) -> Vec<LabelDef> {
        let named = self.named(node, "label");
        named.into_iter().filter_map(|(name, node)| Some(LabelDef { name, value: self.text_template(node)? })).collect()
    }

    fn concurrency(&mut self, node: &Node) -> Option<ConcurrencyDef> {
        let keys = self.keys(node, Place::Concurrency)?;
        let key = keys.get("key").map(|node| self.text_template(node));
        let limit = keys.get("limit").and_then(|node| self.count(node, "`concurrency.limit`", Place::Concurrency, "limit"));
        let when_busy = keys.get("when-busy").and_then(|node| self.word(node, Place::Concurrency, "when-busy"));
        let key = match key {
            None => None,
            Some(read) => Some(read?),
        };
        Some(ConcurrencyDef { span: node.span, key, limit, when_busy })
    }

    fn plugins(&mut self, node: &Node) -> Vec<PluginDef> {
        let mut plugins = Vec::new();
        for (name, node) in self.named(node, "plugin") {
            let Some(location) = self.text(node, "a path to a component") else { continue };
            if let Some((scheme, _)) = location.value.split_once("://").filter(|(scheme, _)| !PACKAGE_SCHEMES.contains(scheme)) {
                let message = format!("plugins are found by path or in a registry; `{scheme}:` is not known");
                let help = "write a path relative to this file, such as `./plugins/csv.wasm`, or a package, such as `oci://registry.example/acme/csv:^1.2`";
                self.problem(Diagnostic::new(Code::BadPlugin, location.span, message).help(help));
                continue;
            }
            plugins.push(PluginDef { name, location });
        }
        plugins
    }

    fn outputs(&mut self, node: &Node) -> Vec<OutputDef> {
        let named = self.named(node, "output");
        named.into_iter().filter_map(|(name, node)| Some(OutputDef { name, value: self.template(node)? })).collect()
    }
}
