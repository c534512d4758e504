//! What a build tells while it works.

use std::fmt;
use std::time::Duration;

/// One thing that a build tells; its `Display` is one line without a line break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Something that takes time begins.
    Started(String),
    /// It is done.
    Finished {
        /// What was done.
        what: String,
        /// How long it took.
        took: Duration,
    },
    /// One line that a tool wrote, as it wrote it.
    Output(String),
    /// Something that people should know, and that stops nothing.
    Note(String),
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started(what) => write!(formatter, "{what} …"),
            Self::Finished { what, took } => write!(formatter, "{what}: {:.1} s", took.as_secs_f64()),
            Self::Output(line) => write!(formatter, "    {line}"),
            Self::Note(note) => write!(formatter, "note: {note}"),
        }
    }
}
