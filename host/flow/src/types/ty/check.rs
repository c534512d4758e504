//! Whether a value is of a type, at run time.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::assign::join_path;
use super::{RecordType, Type, VariantType};
use crate::types::time::{parse_duration, parse_timestamp};
use crate::types::{Fields, Value, did_you_mean};

/// Longest text of a value that an error shows, in characters.
const SHOWN_CHARS: usize = 60;

/// Values deeper than this are not of any type but `json`: what checks them recurses.
const DEPTH_MAX: usize = 512;

/// A value that is not of a type: where, what was expected, and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueMismatch {
    /// The place inside of the value, such as `orders[3].id`; empty for the value itself.
    pub path: String,
    /// What the place takes.
    pub expected: String,
    /// What is there: its kind and, shortened, the value.
    pub found: String,
    /// What to do about it, if there is something to say.
    pub help: Option<String>,
}

impl fmt::Display for ValueMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "`{}`: ", self.path)?;
        }
        write!(f, "expected {}, found {}", self.expected, self.found)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

impl std::error::Error for ValueMismatch {}

/// `None` when the value is of the type as it is.
type Checked = Result<Option<Value>, Box<ValueMismatch>>;

impl Type {
    /// The value as one of this type.
    ///
    /// It is the same value, except where JSON has no word for the type: instants, spans of time and bytes (base64) come
    /// as text; `3` is a double where one is expected, and `3.0` a whole number, if that is exact. `null` for a field that
    /// may be left out, and that takes no `null`, leaves it out. What needs no change is shared, not copied.
    pub fn check(&self, value: &Value) -> Result<Value, ValueMismatch> {
        match self.converted(value, 0) {
            Ok(None) => Ok(value.clone()),
            Ok(Some(changed)) => Ok(changed),
            Err(mismatch) => Err(*mismatch),
        }
    }

    fn converted(&self, value: &Value, depth: usize) -> Checked {
        if depth > DEPTH_MAX {
            return Err(mismatch(format!("at most {DEPTH_MAX} values inside each other"), value));
        }
        match (self, value) {
            (Self::Json, _)
            | (Self::Null | Self::Option(_), Value::Null)
            | (Self::Bool, Value::Bool(_))
            | (Self::Int, Value::Int(_) | Value::UInt(_))
            | (Self::Float, Value::Float(_))
            | (Self::String, Value::String(_))
            | (Self::Bytes, Value::Bytes(_))
            | (Self::Timestamp, Value::Timestamp(_))
            | (Self::Duration, Value::Duration(_)) => Ok(None),
            (Self::Option(some), _) => some.converted(value, depth),
            (Self::Int, Value::Float(number)) => converted_to(whole(*number), self, value),
            (Self::Float, Value::Int(_) | Value::UInt(_)) => converted_to(exact_float(value), self, value),
            (Self::Bytes, Value::String(text)) => {
                converted_to(STANDARD.decode(&**text).ok().map(|bytes| Value::Bytes(bytes.into())), self, value)
            }
            (Self::Timestamp, Value::String(text)) => converted_to(parse_timestamp(text).map(Value::Timestamp), self, value),
            (Self::Duration, Value::String(text)) => converted_to(parse_duration(text).map(Value::Duration), self, value),
            (Self::Enum(texts), Value::String(text)) => check_text(self, texts, text, value),
            (Self::List(items), Value::List(_)) if **items == Self::Json => Ok(None),
            (Self::List(items), Value::List(values)) => check_list(|_| items, values, depth),
            (Self::Tuple(items), Value::List(values)) if items.len() == values.len() => check_list(|at| &items[at], values, depth),
            (Self::Map(values), Value::Map(fields)) => check_map(values, fields, depth),
            (Self::Record(record), Value::Map(fields)) => check_record(record, fields, depth),
            (Self::Variant(variant), _) => self.check_variant(variant, value, depth),
            _ => Err(mismatch(self.brief(), value)),
        }
    }

    fn check_variant(&self, variant: &VariantType, value: &Value, depth: usize) -> Checked {
        match value {
            Value::String(name) if variant.case(name) == Some(None) => Ok(None),
            Value::Map(fields) if fields.len() == 1 => {
                let only = fields.iter().next().and_then(|(name, inner)| Some((name, inner, variant.case(name)??)));
                let Some((name, inner, ty)) = only else { return Err(mismatch(self.brief(), value)) };
                let changed = ty.converted(inner, depth + 1).map_err(|error| error.below(name))?;
                Ok(changed.map(|changed| Value::map([(Arc::clone(name), changed)])))
            }
            _ => Err(mismatch(self.brief(), value)),
        }
    }
}

fn check_text(ty: &Type, texts: &[Arc<str>], text: &Arc<str>, value: &Value) -> Checked {
    if texts.contains(text) {
        return Ok(None);
    }
    let mut error = mismatch(ty.brief(), value);
    error.help = did_you_mean(text, texts.iter().map(|text| &**text)).map(|near| format!("did you mean {near:?}?"));
    Err(error)
}

fn check_list<'t>(item_at: impl Fn(usize) -> &'t Type, values: &Arc<[Value]>, depth: usize) -> Checked {
    let mut changed: Option<Vec<Value>> = None;
    for (at, value) in values.iter().enumerate() {
        let item = item_at(at).converted(value, depth + 1).map_err(|error| error.below(&format!("[{at}]")))?;
        match (&mut changed, item) {
            (Some(list), item) => list.push(item.unwrap_or_else(|| value.clone())),
            (None, Some(item)) => {
                let mut list = Vec::with_capacity(values.len());
                list.extend_from_slice(&values[..at]);
                list.push(item);
                changed = Some(list);
            }
            (None, None) => {}
        }
    }
    Ok(changed.map(|list| Value::List(list.into())))
}

fn check_map(values: &Type, fields: &Arc<Fields>, depth: usize) -> Checked {
    let mut changed: Option<Fields> = None;
    for (name, value) in fields.iter() {
        let new = values.converted(value, depth + 1).map_err(|error| error.below(&format!("[{name:?}]")))?;
        if let Some(new) = new {
            changed.get_or_insert_with(|| Fields::clone(fields)).insert(Arc::clone(name), new);
        }
    }
    Ok(changed.map(|fields| Value::Map(Arc::new(fields))))
}

fn check_record(record: &RecordType, fields: &Arc<Fields>, depth: usize) -> Checked {
    let mut changed: Option<Fields> = None;
    let mut dropped = false;
    let mut known = 0;
    for field in &record.fields {
        let Some(value) = fields.get(&field.name) else {
            if field.required {
                let error = ValueMismatch {
                    path: field.name.to_string(),
                    expected: field.ty.brief(),
                    found: "no such field".to_owned(),
                    help: None,
                };
                return Err(Box::new(error));
            }
            continue;
        };
        known += 1;
        match field.ty.converted(value, depth + 1) {
            Ok(None) => {}
            Ok(Some(new)) => {
                changed.get_or_insert_with(|| Fields::clone(fields)).insert(Arc::clone(&field.name), new);
            }
            Err(_) if !field.required && matches!(value, Value::Null) => dropped = true,
            Err(error) => return Err(error.below(&field.name)),
        }
    }
    if !record.open && known < fields.len() {
        let unknown = fields.iter().find(|(name, _)| record.field(name).is_none());
        if let Some((name, value)) = unknown {
            return Err(unknown_field(record, name, value));
        }
    }
    if dropped {
        // A `null` that its field does not take is left out.
        let kept = |name: &str, value: &Value| {
            let field = record.field(name).filter(|field| !field.required && matches!(value, Value::Null));
            field.is_none_or(|field| field.ty.converted(value, depth + 1).is_ok())
        };
        let all = changed.as_ref().unwrap_or(fields);
        let left = all.iter().filter(|(name, value)| kept(name, value));
        changed = Some(left.map(|(name, value)| (Arc::clone(name), value.clone())).collect());
    }
    Ok(changed.map(|fields| Value::Map(Arc::new(fields))))
}

fn unknown_field(record: &RecordType, name: &str, value: &Value) -> Box<ValueMismatch> {
    let known: Vec<&str> = record.names().take(12).collect();
    let expected = if known.is_empty() { "no fields".to_owned() } else { format!("only the fields {}", known.join(", ")) };
    let mut error = mismatch(expected, value);
    error.path = name.to_owned();
    error.help = did_you_mean(name, record.names()).map(|near| format!("did you mean `{near}`?"));
    Box::new(*error)
}

fn converted_to(converted: Option<Value>, ty: &Type, value: &Value) -> Checked {
    let Some(converted) = converted else {
        let mut error = mismatch(ty.brief(), value);
        error.help = Some(
            match ty {
                Type::Timestamp => "write it as RFC 3339 text, such as \"2024-05-01T12:00:00Z\"",
                Type::Duration => "write it as text with units, such as \"1h30m\" or \"1.5s\"",
                Type::Bytes => "write it as base64 text with padding",
                Type::Int => "a fraction is never dropped without being asked for",
                _ => "no double is exactly this number",
            }
            .to_owned(),
        );
        return Err(error);
    };
    Ok(Some(converted))
}

/// The whole number that a double is, if it is one of 64 bits.
pub(crate) fn whole(number: f64) -> Option<Value> {
    const BEYOND: f64 = 18_446_744_073_709_551_616.0; // 2^64
    if number.fract() != 0.0 || !(-BEYOND..BEYOND).contains(&number) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a whole double below 2^64 fits 128 bits exactly")]
    let exact = number as i128;
    i64::try_from(exact).map(Value::Int).ok().or_else(|| u64::try_from(exact).map(Value::UInt).ok())
}

/// The double that is exactly a whole number, if there is one.
fn exact_float(value: &Value) -> Option<Value> {
    let float = match value {
        Value::Int(number) => *number as f64,
        Value::UInt(number) => *number as f64,
        _ => return None,
    };
    let float = Value::Float(float);
    (float == *value).then_some(float)
}

fn mismatch(expected: impl Into<String>, value: &Value) -> Box<ValueMismatch> {
    Box::new(ValueMismatch { path: String::new(), expected: expected.into(), found: shown(value), help: None })
}

/// The kind of a value and a little of it.
pub(crate) fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => return "null".to_owned(),
        Value::List(items) => return format!("a list of {}", items.len()),
        Value::Map(fields) => {
            let names: Vec<String> = fields.iter().take(6).map(|(name, _)| name.chars().take(SHOWN_CHARS).collect()).collect();
            let more = if fields.len() > names.len() { ", …" } else { "" };
            return format!("a map {{{}{more}}}", names.join(", "));
        }
        Value::Bytes(bytes) => return format!("{} bytes", bytes.len()),
        Value::String(text) => format!("{:?}", text.chars().take(SHOWN_CHARS + 1).collect::<String>()),
        other => other.to_json(),
    };
    let mut short: String = text.chars().take(SHOWN_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("{} {short}", value.kind())
}

impl ValueMismatch {
    fn below(mut self: Box<Self>, step: &str) -> Box<Self> {
        self.path = join_path(step, &self.path);
        self
    }
}
