//! The asking side.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use super::wire::{Answer, Request, Status};
use super::{ANSWER_BYTES_MAX, PATIENCE, REQUEST_BYTES_MAX, address};
use crate::error::CliError;

/// Asks the engine of a data directory; nothing when there is none to ask.
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
    match converse(&stream, &text).map_err(failed)? {
        Answer::Ok(status) => Ok(Some(status)),
        Answer::Error(refusal) => Err(refusal.into()),
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
    Ok(serde_json::from_slice(&line)?)
}
