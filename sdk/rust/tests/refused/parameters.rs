//! What is no field of an input.
use jackfield_sdk::prelude::*;

struct Counter;

impl Counter {
    #[task]
    fn count(&self, by: u32) -> u32 {
        by
    }
}

/// Two problems are told at once.
#[task]
fn area((width, height): (f64, f64), unit: &str) -> f64 {
    width * height
}

#[task]
fn show(what: impl ToString) -> String {
    what.to_string()
}

#[task]
fn attributed(#[validate(length = 3)] name: String) -> String {
    name
}

fn main() {}
