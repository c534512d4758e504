//! Steps: what they do, when, and what holds for them.

use super::Builder;
use super::body::{Body, of_items, optional};
use super::handlers::Owner;
use super::modifiers::Attempts;
use crate::definition::{ActionKind, BodyDef, StepDef};
use crate::plan::build::ident;
use crate::plan::check::Names;
use crate::plan::model::{PlanStep, PlanTemplate, Role};

impl Builder<'_> {
    /// One step, with all that belongs to it. Its result becomes visible to those after it.
    pub(super) fn step(&mut self, index: usize, needs: Vec<usize>) -> Option<PlanStep> {
        let definition = self.definition;
        let step = &definition.steps[index];
        let of = format!("step `{}`", step.name.value);
        if let Some(condition) = &step.condition {
            self.checker.condition(condition, "if", &Names::all());
        }
        let Body { kind, one, locals } = self.body(step, &of);
        let mut owner = Owner { index, def: step, locals, hidden: 0 };
        let (on_error, one) = self.on_error(&mut owner, one);
        let output = match &step.body {
            BodyDef::ForEach(each) => of_items(one.clone(), each.on_item_error),
            _ => one.clone(),
        };
        let finally = self.finally(&mut owner);
        let compensate = self.compensate(&mut owner, one);
        let lock = step.lock.as_ref().map(|lock| self.lock(lock));
        let rate = step.rate.as_ref().map(|rate| self.rate(rate, &step.name.value));
        let output = if step.condition.is_some() { optional(output) } else { output };
        self.checker.add_step(index, output.clone(), origin(step));
        let actions = step.body.actions();
        let attempts = if actions.iter().any(|action| action.is_task()) { Attempts::Some } else { Attempts::None };
        let retry = self.retry(step.retry.as_ref(), attempts);
        self.refuse_at_most_once_retry(step, retry.attempts);
        self.check_codes(&actions, step.retry.as_ref(), &step.on_error);
        let planned = PlanStep {
            name: step.name.value.clone(),
            ident: ident(&step.name.value),
            role: Role::Main,
            needs,
            condition: step.condition.as_ref().map(PlanTemplate::from),
            kind: kind?,
            timeout: self.timeout(step.timeout.as_ref(), attempts),
            retry,
            on_error,
            finally,
            compensate,
            lock,
            rate,
            cache: step.cache.is_some(),
            at_most_once: step.at_most_once.is_some(),
            priority: step.priority.unwrap_or(0),
            output,
        };
        self.check_repeatable(&actions, &planned, step.retry.as_ref());
        self.check_cache(step, &planned);
        Some(planned)
    }
}

/// Where a step's result comes from, and what that is, for messages.
fn origin(step: &StepDef) -> (crate::definition::Span, String) {
    let actions = step.body.actions();
    let first = actions.first();
    let what = match (&step.body, first.map(|action| &action.kind)) {
        (BodyDef::Choose(_), _) => "what its branches give".to_owned(),
        (BodyDef::Race(_), _) => "the winner of the race".to_owned(),
        (_, Some(ActionKind::Task(call))) => format!("what `{}.{}` gives", call.task.plugin, call.task.task),
        (_, Some(ActionKind::Flow(call))) => format!("what the flow `{}` gives", call.flow.value),
        (_, Some(_)) => first.map_or_else(String::new, |action| format!("what its `{}` gives", action.key())),
        (_, None) => "its result".to_owned(),
    };
    let many = match &step.body {
        BodyDef::ForEach(_) => ", for each item",
        BodyDef::Repeat(_) => ", in the end",
        _ => "",
    };
    let maybe = if step.condition.is_some() { ", or nothing when it is skipped" } else { "" };
    (first.map_or(step.name.span, |action| action.span), format!("{what}{many}{maybe}"))
}
