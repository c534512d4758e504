//! Types as authors write them in a workflow file.

use std::fmt;
use std::sync::Arc;

use super::{Field, RecordType, Type};
use crate::types::{Fields, Value, did_you_mean};

/// Types deeper than this are refused.
const DEPTH_MAX: usize = 32;

/// A type notation that cannot be read: where, why, and what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotationError {
    /// The keys that lead to the place, outermost first.
    pub path: Vec<Arc<str>>,
    /// What is wrong.
    pub message: String,
    /// What to do about it, if there is something to say.
    pub help: Option<String>,
}

impl fmt::Display for NotationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "`{}`: ", self.path.join("."))?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for NotationError {}

type Notation<T> = Result<T, Box<NotationError>>;

/// The words for types, and what each stands for.
const WORDS: &[&str] = &[
    "string",
    "int",
    "integer",
    "float",
    "number",
    "bool",
    "boolean",
    "timestamp",
    "duration",
    "bytes",
    "list",
    "map",
    "record",
    "json",
    "array",
    "object",
];

/// The keys of a type.
const KEYS: &[&str] = &["type", "enum", "items", "values", "fields", "properties", "open", "optional", "description"];

impl Type {
    /// Reads a type as an author writes it: a word such as `int`, or a mapping.
    ///
    /// Keys of the mapping: `type` (a word), `enum` (the allowed texts), `items` (of a list), `values` (of a map),
    /// `fields` or `properties` (of a record), `open: true` (a record that may have other fields), `optional: true` (it
    /// may be left out). Without `type`, the other keys say what it is.
    ///
    /// ```
    /// use jackfield_flow::types::{JsonLimits, Type, Value};
    ///
    /// let notation = r#"{"type": "list", "items": {"fields": {"id": "int", "note": {"type": "string", "optional": true}}}}"#;
    /// let notation = Value::from_json(notation, JsonLimits::default())?;
    /// assert_eq!(Type::from_notation(&notation)?.to_string(), "list<{id: int, note?: string}>");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_notation(notation: &Value) -> Result<Self, NotationError> {
        let (ty, optional) = read(notation, 0).map_err(|error| *error)?;
        Ok(if optional { Self::option(ty) } else { ty })
    }
}

/// The type, and whether it may be left out.
fn read(notation: &Value, depth: usize) -> Notation<(Type, bool)> {
    if depth > DEPTH_MAX {
        return Err(wrong(format!("types lie deeper in each other than {DEPTH_MAX}")));
    }
    match notation {
        Value::String(word) => Ok((from_word(word, &Fields::new(), depth)?, false)),
        Value::Map(keys) => {
            if let Some((key, _)) = keys.iter().find(|(key, _)| !KEYS.contains(&&***key)) {
                let error = wrong(format!("a type has no key `{key}`: its keys are {}", KEYS.join(", ")));
                return Err(suggest(error, key, KEYS).at(key));
            }
            let optional = flag(keys, "optional")?;
            Ok((from_keys(keys, depth)?, optional))
        }
        other => Err(wrong(format!("a type is a word such as `string`, or a mapping; this is {}", super::check::shown(other)))),
    }
}

fn from_keys(keys: &Fields, depth: usize) -> Notation<Type> {
    let word = match keys.get("type") {
        Some(Value::String(word)) => Arc::clone(word),
        Some(other) => {
            return Err(wrong(format!("`type` is one word; this is {}", super::check::shown(other))).at("type"));
        }
        None if keys.get("enum").is_some() => Arc::from("string"),
        None if keys.get("items").is_some() => Arc::from("list"),
        None if keys.get("values").is_some() => Arc::from("map"),
        None if keys.get("fields").or_else(|| keys.get("properties")).is_some() => Arc::from("record"),
        None => return Err(wrong(format!("the type is missing: write `type:` with one of {}", WORDS.join(", ")))),
    };
    let ty = from_word(&word, keys, depth).map_err(|error| if error.path.is_empty() { error.at("type") } else { error })?;
    let belongs = |key: &str| match key {
        "enum" => matches!(ty, Type::Enum(_)),
        "items" => matches!(ty, Type::List(_)),
        "values" => matches!(ty, Type::Map(_)),
        "fields" | "properties" | "open" => matches!(ty, Type::Record(_)),
        _ => true,
    };
    match keys.iter().find(|(key, _)| !belongs(key)) {
        Some((key, _)) => Err(wrong(format!("`{key}` does not go with type `{word}`")).at(key)),
        None => Ok(ty),
    }
}

fn from_word(word: &str, keys: &Fields, depth: usize) -> Notation<Type> {
    Ok(match word {
        "string" => match keys.get("enum") {
            Some(texts) => texts_of(texts).map_err(|error| error.at("enum"))?,
            None => Type::String,
        },
        "int" | "integer" => Type::Int,
        "float" | "number" => Type::Float,
        "bool" | "boolean" => Type::Bool,
        "timestamp" => Type::Timestamp,
        "duration" => Type::Duration,
        "bytes" => Type::Bytes,
        "json" => Type::Json,
        "list" | "array" => Type::list(part(keys, "items", depth)?),
        "map" => Type::map(part(keys, "values", depth)?),
        "record" | "object" => record(keys, depth)?,
        _ => {
            let error = wrong(format!("there is no type `{word}`: the types are {}", WORDS.join(", ")));
            return Err(suggest(error, word, WORDS));
        }
    })
}

/// The type of elements or values; `json` when nothing is said.
fn part(keys: &Fields, key: &'static str, depth: usize) -> Notation<Type> {
    let Some(notation) = keys.get(key) else { return Ok(Type::Json) };
    let (ty, optional) = read(notation, depth + 1).map_err(|error| error.at(key))?;
    Ok(if optional { Type::option(ty) } else { ty })
}

fn record(keys: &Fields, depth: usize) -> Notation<Type> {
    let key = if keys.get("fields").is_some() { "fields" } else { "properties" };
    if key == "fields" && keys.get("properties").is_some() {
        return Err(wrong("`fields` and `properties` are two words for one thing: write one of them").at("properties"));
    }
    let fields = match keys.get(key) {
        Some(Value::Map(fields)) => fields,
        Some(other) => {
            return Err(wrong(format!("`{key}` is a mapping from names to types; this is {}", super::check::shown(other))).at(key));
        }
        None if flag(keys, "open")? => return Ok(Type::Record(Arc::new(RecordType { fields: Vec::new(), open: true }))),
        None => return Err(wrong("a record needs `fields:`, a mapping from names to types; for any names use `map`")),
    };
    let mut known = Vec::with_capacity(fields.len());
    for (name, notation) in fields.iter() {
        let (ty, optional) = read(notation, depth + 1).map_err(|error| error.at(name).at(key))?;
        let docs = match notation.get("description") {
            Some(Value::String(docs)) => Arc::clone(docs),
            _ => Arc::from(""),
        };
        known.push(Field { name: Arc::clone(name), ty, required: !optional, docs });
    }
    Ok(Type::Record(Arc::new(RecordType { fields: known, open: flag(keys, "open")? })))
}

fn texts_of(texts: &Value) -> Notation<Type> {
    let Value::List(items) = texts else {
        return Err(wrong(format!("`enum` is a list of texts; this is {}", super::check::shown(texts))));
    };
    let mut known: Vec<Arc<str>> = Vec::with_capacity(items.len());
    for item in items.iter() {
        match item {
            Value::String(text) if known.contains(text) => return Err(wrong(format!("{text:?} stands twice"))),
            Value::String(text) => known.push(Arc::clone(text)),
            other => return Err(wrong(format!("an enum has texts only; this is {}: put it in quotes", super::check::shown(other)))),
        }
    }
    if known.is_empty() { Err(wrong("an enum without texts has no values")) } else { Ok(Type::Enum(known.into())) }
}

fn flag(keys: &Fields, key: &'static str) -> Notation<bool> {
    match keys.get(key) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(other) => Err(wrong(format!("`{key}` is `true` or `false`; this is {}", super::check::shown(other))).at(key)),
    }
}

fn wrong(message: impl Into<String>) -> Box<NotationError> {
    Box::new(NotationError { path: Vec::new(), message: message.into(), help: None })
}

fn suggest(mut error: Box<NotationError>, word: &str, known: &[&str]) -> Box<NotationError> {
    error.help = did_you_mean(word, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
    error
}

impl NotationError {
    fn at(mut self: Box<Self>, key: &str) -> Box<Self> {
        self.path.insert(0, Arc::from(key));
        self
    }
}
