//! What can go wrong with a request, and what the engine should do about it.

use std::fmt;
use std::time::Duration;

use crate::error::TaskError;

/// Why there is no (good) answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpError {
    /// The step's grant does not allow the request; the text says what is missing.
    Denied(String),
    /// The request is not one: its URL, method, headers or body cannot be sent.
    BadRequest(String),
    /// The server could not be reached; nothing was sent.
    Unreachable(String),
    /// The request may have been sent, and the answer did not arrive (in full).
    LostReply {
        /// The request's method. A lost answer to a method that changes nothing does no harm.
        method: String,
        /// What happened.
        reason: String,
    },
    /// The answer's body is larger than the request's limit.
    BodyTooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The answer's body is not what it was read as.
    BadBody(String),
    /// The server answered with a status that means failure ([`Response::check`](super::Response::check)).
    Status {
        /// The request's method.
        method: String,
        /// The status, 400 to 599.
        status: u16,
        /// How long the server wishes to be left alone.
        retry_after: Option<Duration>,
        /// The beginning of the answer's body.
        body: String,
    },
}

impl fmt::Display for HttpError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(reason) => write!(formatter, "the request is not allowed: {reason}"),
            Self::BadRequest(reason) => write!(formatter, "the request cannot be sent: {reason}"),
            Self::Unreachable(reason) => write!(formatter, "the server cannot be reached: {reason}"),
            Self::LostReply { method, reason } => write!(formatter, "the answer to {method} was lost: {reason}"),
            Self::BodyTooLarge { limit } => write!(formatter, "the answer's body is larger than the limit of {limit} bytes"),
            Self::BadBody(reason) => write!(formatter, "the answer's body cannot be read: {reason}"),
            Self::Status { method, status, body, .. } if body.is_empty() => write!(formatter, "{method} was answered with status {status}"),
            Self::Status { method, status, body, .. } => write!(formatter, "{method} was answered with status {status}: {body}"),
        }
    }
}

impl std::error::Error for HttpError {}

/// The methods that change nothing, so that a lost answer leaves no doubt behind.
fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
}

impl From<HttpError> for TaskError {
    /// | error | kind | code |
    /// | --- | --- | --- |
    /// | denied | permanent | `http-denied` |
    /// | bad request | permanent | `http-bad-request` |
    /// | unreachable | transient | `http-unreachable` |
    /// | lost reply | transient for `GET`, `HEAD`, `OPTIONS`, `TRACE`; unknown outcome for others | `http-lost-reply` |
    /// | body too large | permanent | `http-body-too-large` |
    /// | bad body | permanent | `http-bad-body` |
    /// | status with `Retry-After` (429, 503) | retry after | `http-status` |
    /// | status 408, 425, 429, 500, 503 and others above 505 | transient | `http-status` |
    /// | status 502, 504 | as a lost reply | `http-status` |
    /// | any other status | permanent | `http-status` |
    ///
    /// The data of `http-status` is `{"status": N}`.
    fn from(error: HttpError) -> Self {
        let message = error.to_string();
        match error {
            HttpError::Denied(_) => Self::permanent("http-denied", message),
            HttpError::BadRequest(_) => Self::permanent("http-bad-request", message),
            HttpError::Unreachable(_) => Self::transient("http-unreachable", message),
            HttpError::LostReply { method, .. } => lost(&method, "http-lost-reply", message),
            HttpError::BodyTooLarge { .. } => Self::permanent("http-body-too-large", message),
            HttpError::BadBody(_) => Self::permanent("http-bad-body", message),
            HttpError::Status { method, status, retry_after, .. } => {
                let code = "http-status";
                let error = match (status, retry_after) {
                    (429 | 503, Some(delay)) => Self::retry_after(delay, code, message),
                    (502 | 504, _) => lost(&method, code, message),
                    (501 | 505, _) => Self::permanent(code, message),
                    (408 | 425 | 429 | 500.., _) => Self::transient(code, message),
                    _ => Self::permanent(code, message),
                };
                error.with_data(&serde_json::json!({ "status": status }))
            }
        }
    }
}

fn lost(method: &str, code: &'static str, message: String) -> TaskError {
    if is_safe(method) { TaskError::transient(code, message) } else { TaskError::unknown_outcome(code, message) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind::{self, Permanent, RetryAfter, Transient, UnknownOutcome};

    fn status(method: &str, status: u16, retry_after: Option<u64>) -> ErrorKind {
        let retry_after = retry_after.map(Duration::from_secs);
        TaskError::from(HttpError::Status { method: method.to_owned(), status, retry_after, body: String::new() }).kind()
    }

    #[test]
    fn every_status_has_its_kind() {
        for (code, get, post) in [
            (400, Permanent, Permanent),
            (404, Permanent, Permanent),
            (408, Transient, Transient),
            (425, Transient, Transient),
            (429, Transient, Transient),
            (500, Transient, Transient),
            (501, Permanent, Permanent),
            (502, Transient, UnknownOutcome),
            (503, Transient, Transient),
            (504, Transient, UnknownOutcome),
            (505, Permanent, Permanent),
            (599, Transient, Transient),
        ] {
            assert_eq!((status("GET", code, None), status("POST", code, None)), (get, post), "{code}");
        }
    }

    #[test]
    fn retry_after_counts_where_it_has_a_meaning() {
        let wait = RetryAfter(Duration::from_secs(7));
        assert_eq!((status("GET", 429, Some(7)), status("POST", 503, Some(7))), (wait, wait));
        assert_eq!(status("GET", 404, Some(7)), Permanent);
    }

    #[test]
    fn a_lost_reply_is_in_doubt_only_when_something_may_have_changed() {
        let lost = |method: &str| TaskError::from(HttpError::LostReply { method: method.to_owned(), reason: String::new() }).kind();
        assert_eq!((lost("GET"), lost("POST"), lost("DELETE")), (Transient, UnknownOutcome, UnknownOutcome));
    }
}
