//! The plugin's side of the contract: our types become those of the bindings. Used by the code that `plugin!` writes.

use crate::bindings::exports::jackfield::task::tasks;
use crate::error::ErrorKind;
use crate::task::{self, Effect, Need, Task};

pub use crate::bindings::__export_plugin as export;
pub use tasks::{Guest, TaskError, TaskInfo};

use crate::bindings::jackfield::task::types;

/// What `describe` answers for `tasks`.
pub fn describe(tasks: &[Task]) -> Vec<TaskInfo> {
    tasks.iter().map(describe_one).collect()
}

fn describe_one(task: &Task) -> TaskInfo {
    let mut errors: Vec<types::ErrorInfo> = Vec::new();
    for error in (task.errors)() {
        // Two variants may share a code; the first one's docs stand for both.
        if errors.iter().all(|known| known.code != error.code) {
            errors.push(types::ErrorInfo { code: error.code.to_owned(), docs: error.docs.to_owned() });
        }
    }
    TaskInfo {
        name: task.name.to_owned(),
        docs: task.docs.to_owned(),
        input_schema: (task.input_schema)(),
        output_schema: (task.output_schema)(),
        errors,
        effect: match task.effect {
            Effect::Pure => types::Effect::Pure,
            Effect::Reads => types::Effect::Reads,
            Effect::Effects => types::Effect::Effects,
        },
        capabilities: task.capabilities.iter().map(capability).collect(),
        annotations: task.annotations.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    }
}

fn capability(asked: &task::Capability) -> types::Capability {
    types::Capability {
        name: asked.name.to_owned(),
        scope: asked.scope.iter().map(|&scope| scope.to_owned()).collect(),
        required: asked.need == Need::Required,
        docs: asked.docs.to_owned(),
    }
}

/// What `run` answers.
///
/// # Errors
/// What the task answers, in the contract's words.
pub fn run(tasks: &[Task], name: &str, input: &str) -> Result<String, TaskError> {
    task::run(tasks, name, input).map_err(|error| {
        let kind = error.kind();
        let data = error.data().map(ToString::to_string);
        let detail = types::ErrorDetail { code: error.code().to_owned(), message: error.message().to_owned(), data };
        match kind {
            ErrorKind::Transient => TaskError::Transient(detail),
            ErrorKind::Permanent => TaskError::Permanent(detail),
            ErrorKind::UnknownOutcome => TaskError::UnknownOutcome(detail),
            ErrorKind::RetryAfter(delay) => {
                let delay_ms = u64::try_from(delay.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
                TaskError::RetryAfter(types::RetryLater { delay_ms, detail })
            }
        }
    })
}
