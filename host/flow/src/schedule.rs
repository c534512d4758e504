//! When a workflow starts by itself: cron expressions, time zones, and which of their instants are due.
//!
//! Nothing here knows the time: `now` is a parameter, and the rules of all time zones are part of the program, so that the same
//! question has the same answer on every machine.

mod cron;
mod due;
mod timetable;

pub use cron::{Cron, CronError, CronProblem, EXPRESSION_BYTES_MAX};
pub use due::{CATCH_UP_MAX, CatchUp, ON_TIME_MS, due};
pub use timetable::{Timetable, UnknownTimeZone, time_zone};

#[cfg(test)]
mod tests;
