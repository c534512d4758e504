//! Inputs, events, commands: what the outside tells a run → the durable fact → the effect the run wants.

use std::sync::Arc;

use super::failure::Failure;
use super::ids::{Millis, RunId, RunUid};
use super::receipt::Receipt;
use crate::plan::Digest;
use crate::types::Value;

/// A slot of work: a step, or one item of a `for-each` step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Index of the step in the plan.
    pub step: u32,
    /// Index of the item, when the step is a `for-each`.
    pub item: Option<u32>,
}

impl Place {
    /// A step as a whole.
    pub fn step(step: usize) -> Self {
        Self { step: u32::try_from(step).expect("a plan has at most 20,000 steps"), item: None }
    }

    /// The step's index.
    pub fn index(self) -> usize {
        self.step as usize
    }
}

/// What the outside tells a run. All reasons for a change of state are here.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A worker took the run over: attempts that were running are lost.
    Recovered,
    /// The worker stops in good order: attempts that are running are given back.
    Released,
    /// An attempt ended: its answer as JSON text, or why it failed.
    AttemptEnded {
        /// Where.
        place: Place,
        /// Which attempt; an answer of an older one changes nothing.
        attempt: u32,
        /// JSON text of the task's output type, or the failure.
        result: Result<Arc<str>, Failure>,
        /// What it used.
        receipt: Receipt,
    },
    /// Time has passed.
    WakeUp,
    /// Somebody wants the run to stop.
    Cancel {
        /// Who or why, for people.
        reason: Arc<str>,
    },
    /// The bytes of a pinned plugin cannot be had.
    PluginMissing {
        /// Where it is needed.
        place: Place,
        /// Which attempt.
        attempt: u32,
        /// The digest that is missing.
        digest: Digest,
    },
    /// Somebody says that a blocked run may go on.
    Unblock,
}

/// A durable fact of a run. Applying the same events gives the same run.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The run exists.
    Began {
        /// Its name in the world.
        uid: RunUid,
        /// Its inputs, complete and checked.
        inputs: Value,
        /// The directory that relative paths of grants start from.
        directory: Arc<str>,
        /// The run that this one repeats, in part.
        rerun_of: Option<RunId>,
    },
    /// A result taken over from the run that this one repeats.
    Adopted {
        /// Index of the step.
        step: u32,
        /// Its result; nothing when it had been skipped.
        output: Option<Value>,
    },
    /// A step's condition was false.
    Skipped {
        /// Index of the step.
        step: u32,
    },
    /// A `for-each` step knows its items.
    ItemsOpened {
        /// Index of the step.
        step: u32,
        /// How many items.
        count: u32,
    },
    /// An attempt is about to start. Durable before the attempt begins, so that attempts are counted over crashes.
    Started {
        /// Where.
        place: Place,
        /// Which attempt, from 1.
        attempt: u32,
    },
    /// An attempt succeeded; its result is the only one anyone will ever see.
    Done {
        /// Where.
        place: Place,
        /// Which attempt.
        attempt: u32,
        /// The result.
        output: Value,
        /// What the attempt used.
        receipt: Receipt,
    },
    /// An attempt failed.
    AttemptFailed {
        /// Where.
        place: Place,
        /// Which attempt.
        attempt: u32,
        /// Why.
        failure: Failure,
        /// When it is tried again; nothing when it is not.
        retry_at: Option<Millis>,
        /// What the attempt used.
        receipt: Receipt,
    },
    /// A step failed before any attempt: its condition or its items cannot be computed.
    StepFailed {
        /// Index of the step.
        step: u32,
        /// Why.
        failure: Failure,
    },
    /// Attempts were running when their worker died.
    Lost {
        /// Where.
        places: Vec<Place>,
    },
    /// Attempts were running when their worker stopped in good order.
    Released {
        /// Where.
        places: Vec<Place>,
    },
    /// A cancel was accepted.
    CancelRequested {
        /// Who or why.
        reason: Arc<str>,
    },
    /// The run cannot go on by itself.
    Blocked {
        /// Why.
        reason: BlockReason,
    },
    /// A blocked run goes on.
    Unblocked,
    /// The run ended well.
    RunDone {
        /// Its outputs.
        outputs: Value,
    },
    /// The run failed.
    RunFailed {
        /// The step that failed first; nothing when the outputs could not be computed.
        step: Option<u32>,
        /// Why.
        failure: Failure,
    },
    /// The run was cancelled.
    RunCancelled,
}

/// Why a run cannot go on by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockReason {
    /// The bytes of a pinned plugin cannot be had.
    PluginMissing {
        /// Which.
        digest: Digest,
    },
    /// The worker died too often while the same attempt ran.
    KilledWorker {
        /// Where.
        place: Place,
        /// How often.
        times: u32,
    },
}

/// The effect a run wants, once the events that led to it are durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Run an attempt.
    Start {
        /// Where.
        place: Place,
        /// Which attempt.
        attempt: u32,
    },
    /// Interrupt an attempt.
    Interrupt {
        /// Where.
        place: Place,
    },
}
