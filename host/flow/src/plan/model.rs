//! The plan: names gone, types checked, digests pinned. What `check` accepted is the object that executes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::grant::Grant;
use super::schedule::Schedule;
use super::signature::Effect;
use crate::definition::{Backoff, Jitter};
use crate::types::{Expr, Type, Value};

/// The form of a stored plan. A number is never used again for another form.
pub const PLAN_FORMAT: u32 = 2;

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
    /// The sub-workflows that steps start, each whole.
    pub flows: Vec<Arc<Plan>>,
    /// The steps, in the order of the file, and after them those that belong to others (see [`Role`]).
    pub steps: Vec<PlanStep>,
    /// What it answers.
    pub outputs: Vec<PlanOutput>,
    /// Labels of its runs: texts computed from the inputs.
    pub labels: Vec<(Arc<str>, PlanTemplate)>,
    /// How many of its runs may be running at once.
    pub concurrency: Option<Concurrency>,
    /// Which run goes first, −100 to 100.
    pub priority: i32,
    /// How long an ended run is kept, in milliseconds.
    pub retain_ms: Option<u64>,
    /// When it starts by itself. Not written when there is nothing, as engines did that knew no schedules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedules: Vec<Schedule>,
}

/// How many runs of a workflow with the same key may be running at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Concurrency {
    /// A text computed from the inputs.
    pub key: PlanTemplate,
    /// So many.
    pub limit: u32,
    /// What a run does that finds no room.
    pub when_busy: WhenBusy,
}

/// What a run does that finds no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhenBusy {
    /// It waits.
    Queue,
    /// It ends at once, as cancelled.
    Skip,
    /// It cancels those that run, and waits for their end.
    CancelRunning,
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
    /// Its name as people write it. That of a step that belongs to another is `STEP/compensate` and the like.
    pub name: Arc<str>,
    /// Its name in expressions: `-` is `_`.
    pub ident: Arc<str>,
    /// What it is there for.
    pub role: Role,
    /// Indexes of the steps that must have ended before, in order. None for a step that belongs to another.
    pub needs: Vec<usize>,
    /// Whether it runs at all.
    pub condition: Option<PlanTemplate>,
    /// What it does.
    pub kind: StepKind,
    /// How long it may take.
    pub timeout: Timeout,
    /// When and how often it is tried again.
    pub retry: Retry,
    /// What happens when it has failed for good, the first that fits.
    pub on_error: Vec<OnError>,
    /// Index of the step that runs after it, however it ended.
    pub finally: Option<usize>,
    /// Index of the step that undoes it.
    pub compensate: Option<usize>,
    /// What it holds while it runs.
    pub lock: Option<Lock>,
    /// How often it may start.
    pub rate: Option<Rate>,
    /// Whether its result may be taken from an earlier call.
    pub cache: bool,
    /// Whether an attempt of unknown outcome is never repeated by itself.
    pub at_most_once: bool,
    /// Which step goes first, −100 to 100.
    pub priority: i32,
    /// The type of what it answers.
    pub output: Type,
}

/// What a step is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A step of the file.
    Main,
    /// Takes the place of a step that failed.
    Handler {
        /// That step.
        of: usize,
    },
    /// Runs after a step, however it ended.
    Finally {
        /// That step.
        of: usize,
    },
    /// Undoes a step.
    Compensate {
        /// That step.
        of: usize,
    },
}

impl PlanStep {
    /// A step of the file that nothing more is said of: one attempt, of half a minute.
    pub fn new(name: &str, kind: StepKind, output: Type) -> Self {
        Self {
            name: Arc::from(name),
            ident: super::build::ident(name),
            role: Role::Main,
            needs: Vec::new(),
            condition: None,
            kind,
            timeout: Timeout { attempt_ms: 30_000, total_ms: None },
            retry: Retry::once(),
            on_error: Vec::new(),
            finally: None,
            compensate: None,
            lock: None,
            rate: None,
            cache: false,
            at_most_once: false,
            priority: 0,
            output,
        }
    }

    /// All actions of this step: one, or those of its branches or contenders.
    pub fn actions(&self) -> Vec<&Action> {
        match &self.kind {
            StepKind::One(action) | StepKind::ForEach { action, .. } | StepKind::Repeat { action, .. } => vec![action],
            StepKind::Choose(branches) => branches.iter().map(|branch| &branch.action).collect(),
            StepKind::Race(contenders) => contenders.iter().map(|contender| &contender.action).collect(),
        }
    }

    /// All calls of tasks among its actions.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.actions().into_iter().filter_map(|action| match action {
            Action::Task(call) => Some(call),
            _ => None,
        })
    }

    /// The most that it can do to the world; what its sub-workflows can do is not counted.
    pub fn effect(&self) -> Effect {
        self.calls().map(|call| call.effect).max().unwrap_or(Effect::Pure)
    }

    /// Whether it stands in the file as a step.
    pub fn is_main(&self) -> bool {
        self.role == Role::Main
    }
}

/// What a step does, and how often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// One action.
    One(Action),
    /// One action for each of many items.
    ForEach {
        /// The list of items.
        items: PlanTemplate,
        /// How many run at once.
        max_parallel: u32,
        /// What a failed item means.
        on_item_error: OnItemError,
        /// The action.
        action: Action,
    },
    /// One action again and again, carrying a value.
    Repeat {
        /// The first value carried.
        start: PlanTemplate,
        /// When it ends.
        test: RepeatTest,
        /// The most iterations.
        max: u32,
        /// The wait between two iterations, in milliseconds.
        every_ms: u64,
        /// The action.
        action: Action,
    },
    /// The first branch whose condition holds.
    Choose(Vec<Branch>),
    /// All at once; the first that succeeds wins.
    Race(Vec<Contender>),
}

impl StepKind {
    /// The word for it: `task`, `flow`, `sleep`, `until`, `signal`, `approval`, `value`, `for-each`, `repeat`, `choose` or `race`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::One(action) => action.word(),
            Self::ForEach { .. } => "for-each",
            Self::Repeat { .. } => "repeat",
            Self::Choose(_) => "choose",
            Self::Race(_) => "race",
        }
    }
}

impl Action {
    /// The word for it: `task`, `flow`, `sleep`, `until`, `signal`, `approval` or `value`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Task(_) => "task",
            Self::Flow { .. } => "flow",
            Self::Sleep(_) => "sleep",
            Self::Until(_) => "until",
            Self::Signal { .. } => "signal",
            Self::Approval { .. } => "approval",
            Self::Value(_) => "value",
        }
    }
}

/// What a failed item of a `for-each` means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnItemError {
    /// The step fails.
    #[default]
    Fail,
    /// Each result says whether the item went well.
    Collect,
    /// The item is left out of the results.
    Skip,
}

/// When a `repeat` ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RepeatTest {
    /// It goes on while this holds; looked at before each iteration.
    While(PlanTemplate),
    /// It ends when this holds; looked at after each iteration.
    Until(PlanTemplate),
}

/// One branch of a `choose`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    /// Whether it is taken; without one, it always is.
    pub condition: Option<PlanTemplate>,
    /// What is done.
    pub action: Action,
}

/// One contender of a `race`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contender {
    /// Its name.
    pub name: Arc<str>,
    /// What it does.
    pub action: Action,
}

/// The least thing that is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Calls a task.
    Task(Call),
    /// Starts a sub-workflow and waits for its end.
    Flow {
        /// Index into [`Plan::flows`].
        flow: usize,
        /// Its inputs.
        with: PlanTemplate,
        /// What becomes of it when its parent ends first.
        parent_ends: ParentEnds,
    },
    /// Waits for a time: a duration.
    Sleep(PlanTemplate),
    /// Waits until an instant.
    Until(PlanTemplate),
    /// Waits for a signal with a payload of a type; no payload when the type is null.
    Signal {
        /// The signal's name.
        name: Arc<str>,
        /// The type of its payload.
        ty: Type,
    },
    /// Waits for somebody's decision.
    Approval {
        /// What is to be decided, a text.
        question: PlanTemplate,
    },
    /// Computes a value.
    Value(PlanTemplate),
}

/// What becomes of a sub-workflow when its parent ends first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParentEnds {
    /// It is cancelled, and the parent waits for its end.
    #[default]
    Cancel,
    /// It goes on by itself.
    Abandon,
    /// The parent waits for it.
    Wait,
}

/// A call of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Index into [`Plan::tasks`].
    pub task: usize,
    /// The input.
    pub with: PlanTemplate,
    /// What it may touch: asked ∩ given.
    pub grant: Grant,
    /// What it can do to the world.
    pub effect: Effect,
}

/// How long a step may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeout {
    /// One attempt of a task, in milliseconds.
    pub attempt_ms: u64,
    /// All of it, from its first start, in milliseconds.
    pub total_ms: Option<u64>,
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
    /// Only failures with these codes are tried again; empty for all that may go well the next time.
    pub on: Vec<Arc<str>>,
}

impl Retry {
    /// One attempt. To try an effect again is the author's decision.
    pub fn once() -> Self {
        Self { attempts: 1, backoff: Backoff::Exponential, first_ms: 1_000, max_ms: 60_000, jitter: Jitter::Full, on: Vec::new() }
    }
}

/// What happens when a step, or an item, has failed for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OnError {
    /// The code of the failure; any when there is none.
    pub code: Option<Arc<str>>,
    /// What is done.
    pub then: Then,
}

/// What is done about a failure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// It stays a failure.
    Fail,
    /// This value is the result.
    Value(PlanTemplate),
    /// The step with this index runs, and its result is the result.
    Step(usize),
}

/// A named lock, held from before the first attempt until the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lock {
    /// Its name, a text.
    pub name: PlanTemplate,
    /// How many may hold it at once.
    pub permits: u32,
}

/// How often steps may start, over all runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// The name under which starts are counted.
    pub name: Arc<str>,
    /// So many starts …
    pub limit: u32,
    /// … in so many milliseconds.
    pub per_ms: u64,
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
        let mut plan: Self = serde_json::from_slice(bytes).map_err(|error| PlanError::Unreadable(error.to_string()))?;
        if plan.format != PLAN_FORMAT {
            return Err(PlanError::Format { found: plan.format });
        }
        plan.check_indexes()?;
        plan.restore_defaults();
        Ok(plan)
    }

    /// JSON has no word for instants, spans of time and bytes: a default of such a type comes back as text.
    fn restore_defaults(&mut self) {
        for input in &mut self.inputs {
            let typed = input.default.as_ref().and_then(|default| input.ty.check(default).ok());
            input.default = typed.or_else(|| input.default.take());
        }
        for flow in &mut self.flows {
            Arc::make_mut(flow).restore_defaults();
        }
    }

    /// A stored plan is read back by whatever engine comes later; an index out of range must not become a panic there.
    fn check_indexes(&self) -> Result<(), PlanError> {
        let steps = self.steps.len();
        let fits = |index: usize| index < steps;
        let actions_fit = |step: &PlanStep| {
            step.actions().into_iter().all(|action| match action {
                Action::Task(call) => call.task < self.tasks.len(),
                Action::Flow { flow, .. } => *flow < self.flows.len(),
                _ => true,
            })
        };
        let handlers_fit = |step: &PlanStep| {
            step.on_error.iter().all(|on_error| match on_error.then {
                Then::Step(handler) => fits(handler),
                _ => true,
            })
        };
        let role_fits = |step: &PlanStep| match step.role {
            Role::Main => true,
            Role::Handler { of } | Role::Finally { of } | Role::Compensate { of } => fits(of),
        };
        let good = self.tasks.iter().all(|task| task.plugin < self.plugins.len())
            && self.steps.iter().all(|step| {
                actions_fit(step)
                    && handlers_fit(step)
                    && role_fits(step)
                    && step.needs.iter().chain(&step.finally).chain(&step.compensate).all(|other| fits(*other))
            });
        if !good {
            return Err(PlanError::Unreadable("an index is out of range".to_owned()));
        }
        self.flows.iter().try_for_each(|flow| flow.check_indexes())
    }

    /// `PLUGIN.TASK` of a call.
    pub fn task_name(&self, call: &Call) -> String {
        let task = &self.tasks[call.task];
        format!("{}.{}", self.plugins[task.plugin].name, task.name)
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
