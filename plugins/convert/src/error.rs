//! Why a text is no value, or a value no text.

use jackfield_sdk::prelude::*;

/// Why a conversion is refused. All of it is permanent: the same input will fail again.
#[derive(Debug, PartialEq, thiserror::Error, TaskErrors)]
pub(crate) enum ConvertError {
    /// The text is not of the format.
    #[error("{format}, line {line}, column {column}: {message}")]
    #[error_code("bad-text", permanent, data(line, column))]
    BadText {
        /// The format.
        format: &'static str,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// There are more values, or deeper ones, than a step may hand on.
    #[error("{format}: {what}")]
    #[error_code("too-much", permanent)]
    TooMuch {
        /// The format.
        format: &'static str,
        /// What there is too much of.
        what: String,
    },
    /// The value cannot be said in the format.
    #[error("{format}, at `{place}`: {message}")]
    #[error_code("cannot-say", permanent, data(place))]
    CannotSay {
        /// The format.
        format: &'static str,
        /// Where, as a JSON pointer.
        place: String,
        /// What cannot be said.
        message: String,
    },
}

/// A text.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Text {
    /// The text.
    pub(crate) text: String,
}

/// A value.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Parsed {
    /// The value.
    pub(crate) value: Value,
}

/// What the tests of all formats are written with.
#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// Compares the code, and looks for a part of the message.
    #[track_caller]
    pub(crate) fn assert_error<T: std::fmt::Debug>(answer: Result<T, ConvertError>, code: &str, part: &str) {
        let error = TaskError::from(answer.unwrap_err());
        assert_eq!(error.code(), code);
        assert!(error.message().contains(part), "{}", error.message());
    }
}
