//! `parse-yaml` and `write-yaml`: YAML 1.2 with the core schema.

use jackfield_sdk::prelude::*;

use crate::error::{ConvertError, Parsed, Text};

mod read;
mod scalar;
#[cfg(test)]
mod tests;
mod write;

/// The format, in messages.
const FORMAT: &str = "YAML";

/// Which documents of a text are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Documents {
    /// The only one; more are an error.
    #[default]
    One,
    /// All of them, as a list.
    All,
}

/// Reads YAML.
///
/// YAML 1.2 with the core schema: `no` and `12:30` are texts. Keys are texts; a number as key is taken as it is written. A key
/// that comes twice, a merge key (`<<`), a tag of one's own, and what JSON has no number for (`.inf`, `.nan`) are refused.
#[task(
    name = "parse-yaml",
    title = "Parse YAML",
    example_input = r#"{"text":"name: Ada\ntags: [a, 2, no]\n"}"#,
    example_output = r#"{"value":{"name":"Ada","tags":["a",2,"no"]}}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn parse_yaml(
    /// The text.
    text: String,
    /// Which documents of the text are wanted.
    #[serde(default)]
    documents: Documents,
) -> Result<Parsed, ConvertError> {
    Ok(Parsed { value: read::read(&text, documents)? })
}

/// Writes a value as YAML.
///
/// Block style, two spaces, names in their order. A text is quoted where it would be read as something else.
#[task(
    name = "write-yaml",
    title = "Write YAML",
    example_input = r#"{"value":{"name":"Ada","tags":["a",2,"2"]}}"#,
    example_output = r#"{"text":"name: Ada\ntags:\n  - a\n  - 2\n  - \"2\"\n"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn write_yaml(
    /// The value.
    value: Value,
) -> Text {
    Text { text: write::write(&value) }
}
