//! `concat`: tables one after the other.

use jackfield_sdk::prelude::*;

use crate::rows::{Row, Rows};

/// Puts the rows of several tables one after the other, such as the answers of a `for-each` step.
#[task(
    title = "Concatenate tables",
    example_input = r#"{"tables": [{"rows": [{"a": 1}]}, {"rows": []}, {"rows": [{"a": 2}, {"a": 3}]}]}"#,
    example_output = r#"{"rows": [{"a": 1}, {"a": 2}, {"a": 3}]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn concat(
    /// The tables.
    tables: Vec<Table>,
) -> Rows {
    Rows { rows: tables.into_iter().flat_map(|table| table.rows).collect() }
}

/// Rows, as the tasks of this plugin answer them.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Table {
    /// The rows: column name → cell.
    rows: Vec<Row>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::testing::{assert_rows, rows};

    #[test]
    fn tables_keep_their_order() {
        let table = |of| Table { rows: rows(of) };
        let answer = concat(vec![table(json!([{"a": 1}, {"b": 2}])), table(json!([])), table(json!([{"a": 1}]))]);
        assert_rows(Ok(answer), json!([{"a": 1}, {"b": 2}, {"a": 1}]));
    }
}
