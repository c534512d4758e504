//! Values as JSON text: reading within limits, writing, and the canonical form for hashing.
//!
//! What JSON has no word for is text: bytes as base64, instants as RFC 3339, spans of time as ISO 8601 (`PT1.5S`, which is what
//! JSON Schema calls the format `duration`). Reading gives them back as text; [`super::Type::check`] turns them into what they are where a type says so.

mod read;
mod serde_value;
mod write;

use std::fmt;

use thiserror::Error;

use super::Value;
use write::{Names, Writer};

/// How much JSON text is read before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonLimits {
    /// Length of the text in bytes.
    pub bytes: usize,
    /// Lists and objects inside each other; at most [`JsonLimits::DEPTH_MAX`], whatever is written here.
    pub depth: usize,
    /// Values in all, each element and each member counted.
    pub nodes: usize,
}

impl JsonLimits {
    /// The deepest text that is ever read: what works on values recurses, and a thread's stack is finite.
    pub const DEPTH_MAX: usize = 256;
}

impl Default for JsonLimits {
    fn default() -> Self {
        Self { bytes: 16 << 20, depth: 128, nodes: 1_000_000 }
    }
}

/// Why a text is not a value: what, and where in the text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{problem} (line {line}, column {column})")]
pub struct JsonError {
    /// What is wrong.
    pub problem: JsonProblem,
    /// Line of the problem, from 1.
    pub line: usize,
    /// Column of the problem in characters, from 1.
    pub column: usize,
}

/// What is wrong with a JSON text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JsonProblem {
    /// The text is longer than the limit.
    #[error("the JSON text has {seen} bytes, and the limit is {limit}")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
        /// The length in bytes.
        seen: usize,
    },
    /// Lists and objects lie too deep in each other.
    #[error("lists and objects lie deeper in each other than the limit of {limit}")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// There are too many values.
    #[error("there are more values than the limit of {limit}")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// A whole number that no 64 bits hold.
    #[error("the whole number {literal} is outside -9223372036854775808 to 18446744073709551615, and is never rounded: write it as text")]
    IntRange {
        /// The number as written, shortened when it is long.
        literal: String,
    },
    /// A number beyond the largest double.
    #[error("the number {literal} is beyond the largest double: write it as text")]
    FloatRange {
        /// The number as written, shortened when it is long.
        literal: String,
    },
    /// The same name twice in one object.
    #[error("the name {name:?} stands twice in one object")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// Anything else that is not JSON.
    #[error("this is not JSON: expected {expected}, found {found}")]
    Syntax {
        /// What could have stood here.
        expected: &'static str,
        /// What stands here.
        found: String,
    },
}

impl Value {
    /// Reads one JSON text (RFC 8259).
    ///
    /// Names keep their order; a name that stands twice is refused. Whole numbers are exact; `-0` is `0`, `-0.0` is the
    /// double. Works in one pass, and its stack and memory are bounded by the limits.
    pub fn from_json(text: &str, limits: JsonLimits) -> Result<Self, JsonError> {
        read::read(text, limits)
    }

    /// The value as compact JSON text. Doubles always have a point or an exponent, so that they are read back as doubles.
    pub fn to_json(&self) -> String {
        let mut out = String::with_capacity(64);
        self.write_json(&mut out);
        out
    }

    /// Appends the value as compact JSON text.
    pub fn write_json(&self, out: &mut String) {
        Writer::new(out, Names::AsWritten, usize::MAX).value(self).expect("no text is longer than the address space");
    }

    /// The value as JSON text in which equal texts mean interchangeable values: names sorted by their UTF-8 bytes, no
    /// spaces. For hashing. `1` and `1.0` stay apart, because a program that reads them may tell them apart.
    pub fn to_canonical_json(&self) -> String {
        let mut out = String::with_capacity(64);
        Writer::new(&mut out, Names::Sorted, usize::MAX).value(self).expect("no text is longer than the address space");
        out
    }

    /// The value as compact JSON text, or nothing when that is longer than so many bytes.
    pub fn to_json_within(&self, bytes_max: usize) -> Option<String> {
        let mut out = String::new();
        Writer::new(&mut out, Names::AsWritten, bytes_max).value(self).ok()?;
        Some(out)
    }
}

/// Appends a text as a JSON string: in quotes, with what must be escaped.
pub fn write_json_text(text: &str, out: &mut String) {
    out.reserve(text.len() + 2);
    Writer::new(out, Names::AsWritten, usize::MAX).text(text).expect("no text is longer than the address space");
}

/// The value as compact JSON text.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

#[cfg(test)]
mod tests;
