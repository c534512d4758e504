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

fn float(call: &Call<'_>) -> Result<f64, Fault> {
    match call.args.first() {
        Some(Value::Float(number)) => Ok(*number),
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
