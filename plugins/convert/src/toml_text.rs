//! `parse-toml` and `write-toml`: TOML 1.1.

use jackfield_sdk::prelude::*;
use serde_json::{Map, Number};
use toml::value::{Table, Value as Toml};

use crate::bounds::{Count, DEPTH_MAX};
use crate::error::{ConvertError, Parsed, Text};

#[cfg(test)]
mod tests;

/// The format, in messages.
const FORMAT: &str = "TOML";

/// Reads TOML.
///
/// Dates and times become texts, as they are written; what JSON has no number for (`inf`, `nan`) is refused.
#[task(
    name = "parse-toml",
    title = "Parse TOML",
    example_input = r#"{"text":"name = \"Ada\"\n[born]\non = 1815-12-10\n"}"#,
    example_output = r#"{"value":{"name":"Ada","born":{"on":"1815-12-10"}}}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn parse_toml(
    /// The text.
    text: String,
) -> Result<Parsed, ConvertError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let table: Table = toml::from_str(text).map_err(|error| bad_text(text, &error))?;
    let mut count = Count::new(FORMAT);
    Ok(Parsed { value: to_json(Toml::Table(table), &mut count, 1, "")? })
}

/// Writes an object as TOML.
///
/// TOML has no null: a field that is null is left out, and a list with null in it is refused.
#[task(
    name = "write-toml",
    title = "Write TOML",
    example_input = r#"{"value":{"born":{"on":"1815-12-10"},"name":"Ada","none":null}}"#,
    example_output = r#"{"text":"name = \"Ada\"\n\n[born]\non = \"1815-12-10\"\n"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn write_toml(
    /// The object.
    value: Map<String, Value>,
) -> Result<Text, ConvertError> {
    let table = to_table(value, 1, "")?;
    let text = toml::to_string(&table).map_err(|error| cannot_say("", &error.to_string()))?;
    Ok(Text { text })
}

fn to_json(value: Toml, count: &mut Count, depth: usize, place: &str) -> Result<Value, ConvertError> {
    count.add(1)?;
    count.depth(depth)?;
    Ok(match value {
        Toml::String(text) => text.into(),
        Toml::Integer(whole) => whole.into(),
        Toml::Boolean(truth) => truth.into(),
        Toml::Datetime(time) => time.to_string().into(),
        Toml::Float(float) => {
            let number = Number::from_f64(float);
            number.map(Value::Number).ok_or_else(|| cannot_say(place, &format!("{float} is no number that JSON has")))?
        }
        Toml::Array(values) => {
            let values = values.into_iter().enumerate();
            values.map(|(at, value)| to_json(value, count, depth + 1, &format!("{place}/{at}"))).collect::<Result<Vec<_>, _>>()?.into()
        }
        Toml::Table(table) => {
            let mut fields = Map::new();
            for (name, value) in table {
                let value = to_json(value, count, depth + 1, &format!("{place}/{name}"))?;
                fields.insert(name, value);
            }
            fields.into()
        }
    })
}

fn to_table(fields: Map<String, Value>, depth: usize, place: &str) -> Result<Table, ConvertError> {
    let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
    fields
        .map(|(name, value)| {
            let value = to_toml(value, depth + 1, &format!("{place}/{name}"))?;
            Ok((name, value))
        })
        .collect()
}

fn to_toml(value: Value, depth: usize, place: &str) -> Result<Toml, ConvertError> {
    if depth > DEPTH_MAX {
        return Err(ConvertError::TooMuch { format: FORMAT, what: format!("nested deeper than {DEPTH_MAX} levels") });
    }
    Ok(match value {
        Value::Null => return Err(cannot_say(place, "there is no null in a list")),
        Value::Bool(truth) => Toml::Boolean(truth),
        Value::String(text) => Toml::String(text),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Toml::Integer(whole),
            None if number.is_u64() => return Err(cannot_say(place, &format!("{number} does not fit 64 bits with a sign"))),
            None => Toml::Float(number.as_f64().unwrap_or(0.0)),
        },
        Value::Array(values) => {
            let values = values.into_iter().enumerate();
            let values = values.map(|(at, value)| to_toml(value, depth + 1, &format!("{place}/{at}")));
            Toml::Array(values.collect::<Result<_, _>>()?)
        }
        Value::Object(fields) => Toml::Table(to_table(fields, depth, place)?),
    })
}

fn bad_text(text: &str, error: &toml::de::Error) -> ConvertError {
    let at = error.span().map_or(0, |span| span.start).min(text.len());
    let before = &text[..text.floor_char_boundary(at)];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    ConvertError::BadText { format: FORMAT, line, column, message: error.message().to_owned() }
}

fn cannot_say(place: &str, message: &str) -> ConvertError {
    ConvertError::CannotSay { format: FORMAT, place: place.chars().take(200).collect(), message: message.to_owned() }
}
