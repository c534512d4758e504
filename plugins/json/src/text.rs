//! `parse` and `stringify`: between JSON text and values.

use jackfield_sdk::prelude::*;
use serde_json::Map;

#[cfg(test)]
mod tests;

/// How values stand in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// One value.
    #[default]
    Json,
    /// One value a line (JSON Lines); empty lines mean nothing.
    Lines,
}

/// How a value is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Layout {
    /// No space that could be left out.
    #[default]
    Compact,
    /// Two spaces a level, and a line break at the end.
    Pretty,
    /// A list as one compact element a line (JSON Lines), each line ended.
    Lines,
}

/// In which order the names of objects are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Names {
    /// As they are.
    #[default]
    AsIs,
    /// By Unicode code point, so that equal values make equal texts.
    Sorted,
}

/// Why a text or a value cannot be translated.
#[derive(Debug, thiserror::Error, TaskErrors)]
pub(crate) enum TextError {
    /// The text is not JSON; `data` has the line and column, from 1.
    #[error("not JSON at line {line}, column {column}: {message}")]
    #[error_code("not-json", permanent, data(line, column))]
    NotJson { line: usize, column: usize, message: String },
    /// `layout: lines` is for lists.
    #[error("`layout: lines` writes a list, and this value is {found}")]
    #[error_code("not-a-list", permanent)]
    NotAList { found: &'static str },
}

/// A text.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Text {
    /// The JSON text.
    pub(crate) text: String,
}

/// Reads JSON text.
///
/// The answer is the value, or with `format: lines` the list of all lines' values.
#[task(
    title = "Read JSON text",
    example_input = r#"{"text":"{\"a\":[1,2]}"}"#,
    example_output = r#"{"a":[1,2]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn parse(
    /// The text. A byte order mark at its beginning is skipped.
    text: String,
    /// How values stand in the text.
    #[serde(default)]
    format: Format,
) -> Result<Value, TextError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if format == Format::Json {
        return serde_json::from_str(text).map_err(|error| not_json(&error, error.line()));
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, line)| serde_json::from_str::<Value>(line).map_err(|error| not_json(&error, index + 1))).collect()
}

/// Writes a value as JSON text.
#[task(
    title = "Write JSON text",
    example_input = r#"{"value":{"b":1,"a":2},"names":"sorted"}"#,
    example_output = r#"{"text":"{\"a\":2,\"b\":1}"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn stringify(
    /// The value.
    value: Value,
    /// How it is laid out.
    #[serde(default)]
    layout: Layout,
    /// In which order the names of objects are written.
    #[serde(default)]
    names: Names,
) -> Result<Text, TextError> {
    let value = if names == Names::Sorted { sorted(value) } else { value };
    let text = match (layout, &value) {
        (Layout::Compact, value) => value.to_string(),
        (Layout::Pretty, value) => format!("{value:#}\n"),
        (Layout::Lines, Value::Array(items)) => items.iter().map(|item| format!("{item}\n")).collect(),
        (Layout::Lines, other) => return Err(TextError::NotAList { found: kind(other) }),
    };
    Ok(Text { text })
}

fn not_json(error: &serde_json::Error, line: usize) -> TextError {
    // serde_json ends its message with a place of its own, which would be told twice.
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    TextError::NotJson { line, column: error.column(), message }
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            fields.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(fields.into_iter().collect::<Map<_, _>>())
        }
        other => other,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
