//! In the sandbox: the host functions are imports.

mod http;

use crate::bindings::jackfield::task as imports;
use crate::bindings::wasi::config::store;
use crate::config::ConfigError;
use crate::log::Level;
use crate::progress::SavepointError;
use crate::secrets::SecretError;

pub(crate) use http::send;
pub(crate) use imports::context::{attempt, deadline_ms, idempotency_key, item, max_attempts, run_id, step, workflow};
pub(crate) use imports::progress::{load, report};

pub(crate) fn log(level: Level, message: &str, fields: Vec<(String, String)>) {
    use imports::log::Level as Import;
    let level = match level {
        Level::Trace => Import::Trace,
        Level::Debug => Import::Debug,
        Level::Info => Import::Info,
        Level::Warn => Import::Warn,
        Level::Error => Import::Error,
    };
    imports::log::write(level, message, &fields);
}

pub(crate) fn save(data: &[u8]) -> Result<(), SavepointError> {
    use imports::progress::SavepointError as Import;
    imports::progress::save(data).map_err(|error| match error {
        Import::TooLarge(limit) => SavepointError::TooLarge(limit),
        Import::Stopped => SavepointError::Stopped,
        Import::Storage(reason) => SavepointError::Storage(reason),
    })
}

pub(crate) fn secret(name: &str) -> Result<String, SecretError> {
    use imports::secrets::SecretError as Import;
    imports::secrets::placeholder(name).map_err(|error| match error {
        Import::NotGranted(name) => SecretError::NotGranted(name),
        Import::NotSet(name) => SecretError::NotSet(name),
    })
}

pub(crate) fn config_get(key: &str) -> Result<Option<String>, ConfigError> {
    store::get(key).map_err(config_error)
}

pub(crate) fn config_all() -> Result<Vec<(String, String)>, ConfigError> {
    store::get_all().map_err(config_error)
}

fn config_error(error: store::Error) -> ConfigError {
    match error {
        store::Error::Upstream(reason) => ConfigError::Upstream(reason),
        store::Error::Io(reason) => ConfigError::Io(reason),
    }
}
