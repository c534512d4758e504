//! What will be run: definition + task signatures → [`Plan`].

mod build;
mod check;
mod codes;
mod compat;
mod digest;
mod effective;
mod foresee;
mod grant;
mod graph;
mod inputs;
mod lint;
mod model;
mod narrow;
mod schedule;
mod signature;
#[cfg(test)]
pub(crate) mod tests;

pub use build::{FLOW_DEPTH_MAX, Flows, PLAN_STEPS_MAX, PluginInfo, Plugins, build, ident, results};
pub use codes::{ENGINE_CODES, explain_engine_code};
pub use compat::{About, Change, Weight, changes};
pub use digest::{Digest, NotADigest};
pub use effective::MEMORY_DEFAULT;
pub use foresee::{Foreseen, Known};
pub use grant::{FileMode, FileRule, Grant, HttpRule, HttpTarget, SecretRule, USED_RULES_MAX, host_matches};
pub use inputs::InputError;
pub use model::{
    Action, Branch, Call, Concurrency, Contender, Lock, OnError, OnItemError, PLAN_FORMAT, ParentEnds, PinnedPlugin, Plan, PlanError,
    PlanInput, PlanOutput, PlanStep, PlanTask, PlanTemplate, Rate, RepeatTest, Retry, Role, StepKind, Then, Timeout, WhenBusy,
};
pub use schedule::{Overlap, Schedule, ScheduleError};
pub use signature::{Capability, Effect, ErrorInfo, TaskSignature};
