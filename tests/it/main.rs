//! All tests of the whole, in one binary: linking the engine thirty times is what makes a suite slow.

mod cli;
mod conformance;
mod examples;
mod hostile;
mod house;
mod kill;
mod language;
mod packages;
mod schedule;
mod sdk;
mod typed;
mod worker;
