//! The plan: names gone, types checked, digests pinned. What `check` accepted is the object that executes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::grant::Grant;
use super::signature::Effect;
use crate::definition::{Backoff, Jitter};
use crate::types::{Expr, Type, Value};

/// The form of a stored plan. A number is never used again for another form.
pub const PLAN_FORMAT: u32 = 1;

/// What will be run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// [`PLAN_FORMAT`] of the engine that made it.
    pub format: u32,
    /// The workflow's name.
    pub workflow: Arc<str>,
    /// What it wants to be given.
    pub inputs: Vec<PlanInput>,
    /// The plugins, pinned.
    pub plugins: Vec<PinnedPlugin>,
    /// The tasks that steps call.
    pub tasks: Vec<PlanTask>,
    /// The steps, in the order of the file.
    pub steps: Vec<PlanStep>,
    /// What it answers.
    pub outputs: Vec<PlanOutput>,
}

/// One input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanInput {
    /// Its name as people write it.
    pub name: Arc<str>,
    /// Its type.
    pub ty: Type,
    /// Its value when none is given.
    pub default: Option<Value>,
    /// What it means.
    pub description: Arc<str>,
}

/// One output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanOutput {
    /// Its name.
    pub name: Arc<str>,
    /// Its value.
    pub value: PlanTemplate,
    /// Its type.
    pub ty: Type,
}

/// A plugin by its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinnedPlugin {
    /// Its name in the workflow.
    pub name: Arc<str>,
    /// The digest of the component.
    pub digest: Digest,
}

/// One task that steps call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanTask {
    /// Index into [`Plan::plugins`].
    pub plugin: usize,
    /// The task's name in the plugin.
    pub name: Arc<str>,
    /// The type of its input.
    pub input: Type,
    /// The type of its output.
    pub output: Type,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanStep {
    /// Its name as people write it.
    pub name: Arc<str>,
    /// Its name in expressions: `-` is `_`.
    pub ident: Arc<str>,
    /// Indexes of the steps that must have ended before, in order.
    pub needs: Vec<usize>,
    /// Whether it runs at all.
    pub condition: Option<PlanTemplate>,
    /// What it does.
    pub kind: StepKind,
    /// How long one attempt may take, in milliseconds.
    pub timeout_ms: u64,
    /// When and how often it is tried again.
    pub retry: Retry,
    /// What it may touch: asked ∩ given.
    pub grant: Grant,
    /// What it can do to the world.
    pub effect: Effect,
    /// The type of what it answers.
    pub output: Type,
}

impl PlanStep {
    /// The call this step makes, once or for each item.
    pub fn call(&self) -> &Call {
        match &self.kind {
            StepKind::Task(call) | StepKind::ForEach { call, .. } => call,
        }
    }
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// Calls a task.
    Task(Call),
    /// Calls a task for each of many items.
    ForEach {
        /// The list of items.
        items: PlanTemplate,
        /// How many run at once.
        max_parallel: u32,
        /// The call.
        call: Call,
    },
}

/// A call of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Index into [`Plan::tasks`].
    pub task: usize,
    /// The input.
    pub with: PlanTemplate,
}

/// When and how often a step is tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// Attempts in all, the first one counted.
    pub attempts: u32,
    /// How the wait grows.
    pub backoff: Backoff,
    /// The first wait, in milliseconds.
    pub first_ms: u64,
    /// The longest wait, in milliseconds.
    pub max_ms: u64,
    /// How much of it is left to chance.
    pub jitter: Jitter,
}

/// A value with expressions in it, without places.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PlanTemplate {
    /// A literal.
    #[serde(rename = "v")]
    Value(Value),
    /// An expression.
    #[serde(rename = "x")]
    Expr(Expr),
    /// A list with expressions in it.
    #[serde(rename = "l")]
    List(Vec<PlanTemplate>),
    /// A map with expressions in it.
    #[serde(rename = "m")]
    Map(Vec<(Arc<str>, PlanTemplate)>),
}

impl Plan {
    /// The plan as bytes to keep, and their digest, which is the plan's name.
    pub fn to_bytes(&self) -> (Vec<u8>, Digest) {
        let bytes = serde_json::to_vec(self).expect("a plan has no map keys but texts, and no NaN");
        let digest = Digest::of(&bytes);
        (bytes, digest)
    }

    /// A kept plan.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PlanError> {
        let plan: Self = serde_json::from_slice(bytes).map_err(|error| PlanError::Unreadable(error.to_string()))?;
        if plan.format != PLAN_FORMAT {
            return Err(PlanError::Format { found: plan.format });
        }
        plan.check_indexes()?;
        Ok(plan)
    }

    /// A stored plan is read back by whatever engine comes later; an index out of range must not become a panic there.
    fn check_indexes(&self) -> Result<(), PlanError> {
        let steps = self.steps.len();
        let good = self.tasks.iter().all(|task| task.plugin < self.plugins.len())
            && self.steps.iter().all(|step| step.call().task < self.tasks.len() && step.needs.iter().all(|need| *need < steps));
        if good { Ok(()) } else { Err(PlanError::Unreadable("an index is out of range".to_owned())) }
    }

    /// The task a step calls.
    pub fn task_of(&self, step: usize) -> &PlanTask {
        &self.tasks[self.steps[step].call().task]
    }

    /// The index of a step by its name.
    pub fn step_named(&self, name: &str) -> Option<usize> {
        self.steps.iter().position(|step| &*step.name == name)
    }
}

/// A kept plan that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The bytes are no plan.
    #[error("the stored plan cannot be read: {0}")]
    Unreadable(String),
    /// The plan is of another engine's form.
    #[error("the stored plan has format {found}; this engine reads format {PLAN_FORMAT}")]
    Format {
        /// Its form.
        found: u32,
    },
}
