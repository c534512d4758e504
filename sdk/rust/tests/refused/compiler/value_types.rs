//! Types that JSON does not know.
use jackfield_sdk::prelude::*;

struct Opaque;

#[task]
fn make() -> Opaque {
    Opaque
}

plugin!(make);

fn main() {}
