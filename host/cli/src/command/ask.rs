//! What `runs signal`, `runs approve` and `runs resolve` have in common: telling a run something.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use jackfield_flow::run::{RunId, SIGNAL_BYTES_MAX, Status};
use jackfield_flow::types::{JsonLimits, Value};
use jackfield_worker::Ask;
use serde::Serialize;

use crate::args::WordArgs;
use crate::control::{self, Request};
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, engine_runtime};
use crate::operator::Operator;
use crate::output::Format;
use crate::{inputs, progress, reason};

/// What came of it, for programs.
#[derive(Debug, Serialize)]
struct Told {
    run: RunId,
    /// Always true: a refusal is an error.
    accepted: bool,
    /// Whether an engine that has the run heard it; otherwise it is recorded, and the run goes on when it is resumed.
    heard: bool,
    /// How the run stands now.
    status: Status,
}

/// Tells a run something: the engine that has the data directory, or else by recording it. `done` says what was done.
pub(super) fn tell(home: &Home, run: RunId, ask: Ask, done: &str) -> Result<Exit, CliError> {
    // What is not there is not made by asking something of it.
    drop(home.reader()?);
    let request = Request::Ask { run, ask };
    let heard = control::ask(&home.settings.data, &request)?.is_some();
    if !heard && let Request::Ask { run, ask } = request {
        record(home, run, ask)?;
    }
    let stands = home.load(run)?.run;
    let output = &home.output;
    if output.format() == Format::Json {
        output.json(&Told { run, accepted: true, heard, status: stands.status() })?;
    }
    output.say(&format!("run {run}: {done}"));
    if let Some(why) = stands.blocked() {
        output.say(&format!("run {run} is blocked: {}", progress::blocked_line(&stands, why)));
        output.say(&format!("to let it go on: {}", reason::way_on(&stands, why, &home.settings)));
        return Ok(Exit::NeedsDecision);
    }
    if !heard && !stands.status().is_end() {
        output.say(&format!("nobody runs it now; it goes on with: {}", home.settings.hint(format!("resume {run}"))));
    }
    Ok(Exit::Done)
}

fn record(home: &Home, run: RunId, ask: Ask) -> Result<(), CliError> {
    engine_runtime()?.block_on(async {
        let engine = home.engine(Operator::default()).await?;
        let recorded = engine.worker.record(run, ask).await;
        engine.close().await;
        Ok(recorded?)
    })
}

/// A value that was typed as JSON, or that stands in a file, as compact JSON text.
///
/// # Errors
/// When it cannot be read, is no JSON, or is larger than a run takes.
pub(super) fn json_text(what: &str, typed: &str) -> Result<String, CliError> {
    let (shown, bytes) = match typed.strip_prefix('@') {
        Some(file) => (file.to_owned(), inputs::read(Path::new(file))?),
        None => (what.to_owned(), typed.as_bytes().to_vec()),
    };
    let text = inputs::utf8(&shown, bytes)?;
    let limits = JsonLimits::default();
    let value = Value::from_json(&text, limits).map_err(|error| {
        let quoted = Value::string(text.chars().take(40).collect::<String>()).to_json();
        CliError::Usage(format!("{what} must be JSON: {error}; a text is written as '{quoted}'"))
    })?;
    let text = value.to_json();
    if text.len() > SIGNAL_BYTES_MAX {
        return Err(CliError::Refused(format!("{what} has {} bytes; it may have {SIGNAL_BYTES_MAX}", text.len())));
    }
    Ok(text)
}

/// Who says it: what was typed, or the login name.
pub(super) fn author(word: &WordArgs) -> String {
    let login = || ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|name| !name.is_empty()));
    // Whoever has no name has a number.
    let number = || std::fs::metadata("/proc/self").map_or_else(|_| "somebody".to_owned(), |me| format!("user {}", me.uid()));
    word.by.clone().or_else(login).unwrap_or_else(number)
}

/// A name in the world for something said once.
pub(super) fn new_id() -> Result<String, CliError> {
    let mut bytes = [0; 16];
    let failed =
        |error: getrandom::Error| CliError::System { what: "there are no random bytes", error: std::io::Error::other(error.to_string()) };
    getrandom::fill(&mut bytes).map_err(failed)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::kind_of;

    #[test]
    fn what_is_typed_must_be_json_of_a_bounded_size() {
        assert_eq!(json_text("the payload", " {\"a\" : 1} ").unwrap(), "{\"a\":1}");
        let error = json_text("the payload", "hello").unwrap_err();
        assert!(error.to_string().contains("written as '\"hello\"'"), "{error}");
        assert_eq!(kind_of(&error).exit, Exit::Usage);
        let large = format!("\"{}\"", "x".repeat(SIGNAL_BYTES_MAX));
        assert_eq!(kind_of(&json_text("the payload", &large).unwrap_err()).exit, Exit::Refused);
        assert!(json_text("the payload", "@/no/such/file").is_err());
    }

    #[test]
    fn the_author_is_who_was_named() {
        let word = WordArgs { by: Some("anna".to_owned()), note: String::new() };
        assert_eq!(author(&word), "anna");
        assert!(!author(&WordArgs::default()).is_empty());
        assert_ne!(new_id().unwrap(), new_id().unwrap());
    }
}
