//! What is happening: input → events → apply → commands.
//!
//! [`Run`] is the whole of it. Time is a parameter, effects are [`Command`]s, and a resumed run is one to which the same
//! events were applied.

mod adopt;
mod apply;
mod child;
mod command;
mod compensate;
mod deadline;
mod decide;
mod end;
mod evaluate;
mod event;
mod failure;
mod finally;
mod ids;
mod input;
mod kind;
mod lock;
mod machine;
mod on_error;
mod phase;
mod queue;
mod receipt;
mod resolve;
mod retry;
mod signal;
mod state;
mod step;
#[cfg(test)]
mod tests;
mod typed;
mod view;
mod wake;
mod why;
mod wind_down;

pub use adopt::ItemsAgain;
pub use command::{Command, Release};
pub use event::{BlockReason, Decision, Event, Parent, Place, Resolution, Scheduled};
pub use failure::{Failure, FailureKind, Platform};
pub use ids::{Fence, LockToken, Millis, RunId, RunUid};
pub use input::{Approval, ChildEnd, Input, Resolve, Signal};
pub use machine::{Beginning, Run};
pub use receipt::Receipt;
pub use resolve::ResolveRefusal;
pub use signal::{Reception, SIGNAL_BYTES_MAX, SIGNALS_WAITING_MAX, SignalRefusal};
pub use state::{IllegalEvent, Status};
pub use view::{ItemCounts, ItemView, StepView};
pub use wake::WakeSource;
pub use why::{Ownership, Reason};
