//! Structures around actions, and the types of their results.

use std::sync::Arc;

use super::Builder;
use super::action::Made;
use crate::definition::{
    ActionDef, ActionKind, BodyDef, BranchDef, Code, ContenderDef, Diagnostic, ForEachDef, RepeatDef, RepeatTestDef, StepDef,
};
use crate::plan::check::{Names, Part};
use crate::plan::model::{Branch, Contender, OnItemError, PlanTemplate, RepeatTest, StepKind};
use crate::types::{Field, Type, Value};

/// How many items run at once when nobody says.
const PARALLEL_DEFAULT: u32 = 32;
/// Iterations when nobody says.
const ITERATIONS_DEFAULT: u32 = 100;
/// Rounds after which the type of a `carry` must stand still.
const ROUNDS_MAX: usize = 4;

/// What a step does, and what is known of its results.
pub(super) struct Body {
    /// Nothing when it cannot be built, which was told.
    pub(super) kind: Option<StepKind>,
    /// The type of one result: of an item of a `for-each`, otherwise of the step.
    pub(super) one: Type,
    /// `item` and `index`, in a `for-each`.
    pub(super) locals: Vec<(&'static str, Type)>,
}

impl Builder<'_> {
    pub(super) fn body(&mut self, step: &StepDef, of: &str) -> Body {
        let names = under_lock(step);
        match &step.body {
            BodyDef::One(action) => {
                let made = self.action(action, &names, of);
                Body { kind: made.action.map(StepKind::One), one: made.ty, locals: Vec::new() }
            }
            BodyDef::ForEach(each) => self.for_each(each, &names, of),
            BodyDef::Repeat(repeat) => self.repeat(repeat, &names, of),
            BodyDef::Choose(branches) => self.choose(branches, &names, of),
            BodyDef::Race(contenders) => self.race(contenders, &names, of),
        }
    }

    fn for_each(&mut self, each: &ForEachDef, names: &Names<'static>, of: &str) -> Body {
        let item = self.checker.items(&each.items, &Names::all());
        let locals = vec![("item", item), ("index", Type::Int)];
        let made = self.action(&each.action, &names.with(locals.clone()), of);
        let kind = made.action.map(|action| StepKind::ForEach {
            items: PlanTemplate::from(&each.items),
            max_parallel: each.max_parallel.unwrap_or(PARALLEL_DEFAULT),
            on_item_error: each.on_item_error,
            action,
        });
        Body { kind, one: made.ty, locals }
    }

    fn repeat(&mut self, repeat: &RepeatDef, names: &Names<'static>, of: &str) -> Body {
        let start = match &repeat.start {
            Some(start) => self.checker.infer(start, &Names::all()).unwrap_or(Type::Never),
            None => Type::Null,
        };
        let within = |carry: Type| names.with([("carry", carry), ("index", Type::Int)]);
        let carry = self.carry(repeat, start, &within);
        let made = self.action(&repeat.action, &within(carry.clone()), of);
        let (test, one) = match &repeat.test {
            // Looked at after an iteration: what is carried then is its result.
            RepeatTestDef::Until(test) => {
                self.checker.condition(test, "until", &within(made.ty.clone()));
                (RepeatTest::Until(PlanTemplate::from(test)), made.ty)
            }
            // Looked at before the first one: without any, what is carried from the start is the result.
            RepeatTestDef::While(test) => {
                self.checker.condition(test, "while", &within(carry.clone()));
                (RepeatTest::While(PlanTemplate::from(test)), carry)
            }
        };
        let kind = made.action.map(|action| StepKind::Repeat {
            start: repeat.start.as_ref().map_or(PlanTemplate::Value(Value::Null), PlanTemplate::from),
            test,
            max: repeat.max.unwrap_or(ITERATIONS_DEFAULT),
            every_ms: repeat.every_ms.unwrap_or(0),
            action,
        });
        Body { kind, one, locals: Vec::new() }
    }

    /// The type of what is carried: of the start and of the result of each iteration, which may depend on what is carried itself.
    fn carry(&mut self, repeat: &RepeatDef, start: Type, within: &dyn Fn(Type) -> Names<'static>) -> Type {
        let first = repeat.start.as_ref().map_or(repeat.span, |start| start.span);
        let start_what = if repeat.start.is_some() { "`start`" } else { "no `start`" };
        let part = |ty: &Type, span, what: &str| Part { ty: ty.clone(), span, what: what.to_owned() };
        let mut carry = start.clone();
        for _ in 0..ROUNDS_MAX {
            let result = self.guess(&repeat.action, &within(carry.clone()));
            let parts = [part(&carry, first, start_what), part(&result, repeat.action.span, "an iteration")];
            let next = self.checker.join(&parts);
            if next == carry || next == Type::Never {
                return next;
            }
            carry = next;
        }
        let result = self.guess(&repeat.action, &within(carry.clone()));
        let message = format!(
            "what is carried has another type in each iteration: `start` is {}, and after {ROUNDS_MAX} iterations it would be {}",
            start.brief(),
            result.brief()
        );
        let problem = Diagnostic::new(Code::NoJointType, repeat.action.span, message)
            .help("let each iteration give the same type: a list that grows, or a record with fixed fields")
            .label(first, format!("begins as {}", start.brief()));
        self.checker.problem(problem);
        Type::Never
    }

    /// The type of an action's result, without telling what is wrong with it. Only that of a value depends on names.
    fn guess(&mut self, action: &ActionDef, names: &Names<'_>) -> Type {
        match &action.kind {
            ActionKind::Value(value) => self.checker.silently(|checker| checker.infer(value, names)).unwrap_or(Type::Never),
            ActionKind::Task(_) => self.signature_of(action).map_or(Type::Never, |signature| signature.output.clone()),
            ActionKind::Flow(call) => self.flow_result(&call.flow.value),
            ActionKind::Signal { ty, .. } => ty.clone(),
            ActionKind::Approval { .. } => super::action::approval(),
            ActionKind::Sleep(_) | ActionKind::Until(_) => Type::Null,
        }
    }

    fn choose(&mut self, branches: &[BranchDef], names: &Names<'static>, of: &str) -> Body {
        let mut parts = Vec::with_capacity(branches.len());
        let mut built = Vec::with_capacity(branches.len());
        for (at, branch) in branches.iter().enumerate() {
            if let Some(condition) = &branch.condition {
                // The lock comes after the choice.
                self.checker.condition(condition, "if", &Names::all());
            }
            let what = format!("branch {}", at + 1);
            let Made { action, ty } = self.action(&branch.action, names, &format!("{what} of {of}"));
            parts.push(Part { ty, span: branch.action.span, what });
            let condition = branch.condition.as_ref().map(PlanTemplate::from);
            built.push(action.map(|action| Branch { condition, action }));
        }
        let joined = self.checker.join(&parts);
        let always = branches.last().is_some_and(|branch| branch.condition.is_none());
        let one = if always { joined } else { optional(joined) };
        Body { kind: built.into_iter().collect::<Option<_>>().map(StepKind::Choose), one, locals: Vec::new() }
    }

    fn race(&mut self, contenders: &[ContenderDef], names: &Names<'static>, of: &str) -> Body {
        let mut parts = Vec::with_capacity(contenders.len());
        let mut built = Vec::with_capacity(contenders.len());
        for contender in contenders {
            let what = format!("contender `{}`", contender.name.value);
            let Made { action, ty } = self.action(&contender.action, names, &format!("{what} of {of}"));
            parts.push(Part { ty, span: contender.action.span, what });
            built.push(action.map(|action| Contender { name: contender.name.value.clone(), action }));
        }
        let value = self.checker.join(&parts);
        let winner = Type::one_of(contenders.iter().map(|contender| Arc::clone(&contender.name.value)));
        let one = Type::record(vec![Field::required("winner", winner), Field::required("value", value)]);
        Body { kind: built.into_iter().collect::<Option<_>>().map(StepKind::Race), one, locals: Vec::new() }
    }
}

/// What an action sees beside results: the lock that its step holds.
fn under_lock(step: &StepDef) -> Names<'static> {
    let lock = Type::record(vec![Field::required("name", Type::String), Field::required("token", Type::Int)]);
    Names::all().with(step.lock.as_ref().map(|_| ("lock", lock)))
}

/// An option of a type; one that is unknown stays so.
pub(super) fn optional(ty: Type) -> Type {
    if ty == Type::Never { ty } else { Type::option(ty) }
}

/// The type of all results of a `for-each`.
pub(super) fn of_items(one: Type, on_item_error: OnItemError) -> Type {
    match on_item_error {
        OnItemError::Fail | OnItemError::Skip => Type::list(one),
        OnItemError::Collect => {
            let error = Type::record(vec![Field::required("code", Type::String), Field::required("message", Type::String)]);
            let each = vec![Field::required("ok", optional(one)), Field::required("error", Type::option(error))];
            Type::list(Type::record(each))
        }
    }
}
