//! What the macros build: a table of tasks, described and run by name.
//!
//! Authors do not use this module by hand; it is public because the code that the macros write refers to it.

use std::fmt::Write as _;
use std::marker::PhantomData;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{ErrorCode, ErrorCodes, TaskError};

/// What a task can do to the world, as its author says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Its output depends on its input and configuration alone.
    Pure,
    /// It reads the world, and changes nothing.
    Reads,
    /// It may change the world.
    Effects,
}

/// Whether a task can do its work without a capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A step that does not grant the capability is refused before anything runs.
    Required,
    /// The task also works without it.
    Optional,
}

/// Something that a task asks to touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capability {
    /// `http`, `files-read`, `files-write`, `config`, `secrets`, `scratch` or `memory`.
    pub name: &'static str,
    /// What of it; empty for whatever the workflow gives.
    pub scope: &'static [&'static str],
    /// Whether the task can do without.
    pub need: Need,
    /// What it is for, one sentence.
    pub docs: &'static str,
}

/// One task: what `describe` says of it, and the function that runs it.
#[derive(Debug, Clone, Copy)]
pub struct Task {
    /// 1 to 64 characters of `a-z`, `0-9` and `-`, beginning with a letter.
    pub name: &'static str,
    /// Markdown; the first line is the summary.
    pub docs: &'static str,
    /// What it can do to the world.
    pub effect: Effect,
    /// What it asks to touch.
    pub capabilities: &'static [Capability],
    /// Anything else as name and value.
    pub annotations: &'static [(&'static str, &'static str)],
    /// JSON Schema of the input, as JSON text.
    pub input_schema: fn() -> String,
    /// JSON Schema of the output, as JSON text.
    pub output_schema: fn() -> String,
    /// Every code it may fail with.
    pub errors: fn() -> Vec<ErrorCode>,
    /// Runs it: JSON text in, JSON text out.
    pub run: fn(&str) -> Result<String, TaskError>,
    /// Whether a JSON text is an input of this task, and why not.
    pub accepts: fn(&str) -> Result<(), TaskError>,
}

/// Runs the task called `name`.
///
/// # Errors
/// What the task answers; `unknown-task` when there is none of that name.
pub fn run(tasks: &[Task], name: &str, input: &str) -> Result<String, TaskError> {
    let Some(task) = tasks.iter().find(|task| task.name == name) else {
        let known: Vec<&str> = tasks.iter().map(|task| task.name).collect();
        let message = format!("this plugin has no task `{name}`; it has: {}", known.join(", "));
        return Err(TaskError::permanent("unknown-task", message));
    };
    (task.run)(input)
}

/// Reads a task's input from JSON text.
///
/// # Errors
/// `invalid-input`, permanent, with what is wrong and where.
pub fn parse_input<T: DeserializeOwned>(input: &str) -> Result<T, TaskError> {
    serde_json::from_str(input).map_err(|error| TaskError::permanent("invalid-input", format!("the input does not fit the task: {error}")))
}

/// Writes a task's output as JSON text.
///
/// # Errors
/// `invalid-output`, permanent, when the value cannot be JSON.
pub fn write_output<T: Serialize>(output: &T) -> Result<String, TaskError> {
    serde_json::to_string(output).map_err(|error| TaskError::permanent("invalid-output", format!("the output cannot be JSON: {error}")))
}

/// The JSON Schema of what a task reads. The name that Rust gave the type is no part of it.
pub fn input_schema<T: JsonSchema>() -> String {
    let mut schema = SchemaSettings::draft2020_12().for_deserialize().into_generator().into_root_schema_for::<T>();
    schema.remove("title");
    // A task without parameters has an input type without fields, which is an object all the same.
    if schema.get("properties").is_none() && schema.get("$ref").is_none() {
        schema.insert("type".to_owned(), "object".into());
    }
    schema.as_value().to_string()
}

/// The JSON Schema of what a task answers.
pub fn output_schema<T: JsonSchema>() -> String {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>().as_value().to_string()
}

/// A `Result`, under whatever name an alias gave it.
#[diagnostic::on_unimplemented(message = "`{Self}` is called `Result` but is none", label = "a task returns `T` or `Result<T, E>`")]
pub trait Fallible {
    /// What it answers.
    type Output;
    /// How it fails.
    type Error;
    /// As a plain `Result`.
    ///
    /// # Errors
    /// The error of `self`.
    fn into_result(self) -> Result<Self::Output, Self::Error>;
}

impl<T, E> Fallible for Result<T, E> {
    type Output = T;
    type Error = E;
    fn into_result(self) -> Self {
        self
    }
}

/// The error of a task, as the engine wants it. A function of its own, so that the compiler's complaint names the bound.
pub fn into_task_error<E: Into<TaskError>>(error: E) -> TaskError {
    error.into()
}

/// Finds the codes of an error type, and none when the type has no list.
///
/// The inherent method is there for types that implement [`ErrorCodes`] and wins over the one of [`WithoutCodes`].
#[derive(Debug)]
pub struct CodesOf<E>(PhantomData<E>);

impl<E> CodesOf<E> {
    /// A question about `E`.
    #[expect(clippy::new_without_default, reason = "only the macros ask")]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E: ErrorCodes> CodesOf<E> {
    /// The codes of `E`.
    pub fn codes(&self) -> Vec<ErrorCode> {
        E::codes()
    }
}

/// What [`CodesOf`] answers for a type that lists no codes.
pub trait WithoutCodes {
    /// None.
    fn codes(&self) -> Vec<ErrorCode> {
        Vec::new()
    }
}

impl<E> WithoutCodes for CodesOf<E> {}

/// Whether two names of `tasks` are equal. A constant function, so that `plugin!` can refuse it while compiling.
pub const fn has_duplicates(tasks: &[Task]) -> bool {
    let mut left = 0;
    while left < tasks.len() {
        let mut right = left + 1;
        while right < tasks.len() {
            if same_text(tasks[left].name.as_bytes(), tasks[right].name.as_bytes()) {
                return true;
            }
            right += 1;
        }
        left += 1;
    }
    false
}

const fn same_text(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Everything that is wrong with what `tasks` say of themselves, one line each: codes that are no codes, examples that
/// do not fit. `plugin!` writes a unit test that expects nothing.
pub fn faults(tasks: &[Task]) -> String {
    let mut faults = String::new();
    for task in tasks {
        let mut add = |fault: &str| {
            let _ = writeln!(faults, "task `{}`: {fault}", task.name);
        };
        for error in (task.errors)() {
            if !is_code(error.code) {
                add(&format!("the error code `{}` is not 1 to 64 characters of a-z, 0-9 and -", error.code));
            }
        }
        for (name, text) in task.annotations {
            match *name {
                "example-input" => {
                    if let Err(error) = (task.accepts)(text) {
                        add(&format!("example_input: {}", error.message()));
                    }
                }
                "example-output" => {
                    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
                        add(&format!("example_output is not JSON: {error}"));
                    }
                }
                _ => {}
            }
        }
    }
    faults
}

fn is_code(code: &str) -> bool {
    (1..=64).contains(&code.len()) && code.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}
