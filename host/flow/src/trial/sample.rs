//! The least value of a type: what a person who has to write one can begin with.

use std::sync::Arc;

use crate::types::{Type, Value};

/// Deeper than this nothing is written out.
const DEPTH_MAX: usize = 6;

/// A value of a type: fields that may be left out are, lists and maps are empty.
pub(super) fn sample(ty: &Type) -> Value {
    sample_at(ty, 0)
}

fn sample_at(ty: &Type, depth: usize) -> Value {
    match ty {
        Type::Bool => Value::Bool(false),
        Type::Int => Value::Int(0),
        Type::Float => Value::Float(0.0),
        Type::String => Value::string("text"),
        Type::Bytes => Value::string("AAAA"),
        Type::Timestamp => Value::string("2000-01-01T00:00:00Z"),
        Type::Duration => Value::string("PT1S"),
        Type::Enum(texts) => texts.first().map_or(Value::Null, |text| Value::String(Arc::clone(text))),
        Type::List(_) => Value::list([]),
        Type::Tuple(items) if depth < DEPTH_MAX => Value::list(items.iter().map(|item| sample_at(item, depth + 1))),
        Type::Tuple(_) => Value::list([]),
        Type::Record(record) if depth < DEPTH_MAX => {
            let fields = record.fields.iter().filter(|field| field.required);
            Value::map(fields.map(|field| (Arc::clone(&field.name), sample_at(&field.ty, depth + 1))))
        }
        Type::Map(_) | Type::Record(_) => Value::map::<&str>([]),
        Type::Variant(variant) => match variant.cases.first() {
            Some((name, Some(ty))) => Value::map([(Arc::clone(name), sample_at(ty, depth + 1))]),
            Some((name, None)) => Value::String(Arc::clone(name)),
            None => Value::Null,
        },
        Type::Null | Type::Option(_) | Type::Json | Type::Never => Value::Null,
    }
}
