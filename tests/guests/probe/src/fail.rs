//! Failing in every way that the contract has, so that tests see what the engine does about it.

use std::time::Duration;

use jackfield_sdk::prelude::*;
use jackfield_sdk::{ErrorKind, context};

/// The cases of `task-error`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// `transient`.
    Transient,
    /// `retry-after`.
    RetryAfter,
    /// `permanent`.
    Permanent,
    /// `unknown-outcome`.
    UnknownOutcome,
}

/// Fails as it is told.
#[task(errors("planned" = "Unless another code is asked for."))]
pub(crate) fn fail(
    /// The case.
    kind: Kind,
    /// The code.
    code: Option<String>,
    /// The message.
    message: Option<String>,
    /// With `retry-after`, the delay in milliseconds.
    delay_ms: Option<u64>,
    /// More for programs.
    data: Option<Value>,
) -> Result<(), TaskError> {
    Err(error(kind, code, message, delay_ms, data))
}

/// Fails until an attempt, and answers with the attempt's number from then on.
#[task(errors("not-yet" = "The attempt is too early."))]
pub(crate) fn fail_until(
    /// The first attempt that goes well.
    attempt: u32,
    /// How the ones before it fail.
    kind: Kind,
) -> Result<u32, TaskError> {
    let now = context::attempt();
    if now >= attempt {
        return Ok(now);
    }
    Err(error(kind, Some("not-yet".to_owned()), Some(format!("attempt {now} of {attempt}")), None, None))
}

fn error(kind: Kind, code: Option<String>, message: Option<String>, delay_ms: Option<u64>, data: Option<Value>) -> TaskError {
    let kind = match kind {
        Kind::Transient => ErrorKind::Transient,
        Kind::RetryAfter => ErrorKind::RetryAfter(Duration::from_millis(delay_ms.unwrap_or(0))),
        Kind::Permanent => ErrorKind::Permanent,
        Kind::UnknownOutcome => ErrorKind::UnknownOutcome,
    };
    let code = code.unwrap_or_else(|| "planned".to_owned());
    let error = TaskError::new(kind, code, message.unwrap_or_else(|| "as asked".to_owned()));
    match data {
        Some(data) => error.with_data(&data),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use jackfield_sdk::testing::Host;

    use super::*;

    #[test]
    fn fails_as_told() {
        let error = fail(Kind::RetryAfter, Some("busy".into()), None, Some(1_500), Some(json!(7))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RetryAfter(Duration::from_millis(1_500)));
        assert_eq!((error.code(), error.data()), ("busy", Some(&json!(7))));
    }

    #[test]
    fn fails_until_its_attempt() {
        let (early, _) = Host::new().attempt(2, 5).run(|| fail_until(3, Kind::Transient));
        assert_eq!(early.unwrap_err().code(), "not-yet");
        let (late, _) = Host::new().attempt(3, 5).run(|| fail_until(3, Kind::Transient));
        assert_eq!(late, Ok(3));
    }
}
