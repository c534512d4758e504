//! CSV text to rows and back.
//!
//! A *row* is a JSON object: column name → cell, in the order of the columns. The same rows go in and out of the
//! `table` and `chart` plugins.

mod cell;
mod dialect;
mod parse;
mod write;

use jackfield_sdk::plugin;

/// One row: column name → cell, in the order of the columns.
type Row = serde_json::Map<String, serde_json::Value>;

plugin!(parse::parse, write::write);
