//! What is no function from values to a value.
use jackfield_sdk::prelude::*;

#[task]
async fn fetch(url: String) -> String {
    url
}

#[task]
fn first<T: Clone>(list: Vec<T>) -> T {
    list[0].clone()
}

#[task]
unsafe fn poke(at: u64) -> u64 {
    at
}

#[task]
extern "C" fn call(at: u64) -> u64 {
    at
}

#[task]
fn numbers(below: u32) -> impl Iterator<Item = u32> {
    0..below
}

#[task]
fn name() -> &'static str {
    "name"
}

#[task]
struct Task;

#[task]
fn _private() {}

fn main() {}
