//! Lists that name a task twice, or none.
use jackfield_sdk::prelude::*;

#[task]
fn greet() {}

mod twice {
    use jackfield_sdk::plugin;
    plugin!(super::greet, super::greet);
}

mod none {
    use jackfield_sdk::plugin;
    plugin!();
}

fn main() {}
