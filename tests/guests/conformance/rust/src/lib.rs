//! The conformance plugin; see `../README.md`.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use jackfield_sdk::prelude::*;
use jackfield_sdk::{Bytes, config, context, http, log, progress, secrets};
use serde_json::{Value, json};

jackfield_sdk::plugin!(echo, typed, report, savepoint, log_lines, fail, crash, secret, config_value, fetch, who, sleep, spin, grow);

/// Answers what it is given.
#[task(effect = pure, example_input = r#"{"value": [1, null, "é"]}"#, example_output = r#"[1, null, "é"]"#)]
fn echo(
    /// Anything.
    value: Value,
) -> Value {
    value
}

/// One of two.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Choice {
    /// Red.
    Red,
    /// Green.
    Green,
}

/// A record in a record.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Nested {
    id: i64,
}

/// A field of every type.
#[derive(Serialize, JsonSchema)]
struct Typed {
    flag: bool,
    whole: i64,
    ratio: f64,
    text: String,
    data: Bytes,
    names: Vec<String>,
    counts: BTreeMap<String, i64>,
    choice: Choice,
    nested: Nested,
    maybe: Option<String>,
}

/// Answers its input.
#[expect(clippy::too_many_arguments, reason = "one of every type")]
#[task(effect = pure)]
fn typed(
    flag: bool,
    whole: i64,
    ratio: f64,
    text: String,
    data: Bytes,
    names: Vec<String>,
    counts: BTreeMap<String, i64>,
    choice: Choice,
    nested: Nested,
    maybe: Option<String>,
) -> Typed {
    Typed { flag, whole, ratio, text, data, names, counts, choice, nested, maybe }
}

/// Reports progress.
#[task]
fn report() {
    progress::report(1, Some(2), "half");
    progress::report(2, None, "whole");
}

/// Counts in a savepoint.
#[task]
fn savepoint() -> Result<u64, TaskError> {
    let found = progress::load::<u64>()?.unwrap_or(0);
    progress::save(&(found + 1))?;
    Ok(found)
}

/// Writes a line of each level.
#[task(name = "log")]
fn log_lines() {
    for level in [log::Level::Trace, log::Level::Debug, log::Level::Info, log::Level::Warn, log::Level::Error] {
        log::write(level, "a line", vec![("level".to_owned(), level.to_string())]);
    }
}

/// Fails.
#[task(errors("asked-for" = "It always fails."))]
fn fail(
    /// How.
    kind: String,
) -> Result<(), TaskError> {
    let (code, message) = ("asked-for", "as asked");
    let error = match kind.as_str() {
        "transient" => TaskError::transient(code, message),
        "retry-after" => TaskError::retry_after(Duration::from_millis(1_500), code, message),
        "unknown-outcome" => TaskError::unknown_outcome(code, message),
        _ => TaskError::permanent(code, message),
    };
    Err(error.with_data(&json!({ "kind": kind })))
}

/// Goes wrong.
#[task]
fn crash() {
    std::panic::panic_any("nobody foresaw this")
}

/// Answers a placeholder.
#[task(effect = effects, asks(secrets(optional, docs = "To show a placeholder.")))]
fn secret(name: String) -> Result<String, TaskError> {
    Ok(secrets::placeholder(&name)?)
}

/// Answers a configuration value.
#[task(name = "config", effect = reads, asks(config(optional, docs = "To show a value.")))]
fn config_value(name: String) -> Result<Option<String>, TaskError> {
    Ok(config::get(&name)?)
}

/// What a server answered.
#[derive(Serialize, JsonSchema)]
struct Answer {
    status: u16,
    body: String,
}

/// Sends a GET.
#[task(effect = reads, asks(http(optional, docs = "To fetch."), secrets(optional, docs = "To send one.")))]
fn fetch(url: String, secret: Option<String>) -> Result<Answer, TaskError> {
    let mut request = http::get(&url);
    if let Some(name) = secret {
        request = request.header("authorization", format!("Bearer {}", secrets::placeholder(&name)?));
    }
    let answer = request.send()?.check()?;
    Ok(Answer { status: answer.status(), body: answer.text()? })
}

/// Who is running.
#[derive(Serialize, JsonSchema)]
struct Context {
    run: String,
    workflow: String,
    step: String,
    attempt: u32,
    max_attempts: u32,
    deadline_ms: u64,
    key: String,
    item: Option<u64>,
}

/// Answers who is running.
#[task(name = "context")]
fn who() -> Context {
    let deadline = context::deadline().duration_since(UNIX_EPOCH).unwrap_or_default();
    Context {
        run: context::run_id(),
        workflow: context::workflow(),
        step: context::step(),
        attempt: context::attempt(),
        max_attempts: context::max_attempts(),
        deadline_ms: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
        key: context::idempotency_key(),
        item: context::item(),
    }
}

/// Waits.
#[task(effect = reads)]
fn sleep(ms: u64) {
    std::thread::sleep(Duration::from_millis(ms));
}

/// Computes for ever.
#[task(effect = pure)]
fn spin() {
    let mut count = 0_u64;
    loop {
        count = std::hint::black_box(count.wrapping_add(1));
    }
}

/// Takes memory for ever.
#[task(effect = pure)]
fn grow() {
    let mut taken = Vec::new();
    loop {
        taken.push(std::hint::black_box(vec![1_u8; 1 << 20]));
    }
}
