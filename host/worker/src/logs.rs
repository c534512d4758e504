//! The log of an attempt ⇄ the bytes that are kept: JSON lines, so that a person with the database alone can read them.

use std::collections::BTreeMap;

use jackfield_sandbox::{AttemptLog, LogLine, LogSource};
use serde::{Deserialize, Serialize};

/// One line of a stored log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Milliseconds since the attempt began.
    pub at_ms: u64,
    /// `trace`, `debug`, `info`, `warn`, `error`, `stdout`, `stderr` or `host`.
    pub source: String,
    /// The text as the task wrote it: control characters are still in it.
    pub text: String,
    /// Named values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

impl From<&LogLine> for LogEntry {
    fn from(line: &LogLine) -> Self {
        Self {
            at_ms: line.at_ms,
            source: source_name(line.source).to_owned(),
            text: line.text.clone(),
            fields: line.fields.iter().cloned().collect(),
        }
    }
}

fn source_name(source: LogSource) -> &'static str {
    match source {
        LogSource::Trace => "trace",
        LogSource::Debug => "debug",
        LogSource::Info => "info",
        LogSource::Warn => "warn",
        LogSource::Error => "error",
        LogSource::Stdout => "stdout",
        LogSource::Stderr => "stderr",
        LogSource::Host => "host",
    }
}

/// The bytes to keep of an attempt's log; none when it said nothing.
pub(crate) fn encode_log(log: &AttemptLog) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut push = |entry: &LogEntry| {
        serde_json::to_writer(&mut bytes, entry).expect("writing to memory cannot fail");
        bytes.push(b'\n');
    };
    log.head.iter().for_each(|line| push(&line.into()));
    if log.dropped_bytes > 0 {
        let text = format!("… {} lines, {} bytes dropped here …", log.dropped_lines, log.dropped_bytes);
        push(&LogEntry { at_ms: log.tail.first().map_or(0, |line| line.at_ms), source: "host".to_owned(), text, fields: BTreeMap::new() });
    }
    log.tail.iter().for_each(|line| push(&line.into()));
    bytes
}

/// The lines of a stored log; a line that cannot be read is shown as it is.
pub fn decode_log(bytes: &[u8]) -> Vec<LogEntry> {
    let unreadable = |line: &[u8]| LogEntry {
        at_ms: 0,
        source: "host".to_owned(),
        text: String::from_utf8_lossy(line).into_owned(),
        fields: BTreeMap::new(),
    };
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).unwrap_or_else(|_| unreadable(line))).collect()
}
