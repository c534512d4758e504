//! JSON tasks: `query` (jq), `merge`, `validate` (JSON Schema), `diff`, `parse` and `stringify`.
//!
//! All of them are pure: their output depends on their input alone. Names in objects keep their order, and whole
//! numbers stay exact as far as 64 bits carry them.

mod diff;
mod merge;
mod pointer;
mod query;
mod text;
mod validate;

jackfield_sdk::plugin!(query::query, merge::merge, validate::validate, diff::diff, text::parse, text::stringify);
