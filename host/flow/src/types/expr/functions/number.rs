//! Numbers, and the least and greatest of anything that has an order.

use std::cmp::Ordering;

use super::super::ast::Arithmetic;
use super::super::eval::Fault;
use super::super::operators;
use super::Call;
use crate::types::Value;

type Run = Result<Value, Fault>;

/// Most decimals that `round` takes: beyond them a double has no digits.
const DECIMALS_MAX: i64 = 15;

pub(super) fn abs(call: &mut Call<'_>) -> Run {
    match call.args.first() {
        Some(Value::Int(number)) => Ok(Value::uint(number.unsigned_abs())),
        Some(Value::Float(number)) => Ok(Value::Float(number.abs())),
        Some(other) => Ok(other.clone()),
        None => Err(Fault::types("a number was expected")),
    }
}

pub(super) fn same(call: &mut Call<'_>) -> Run {
    Ok(call.args.first().cloned().unwrap_or_default())
}

pub(super) fn trunc(call: &mut Call<'_>) -> Run {
    float(call).map(|number| Value::Float(number.trunc()))
}

pub(super) fn sign(call: &mut Call<'_>) -> Run {
    match call.args.first() {
        // A zero keeps its sign, as it has no other.
        Some(Value::Float(number)) => Ok(Value::Float(if *number == 0.0 { *number } else { number.signum() })),
        _ => whole(call, 0).map(|number| Value::Int(i64::from(number > 0) - i64::from(number < 0))),
    }
}

pub(super) fn sqrt(call: &mut Call<'_>) -> Run {
    let number = match call.args.first() {
        Some(Value::Float(number)) => *number,
        Some(Value::Int(number)) => *number as f64,
        Some(Value::UInt(number)) => *number as f64,
        _ => return Err(Fault::types("a number was expected")),
    };
    if number < 0.0 {
        return Err(Fault::argument(format!("{number:?} is negative and has no square root")));
    }
    Ok(Value::Float(number.sqrt()))
}

/// A whole number of 65 bits.
fn whole(call: &Call<'_>, at: usize) -> Result<i128, Fault> {
    match call.args.get(at) {
        Some(Value::Int(number)) => Ok(i128::from(*number)),
        Some(Value::UInt(number)) => Ok(i128::from(*number)),
        _ => Err(Fault::types("a whole number was expected")),
    }
}

/// A negative number has ones without end above its bits, so that each result is the exact one or none.
fn bits(number: i128) -> Run {
    operators::narrow(number).ok_or_else(|| Fault::overflow(format!("{number} is outside -9223372036854775808 to 18446744073709551615")))
}

pub(super) fn bit_and(call: &mut Call<'_>) -> Run {
    bits(whole(call, 0)? & whole(call, 1)?)
}

pub(super) fn bit_or(call: &mut Call<'_>) -> Run {
    bits(whole(call, 0)? | whole(call, 1)?)
}

pub(super) fn bit_xor(call: &mut Call<'_>) -> Run {
    bits(whole(call, 0)? ^ whole(call, 1)?)
}

pub(super) fn bit_not(call: &mut Call<'_>) -> Run {
    bits(!whole(call, 0)?)
}

/// How far bits are moved; further than all of them is as far as all of them.
fn distance(call: &Call<'_>) -> Result<u32, Fault> {
    let by = call.index(1)?;
    Ok(u32::try_from(by.min(64)).unwrap_or(64))
}

pub(super) fn shift_left(call: &mut Call<'_>) -> Run {
    let by = distance(call)?;
    Ok(match call.args.first() {
        Some(Value::Int(number)) => Value::Int(number.checked_shl(by).unwrap_or(0)),
        Some(Value::UInt(number)) => Value::uint(number.checked_shl(by).unwrap_or(0)),
        _ => return Err(Fault::types("a whole number was expected")),
    })
}

pub(super) fn shift_right(call: &mut Call<'_>) -> Run {
    let by = distance(call)?;
    let bits = match call.args.first() {
        Some(Value::Int(number)) => number.cast_unsigned(),
        Some(Value::UInt(number)) => *number,
        _ => return Err(Fault::types("a whole number was expected")),
    };
    // What is left of the bits of a negative number is a positive one, unless none is moved.
    if by == 0 {
        return same(call);
    }
    Ok(Value::uint(bits.checked_shr(by).unwrap_or(0)))
}

fn float(call: &Call<'_>) -> Result<f64, Fault> {
    match call.args.first() {
        Some(Value::Float(number)) => Ok(*number),
        Some(Value::Int(0)) => Ok(0.0),
        _ => Err(Fault::types("a float was expected")),
    }
}

pub(super) fn round(call: &mut Call<'_>) -> Run {
    let number = float(call)?;
    let decimals = match call.args.get(1) {
        None => 0,
        Some(Value::Int(decimals @ 0..=DECIMALS_MAX)) => *decimals,
        Some(other) => return Err(Fault::argument(format!("decimals are 0 to {DECIMALS_MAX}, not {other}"))),
    };
    let scale = 10_f64.powi(i32::try_from(decimals).unwrap_or(0));
    let scaled = (number * scale).round() / scale;
    // Too large to have decimals: it is rounded already.
    Ok(Value::Float(if scaled.is_finite() { scaled } else { number }))
}

pub(super) fn floor(call: &mut Call<'_>) -> Run {
    float(call).map(|number| Value::Float(number.floor()))
}

pub(super) fn ceil(call: &mut Call<'_>) -> Run {
    float(call).map(|number| Value::Float(number.ceil()))
}

pub(super) fn min(call: &mut Call<'_>) -> Run {
    best(call, Ordering::Less)
}

pub(super) fn max(call: &mut Call<'_>) -> Run {
    best(call, Ordering::Greater)
}

fn best(call: &mut Call<'_>, wanted: Ordering) -> Run {
    let args = call.args;
    let values = match args {
        [Value::List(items)] => items,
        _ => args,
    };
    let Some((first, rest)) = values.split_first() else {
        return Err(Fault::argument("an empty list has neither a least nor a greatest value: ask for its size first"));
    };
    let mut best = first;
    for value in rest {
        if operators::order(value, best, call.budget)? == wanted {
            best = value;
        }
    }
    Ok(best.clone())
}

pub(super) fn sum(call: &mut Call<'_>) -> Run {
    let [Value::List(items)] = call.args else { return Err(Fault::types("a list was expected")) };
    let mut items = items.iter();
    let Some(first) = items.next() else { return Ok(Value::Int(0)) };
    let mut sum = first.clone();
    for item in items {
        sum = operators::arithmetic(Arithmetic::Add, &sum, item, call.budget)?;
    }
    Ok(sum)
}
