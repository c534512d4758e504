//! Tests of typed exports.

mod bounds;
mod echo;
mod errors;
mod kit;
mod property;
mod refused;
mod signatures;
