//! A task that fails with something that says nothing to the engine.
use jackfield_sdk::prelude::*;

struct Broken;

#[task]
fn open(path: String) -> Result<String, Broken> {
    Ok(path)
}

plugin!(open);

fn main() {}
