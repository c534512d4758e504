//! The whole file.

use std::sync::Arc;

use super::diagnostic::{Code, Diagnostic};
use super::input::InputDef;
use super::modifier::Modifiers;
use super::reader::Reader;
use super::source::{Source, Spanned};
use super::step::StepDef;
use super::template::Template;
use super::tree::{Node, read_tree};

/// A workflow as it was written.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its name.
    pub name: Spanned<Arc<str>>,
    /// What it is for.
    pub description: Arc<str>,
    /// What it wants to be given.
    pub inputs: Vec<InputDef>,
    /// The plugins it uses.
    pub plugins: Vec<PluginDef>,
    /// What holds for every step that does not say otherwise.
    pub defaults: Modifiers,
    /// Its steps.
    pub steps: Vec<StepDef>,
    /// What it answers.
    pub outputs: Vec<OutputDef>,
}

/// A plugin of a workflow.
#[derive(Clone, Debug)]
pub struct PluginDef {
    /// Its name in this workflow.
    pub name: Spanned<Arc<str>>,
    /// Where it is: a path relative to the workflow file.
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

const KEYS: &[&str] = &["workflow", "description", "inputs", "plugins", "defaults", "steps", "outputs"];

/// The most steps of a workflow.
const STEPS_MAX: usize = 20_000;

/// Reads a workflow file. Answers what could be read, and all problems; with an error among them there may be no definition.
pub fn read(source: &Source) -> (Option<Definition>, Vec<Diagnostic>) {
    let mut reader = Reader::new(source);
    let definition = match read_tree(source) {
        Ok(root) => reader.workflow(&root),
        Err(problem) => {
            reader.problem(problem);
            None
        }
    };
    (definition, reader.problems.into_sorted())
}

impl Reader<'_> {
    fn workflow(&mut self, root: &Node) -> Option<Definition> {
        let keys = self.keys(root, "a workflow", KEYS)?;
        let description =
            keys.get("description").and_then(|node| self.text(node, "a text")).map_or_else(|| Arc::from(""), |text| text.value);
        let inputs = keys.get("inputs").map(|node| self.inputs(node)).unwrap_or_default();
        let plugins = keys.get("plugins").map(|node| self.plugins(node)).unwrap_or_default();
        let defaults = keys.get("defaults").map(|node| self.defaults(node)).unwrap_or_default();
        let steps = keys.get("steps").map(|node| self.steps(node)).unwrap_or_default();
        let outputs = keys.get("outputs").map(|node| self.outputs(node)).unwrap_or_default();
        if keys.get("steps").is_none() {
            self.problem(
                Diagnostic::new(Code::MissingKey, keys.span, "a workflow needs `steps`").help("add `steps:` with at least one step"),
            );
        } else if steps.len() > STEPS_MAX {
            self.problem(
                Diagnostic::new(Code::OutOfRange, keys.span, format!("{} steps; a workflow may have {STEPS_MAX}", steps.len()))
                    .help("use `for-each` for what is repeated"),
            );
            return None;
        }
        let Some(name) = keys.get("workflow") else {
            self.problem(Diagnostic::new(Code::MissingKey, keys.span, "a workflow needs a name").help("begin with `workflow: NAME`"));
            return None;
        };
        let name = self.text(name, "a name")?;
        if !self.check_name(&name.value, name.span, "workflow") {
            return None;
        }
        Some(Definition { name, description, inputs, plugins, defaults, steps, outputs })
    }

    fn plugins(&mut self, node: &Node) -> Vec<PluginDef> {
        let mut plugins = Vec::new();
        for (name, node) in self.named(node, "plugin") {
            let Some(location) = self.text(node, "a path to a component") else { continue };
            if let Some((scheme, _)) = location.value.split_once("://") {
                let message = format!("plugins are found by path; `{scheme}:` is not known");
                self.problem(
                    Diagnostic::new(Code::BadPlugin, location.span, message)
                        .help("write a path relative to this file, such as `./plugins/csv.wasm`"),
                );
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
