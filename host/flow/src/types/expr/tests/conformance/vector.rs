//! One vector: what it says, and what comes of it here.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use crate::types::expr::{Budget, Env, Expr, Scope};
use crate::types::{Type, Value, parse_duration, parse_timestamp};

pub(super) struct Vector {
    pub(super) section: String,
    pub(super) name: String,
    pub(super) expr: String,
    said: Json,
}

pub(super) enum Outcome {
    Passes,
    /// The checker refuses it, and without the check it is evaluated as expected.
    Unchecked,
    /// An error was expected, and it was found before anything ran.
    Refused,
    /// How it differs.
    Differs(String),
}

impl Vector {
    pub(super) fn read(line: &str) -> Self {
        let said: Json = serde_json::from_str(line).expect("a line is JSON");
        let text = |key: &str| said[key].as_str().unwrap_or_default().to_owned();
        Self { section: text("section"), name: text("name"), expr: text("expr"), said }
    }

    pub(super) fn outcome(&self) -> Outcome {
        match self.run() {
            Ok(outcome) => outcome,
            Err(how) => Outcome::Differs(how),
        }
    }

    fn run(&self) -> Result<Outcome, String> {
        let (scope, bindings) = (self.scope()?, self.bindings()?);
        let fails = self.said.get("evalError").is_some();
        // That a function or a message is not there is no proof that the error is found.
        let messages = self.said.get("container").is_some() || self.expr.contains("google.protobuf");
        let refused = |how: String| {
            if fails && !messages && !how.contains("there is no function") { Ok(Outcome::Refused) } else { Err(format!("refused: {how}")) }
        };
        let expr = match Expr::parse(&self.expr) {
            Ok(expr) => expr,
            Err(error) => return refused(error.message),
        };
        let unchecked = self.said["disableCheck"] == Json::Bool(true);
        if !unchecked {
            match expr.check(&scope) {
                Ok(ty) => self.is_deduced(&ty)?,
                Err(errors) if fails => return refused(errors[0].message.clone()),
                Err(errors) => {
                    let how = format!("refused: {}", errors[0].message);
                    let unchecked = self.said.get("checkOnly").is_none() && self.evaluates(&expr, &bindings).is_ok();
                    return if unchecked { Ok(Outcome::Unchecked) } else { Err(how) };
                }
            }
        }
        if self.said["checkOnly"] == Json::Bool(true) {
            return Ok(Outcome::Passes);
        }
        self.evaluates(&expr, &bindings)
    }

    fn evaluates(&self, expr: &Expr, bindings: &[(String, Value)]) -> Result<Outcome, String> {
        let fails = self.said.get("evalError").is_some();
        let env = bindings.iter().fold(Env::new(), |env, (name, value)| env.value(name, value));
        match (expr.eval(&env, &mut Budget::default()), fails) {
            (Err(_), true) => Ok(Outcome::Passes),
            (Err(error), false) => Err(format!("fails: {error}")),
            (Ok(value), true) => Err(format!("is {value:?}, and an error was expected")),
            (Ok(value), false) => {
                let expected = self.expected()?;
                if same(&expected, &value) { Ok(Outcome::Passes) } else { Err(format!("is {value:?}, and {expected:?} was expected")) }
            }
        }
    }

    fn expected(&self) -> Result<Value, String> {
        let value = self.said.get("value").or_else(|| self.said["typedResult"].get("result"));
        value.map_or(Ok(Value::Bool(true)), read_value)
    }

    fn is_deduced(&self, ty: &Type) -> Result<(), String> {
        let Some(deduced) = self.said["typedResult"].get("deducedType") else { return Ok(()) };
        let expected = read_type(deduced)?;
        if widened(ty) == expected { Ok(()) } else { Err(format!("has type {ty}, and {expected} was expected")) }
    }

    fn scope(&self) -> Result<Scope, String> {
        let mut scope = Scope::new();
        for declared in self.said["typeEnv"].as_array().into_iter().flatten() {
            let name = declared["name"].as_str().unwrap_or_default();
            let Some(ty) = declared["ident"].get("type") else { return Err(format!("unsupported: declares the function `{name}`")) };
            if name.contains('.') {
                return Err("unsupported: a name with points".to_owned());
            }
            scope = scope.value(name, read_type(ty)?);
        }
        Ok(scope)
    }

    fn bindings(&self) -> Result<Vec<(String, Value)>, String> {
        let bindings = self.said["bindings"].as_object().into_iter().flatten();
        bindings.map(|(name, bound)| Ok((name.clone(), read_value(&bound["value"])?))).collect()
    }
}

/// The same value of the same kind: `1` and `1.0` differ, and so do `0.0` and `-0.0`.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b)),
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| same(value, other)))
        }
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        _ => a.kind() == b.kind() && a == b,
    }
}

fn read_value(said: &Json) -> Result<Value, String> {
    let (kind, inner) = said.as_object().and_then(|object| object.iter().next()).ok_or("unsupported: no value")?;
    let unsupported = || format!("unsupported: the value {said}");
    let text = || inner.as_str().ok_or_else(unsupported);
    Ok(match &**kind {
        "nullValue" => Value::Null,
        "boolValue" => Value::Bool(inner.as_bool().ok_or_else(unsupported)?),
        "int64Value" => Value::Int(text()?.parse().map_err(|_| unsupported())?),
        "uint64Value" => Value::uint(text()?.parse().map_err(|_| unsupported())?),
        "doubleValue" => Value::Float(inner.as_f64().filter(|number| number.is_finite()).ok_or_else(unsupported)?),
        "stringValue" => Value::string(text()?),
        "bytesValue" => Value::Bytes(STANDARD.decode(text()?).map_err(|_| unsupported())?.into()),
        "listValue" => {
            let items = inner["values"].as_array().into_iter().flatten().map(read_value);
            Value::list(items.collect::<Result<Vec<_>, _>>()?)
        }
        "mapValue" => {
            let entries = inner["entries"].as_array().into_iter().flatten().map(|entry| match read_value(&entry["key"])? {
                Value::String(name) => Ok((name, read_value(&entry["value"])?)),
                other => Err(format!("unsupported: the name {other} of a map")),
            });
            Value::map(entries.collect::<Result<Vec<_>, _>>()?)
        }
        "objectValue" => read_object(inner).ok_or_else(unsupported)?,
        _ => return Err(unsupported()),
    })
}

fn read_object(said: &Json) -> Option<Value> {
    let text = said["value"].as_str()?;
    match said["@type"].as_str()?.rsplit('.').next()? {
        "Timestamp" => parse_timestamp(text).map(Value::Timestamp),
        "Duration" => parse_duration(text).map(Value::Duration),
        _ => None,
    }
}

fn read_type(said: &Json) -> Result<Type, String> {
    let unsupported = || format!("unsupported: the type {said}");
    let (kind, inner) = said.as_object().and_then(|object| object.iter().next()).ok_or_else(unsupported)?;
    let word = inner.as_str().unwrap_or_default();
    Ok(match (&**kind, word) {
        ("null", _) => Type::Null,
        ("dyn", _) => Type::Json,
        ("primitive", "BOOL") => Type::Bool,
        ("primitive", "INT64" | "UINT64") => Type::Int,
        ("primitive", "DOUBLE") => Type::Float,
        ("primitive", "STRING") => Type::String,
        ("primitive", "BYTES") => Type::Bytes,
        ("wellKnown", "TIMESTAMP") | ("messageType", "google.protobuf.Timestamp") => Type::Timestamp,
        ("wellKnown", "DURATION") | ("messageType", "google.protobuf.Duration") => Type::Duration,
        ("listType", _) => Type::list(read_type(&inner["elemType"])?),
        ("mapType", _) if inner["keyType"]["primitive"] == "STRING" => Type::map(read_type(&inner["valueType"])?),
        ("abstractType", _) if inner["name"] == "optional_type" => Type::Option(Arc::new(read_type(&inner["parameterTypes"][0])?)),
        _ => return Err(unsupported()),
    })
}

/// A type without what CEL has no word for: known texts, known names, and that there is no element.
fn widened(ty: &Type) -> Type {
    match ty {
        Type::Enum(_) => Type::String,
        Type::Never => Type::Json,
        Type::List(items) => Type::list(widened(items)),
        Type::Map(values) => Type::map(widened(values)),
        Type::Record(record) => Type::map(widened(&record.value_type())),
        Type::Option(some) => Type::Option(Arc::new(widened(some))),
        other => other.clone(),
    }
}
