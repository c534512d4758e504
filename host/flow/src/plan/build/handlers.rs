//! Steps that belong to others: handlers of failures, what runs after a step, and what undoes it.

use super::Builder;
use super::modifiers::Attempts;
use crate::definition::{ActionDef, HandlerDef, RetryDef, StepDef, ThenDef};
use crate::plan::check::{Names, Part, Reach};
use crate::plan::model::{OnError, PlanStep, PlanTemplate, Role, StepKind, Then};
use crate::types::{Field, Type};

/// How many steps belong to one.
pub(super) fn hidden_steps(step: &StepDef) -> usize {
    let on_error = step.on_error.iter().filter(|entry| matches!(entry.then, ThenDef::Action(_))).count();
    on_error + usize::from(step.finally.is_some()) + usize::from(step.compensate.is_some())
}

/// A step while what belongs to it is built.
pub(super) struct Owner<'s> {
    /// Its index.
    pub(super) index: usize,
    /// It.
    pub(super) def: &'s StepDef,
    /// `item` and `index`, in a `for-each`.
    pub(super) locals: Vec<(&'static str, Type)>,
    /// The steps that belong to it so far.
    pub(super) hidden: usize,
}

impl Builder<'_> {
    /// The entries of `on-error`, and the type of the result with theirs.
    pub(super) fn on_error(&mut self, owner: &mut Owner<'_>, one: Type) -> (Vec<OnError>, Type) {
        let step = owner.def;
        let what = format!("`on-error` of step `{}`", step.name.value);
        let mut parts = vec![Part {
            ty: one,
            span: step.body.actions().first().map_or(step.name.span, |action| action.span),
            what: format!("step `{}`", step.name.value),
        }];
        let mut entries = Vec::new();
        for (at, entry) in step.on_error.iter().enumerate() {
            let names = Names { locals: owner.locals.clone(), reach: Reach::Beside { step: owner.index, what: &what } }
                .with([("error", failure())]);
            let then = match &entry.then {
                ThenDef::Fail => Then::Fail,
                ThenDef::Value(value) => {
                    let ty = self.checker.infer(value, &names).unwrap_or(Type::Never);
                    parts.push(Part { ty, span: value.span, what: what.clone() });
                    Then::Value(PlanTemplate::from(value))
                }
                ThenDef::Action(handler) => {
                    let role = Role::Handler { of: owner.index };
                    let (index, ty) = self.hidden(owner, handler, &format!("on-error-{}", at + 1), role, &names);
                    parts.push(Part { ty, span: handler.action.span, what: what.clone() });
                    Then::Step(index)
                }
            };
            entries.push(OnError { code: entry.code.clone(), then });
        }
        let joined = if parts.len() > 1 { self.checker.join(&parts) } else { parts.remove(0).ty };
        (entries, joined)
    }

    pub(super) fn finally(&mut self, owner: &mut Owner<'_>) -> Option<usize> {
        let handler = owner.def.finally.as_ref()?;
        let what = format!("`finally` of step `{}`", owner.def.name.value);
        let names = Names { locals: vec![("outcome", outcome())], reach: Reach::Beside { step: owner.index, what: &what } };
        Some(self.hidden(owner, handler, "finally", Role::Finally { of: owner.index }, &names).0)
    }

    /// What undoes the step; `output` is the type of what is undone.
    pub(super) fn compensate(&mut self, owner: &mut Owner<'_>, output: Type) -> Option<usize> {
        let handler = owner.def.compensate.as_ref()?;
        let what = format!("`compensate` of step `{}`", owner.def.name.value);
        let reach = Reach::Beside { step: owner.index, what: &what };
        let names = Names { locals: owner.locals.clone(), reach }.with([("output", output)]);
        Some(self.hidden(owner, handler, "compensate", Role::Compensate { of: owner.index }, &names).0)
    }

    /// A step that belongs to another: its index, and the type of its result.
    fn hidden(&mut self, owner: &mut Owner<'_>, handler: &HandlerDef, suffix: &str, role: Role, names: &Names<'_>) -> (usize, Type) {
        let position = self.first_hidden[owner.index] + owner.hidden;
        owner.hidden += 1;
        let Reach::Beside { what, .. } = names.reach else { return (0, Type::Never) };
        let made = self.action(&handler.action, names, what);
        let attempts = if handler.action.is_task() { Attempts::Some } else { Attempts::None };
        let name = format!("{}/{suffix}", owner.def.name.value);
        self.hidden[position] = made.action.map(|action| PlanStep {
            role,
            timeout: self.timeout(handler.timeout.as_ref(), attempts),
            retry: self.retry(handler.retry.as_ref(), attempts),
            ..PlanStep::new(&name, StepKind::One(action), made.ty.clone())
        });
        self.check_retry(&handler.action, handler.retry.as_ref(), position);
        (self.definition.steps.len() + position, made.ty)
    }

    fn check_retry(&mut self, action: &ActionDef, retry: Option<&RetryDef>, position: usize) {
        let Some(step) = self.hidden[position].clone() else { return };
        let actions = [action];
        self.check_codes(&actions, retry, &[]);
        self.check_repeatable(&actions, &step, retry);
    }
}

/// What `error` is.
fn failure() -> Type {
    Type::record(vec![
        Field::required("code", Type::String),
        Field::required("message", Type::String),
        Field::required("data", Type::option(Type::Json)),
    ])
}

/// What `outcome` is.
fn outcome() -> Type {
    Type::record(vec![
        Field::required("status", Type::one_of(["done", "failed", "cancelled"])),
        Field::required("code", Type::option(Type::String)),
    ])
}
