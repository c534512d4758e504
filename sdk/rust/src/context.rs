//! Who is running: facts about this attempt.
//!
//! ```
//! use jackfield_sdk::context;
//!
//! // Natively, in unit tests, the facts are fixed.
//! assert_eq!((context::attempt(), context::item()), (1, None));
//! ```

use std::time::{Duration, SystemTime};

use crate::host;

/// The run's id.
pub fn run_id() -> String {
    host::run_id()
}

/// The workflow's name.
pub fn workflow() -> String {
    host::workflow()
}

/// The step's name.
pub fn step() -> String {
    host::step()
}

/// The item's index, from 0, when the step is a `for-each`.
pub fn item() -> Option<u64> {
    host::item()
}

/// Which attempt this is, from 1.
pub fn attempt() -> u32 {
    host::attempt()
}

/// How many attempts the step may take in all.
pub fn max_attempts() -> u32 {
    host::max_attempts()
}

/// When this attempt is interrupted.
pub fn deadline() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(host::deadline_ms())
}

/// The same for all attempts of this step (and item) of this run, and for no other: 32 hexadecimal digits. Give it to
/// whatever the task changes, so that the change happens once.
pub fn idempotency_key() -> String {
    host::idempotency_key()
}
