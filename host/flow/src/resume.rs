//! How a run comes back: stored events through the same `apply`. There is no second recovery path.

use std::sync::Arc;

use crate::checkpoint::Batch;
use crate::plan::Plan;
use crate::run::{IllegalEvent, Run, RunId};

/// Stored events that do not make a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResumeError {
    /// There are none.
    #[error("run {run} has no events")]
    Empty {
        /// The run.
        run: RunId,
    },
    /// One of them cannot follow on the one before.
    #[error("run {run} cannot be resumed: in batch {batch}, {error}")]
    Illegal {
        /// The run.
        run: RunId,
        /// Number of the batch, from 1.
        batch: usize,
        /// What is wrong.
        error: IllegalEvent,
    },
}

/// Makes a run from its stored batches, in order.
///
/// The run stands where it stood after its last durable event. Attempts that ran then run no more: give it
/// [`crate::run::Input::Recovered`] to go on, or look at it as it is. Sub-workflows, locks and starts that it waits for are
/// wanted again by the same input.
pub fn resume(run: RunId, plan: Arc<Plan>, batches: &[Batch]) -> Result<Run, ResumeError> {
    if batches.is_empty() {
        return Err(ResumeError::Empty { run });
    }
    let mut resumed = Run::unborn(run, plan);
    for (at, batch) in batches.iter().enumerate() {
        for event in &batch.events {
            resumed.apply(event, batch.at).map_err(|error| ResumeError::Illegal { run, batch: at + 1, error })?;
        }
    }
    resumed.hand_over();
    Ok(resumed)
}
