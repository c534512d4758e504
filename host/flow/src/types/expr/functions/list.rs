//! Lists and maps.

use std::cmp::Ordering;

use super::super::eval::{EvalCode, Fault};
use super::super::operators;
use super::Call;
use crate::types::Value;

type Run = Result<Value, Fault>;

pub(super) fn range(call: &mut Call<'_>) -> Run {
    let numbers: Vec<i64> = call.args.iter().filter_map(|arg| if let Value::Int(number) = arg { Some(*number) } else { None }).collect();
    let (start, end) = match numbers.as_slice() {
        [end] if call.args.len() == 1 => (0, *end),
        [start, end] => (*start, *end),
        _ => return Err(Fault::argument("a range ends at 9223372036854775807 at most")),
    };
    let count = usize::try_from(i128::from(end) - i128::from(start)).unwrap_or(if end > start { usize::MAX } else { 0 });
    call.budget.values(count)?;
    Ok(Value::list((start..end).map(Value::Int)))
}

pub(super) fn sort(call: &mut Call<'_>) -> Run {
    call.budget.elements(call.items(0)?.len())?;
    let items = call.items(0)?.iter().map(|item| (item.clone(), item.clone())).collect();
    sort_by_key(items, call)
}

/// Sorts values by the keys in front of them; equal keys keep their order.
fn sort_by_key(mut keyed: Vec<(Value, Value)>, call: &mut Call<'_>) -> Run {
    sort_keyed(&mut keyed, call.budget)?;
    Ok(Value::list(keyed.into_iter().map(|(_, value)| value)))
}

/// Sorts pairs by their first value.
pub(in super::super) fn sort_keyed(keyed: &mut [(Value, Value)], budget: &mut super::Budget) -> Result<(), Fault> {
    budget.values(keyed.len())?;
    let mut failed = None;
    keyed.sort_by(|(a, _), (b, _)| {
        if failed.is_some() {
            return Ordering::Equal;
        }
        let ordered = budget.ops(1).and_then(|()| operators::order(a, b, budget));
        ordered.unwrap_or_else(|fault| {
            failed = Some(fault);
            Ordering::Equal
        })
    });
    failed.map_or(Ok(()), Err)
}

pub(super) fn distinct(call: &mut Call<'_>) -> Run {
    let args = call.args;
    let [Value::List(items)] = args else { return Err(Fault::types("a list was expected")) };
    let mut kept: Vec<Value> = Vec::new();
    for item in items.iter() {
        let mut new = true;
        for known in &kept {
            if operators::equal(known, item, call.budget)? {
                new = false;
                break;
            }
        }
        if new {
            call.budget.values(1)?;
            kept.push(item.clone());
        }
    }
    Ok(Value::List(kept.into()))
}

pub(super) fn flatten(call: &mut Call<'_>) -> Run {
    let args = call.args;
    let [Value::List(lists)] = args else { return Err(Fault::types("a list was expected")) };
    let mut all = Vec::new();
    for list in lists.iter() {
        let Value::List(items) = list else {
            return Err(Fault::types(format!("only lists of lists are flattened; this one has a {}", list.kind())));
        };
        call.budget.values(items.len())?;
        all.extend_from_slice(items);
    }
    Ok(Value::List(all.into()))
}

pub(super) fn reverse(call: &mut Call<'_>) -> Run {
    call.budget.values(call.items(0)?.len())?;
    Ok(Value::list(call.items(0)?.iter().rev().cloned()))
}

pub(super) fn slice(call: &mut Call<'_>) -> Run {
    let (start, end) = (call.index(1)?, call.index(2)?);
    let items = call.items(0)?;
    let Some(part) = items.get(start..end) else {
        let message = format!("there are no elements {start} up to {end} in a list of {}", items.len());
        return Err(Fault::new(EvalCode::Index, message));
    };
    let count = part.len();
    call.budget.values(count)?;
    Ok(Value::list(call.items(0)?.iter().skip(start).take(count).cloned()))
}

pub(super) fn first(call: &mut Call<'_>) -> Run {
    Ok(call.items(0)?.first().cloned().unwrap_or_default())
}

pub(super) fn last(call: &mut Call<'_>) -> Run {
    Ok(call.items(0)?.last().cloned().unwrap_or_default())
}

pub(super) fn keys(call: &mut Call<'_>) -> Run {
    let [Value::Map(fields)] = call.args else { return Err(Fault::types("a map was expected")) };
    call.budget.values(fields.len())?;
    Ok(Value::list(fields.iter().map(|(name, _)| Value::String(name.clone()))))
}

pub(super) fn values(call: &mut Call<'_>) -> Run {
    let [Value::Map(fields)] = call.args else { return Err(Fault::types("a map was expected")) };
    call.budget.values(fields.len())?;
    Ok(Value::list(fields.iter().map(|(_, value)| value.clone())))
}
