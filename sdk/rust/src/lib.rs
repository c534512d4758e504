//! Write Jackfield tasks in Rust.
//!
//! A *task* is an ordinary function. Its parameters are the fields of the input, its return value is the output, its
//! doc comments are the documentation that people see, and its types are the schema that workflows are checked against:
//!
//! ```
//! use jackfield_sdk::prelude::*;
//!
//! /// What is said.
//! #[derive(Serialize, JsonSchema)]
//! struct Greeting {
//!     /// The words.
//!     text: String,
//! }
//!
//! /// Greets somebody by name.
//! #[task]
//! fn greet(
//!     /// Who to greet.
//!     name: String,
//!     /// Whether to shout.
//!     #[serde(default)]
//!     excited: bool,
//! ) -> Result<Greeting, TaskError> {
//!     if name.is_empty() {
//!         return Err(TaskError::permanent("no-name", "the name is empty"));
//!     }
//!     let text = format!("Hello, {name}{}", if excited { "!" } else { "." });
//!     Ok(Greeting { text })
//! }
//!
//! plugin!(greet);
//!
//! // It is still a function, and a unit test calls it.
//! # fn main() {
//! assert_eq!(greet("Ada".to_owned(), true).unwrap().text, "Hello, Ada!");
//! # }
//! ```
//!
//! Built for `wasm32-wasip2` as a `cdylib`, the crate is a plugin: `jackfield plugin build` does that, and finds or makes
//! the toolchain.
//!
//! # Where things are
//!
//! - [`task`](macro@task) and [`plugin!`] — a function becomes a task, tasks become a plugin.
//! - [`TaskError`], [`TaskErrors`](derive@TaskErrors), [`OrFail`] — failing, so that the engine knows what to do.
//! - [`log`], [`progress`], [`context`] — always there, without a grant.
//! - [`http`], [`config`], [`secrets`] — powerless without a grant. Files are `std::fs`, on the folders that the step grants.
//! - [`Bytes`] — bytes in JSON.
//! - `testing` — a stand-in for the host in native unit tests.

pub mod config;
pub mod context;
pub mod http;
pub mod log;
pub mod progress;
pub mod secrets;
pub mod task;
#[cfg(not(target_family = "wasm"))]
pub mod testing;

#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod bindings;
mod bytes;
mod error;
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod guest;
mod host;

pub use bytes::Bytes;
pub use error::{ErrorCode, ErrorCodes, ErrorKind, OrFail, TaskError};
pub use jackfield_sdk_macros::{TaskErrors, plugin, task};

/// What nearly every plugin uses.
pub mod prelude {
    pub use crate::{Bytes, OrFail, TaskError};
    pub use jackfield_sdk_macros::{TaskErrors, plugin, task};
    pub use schemars::JsonSchema;
    pub use serde::{Deserialize, Serialize};
    pub use serde_json::{Value, json};
}

/// What the code that the macros write refers to, so that a plugin needs no dependency for it.
#[doc(hidden)]
pub mod __private {
    pub use schemars;
    pub use serde;
    pub use serde_json;
}
