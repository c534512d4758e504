//! Tests of typed exports.

mod echo;
mod kit;
