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

/// ```
/// # use std::time::Duration;
/// use jackfield_sdk::prelude::*;
///
/// #[derive(Debug, thiserror::Error, TaskErrors)]
/// enum ParseError {
///     /// A row has another number of fields than the header.
///     #[error("line {line}: {found} fields")]
///     #[error_code("bad-row", permanent, data(line, found))]
///     BadRow { line: u64, found: u64 },
///     /// The service asked to be left alone for a while.
///     #[error("the service is busy")]
///     #[error_code("busy", retry_after(wait))]
///     Busy { wait: Duration },
///     #[error(transparent)]
///     #[error_code(transparent)]
///     Other(#[from] TaskError),
/// }
///
/// let error = TaskError::from(ParseError::BadRow { line: 7, found: 3 });
/// assert_eq!((error.code(), error.message()), ("bad-row", "line 7: 3 fields"));
/// assert_eq!(error.data(), Some(&json!({ "line": 7, "found": 3 })));
/// ```
///
#[doc(inline)]
pub use jackfield_sdk_macros::TaskErrors;

#[doc(inline)]
pub use jackfield_sdk_macros::plugin;

/// ```
/// use jackfield_sdk::prelude::*;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Window {
///     /// How many rows to leave out at the beginning.
///     #[serde(default)]
///     skip: usize,
///     /// How many rows to keep.
///     take: usize,
/// }
///
/// /// Keeps a window of rows.
/// #[task(name = "window", title = "Window of rows", example_input = r#"{"rows": [1, 2, 3], "take": 2}"#)]
/// fn keep_window(
///     /// The rows.
///     rows: Vec<Value>,
///     #[serde(flatten)] window: Window,
/// ) -> Vec<Value> {
///     rows.into_iter().skip(window.skip).take(window.take).collect()
/// }
///
/// /// Fetches one page of orders.
/// #[task(effect = reads, asks(http("GET https://api.shop.example/*", docs = "To fetch the orders."), secrets("token", optional)))]
/// fn orders(page: u32) -> Result<Value, TaskError> {
///     let request = jackfield_sdk::http::get("https://api.shop.example/orders").query("page", page);
///     Ok(request.send()?.check()?.json()?)
/// }
///
/// plugin!(keep_window, orders);
/// # fn main() {}
/// ```
///
#[doc(inline)]
pub use jackfield_sdk_macros::task;

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
