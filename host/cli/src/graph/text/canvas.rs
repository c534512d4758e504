//! Characters with colours, and how they become text.

use anstyle::{AnsiColor, Style};
use jackfield_flow::plan::Effect;
use jackfield_flow::run::Status;

use super::Paint;

/// What a character is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Plain,
    Bold,
    Dim,
    Status(Status),
    Effect(Effect),
}

impl Ink {
    fn style(self) -> Style {
        let color = |color: AnsiColor| color.on_default();
        match self {
            Self::Plain => Style::new(),
            Self::Bold => Style::new().bold(),
            Self::Dim | Self::Status(Status::Waiting | Status::Skipped) => Style::new().dimmed(),
            Self::Status(Status::Running) => color(AnsiColor::Blue),
            Self::Status(Status::Done) => color(AnsiColor::Green),
            Self::Status(Status::Failed) => color(AnsiColor::Red),
            Self::Status(Status::Cancelled) => color(AnsiColor::Magenta),
            Self::Status(Status::Blocked) => color(AnsiColor::Yellow),
            Self::Effect(Effect::Pure) => color(AnsiColor::Cyan),
            Self::Effect(Effect::Reads) => color(AnsiColor::Blue),
            Self::Effect(Effect::Effects) => color(AnsiColor::Yellow),
        }
    }
}

/// One line of the picture: a column is a character.
pub(crate) type Line = Vec<(char, Ink)>;

/// Puts a text on a line of the picture, over what is there; the line grows where it is too short.
pub(crate) fn put(line: &mut Line, column: usize, text: &str, ink: Ink) {
    for (at, c) in (column..).zip(text.chars()) {
        if line.len() <= at {
            line.resize(at + 1, (' ', Ink::Plain));
        }
        line[at] = (c, ink);
    }
}

/// The lines as text, without blanks at their ends.
pub(crate) fn print(lines: &[Line], paint: Paint) -> String {
    let mut out = String::new();
    for line in lines {
        let end = line.iter().rposition(|(c, _)| *c != ' ').map_or(0, |last| last + 1);
        for span in line[..end].chunk_by(|a, b| a.1 == b.1) {
            let style = span[0].1.style();
            let text = span.iter().map(|(c, _)| *c);
            if paint == Paint::Plain || style.is_plain() {
                out.extend(text);
            } else {
                out.push_str(&style.render().to_string());
                out.extend(text);
                out.push_str(&style.render_reset().to_string());
            }
        }
        out.push('\n');
    }
    out
}
