//! The durable facts of a run, and the places they are about.

use std::sync::Arc;

use super::failure::Failure;
use super::ids::{LockToken, Millis, RunId, RunUid};
use super::receipt::Receipt;
use crate::plan::{Digest, WhenBusy};
use crate::types::Value;

/// A slot of work: a step, or one part of a step that has many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Index of the step in the plan.
    pub step: u32,
    /// Index of the item of a `for-each`, of the iteration of a `repeat`, of the contender of a `race`. A step that handles
    /// or undoes one of these has the same index.
    pub item: Option<u32>,
}

impl Place {
    /// A step as a whole.
    pub fn step(step: usize) -> Self {
        Self { step: u32::try_from(step).expect("a plan has at most 20,000 steps"), item: None }
    }

    /// One part of a step.
    pub fn item(step: u32, item: u32) -> Self {
        Self { step, item: Some(item) }
    }

    /// The step's index.
    pub fn index(self) -> usize {
        self.step as usize
    }

    /// The same part of another step.
    pub(super) fn at(self, step: usize) -> Self {
        Self { item: self.item, ..Self::step(step) }
    }

    /// The step as a whole.
    pub(super) fn whole(self) -> Self {
        Self { item: None, ..self }
    }
}

/// The run that started a run as its sub-workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent {
    /// Its name in the store.
    pub run: RunId,
    /// Its name in the world.
    pub uid: RunUid,
    /// The place that waits for the end.
    pub place: Place,
    /// The attempt at that place.
    pub attempt: u32,
    /// How deep the sub-workflow is nested: 1 under a run that nobody started.
    pub depth: u32,
}

/// What started a run when nobody did: a schedule of its workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheduled {
    /// Index of the schedule in the plan.
    pub schedule: u32,
    /// The instant that it was started for.
    pub at: Millis,
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
        /// The run that started it.
        parent: Option<Parent>,
        /// Names with texts by which it is found.
        labels: Vec<(Arc<str>, Arc<str>)>,
        /// The schedule that started it, or the run that this one repeats.
        scheduled: Option<Scheduled>,
    },
    /// Whoever started the run said which priority it has, instead of its workflow.
    Prioritized {
        /// −100 to 100.
        priority: i32,
    },
    /// A result taken over from the run that this one repeats.
    Adopted {
        /// Index of the step.
        step: u32,
        /// Its result; nothing when it had been skipped.
        output: Option<Value>,
    },
    /// A result of one item taken over from the run that this one repeats.
    ItemAdopted {
        /// Where.
        place: Place,
        /// Its result.
        output: Value,
    },
    /// The run waits for room among the runs with the same key.
    Queued {
        /// The key.
        key: Arc<str>,
        /// So many may run at once.
        limit: u32,
        /// What is done about those that run.
        when_busy: WhenBusy,
    },
    /// There is room.
    Admitted {
        /// What it holds.
        token: LockToken,
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
    /// A `choose` knows its branch, a `race` lets its contenders go, a `repeat` begins.
    Opened {
        /// Index of the step.
        step: u32,
        /// The branch of a `choose`; nothing when none fits.
        branch: Option<u32>,
    },
    /// A `repeat` is over: what it carries is its result.
    Closed {
        /// Index of the step.
        step: u32,
    },
    /// A place wants a lock.
    LockWanted {
        /// Where.
        place: Place,
        /// The lock's name.
        name: Arc<str>,
        /// So many may hold it.
        permits: u32,
    },
    /// A place holds its lock.
    LockHeld {
        /// Where.
        place: Place,
        /// What it holds.
        token: LockToken,
    },
    /// A place wants to know when it may start.
    RateWanted {
        /// Where.
        place: Place,
    },
    /// A place may start at an instant, because others start before it.
    Delayed {
        /// Where.
        place: Place,
        /// When.
        until: Millis,
    },
    /// An iteration of a `repeat` begins at an instant.
    Paused {
        /// Where.
        place: Place,
        /// When.
        until: Millis,
    },
    /// An attempt is about to start, of a task or of a sub-workflow. Durable before the attempt begins, so that attempts
    /// are counted over crashes.
    Started {
        /// Where.
        place: Place,
        /// Which attempt, from 1.
        attempt: u32,
    },
    /// A place waits for an instant.
    Sleeping {
        /// Where.
        place: Place,
        /// When it is over.
        until: Millis,
    },
    /// A place waits for a signal or a decision.
    Listening {
        /// Where.
        place: Place,
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
    /// A place is done without an attempt: a value, the end of a sleep, an approval, the value in place of a failure.
    Settled {
        /// Where.
        place: Place,
        /// The result.
        output: Value,
    },
    /// A signal reached a place that waited for it: its payload is the result.
    Signalled {
        /// Where.
        place: Place,
        /// Which signal, by order of acceptance from 0.
        signal: u32,
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
    /// Nobody knows what an attempt did that must not be repeated.
    OutcomeUnknown {
        /// Where.
        place: Place,
        /// Which attempt.
        attempt: u32,
        /// What is known of it.
        failure: Failure,
        /// What the attempt used.
        receipt: Receipt,
    },
    /// Somebody decided about a place.
    Resolved {
        /// Where.
        place: Place,
        /// How.
        how: Resolution,
    },
    /// A place failed without an attempt: something cannot be computed, or its time is over.
    PlaceFailed {
        /// Where.
        place: Place,
        /// Why.
        failure: Failure,
    },
    /// A step failed as a whole: its condition or its items cannot be computed, or its time is over.
    StepFailed {
        /// Index of the step.
        step: u32,
        /// Why.
        failure: Failure,
    },
    /// A step takes care of the failure of a place.
    Caught {
        /// Where it failed.
        place: Place,
        /// Index of the step that takes care.
        handler: u32,
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
    /// A sub-workflow that nobody waits for any more has ended.
    ChildLeft {
        /// The place that started it.
        place: Place,
        /// Which attempt.
        attempt: u32,
    },
    /// A signal was accepted.
    SignalAccepted {
        /// Its name in the world: the same again changes nothing.
        id: Arc<str>,
        /// The name that steps wait for.
        name: Arc<str>,
        /// What it says.
        payload: Value,
        /// Who sent it.
        by: Arc<str>,
        /// A word of theirs.
        note: Arc<str>,
    },
    /// Somebody approved or denied.
    Decided {
        /// The decision's name in the world: the same again changes nothing.
        id: Arc<str>,
        /// What it is about.
        place: Place,
        /// What was decided.
        decision: Decision,
        /// Who decided.
        by: Arc<str>,
        /// A word of theirs.
        note: Arc<str>,
    },
    /// A cancel was accepted.
    CancelRequested {
        /// Who or why.
        reason: Arc<str>,
    },
    /// The run fails for a reason that no step has: its outputs cannot be computed.
    Failing {
        /// Why.
        failure: Failure,
    },
    /// What was done is undone from here on.
    CompensationBegan,
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
        /// The step that failed first; nothing when it was none.
        step: Option<u32>,
        /// Why.
        failure: Failure,
    },
    /// The run was cancelled.
    RunCancelled,
}

/// What somebody says of an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Approved,
    /// Do not.
    Denied,
}

/// What somebody says of an attempt whose outcome nobody knows, or of an undoing that failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolution {
    /// It is done, with this result.
    Done(Value),
    /// It failed. What could not be undone stays as it is.
    Failed,
    /// It is tried again.
    Retry,
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
    /// Nobody knows what an attempt did that must not be repeated.
    UnknownOutcome {
        /// Where.
        place: Place,
        /// Which attempt.
        attempt: u32,
    },
    /// What was done cannot be undone.
    CompensationFailed {
        /// Where: the place that should have undone it.
        place: Place,
    },
}

impl Event {
    /// The kind of the event, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Began { .. } => "began",
            Self::Prioritized { .. } => "prioritized",
            Self::Adopted { .. } => "adopted",
            Self::ItemAdopted { .. } => "item-adopted",
            Self::Queued { .. } => "queued",
            Self::Admitted { .. } => "admitted",
            Self::Skipped { .. } => "skipped",
            Self::ItemsOpened { .. } => "items-opened",
            Self::Opened { .. } => "opened",
            Self::Closed { .. } => "closed",
            Self::LockWanted { .. } => "lock-wanted",
            Self::LockHeld { .. } => "lock-held",
            Self::RateWanted { .. } => "rate-wanted",
            Self::Delayed { .. } => "delayed",
            Self::Paused { .. } => "paused",
            Self::Started { .. } => "started",
            Self::Sleeping { .. } => "sleeping",
            Self::Listening { .. } => "listening",
            Self::Done { .. } => "done",
            Self::Settled { .. } => "settled",
            Self::Signalled { .. } => "signalled",
            Self::AttemptFailed { .. } => "attempt-failed",
            Self::OutcomeUnknown { .. } => "outcome-unknown",
            Self::Resolved { .. } => "resolved",
            Self::PlaceFailed { .. } => "place-failed",
            Self::StepFailed { .. } => "step-failed",
            Self::Caught { .. } => "caught",
            Self::Lost { .. } => "lost",
            Self::Released { .. } => "released",
            Self::ChildLeft { .. } => "child-left",
            Self::SignalAccepted { .. } => "signal-accepted",
            Self::Decided { .. } => "decided",
            Self::CancelRequested { .. } => "cancel-requested",
            Self::Failing { .. } => "failing",
            Self::CompensationBegan => "compensation-began",
            Self::Blocked { .. } => "blocked",
            Self::Unblocked => "unblocked",
            Self::RunDone { .. } => "run-done",
            Self::RunFailed { .. } => "run-failed",
            Self::RunCancelled => "run-cancelled",
        }
    }

    /// The place it is about, when it is about one.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::ItemAdopted { place, .. }
            | Self::LockWanted { place, .. }
            | Self::LockHeld { place, .. }
            | Self::RateWanted { place }
            | Self::Delayed { place, .. }
            | Self::Paused { place, .. }
            | Self::Started { place, .. }
            | Self::Sleeping { place, .. }
            | Self::Listening { place }
            | Self::Done { place, .. }
            | Self::Settled { place, .. }
            | Self::Signalled { place, .. }
            | Self::AttemptFailed { place, .. }
            | Self::OutcomeUnknown { place, .. }
            | Self::Resolved { place, .. }
            | Self::PlaceFailed { place, .. }
            | Self::Caught { place, .. }
            | Self::ChildLeft { place, .. }
            | Self::Decided { place, .. } => Some(*place),
            Self::Adopted { step, .. }
            | Self::Skipped { step }
            | Self::ItemsOpened { step, .. }
            | Self::Opened { step, .. }
            | Self::Closed { step }
            | Self::StepFailed { step, .. } => Some(Place { step: *step, item: None }),
            _ => None,
        }
    }
}
