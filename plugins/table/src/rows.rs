//! Rows, and what every task asks of them.

use std::collections::BTreeSet;

use jackfield_sdk::prelude::*;

use crate::error::TableError;

/// One row: column name → cell, in the order of the columns.
pub(crate) type Row = serde_json::Map<String, Value>;

/// Rows, under the one name that every task of this plugin and of its neighbours gives them.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Rows {
    /// The rows: column name → cell.
    pub(crate) rows: Vec<Row>,
}

/// What stands for a cell that is missing.
static NULL: Value = Value::Null;

/// The cell of a column; a missing one is `null`.
pub(crate) fn cell<'a>(row: &'a Row, column: &str) -> &'a Value {
    row.get(column).unwrap_or(&NULL)
}

/// Refuses a column that no row has: that is a slip of the pen, and would look like a column without values. Where there are no
/// rows there is nothing to compare with, and every name goes through.
pub(crate) fn require_column(rows: &[Row], column: &str) -> Result<(), TableError> {
    if rows.is_empty() || rows.iter().any(|row| row.contains_key(column)) {
        return Ok(());
    }
    const SHOWN: usize = 20;
    let known: BTreeSet<&String> = rows.iter().take(100).flat_map(Row::keys).collect();
    let more = if known.len() > SHOWN { " …" } else { "" };
    let known = known.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ") + more;
    Err(TableError::NoSuchColumn { column: column.to_owned(), known })
}

/// Refuses names that come twice.
pub(crate) fn require_different<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<(), TableError> {
    let mut seen = BTreeSet::new();
    match names.into_iter().find(|name| !seen.insert(*name)) {
        Some(twice) => Err(TableError::ColumnTwice { column: twice.to_owned() }),
        None => Ok(()),
    }
}

/// What the tests of all tasks are written with.
#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// Rows from JSON.
    pub(crate) fn rows(rows: Value) -> Vec<Row> {
        serde_json::from_value(rows).unwrap()
    }

    /// Compares as JSON text, so that the order of columns and `1` against `1.0` count.
    #[track_caller]
    pub(crate) fn assert_rows(answer: Result<Rows, TableError>, expected: Value) {
        assert_eq!(serde_json::to_string(&answer.unwrap().rows).unwrap(), expected.to_string());
    }

    /// Compares the code, and looks for a part of the message.
    #[track_caller]
    pub(crate) fn assert_error(answer: Result<Rows, TableError>, code: &str, part: &str) {
        let error = TaskError::from(answer.unwrap_err());
        assert_eq!(error.code(), code);
        assert!(error.message().contains(part), "{}", error.message());
    }
}
