//! `parse`: CSV text to rows.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_sdk::prelude::*;

use crate::Row;
use crate::cell::{ColumnType, Guess};
use crate::dialect::{Dialect, DialectError, Marks};

/// Columns a text may have. A real table has fewer by orders of magnitude; a text with the wrong delimiter does not.
const COLUMNS_MAX: usize = 10_000;

/// Bad rows that are reported one by one before the whole text is given up.
const BAD_ROWS_MAX: usize = 10_000;

/// What becomes of a row that has another number of fields than there are columns, or a field that is not of its column's type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BadRows {
    /// The task fails at the first one.
    #[default]
    Fail,
    /// It is left out, and counted.
    Skip,
    /// It is left out, counted, and listed in `bad_rows`.
    Collect,
}

/// What a CSV text contains.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Parsed {
    /// The names of the columns, in order.
    pub(crate) columns: Vec<String>,
    /// The rows: column name → cell. A field without text is `null`.
    pub(crate) rows: Vec<Row>,
    /// How many rows were left out because they were bad.
    skipped: u64,
    /// The rows that were left out, with `bad_rows: collect`.
    bad_rows: Vec<BadRow>,
}

/// A row that was left out.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct BadRow {
    /// The line it begins on; the first line of the text is 1.
    line: u64,
    /// The column whose field is bad, when it is one field.
    column: Option<String>,
    /// What is wrong with it.
    reason: String,
}

/// Why a text cannot be read.
#[derive(Debug, thiserror::Error, TaskErrors)]
pub(crate) enum ParseError {
    /// The dialect cannot be used.
    #[error(transparent)]
    #[error_code(transparent)]
    Dialect(#[from] DialectError),
    /// A row has another number of fields than there are columns, a field that is not of its column's type, or a quote that is
    /// never closed. Correct the text, or set `bad_rows` to `skip` or `collect`.
    #[error("line {line}: {reason}")]
    #[error_code("bad-row", permanent, data(line, column))]
    BadRow {
        /// The line it begins on.
        line: u64,
        /// The column whose field is bad, when it is one field.
        column: Option<String>,
        /// What is wrong with it.
        reason: String,
    },
    /// Two columns have the same name, the header has too many columns, or `columns` has another number of names than the text.
    /// Name the columns with `columns`.
    #[error("{0}")]
    #[error_code("bad-header", permanent)]
    BadHeader(String),
    /// `types` names a column that is not there.
    #[error("`types` names the column `{column}`, but the columns are: {known}")]
    #[error_code("no-such-column", permanent)]
    NoSuchColumn {
        /// The column that is not there.
        column: String,
        /// The first columns that are.
        known: String,
    },
    /// There are more rows than `max_rows`, or more than 10,000 bad ones to list.
    #[error("more than {max} {what} (line {line}): {hint}")]
    #[error_code("too-many-rows", permanent)]
    TooManyRows {
        /// Rows or bad rows.
        what: &'static str,
        /// The limit.
        max: u64,
        /// Where it was passed.
        line: u64,
        /// What to do.
        hint: &'static str,
    },
}

fn max_rows_default() -> u64 {
    1_000_000
}

/// Reads CSV text into rows.
///
/// Lines may end in LF or CRLF, blank lines are passed over, and a byte order mark is dropped. Types are inferred from
/// whole columns (see `default_type`), so that a column never has numbers and texts mixed.
#[task(
    title = "Parse CSV",
    example_input = r#"{"text": "city,people\nRome,2748109\n\"Reggio, Emilia\",171207\n", "types": {"people": "int"}}"#,
    example_output = r#"{"columns": ["city", "people"], "rows": [{"city": "Rome", "people": 2748109}, {"city": "Reggio, Emilia", "people": 171207}], "skipped": 0, "bad_rows": []}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn parse(
    /// The CSV text.
    text: String,
    /// How the text is written.
    #[serde(default)]
    dialect: Dialect,
    /// Names for the columns, in order, instead of those in the header. Without a header and without this, the names are `column_1`, `column_2` …
    columns: Option<Vec<String>>,
    /// Types of columns by name.
    #[serde(default)]
    types: BTreeMap<String, ColumnType>,
    /// The type of the columns that `types` does not name: `auto` infers it, `string` leaves every field as it stands.
    #[serde(default)]
    default_type: ColumnType,
    /// What becomes of a bad row.
    #[serde(default)]
    bad_rows: BadRows,
    /// How many rows the text may have.
    #[serde(default = "max_rows_default")]
    max_rows: u64,
) -> Result<Parsed, ParseError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut records = Records::new(text, dialect.marks()?, &dialect);
    let header = if dialect.header { records.next() } else { None };
    let first = records.next();
    let columns = name_columns(columns, header.as_ref(), first.as_ref())?;
    if let Some(column) = types.keys().find(|name| !columns.contains(name)) {
        return Err(ParseError::NoSuchColumn { column: column.clone(), known: list(&columns) });
    }
    let types: Vec<ColumnType> = columns.iter().map(|name| types.get(name).copied().unwrap_or(default_type)).collect();
    let mut table = Table { null: &dialect.null, bad: Bad { policy: bad_rows, skipped: 0, listed: Vec::new() }, columns, types };
    let records = table.good_records(first.into_iter().chain(records), max_rows)?;
    let rows = table.rows(&records)?;
    Ok(Parsed { columns: table.columns, rows, skipped: table.bad.skipped, bad_rows: table.bad.listed })
}

/// One line of fields, or several when a quoted field has line ends in it.
#[derive(Debug)]
struct Record {
    line: u64,
    fields: csv::StringRecord,
    /// The text ends inside a quoted field: whatever follows the quote was taken for one field.
    unclosed: bool,
}

/// The records of a text with the lines they begin on.
struct Records<'a> {
    text: &'a str,
    marks: Marks,
    reader: csv::Reader<&'a [u8]>,
    /// Lines are counted up to here.
    counted: usize,
    line: u64,
}

impl<'a> Records<'a> {
    fn new(text: &'a str, marks: Marks, dialect: &Dialect) -> Self {
        let trim = if dialect.trim { csv::Trim::All } else { csv::Trim::None };
        let reader = reader(text, marks, trim);
        Self { text, marks, reader, counted: 0, line: 1 }
    }

    /// The line on which the record at a byte begins, blank lines before it passed over. The reader's own count is of the place
    /// where it began to look, which is before those lines.
    fn line_at(&mut self, byte: usize) -> u64 {
        let rest = &self.text[byte..];
        let start = byte + (rest.len() - rest.trim_start_matches(['\r', '\n']).len());
        let newlines = self.text[self.counted..start].bytes().filter(|byte| *byte == b'\n').count();
        self.line += u64::try_from(newlines).unwrap_or(u64::MAX);
        self.counted = start;
        self.line
    }

    /// Whether the last record, which begins at a byte, ends inside a quoted field: then a further line belongs to the same record.
    fn is_unclosed(&self, byte: usize) -> bool {
        let Some(quote) = self.marks.quote else { return false };
        let last = &self.text[byte..];
        if !last.bytes().any(|byte| byte == quote) {
            return false;
        }
        let with_another = format!("{last}\nx");
        reader(&with_another, self.marks, csv::Trim::None).into_records().count() == 1
    }
}

fn reader(text: &str, marks: Marks, trim: csv::Trim) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(marks.delimiter)
        .quote(marks.quote.unwrap_or(b'"'))
        .quoting(marks.quote.is_some())
        .trim(trim)
        .from_reader(text.as_bytes())
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let mut fields = csv::StringRecord::new();
        // The only errors of a flexible reader over text in memory are bad UTF-8, which a `str` cannot have, and unequal lengths, which it allows.
        if !self.reader.read_record(&mut fields).unwrap_or(false) {
            return None;
        }
        let byte = fields.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
        let line = self.line_at(byte);
        let at_end = usize::try_from(self.reader.position().byte()).is_ok_and(|end| end >= self.text.len());
        Some(Record { line, unclosed: at_end && self.is_unclosed(self.counted), fields })
    }
}

/// The names of the columns: given, or from the header, or numbered.
fn name_columns(given: Option<Vec<String>>, header: Option<&Record>, first: Option<&Record>) -> Result<Vec<String>, ParseError> {
    if let Some(Record { line, unclosed: true, .. }) = header {
        return Err(ParseError::BadHeader(format!("line {line}: a quote in the header is never closed")));
    }
    let found = header.or(first).map(|record| record.fields.len());
    if let Some(found) = found.filter(|found| *found > COLUMNS_MAX) {
        return Err(ParseError::BadHeader(format!(
            "the first line has {found} columns, and the limit is {COLUMNS_MAX}: is the delimiter right?"
        )));
    }
    let names = match (given, header, found) {
        (Some(given), _, Some(found)) if given.len() != found => {
            return Err(ParseError::BadHeader(format!("`columns` has {} names, but the first line has {found} fields", given.len())));
        }
        (Some(given), _, _) => given,
        (None, Some(header), _) => header.fields.iter().enumerate().map(|(at, name)| or_numbered(at, name)).collect(),
        (None, None, found) => (0..found.unwrap_or(0)).map(|at| or_numbered(at, "")).collect(),
    };
    let mut seen = BTreeSet::new();
    if let Some(twice) = names.iter().find(|name| !seen.insert(*name)) {
        return Err(ParseError::BadHeader(format!("two columns are called `{twice}`: give each its own name with `columns`")));
    }
    Ok(names)
}

fn or_numbered(at: usize, name: &str) -> String {
    if name.is_empty() { format!("column_{}", at + 1) } else { name.to_owned() }
}

/// The first names, for a message.
fn list(columns: &[String]) -> String {
    const SHOWN: usize = 20;
    let more = if columns.len() > SHOWN { " …" } else { "" };
    columns.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ") + more
}

/// The bad rows so far, and what becomes of the next one.
struct Bad {
    policy: BadRows,
    skipped: u64,
    listed: Vec<BadRow>,
}

impl Bad {
    fn take(&mut self, row: BadRow) -> Result<(), ParseError> {
        match self.policy {
            BadRows::Fail => return Err(ParseError::BadRow { line: row.line, column: row.column, reason: row.reason }),
            BadRows::Collect if self.listed.len() == BAD_ROWS_MAX => {
                let max = u64::try_from(BAD_ROWS_MAX).unwrap_or(u64::MAX);
                let hint = "is the dialect right? Set `bad_rows` to `skip` if they do not matter";
                return Err(ParseError::TooManyRows { what: "bad rows", max, line: row.line, hint });
            }
            BadRows::Collect => self.listed.push(row),
            BadRows::Skip => {}
        }
        self.skipped += 1;
        Ok(())
    }
}

/// What is known of the table while its rows are read.
struct Table<'a> {
    columns: Vec<String>,
    types: Vec<ColumnType>,
    null: &'a str,
    bad: Bad,
}

impl Table<'_> {
    /// The records that have a field for every column.
    fn good_records(&mut self, records: impl Iterator<Item = Record>, max_rows: u64) -> Result<Vec<Record>, ParseError> {
        let mut good = Vec::new();
        for (count, record) in (1_u64..).zip(records) {
            if count > max_rows {
                let hint = "raise `max_rows`, or cut the text";
                return Err(ParseError::TooManyRows { what: "rows", max: max_rows, line: record.line, hint });
            }
            let (found, wanted) = (record.fields.len(), self.columns.len());
            if record.unclosed {
                let reason = "a quote that is opened in this row is never closed".to_owned();
                self.bad.take(BadRow { line: record.line, column: None, reason })?;
            } else if found != wanted {
                let reason = format!("{found} {} where the columns are {wanted}", if found == 1 { "field" } else { "fields" });
                self.bad.take(BadRow { line: record.line, column: None, reason })?;
            } else {
                good.push(record);
            }
        }
        Ok(good)
    }

    /// The rows of the records, typed.
    fn rows(&mut self, records: &[Record]) -> Result<Vec<Row>, ParseError> {
        let types: Vec<ColumnType> = (0..self.columns.len()).map(|at| self.type_of(at, records)).collect();
        let mut rows = Vec::with_capacity(records.len());
        for record in records {
            match self.row(record, &types) {
                Ok(row) => rows.push(row),
                Err(bad) => self.bad.take(bad)?,
            }
        }
        self.bad.listed.sort_by_key(|bad| bad.line);
        Ok(rows)
    }

    fn type_of(&self, column: usize, records: &[Record]) -> ColumnType {
        if self.types[column] != ColumnType::Auto {
            return self.types[column];
        }
        let mut guess = Guess::new();
        records.iter().map(|record| &record.fields[column]).filter(|field| !self.is_null(field)).for_each(|field| guess.see(field));
        guess.column_type()
    }

    fn is_null(&self, field: &str) -> bool {
        field.is_empty() || field == self.null
    }

    fn row(&self, record: &Record, types: &[ColumnType]) -> Result<Row, BadRow> {
        let mut row = Row::with_capacity(self.columns.len());
        for (at, field) in record.fields.iter().enumerate() {
            let name = &self.columns[at];
            let cell = if self.is_null(field) { Some(Value::Null) } else { types[at].read(field) };
            let Some(cell) = cell else {
                let shown: String = field.chars().take(40).collect();
                let reason = format!("`{shown}` in the column `{name}` is not {}", types[at].noun());
                return Err(BadRow { line: record.line, column: Some(name.clone()), reason });
            };
            row.insert(name.clone(), cell);
        }
        Ok(row)
    }
}

#[cfg(test)]
mod tests;
