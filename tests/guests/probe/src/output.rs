//! Talking too much: stdout, stderr and the log (H08), escape sequences in them (H09).

use std::io::Write;

use jackfield_sdk::log;
use jackfield_sdk::prelude::*;

/// Where to write.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Writes a text again and again to stdout or stderr (H08, H09); answers how many bytes it wrote.
#[task]
pub(crate) fn flood(
    /// Where to.
    stream: Stream,
    /// The text, whose escape sequences are written as they are.
    text: String,
    /// How often.
    times: u64,
) -> Result<u64, TaskError> {
    let mut written = 0;
    for _ in 0..times {
        match stream {
            Stream::Stdout => std::io::stdout().lock().write_all(text.as_bytes()).or_permanent("no-output")?,
            Stream::Stderr => std::io::stderr().lock().write_all(text.as_bytes()).or_permanent("no-output")?,
        }
        written += text.len() as u64;
    }
    std::io::stdout().flush().or_permanent("no-output")?;
    Ok(written)
}

/// Writes lines to the log, one at each level in turn, with the line's number as the field `n`.
#[task]
pub(crate) fn log_lines(
    /// How many.
    lines: u64,
    /// The message of each.
    message: String,
) {
    for n in 0..lines {
        match n % 5 {
            0 => log::trace!("{message}"; n = n),
            1 => log::debug!("{message}"; n = n),
            2 => log::info!("{message}"; n = n),
            3 => log::warn!("{message}"; n = n),
            _ => log::error!("{message}"; n = n),
        }
    }
}
