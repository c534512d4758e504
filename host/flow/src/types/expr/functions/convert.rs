//! Conversions between types, and out of `json`.

use std::fmt::Display;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use jiff::Timestamp;

use super::super::eval::{EvalCode, Fault};
use super::Call;
use crate::types::time::in_years;
use crate::types::ty::{shown, whole};
use crate::types::{JsonLimits, Type, Value, format_duration, parse_duration, parse_timestamp};

/// The standard alphabet, with or without `=` at the end.
const LENIENT: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

type Run = Result<Value, Fault>;

fn arg<'a>(call: &Call<'a>) -> Result<&'a Value, Fault> {
    call.args.first().ok_or_else(|| Fault::types("an argument is missing"))
}

fn cannot(value: &Value, what: impl Display) -> Fault {
    Fault::new(EvalCode::Convert, format!("{} {what}", shown(value)))
}

/// Makes a text, and charges it.
fn text(call: &mut Call<'_>, text: &str) -> Run {
    call.budget.bytes(text.len())?;
    Ok(Value::string(text))
}

pub(super) fn same(call: &mut Call<'_>) -> Run {
    arg(call).cloned()
}

pub(super) fn to_int(call: &mut Call<'_>) -> Run {
    let value = arg(call)?;
    let number = match value {
        Value::Int(_) | Value::UInt(_) => Some(value.clone()),
        Value::Float(number) => whole(number.trunc()),
        Value::String(text) if text.starts_with('-') => text.parse().ok().map(Value::Int),
        Value::String(text) => text.parse().ok().map(Value::uint),
        Value::Timestamp(instant) => Some(Value::Int(instant.as_second())),
        _ => None,
    };
    number.ok_or_else(|| cannot(value, "is not a whole number from -9223372036854775808 to 18446744073709551615"))
}

pub(super) fn to_uint(call: &mut Call<'_>) -> Run {
    match to_int(call)? {
        Value::Int(number @ ..0) => Err(cannot(&Value::Int(number), "is negative")),
        number => Ok(number),
    }
}

pub(super) fn to_float(call: &mut Call<'_>) -> Run {
    let value = arg(call)?;
    let number = match value {
        Value::Float(number) => Some(*number),
        Value::Int(number) => Some(*number as f64),
        Value::UInt(number) => Some(*number as f64),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    };
    number.map(Value::Float).ok_or_else(|| cannot(value, "is not a finite number"))
}

pub(super) fn to_string(call: &mut Call<'_>) -> Run {
    let value = arg(call)?;
    let made = match value {
        Value::String(_) => return Ok(value.clone()),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Float(number) => float_text(*number),
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(made) => made.to_owned(),
            Err(error) => return Err(cannot(value, format_args!("are not UTF-8 from byte {} on", error.valid_up_to()))),
        },
        Value::Timestamp(instant) => instant.to_string(),
        Value::Duration(duration) => format_duration(*duration),
        Value::Null => return Err(cannot(value, "has no text: use `.orValue(...)`")),
        Value::List(_) | Value::Map(_) => return Err(cannot(value, "has no text: use `to_json(...)`")),
    };
    text(call, &made)
}

/// The shortest text that reads back as the same double; `1.0` is `1`, as in CEL.
pub(super) fn float_text(number: f64) -> String {
    let mut text = format!("{number:?}");
    if text.ends_with(".0") {
        text.truncate(text.len() - 2);
    }
    text
}

pub(super) fn to_bool(call: &mut Call<'_>) -> Run {
    let value = arg(call)?;
    match value {
        Value::Bool(_) => Ok(value.clone()),
        Value::String(text) => match &**text {
            "true" | "True" | "TRUE" | "t" | "1" => Ok(Value::Bool(true)),
            "false" | "False" | "FALSE" | "f" | "0" => Ok(Value::Bool(false)),
            _ => Err(cannot(value, "is neither true nor false")),
        },
        _ => Err(cannot(value, "is neither true nor false")),
    }
}

pub(super) fn to_bytes(call: &mut Call<'_>) -> Run {
    let bytes = call.text(0)?.as_bytes();
    let made = Value::Bytes(bytes.into());
    let len = bytes.len();
    call.budget.bytes(len)?;
    Ok(made)
}

pub(super) fn to_timestamp(call: &mut Call<'_>) -> Run {
    let value = arg(call)?;
    let instant = match value {
        Value::Timestamp(instant) => Some(*instant),
        Value::String(text) => parse_timestamp(text),
        Value::Int(seconds) => Timestamp::from_second(*seconds).ok().and_then(in_years),
        _ => None,
    };
    instant.map(Value::Timestamp).ok_or_else(|| cannot(value, "is no instant: write \"2024-05-01T12:00:00Z\" or seconds since 1970"))
}

pub(super) fn to_duration(call: &mut Call<'_>) -> Run {
    let value = arg(call)?;
    let duration = match value {
        Value::Duration(duration) => Some(*duration),
        Value::String(text) => parse_duration(text),
        _ => None,
    };
    duration.map(Value::Duration).ok_or_else(|| cannot(value, "is no span of time: write \"1h30m\" or \"1.5s\""))
}

pub(super) fn type_name(call: &mut Call<'_>) -> Run {
    Ok(Value::string(arg(call)?.kind()))
}

fn checked(call: &Call<'_>, ty: &Type) -> Run {
    let value = arg(call)?;
    ty.check(value).map_err(|_| cannot(value, format_args!("is not of type {ty}")))
}

pub(super) fn as_bool(call: &mut Call<'_>) -> Run {
    checked(call, &Type::Bool)
}

pub(super) fn as_int(call: &mut Call<'_>) -> Run {
    checked(call, &Type::Int)
}

pub(super) fn as_float(call: &mut Call<'_>) -> Run {
    checked(call, &Type::Float)
}

pub(super) fn as_string(call: &mut Call<'_>) -> Run {
    checked(call, &Type::String)
}

pub(super) fn as_list(call: &mut Call<'_>) -> Run {
    match arg(call)? {
        list @ Value::List(_) => Ok(list.clone()),
        value => Err(cannot(value, "is not a list")),
    }
}

pub(super) fn as_map(call: &mut Call<'_>) -> Run {
    match arg(call)? {
        map @ Value::Map(_) => Ok(map.clone()),
        value => Err(cannot(value, "is not a map")),
    }
}

pub(super) fn from_json(call: &mut Call<'_>) -> Run {
    let text = call.text(0)?;
    let len = text.len();
    // Every value takes at least two bytes of text, and memory of several: charge before reading.
    let values = text.bytes().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count() + 1;
    let limits = JsonLimits { bytes: call.budget.bytes_left(), depth: 64, nodes: usize::MAX };
    let text = call.text(0)?.to_owned();
    call.budget.bytes(len)?;
    call.budget.values(values)?;
    Value::from_json(&text, limits).map_err(|error| Fault::new(EvalCode::Convert, error.to_string()))
}

pub(super) fn to_json(call: &mut Call<'_>) -> Run {
    let Some(made) = arg(call)?.to_json_within(call.budget.bytes_left()) else { return Err(call.budget.bytes_gone()) };
    call.budget.scan(made.len())?;
    text(call, &made)
}

pub(super) fn base64_encode(call: &mut Call<'_>) -> Run {
    match arg(call)? {
        Value::Bytes(bytes) => {
            call.budget.bytes(bytes.len().div_ceil(3) * 4)?;
            Ok(Value::string(STANDARD.encode(bytes)))
        }
        value => Err(cannot(value, "is not bytes")),
    }
}

pub(super) fn base64_decode(call: &mut Call<'_>) -> Run {
    let value = arg(call)?;
    let bytes = LENIENT.decode(call.text(0)?).map_err(|error| cannot(value, format_args!("is not base64 text: {error}")))?;
    call.budget.bytes(bytes.len())?;
    Ok(Value::Bytes(bytes.into()))
}
