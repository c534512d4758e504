//! What a task says of itself, checked and in our own types.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::types::Type;

/// One task of a plugin as a workflow sees it.
///
/// However a plugin describes itself (the `describe` function of the task world, or the WIT of typed exports), this
/// is what it becomes, and nothing behind this type knows the difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskSignature {
    /// The task's name: `[a-z][a-z0-9-]{0,63}`.
    pub name: Arc<str>,
    /// What it does, in Markdown; the first line is the summary.
    pub docs: Arc<str>,
    /// The type of its input, always a record.
    pub input: Type,
    /// The type of its output.
    pub output: Type,
    /// JSON Schema of the input, as the plugin gave it.
    pub input_schema: Arc<str>,
    /// JSON Schema of the output, as the plugin gave it.
    pub output_schema: Arc<str>,
    /// The codes of the errors it may answer with.
    pub errors: Vec<ErrorInfo>,
    /// What its author says it can do to the world.
    pub effect: Effect,
    /// What it asks to touch.
    pub asks: Vec<Capability>,
    /// Anything else, as name and value.
    pub annotations: Vec<(Arc<str>, Arc<str>)>,
}

/// One error code a task may answer with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorInfo {
    /// The code.
    pub code: Arc<str>,
    /// When it happens and what to do.
    pub docs: Arc<str>,
}

/// What a task, or a step by its grant, can do to the world. Ordered: later ones can do more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Nothing but context, log, and a deterministic clock and random source.
    Pure,
    /// Reads the world: configuration, read-only files, `GET` requests.
    Reads,
    /// Anything else.
    Effects,
}

/// Something a task asks to touch. Asking grants nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capability {
    /// `http`, `files-read`, `files-write`, `config`, `secrets`, `scratch`, `memory`, or one this version does not know.
    pub name: Arc<str>,
    /// What of it; empty for whatever the workflow gives.
    pub scope: Vec<Arc<str>>,
    /// Whether a step that does not grant it is refused.
    pub required: bool,
    /// What it is for.
    pub docs: Arc<str>,
}
