//! What the engine's own parts tell while they work: to standard error, as talk.

use std::io;

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::output::{Output, escape};

/// From now on events of our crates, as grave as `level` or graver, are talk.
pub(crate) fn begin(output: &Output, level: Level) {
    let ours = Targets::new().with_target("jackfield", level);
    let lines =
        tracing_subscriber::fmt::layer().without_time().with_target(false).with_ansi(false).with_writer(Lines { output: output.clone() });
    // It fails when there is a subscriber already, and then that one is told.
    let _ = tracing_subscriber::registry().with(lines).with(ours).try_init();
}

/// Makes a writer for each event.
struct Lines {
    output: Output,
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { output: &self.output, text: Vec::new() }
    }
}

/// One event: gathered, and said as one line.
struct Line<'a> {
    output: &'a Output,
    text: Vec<u8>,
}

impl io::Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        let text = String::from_utf8_lossy(&self.text);
        let text = text.trim();
        if !text.is_empty() {
            self.output.talk_line(&escape::line(text));
        }
    }
}
