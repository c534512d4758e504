//! Why a chart cannot be drawn.

use jackfield_sdk::prelude::*;

/// Why a chart cannot be drawn. All of it is permanent: the same input will fail again.
#[derive(Debug, PartialEq, thiserror::Error, TaskErrors)]
pub(crate) enum ChartError {
    /// No row has the column.
    #[error("no row has the column `{column}`; the columns are: {known}")]
    #[error_code("no-such-column", permanent, data(column))]
    NoSuchColumn { column: String, known: String },
    /// A cell of a `y` column is neither a number nor empty.
    #[error("row {row}, column `{column}`: {found} is not a number")]
    #[error_code("not-a-number", permanent, data(row, column))]
    NotANumber { row: usize, column: String, found: String },
    /// A number is too large to be drawn, or nothing is there to draw on a size that small.
    #[error("{0}")]
    #[error_code("out-of-range", permanent)]
    OutOfRange(String),
    /// What is asked for does not fit together; the message says what.
    #[error("{0}")]
    #[error_code("bad-request", permanent)]
    BadRequest(String),
    /// There are more series, categories or points than can be told apart.
    #[error("{count} {what}, and the limit is {max}: {hint}")]
    #[error_code("too-much", permanent)]
    TooMuch { what: &'static str, count: usize, max: usize, hint: &'static str },
}
