//! Values that may be nothing.

use super::super::eval::{EvalCode, Fault};
use super::Call;
use crate::types::Value;

pub(super) fn or_value(call: &mut Call<'_>) -> Result<Value, Fault> {
    let given = call.args.iter().find(|arg| !matches!(arg, Value::Null));
    Ok(given.cloned().unwrap_or_default())
}

pub(super) fn of(call: &mut Call<'_>) -> Result<Value, Fault> {
    Ok(call.args.first().cloned().unwrap_or_default())
}

pub(super) fn none(_: &mut Call<'_>) -> Result<Value, Fault> {
    Ok(Value::Null)
}

pub(super) fn of_non_zero(call: &mut Call<'_>) -> Result<Value, Fault> {
    let value = of(call)?;
    let zero = match &value {
        Value::Null => true,
        Value::Bool(truth) => !truth,
        Value::Int(number) => *number == 0,
        Value::UInt(number) => *number == 0,
        Value::Float(number) => *number == 0.0,
        Value::String(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Map(fields) => fields.is_empty(),
        Value::Duration(span) => span.is_zero(),
        Value::Timestamp(_) => false,
    };
    Ok(if zero { Value::Null } else { value })
}

pub(super) fn value(call: &mut Call<'_>) -> Result<Value, Fault> {
    match of(call)? {
        Value::Null => Err(Fault::new(EvalCode::Missing, "there is no value: ask first with `hasValue()`, or use `orValue(...)`")),
        value => Ok(value),
    }
}

pub(super) fn has_value(call: &mut Call<'_>) -> Result<Value, Fault> {
    Ok(Value::Bool(!matches!(call.args.first(), None | Some(Value::Null))))
}
