//! Words in a picture: made harmless, shortened, broken into lines; spans of time as they are written in a workflow.

/// The text with everything but printable ASCII written as an escape, so that it takes as many columns as it has characters
/// and cannot steer a terminal. Names of steps and tasks are ASCII anyway.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == ' ' || c.is_ascii_graphic() { out.push(c) } else { out.extend(c.escape_default()) }
    }
    out
}

/// The text in at most `max` columns; the middle gives way, because names that stand side by side differ at their ends.
pub(crate) fn elide(text: &str, max: usize) -> String {
    let length = text.chars().count();
    if length <= max {
        return text.to_owned();
    }
    let tail = max.saturating_sub(1) / 2;
    let head = max.saturating_sub(1) - tail;
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(length - tail).collect();
    if max == 0 { String::new() } else { format!("{start}…{end}") }
}

/// The text in lines of at most `width` columns, broken after `-` and `.` where there is one; the last of `lines` lines is
/// shortened when there is more.
pub(crate) fn wrap(text: &str, width: usize, lines: usize) -> Vec<String> {
    let mut rest = text;
    let mut out = Vec::new();
    while out.len() + 1 < lines && rest.chars().count() > width {
        let limit = rest.char_indices().nth(width).map_or(rest.len(), |(at, _)| at);
        let line = &rest[..limit];
        // A break in the first third would leave a ragged stub.
        let cut = line.rfind(['-', '.', ' ']).map(|at| at + 1).filter(|at| *at > limit / 3).unwrap_or(limit);
        out.push(rest[..cut].to_owned());
        rest = &rest[cut..];
    }
    out.push(elide(rest, width));
    out
}

/// A span of time in whole units, without those that are zero: `2d`, `1h 30m`, `1s 500ms`.
pub(crate) fn units(ms: u64) -> String {
    let mut rest = ms;
    let mut words = Vec::new();
    for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
        if rest >= size {
            words.push(format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    if words.is_empty() { "0s".to_owned() } else { words.join(" ") }
}

/// Text as XML character data.
pub(crate) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}
