//! `parse-xml` and `write-xml`.
//!
//! An element is an object: its attributes by name with `@` before it, its text as `#text`, its children by name, several of
//! one name as a list. An element with nothing but text is that text. Names are as they are written, with their prefixes.
//! The order among children of different names, comments and processing instructions are not kept.

use jackfield_sdk::prelude::*;
use serde_json::Map;

use crate::error::{ConvertError, Parsed, Text};

mod read;
#[cfg(test)]
mod tests;
mod write;

/// The format, in messages.
const FORMAT: &str = "XML";

/// How the text is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Layout {
    /// Everything on one line.
    #[default]
    Compact,
    /// Elements that have elements over several lines, with two spaces. That adds white space.
    Pretty,
}

/// Reads XML.
///
/// An element is an object: attributes as `@name`, text as `#text`, children by name; one with nothing but text is that text.
/// All values are texts. A document type is refused, and with it entities of one's own.
#[task(
    name = "parse-xml",
    title = "Parse XML",
    example_input = r#"{"text":"<order id=\"7\"><item>a</item><item>b</item></order>","lists":["item"]}"#,
    example_output = r#"{"value":{"order":{"@id":"7","item":["a","b"]}}}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn parse_xml(
    /// The text.
    text: String,
    /// Names of elements that are always lists, also when there is one. Without it one element is a value, and two are a list.
    #[serde(default)]
    lists: Vec<String>,
) -> Result<Parsed, ConvertError> {
    Ok(Parsed { value: read::read(&text, &lists)? })
}

/// Writes an object as XML: the other way round.
///
/// The object has one field, the root element. Null is left out, a list is an element for each of its values.
#[task(
    name = "write-xml",
    title = "Write XML",
    example_input = r#"{"value":{"order":{"@id":7,"item":["a","b & c"]}}}"#,
    example_output = r#"{"text":"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<order id=\"7\"><item>a</item><item>b &amp; c</item></order>\n"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn write_xml(
    /// The object.
    value: Map<String, Value>,
    /// How the text is laid out.
    #[serde(default)]
    layout: Layout,
) -> Result<Text, ConvertError> {
    Ok(Text { text: write::write(&value, layout)? })
}
