//! Conditions on a row, as data.

use std::cmp::Ordering;

use jackfield_sdk::prelude::*;

use crate::cell::{Key, order};
use crate::error::{TableError, shown};
use crate::rows::{Row, cell, require_column};

/// How a cell is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Op {
    /// It means the same as `value`: `1` equals `1.0`, and `null` equals only `null`.
    Eq,
    /// It does not mean the same as `value`.
    Ne,
    /// It is less than `value`. A cell without a value never is; the same goes for `le`, `gt` and `ge`.
    Lt,
    /// It is less than or equal to `value`.
    Le,
    /// It is greater than `value`.
    Gt,
    /// It is greater than or equal to `value`.
    Ge,
    /// It equals one of the values in the list `value`.
    In,
    /// It equals none of the values in the list `value`.
    NotIn,
    /// It is a text that contains the text `value`.
    Contains,
    /// It is a text that begins with the text `value`.
    StartsWith,
    /// It is a text that ends with the text `value`.
    EndsWith,
    /// It has no value. `value` is not used.
    IsNull,
    /// It has a value. `value` is not used.
    NotNull,
}

/// One condition on a row.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Condition {
    /// The column whose cell is looked at.
    column: String,
    /// How it is compared.
    op: Op,
    /// What it is compared with.
    #[serde(default)]
    value: Value,
}

/// Whether all conditions must hold or one is enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Match {
    /// All. No condition at all lets every row through.
    #[default]
    All,
    /// One. No condition at all lets no row through.
    Any,
}

/// Checks conditions against the rows they are for, before the first row is looked at.
pub(crate) fn check(conditions: &[Condition], rows: &[Row]) -> Result<(), TableError> {
    for Condition { column, op, value } in conditions {
        require_column(rows, column)?;
        let (fits, wanted) = match op {
            Op::Eq | Op::Ne | Op::IsNull | Op::NotNull => (true, ""),
            Op::Lt | Op::Le | Op::Gt | Op::Ge => (order(value, value).is_some(), "a number, a text or a truth value"),
            Op::In | Op::NotIn => (value.is_array(), "a list"),
            Op::Contains | Op::StartsWith | Op::EndsWith => (value.is_string(), "a text"),
        };
        if !fits {
            return Err(TableError::BadRequest(format!("the condition on `{column}` needs {wanted} as `value`, not {}", shown(value))));
        }
    }
    Ok(())
}

/// Whether a row is let through.
pub(crate) fn holds(conditions: &[Condition], matching: Match, row: &Row) -> Result<bool, TableError> {
    for condition in conditions {
        let held = condition.holds(row)?;
        if held != (matching == Match::All) {
            return Ok(held);
        }
    }
    Ok(matching == Match::All)
}

impl Condition {
    fn holds(&self, row: &Row) -> Result<bool, TableError> {
        let cell = cell(row, &self.column);
        let ordered = |wanted: fn(Ordering) -> bool| {
            if cell.is_null() {
                return Ok(false);
            }
            order(cell, &self.value).map(wanted).ok_or_else(|| self.not_comparable(cell))
        };
        let texts = |wanted: fn(&str, &str) -> bool| match (cell, &self.value) {
            (Value::String(text), Value::String(part)) => Ok(wanted(text, part)),
            (Value::Null, _) => Ok(false),
            _ => Err(self.not_comparable(cell)),
        };
        match self.op {
            Op::Eq => Ok(same(cell, &self.value)),
            Op::Ne => Ok(!same(cell, &self.value)),
            Op::Lt => ordered(Ordering::is_lt),
            Op::Le => ordered(Ordering::is_le),
            Op::Gt => ordered(Ordering::is_gt),
            Op::Ge => ordered(Ordering::is_ge),
            Op::In => Ok(self.one_of(cell)),
            Op::NotIn => Ok(!self.one_of(cell)),
            Op::Contains => texts(|text, part| text.contains(part)),
            Op::StartsWith => texts(|text, part| text.starts_with(part)),
            Op::EndsWith => texts(|text, part| text.ends_with(part)),
            Op::IsNull => Ok(cell.is_null()),
            Op::NotNull => Ok(!cell.is_null()),
        }
    }

    fn one_of(&self, cell: &Value) -> bool {
        self.value.as_array().is_some_and(|values| values.iter().any(|value| same(cell, value)))
    }

    fn not_comparable(&self, cell: &Value) -> TableError {
        TableError::NotComparable { column: self.column.clone(), left: shown(cell), right: shown(&self.value) }
    }
}

fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        // The common case, without a copy.
        (Value::String(a), Value::String(b)) => a == b,
        _ => Key::of(left) == Key::of(right),
    }
}
