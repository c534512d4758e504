//! Outside the sandbox: what the host functions do in a unit test.

use std::cell::RefCell;

use crate::config::ConfigError;
use crate::http::{HttpError, Request, Response};
use crate::log::Level;
use crate::progress::SavepointError;
use crate::secrets::SecretError;
use crate::testing::{Host, Line, Report};

thread_local! {
    static HOST: RefCell<Host> = RefCell::new(Host::new());
}

fn with<T>(look: impl FnOnce(&mut Host) -> T) -> T {
    HOST.with_borrow_mut(look)
}

/// Puts `host` in the place of the thread's host, and gives back the one that was there.
pub(crate) fn replace(host: Host) -> Host {
    HOST.replace(host)
}

#[expect(clippy::print_stderr, reason = "natively, a log line has no other place to go")]
pub(crate) fn log(level: Level, message: &str, fields: Vec<(String, String)>) {
    let line = Line { level, message: message.to_owned(), fields };
    eprintln!("{line}");
    with(|host| host.seen.log.push(line));
}

#[expect(clippy::print_stderr, reason = "natively, progress has no other place to go")]
pub(crate) fn report(done: u64, total: Option<u64>, message: &str) {
    let report = Report { done, total, message: message.to_owned() };
    eprintln!("{report}");
    with(|host| host.seen.reports.push(report));
}

#[expect(clippy::unnecessary_wraps, reason = "in the sandbox it can fail")]
pub(crate) fn save(data: &[u8]) -> Result<(), SavepointError> {
    with(|host| host.seen.savepoint = Some(data.to_vec()));
    Ok(())
}

pub(crate) fn load() -> Option<Vec<u8>> {
    with(|host| host.seen.savepoint.clone())
}

pub(crate) fn run_id() -> String {
    "run".to_owned()
}

pub(crate) fn workflow() -> String {
    "workflow".to_owned()
}

pub(crate) fn step() -> String {
    "step".to_owned()
}

pub(crate) fn item() -> Option<u64> {
    with(|host| host.item)
}

pub(crate) fn attempt() -> u32 {
    with(|host| host.attempt)
}

pub(crate) fn max_attempts() -> u32 {
    with(|host| host.max_attempts)
}

pub(crate) fn deadline_ms() -> u64 {
    // The end of the year 9999: no unit test runs out of time by itself.
    253_402_300_799_000
}

pub(crate) fn idempotency_key() -> String {
    "0".repeat(32)
}

pub(crate) fn secret(name: &str) -> Result<String, SecretError> {
    if with(|host| host.secrets.contains(name)) { Ok(format!("<secret {name}>")) } else { Err(SecretError::NotGranted(name.to_owned())) }
}

#[expect(clippy::unnecessary_wraps, reason = "in the sandbox it can fail")]
pub(crate) fn config_get(key: &str) -> Result<Option<String>, ConfigError> {
    Ok(with(|host| host.config.get(key).cloned()))
}

#[expect(clippy::unnecessary_wraps, reason = "in the sandbox it can fail")]
pub(crate) fn config_all() -> Result<Vec<(String, String)>, ConfigError> {
    Ok(with(|host| host.config.iter().map(|(key, value)| (key.clone(), value.clone())).collect()))
}

pub(crate) fn send(request: &Request) -> Result<Response, HttpError> {
    // The handler is the test's code and may itself call the SDK, so the host must not be borrowed while it runs.
    match with(|host| host.http.clone()) {
        Some(answer) => answer(request),
        None => Err(HttpError::Denied("there is no HTTP outside the sandbox; give `testing::Host` an `http` handler".to_owned())),
    }
}
