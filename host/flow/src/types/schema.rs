//! JSON Schema (2020-12) ⇄ types.
//!
//! Tasks describe themselves by schemas; the graph is checked by types. What a type cannot express becomes `json`, or is left out:
//! the plugin validates its own input in any case. Two choices go beyond the letter of the specification:
//!
//! - An object with `properties` is closed unless it says `additionalProperties`: a misspelt name is found before anything runs.
//! - A property with a `default` may be left out, even when `required` names it.

mod read;
mod write;

use thiserror::Error;

use super::{JsonError, JsonLimits, Type, Value};

/// Longest schema, in bytes.
const SCHEMA_BYTES_MAX: usize = 1 << 20;

/// Deepest schema.
const SCHEMA_DEPTH_MAX: usize = 64;

/// Most values in a schema's text.
const SCHEMA_NODES_MAX: usize = 200_000;

/// Why a schema is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SchemaError {
    /// It is not JSON, or more of it than the limits allow.
    #[error("the schema cannot be read: {0}")]
    Json(#[from] JsonError),
    /// It is JSON, but no object.
    #[error("a schema is a JSON object; this is a {found}")]
    NotAnObject {
        /// What it is.
        found: &'static str,
    },
}

impl Type {
    /// The type that a JSON Schema describes: at most 1 MiB of text, 64 levels deep.
    pub fn from_schema(schema: &str) -> Result<Self, SchemaError> {
        let limits = JsonLimits { bytes: SCHEMA_BYTES_MAX, depth: SCHEMA_DEPTH_MAX, nodes: SCHEMA_NODES_MAX };
        Self::from_schema_value(&Value::from_json(schema, limits)?)
    }

    /// The type that a JSON Schema, already read, describes.
    pub fn from_schema_value(schema: &Value) -> Result<Self, SchemaError> {
        match schema {
            Value::Map(_) => Ok(read::read(schema)),
            other => Err(SchemaError::NotAnObject { found: other.kind() }),
        }
    }

    /// The type as a JSON Schema that [`Type::from_schema`] reads back.
    pub fn to_schema(&self) -> Value {
        write::write(self)
    }
}

#[cfg(test)]
mod tests;
