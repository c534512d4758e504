//! One try at a task: what goes in, what comes out.

mod capture;
mod failure;
mod run;

use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jackfield_flow::plan::Grant;
use jackfield_flow::run::{Failure, Millis, Receipt};

pub use capture::{AttemptLog, LogLine, LogSource};
pub(crate) use capture::{Capture, Stream};
pub(crate) use failure::{DATA_BYTES_MAX, Facts, HostLimit, MESSAGE_BYTES_MAX, NO_CODE, Phase, cut, is_code, of_error};
pub(crate) use run::{TimeUp, arm, run};

use crate::limits::Limits;
use crate::plugin::Plugin;

/// One try at a task.
#[derive(Clone)]
pub struct Attempt {
    /// The plugin, loaded.
    pub plugin: Plugin,
    /// The task's name.
    pub task: String,
    /// The input, as JSON text.
    pub input: String,
    /// Who is running.
    pub context: AttemptContext,
    /// How long it may take from now on, waiting for a free place not counted.
    pub timeout: Duration,
    /// What it may touch: already cut down to what the plugin asks for and the operator allows.
    pub grant: Grant,
    /// Where relative paths of the grant begin.
    pub base_dir: PathBuf,
    /// The run's own directory, for a grant with `scratch`.
    pub scratch_dir: Option<PathBuf>,
    /// What it may use.
    pub limits: Limits,
    /// What an earlier attempt of the step (and item) saved last.
    pub savepoint: Option<Vec<u8>>,
    /// The other side of what it says while it runs.
    pub host: Arc<dyn AttemptHost>,
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("plugin", &self.plugin)
            .field("task", &self.task)
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}

/// Who is running: what the guest may know of its attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttemptContext {
    /// The run's id.
    pub run_id: String,
    /// The workflow's name.
    pub workflow: String,
    /// The step's name.
    pub step: String,
    /// The item's index, from 0, in a `for-each`.
    pub item: Option<u64>,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// How many attempts the step may take in all.
    pub max_attempts: u32,
    /// When the attempt is interrupted, in milliseconds since the Unix epoch. Only told to the guest: what interrupts is
    /// [`Attempt::timeout`].
    pub deadline_ms: u64,
    /// The same for all attempts of the step (and item). It also seeds the random source of a task without effects.
    pub idempotency_key: String,
    /// When the step started: the fixed wall clock of a task without effects.
    pub started_at: Millis,
}

/// What [`AttemptHost::save`] answers.
pub type SaveFuture<'a> = Pin<Box<dyn Future<Output = Result<(), SaveError>> + Send + 'a>>;

/// What an attempt tells while it runs. Its methods are called on the thread of the guest: they must not block.
pub trait AttemptHost: Send + Sync {
    /// The guest reports progress: `done` of `total`, and a sentence for people (at most 1 KiB, secrets taken out).
    fn progress(&self, done: u64, total: Option<u64>, message: &str);
    /// The guest wants `data` kept for the attempts after this one. Answers when it is on stable storage.
    fn save(&self, data: Vec<u8>) -> SaveFuture<'_>;
    /// A line was logged: live, before it is known whether it is kept in the [`AttemptLog`]. Secrets are taken out.
    fn log(&self, line: &LogLine);
}

/// Why a savepoint was not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveError {
    /// It is larger than so many bytes.
    #[error("the savepoint is larger than {0} bytes")]
    TooLarge(u64),
    /// The attempt no longer owns its step.
    #[error("the attempt no longer owns its step")]
    Stopped,
    /// The store could not keep it.
    #[error("the store could not keep the savepoint: {0}")]
    Storage(String),
}

/// A host for attempts nobody listens to: progress and log lines vanish, savepoints are refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHost;

impl AttemptHost for NoHost {
    fn progress(&self, _done: u64, _total: Option<u64>, _message: &str) {}

    fn save(&self, _data: Vec<u8>) -> SaveFuture<'_> {
        Box::pin(async { Err(SaveError::Storage("nothing is kept outside a run".to_owned())) })
    }

    fn log(&self, _line: &LogLine) {}
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub struct AttemptEnd {
    /// The answer as JSON text (not yet checked against the task's output type), or why there is none. Secrets are taken out.
    pub outcome: Result<String, Failure>,
    /// What it used.
    pub receipt: Receipt,
    /// What it said. Secrets are taken out.
    pub output: AttemptLog,
}
