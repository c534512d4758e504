//! Plans made by hand, of a plugin whose one task takes and answers anything.

use std::sync::Arc;

use crate::definition::{Backoff, Jitter};
use crate::plan::{
    Action, Branch, Call, Contender, Digest, Effect, Grant, OnError, OnItemError, PLAN_FORMAT, ParentEnds, PinnedPlugin, Plan, PlanOutput,
    PlanStep, PlanTask, PlanTemplate, RepeatTest, Retry, Role, StepKind, Then,
};
use crate::types::{Expr, Type, Value};

/// A plan in the making.
pub(super) struct Build {
    plan: Plan,
    hidden: Vec<(String, PlanStep)>,
}

/// An expression, or a literal when it is none.
pub(super) fn x(text: &str) -> PlanTemplate {
    PlanTemplate::Expr(Expr::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")))
}

/// A call of the task.
pub(super) fn call(input: &str) -> Action {
    Action::Task(Call { task: 0, with: x(input), grant: Grant::default(), effect: Effect::Pure })
}

pub(super) fn value(text: &str) -> Action {
    Action::Value(x(text))
}

pub(super) fn sleep(text: &str) -> Action {
    Action::Sleep(PlanTemplate::Value(Value::string(text)))
}

pub(super) fn signal(name: &str) -> Action {
    Action::Signal { name: name.into(), ty: Type::Json }
}

pub(super) fn approval(question: &str) -> Action {
    Action::Approval { question: PlanTemplate::Value(Value::string(question)) }
}

pub(super) fn flow(parent_ends: ParentEnds) -> Action {
    Action::Flow { flow: 0, with: PlanTemplate::Map(Vec::new()), parent_ends }
}

pub(super) fn one(action: Action) -> StepKind {
    StepKind::One(action)
}

pub(super) fn for_each(items: &str, max_parallel: u32, on_item_error: OnItemError, action: Action) -> StepKind {
    StepKind::ForEach { items: x(items), max_parallel, on_item_error, action }
}

pub(super) fn repeat(start: &str, until: &str, max: u32, every_ms: u64, action: Action) -> StepKind {
    StepKind::Repeat { start: x(start), test: RepeatTest::Until(x(until)), max, every_ms, action }
}

pub(super) fn race(contenders: Vec<(&str, Action)>) -> StepKind {
    StepKind::Race(contenders.into_iter().map(|(name, action)| Contender { name: name.into(), action }).collect())
}

pub(super) fn choose(branches: Vec<(Option<&str>, Action)>) -> StepKind {
    StepKind::Choose(branches.into_iter().map(|(condition, action)| Branch { condition: condition.map(x), action }).collect())
}

pub(super) fn attempts(attempts: u32) -> Retry {
    Retry { attempts, backoff: Backoff::Fixed, first_ms: 100, max_ms: 1_000, jitter: Jitter::None, on: Vec::new() }
}

impl Build {
    pub(super) fn new() -> Self {
        let plan = Plan {
            format: PLAN_FORMAT,
            workflow: "made".into(),
            inputs: Vec::new(),
            plugins: vec![PinnedPlugin { name: "t".into(), digest: Digest::of(b"t") }],
            tasks: vec![PlanTask { plugin: 0, name: "any".into(), input: Type::Json, output: Type::Json }],
            flows: Vec::new(),
            steps: Vec::new(),
            outputs: Vec::new(),
            labels: Vec::new(),
            concurrency: None,
            priority: 0,
            retain_ms: None,
            schedules: Vec::new(),
        };
        Self { plan, hidden: Vec::new() }
    }

    /// A step, which needs the ones named.
    pub(super) fn step(mut self, name: &str, needs: &[&str], kind: StepKind) -> Self {
        let mut step = PlanStep::new(name, kind, Type::Json);
        step.needs = needs.iter().map(|need| self.plan.step_named(need).unwrap_or_else(|| panic!("no step {need}"))).collect();
        self.plan.steps.push(step);
        self
    }

    /// Says more about the last step.
    pub(super) fn with(mut self, change: impl FnOnce(&mut PlanStep)) -> Self {
        change(self.plan.steps.last_mut().expect("a step"));
        self
    }

    pub(super) fn retry(self, tries: u32) -> Self {
        self.with(|step| step.retry = attempts(tries))
    }

    pub(super) fn compensate(self, action: Action) -> Self {
        self.hidden("compensate", action)
    }

    pub(super) fn finally(self, action: Action) -> Self {
        self.hidden("finally", action)
    }

    /// A step that takes care of the failures of the last one, of those with a code or of all.
    pub(super) fn handler(mut self, code: Option<&str>, action: Action) -> Self {
        let then = Then::Step(usize::MAX);
        let step = self.plan.steps.last_mut().expect("a step");
        step.on_error.push(OnError { code: code.map(Arc::from), then });
        self.hidden("on-error", action)
    }

    /// A value that takes the place of the last step's failures.
    pub(super) fn fallback(self, code: Option<&str>, value: &str) -> Self {
        self.with(|step| step.on_error.push(OnError { code: code.map(Arc::from), then: Then::Value(x(value)) }))
    }

    fn hidden(mut self, what: &str, action: Action) -> Self {
        let of = self.plan.steps.len() - 1;
        let role = match what {
            "compensate" => Role::Compensate { of },
            "finally" => Role::Finally { of },
            _ => Role::Handler { of },
        };
        let mut step = PlanStep::new(&format!("{}/{what}", self.plan.steps[of].name), one(action), Type::Json);
        step.role = role;
        self.hidden.push((what.to_owned(), step));
        self
    }

    /// Says more about the last hidden step.
    pub(super) fn with_hidden(mut self, change: impl FnOnce(&mut PlanStep)) -> Self {
        change(&mut self.hidden.last_mut().expect("a hidden step").1);
        self
    }

    pub(super) fn output(mut self, name: &str, value: &str) -> Self {
        self.plan.outputs.push(PlanOutput { name: name.into(), value: x(value), ty: Type::Json });
        self
    }

    /// Says more about the plan.
    pub(super) fn plan(mut self, change: impl FnOnce(&mut Plan)) -> Self {
        change(&mut self.plan);
        self
    }

    pub(super) fn done(mut self) -> Plan {
        for (what, step) in self.hidden {
            let index = self.plan.steps.len();
            let (Role::Handler { of } | Role::Finally { of } | Role::Compensate { of }) = step.role else { panic!("a hidden step") };
            let owner = &mut self.plan.steps[of];
            match what.as_str() {
                "compensate" => owner.compensate = Some(index),
                "finally" => owner.finally = Some(index),
                _ => {
                    let open = owner.on_error.iter_mut().find(|on_error| on_error.then == Then::Step(usize::MAX));
                    open.expect("a handler").then = Then::Step(index);
                }
            }
            self.plan.steps.push(step);
        }
        let (bytes, _) = self.plan.to_bytes();
        Plan::from_bytes(&bytes).expect("a sound plan")
    }
}
