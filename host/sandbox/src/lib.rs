//! Runs a task of a plugin under a grant and limits; the only crate that sees wasmtime.
//!
//! The story of one attempt:
//!
//! 1. [`Sandbox`] holds what all attempts share: one engine, one linker, the operator's policy, the secrets.
//! 2. [`Sandbox::load`] turns a component's bytes into a [`Plugin`]: identified, measured before it is compiled, compiled
//!    once, its machine code cached on disk under a key of our own.
//! 3. [`Plugin::describe`] asks it what tasks it offers, with no grant and a small budget.
//! 4. [`Sandbox::run`] runs one task in a fresh store under an [`Attempt`]'s grant and [`Limits`], and answers an
//!    [`AttemptEnd`]: the outcome, the receipt and the log, whatever happened inside.
//!
//! Everything a guest can call is one file per capability under `host/`, each powerless without a grant.

mod attempt;
mod bindings;
mod engine;
mod host;
mod limits;
mod plugin;
mod redact;
mod sandbox;
mod secret;
mod state;
mod ticker;
mod typed;

pub use attempt::{Attempt, AttemptContext, AttemptEnd, AttemptHost, AttemptLog, LogLine, LogSource, NoHost, SaveError, SaveFuture};
pub use engine::Allocation;
pub use host::http::address::{Cidr, CidrError};
pub use limits::{Limits, Metadata, OperatorPolicy};
pub use plugin::{DescribeError, LoadError, Measure, NotAComponent, Plugin, RawCapability, RawErrorInfo, RawTaskInfo, TooLarge, digest_of};
pub use sandbox::{Metering, Sandbox, SandboxConfig, SandboxError};
pub use secret::Secrets;
pub use typed::RefusedExport;

#[cfg(test)]
mod tests;
