//! From a value to text.

use jackfield_sdk::prelude::*;
use serde_json::Map;

use super::{FORMAT, Layout};
use crate::bounds::DEPTH_MAX;
use crate::error::ConvertError;

/// The object as a document.
pub(crate) fn write(value: &Map<String, Value>, layout: Layout) -> Result<String, ConvertError> {
    let mut fields = value.iter();
    let (Some((name, root)), None) = (fields.next(), fields.next()) else {
        return Err(cannot_say("", &format!("there are {} fields, and a document has one root element", value.len())));
    };
    if root.is_array() || root.is_null() {
        return Err(cannot_say(name, "a document has one root element"));
    }
    let mut writer = Writer { text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), layout };
    writer.element(name, root, 1, &format!("/{name}"))?;
    if layout == Layout::Compact {
        writer.text.push('\n');
    }
    Ok(writer.text)
}

struct Writer {
    text: String,
    layout: Layout,
}

impl Writer {
    fn element(&mut self, name: &str, value: &Value, depth: usize, place: &str) -> Result<(), ConvertError> {
        if depth > DEPTH_MAX {
            return Err(ConvertError::TooMuch { format: FORMAT, what: format!("nested deeper than {DEPTH_MAX} levels") });
        }
        check_name(name, place)?;
        self.indent(depth);
        self.text.push('<');
        self.text.push_str(name);
        let empty = Map::new();
        let fields = value.as_object().unwrap_or(&empty);
        for (name, value) in fields {
            if let Some(name) = name.strip_prefix('@').filter(|_| !value.is_null()) {
                let place = format!("{place}/@{name}");
                check_name(name, &place)?;
                let value = escaped(&scalar(value, &place)?, &place)?;
                self.text.push_str(&format!(" {name}=\"{value}\""));
            }
        }
        let text = match value {
            Value::Object(fields) => fields.get("#text").unwrap_or(&Value::Null),
            other => other,
        };
        let text = escaped(&scalar(text, place)?, place)?;
        let has_children = fields.iter().any(|(name, value)| is_child(name, value));
        if text.is_empty() && !has_children {
            self.text.push_str("/>");
        } else {
            self.text.push('>');
            self.text.push_str(&text);
            self.children(fields, depth, place)?;
            if has_children {
                self.indent(depth);
            }
            self.text.push_str(&format!("</{name}>"));
        }
        self.end_line();
        Ok(())
    }

    fn children(&mut self, fields: &Map<String, Value>, depth: usize, place: &str) -> Result<(), ConvertError> {
        let mut first = true;
        for (name, value) in fields.iter().filter(|(name, value)| is_child(name, value)) {
            if std::mem::take(&mut first) {
                self.end_line();
            }
            let place = format!("{place}/{name}");
            match value {
                Value::Array(values) => {
                    for (at, value) in values.iter().enumerate() {
                        let place = format!("{place}/{at}");
                        if value.is_array() {
                            return Err(cannot_say(&place, "a list within a list has no name"));
                        }
                        self.element(name, value, depth + 1, &place)?;
                    }
                }
                _ => self.element(name, value, depth + 1, &place)?,
            }
        }
        Ok(())
    }

    fn indent(&mut self, depth: usize) {
        if self.layout == Layout::Pretty && self.text.ends_with('\n') {
            self.text.push_str(&"  ".repeat(depth - 1));
        }
    }

    fn end_line(&mut self) {
        if self.layout == Layout::Pretty {
            self.text.push('\n');
        }
    }
}

/// Whether a field is an element, or several.
fn is_child(name: &str, value: &Value) -> bool {
    let is_nothing = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    !name.starts_with('@') && name != "#text" && !is_nothing
}

fn scalar(value: &Value, place: &str) -> Result<String, ConvertError> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        Value::Array(_) | Value::Object(_) => Err(cannot_say(place, "an attribute or a text is a text, a number or a truth value")),
    }
}

fn escaped(text: &str, place: &str) -> Result<String, ConvertError> {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // Written as they are, a reader would turn them into spaces or line breaks.
            '\t' | '\n' | '\r' => escaped.push_str(&format!("&#{};", u32::from(character))),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                return Err(cannot_say(place, &format!("XML has no character U+{:04X}", u32::from(character))));
            }
            _ => escaped.push(character),
        }
    }
    Ok(escaped)
}

fn check_name(name: &str, place: &str) -> Result<(), ConvertError> {
    let starts = |character: char| character.is_alphabetic() || character == '_';
    let goes_on = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | ':' | '\u{b7}');
    if name.starts_with(starts) && name.chars().all(goes_on) {
        return Ok(());
    }
    let shown: String = name.chars().take(60).collect();
    Err(cannot_say(place, &format!("`{shown}` is no name: it begins with a letter, and letters, digits, `_`, `-`, `.` and `:` follow")))
}

fn cannot_say(place: &str, message: &str) -> ConvertError {
    ConvertError::CannotSay { format: FORMAT, place: place.chars().take(200).collect(), message: message.to_owned() }
}
