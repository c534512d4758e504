//! What a run with these inputs would do, as far as they tell.

use std::sync::Arc;

use jackfield_flow::plan::{Action, Grant, Known, Plan, PlanStep, PlanTemplate, StepKind};
use jackfield_flow::types::Value;
use serde::Serialize;

use super::{effect_of, effect_word, flow_name, grant_lines, needs};
use crate::graph;
use crate::output::escape;
use crate::output::style::{DIM, STRONG, paint};

/// The longest value that is shown on a line, in characters.
const VALUE_MAX: usize = 2_000;

/// What a run would do.
#[derive(Debug, Serialize)]
pub(super) struct DryReport {
    workflow: Arc<str>,
    inputs: Value,
    /// Steps of one wave need those of the waves before it.
    waves: Vec<Vec<DryStep>>,
}

/// A step, and what is known of it.
#[derive(Debug, Serialize)]
struct DryStep {
    name: Arc<str>,
    kind: &'static str,
    does: Vec<String>,
    /// Whether it runs; null when that is not known yet.
    runs: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<String>,
    needs: Vec<Arc<str>>,
    /// How many items it has; null when that is not known yet, or it is no `for-each`.
    items: Option<usize>,
    /// What is handed to its tasks, sub-workflows and other actions; expressions that are not known yet are texts `${ … }`.
    actions: Vec<DryAction>,
    effect: &'static str,
    #[serde(skip)]
    grants: Vec<String>,
}

#[derive(Debug, Serialize)]
struct DryAction {
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow: Option<Arc<str>>,
    with: Option<Value>,
    /// Whether all of `with` is known.
    known: bool,
    /// Whether what it does does not say it already.
    #[serde(skip)]
    told: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    grant: Option<Grant>,
}

impl DryReport {
    pub(super) fn new(plan: &Plan, inputs: Value) -> Self {
        let step = |index: usize| dry_step(plan, &plan.steps[index], &inputs);
        let waves = plan.waves().into_iter().map(|wave| wave.into_iter().map(step).collect()).collect();
        Self { workflow: Arc::clone(&plan.workflow), waves, inputs }
    }

    /// The same for people.
    pub(super) fn shown(&self) -> String {
        let mut text = format!("{} {}, nothing is run\n", paint(STRONG, "workflow"), self.workflow);
        for (at, wave) in self.waves.iter().enumerate() {
            text.push_str(&format!("\n{} {}\n", paint(STRONG, "wave"), at + 1));
            wave.iter().for_each(|step| text.push_str(&step.shown()));
        }
        text
    }
}

impl DryStep {
    fn shown(&self) -> String {
        let state = match (self.runs, &self.condition) {
            (Some(false), _) => ", skipped: its condition is false".to_owned(),
            (None, Some(condition)) => format!(", if {condition} (not known yet)"),
            _ => String::new(),
        };
        let head = format!("  {}  {}  {}{state}\n", paint(STRONG, &self.name), escape::line(&self.does.join(", ")), self.effect);
        if self.runs == Some(false) {
            return head;
        }
        let mut text = head;
        let mut line =
            |label: &str, words: &str| text.push_str(&format!("    {} {}\n", paint(DIM, label), escape::brief(words, VALUE_MAX)));
        if !self.needs.is_empty() {
            line("needs", &self.needs.join(", "));
        }
        match (self.kind, self.items) {
            ("for-each", Some(items)) => line("items", &items.to_string()),
            ("for-each", None) => line("items", "not known yet"),
            _ => {}
        }
        for action in &self.actions {
            let Some(with) = action.with.as_ref().filter(|_| action.told) else { continue };
            let who = action.task.as_deref().or(action.flow.as_deref()).filter(|_| self.actions.len() > 1);
            let who = who.map_or_else(String::new, |who| format!("{who} "));
            line("with", &format!("{who}{}", with.to_json()));
        }
        self.grants.iter().for_each(|grant| line("grant", grant));
        text
    }
}

fn dry_step(plan: &Plan, step: &PlanStep, inputs: &Value) -> DryStep {
    let items = match &step.kind {
        StepKind::ForEach { items, .. } => match plan.foresee(items, inputs) {
            foreseen if foreseen.known == Known::Partly => literal_items(items),
            foreseen => match foreseen.value {
                Value::List(list) => Some(list.len()),
                _ => None,
            },
        },
        _ => None,
    };
    let mut does = graph::does_lines(plan, step);
    does.extend(graph::inner_words(plan, step));
    DryStep {
        name: Arc::clone(&step.name),
        kind: step.kind.word(),
        does,
        runs: plan.foresee_condition(step, inputs),
        condition: step.condition.as_ref().map(graph::brief),
        needs: needs(plan, step),
        items,
        actions: step.actions().into_iter().map(|action| dry_action(plan, action, inputs)).collect(),
        effect: effect_word(effect_of(plan, step)),
        grants: grant_lines(step),
    }
}

/// A list that is written out has as many items as it has, whatever they will be.
fn literal_items(items: &PlanTemplate) -> Option<usize> {
    match items {
        PlanTemplate::List(items) => Some(items.len()),
        _ => None,
    }
}

fn dry_action(plan: &Plan, action: &Action, inputs: &Value) -> DryAction {
    let (template, task, grant) = match action {
        Action::Task(call) => (Some(&call.with), Some(plan.task_name(call)), Some(call.grant.clone())),
        Action::Flow { with, .. } => (Some(with), None, None),
        Action::Sleep(value) | Action::Until(value) | Action::Value(value) => (Some(value), None, None),
        Action::Approval { question } => (Some(question), None, None),
        Action::Signal { .. } => (None, None, None),
    };
    let foreseen = template.map(|template| plan.foresee(template, inputs));
    let known = foreseen.as_ref().is_none_or(|foreseen| foreseen.known == Known::Wholly);
    let literal = matches!(template, Some(PlanTemplate::Value(_)));
    let told = !literal || matches!(action, Action::Task(_) | Action::Flow { .. });
    DryAction { task, told, flow: flow_name(plan, action), with: foreseen.map(|foreseen| foreseen.value), known, grant }
}
