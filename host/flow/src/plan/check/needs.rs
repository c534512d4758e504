//! Which step waits for which, and why.

use std::collections::BTreeSet;

use super::Checker;
use crate::definition::{ActionDef, Code, Diagnostic, ExprAt, Span, StepDef, Template, TemplateKind, ThenDef};
use crate::plan::build::ident;
use crate::types::{Budget, Env, Value};

/// Why a step waits for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::plan) struct Edge {
    /// The other step.
    pub(in crate::plan) need: usize,
    /// Where that is said.
    pub(in crate::plan) span: Span,
    /// What of the step says it: itself, or one of its handlers.
    pub(in crate::plan) of: &'static str,
}

/// What every placeholder of a secret begins with.
const PLACEHOLDER: &str = "jackfield-secret-";

/// How a task comes by a secret.
pub(super) const SECRET_HELP: &str =
    "grant it: `grant: { secrets: [NAME] }`; the task sends a placeholder, which is filled in on the way out";

/// The values of a step itself, without those of its handlers.
fn own_templates(step: &StepDef) -> impl Iterator<Item = &Template> {
    let actions = step.body.actions().into_iter().filter_map(ActionDef::templates);
    let lock = step.lock.as_ref().map(|lock| &lock.name);
    actions.chain(step.body.templates()).chain(&step.condition).chain(lock)
}

/// The values of its handlers, each with what it is.
fn handler_templates(step: &StepDef) -> impl Iterator<Item = (&'static str, &Template)> {
    let on_error = step.on_error.iter().filter_map(|entry| match &entry.then {
        ThenDef::Fail => None,
        ThenDef::Value(template) => Some(template),
        ThenDef::Action(handler) => handler.action.templates(),
    });
    let finally = step.finally.iter().filter_map(|handler| handler.action.templates());
    let compensate = step.compensate.iter().filter_map(|handler| handler.action.templates());
    on_error
        .map(|template| ("on-error", template))
        .chain(finally.map(|template| ("finally", template)))
        .chain(compensate.map(|template| ("compensate", template)))
}

impl Checker<'_> {
    /// For each step why it waits for others: what it refers to, what its handlers refer to, and its `needs`. In order, each once.
    pub(in crate::plan) fn edges(&mut self) -> Vec<Vec<Edge>> {
        (0..self.definition.steps.len()).map(|step| self.edges_of(step)).collect()
    }

    fn edges_of(&mut self, own: usize) -> Vec<Edge> {
        let definition = self.definition;
        let step = &definition.steps[own];
        let mut edges: Vec<Edge> = Vec::new();
        for template in own_templates(step) {
            self.read(template, "step", &mut edges);
        }
        for (of, template) in handler_templates(step) {
            let before = edges.len();
            self.read(template, of, &mut edges);
            // A handler runs after its step; that it may not read its result is told where the handler is checked.
            let mut at = 0;
            edges.retain(|edge| {
                at += 1;
                at <= before || edge.need != own
            });
        }
        for need in &step.needs {
            match self.step_index.get(&ident(&need.value)) {
                Some(index) if definition.steps[*index].name.value == need.value => {
                    edges.push(Edge { need: *index, span: need.span, of: "needs" });
                }
                _ => self.unknown_step(&need.value, need.span),
            }
        }
        let mut seen = BTreeSet::new();
        edges.retain(|edge| seen.insert(edge.need));
        edges.sort_by_key(|edge| edge.need);
        edges
    }

    /// The steps that a template reads.
    fn read(&mut self, template: &Template, of: &'static str, edges: &mut Vec<Edge>) {
        for_each_expression(template, &mut |at| {
            for reference in at.expr.references() {
                let found = reference.path.first().and_then(|name| self.step_index.get(name));
                if let ("steps", Some(need)) = (&*reference.root, found) {
                    self.steps_read.insert(*need);
                    edges.push(Edge { need: *need, span: at.place(reference.span), of });
                }
            }
        });
        self.refuse_placeholders(template);
    }

    /// Marks what the outputs read.
    pub(in crate::plan) fn read_outputs(&mut self) {
        for output in &self.definition.outputs {
            self.read(&output.value, "outputs", &mut Vec::new());
        }
    }

    /// A placeholder of a secret is of one attempt; written down it is nothing, or was copied from where it should not be.
    fn refuse_placeholders(&mut self, template: &Template) {
        let mut found = Vec::new();
        for_each_text(template, &mut |text, span| {
            if text.contains(PLACEHOLDER) {
                found.push(span);
            }
        });
        for span in found {
            let message = format!("`{PLACEHOLDER}…` stands for a secret in one attempt of a task, and means nothing here");
            self.problem(Diagnostic::new(Code::SecretOutsideGrant, span, message).help(SECRET_HELP));
        }
    }
}

/// All expressions of a template, in order.
pub(super) fn for_each_expression(template: &Template, visit: &mut impl FnMut(&ExprAt)) {
    match &template.kind {
        TemplateKind::Literal(_) => {}
        TemplateKind::Expr(at) => visit(at),
        TemplateKind::List(items) => items.iter().for_each(|item| for_each_expression(item, visit)),
        TemplateKind::Map(entries) => entries.iter().for_each(|(_, _, entry)| for_each_expression(entry, visit)),
    }
}

/// All texts of a template: literals, and the sources of expressions.
fn for_each_text(template: &Template, visit: &mut impl FnMut(&str, Span)) {
    match &template.kind {
        TemplateKind::Literal(Value::String(text)) => visit(text, template.span),
        TemplateKind::Literal(_) => {}
        TemplateKind::Expr(at) => visit(at.expr.source(), at.span),
        TemplateKind::List(items) => items.iter().for_each(|item| for_each_text(item, visit)),
        TemplateKind::Map(entries) => entries.iter().for_each(|(_, _, entry)| for_each_text(entry, visit)),
    }
}

/// Whether a condition has this value whatever a run does.
pub(in crate::plan) fn is_constant(condition: &Template, wanted: &Value) -> bool {
    match &condition.kind {
        TemplateKind::Literal(value) => value == wanted,
        TemplateKind::Expr(at) => {
            at.expr.references().is_empty() && at.expr.eval(&Env::new(), &mut Budget::default()).is_ok_and(|value| value == *wanted)
        }
        TemplateKind::List(_) | TemplateKind::Map(_) => false,
    }
}
