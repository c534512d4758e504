//! Words in a picture: made harmless, shortened, broken into lines.

/// The text with everything but printable ASCII written as an escape, so that it takes as many columns as it has characters
/// and cannot steer a terminal. Names of steps and tasks are ASCII anyway.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == ' ' || c.is_ascii_graphic() { out.push(c) } else { out.extend(c.escape_default()) }
    }
    out
}

/// The text in at most `max` columns; the middle gives way, because names that stand side by side differ at their ends.
pub(super) fn elide(text: &str, max: usize) -> String {
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
pub(super) fn wrap(text: &str, width: usize, lines: usize) -> Vec<String> {
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
