//! From a value to text in block style.

use std::fmt::Write as _;

use jackfield_sdk::prelude::*;

use super::scalar;

/// The value as one document.
pub(crate) fn write(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(_) | Value::Array(_) if !is_empty(value) => block(&mut text, value, 0, Start::Line),
        _ => {
            inline(&mut text, value);
            text.push('\n');
        }
    }
    text
}

/// Where the first entry of a block stands.
#[derive(Clone, Copy, PartialEq)]
enum Start {
    /// On a line of its own.
    Line,
    /// After the dash of the list that it is in.
    Dash,
}

fn block(text: &mut String, value: &Value, indent: usize, start: Start) {
    let lead = |text: &mut String, at: usize| {
        if at > 0 || start == Start::Line {
            text.push_str(&" ".repeat(indent));
        }
    };
    match value {
        Value::Object(fields) => {
            for (at, (name, value)) in fields.iter().enumerate() {
                lead(text, at);
                string(text, name);
                text.push(':');
                if is_block(value) {
                    text.push('\n');
                    block(text, value, indent + 2, Start::Line);
                } else {
                    text.push(' ');
                    inline(text, value);
                    text.push('\n');
                }
            }
        }
        Value::Array(values) => {
            for (at, value) in values.iter().enumerate() {
                lead(text, at);
                text.push_str("- ");
                if is_block(value) {
                    block(text, value, indent + 2, Start::Dash);
                } else {
                    inline(text, value);
                    text.push('\n');
                }
            }
        }
        _ => inline(text, value),
    }
}

fn is_block(value: &Value) -> bool {
    matches!(value, Value::Object(_) | Value::Array(_)) && !is_empty(value)
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(serde_json::Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}

/// Scalars and what is empty.
fn inline(text: &mut String, value: &Value) {
    match value {
        Value::String(plain) => string(text, plain),
        // `1e21` is a number in YAML as well, and so are `{}` and `[]` what they are.
        _ => {
            let _ = write!(text, "{value}");
        }
    }
}

/// Plain where it is read back as the same text by every reader, otherwise as JSON writes it, which is YAML too.
fn string(text: &mut String, string: &str) {
    if is_plain(string) {
        text.push_str(string);
    } else {
        let json = Value::from(string).to_string();
        // YAML reads these as line breaks or does not take them at all.
        for character in json.chars() {
            match character {
                '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                    let _ = write!(text, "\\u{:04x}", u32::from(character));
                }
                _ => text.push(character),
            }
        }
    }
}

/// Words that a reader of YAML 1.1 takes for truth values.
const WORDS_OF_OLD: [&str; 8] = ["y", "n", "yes", "no", "on", "off", "=", "<<"];

fn is_plain(text: &str) -> bool {
    let is_word = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '/' | ' ');
    let starts = text.chars().next().is_some_and(|first| first.is_alphabetic() || matches!(first, '_' | '/'));
    starts
        && !text.ends_with(' ')
        && text.chars().all(is_word)
        && !WORDS_OF_OLD.contains(&text.to_ascii_lowercase().as_str())
        && scalar::plain(text).is_ok_and(|value| value.is_string())
}
