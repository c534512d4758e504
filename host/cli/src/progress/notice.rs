//! What is told of a run.

use std::sync::Arc;

use jackfield_flow::run::{Decision, Failure, Millis, Place, Reason, Resolution, Status};

/// Something that happened, once it is durable.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Notice {
    /// A step took over a result of another run.
    Adopted {
        /// Which.
        step: usize,
    },
    /// A step's condition was false.
    Skipped {
        /// Which.
        step: usize,
    },
    /// An attempt of a step without items began, or of what belongs to a step.
    Started {
        /// Where.
        place: Place,
        /// Which attempt.
        attempt: u32,
    },
    /// A `for-each` knows its items, a `race` lets its contenders go.
    PartsOpened {
        /// Which.
        step: usize,
        /// How many.
        count: u32,
    },
    /// A `choose` knows its branch.
    Branch {
        /// Which.
        step: usize,
        /// The branch, from 0; nothing when none fits.
        branch: Option<u32>,
    },
    /// An item of a step ended, or another iteration began; the step goes on.
    Items {
        /// Which.
        step: usize,
    },
    /// A place waits for something, or the run as a whole does.
    Waits {
        /// Where.
        place: Option<Place>,
        /// For what.
        reason: Reason,
        /// Since when.
        at: Millis,
    },
    /// A step ended well.
    StepDone {
        /// Which.
        step: usize,
        /// How long it took.
        took_ms: u64,
    },
    /// An attempt failed.
    AttemptFailed {
        /// Where.
        place: Place,
        /// Which attempt.
        attempt: u32,
        /// Why.
        failure: Failure,
        /// When it is tried again, from now; nothing when it is not.
        wait_ms: Option<u64>,
    },
    /// A place failed without an attempt.
    PlaceFailed {
        /// Where.
        place: Place,
        /// Why.
        failure: Failure,
    },
    /// Nobody knows what an attempt did that must not be repeated.
    OutcomeUnknown {
        /// Where.
        place: Place,
        /// Which attempt.
        attempt: u32,
        /// What is known.
        failure: Failure,
    },
    /// Somebody decided what became of it.
    Resolved {
        /// Where.
        place: Place,
        /// What.
        how: Resolution,
    },
    /// A step takes care of a failure.
    Caught {
        /// Where it failed.
        place: Place,
        /// The step that takes care.
        handler: usize,
    },
    /// A value takes the place of a failure.
    Rescued {
        /// Where.
        place: Place,
    },
    /// Further lines about a step's items are left out.
    LinesCounted {
        /// Which.
        step: usize,
    },
    /// A step failed.
    StepFailed {
        /// Which.
        step: usize,
        /// How long it took.
        took_ms: u64,
        /// Why, when it has not just been told.
        failure: Option<Failure>,
    },
    /// A step was stopped.
    StepCancelled {
        /// Which.
        step: usize,
        /// How long it took.
        took_ms: u64,
    },
    /// A step, or an item of it, has been undone.
    Undone {
        /// The place that undid it.
        place: Place,
    },
    /// Attempts were lost with their worker.
    Lost {
        /// How many.
        attempts: usize,
    },
    /// Attempts were given back by a worker that stops.
    Released {
        /// How many.
        attempts: usize,
    },
    /// A signal was accepted.
    Signal {
        /// Its name.
        name: Arc<str>,
        /// Who sent it.
        by: Arc<str>,
        /// A word of theirs.
        note: Arc<str>,
    },
    /// Somebody approved or denied.
    Decided {
        /// What.
        place: Place,
        /// How.
        decision: Decision,
        /// Who.
        by: Arc<str>,
        /// A word of theirs.
        note: Arc<str>,
    },
    /// Somebody wants the run to stop.
    CancelRequested {
        /// Who or why.
        reason: Arc<str>,
    },
    /// The run fails for a reason that no step has.
    Failing {
        /// Why.
        failure: Failure,
    },
    /// What was done is undone from here on.
    Undoing,
    /// The run cannot go on by itself.
    Blocked,
    /// It goes on.
    Unblocked,
    /// It ended.
    Ended,
}

impl Notice {
    /// The state that a step has reached by this notice, when it ended.
    pub(super) fn ended_step(&self) -> Option<(usize, Status, u64)> {
        match self {
            Self::Adopted { step } => Some((*step, Status::Done, 0)),
            Self::Skipped { step } => Some((*step, Status::Skipped, 0)),
            Self::StepDone { step, took_ms } => Some((*step, Status::Done, *took_ms)),
            Self::StepFailed { step, took_ms, .. } => Some((*step, Status::Failed, *took_ms)),
            Self::StepCancelled { step, took_ms } => Some((*step, Status::Cancelled, *took_ms)),
            _ => None,
        }
    }
}
