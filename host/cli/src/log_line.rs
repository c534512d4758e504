//! A line that a task logged, for people.

use jackfield_worker::LogEntry;

use crate::output::escape;
use crate::output::style::{BAD, DIM, WARN, paint};

/// How loud it is, what it says, and its named values, on one line that the task cannot break out of.
pub(crate) fn words(entry: &LogEntry) -> String {
    let source = match entry.source.as_str() {
        "error" => paint(BAD, "error"),
        "warn" | "host" => paint(WARN, &entry.source),
        "info" => "info".to_owned(),
        other => paint(DIM, escape::line(other)),
    };
    let fields: String = entry.fields.iter().map(|(name, value)| format!(" {}={}", escape::line(name), escape::line(value))).collect();
    format!("{source}: {}{fields}", escape::line(&entry.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_cannot_forge_a_line_or_move_the_cursor() {
        let entry = LogEntry {
            at_ms: 0,
            source: "info".to_owned(),
            text: "done\r\x1b[1A\nsave error: forged".to_owned(),
            fields: [("k\n".to_owned(), "\u{202e}v".to_owned())].into(),
        };
        let shown = anstream::adapter::strip_str(&words(&entry)).to_string();
        assert_eq!(shown, "info: done\\r\\x1b[1A\\nsave error: forged k\\n=\\u{202e}v");
    }
}
