//! All tests of the whole, in one binary: linking the engine thirty times is what makes a suite slow.

mod house;
mod kill;
mod worker;
