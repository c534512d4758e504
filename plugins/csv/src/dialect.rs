//! How a CSV text is written: what both directions have in common.

use jackfield_sdk::prelude::*;

/// How the text is written. The defaults are RFC 4180: commas, double quotes, a header line.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Dialect {
    /// What stands between two fields: one ASCII character, such as `,` or `;` or a tab.
    pub(crate) delimiter: String,
    /// What stands around a field that contains the delimiter, a line end or the quote itself (which is then written twice): one
    /// ASCII character, or an empty text when quotes mean nothing.
    pub(crate) quote: String,
    /// Whether the first line names the columns.
    pub(crate) header: bool,
    /// The text that stands for "no value", such as `NA`. A field without any text is always read as no value.
    pub(crate) null: String,
    /// When reading, whether white space around a field is dropped.
    pub(crate) trim: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { delimiter: ",".into(), quote: "\"".into(), header: true, null: String::new(), trim: false }
    }
}

/// What is wrong with a dialect.
#[derive(Debug, PartialEq, thiserror::Error, TaskErrors)]
pub(crate) enum DialectError {
    /// The delimiter or the quote is not one ASCII character, or both are the same.
    #[error("the {what} `{found}` cannot be used: give one ASCII character that is no line end, and not the same for delimiter and quote")]
    #[error_code("bad-dialect", permanent)]
    Mark {
        /// `delimiter` or `quote`.
        what: &'static str,
        /// What was given.
        found: String,
    },
}

/// The two characters of a checked dialect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Marks {
    /// Between two fields.
    pub(crate) delimiter: u8,
    /// Around a field; `None` when quotes mean nothing.
    pub(crate) quote: Option<u8>,
}

impl Dialect {
    /// The delimiter and the quote, when they can be used.
    pub(crate) fn marks(&self) -> Result<Marks, DialectError> {
        let delimiter = mark(&self.delimiter).ok_or_else(|| bad("delimiter", &self.delimiter))?;
        if self.quote.is_empty() {
            return Ok(Marks { delimiter, quote: None });
        }
        let quote = mark(&self.quote).filter(|quote| *quote != delimiter).ok_or_else(|| bad("quote", &self.quote))?;
        Ok(Marks { delimiter, quote: Some(quote) })
    }
}

fn mark(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'\r' | b'\n' | 0) => Some(*byte),
        _ => None,
    }
}

fn bad(what: &'static str, found: &str) -> DialectError {
    DialectError::Mark { what, found: found.escape_debug().take(40).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialect(delimiter: &str, quote: &str) -> Dialect {
        Dialect { delimiter: delimiter.into(), quote: quote.into(), ..Dialect::default() }
    }

    #[test]
    fn usable_marks() {
        assert_eq!(dialect(",", "\"").marks(), Ok(Marks { delimiter: b',', quote: Some(b'"') }));
        assert_eq!(dialect("\t", "").marks(), Ok(Marks { delimiter: b'\t', quote: None }));
    }

    #[test]
    fn unusable_marks_are_named() {
        for (delimiter, quote, what) in [
            ("", "\"", "delimiter"),
            (";;", "\"", "delimiter"),
            ("§", "\"", "delimiter"),
            ("\n", "\"", "delimiter"),
            (",", ",", "quote"),
            (",", "''", "quote"),
        ] {
            let DialectError::Mark { what: named, .. } = dialect(delimiter, quote).marks().unwrap_err();
            assert_eq!(named, what, "{delimiter:?} {quote:?}");
        }
    }
}
