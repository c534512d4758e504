//! What a worker cannot do.

use jackfield_flow::checkpoint::DecodeError;
use jackfield_flow::plan::{InputError, PlanError};
use jackfield_flow::resume::ResumeError;
use jackfield_flow::run::{IllegalEvent, RunId, Status};
use jackfield_store::StoreError;

/// Why a request to a worker was refused or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// The inputs do not fit the workflow.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Inputs(Vec<InputError>),
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored checkpoint cannot be read.
    #[error("run {run}, batch {batch}: {error}; the run is set aside, others are not affected")]
    Checkpoint {
        /// The run.
        run: RunId,
        /// The batch.
        batch: u64,
        /// Why.
        error: DecodeError,
    },
    /// A stored plan cannot be read.
    #[error("run {run}: {error}")]
    Plan {
        /// The run.
        run: RunId,
        /// Why.
        error: PlanError,
    },
    /// Stored events do not make a run.
    #[error(transparent)]
    Resume(#[from] ResumeError),
    /// An event that the run itself decided cannot be applied: a defect of the engine.
    #[error("internal error: {0}")]
    Illegal(#[from] IllegalEvent),
    /// The run has ended.
    #[error(
        "run {run} is already {status}; what has ended does not change. To run it again from a step: `jackfield runs rerun {run} --from STEP`"
    )]
    Ended {
        /// The run.
        run: RunId,
        /// How.
        status: Status,
    },
    /// No step has this name.
    #[error("run {run} has no step `{step}`{}", help.as_ref().map_or_else(String::new, |help| format!("; {help}")))]
    NoStep {
        /// The run.
        run: RunId,
        /// The name.
        step: String,
        /// What to do.
        help: Option<String>,
    },
    /// A signal or a decision that the run cannot take.
    #[error("run {run}: {why}")]
    Refused {
        /// The run.
        run: RunId,
        /// Why, and what to do.
        why: String,
    },
    /// The worker has stopped, or does not have the run.
    #[error("run {run} is not active in this worker")]
    NotActive {
        /// The run.
        run: RunId,
    },
}

impl WorkerError {
    /// Whether the store may do it when it is asked again, or may have done it.
    pub(crate) fn passes(&self) -> bool {
        let Self::Store(error) = self else { return false };
        matches!(error, StoreError::Io { .. } | StoreError::Full { .. } | StoreError::Busy { .. } | StoreError::Unknown { .. })
    }
}
