//! All tests of the whole, in one binary: linking the engine thirty times is what makes a suite slow.

mod cli;
mod examples;
mod hostile;
mod house;
mod kill;
mod language;
mod typed;
mod worker;
