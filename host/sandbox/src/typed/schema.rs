//! Shapes as JSON Schema, which is how every task tells its types.

use jackfield_flow::types::Value;

use super::Answer;
use super::shape::{Case, Kind, Member, Shape};

/// Which way a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    /// To the task: what is an option may be left out.
    In,
    /// From the task: what is an option is there, and `null` when it is nothing.
    Out,
}

/// The schema of an input: an object with a name for each parameter.
pub(super) fn of_input(params: &[Member]) -> String {
    record(params, Direction::In).to_json()
}

/// The schema of an output.
pub(super) fn of_answer(answer: &Answer) -> String {
    let schema = match answer {
        Answer::Nothing => plain("null"),
        Answer::Value(shape) => of(shape, Direction::Out),
        Answer::Result(shape) => match &shape.kind {
            Kind::Result(cases) => cases[0].shape.as_ref().map_or_else(|| plain("null"), |ok| of(ok, Direction::Out)),
            _ => of(shape, Direction::Out),
        },
    };
    schema.to_json()
}

fn of(shape: &Shape, direction: Direction) -> Value {
    match &shape.kind {
        Kind::Bool => plain("boolean"),
        Kind::Int(int) => {
            let (least, greatest) = int.range();
            typed("integer", [("minimum", whole(least)), ("maximum", whole(greatest))])
        }
        Kind::F32 => typed("number", [("format", Value::string("float"))]),
        Kind::F64 => typed("number", [("format", Value::string("double"))]),
        Kind::Char => typed("string", [("minLength", Value::Int(1)), ("maxLength", Value::Int(1))]),
        Kind::String => plain("string"),
        Kind::Bytes => typed("string", [("contentEncoding", Value::string("base64"))]),
        Kind::List(items) => typed("array", [("items", of(items, direction))]),
        Kind::Record(fields) => record(fields, direction),
        Kind::Tuple(items) => {
            let count = || Value::uint(items.len() as u64);
            let all = Value::list(items.iter().map(|item| of(item, direction)));
            let keys = [("prefixItems", all), ("items", Value::Bool(false)), ("minItems", count()), ("maxItems", count())];
            typed("array", keys)
        }
        Kind::Flags(names) => {
            let flag = typed("string", [("enum", texts(names.iter()))]);
            typed("array", [("items", flag), ("uniqueItems", Value::Bool(true))])
        }
        Kind::Enum(cases) => enumeration(cases),
        Kind::Variant(cases) => variant(cases, direction),
        Kind::Result(cases) => variant(&cases[..], direction),
        Kind::Option(some) => Value::map([("anyOf", Value::list([of(some, direction), plain("null")]))]),
    }
}

fn record(fields: &[Member], direction: Direction) -> Value {
    let required = fields.iter().filter(|field| direction == Direction::Out || !matches!(field.shape.kind, Kind::Option(_)));
    let properties = fields.iter().map(|field| (field.key.as_str(), described(of(&field.shape, direction), &field.docs)));
    typed(
        "object",
        [
            ("properties", Value::map(properties)),
            ("required", texts(required.map(|field| &field.key))),
            ("additionalProperties", Value::Bool(false)),
        ],
    )
}

fn enumeration(cases: &[Case]) -> Value {
    if cases.iter().all(|case| case.docs.is_empty()) {
        return typed("string", [("enum", texts(cases.iter().map(|case| &case.name)))]);
    }
    let case = |case: &Case| described(Value::map([("const", Value::string(case.name.as_str()))]), &case.docs);
    Value::map([("oneOf", Value::list(cases.iter().map(case)))])
}

fn variant(cases: &[Case], direction: Direction) -> Value {
    let case = |case: &Case| {
        let schema = match &case.shape {
            None => Value::map([("const", Value::string(case.name.as_str()))]),
            Some(shape) => typed(
                "object",
                [
                    ("properties", Value::map([(case.name.as_str(), of(shape, direction))])),
                    ("required", texts([&case.name])),
                    ("additionalProperties", Value::Bool(false)),
                ],
            ),
        };
        described(schema, &case.docs)
    };
    Value::map([("oneOf", Value::list(cases.iter().map(case)))])
}

fn plain(word: &str) -> Value {
    typed(word, [])
}

fn typed<const N: usize>(word: &str, keys: [(&str, Value); N]) -> Value {
    Value::map([("type", Value::string(word))].into_iter().chain(keys))
}

fn described(schema: Value, docs: &str) -> Value {
    match schema {
        Value::Map(keys) if !docs.is_empty() => {
            let description = ("description".into(), Value::string(docs));
            Value::map(keys.iter().map(|(name, value)| (name.clone(), value.clone())).chain([description]))
        }
        other => other,
    }
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a String>) -> Value {
    Value::list(texts.into_iter().map(|text| Value::string(text.as_str())))
}

fn whole(number: i128) -> Value {
    u64::try_from(number).map(Value::uint).or_else(|_| i64::try_from(number).map(Value::Int)).unwrap_or_default()
}
