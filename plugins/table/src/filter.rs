//! `filter`: the rows that meet conditions.

use jackfield_sdk::prelude::*;

use crate::condition::{self, Condition, Match};
use crate::error::TableError;
use crate::rows::{Row, Rows};

/// Keeps the rows that meet the conditions, in their order.
#[task(
    title = "Filter rows",
    example_input = r#"{"rows": [{"city": "Rome", "rain": 3.5}, {"city": "Oslo", "rain": 0}], "where": [{"column": "rain", "op": "gt", "value": 1}]}"#,
    example_output = r#"{"rows": [{"city": "Rome", "rain": 3.5}]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn filter(
    /// The rows.
    rows: Vec<Row>,
    /// The conditions.
    #[serde(rename = "where")]
    conditions: Vec<Condition>,
    /// Whether all of them must hold, or one is enough.
    #[serde(default, rename = "match")]
    matching: Match,
) -> Result<Rows, TableError> {
    condition::check(&conditions, &rows)?;
    let mut kept = Vec::new();
    for row in rows {
        if condition::holds(&conditions, matching, &row)? {
            kept.push(row);
        }
    }
    Ok(Rows { rows: kept })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::testing::{assert_error, assert_rows, rows};

    fn table() -> Vec<Row> {
        rows(json!([{"a": 1, "b": "x"}, {"a": 2.5, "b": "xy"}, {"a": null, "b": null}, {"b": "Y"}]))
    }

    fn conditions(conditions: Value) -> Vec<Condition> {
        serde_json::from_value(conditions).unwrap()
    }

    /// The positions in `table` of the rows that one condition keeps.
    #[track_caller]
    fn check(condition: Value, kept: &[usize]) {
        let answer = filter(table(), conditions(json!([condition])), Match::All);
        let expected: Vec<Row> = kept.iter().map(|at| table()[*at].clone()).collect();
        assert_eq!(answer.unwrap().rows, expected, "{condition}");
    }

    #[test]
    fn every_operator() {
        check(json!({"column": "a", "op": "eq", "value": 1.0}), &[0]);
        check(json!({"column": "a", "op": "eq", "value": null}), &[2, 3]);
        check(json!({"column": "a", "op": "ne", "value": 1}), &[1, 2, 3]);
        check(json!({"column": "a", "op": "lt", "value": 2.5}), &[0]);
        check(json!({"column": "a", "op": "le", "value": 2.5}), &[0, 1]);
        check(json!({"column": "a", "op": "gt", "value": 1}), &[1]);
        check(json!({"column": "a", "op": "ge", "value": 1}), &[0, 1]);
        check(json!({"column": "b", "op": "lt", "value": "b"}), &[3]);
        check(json!({"column": "a", "op": "in", "value": [2.5, null]}), &[1, 2, 3]);
        check(json!({"column": "a", "op": "not-in", "value": [1]}), &[1, 2, 3]);
        check(json!({"column": "b", "op": "contains", "value": "y"}), &[1]);
        check(json!({"column": "b", "op": "starts-with", "value": "x"}), &[0, 1]);
        check(json!({"column": "b", "op": "ends-with", "value": "Y"}), &[3]);
        check(json!({"column": "a", "op": "is-null"}), &[2, 3]);
        check(json!({"column": "a", "op": "not-null"}), &[0, 1]);
    }

    #[test]
    fn all_or_any() {
        let two = || conditions(json!([{"column": "a", "op": "eq", "value": 1}, {"column": "b", "op": "eq", "value": "xy"}]));
        assert_rows(filter(table(), two(), Match::All), json!([]));
        assert_rows(filter(table(), two(), Match::Any), json!([{"a": 1, "b": "x"}, {"a": 2.5, "b": "xy"}]));
        assert_eq!(filter(table(), vec![], Match::All).unwrap().rows.len(), 4);
        assert_eq!(filter(table(), vec![], Match::Any).unwrap().rows.len(), 0);
    }

    #[test]
    fn what_cannot_be_asked() {
        let ask = |condition: Value| filter(table(), conditions(json!([condition])), Match::All);
        assert_error(ask(json!({"column": "A", "op": "is-null"})), "no-such-column", "`a`, `b`");
        assert_error(ask(json!({"column": "a", "op": "lt", "value": null})), "bad-request", "`null`");
        assert_error(ask(json!({"column": "a", "op": "in", "value": 1})), "bad-request", "a list");
        assert_error(ask(json!({"column": "b", "op": "contains", "value": 1})), "bad-request", "a text");
        assert_error(ask(json!({"column": "a", "op": "lt", "value": "2"})), "not-comparable", "`1` cannot be compared with `\"2\"`");
        assert_error(ask(json!({"column": "a", "op": "contains", "value": "2"})), "not-comparable", "column `a`");
    }

    #[test]
    fn no_rows_stay_no_rows() {
        assert_rows(filter(vec![], conditions(json!([{"column": "a", "op": "eq", "value": 1}])), Match::All), json!([]));
    }
}
