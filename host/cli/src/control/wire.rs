//! What goes over the socket.

use jackfield_flow::run::RunId;
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
