//! Configuration values that the step was granted (`wasi:config/store`).
//!
//! ```
//! use jackfield_sdk::config;
//!
//! let region = config::get("region")?.unwrap_or_else(|| "eu".to_owned());
//! assert_eq!(region, "eu");
//! # Ok::<(), jackfield_sdk::TaskError>(())
//! ```

use std::fmt;

use crate::error::TaskError;
use crate::host;

/// The value of `key`, or nothing when it is not set or not granted.
///
/// # Errors
/// When the host could not read its configuration.
pub fn get(key: &str) -> Result<Option<String>, ConfigError> {
    host::config_get(key)
}

/// Every value that the step was granted, as key and value.
///
/// # Errors
/// When the host could not read its configuration.
pub fn all() -> Result<Vec<(String, String)>, ConfigError> {
    host::config_all()
}

/// Why the host could not read its configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigError {
    /// The source failed; the text says how.
    Upstream(String),
    /// The source could not be reached or read; the text says why.
    Io(String),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Upstream(reason) | Self::Io(reason) => write!(formatter, "the configuration cannot be read: {reason}"),
        }
    }
}

impl std::error::Error for ConfigError {}

impl From<ConfigError> for TaskError {
    /// `config-unreadable`, transient.
    fn from(error: ConfigError) -> Self {
        Self::transient("config-unreadable", error.to_string())
    }
}
