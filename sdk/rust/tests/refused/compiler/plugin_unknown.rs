//! Names of functions that are no tasks, or are not there.
use jackfield_sdk::prelude::*;

fn greet() {}

plugin!(greet, welcome);

fn main() {}
