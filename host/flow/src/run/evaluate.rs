//! What expressions of a plan mean in the state a run is in. A function of recorded facts alone.

use std::sync::Arc;

use super::event::Place;
use super::failure::{Failure, FailureKind, Platform};
use super::ids::Millis;
use super::machine::{Items, Run, Work};
use super::state::SlotState;
use crate::plan::{Action, Call, PlanTemplate, StepKind};
use crate::types::{Budget, Env, Value};

/// The most items of one `for-each` step.
const ITEMS_MAX: usize = 1_000_000;
/// The largest input of a task, in bytes of JSON.
const INPUT_BYTES_MAX: usize = 64 << 20;

impl Items {
    /// The results of all items, in order, once all are done.
    pub(super) fn results(&self) -> Value {
        Value::list(self.slots.iter().map(|slot| match &slot.state {
            SlotState::Done(output) => output.clone(),
            _ => Value::Null,
        }))
    }
}

impl Run {
    /// What is done at a place.
    pub fn action_of(&self, place: Place) -> Option<&Action> {
        self.plan.steps.get(place.index())?.actions().first().copied()
    }

    /// The call of a task at a place, when it is one.
    pub fn call_of(&self, place: Place) -> Option<&Call> {
        match self.action_of(place)? {
            Action::Task(call) => Some(call),
            _ => None,
        }
    }

    /// The input of an attempt as JSON text, or why there is none.
    pub fn input_of(&self, place: Place) -> Result<String, Failure> {
        let index = place.index();
        let Some(call) = self.call_of(place) else { return Err(Platform::PluginNoTask.failure("the step calls no task")) };
        let item = match (&self.steps[index].work, place.item) {
            (Work::Many(items), Some(item)) => items.list.get(item as usize).cloned().map(|value| (item, value)),
            _ => None,
        };
        let value = self.evaluate(&call.with, item)?;
        let task = &self.plan.tasks[call.task];
        let value = task
            .input
            .check(&value)
            .map_err(|error| Platform::ValueInput.failure(format!("the input of `{}` is not of its type: {error}", task.name)))?;
        value
            .to_json_within(INPUT_BYTES_MAX)
            .ok_or_else(|| Platform::LimitInputSize.failure(format!("the input of `{}` is larger than {INPUT_BYTES_MAX} bytes", task.name)))
    }

    /// Whether a step runs at all.
    pub(super) fn condition_of(&self, step: usize) -> Result<bool, Failure> {
        match &self.plan.steps[step].condition {
            None => Ok(true),
            Some(condition) => match self.evaluate(condition, None)? {
                Value::Bool(wanted) => Ok(wanted),
                other => Err(expression_failure("expr.type", format!("`if` is {}, and must be true or false", other.kind()))),
            },
        }
    }

    /// The items of a `for-each` step.
    pub(super) fn items_of(&self, step: usize) -> Result<Arc<[Value]>, Failure> {
        let StepKind::ForEach { items, .. } = &self.plan.steps[step].kind else {
            return Err(expression_failure("expr.type", "the step has no items".to_owned()));
        };
        match self.evaluate(items, None)? {
            Value::List(list) if list.len() <= ITEMS_MAX => Ok(list),
            Value::List(list) => Err(Platform::LimitInputSize.failure(format!("{} items; a step may have {ITEMS_MAX}", list.len()))),
            other => Err(expression_failure("expr.type", format!("`for-each` is {}, and must be a list", other.kind()))),
        }
    }

    pub(super) fn evaluate_outputs(&self) -> Result<Value, Failure> {
        let outputs = self.plan.outputs.iter().map(|output| Ok((output.name.clone(), self.evaluate(&output.value, None)?)));
        outputs.collect::<Result<Vec<_>, Failure>>().map(Value::map)
    }

    fn evaluate(&self, template: &PlanTemplate, item: Option<(u32, Value)>) -> Result<Value, Failure> {
        // A literal needs no names; most inputs of a long chain are literals or one expression.
        if let PlanTemplate::Value(value) = template {
            return Ok(value.clone());
        }
        let steps = |name: &str| self.results.get(name);
        let facts = self.facts();
        let item = item.map(|(index, value)| (Value::Int(i64::from(index)), value));
        let mut env = Env::new().value("inputs", &self.inputs).members("steps", &steps).value("run", &facts);
        if let Some((index, value)) = &item {
            env = env.value("item", value).value("index", index);
        }
        fill(template, &env, &mut Budget::default())
    }

    /// What `run` means in expressions.
    fn facts(&self) -> Value {
        let began = jiff::Timestamp::from_millisecond(self.began.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        Value::map([
            ("key", Value::string(self.key())),
            ("workflow", Value::String(Arc::clone(&self.plan.workflow))),
            ("started_at", Value::Timestamp(began)),
        ])
    }

    /// The run's name in the world as 32 hexadecimal digits.
    ///
    /// What expressions see of a run must not depend on the store that keeps it, or it could not be replayed elsewhere.
    pub fn key(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.uid.0))
    }

    /// The key under which whatever an attempt changes happens once: the same for all attempts at a place, 32 hexadecimal digits.
    pub fn idempotency_key(&self, place: Place) -> String {
        use sha2::{Digest as _, Sha256};
        let mut hash = Sha256::new();
        hash.update(b"jackfield idempotency key 1\0");
        hash.update(self.uid.0);
        hash.update(place.step.to_be_bytes());
        hash.update(place.item.map_or([0; 5], |item| {
            let [a, b, c, d] = item.to_be_bytes();
            [1, a, b, c, d]
        }));
        let bytes: [u8; 32] = hash.finalize().into();
        crate::plan::Digest(bytes).hex()[..32].to_owned()
    }

    /// When a step's clock stands still, it stands at the step's start, so that every attempt sees the same.
    pub fn step_began(&self, place: Place) -> Millis {
        self.steps[place.index()].began.unwrap_or(self.began)
    }
}

fn fill(template: &PlanTemplate, env: &Env<'_>, budget: &mut Budget) -> Result<Value, Failure> {
    match template {
        PlanTemplate::Value(value) => Ok(value.clone()),
        PlanTemplate::Expr(expr) => expr
            .eval(env, budget)
            .map_err(|error| expression_failure(error.code.as_str(), format!("{} in `{}`", error.message, expr.source().trim()))),
        PlanTemplate::List(items) => items.iter().map(|item| fill(item, env, budget)).collect::<Result<Vec<_>, _>>().map(Value::list),
        PlanTemplate::Map(entries) => {
            let pairs = entries.iter().map(|(name, value)| Ok((name.clone(), fill(value, env, budget)?)));
            pairs.collect::<Result<Vec<_>, Failure>>().map(Value::map)
        }
    }
}

fn expression_failure(code: &str, message: String) -> Failure {
    Failure { kind: FailureKind::Permanent, code: Arc::from(code), message: Arc::from(message), data: None, trace: None }
}
