//! Secrets that a task can send but never see.
//!
//! ```
//! use jackfield_sdk::{TaskError, http, secrets};
//!
//! fn orders(url: &str) -> Result<String, TaskError> {
//!     let token = secrets::placeholder("shop-token")?;
//!     Ok(http::get(url).header("authorization", format!("Bearer {token}")).send()?.check()?.text()?)
//! }
//! assert_eq!(orders("https://shop.example/orders").unwrap_err().code(), "secret-not-granted");
//! ```

use std::fmt;

use crate::error::TaskError;
use crate::host;

/// A text that stands for the secret. Put it into a header or the body of an HTTP request: the host puts the value in
/// its place on the way out, and only for the hosts that the secret's grant names.
///
/// # Errors
/// When the step may not use the secret, or nobody has set it.
pub fn placeholder(name: &str) -> Result<String, SecretError> {
    host::secret(name)
}

/// Why there is no such secret here. Each case carries the secret's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretError {
    /// The step's grant does not list the secret.
    NotGranted(String),
    /// It is granted, but the operator has not set it.
    NotSet(String),
}

impl fmt::Display for SecretError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGranted(name) => write!(formatter, "the step is not granted the secret `{name}`"),
            Self::NotSet(name) => write!(formatter, "the secret `{name}` is granted, but not set"),
        }
    }
}

impl std::error::Error for SecretError {}

impl From<SecretError> for TaskError {
    /// Permanent: `secret-not-granted` or `secret-not-set`.
    fn from(error: SecretError) -> Self {
        let message = error.to_string();
        match error {
            SecretError::NotGranted(_) => Self::permanent("secret-not-granted", message),
            SecretError::NotSet(_) => Self::permanent("secret-not-set", message),
        }
    }
}
