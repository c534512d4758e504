//! What `group-by` computes over the rows of a group.

use std::cmp::Ordering;

use jackfield_sdk::prelude::*;
use serde_json::Number;

use crate::cell::{Key, Num, order};
use crate::condition::{self, Condition, Match};
use crate::error::{TableError, shown};
use crate::rows::{Row, cell, require_column};
use crate::sum::Sum;

/// What is computed. All but `count` of rows, `first` and `last` pass over cells without a value, and answer `null` where no
/// value is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Function {
    /// How many rows; with a `column`, how many values.
    Count,
    /// How many different values.
    CountDistinct,
    /// The sum of numbers: exact when all are whole (an error when it does not fit 64 bits), else a compensated sum of doubles.
    /// The sum of no values is 0.
    Sum,
    /// The arithmetic mean of numbers.
    Mean,
    /// The least value, of numbers, texts or truth values.
    Min,
    /// The greatest value, of numbers, texts or truth values.
    Max,
    /// The middle number: the quantile with `q: 0.5`.
    Median,
    /// The number below which the part `q` of the numbers lies, with linear interpolation between the two nearest: type 7 of
    /// Hyndman and Fan (1996), the default of NumPy, R and spreadsheets.
    Quantile,
    /// The standard deviation of a sample of numbers (divisor n − 1); `null` for fewer than two.
    Stddev,
    /// The cell of the first row, with or without a value.
    First,
    /// The cell of the last row, with or without a value.
    Last,
}

/// One column that is computed for every group.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Aggregate {
    /// What is computed.
    function: Function,
    /// The column it is computed from; only `count` goes without.
    column: Option<String>,
    /// For `quantile`: which one, from 0 to 1.
    q: Option<f64>,
    /// Only the rows of the group that meet all these conditions are looked at.
    #[serde(default, rename = "where")]
    conditions: Vec<Condition>,
    /// The name of the computed column. Without it: `mean_temperature` and the like, or `count`.
    #[serde(rename = "as")]
    name: Option<String>,
    /// Round the result to so many decimal places, the nearest ones. Whole numbers and values that are not numbers stay.
    #[schemars(range(max = 15))]
    round: Option<u8>,
}

impl Aggregate {
    /// The name of the computed column.
    pub(crate) fn name(&self) -> String {
        let function = serde_json::to_value(self.function).ok();
        let function = function.as_ref().and_then(Value::as_str).unwrap_or_default().replace('-', "_");
        match (&self.name, &self.column) {
            (Some(name), _) => name.clone(),
            (None, Some(column)) => format!("{function}_{column}"),
            (None, None) => function,
        }
    }

    /// Refuses what cannot be computed, before any row is looked at.
    pub(crate) fn check(&self, rows: &[Row]) -> Result<(), TableError> {
        let wrong = |what: &str| Err(TableError::BadRequest(format!("the aggregate `{}` {what}", self.name())));
        match (self.function, &self.column) {
            (Function::Count, None) => {}
            (_, None) => return wrong("needs a `column`"),
            (_, Some(column)) => require_column(rows, column)?,
        }
        match (self.function, self.q) {
            (Function::Quantile, None) => return wrong("needs `q`, a number from 0 to 1"),
            (Function::Quantile, Some(q)) if !(0.0..=1.0).contains(&q) => return wrong("needs a `q` from 0 to 1"),
            (Function::Quantile, Some(_)) | (_, None) => {}
            (_, Some(_)) => return wrong("takes no `q`: that is for `quantile`"),
        }
        if self.round.is_some_and(|places| places > 15) {
            return wrong("can be rounded to at most 15 decimal places, because a double has no more");
        }
        condition::check(&self.conditions, rows)
    }

    /// Computes it over the rows of one group.
    pub(crate) fn compute(&self, group: &[&Row]) -> Result<Value, TableError> {
        let mut rows = Vec::with_capacity(group.len());
        for row in group {
            if condition::holds(&self.conditions, Match::All, row)? {
                rows.push(*row);
            }
        }
        let Some(column) = &self.column else { return Ok(Value::from(rows.len())) };
        let cells: Vec<&Value> = rows.iter().map(|row| cell(row, column)).collect();
        self.over(column, &cells).map(|value| self.rounded(value))
    }

    fn over(&self, column: &str, cells: &[&Value]) -> Result<Value, TableError> {
        let values = || cells.iter().copied().filter(|cell| !cell.is_null());
        match self.function {
            Function::Count => Ok(Value::from(values().count())),
            Function::CountDistinct => Ok(Value::from(values().map(Key::of).collect::<std::collections::HashSet<_>>().len())),
            Function::First => Ok(cells.first().map_or(Value::Null, |cell| (*cell).clone())),
            Function::Last => Ok(cells.last().map_or(Value::Null, |cell| (*cell).clone())),
            Function::Min => extreme(column, values(), Ordering::Less),
            Function::Max => extreme(column, values(), Ordering::Greater),
            Function::Sum => sum(&numbers(column, values())?).value().ok_or_else(|| out_of_range(column)),
            Function::Mean => mean(column, &numbers(column, values())?),
            Function::Stddev => stddev(column, &numbers(column, values())?),
            Function::Median => quantile(column, numbers(column, values())?, 0.5),
            Function::Quantile => quantile(column, numbers(column, values())?, self.q.unwrap_or(0.5)),
        }
    }

    fn rounded(&self, value: Value) -> Value {
        match (self.round, &value) {
            // Through the decimal text, because multiplying by a power of ten would round twice.
            (Some(places), Value::Number(number)) if number.is_f64() => {
                let text = format!("{:.*}", usize::from(places), number.as_f64().unwrap_or(0.0));
                text.parse().ok().map(|float: f64| float + 0.0).and_then(Number::from_f64).map_or(value, Value::Number)
            }
            _ => value,
        }
    }
}

fn numbers<'a>(column: &str, values: impl Iterator<Item = &'a Value>) -> Result<Vec<Num>, TableError> {
    let number = |value: &Value| match value {
        Value::Number(number) => Ok(Num::of(number)),
        other => Err(TableError::NotANumber { column: column.to_owned(), found: shown(other) }),
    };
    values.map(number).collect()
}

fn out_of_range(column: &str) -> TableError {
    TableError::OutOfRange { column: column.to_owned() }
}

/// A double as a cell.
fn float(column: &str, float: f64) -> Result<Value, TableError> {
    Number::from_f64(float).map(Value::Number).ok_or_else(|| out_of_range(column))
}

fn extreme<'a>(column: &str, mut values: impl Iterator<Item = &'a Value>, wanted: Ordering) -> Result<Value, TableError> {
    let Some(mut best) = values.next() else { return Ok(Value::Null) };
    for value in std::iter::once(best).chain(values) {
        let order = order(value, best);
        let order = order.ok_or_else(|| TableError::NotComparable { column: column.to_owned(), left: shown(best), right: shown(value) })?;
        if order == wanted {
            best = value;
        }
    }
    Ok(best.clone())
}

fn sum(numbers: &[Num]) -> Sum {
    let mut sum = Sum::default();
    numbers.iter().for_each(|number| sum.add(*number));
    sum
}

fn mean(column: &str, numbers: &[Num]) -> Result<Value, TableError> {
    if numbers.is_empty() {
        return Ok(Value::Null);
    }
    float(column, sum(numbers).mean(numbers.len()).ok_or_else(|| out_of_range(column))?)
}

/// Two passes: the mean, then the squares of the distances from it, which loses nothing where the mean is large.
fn stddev(column: &str, numbers: &[Num]) -> Result<Value, TableError> {
    if numbers.len() < 2 {
        return Ok(Value::Null);
    }
    let mean = sum(numbers).mean(numbers.len()).ok_or_else(|| out_of_range(column))?;
    let mut squares = Sum::default();
    numbers.iter().map(|number| number.to_f64() - mean).for_each(|distance| squares.add(Num::Float(distance * distance)));
    let variance = squares.mean(numbers.len() - 1).ok_or_else(|| out_of_range(column))?;
    float(column, variance.sqrt())
}

/// Hyndman and Fan, *Sample Quantiles in Statistical Packages* (1996), definition 7.
fn quantile(column: &str, mut numbers: Vec<Num>, q: f64) -> Result<Value, TableError> {
    let Some(last) = numbers.len().checked_sub(1) else { return Ok(Value::Null) };
    numbers.sort_by(|left, right| left.order(*right));
    #[expect(clippy::cast_precision_loss, reason = "no table has 2^53 rows")]
    let place = q * last as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the place is between 0 and the last index")]
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let (low, high, part) = (numbers[below].to_f64(), numbers[above].to_f64(), place.fract());
    // As a weighted mean, because `high - low` may be out of range where both are not.
    float(column, if low == high { low } else { low * (1.0 - part) + high * part })
}
