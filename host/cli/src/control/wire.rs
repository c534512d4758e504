//! What goes over the socket.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_flow::run::{Millis, RunId};
use jackfield_worker::Ask;
use serde::{Deserialize, Serialize};

use crate::error::CliError;
use crate::exit::{Exit, kind_of};

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Request {
    /// Stop a run for good.
    Cancel {
        /// Which.
        run: RunId,
        /// Who or why, for people.
        reason: String,
    },
    /// Tell a run something: a signal, a decision.
    Ask {
        /// Which.
        run: RunId,
        /// What.
        ask: Ask,
    },
    /// Change the labels of a run.
    Label {
        /// Which.
        run: RunId,
        /// Labels that it gets.
        set: BTreeMap<Arc<str>, Arc<str>>,
        /// Keys of those that it loses.
        remove: Vec<Arc<str>>,
    },
    /// Forget some finished runs.
    Prune {
        /// Those that ended before this time.
        finished_before: Option<Millis>,
        /// Those whose own time to be kept is over at this time.
        expired_at: Option<Millis>,
        /// Only those of this workflow.
        workflow: Option<Arc<str>>,
        /// How many at most, not counting the runs below them.
        limit: u32,
    },
    /// Who are you?
    Status {},
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Answer {
    /// It is done.
    Ok(Status),
    /// It is not.
    Error(Refusal),
}

/// Who serves a data directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Status {
    /// The name of the engine, as runs know their owner.
    pub(crate) engine: String,
    /// Its process.
    pub(crate) pid: u32,
    /// Runs in memory.
    pub(crate) active: usize,
    /// Runs that wait for a time.
    pub(crate) sleeping: usize,
    /// What a prune did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pruned: Option<Forgotten>,
}

/// What a prune did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Forgotten {
    /// Runs that were forgotten, those below others included.
    pub(crate) runs: u32,
    /// Bytes given back to the file system.
    pub(crate) bytes: u64,
}

/// Why it is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Refusal {
    /// The word of the error's kind.
    pub(super) kind: String,
    /// Sentences for a person.
    pub(super) message: String,
    /// The exit code that belongs to the kind.
    pub(super) exit: u8,
}

impl From<&CliError> for Refusal {
    fn from(error: &CliError) -> Self {
        let kind = kind_of(error);
        Self { kind: kind.word.to_owned(), message: error.to_string(), exit: kind.exit.code() }
    }
}

impl From<Refusal> for CliError {
    fn from(refusal: Refusal) -> Self {
        Self::Remote { message: refusal.message, exit: Exit::from_code(refusal.exit).unwrap_or(Exit::Internal) }
    }
}
