//! Steps as they were written.

use std::sync::Arc;

use super::diagnostic::{Code, Diagnostic};
use super::modifier::Modifiers;
use super::reader::{Reader, shorten};
use super::source::{Span, Spanned};
use super::template::{Template, TemplateKind};
use super::tree::Node;
use crate::plan::Grant;
use crate::types::Value;

/// One step as it was written.
#[derive(Clone, Debug)]
pub struct StepDef {
    /// Its name.
    pub name: Spanned<Arc<str>>,
    /// What it is for.
    pub description: Arc<str>,
    /// The task it calls.
    pub task: TaskRef,
    /// The task's input.
    pub with: Option<Template>,
    /// Whether it is done once for each of many items.
    pub for_each: Option<ForEachDef>,
    /// Whether it is done at all.
    pub condition: Option<Template>,
    /// Steps that must have ended before, beyond those it refers to.
    pub needs: Vec<Spanned<Arc<str>>>,
    /// Time and retries.
    pub modifiers: Modifiers,
    /// What it may touch.
    pub grant: Option<Spanned<Grant>>,
}

/// `PLUGIN.TASK`.
#[derive(Clone, Debug)]
pub struct TaskRef {
    /// The plugin's name in this workflow.
    pub plugin: Arc<str>,
    /// The task's name in the plugin.
    pub task: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

/// `for-each` and what belongs to it.
#[derive(Clone, Debug)]
pub struct ForEachDef {
    /// The list of items.
    pub items: Template,
    /// How many run at once.
    pub max_parallel: Option<u32>,
}

const STEP_KEYS: &[&str] = &["description", "task", "with", "for-each", "max-parallel", "if", "needs", "timeout", "retry", "grant"];

/// The most items of one step that may run at once.
const PARALLEL_MAX: u64 = 1_024;

impl Reader<'_> {
    pub(super) fn steps(&mut self, node: &Node) -> Vec<StepDef> {
        let named = self.named(node, "step");
        named.into_iter().filter_map(|(name, node)| self.step(name, node)).collect()
    }

    fn step(&mut self, name: Spanned<Arc<str>>, node: &Node) -> Option<StepDef> {
        let keys = self.keys(node, "a step", STEP_KEYS)?;
        let for_each = keys.get("for-each").and_then(|items| {
            let max_parallel = keys.get("max-parallel").and_then(|node| self.integer(node, "`max-parallel`", 1..=PARALLEL_MAX));
            Some(ForEachDef { items: self.template(items)?, max_parallel: max_parallel.and_then(|n| u32::try_from(n).ok()) })
        });
        if let (None, Some(node)) = (&for_each, keys.get("max-parallel")) {
            self.problem(Diagnostic::new(
                Code::MissingKey,
                node.span,
                "`max-parallel` says how many items run at once, and this step has no `for-each`",
            ));
        }
        let modifiers = Modifiers {
            timeout_ms: keys.get("timeout").and_then(|node| self.duration(node, "`timeout`")),
            retry: keys.get("retry").map(|node| self.retry(node)).unwrap_or_default(),
        };
        let with = keys.get("with").and_then(|node| {
            let template = self.template(node)?;
            let fits = matches!(&template.kind, TemplateKind::Map(_) | TemplateKind::Expr(_));
            let empty = matches!(&template.kind, TemplateKind::Literal(Value::Null));
            if !fits && !empty {
                self.wrong_shape(node, "a mapping (the task's input)");
            }
            fits.then_some(template)
        });
        let condition = keys.get("if").and_then(|node| self.template(node));
        let needs = keys.get("needs").map(|node| self.needs(node)).unwrap_or_default();
        let grant = keys.get("grant").map(|node| self.grant(node));
        let description =
            keys.get("description").and_then(|node| self.text(node, "a text")).map_or_else(|| Arc::from(""), |text| text.value);
        let Some(task) = keys.get("task") else {
            let message = format!("step `{}` does nothing: it has no `task`", name.value);
            self.problem(Diagnostic::new(Code::MissingKey, name.span, message).help("add `task: PLUGIN.TASK`"));
            return None;
        };
        let task = self.task_ref(task)?;
        Some(StepDef { name, description, task, with, for_each, condition, needs, modifiers, grant })
    }

    fn needs(&mut self, node: &Node) -> Vec<Spanned<Arc<str>>> {
        self.list(node).iter().filter_map(|item| self.text(item, "the name of a step")).collect()
    }

    fn task_ref(&mut self, node: &Node) -> Option<TaskRef> {
        let text = self.text(node, "PLUGIN.TASK")?;
        match text.value.split_once('.') {
            Some((plugin, task)) if !plugin.is_empty() && !task.is_empty() => {
                Some(TaskRef { plugin: plugin.into(), task: task.into(), span: node.span })
            }
            _ => {
                let message = format!("`{}` does not name a task", shorten(&text.value));
                self.problem(
                    Diagnostic::new(Code::WrongShape, node.span, message)
                        .help("write PLUGIN.TASK, such as `csv.parse`, where PLUGIN stands under `plugins:`"),
                );
                None
            }
        }
    }
}
