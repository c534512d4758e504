//! Which instants of a schedule are due.

use serde::{Deserialize, Serialize};

use super::timetable::Timetable;
use crate::run::Millis;

/// What is done about instants that were missed: the engine was down, or its clock was set forward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CatchUp {
    /// Nothing.
    Skip,
    /// The last one is made up for.
    #[default]
    Last,
    /// All are, at most the last [`CATCH_UP_MAX`].
    All,
}

/// The most instants that are made up for.
pub const CATCH_UP_MAX: usize = 100;

/// An instant that is not longer ago was not missed, only seen late: a clock that is set forward is looked at once a minute.
pub const ON_TIME_MS: u64 = 60_000;

/// The instants that are due now, in order: none that is not after `last`, none that is still to come, at most [`CATCH_UP_MAX`].
///
/// `last` is the last instant that was looked after; without one the schedule is new, and has missed nothing.
pub fn due(timetable: &Timetable, catch_up: CatchUp, last: Option<Millis>, now: Millis) -> Vec<Millis> {
    let on_time = Millis(now.0.saturating_sub(ON_TIME_MS.cast_signed()).saturating_sub(1));
    let (after, most) = match (catch_up, last) {
        (_, None) => (on_time, 1),
        (CatchUp::Skip, Some(last)) => (last.max(on_time), 1),
        (CatchUp::Last, Some(last)) => (last, 1),
        (CatchUp::All, Some(last)) => (last, CATCH_UP_MAX),
    };
    if after < now { timetable.last(after, now, most) } else { Vec::new() }
}
