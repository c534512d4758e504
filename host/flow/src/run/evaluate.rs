//! What expressions of a plan mean in the state a run is in. A function of recorded facts alone.

use std::sync::Arc;

use super::event::Place;
use super::failure::{Failure, FailureKind, Platform};
use super::ids::{Millis, RunUid};
use super::machine::Run;
use super::state::SlotState;
use super::typed::json_of;
use crate::plan::{Action, Call, PlanTemplate, Role, StepKind};
use crate::types::{Budget, Env, Value};

/// The most items of one `for-each` step.
const ITEMS_MAX: usize = 1_000_000;
/// The largest input of a task, in bytes of JSON.
const INPUT_BYTES_MAX: usize = 64 << 20;
/// The largest value that is computed as a result, in bytes of JSON.
const RESULT_BYTES_MAX: usize = 64 << 20;
/// The longest text of a label, in characters.
const LABEL_CHARS_MAX: usize = 256;

/// What expressions at a place see beside inputs, steps and facts of the run.
#[derive(Default)]
struct Locals {
    item: Option<Value>,
    index: Option<Value>,
    carry: Option<Value>,
    error: Option<Value>,
    output: Option<Value>,
    outcome: Option<Value>,
    lock: Option<Value>,
}

impl Run {
    /// The call of a task at a place, when it is one.
    pub fn call_of(&self, place: Place) -> Option<&Call> {
        match self.action_of(place)? {
            Action::Task(call) => Some(call),
            _ => None,
        }
    }

    /// The input of an attempt as JSON text, or why there is none.
    pub fn input_of(&self, place: Place) -> Result<String, Failure> {
        let Some(call) = self.call_of(place) else { return Err(Platform::PluginNoTask.failure("the step calls no task")) };
        let value = self.evaluate(&call.with, Some(place))?;
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
            Some(condition) => self.holds(condition, None),
        }
    }

    /// Whether a condition is true.
    pub(super) fn holds(&self, condition: &PlanTemplate, place: Option<Place>) -> Result<bool, Failure> {
        match self.evaluate(condition, place)? {
            Value::Bool(holds) => Ok(holds),
            other => Err(expression_failure("expr.type", format!("a condition is {}, and must be true or false", other.kind()))),
        }
    }

    /// The items of a `for-each` step.
    pub(super) fn items_of(&self, step: usize) -> Result<Arc<[Value]>, Failure> {
        let StepKind::ForEach { items, .. } = &self.plan.steps[step].kind else {
            return Err(expression_failure("expr.type", "the step has no items".to_owned()));
        };
        match self.evaluate_within(items, None, &mut Budget::for_items())? {
            Value::List(list) if list.len() <= ITEMS_MAX => Ok(list),
            Value::List(list) => Err(Platform::LimitInputSize.failure(format!("{} items; a step may have {ITEMS_MAX}", list.len()))),
            other => Err(expression_failure("expr.type", format!("`for-each` is {}, and must be a list", other.kind()))),
        }
    }

    pub(super) fn evaluate_outputs(&self) -> Result<Value, Failure> {
        let outputs = self.plan.outputs.iter().map(|output| Ok((output.name.clone(), self.evaluate(&output.value, None)?)));
        outputs.collect::<Result<Vec<_>, Failure>>().map(Value::map)
    }

    /// A value that becomes a result: of bounded size.
    pub(super) fn evaluate_result(&self, template: &PlanTemplate, place: Place) -> Result<Value, Failure> {
        let value = self.evaluate(template, Some(place))?;
        let literal = matches!(template, PlanTemplate::Value(_));
        if !literal && value.to_json_within(RESULT_BYTES_MAX).is_none() {
            return Err(Platform::LimitResultSize.failure(format!("the value is larger than {RESULT_BYTES_MAX} bytes")));
        }
        Ok(value)
    }

    /// What a template means, at a place or for the run as a whole.
    pub(super) fn evaluate(&self, template: &PlanTemplate, place: Option<Place>) -> Result<Value, Failure> {
        self.evaluate_within(template, place, &mut Budget::default())
    }

    fn evaluate_within(&self, template: &PlanTemplate, place: Option<Place>, budget: &mut Budget) -> Result<Value, Failure> {
        // A literal needs no names; most inputs of a long chain are literals or one expression.
        if let PlanTemplate::Value(value) = template {
            return Ok(value.clone());
        }
        let steps = |name: &str| self.results.get(name);
        let facts = self.facts();
        let locals = place.map(|place| self.locals(place)).unwrap_or_default();
        let mut env = Env::new().value("inputs", &self.inputs).members("steps", &steps).value("run", &facts);
        let named = [
            ("item", &locals.item),
            ("index", &locals.index),
            ("carry", &locals.carry),
            ("error", &locals.error),
            ("output", &locals.output),
            ("outcome", &locals.outcome),
            ("lock", &locals.lock),
        ];
        for (name, value) in named {
            if let Some(value) = value {
                env = env.value(name, value);
            }
        }
        fill(template, &env, budget)
    }

    fn locals(&self, place: Place) -> Locals {
        let mut locals = Locals::default();
        let role = self.plan.steps[place.index()].role;
        let owner = match role {
            Role::Main => place,
            Role::Handler { of } | Role::Finally { of } | Role::Compensate { of } => place.at(of),
        };
        let state = &self.steps[owner.index()];
        match (&self.plan.steps[owner.index()].kind, state.many(), owner.item) {
            (StepKind::ForEach { .. }, Some(many), Some(item)) => {
                locals.item = many.list.get(item as usize).cloned();
                locals.index = Some(Value::Int(i64::from(item)));
            }
            (StepKind::Repeat { .. }, Some(many), item) => {
                let index = item.map_or(many.slots.len().saturating_sub(1), |item| item as usize);
                locals.index = i64::try_from(index).ok().map(Value::Int);
                locals.carry = Some(many.carry.clone());
            }
            _ => {}
        }
        let slot = self.slot(owner);
        match role {
            // The value in place of a failure is computed where it failed.
            Role::Main | Role::Handler { .. } => {
                locals.error = slot.and_then(|slot| slot.state.failure()).map(Failure::as_value);
                locals.lock = self.lock_at(place);
            }
            Role::Compensate { .. } => {
                locals.output = slot.and_then(|slot| match &slot.state {
                    SlotState::Done(value) => Some(value.clone()),
                    _ => None,
                });
            }
            Role::Finally { .. } => locals.outcome = slot.map(|slot| outcome(&slot.state)),
        }
        locals
    }

    /// The labels of a run that is about to begin.
    pub(super) fn labels_for(&mut self, uid: RunUid, inputs: &Value, now: Millis) -> Vec<(Arc<str>, Arc<str>)> {
        (self.uid, self.inputs, self.began) = (uid, inputs.clone(), now);
        let plan = Arc::clone(&self.plan);
        let labels = plan.labels.iter().filter_map(|(name, template)| {
            let text = match self.evaluate(template, None).ok()? {
                Value::String(text) => text.chars().take(LABEL_CHARS_MAX).collect::<String>(),
                other => json_of(&other).chars().take(LABEL_CHARS_MAX).collect(),
            };
            Some((Arc::clone(name), Arc::from(text)))
        });
        labels.collect()
    }

    /// What `run` means in expressions.
    fn facts(&self) -> Value {
        Value::map([
            ("key", Value::string(self.key())),
            ("workflow", Value::String(Arc::clone(&self.plan.workflow))),
            ("started_at", Value::Timestamp(self.began.timestamp())),
            ("scheduled_at", self.scheduled.map_or(Value::Null, |scheduled| Value::Timestamp(scheduled.at.timestamp()))),
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
        let step = &self.steps[place.index()];
        let hidden = match &step.parts {
            super::step::Parts::Sparse(places) => places.get(&place.item).and_then(|hidden| hidden.began),
            _ => None,
        };
        hidden.or(step.began).unwrap_or(self.began)
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

/// How a step ended, as its `finally` sees it.
fn outcome(state: &SlotState) -> Value {
    let (status, code) = match state {
        SlotState::Done(_) => ("done", Value::Null),
        SlotState::Failed(failure) => ("failed", Value::String(Arc::clone(&failure.code))),
        _ => ("cancelled", Value::Null),
    };
    Value::map([("status", Value::string(status)), ("code", code)])
}

fn expression_failure(code: &str, message: String) -> Failure {
    Failure { kind: FailureKind::Permanent, code: Arc::from(code), message: Arc::from(message), data: None, trace: None }
}
