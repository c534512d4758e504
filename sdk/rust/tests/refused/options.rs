//! Options that there are not.
use jackfield_sdk::prelude::*;

#[task(efect = pure)]
fn unknown_option() {}

#[task(effect = maybe)]
fn unknown_effect() {}

#[task(effect = pure, effect = reads)]
fn twice() {}

#[task(name = "Bad Name")]
fn bad_name() {}

#[task(asks(network))]
fn unknown_capability() {}

#[task(asks(http(required)))]
fn unknown_detail() {}

#[task(asks(memory("much")))]
fn bad_memory() {}

#[task(asks(memory))]
fn no_memory() {}

#[task(errors("Bad Code" = "It is bad."))]
fn bad_code() {}

fn main() {}
