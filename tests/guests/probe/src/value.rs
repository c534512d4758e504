//! Values in and out: the JSON mapping (H13), sizes and depths of results (H10), the facts of an attempt.

use jackfield_sdk::context as host;
use jackfield_sdk::prelude::*;

/// Answers what it is given.
#[task(example_input = r#"{"value":{"a":[1,null]}}"#, example_output = r#"{"a":[1,null]}"#)]
pub(crate) fn echo(
    /// Anything.
    value: Value,
) -> Value {
    value
}

/// All that `context` tells.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Context {
    run: String,
    workflow: String,
    step: String,
    item: Option<u64>,
    attempt: u32,
    max_attempts: u32,
    /// Milliseconds since the Unix epoch.
    deadline_ms: u64,
    key: String,
}

/// Answers what the host says about this attempt.
#[task]
pub(crate) fn context() -> Context {
    let deadline = host::deadline().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Context {
        run: host::run_id(),
        workflow: host::workflow(),
        step: host::step(),
        item: host::item(),
        attempt: host::attempt(),
        max_attempts: host::max_attempts(),
        deadline_ms: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
        key: host::idempotency_key(),
    }
}

/// Answers with a text of so many bytes (H10).
#[task]
pub(crate) fn big_output(
    /// Bytes of the text.
    bytes: u32,
) -> String {
    "x".repeat(bytes as usize)
}

/// Answers with lists inside each other (H10).
#[task]
pub(crate) fn deep_output(
    /// How many.
    depth: u32,
) -> Value {
    (0..depth).fold(Value::Null, |inner, _| Value::Array(vec![inner]))
}
