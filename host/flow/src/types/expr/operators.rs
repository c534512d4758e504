//! Operators on values.

use std::cmp::Ordering;
use std::sync::Arc;

use jiff::SignedDuration;

use super::ast::Arithmetic;
use super::budget::Budget;
use super::eval::{EvalCode, Fault};
use crate::types::Value;
use crate::types::time::in_years;

type Run = Result<Value, Fault>;

pub(super) fn arithmetic(op: Arithmetic, left: &Value, right: &Value, budget: &mut Budget) -> Run {
    if let (Value::Int(a), Value::Int(b)) = (left, right) {
        let exact = match op {
            Arithmetic::Add => a.checked_add(*b),
            Arithmetic::Subtract => a.checked_sub(*b),
            Arithmetic::Multiply => a.checked_mul(*b),
            Arithmetic::Divide => a.checked_div(*b),
            Arithmetic::Remainder => a.checked_rem(*b),
        };
        if let Some(exact) = exact {
            return Ok(Value::Int(exact));
        }
    }
    if let (Some(a), Some(b)) = (whole(left), whole(right)) {
        return whole_arithmetic(op, a, b);
    }
    match (op, left, right) {
        (Arithmetic::Add, Value::String(a), Value::String(b)) => {
            budget.bytes(a.len() + b.len())?;
            let mut text = String::with_capacity(a.len() + b.len());
            text.push_str(a);
            text.push_str(b);
            Ok(Value::string(text))
        }
        (Arithmetic::Add, Value::List(a), Value::List(b)) => {
            budget.values(a.len() + b.len())?;
            Ok(Value::list(a.iter().chain(b.iter()).cloned()))
        }
        (Arithmetic::Add, Value::Bytes(a), Value::Bytes(b)) => {
            budget.bytes(a.len() + b.len())?;
            Ok(Value::Bytes(Arc::from([&**a, &**b].concat())))
        }
        _ => match (float(left), float(right)) {
            // The checker keeps whole numbers and doubles apart; here they meet where a sum of no doubles is `0`.
            (Some(a), Some(b)) => float_arithmetic(op, a, b),
            _ => time_arithmetic(op, left, right),
        },
    }
}

fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Int(number) => Some(i128::from(*number)),
        Value::UInt(number) => Some(i128::from(*number)),
        _ => None,
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(*number),
        Value::Int(number) => Some(*number as f64),
        Value::UInt(number) => Some(*number as f64),
        _ => None,
    }
}

/// Numbers of 65 bits, so that nothing but a product can leave 128 bits.
fn whole_arithmetic(op: Arithmetic, a: i128, b: i128) -> Run {
    let exact = match op {
        Arithmetic::Add => Some(a + b),
        Arithmetic::Subtract => Some(a - b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide | Arithmetic::Remainder if b == 0 => {
            return Err(Fault::new(EvalCode::DivideByZero, format!("{a} {} 0 has no value", op.symbol())));
        }
        Arithmetic::Divide => Some(a / b),
        Arithmetic::Remainder => Some(a % b),
    };
    exact.and_then(narrow).ok_or_else(|| {
        let range = "outside -9223372036854775808 to 18446744073709551615";
        Fault::overflow(format!("{a} {} {b} is {range}", op.symbol()))
    })
}

/// A whole number, when it is in the range of its type.
pub(super) fn narrow(number: i128) -> Option<Value> {
    i64::try_from(number).map(Value::Int).or_else(|_| u64::try_from(number).map(Value::UInt)).ok()
}

fn float_arithmetic(op: Arithmetic, a: f64, b: f64) -> Run {
    let result = match op {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide | Arithmetic::Remainder if b == 0.0 => {
            return Err(Fault::new(EvalCode::DivideByZero, format!("{a:?} {} {b:?} has no value", op.symbol())));
        }
        Arithmetic::Divide => a / b,
        Arithmetic::Remainder => return Err(Fault::types("`%` is for whole numbers")),
    };
    if result.is_finite() {
        return Ok(Value::Float(result));
    }
    Err(Fault::overflow(format!("{a:?} {} {b:?} is beyond the largest double", op.symbol())))
}

fn time_arithmetic(op: Arithmetic, left: &Value, right: &Value) -> Run {
    let result = match (op, left, right) {
        (Arithmetic::Add, Value::Timestamp(at), Value::Duration(span)) | (Arithmetic::Add, Value::Duration(span), Value::Timestamp(at)) => {
            at.checked_add(*span).ok().and_then(in_years).map(Value::Timestamp)
        }
        (Arithmetic::Subtract, Value::Timestamp(at), Value::Duration(span)) => {
            at.checked_sub(*span).ok().and_then(in_years).map(Value::Timestamp)
        }
        (Arithmetic::Subtract, Value::Timestamp(a), Value::Timestamp(b)) => Some(Value::Duration(a.duration_since(*b))),
        (Arithmetic::Add, Value::Duration(a), Value::Duration(b)) => a.checked_add(*b).map(Value::Duration),
        (Arithmetic::Subtract, Value::Duration(a), Value::Duration(b)) => a.checked_sub(*b).map(Value::Duration),
        _ => {
            return Err(Fault::types(format!("`{}` does not take {} and {}", op.symbol(), left.kind(), right.kind())));
        }
    };
    result.ok_or_else(|| Fault::overflow(format!("{left} {} {right} is beyond the times that can be written", op.symbol())))
}

pub(super) fn negate(value: &Value) -> Run {
    let negated = match value {
        Value::Float(number) => return Ok(Value::Float(-number)),
        Value::Duration(span) => span.checked_neg().map(Value::Duration),
        _ => match whole(value) {
            Some(number) => narrow(-number),
            None => return Err(Fault::types(format!("`-` does not take a {}", value.kind()))),
        },
    };
    negated.ok_or_else(|| Fault::overflow(format!("-({value}) is below the least value")))
}

/// Which of two values of one type comes first.
pub(super) fn order(left: &Value, right: &Value, budget: &mut Budget) -> Result<Ordering, Fault> {
    let ordering = match (left, right) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::String(a), Value::String(b)) => {
            budget.scan(a.len().min(b.len()))?;
            Some(a.cmp(b))
        }
        (Value::Bytes(a), Value::Bytes(b)) => {
            budget.scan(a.len().min(b.len()))?;
            Some(a.cmp(b))
        }
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Timestamp(a), Value::Timestamp(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(SignedDuration::cmp(a, b)),
        _ => left.number_cmp(right),
    };
    ordering.ok_or_else(|| Fault::types(format!("a {} and a {} have no order", left.kind(), right.kind())))
}

/// Whether two values mean the same, charged for every element compared.
pub(super) fn equal(left: &Value, right: &Value, budget: &mut Budget) -> Result<bool, Fault> {
    budget.ops(1)?;
    match (left, right) {
        (Value::String(a), Value::String(b)) => {
            let same = a.len() == b.len();
            budget.scan(if same { a.len() } else { 0 })?;
            Ok(same && a == b)
        }
        (Value::Bytes(a), Value::Bytes(b)) => {
            budget.scan(a.len().min(b.len()))?;
            Ok(a == b)
        }
        (Value::List(a), Value::List(b)) => {
            if a.len() != b.len() {
                return Ok(false);
            }
            for (a, b) in a.iter().zip(b.iter()) {
                if !equal(a, b, budget)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Map(a), Value::Map(b)) => {
            if a.len() != b.len() {
                return Ok(false);
            }
            for (name, a) in a.iter() {
                match b.get(name) {
                    Some(b) if equal(a, b, budget)? => {}
                    _ => return Ok(false),
                }
            }
            Ok(true)
        }
        _ => Ok(left == right),
    }
}
