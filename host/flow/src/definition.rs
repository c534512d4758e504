//! What the author wrote: text → [`Definition`], all problems at once, each with its place in the file.
//!
//! [`read`] goes through four stages: text → a tree with places (YAML, bounded) → known keys → values.
//! A definition knows nothing of plugins; what needs their types is checked by [`crate::plan`].

mod diagnostic;
mod input;
mod modifier;
mod reader;
mod scalar;
mod source;
mod step;
mod template;
mod tree;
mod trial;
mod workflow;

pub use diagnostic::{Code, Diagnostic, Problems, Severity};
pub use input::InputDef;
pub use modifier::{Backoff, Jitter, Modifiers, RetryDef};
pub use scalar::is_name;
pub use source::{Position, Source, Span, Spanned};
pub use step::{ForEachDef, StepDef, TaskRef};
pub use template::{ExprAt, Template, TemplateKind, Words};
pub use tree::{Node, NodeKind, read_tree};
pub use trial::{Answer, CallExpect, Expect, StepExpect, Stub, Trial, TrialError, TrialFile, TrialSignal, TrialTarget, read_trials};
pub use workflow::{Definition, OutputDef, PluginDef, read};

#[cfg(test)]
mod tests;
