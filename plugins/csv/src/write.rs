//! `write`: rows to CSV text.

use std::collections::HashSet;

use jackfield_sdk::prelude::*;

use crate::Row;
use crate::dialect::{Dialect, DialectError};

/// Which fields stand in quotes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Quoting {
    /// Those that could not be read back otherwise.
    #[default]
    Necessary,
    /// All but numbers.
    NonNumeric,
    /// All.
    Always,
}

/// How a line ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LineEnd {
    /// Line feed, as on Unix.
    #[default]
    Lf,
    /// Carriage return and line feed, as RFC 4180 and some spreadsheets want it.
    Crlf,
}

/// A CSV text.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Written {
    /// The text; every line has a line end.
    text: String,
    /// The columns that were written, in order.
    columns: Vec<String>,
}

/// Why rows cannot be written.
#[derive(Debug, thiserror::Error, TaskErrors)]
pub(crate) enum WriteError {
    /// The dialect cannot be used.
    #[error(transparent)]
    #[error_code(transparent)]
    Dialect(#[from] DialectError),
    /// A cell is a list or an object, for which CSV has no form. Take it apart before, or leave its column out with `columns`.
    #[error(
        "row {row}, column `{column}`: a {kind} cannot be written as CSV: take it apart before, or leave the column out with `columns`"
    )]
    #[error_code("not-a-cell", permanent, data(row, column))]
    NotACell {
        /// The row, from 1.
        row: usize,
        /// The column.
        column: String,
        /// `list` or `object`.
        kind: &'static str,
    },
    /// A text needs quotes, and the dialect has none.
    #[error("row {row}, column `{column}`: the text contains the delimiter or a line end, and the dialect has no quote")]
    #[error_code("needs-quotes", permanent, data(row, column))]
    NeedsQuotes {
        /// The row, from 1; 0 is the header.
        row: usize,
        /// The column.
        column: String,
    },
    /// A column is named twice.
    #[error("`columns` names `{column}` twice")]
    #[error_code("bad-header", permanent)]
    Twice {
        /// The column.
        column: String,
    },
}

/// Writes rows as CSV text.
///
/// Numbers are written as JSON writes them, so that reading them back gives the same number. A missing cell and `null`
/// become the dialect's `null`, an empty field by default.
#[task(
    title = "Write CSV",
    example_input = r#"{"rows": [{"city": "Rome", "people": 2748109}, {"city": "Reggio, Emilia", "people": 171207}]}"#,
    example_output = r#"{"text": "city,people\nRome,2748109\n\"Reggio, Emilia\",171207\n", "columns": ["city", "people"]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn write(
    /// The rows: column name → cell.
    rows: Vec<Row>,
    /// The columns to write, in order. Without it, all of them, in the order in which the rows first name them.
    columns: Option<Vec<String>>,
    /// How to write the text.
    #[serde(default)]
    dialect: Dialect,
    /// Which fields stand in quotes.
    #[serde(default)]
    quoting: Quoting,
    /// How a line ends.
    #[serde(default)]
    line_end: LineEnd,
) -> Result<Written, WriteError> {
    let marks = dialect.marks()?;
    let columns = columns.unwrap_or_else(|| columns_of(&rows));
    let mut seen = HashSet::new();
    if let Some(twice) = columns.iter().find(|name| !seen.insert(*name)) {
        return Err(WriteError::Twice { column: twice.clone() });
    }
    let style = match (marks.quote, quoting) {
        (None, _) => csv::QuoteStyle::Never,
        (_, Quoting::Necessary) => csv::QuoteStyle::Necessary,
        (_, Quoting::NonNumeric) => csv::QuoteStyle::NonNumeric,
        (_, Quoting::Always) => csv::QuoteStyle::Always,
    };
    let terminator = if line_end == LineEnd::Crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
    let mut sheet = Sheet {
        writer: csv::WriterBuilder::new()
            .delimiter(marks.delimiter)
            .quote(marks.quote.unwrap_or(b'"'))
            .quote_style(style)
            .terminator(terminator)
            .from_writer(Vec::new()),
        unquoted_delimiter: if marks.quote.is_none() { Some(char::from(marks.delimiter)) } else { None },
        columns: &columns,
    };
    if dialect.header && !columns.is_empty() {
        sheet.line(0, &columns)?;
    }
    for (at, row) in rows.iter().enumerate().filter(|_| !columns.is_empty()) {
        let fields = columns.iter().map(|column| field(row.get(column), &dialect, at + 1, column)).collect::<Result<Vec<_>, _>>()?;
        sheet.line(at + 1, &fields)?;
    }
    let text = sheet.finish();
    Ok(Written { text, columns })
}

/// All columns, in the order in which the rows first name them.
fn columns_of(rows: &[Row]) -> Vec<String> {
    let mut seen = HashSet::new();
    rows.iter().flat_map(Row::keys).filter(|name| seen.insert(*name)).cloned().collect()
}

/// The text of a cell.
fn field(cell: Option<&Value>, dialect: &Dialect, row: usize, column: &str) -> Result<String, WriteError> {
    let kind = match cell {
        None | Some(Value::Null) => return Ok(dialect.null.clone()),
        Some(Value::String(text)) => return Ok(text.clone()),
        Some(Value::Bool(truth)) => return Ok(truth.to_string()),
        Some(Value::Number(number)) => return Ok(number.to_string()),
        Some(Value::Array(_)) => "list",
        Some(Value::Object(_)) => "object",
    };
    Err(WriteError::NotACell { row, column: column.to_owned(), kind })
}

/// The text while it is written.
struct Sheet<'a> {
    writer: csv::Writer<Vec<u8>>,
    /// The delimiter, when there are no quotes to keep it apart from text.
    unquoted_delimiter: Option<char>,
    columns: &'a [String],
}

impl Sheet<'_> {
    fn line(&mut self, row: usize, fields: &[String]) -> Result<(), WriteError> {
        if let Some(delimiter) = self.unquoted_delimiter
            && let Some(at) = fields.iter().position(|field| field.contains([delimiter, '\r', '\n']))
        {
            return Err(WriteError::NeedsQuotes { row, column: self.columns[at].clone() });
        }
        self.writer.write_record(fields).expect("memory takes every line, and all lines have the same number of fields");
        Ok(())
    }

    fn finish(self) -> String {
        let bytes = self.writer.into_inner().expect("memory takes every line");
        String::from_utf8(bytes).expect("fields are UTF-8, and the delimiter and the quote are ASCII")
    }
}

#[cfg(test)]
mod tests;
