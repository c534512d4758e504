//! Durable progress inside a long task.
//!
//! A savepoint is what the next attempt of the same step (and item) finds when this one did not end well: after a
//! crash, a timeout or a transient error it goes on from there.
//!
//! ```
//! use jackfield_sdk::{TaskError, progress};
//!
//! fn sum(numbers: &[u64]) -> Result<u64, TaskError> {
//!     let (mut at, mut sum): (usize, u64) = progress::load()?.unwrap_or_default();
//!     while let Some(number) = numbers.get(at) {
//!         sum += number;
//!         at += 1;
//!         if at % 1_000 == 0 {
//!             progress::report(at as u64, Some(numbers.len() as u64), "summing");
//!             progress::save(&(at, sum))?;
//!         }
//!     }
//!     Ok(sum)
//! }
//! assert_eq!(sum(&[1, 2, 3]).unwrap(), 6);
//! ```

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{OrFail, TaskError};
use crate::host;

/// Tells people how far the task is: `done` of `total` (if that is known) in units of the task's own choice. Shown
/// live, kept in memory only, and never an effect.
pub fn report(done: u64, total: Option<u64>, message: &str) {
    host::report(done, total, message);
}

/// Keeps `value`, as JSON, for the attempts after this one, in place of what was kept before. When it returns, the
/// value is on stable storage.
///
/// # Errors
/// Those of [`save_bytes`], as a [`TaskError`]; `savepoint-unwritable` when the value cannot be JSON.
pub fn save<T: Serialize + ?Sized>(value: &T) -> Result<(), TaskError> {
    let bytes = serde_json::to_vec(value).or_permanent("savepoint-unwritable")?;
    Ok(save_bytes(&bytes)?)
}

/// What [`save`] last kept, or nothing.
///
/// # Errors
/// `savepoint-unreadable`, permanent, when what was kept is not JSON of a `T`: another version of the plugin wrote it.
pub fn load<T: DeserializeOwned>() -> Result<Option<T>, TaskError> {
    load_bytes().map(|bytes| serde_json::from_slice(&bytes).or_permanent("savepoint-unreadable")).transpose()
}

/// Keeps bytes for the attempts after this one, in place of what was kept before.
///
/// # Errors
/// See [`SavepointError`].
pub fn save_bytes(data: &[u8]) -> Result<(), SavepointError> {
    host::save(data)
}

/// What was last kept by an attempt of this step (and item), or nothing.
pub fn load_bytes() -> Option<Vec<u8>> {
    host::load()
}

/// Why a savepoint was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SavepointError {
    /// The savepoint is larger than the limit, in bytes.
    TooLarge(u64),
    /// This attempt no longer owns its step (it was cancelled or timed out): stop.
    Stopped,
    /// The store could not keep it; what was kept before is still there.
    Storage(String),
}

impl fmt::Display for SavepointError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(limit) => write!(formatter, "the savepoint is larger than the limit of {limit} bytes"),
            Self::Stopped => formatter.write_str("this attempt no longer owns its step"),
            Self::Storage(reason) => write!(formatter, "the store could not keep the savepoint: {reason}"),
        }
    }
}

impl std::error::Error for SavepointError {}

impl From<SavepointError> for TaskError {
    /// `savepoint-too-large` is permanent, `savepoint-stopped` and `savepoint-storage` are transient.
    fn from(error: SavepointError) -> Self {
        let message = error.to_string();
        match error {
            SavepointError::TooLarge(_) => Self::permanent("savepoint-too-large", message),
            SavepointError::Stopped => Self::transient("savepoint-stopped", message),
            SavepointError::Storage(_) => Self::transient("savepoint-storage", message),
        }
    }
}
