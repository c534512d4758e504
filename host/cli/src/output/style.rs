//! What colours mean here.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};
use jackfield_flow::run::Status;

/// What went well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// What went wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// What may be wrong, or waits for somebody.
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
/// What is under way.
pub(crate) const BUSY: Style = AnsiColor::Cyan.on_default();
/// What matters less.
pub(crate) const DIM: Style = Style::new().dimmed();
/// What matters most.
pub(crate) const STRONG: Style = Style::new().bold();

/// The text in a style. The streams take it out again where there is no colour.
pub(crate) fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// The style of a state.
pub(crate) fn of_status(status: Status) -> Style {
    match status {
        Status::Done => GOOD,
        Status::Failed => BAD,
        Status::Running => BUSY,
        Status::Blocked => WARN,
        Status::Waiting | Status::Skipped | Status::Cancelled => DIM,
    }
}

/// The sign of a state, one column wide.
pub(crate) fn sign(status: Status) -> &'static str {
    match status {
        Status::Done => "✓",
        Status::Failed => "✗",
        Status::Running => "•",
        Status::Blocked => "!",
        Status::Waiting | Status::Skipped | Status::Cancelled => "–",
    }
}
