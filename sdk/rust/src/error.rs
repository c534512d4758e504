//! How a task fails: one type that says what went wrong, and what the engine should do about it.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

/// What the engine does about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// It may go well the next time: tried again as the step's `retry` says.
    Transient,
    /// It may go well, but not before this much time has passed. Rounded up to milliseconds.
    RetryAfter(Duration),
    /// It will fail again with the same input: never tried again.
    Permanent,
    /// Nobody knows whether the effect happened (a reply was lost, say). Tried again with the same idempotency key,
    /// unless the step is declared `at-most-once`: then a person decides.
    UnknownOutcome,
}

/// How a task failed: a kind for the engine, a code for the workflow, a message for people.
///
/// ```
/// use jackfield_sdk::TaskError;
///
/// let error = TaskError::permanent("bad-row", "line 7: 3 fields instead of 4").with_data(&serde_json::json!({ "line": 7 }));
/// assert_eq!(error.code(), "bad-row");
/// assert_eq!(error.to_string(), "bad-row: line 7: 3 fields instead of 4");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TaskError {
    kind: ErrorKind,
    code: Cow<'static, str>,
    message: String,
    data: Option<Box<Value>>,
}

impl TaskError {
    /// A failure of the given kind. `code` is 1 to 64 characters of `a-z`, `0-9` and `-`, a word that a workflow may
    /// match on; `message` says what went wrong, where, and the value seen.
    pub fn new(kind: ErrorKind, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { kind, code: code.into(), message: message.into(), data: None }
    }

    /// It may go well the next time.
    pub fn transient(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Transient, code, message)
    }

    /// It may go well, but not before `delay` has passed.
    pub fn retry_after(delay: Duration, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::RetryAfter(delay), code, message)
    }

    /// It will fail again with the same input.
    pub fn permanent(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Permanent, code, message)
    }

    /// Nobody knows whether the effect happened.
    pub fn unknown_outcome(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::UnknownOutcome, code, message)
    }

    /// The same error with more for programs. What cannot be JSON (a map with keys that are no strings) is left out.
    #[must_use]
    pub fn with_data(mut self, data: &impl Serialize) -> Self {
        self.data = serde_json::to_value(data).ok().map(Box::new);
        self
    }

    /// What the engine does about it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The word that a workflow may match on.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What went wrong, for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// More for programs, or nothing.
    pub fn data(&self) -> Option<&Value> {
        self.data.as_deref()
    }
}

impl fmt::Display for TaskError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for TaskError {}

/// Turns any `Result` into one whose error is a [`TaskError`] with a code.
///
/// ```
/// use jackfield_sdk::prelude::*;
///
/// fn count(path: &str) -> Result<usize, TaskError> {
///     let text = std::fs::read_to_string(path).or_permanent("unreadable")?;
///     Ok(text.lines().count())
/// }
/// assert_eq!(count("/no/such/file").unwrap_err().code(), "unreadable");
/// ```
pub trait OrFail<T> {
    /// The error becomes [`TaskError::transient`], its text the message.
    ///
    /// # Errors
    /// The error of `self`.
    fn or_transient(self, code: &'static str) -> Result<T, TaskError>;

    /// The error becomes [`TaskError::permanent`], its text the message.
    ///
    /// # Errors
    /// The error of `self`.
    fn or_permanent(self, code: &'static str) -> Result<T, TaskError>;
}

impl<T, E: fmt::Display> OrFail<T> for Result<T, E> {
    fn or_transient(self, code: &'static str) -> Result<T, TaskError> {
        self.map_err(|error| TaskError::transient(code, error.to_string()))
    }

    fn or_permanent(self, code: &'static str) -> Result<T, TaskError> {
        self.map_err(|error| TaskError::permanent(code, error.to_string()))
    }
}

/// One code that a task may fail with, and when that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode {
    /// 1 to 64 characters of `a-z`, `0-9` and `-`.
    pub code: &'static str,
    /// When it happens and what to do, in Markdown.
    pub docs: &'static str,
}

/// The codes of an error type; implemented by `#[derive(TaskErrors)]`.
pub trait ErrorCodes: Into<TaskError> {
    /// Every code that a value of this type may turn into.
    fn codes() -> Vec<ErrorCode>;
}

impl ErrorCodes for TaskError {
    /// None that could be known: a task that builds its errors by hand lists them in `#[task(errors(…))]`.
    fn codes() -> Vec<ErrorCode> {
        Vec::new()
    }
}
