//! Tests of workflows: a run with made-up answers and a clock that jumps, and what is made of it.
//!
//! [`play`] is a worker without a world around the same [`Run`](crate::run::Run) that runs for real. [`judge`] compares what
//! came of it with what the test expects.

mod answer;
mod diff;
mod judge;
mod names;
mod outside;
mod played;
mod sample;
mod signal;
#[cfg(test)]
mod tests;
mod world;

pub use diff::Difference;
pub use judge::{Mismatch, judge};
pub use played::{Played, PlayedCall, PlayedStep};
pub use world::play;
