//! `sort`: rows in order.

use std::cmp::Ordering;

use jackfield_sdk::prelude::*;

use crate::cell::order;
use crate::error::{TableError, shown};
use crate::rows::{Row, Rows, cell, require_column};

/// Which way a column is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    /// The least first.
    #[default]
    Asc,
    /// The greatest first.
    Desc,
}

/// One column to sort by.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SortKey {
    /// The column. All its values must be numbers, or all texts (sorted by Unicode code point), or all truth values.
    column: String,
    /// Which way. Cells without a value come last either way.
    #[serde(default)]
    order: Direction,
}

/// Puts rows in order, by the first column, then the next where that is the same, and so on.
///
/// The sort is stable: rows that are the same in all columns keep the order they had.
#[task(
    title = "Sort rows",
    example_input = r#"{"rows": [{"city": "Oslo", "rain": 1}, {"city": "Rome", "rain": 3}], "by": [{"column": "rain", "order": "desc"}], "limit": 1}"#,
    example_output = r#"{"rows": [{"city": "Rome", "rain": 3}]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn sort(
    /// The rows.
    mut rows: Vec<Row>,
    /// The columns to sort by, the most important first.
    by: Vec<SortKey>,
    /// How many rows to keep, from the first; all when it is left away.
    limit: Option<u64>,
) -> Result<Rows, TableError> {
    for key in &by {
        require_one_kind(&rows, &key.column)?;
    }
    rows.sort_by(|left, right| {
        by.iter()
            .map(|key| compare(cell(left, &key.column), cell(right, &key.column), key.order))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    if let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok()) {
        rows.truncate(limit);
    }
    Ok(Rows { rows })
}

/// Refuses a column whose values have no order between them.
fn require_one_kind(rows: &[Row], column: &str) -> Result<(), TableError> {
    require_column(rows, column)?;
    let mut values = rows.iter().map(|row| cell(row, column)).filter(|cell| !cell.is_null());
    let Some(first) = values.next() else { return Ok(()) };
    match std::iter::once(first).chain(values).find(|value| order(first, value).is_none()) {
        Some(other) => Err(TableError::NotComparable { column: column.to_owned(), left: shown(first), right: shown(other) }),
        None => Ok(()),
    }
}

fn compare(left: &Value, right: &Value, direction: Direction) -> Ordering {
    match (left.is_null(), right.is_null()) {
        (false, false) => {
            let ascending = order(left, right).unwrap_or(Ordering::Equal);
            if direction == Direction::Asc { ascending } else { ascending.reverse() }
        }
        (left_null, right_null) => left_null.cmp(&right_null),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::testing::{assert_error, assert_rows, rows};

    fn ask(table: Value, by: Value, limit: Option<u64>) -> Result<Rows, TableError> {
        sort(rows(table), serde_json::from_value(by).unwrap(), limit)
    }

    #[test]
    fn by_several_columns_and_stable() {
        let table = json!([{"a": 2, "b": "x", "n": 1}, {"a": 1, "b": "y", "n": 2}, {"a": 2, "b": "z", "n": 3}, {"a": 1, "b": "y", "n": 4}]);
        let sorted =
            json!([{"a": 1, "b": "y", "n": 2}, {"a": 1, "b": "y", "n": 4}, {"a": 2, "b": "z", "n": 3}, {"a": 2, "b": "x", "n": 1}]);
        assert_rows(ask(table, json!([{"column": "a"}, {"column": "b", "order": "desc"}]), None), sorted);
    }

    #[test]
    fn no_value_comes_last_either_way() {
        let table = || json!([{"a": null, "n": 1}, {"a": 1.5, "n": 2}, {"n": 3}, {"a": 2, "n": 4}]);
        let (up, down) = (json!([{"column": "a"}]), json!([{"column": "a", "order": "desc"}]));
        assert_rows(ask(table(), up, None), json!([{"a": 1.5, "n": 2}, {"a": 2, "n": 4}, {"a": null, "n": 1}, {"n": 3}]));
        assert_rows(ask(table(), down, None), json!([{"a": 2, "n": 4}, {"a": 1.5, "n": 2}, {"a": null, "n": 1}, {"n": 3}]));
    }

    #[test]
    fn limits() {
        let table = || json!([{"a": 3}, {"a": 1}, {"a": 2}]);
        assert_rows(ask(table(), json!([{"column": "a"}]), Some(2)), json!([{"a": 1}, {"a": 2}]));
        assert_rows(ask(table(), json!([{"column": "a"}]), Some(0)), json!([]));
        assert_rows(ask(table(), json!([]), Some(u64::MAX)), table());
    }

    #[test]
    fn what_has_no_order() {
        let by = || json!([{"column": "a"}]);
        assert_error(ask(json!([{"a": 1}, {"a": "x"}]), by(), None), "not-comparable", "`1` cannot be compared with `\"x\"`");
        assert_error(ask(json!([{"a": [1]}]), by(), None), "not-comparable", "`[1]`");
        assert_error(ask(json!([{"b": 1}]), by(), None), "no-such-column", "`a`");
    }
}
