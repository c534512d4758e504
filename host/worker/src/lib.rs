//! The loop: claim → resume → decide → checkpoint → dispatch.
//!
//! [`Worker`] owns runs. Each active run is one task, which waits for inputs, lets the pure core decide, commits the
//! events through the store, and only then carries out what the run wants. Nothing is shown or started before it is durable.
//!
//! - [`Plugins`]: installing, describing and loading plugins (registry + sandbox).
//! - [`Worker`]: starting, resuming, cancelling runs; shutting down in good order.
//! - [`Scheduler`]: starting runs when schedules say so.
//! - [`Ask`]: what somebody outside wants of a run: signals, decisions.
//! - [`news`](News): what a person watching a run is told, after it is durable.
//! - [`inspect`](load_run): reading a stored run without owning it.
//! - [`Clock`]: the only `now()` of the engine.

mod again;
mod ask;
mod cache;
mod children;
mod clock;
mod dispatch;
mod error;
mod inspect;
mod locks;
mod logs;
mod news;
mod plugins;
mod rerun;
mod run_task;
mod scheduler;
mod seat;
mod slots;
mod start;
mod timers;
mod worker;

pub use ask::{Ask, How, place_named};
pub use clock::{Clock, SystemClock};
pub use error::WorkerError;
pub use inspect::{LoadedRun, load_run, rerun_of};
pub use logs::{LogEntry, decode_log};
pub use news::{News, Watch};
pub use plugins::{InstallError, Installed, Locking, Plugins};
pub use rerun::{Again, Rerun};
pub use scheduler::{Occurrence, Outcome, SCHEDULE_LABEL, Scheduler, SchedulerError, Upcoming};
pub use start::{Start, Started, WorkflowFile};
pub use worker::{Heard, Worker, WorkerConfig};
