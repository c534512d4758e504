//! Type → JSON Schema.

use std::sync::Arc;

use super::super::{RecordType, Type, Value, VariantType};

pub(super) fn write(ty: &Type) -> Value {
    match ty {
        Type::Null => word("null"),
        Type::Bool => word("boolean"),
        Type::Int => word("integer"),
        Type::Float => word("number"),
        Type::String => word("string"),
        Type::Bytes => Value::map([("type", Value::string("string")), ("contentEncoding", Value::string("base64"))]),
        Type::Timestamp => format("date-time"),
        Type::Duration => format("duration"),
        Type::Enum(texts) => {
            let texts = Value::list(texts.iter().map(|text| Value::String(Arc::clone(text))));
            Value::map([("type", Value::string("string")), ("enum", texts)])
        }
        Type::List(items) => Value::map([("type", Value::string("array")), ("items", write(items))]),
        Type::Tuple(items) => {
            let count = || Value::uint(items.len() as u64);
            let all = Value::list(items.iter().map(write));
            Value::map([
                ("type", Value::string("array")),
                ("prefixItems", all),
                ("items", Value::Bool(false)),
                ("minItems", count()),
                ("maxItems", count()),
            ])
        }
        Type::Map(values) => Value::map([("type", Value::string("object")), ("additionalProperties", write(values))]),
        Type::Record(fields) => record(fields),
        Type::Option(some) => Value::map([("anyOf", Value::list([write(some), word("null")]))]),
        Type::Variant(cases) => variant(cases),
        Type::Json => Value::map::<&str>([]),
        Type::Never => Value::map([("not", Value::map::<&str>([]))]),
    }
}

fn word(word: &str) -> Value {
    Value::map([("type", Value::string(word))])
}

fn format(format: &str) -> Value {
    Value::map([("type", Value::string("string")), ("format", Value::string(format))])
}

fn record(record: &RecordType) -> Value {
    let properties = record.fields.iter().map(|field| {
        let mut schema = write(&field.ty);
        if let (Value::Map(keys), false) = (&mut schema, field.docs.is_empty()) {
            Arc::make_mut(keys).insert(Arc::from("description"), Value::String(Arc::clone(&field.docs)));
        }
        (Arc::clone(&field.name), schema)
    });
    let required = record.fields.iter().filter(|field| field.required).map(|field| Value::String(Arc::clone(&field.name)));
    Value::map([
        ("type", Value::string("object")),
        ("properties", Value::map(properties)),
        ("required", Value::list(required)),
        ("additionalProperties", Value::Bool(record.open)),
    ])
}

fn variant(variant: &VariantType) -> Value {
    let cases = variant.cases.iter().map(|(name, ty)| match ty {
        None => Value::map([("const", Value::String(Arc::clone(name)))]),
        Some(ty) => Value::map([
            ("type", Value::string("object")),
            ("properties", Value::map([(Arc::clone(name), write(ty))])),
            ("required", Value::list([Value::String(Arc::clone(name))])),
            ("additionalProperties", Value::Bool(false)),
        ]),
    });
    Value::map([("oneOf", Value::list(cases))])
}
