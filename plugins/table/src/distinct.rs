//! `distinct`: no row twice.

use std::collections::{BTreeSet, HashSet};

use jackfield_sdk::prelude::*;

use crate::cell::Key;
use crate::error::TableError;
use crate::rows::{Row, Rows, cell, require_column, require_different};

/// Keeps the first of all rows that are the same.
///
/// With `columns`, rows are the same when these cells are, and the answer has only these columns.
#[task(
    title = "Distinct rows",
    example_input = r#"{"rows": [{"city": "Rome", "day": 1}, {"city": "Oslo", "day": 1}, {"city": "Rome", "day": 2}], "columns": ["city"]}"#,
    example_output = r#"{"rows": [{"city": "Rome"}, {"city": "Oslo"}]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn distinct(
    /// The rows.
    rows: Vec<Row>,
    /// The columns to look at; all of them when it is left away.
    columns: Option<Vec<String>>,
) -> Result<Rows, TableError> {
    let mut seen = HashSet::new();
    let Some(columns) = columns else {
        let names: BTreeSet<String> = rows.iter().flat_map(Row::keys).cloned().collect();
        let key = |row: &Row| names.iter().map(|name| Key::of(cell(row, name))).collect::<Vec<_>>();
        return Ok(Rows { rows: rows.into_iter().filter(|row| seen.insert(key(row))).collect() });
    };
    require_different(columns.iter().map(String::as_str))?;
    columns.iter().try_for_each(|column| require_column(&rows, column))?;
    let first = rows.iter().filter(|row| seen.insert(columns.iter().map(|column| Key::of(cell(row, column))).collect()));
    let pick = |row: &Row| columns.iter().map(|column| (column.clone(), cell(row, column).clone())).collect();
    Ok(Rows { rows: first.map(pick).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::testing::{assert_error, assert_rows, rows};

    #[test]
    fn of_all_columns() {
        let table = rows(json!([{"a": 1, "b": null}, {"b": 2, "a": 1}, {"a": 1.0}, {"a": "1"}]));
        assert_rows(distinct(table, None), json!([{"a": 1, "b": null}, {"b": 2, "a": 1}, {"a": "1"}]));
    }

    #[test]
    fn of_some_columns() {
        let table = rows(json!([{"a": 2, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 3}, {"b": 4}]));
        assert_rows(distinct(table.clone(), Some(vec!["a".into()])), json!([{"a": 2}, {"a": 1}, {"a": null}]));
        assert_error(distinct(table, Some(vec!["z".into()])), "no-such-column", "`z`");
    }
}
