//! What `jackfield plugin new` copies compiles, and its own unit test passes.

#[path = "../template/src/lib.rs"]
mod template;
