//! What can be wrong with keys, or with what they are used on.

use jackfield_sdk::config::ConfigError;
use jackfield_sdk::prelude::*;

/// Why a task of this plugin cannot answer. No message ever shows a key.
#[derive(Debug, thiserror::Error, TaskErrors)]
pub(crate) enum CryptoError {
    /// The configuration value with the key is not granted to the step, or nobody has set it.
    #[error("there is no key `{name}`: add `grant: {{ config: [{name}] }}` to the step, and set it with `--config` or JACKFIELD_CONFIG_…")]
    #[error_code("no-key", permanent, data(name))]
    NoKey {
        /// The name of the configuration value.
        name: String,
    },
    /// The configuration value is no key for this.
    #[error("`{name}` is no key: {reason}")]
    #[error_code("bad-key", permanent, data(name))]
    BadKey {
        /// The name of the configuration value.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A code or a signature is not that of the content, or what was encrypted was changed, or the key is another.
    #[error("{0}")]
    #[error_code("not-authentic", permanent)]
    NotAuthentic(&'static str),
    /// What is asked for does not fit together; the message says what.
    #[error("{0}")]
    #[error_code("bad-request", permanent)]
    BadRequest(String),
    /// The host could not read its configuration.
    #[error(transparent)]
    #[error_code("config-unreadable", transient)]
    Config(#[from] ConfigError),
}
