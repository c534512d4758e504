//! `select`: the columns that are wanted, under the names that are wanted.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_sdk::prelude::*;

use crate::error::TableError;
use crate::rows::{Row, Rows, cell, require_column, require_different};

/// Keeps, leaves out, orders and renames columns.
///
/// With `columns`, every row of the answer has exactly these columns in this order, `null` where the row has no such cell.
/// Without it, rows keep all their columns but those in `drop`.
#[task(
    title = "Select columns",
    example_input = r#"{"rows": [{"a": 1, "b": 2, "c": 3}], "columns": ["c", "a"], "rename": {"c": "count"}}"#,
    example_output = r#"{"rows": [{"count": 3, "a": 1}]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn select(
    /// The rows.
    rows: Vec<Row>,
    /// The columns to keep, in order.
    columns: Option<Vec<String>>,
    /// Columns to leave out; not together with `columns`.
    #[serde(default)]
    drop: BTreeSet<String>,
    /// New names by old name. The place of the column stays.
    #[serde(default)]
    rename: BTreeMap<String, String>,
) -> Result<Rows, TableError> {
    if columns.is_some() && !drop.is_empty() {
        return Err(TableError::BadRequest("`columns` already says what is kept: leave `drop` away".into()));
    }
    for column in columns.iter().flatten().chain(&drop).chain(rename.keys()) {
        require_column(&rows, column)?;
    }
    let new_name = |old: &str| rename.get(old).map_or(old, String::as_str).to_owned();
    let Some(columns) = columns else {
        let rows = rows.into_iter().map(|row| without(row, &drop, new_name)).collect::<Result<_, _>>()?;
        return Ok(Rows { rows });
    };
    let names: Vec<String> = columns.iter().map(|column| new_name(column)).collect();
    require_different(names.iter().map(String::as_str))?;
    let pick = |row: &Row| columns.iter().zip(&names).map(|(old, new)| (new.clone(), cell(row, old).clone())).collect();
    Ok(Rows { rows: rows.iter().map(pick).collect() })
}

fn without(row: Row, drop: &BTreeSet<String>, new_name: impl Fn(&str) -> String) -> Result<Row, TableError> {
    let mut kept = Row::with_capacity(row.len());
    for (column, cell) in row.into_iter().filter(|(column, _)| !drop.contains(column)) {
        let name = new_name(&column);
        if kept.insert(name.clone(), cell).is_some() {
            return Err(TableError::ColumnTwice { column: name });
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::testing::{assert_error, assert_rows, rows};

    #[track_caller]
    fn ask(columns: Value, drop: Value, rename: Value) -> Result<Rows, TableError> {
        let table = rows(json!([{"a": 1, "b": 2, "c": 3}, {"c": 6, "a": 4}]));
        let from = |value| serde_json::from_value(value).unwrap();
        select(table, serde_json::from_value(columns).unwrap(), from(drop), serde_json::from_value(rename).unwrap())
    }

    #[test]
    fn columns_choose_order_and_fill() {
        assert_rows(ask(json!(["c", "b"]), json!([]), json!({"b": "B"})), json!([{"c": 3, "B": 2}, {"c": 6, "B": null}]));
    }

    #[test]
    fn without_columns_rows_stay_as_they_are() {
        assert_rows(ask(json!(null), json!(["c"]), json!({"a": "A"})), json!([{"A": 1, "b": 2}, {"A": 4}]));
    }

    #[test]
    fn names_can_be_swapped() {
        assert_rows(ask(json!(["a", "c"]), json!([]), json!({"a": "c", "c": "a"})), json!([{"c": 1, "a": 3}, {"c": 4, "a": 6}]));
        assert_rows(ask(json!(null), json!(["b"]), json!({"a": "c", "c": "a"})), json!([{"c": 1, "a": 3}, {"a": 6, "c": 4}]));
    }

    #[test]
    fn what_cannot_be_asked() {
        assert_error(ask(json!(["z"]), json!([]), json!({})), "no-such-column", "`z`");
        assert_error(ask(json!(null), json!(["z"]), json!({})), "no-such-column", "`z`");
        assert_error(ask(json!(null), json!([]), json!({"z": "y"})), "no-such-column", "`z`");
        assert_error(ask(json!(["a", "a"]), json!([]), json!({})), "column-twice", "`a`");
        assert_error(ask(json!(null), json!([]), json!({"a": "b"})), "column-twice", "`b`");
        assert_error(ask(json!(["a"]), json!(["b"]), json!({})), "bad-request", "`drop`");
    }
}
