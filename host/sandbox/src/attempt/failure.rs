//! From what wasmtime says to a failure the engine acts on.

use jackfield_flow::run::{Failure, FailureKind, Platform};
use wasmtime::component::ResourceTableError;
use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;
use wasmtime_wasi_http::FieldMapError;

use crate::attempt::TimeUp;
use crate::bindings::jackfield::task::types::{ErrorDetail, TaskError};
use crate::host::http::FIELDS_BYTES_MAX;
use crate::limits::Refused;

/// The longest message of a failure, in bytes.
pub(crate) const MESSAGE_BYTES_MAX: usize = 16 * 1024;
/// The longest `data` of a task's error, in bytes.
pub(crate) const DATA_BYTES_MAX: usize = 64 * 1024;
/// The longest backtrace, in bytes; its frames are bounded by the engine, their names are not.
const TRACE_BYTES_MAX: usize = 16 * 1024;
/// The code of a task's error that has no good code of its own.
pub(crate) const NO_CODE: &str = "task-error";

/// A host function that was asked for more than a limit allows. It ends the attempt.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct HostLimit {
    message: String,
}

impl HostLimit {
    /// With a sentence that names the limit.
    pub(crate) fn new(message: String) -> Self {
        Self { message }
    }
}

/// When something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Before any code of the task ran.
    Instantiate,
    /// In the call itself.
    Call,
}

/// What is known besides the error.
pub(crate) struct Facts {
    pub(crate) phase: Phase,
    pub(crate) refused: Option<Refused>,
    pub(crate) last_words: Vec<String>,
    pub(crate) copy_bytes_max: usize,
}

/// What an error of wasmtime means.
pub(crate) fn of_error(error: &wasmtime::Error, facts: &Facts) -> Failure {
    let (platform, mut message) = classify(error, facts);
    if !facts.last_words.is_empty() {
        message.push_str("\nthe task's last words on standard error:\n");
        message.push_str(&facts.last_words.join("\n"));
    }
    let mut failure = platform.failure(cut(&message, MESSAGE_BYTES_MAX));
    failure.trace = error.downcast_ref::<WasmBacktrace>().and_then(trace).map(Into::into);
    failure
}

fn classify(error: &wasmtime::Error, facts: &Facts) -> (Platform, String) {
    if let Some(up) = error.downcast_ref::<TimeUp>() {
        return (Platform::LimitTime, up.to_string());
    }
    if let Some(I32Exit(status)) = error.downcast_ref::<I32Exit>() {
        return (Platform::GuestExit, format!("the task ended the program with status {status} instead of answering"));
    }
    if let Some(limit) = error.downcast_ref::<HostLimit>() {
        return (Platform::LimitHostCalls, limit.to_string());
    }
    if let Some(error) = error.downcast_ref::<ResourceTableError>() {
        return match error {
            ResourceTableError::Full => (
                Platform::LimitHostCalls,
                "the task holds more streams, files and requests than the limit of 1000 allows: drop what is no longer used".to_owned(),
            ),
            misuse => (Platform::GuestAbi, format!("the task misused a handle: {misuse}")),
        };
    }
    if let Some(FieldMapError::TotalSizeTooBig | FieldMapError::TooManyFields) = error.downcast_ref::<FieldMapError>() {
        let message = format!("the header fields of a request take more than {FIELDS_BYTES_MAX} bytes, which is the limit");
        return (Platform::LimitHostCalls, message);
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return of_trap(*trap, facts);
    }
    if error.downcast_ref::<PoolConcurrencyLimitError>().is_some() {
        return (Platform::HostInternal, format!("too many attempts run at once: {error:#}"));
    }
    if let (Phase::Instantiate, Some(refused)) = (facts.phase, facts.refused) {
        return (Platform::LimitMemory, format!("the component cannot be instantiated: {refused}"));
    }
    untyped(error, facts)
}

fn of_trap(trap: Trap, facts: &Facts) -> (Platform, String) {
    let platform = match trap {
        Trap::StackOverflow => Platform::LimitStack,
        Trap::OutOfFuel | Trap::Interrupt => Platform::LimitTime,
        Trap::InvalidChar
        | Trap::InvalidDiscriminant
        | Trap::StringOutOfBounds
        | Trap::ListOutOfBounds
        | Trap::UnalignedPointer
        | Trap::CannotEnterComponent
        | Trap::CannotLeaveComponent
        | Trap::DebugAssertStringEncodingFinished
        | Trap::DebugAssertEqualCodeUnits
        | Trap::DebugAssertPointerAligned
        | Trap::DebugAssertUpperBitsUnset => Platform::GuestAbi,
        _ => Platform::GuestTrap,
    };
    let what = trap.to_string();
    let what = what.strip_prefix("wasm trap: ").unwrap_or(&what);
    match (platform, facts.refused) {
        // A runtime that gets no memory gives up with a plain trap: what it was refused is the reason to show.
        (Platform::GuestTrap, Some(refused)) => {
            (Platform::LimitMemory, format!("the task gave up ({what}) after memory was refused: {refused}"))
        }
        (Platform::LimitStack, _) => (platform, "the task's calls are nested too deeply: its stack of 512 KiB is used up".to_owned()),
        (Platform::LimitTime, _) => (platform, format!("the task used up its fuel ({what})")),
        _ => (platform, format!("the task trapped: {what}")),
    }
}

/// Errors that wasmtime gives no type of their own. Two of them are limits, known by their text, which tests pin down;
/// any other broke the rules between guest and host.
fn untyped(error: &wasmtime::Error, facts: &Facts) -> (Platform, String) {
    let text = error.root_cause().to_string();
    let in_host_call = error.downcast_ref::<WasmBacktrace>().is_some();
    if text.contains("fuel allocated for hostcalls has been exhausted") {
        let limit = facts.copy_bytes_max;
        return if in_host_call {
            (Platform::LimitHostCalls, format!("one host call was given more than {limit} bytes, which is the limit"))
        } else {
            (Platform::LimitResultSize, format!("the answer is larger than {limit} bytes, which is the limit"))
        };
    }
    if text.contains("store handle limit exceeded") {
        return (Platform::LimitHostCalls, "the task holds more handles than the limit of 5000 allows".to_owned());
    }
    match facts.phase {
        Phase::Instantiate => (Platform::HostInternal, format!("the component cannot be instantiated: {error:#}")),
        Phase::Call => (Platform::GuestAbi, format!("the task broke the canonical ABI: {text}")),
    }
}

fn trace(backtrace: &WasmBacktrace) -> Option<String> {
    let text = backtrace.to_string();
    let (_, frames) = text.split_once('\n')?;
    Some(cut(frames, TRACE_BYTES_MAX).to_owned())
}

/// What a task's own error means.
pub(crate) fn of_task_error(error: TaskError) -> Failure {
    let (kind, detail) = match error {
        TaskError::Transient(detail) => (FailureKind::Transient, detail),
        TaskError::RetryAfter(later) => (FailureKind::RetryAfter(later.delay_ms), later.detail),
        TaskError::Permanent(detail) => (FailureKind::Permanent, detail),
        TaskError::UnknownOutcome(detail) => (FailureKind::UnknownOutcome, detail),
    };
    let ErrorDetail { code, mut message, data } = detail;
    let code = if is_code(&code) {
        code
    } else {
        // A dot would make it look like a code of the platform.
        message = format!("{message} (the task's code `{}` is not 1 to 64 characters of a-z, 0-9 and -)", cut(&code, 64).escape_debug());
        NO_CODE.to_owned()
    };
    let data = data.filter(|data| data.len() <= DATA_BYTES_MAX && serde_json::from_str::<serde::de::IgnoredAny>(data).is_ok());
    Failure { kind, code: code.into(), message: cut(&message, MESSAGE_BYTES_MAX).into(), data: data.map(Into::into), trace: None }
}

/// Whether a text can be an error's code: 1 to 64 characters of `a-z`, `0-9` and `-`.
pub(crate) fn is_code(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// The beginning of a text, in whole characters.
pub(crate) fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

#[cfg(test)]
mod tests {
    use wasmtime_wasi_http::p2::HeaderError;

    use super::*;

    #[test]
    fn header_fields_without_end_are_a_limit() {
        let facts = Facts { phase: Phase::Call, refused: None, last_words: Vec::new(), copy_bytes_max: 0 };
        let error = HeaderError::from(FieldMapError::TotalSizeTooBig).downcast().unwrap_err();
        let failure = of_error(&error, &facts);
        assert_eq!(failure.code.as_ref(), "limit.host-calls");
        assert!(failure.message.contains("32768"), "{}", failure.message);
    }

    #[test]
    fn the_last_words_stand_below_the_trap() {
        let last_words = vec!["thread 'main' panicked at src/lib.rs:7:9:".to_owned(), "no orders".to_owned()];
        let facts = Facts { phase: Phase::Call, refused: None, last_words, copy_bytes_max: 0 };
        let failure = of_error(&Trap::UnreachableCodeReached.into(), &facts);
        assert!(failure.message.ends_with("panicked at src/lib.rs:7:9:\nno orders"), "{}", failure.message);
    }
}
