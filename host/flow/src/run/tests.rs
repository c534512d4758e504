//! Whole histories on one thread: a run, a made-up world, and a clock that the test moves.

mod bench;
mod build;
pub(super) mod edges;
mod gates;
mod histories;
mod kinds;
mod random;
mod saga;
mod signals;
mod speed;

use bench::{Bench, echo, failure};
use build::{Build, call, choose, flow, for_each, one, race, repeat, signal, sleep, value, x};

use super::*;
