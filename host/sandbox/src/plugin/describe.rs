//! Asking a plugin what tasks it offers.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use jackfield_flow::plan::{Effect, Grant};
use jackfield_flow::run::{Failure, Platform};
use serde::{Deserialize, Serialize};
use wasmtime::Store;

use super::{Calls, Plugin, is_task_name};
use crate::attempt::{AttemptContext, Capture, Facts, NoHost, Phase, arm, of_error};
use crate::bindings::TaskPre;
use crate::bindings::jackfield::task::types;
use crate::limits::{Limits, MIB};
use crate::redact::Redactor;
use crate::state::{Parts, State};
use crate::ticker::TICK;

/// How long a plugin may take to describe itself: a Python runtime needs most of a second on a slow machine.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Memory for it, in bytes: interpreters need more than the 64 MiB of an ordinary attempt.
const MEMORY_BYTES: u64 = 256 * MIB as u64;
/// The largest description, in bytes.
const ANSWER_BYTES_MAX: usize = 4 * MIB;
/// Most tasks of one plugin.
const TASKS_MAX: usize = 1_000;

/// One task, as the plugin describes it. Its schemas are not yet read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawTaskInfo {
    /// The task's name, checked.
    pub name: String,
    /// What it does, in Markdown.
    pub docs: String,
    /// JSON Schema of the input, not yet checked.
    pub input_schema: String,
    /// JSON Schema of the output, not yet checked.
    pub output_schema: String,
    /// The codes of the errors it may answer with.
    pub errors: Vec<RawErrorInfo>,
    /// What it says it can do to the world.
    pub effect: Effect,
    /// What it asks to touch.
    pub capabilities: Vec<RawCapability>,
    /// Anything else, as name and value.
    pub annotations: Vec<(String, String)>,
}

/// One error code a task may answer with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawErrorInfo {
    /// The code.
    pub code: String,
    /// When it happens and what to do.
    pub docs: String,
}

/// Something a task asks to touch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawCapability {
    /// Its name, perhaps unknown to this version.
    pub name: String,
    /// What of it.
    pub scope: Vec<String>,
    /// Whether a step must grant it.
    pub required: bool,
    /// What it is for.
    pub docs: String,
}

/// Why a plugin has no description.
#[derive(Debug, thiserror::Error)]
pub enum DescribeError {
    /// The call failed.
    #[error("the plugin cannot describe itself: {0}")]
    Failed(Failure),
    /// No task: nothing could ever be called.
    #[error("the plugin describes no tasks, so there is nothing to call; one in Rust lists them in `plugin!(…)`")]
    NoTasks,
    /// Too many tasks.
    #[error("the plugin describes {0} tasks, the limit is {TASKS_MAX}")]
    TooManyTasks(usize),
    /// The answer is too large.
    #[error("the plugin's description has {0} bytes, the limit is {ANSWER_BYTES_MAX}")]
    TooLarge(usize),
    /// A name that cannot be written in a workflow.
    #[error("the plugin calls a task `{0}`: a task's name has 1 to 64 characters of a-z, 0-9 and -, and begins with a letter")]
    BadName(String),
    /// Two tasks with one name.
    #[error("the plugin describes the task `{0}` twice")]
    DuplicateName(String),
}

impl Plugin {
    /// The plugin's tasks. A plugin of the task world is asked: with no grant, at most 5 s and 256 MiB, and an answer of at
    /// most 4 MiB. Those of typed exports were read when it was loaded, and nothing of it is run.
    ///
    /// # Errors
    /// When it fails, or its answer is not one to work with.
    pub async fn describe(&self) -> Result<Vec<RawTaskInfo>, DescribeError> {
        let pre = match self.calls() {
            Calls::World(pre) => pre,
            Calls::Typed(typed) => return Ok(typed.table.tasks.iter().map(|task| task.info.clone()).collect()),
        };
        let shared = self.shared();
        let _place = shared.place().await;
        let limits = Limits { output_bytes_max: ANSWER_BYTES_MAX, ..Limits::default() };
        let capture = Capture::new(limits.log_bytes_max, Arc::new(Redactor::default()), Arc::new(NoHost));
        let parts = Parts {
            shared: Arc::clone(shared),
            context: AttemptContext::default(),
            grant: Grant::default(),
            deadline: Instant::now() + TIMEOUT,
            host: Arc::new(NoHost),
            capture,
            memory_bytes_max: MEMORY_BYTES.min(shared.operator.memory_bytes_max),
            savepoint: None,
            mounts: Vec::new(),
        };
        let mut store = Store::new(&shared.engine, State::new(parts));
        arm(&mut store, TIMEOUT, &limits);
        if shared.metering == crate::Metering::Fuel {
            // Described once, at install: time is bound enough.
            store.set_fuel(u64::MAX).map_err(|error| DescribeError::Failed(Platform::HostInternal.failure(format!("{error:#}"))))?;
        }
        let asking = AssertUnwindSafe(ask(pre, &mut store, &limits)).catch_unwind();
        let tasks = match tokio::time::timeout(TIMEOUT + 2 * TICK, asking).await {
            Ok(Ok(answer)) => answer.map_err(DescribeError::Failed)?,
            Ok(Err(_)) => return Err(DescribeError::Failed(Platform::HostInternal.failure("a host function panicked"))),
            Err(_) => {
                return Err(DescribeError::Failed(Platform::LimitTime.failure("the plugin waits for something longer than 5 s")));
            }
        };
        check(&tasks)?;
        Ok(tasks.into_iter().map(raw).collect())
    }
}

async fn ask(pre: &TaskPre<State>, store: &mut Store<State>, limits: &Limits) -> Result<Vec<types::TaskInfo>, Failure> {
    let explain = |store: &Store<State>, error: &wasmtime::Error, phase| {
        let refused = store.data().meter.refused();
        let last_words = store.data().capture.last_stderr(5);
        of_error(error, &Facts { phase, refused, last_words, copy_bytes_max: limits.copy_bytes_max() })
    };
    let task = pre.instantiate_async(&mut *store).await;
    let task = task.map_err(|error| explain(store, &error, Phase::Instantiate))?;
    let answer = task.jackfield_task_tasks().call_describe(&mut *store).await;
    answer.map_err(|error| explain(store, &error, Phase::Call))
}

fn check(tasks: &[types::TaskInfo]) -> Result<(), DescribeError> {
    if tasks.is_empty() {
        return Err(DescribeError::NoTasks);
    }
    if tasks.len() > TASKS_MAX {
        return Err(DescribeError::TooManyTasks(tasks.len()));
    }
    let size: usize = tasks.iter().map(size).sum();
    if size > ANSWER_BYTES_MAX {
        return Err(DescribeError::TooLarge(size));
    }
    let mut names = BTreeSet::new();
    for task in tasks {
        if !is_task_name(&task.name) {
            return Err(DescribeError::BadName(task.name.chars().take(80).flat_map(char::escape_debug).collect()));
        }
        if !names.insert(&task.name) {
            return Err(DescribeError::DuplicateName(task.name.clone()));
        }
    }
    Ok(())
}

fn size(task: &types::TaskInfo) -> usize {
    let errors = task.errors.iter().map(|error| error.code.len() + error.docs.len()).sum::<usize>();
    let asks =
        task.capabilities.iter().map(|ask| ask.name.len() + ask.docs.len() + ask.scope.iter().map(|scope| scope.len() + 24).sum::<usize>());
    let annotations = task.annotations.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
    // The lists' own entries count as well, so that a million empty ones are not free.
    let entries = 64 * (task.errors.len() + task.capabilities.len() + task.annotations.len());
    task.name.len()
        + task.docs.len()
        + task.input_schema.len()
        + task.output_schema.len()
        + errors
        + asks.sum::<usize>()
        + annotations
        + entries
}

fn raw(task: types::TaskInfo) -> RawTaskInfo {
    RawTaskInfo {
        name: task.name,
        docs: task.docs,
        input_schema: task.input_schema,
        output_schema: task.output_schema,
        errors: task.errors.into_iter().map(|error| RawErrorInfo { code: error.code, docs: error.docs }).collect(),
        effect: match task.effect {
            types::Effect::Pure => Effect::Pure,
            types::Effect::Reads => Effect::Reads,
            types::Effect::Effects => Effect::Effects,
        },
        capabilities: task
            .capabilities
            .into_iter()
            .map(|ask| RawCapability { name: ask.name, scope: ask.scope, required: ask.required, docs: ask.docs })
            .collect(),
        annotations: task.annotations,
    }
}
