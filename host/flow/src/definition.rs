//! What the author wrote: text → [`Definition`], all problems at once, each with its place in the file.
//!
//! [`read`] goes through four stages: text → a tree with places (YAML, bounded) → known keys → values.
//! A definition knows nothing of plugins; what needs their types is checked by [`crate::plan`].

mod action;
mod diagnostic;
mod flow;
mod grant;
mod handler;
mod input;
pub mod keys;
mod modifier;
mod reader;
mod scalar;
mod schedule;
mod schema;
mod source;
mod step;
mod structure;
mod template;
mod tree;
mod trial;
mod workflow;

pub use action::{ActionDef, ActionKind, CallDef, FlowCallDef, TaskRef};
pub use diagnostic::{Code, Diagnostic, Problems, Severity};
pub use flow::{FlowBody, FlowDef, flow_files, is_flow_path};
pub use handler::{HandlerDef, OnErrorDef, ThenDef, is_error_code};
pub use input::InputDef;
pub use modifier::{Backoff, Defaults, Jitter, LockDef, RateDef, RetryDef, TimeoutDef};
pub use scalar::is_name;
pub use schedule::{SCHEDULES_MAX, ScheduleDef};
pub use schema::{schema, test_schema};
pub use source::{Position, Source, Span, Spanned};
pub use step::StepDef;
pub use structure::{BodyDef, BranchDef, ContenderDef, ForEachDef, RepeatDef, RepeatTestDef};
pub use template::{ExprAt, Template, TemplateKind, Words};
pub use tree::{FILE_BYTES_MAX, Node, NodeKind, read_tree};
pub use trial::{
    Answer, CallExpect, Expect, ItemStub, StepExpect, Stub, Trial, TrialError, TrialFile, TrialSignal, TrialTarget, read_trials,
};
pub use workflow::{ConcurrencyDef, Definition, LabelDef, OutputDef, PluginDef, read};

#[cfg(test)]
pub(crate) mod tests;
