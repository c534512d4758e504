//! What an attempt says: log lines, stdout and stderr in one bounded record.
//!
//! The beginning and the end are kept, one half of the budget each; what is between is counted. Nothing here looks at a
//! byte twice, so a guest that prints for ever costs its own time only.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::AttemptHost;
use crate::redact::Redactor;

/// The longest line kept, in bytes.
pub(crate) const LINE_BYTES_MAX: usize = 16 * 1024;
/// What a kept line costs besides its text, so that a flood of empty lines has a bound as well.
const LINE_OVERHEAD: usize = 64;

/// What one attempt said, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttemptLog {
    /// The lines from the beginning.
    pub head: Vec<LogLine>,
    /// The lines from the end, when something between was dropped; otherwise empty.
    pub tail: Vec<LogLine>,
    /// Lines dropped between `head` and `tail`.
    pub dropped_lines: u64,
    /// Bytes dropped: of those lines, and of lines that were cut.
    pub dropped_bytes: u64,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Milliseconds since the attempt began.
    pub at_ms: u64,
    /// Where it comes from.
    pub source: LogSource,
    /// The text without its line end, as the guest wrote it but for bytes that are not UTF-8: control characters are still in it.
    pub text: String,
    /// Named values of a structured line.
    pub fields: Vec<(String, String)>,
}

impl LogLine {
    fn cost(&self) -> usize {
        let fields: usize = self.fields.iter().map(|(name, value)| name.len() + value.len() + LINE_OVERHEAD).sum();
        self.text.len() + fields + LINE_OVERHEAD
    }
}

/// Where a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogSource {
    /// The guest's log, at this level.
    Trace,
    /// The guest's log, at this level.
    Debug,
    /// The guest's log, at this level.
    Info,
    /// The guest's log, at this level.
    Warn,
    /// The guest's log, at this level.
    Error,
    /// The guest's standard output.
    Stdout,
    /// The guest's standard error.
    Stderr,
    /// The sandbox itself, such as the reason for a denied request.
    Host,
}

/// Which of the two byte streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Where an attempt's words are collected; shared by its streams and host functions.
#[derive(Clone)]
pub(crate) struct Capture {
    shared: Arc<Shared>,
}

struct Shared {
    started: Instant,
    half_bytes_max: usize,
    redactor: Arc<Redactor>,
    host: Arc<dyn AttemptHost>,
    record: Mutex<Record>,
}

#[derive(Default)]
struct Record {
    head: Vec<LogLine>,
    head_bytes: usize,
    tail: VecDeque<LogLine>,
    tail_bytes: usize,
    dropped_lines: u64,
    dropped_bytes: u64,
    stdout: Partial,
    stderr: Partial,
}

/// A line that has no end yet.
#[derive(Default)]
struct Partial {
    bytes: Vec<u8>,
    cut: u64,
}

impl Capture {
    /// A record of at most so many bytes.
    pub(crate) fn new(log_bytes_max: usize, redactor: Arc<Redactor>, host: Arc<dyn AttemptHost>) -> Self {
        let shared =
            Shared { started: Instant::now(), half_bytes_max: log_bytes_max / 2, redactor, host, record: Mutex::new(Record::default()) };
        Self { shared: Arc::new(shared) }
    }

    /// Adds a whole line.
    pub(crate) fn line(&self, source: LogSource, text: &str, fields: Vec<(String, String)>) {
        let cut = self.cut_line(text.as_bytes());
        let fields = fields.into_iter().map(|(name, value)| (self.clean(&name), self.clean(&value))).collect();
        self.keep(&mut self.record(), source, cut, fields);
    }

    /// Adds a line of the sandbox's own.
    pub(crate) fn host_line(&self, text: &str) {
        self.line(LogSource::Host, text, Vec::new());
    }

    /// Adds bytes that a guest wrote to one of its streams.
    pub(crate) fn write(&self, stream: Stream, mut bytes: &[u8]) {
        let mut record = self.record();
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.extend(record.partial(stream), &bytes[..end]);
            self.end_line(&mut record, stream);
            bytes = &bytes[end + 1..];
        }
        self.extend(record.partial(stream), bytes);
    }

    /// The last lines on standard error, at most so many.
    pub(crate) fn last_stderr(&self, count: usize) -> Vec<String> {
        self.last(LogSource::Stderr, count)
    }

    /// What the sandbox itself said last: why it denied something, and what would allow it.
    pub(crate) fn last_host_line(&self) -> Option<String> {
        self.last(LogSource::Host, 1).pop()
    }

    fn last(&self, source: LogSource, count: usize) -> Vec<String> {
        let mut record = self.record();
        if source == LogSource::Stderr && !record.stderr.bytes.is_empty() {
            self.end_line(&mut record, Stream::Stderr);
        }
        let lines = record.tail.iter().rev().chain(record.head.iter().rev());
        let mut last: Vec<String> = lines.filter(|line| line.source == source).take(count).map(|line| line.text.clone()).collect();
        last.reverse();
        last
    }

    /// Everything, and leaves nothing behind.
    pub(crate) fn finish(&self) -> AttemptLog {
        let mut record = self.record();
        for stream in [Stream::Stdout, Stream::Stderr] {
            let partial = record.partial(stream);
            if !partial.bytes.is_empty() || partial.cut > 0 {
                self.end_line(&mut record, stream);
            }
        }
        let record = std::mem::take(&mut *record);
        let (mut head, mut tail) = (record.head, Vec::from(record.tail));
        if record.dropped_lines == 0 {
            head.append(&mut tail);
        }
        AttemptLog { head, tail, dropped_lines: record.dropped_lines, dropped_bytes: record.dropped_bytes }
    }

    // A guest's host function may have panicked while it held the lock; the record is still whole lines.
    fn record(&self) -> MutexGuard<'_, Record> {
        self.shared.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a little more than a line's limit, so that a secret across the limit is still seen whole.
    fn extend(&self, partial: &mut Partial, bytes: &[u8]) {
        let room = (LINE_BYTES_MAX + self.shared.redactor.longest()).saturating_sub(partial.bytes.len());
        let kept = room.min(bytes.len());
        partial.bytes.extend_from_slice(&bytes[..kept]);
        partial.cut += (bytes.len() - kept) as u64;
    }

    fn end_line(&self, record: &mut Record, stream: Stream) {
        let partial = std::mem::take(record.partial(stream));
        record.dropped_bytes += partial.cut;
        let source = match stream {
            Stream::Stdout => LogSource::Stdout,
            Stream::Stderr => LogSource::Stderr,
        };
        let cut = self.cut_line(&partial.bytes);
        self.keep(record, source, cut, Vec::new());
    }

    /// Takes secrets out and cuts what is too long; says how many bytes were cut.
    fn cut_line(&self, bytes: &[u8]) -> (String, u64) {
        let mut text = self.shared.redactor.clean(&String::from_utf8_lossy(bytes)).into_owned();
        let end = text.floor_char_boundary(LINE_BYTES_MAX);
        let cut = (text.len() - end) as u64;
        text.truncate(end);
        (text, cut)
    }

    /// The text without secrets, cut to the longest line.
    pub(crate) fn clean(&self, text: &str) -> String {
        self.cut_line(text.as_bytes()).0
    }

    fn keep(&self, record: &mut Record, source: LogSource, (text, cut): (String, u64), fields: Vec<(String, String)>) {
        record.dropped_bytes += cut;
        let at_ms = u64::try_from(self.shared.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let line = LogLine { at_ms, source, text, fields };
        self.shared.host.log(&line);
        record.push(line, self.shared.half_bytes_max);
    }
}

impl Record {
    fn partial(&mut self, stream: Stream) -> &mut Partial {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }

    fn push(&mut self, line: LogLine, half_bytes_max: usize) {
        let cost = line.cost();
        if self.tail.is_empty() && self.dropped_lines == 0 && self.head_bytes + cost <= half_bytes_max {
            self.head_bytes += cost;
            self.head.push(line);
            return;
        }
        self.tail_bytes += cost;
        self.tail.push_back(line);
        while self.tail_bytes > half_bytes_max {
            let Some(old) = self.tail.pop_front() else { break };
            self.tail_bytes -= old.cost();
            self.dropped_lines += 1;
            self.dropped_bytes += old.text.len() as u64 + 1;
        }
    }
}

#[cfg(test)]
mod tests;
