//! The asking side.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Instant;

use jackfield_store::StoreError;

use super::wire::{Answer, Request, Status};
use super::{AGAIN, ANSWER_BYTES_MAX, PATIENCE, REQUEST_BYTES_MAX, address};
use crate::error::CliError;

/// Where something was done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Done<T> {
    /// The engine that has the data directory did it.
    There(Status),
    /// This process did it.
    Here(T),
}

/// Has something done by the engine of a data directory, or does it here when there is none.
///
/// `here` needs the directory's lock. An engine that is leaving takes no more, and still has the lock for a moment: that is
/// waited for.
///
/// # Errors
/// When the engine refuses or does not answer, and whatever `here` fails with.
pub(crate) fn ask_or<T>(data: &Path, request: &Request, mut here: impl FnMut() -> Result<T, CliError>) -> Result<Done<T>, CliError> {
    let patience = Patience::default();
    loop {
        if let Some(status) = ask(data, request)? {
            return Ok(Done::There(status));
        }
        match here() {
            Ok(done) => return Ok(Done::Here(done)),
            Err(error) => patience.wait(error)?,
        }
    }
}

/// How long another engine is given to leave, or to answer.
#[derive(Debug)]
pub(crate) struct Patience {
    until: Instant,
}

impl Default for Patience {
    fn default() -> Self {
        Self { until: Instant::now() + PATIENCE }
    }
}

impl Patience {
    /// Waits for a moment when somebody else has the data directory: then it is worth asking again.
    ///
    /// # Errors
    /// Any other error, and this one when it has lasted too long.
    pub(crate) fn wait(&self, error: CliError) -> Result<(), CliError> {
        if !matches!(error, CliError::Store(StoreError::Locked { .. })) || Instant::now() >= self.until {
            return Err(error);
        }
        std::thread::sleep(AGAIN);
        Ok(())
    }
}

/// Asks the engine of a data directory; nothing when there is none to ask, or it is leaving.
///
/// An engine that hung up without an answer is gone. What it was asked may have been the last that it did; asked twice it
/// happens once, or is refused with that.
///
/// # Errors
/// When it refuses, or does not answer.
pub(crate) fn ask(data: &Path, request: &Request) -> Result<Option<Status>, CliError> {
    let failed = |error| CliError::System { what: "the engine that has the data directory does not answer", error };
    let mut text = serde_json::to_vec(request).map_err(|error| failed(error.into()))?;
    text.push(b'\n');
    if text.len() >= REQUEST_BYTES_MAX {
        return Err(CliError::Refused(format!("this is more than an engine is told at once: {} bytes of {REQUEST_BYTES_MAX}", text.len())));
    }
    let address = address(data).ok();
    let Some(stream) = address.and_then(|address| UnixStream::connect(&address.path).ok()) else { return Ok(None) };
    match converse(&stream, &text) {
        Ok(Answer::Ok(status)) => Ok(Some(status)),
        Ok(Answer::Error(refusal)) if refusal.is_leaving() => Ok(None),
        Ok(Answer::Error(refusal)) => Err(refusal.into()),
        Err(error) if hung_up(&error) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// The engine of a data directory, when one is alive and answers.
pub(crate) fn status(data: &Path) -> Option<Status> {
    ask(data, &Request::Status {}).ok().flatten()
}

fn converse(mut stream: &UnixStream, text: &[u8]) -> io::Result<Answer> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(text)?;
    let mut line = Vec::new();
    BufReader::new(stream.take(ANSWER_BYTES_MAX as u64)).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_slice(&line)?)
}

fn hung_up(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset | BrokenPipe)
}
