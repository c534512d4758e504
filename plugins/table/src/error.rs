//! What can be wrong with rows, or with what is asked of them.

use jackfield_sdk::prelude::*;

/// Why a task of this plugin cannot answer. All of it is permanent: the same input will fail again.
#[derive(Debug, PartialEq, thiserror::Error, TaskErrors)]
pub(crate) enum TableError {
    /// No row has the column.
    #[error("no row has the column `{column}`; the columns are: {known}")]
    #[error_code("no-such-column", permanent, data(column))]
    NoSuchColumn {
        /// The column.
        column: String,
        /// The first columns there are.
        known: String,
    },
    /// Two columns of the answer would have the same name. Rename one of them.
    #[error("the answer would have the column `{column}` twice: rename one of them")]
    #[error_code("column-twice", permanent, data(column))]
    ColumnTwice {
        /// The column.
        column: String,
    },
    /// Two cells that have no order between them, such as a text and a number, would have to be compared.
    #[error("column `{column}`: {left} cannot be compared with {right}")]
    #[error_code("not-comparable", permanent, data(column))]
    NotComparable {
        /// The column.
        column: String,
        /// One value, shortened.
        left: String,
        /// The other.
        right: String,
    },
    /// A number is needed and the cell holds something else.
    #[error("column `{column}`: {found} is not a number")]
    #[error_code("not-a-number", permanent, data(column))]
    NotANumber {
        /// The column.
        column: String,
        /// The value, shortened.
        found: String,
    },
    /// A date is needed and the cell holds something else.
    #[error("row {row}, column `{column}`: {found} is not a date: write YYYY-MM-DD, with or without a time after it")]
    #[error_code("not-a-date", permanent, data(row, column))]
    NotADate {
        /// The row, from 1.
        row: usize,
        /// The column.
        column: String,
        /// The value, shortened.
        found: String,
    },
    /// A sum of whole numbers does not fit 64 bits, or a sum of numbers is beyond the range of a double.
    #[error("column `{column}`: the sum is out of range")]
    #[error_code("out-of-range", permanent, data(column))]
    OutOfRange {
        /// The column.
        column: String,
    },
    /// What is asked for does not fit together; the message says what.
    #[error("{0}")]
    #[error_code("bad-request", permanent)]
    BadRequest(String),
    /// The answer would have more rows than `max_rows`.
    #[error("the answer would have more than {max} rows: are the columns to join on the right ones? If so, raise `max_rows`")]
    #[error_code("too-many-rows", permanent)]
    TooManyRows {
        /// The limit.
        max: u64,
    },
}

/// A value for a message: JSON text, at most 60 characters of it.
pub(crate) fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 60 { format!("`{text}`") } else { format!("`{}…`", text.chars().take(60).collect::<String>()) }
}
