//! All printing: data to standard output, talk to standard error.
//!
//! Nothing outside this module writes to a stream. What comes from a task, a plugin or a file goes through
//! [`escape::line`] or [`escape::block`] before it is shown, so that it can neither move the cursor nor look like ours.

pub(crate) mod escape;
pub(crate) mod json;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod time;

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anstream::{AutoStream, ColorChoice};
use indicatif::MultiProgress;
use serde::Serialize;

use crate::error::CliError;
use crate::exit::kind_of;
use style::{BAD, WARN, paint};

/// The longest answer to a question that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 1_024;

/// What the result looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// How much is said on the way to it. Later ones say more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Talk {
    /// Errors only.
    Quiet,
    /// Progress and hints.
    Normal,
    /// Receipts and other details.
    Verbose,
}

/// How the person looks at it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// What the result looks like.
    pub(crate) format: Format,
    /// How much is said.
    pub(crate) talk: Talk,
    /// What was said about colour.
    pub(crate) color: ColorChoice,
    /// Columns of the terminal, or nothing when lines have no end.
    pub(crate) width: Option<usize>,
}

/// Both streams of this process. Cheap to clone; all clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    look: Look,
    stdout_color: ColorChoice,
    stderr_color: ColorChoice,
    /// The display that talk must not tear, while there is one.
    live: Arc<Mutex<Option<MultiProgress>>>,
    /// Whether the reader of standard output has gone.
    closed: Arc<AtomicBool>,
}

impl Output {
    /// The streams of this process, looked at so.
    pub(crate) fn new(look: Look) -> Self {
        let resolve = |auto: ColorChoice| if look.color == ColorChoice::Auto { auto } else { look.color };
        Self {
            look,
            stdout_color: resolve(AutoStream::choice(&io::stdout())),
            stderr_color: resolve(AutoStream::choice(&io::stderr())),
            live: Arc::default(),
            closed: Arc::default(),
        }
    }

    /// What the result looks like.
    pub(crate) fn format(&self) -> Format {
        self.look.format
    }

    /// Columns of the terminal, or nothing when lines have no end.
    pub(crate) fn width(&self) -> Option<usize> {
        self.look.width
    }

    /// How much is said.
    pub(crate) fn talk(&self) -> Talk {
        self.look.talk
    }

    /// Whether talk goes to a terminal that lines can be redrawn on.
    pub(crate) fn talks_to_terminal(&self) -> bool {
        io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
    }

    /// Whether somebody is there who can be asked.
    pub(crate) fn hears_somebody(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks for a word, on standard error, and waits for a line on standard input. Nobody answering is an empty word.
    pub(crate) fn ask(&self, question: &str) -> String {
        let mut stream = AutoStream::new(io::stderr().lock(), self.stderr_color);
        // Whoever does not see the question does not answer it.
        let _ = write!(stream, "{question} ").and_then(|()| stream.flush());
        let mut line = String::new();
        let _ = io::stdin().lock().take(ANSWER_BYTES_MAX).read_line(&mut line);
        line.trim().to_owned()
    }

    /// Whether the result is coloured.
    pub(crate) fn colors_data(&self) -> bool {
        self.stdout_color != ColorChoice::Never
    }

    /// Whether talk is coloured.
    pub(crate) fn colors_talk(&self) -> bool {
        self.stderr_color != ColorChoice::Never
    }

    /// A part of the result, as lines.
    ///
    /// # Errors
    /// When it cannot be written; that nobody reads any more is no error.
    pub(crate) fn data(&self, text: &str) -> Result<(), CliError> {
        let end: &[u8] = if text.is_empty() || text.ends_with('\n') { b"" } else { b"\n" };
        let mut stream = AutoStream::new(io::stdout().lock(), self.stdout_color);
        self.written(|| stream.write_all(text.as_bytes()).and_then(|()| stream.write_all(end)).and_then(|()| stream.flush()))
    }

    /// A part of the result as it is: bytes, without colours taken out or a line end added.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<(), CliError> {
        let mut stream = io::stdout().lock();
        self.written(|| stream.write_all(bytes).and_then(|()| stream.flush()))
    }

    /// Writes, unless the reader has gone.
    fn written(&self, write: impl FnOnce() -> io::Result<()>) -> Result<(), CliError> {
        if self.closed.load(Ordering::Relaxed) {
            return Ok(());
        }
        match write() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed.store(true, Ordering::Relaxed);
                Ok(())
            }
            written => written.map_err(CliError::Stdout),
        }
    }

    /// The result as one JSON text: on one line, or indented for a person at a terminal.
    pub(crate) fn json(&self, value: &impl Serialize) -> Result<(), CliError> {
        let text = if io::stdout().is_terminal() { json::indented(value) } else { json::line(value) };
        self.data(&text)
    }

    /// The result as one of many JSON texts, one a line.
    pub(crate) fn json_line(&self, value: &impl Serialize) -> Result<(), CliError> {
        self.data(&json::line(value))
    }

    /// Says something on the way.
    pub(crate) fn say(&self, text: &str) {
        if self.look.talk >= Talk::Normal {
            self.talk_line(text);
        }
    }

    /// Says something that only those who asked for details want to know.
    pub(crate) fn detail(&self, text: &str) {
        if self.look.talk >= Talk::Verbose {
            self.talk_line(text);
        }
    }

    /// Says what may be wrong.
    pub(crate) fn warn(&self, text: &str) {
        self.talk_line(&format!("{}: {text}", paint(WARN, "warning")));
    }

    /// Says why there is no result. For programs it is a JSON object with `error`.
    pub(crate) fn error(&self, error: &CliError) {
        let text = match self.look.format {
            Format::Json => json::line(&json::ErrorObject::new(error)),
            Format::Text => {
                // The messages carry names and values that others wrote; their line ends are ours.
                let message = escape::block(&error.to_string(), "  ");
                match error {
                    // It was wished for.
                    CliError::Interrupted { .. } | CliError::Stopped(_) => message.trim_start().to_owned(),
                    CliError::TaskFailed(failure) => {
                        format!("{}: {}\n{}", paint(BAD, "failed"), message.trim_start(), crate::report::details(failure))
                    }
                    _ => format!("{}: {}", paint(BAD, "error"), message.trim_start()),
                }
            }
        };
        self.talk_line(&text);
        let kind = kind_of(error);
        self.detail(&format!("({}, exit code {})", kind.word, kind.exit.code()));
    }

    /// From now on talk is written above this display.
    pub(crate) fn begin_live(&self, display: &MultiProgress) {
        *self.live.lock().unwrap_or_else(PoisonError::into_inner) = Some(display.clone());
    }

    /// The display has gone.
    pub(crate) fn end_live(&self) {
        *self.live.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// A line of talk, whatever it is about. That it cannot be written is told to nobody: there is no one left to tell.
    pub(crate) fn talk_line(&self, text: &str) {
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let write = || {
            let mut stream = AutoStream::new(io::stderr().lock(), self.stderr_color);
            let _ = writeln!(stream, "{}", text.trim_end_matches('\n'));
        };
        match live {
            Some(display) => display.suspend(write),
            None => write(),
        }
    }
}
