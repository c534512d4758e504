//! What is happening: input → events → apply → commands.
//!
//! [`Run`] is the whole of it. Time is a parameter, effects are [`Command`]s, and a resumed run is one to which the same
//! events were applied.

mod apply;
mod command;
mod decide;
mod evaluate;
mod event;
mod failure;
mod ids;
mod input;
mod machine;
mod receipt;
mod retry;
mod state;
#[cfg(test)]
mod tests;
mod view;

pub use command::{Command, Release};
pub use event::{BlockReason, Decision, Event, Parent, Place, Resolution};
pub use failure::{Failure, FailureKind, Platform};
pub use ids::{Fence, LockToken, Millis, RunId, RunUid};
pub use input::{Approval, ChildEnd, Input, Resolve, Signal};
pub use machine::{Beginning, Run};
pub use receipt::Receipt;
pub use state::{IllegalEvent, Status};
pub use view::{ItemCounts, ItemView, Ownership, Reason, StepView};
