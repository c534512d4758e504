//! The effects a run wants, once the events that led to them are durable.

use std::sync::Arc;

use super::event::Place;
use super::ids::{LockToken, Millis};
use crate::plan::{Rate, WhenBusy};

/// An effect a run wants. Each can be carried out twice: after a crash it may be wanted again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Run an attempt of a task.
    Start {
        /// Where.
        place: Place,
        /// Which attempt.
        attempt: u32,
    },
    /// Interrupt an attempt of a task; nothing when it has ended.
    Interrupt {
        /// Where.
        place: Place,
    },
    /// Start a sub-workflow under the name [`super::Run::child_uid`], or wait for the end of the one that has this name.
    StartChild {
        /// Where.
        place: Place,
        /// Which attempt.
        attempt: u32,
    },
    /// Cancel a sub-workflow; its end is waited for.
    CancelChild {
        /// The place that started it.
        place: Place,
        /// Which attempt.
        attempt: u32,
    },
    /// Get a lock, or room among the runs with the same key: [`super::Input::LockGranted`].
    Acquire {
        /// The place that wants it; nothing for the run as a whole.
        place: Option<Place>,
        /// The lock's name, unique among locks and keys.
        name: Arc<str>,
        /// So many may hold it.
        permits: u32,
        /// What is done when there is none: wait; refuse ([`super::Input::ConcurrencyRefused`]); cancel those that hold it, and wait.
        when_busy: WhenBusy,
        /// Since when it is wanted, also by a worker before this one.
        since: Millis,
    },
    /// Reserve a start: [`super::Input::RateGranted`].
    Reserve {
        /// The place that wants to start.
        place: Place,
        /// How often places may start under a name.
        rate: Rate,
    },
}

/// A lock that is no longer wanted. It belongs into the commit of the events that say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The place that held it or asked for it; nothing for the run as a whole.
    pub place: Option<Place>,
    /// The lock's name.
    pub name: Arc<str>,
    /// What was held; nothing when it was not granted yet.
    pub token: Option<LockToken>,
    /// Since when it was wanted.
    pub since: Millis,
}
