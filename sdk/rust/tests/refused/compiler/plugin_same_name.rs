//! Two tasks of one name.
use jackfield_sdk::prelude::*;

#[task]
fn greet() {}

#[task(name = "greet")]
fn welcome() {}

plugin!(greet, welcome);

fn main() {}
