//! JSON values ⇄ jq values, without rounding.

use jackfield_sdk::prelude::*;
use jaq_json::{Num, Val};
use num_traits::ToPrimitive;
use serde_json::{Map, Number};

use super::QueryError;

/// A JSON value for jq.
pub(crate) fn into_jq(value: Value) -> Result<Val, QueryError> {
    Val::deserialize(value).map_err(|error| QueryError::NotJson { what: error.to_string() })
}

/// A jq value as JSON.
pub(crate) fn from_jq(value: &Val) -> Result<Value, QueryError> {
    Ok(match value {
        Val::Null => Value::Null,
        Val::Bool(truth) => Value::Bool(*truth),
        Val::Num(number) => Value::Number(from_number(number)?),
        Val::TStr(text) => Value::String(String::from_utf8_lossy(text).into_owned()),
        Val::BStr(_) => return Err(not_json("a byte string; use `@base64`, or `tostring` when it is text")),
        Val::Arr(items) => Value::Array(items.iter().map(from_jq).collect::<Result<_, _>>()?),
        Val::Obj(fields) => {
            let field = |(name, value): (&Val, &Val)| match name {
                Val::TStr(name) => Ok((String::from_utf8_lossy(name).into_owned(), from_jq(value)?)),
                other => Err(not_json(&format!("an object's name that is not text: {other}"))),
            };
            Value::Object(fields.iter().map(field).collect::<Result<Map<_, _>, _>>()?)
        }
    })
}

fn from_number(number: &Num) -> Result<Number, QueryError> {
    let float = |float: f64| Number::from_f64(float).ok_or_else(|| not_json(&format!("the number {float}")));
    match number {
        Num::Int(whole) => Ok(Number::from(*whole)),
        Num::BigInt(whole) => {
            let small = whole.to_i64().map(Number::from).or_else(|| whole.to_u64().map(Number::from));
            small.ok_or_else(|| not_json(&format!("the whole number {whole} has more than 64 bits; add `0.0` to it for a float")))
        }
        Num::Float(number) => float(*number),
        Num::Dec(digits) => digits.parse().map_err(|_| not_json(digits)).and_then(float),
    }
}

fn not_json(what: &str) -> QueryError {
    QueryError::NotJson { what: what.to_owned() }
}
