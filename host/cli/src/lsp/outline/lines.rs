//! The lines of a text.

/// One line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// Its first byte.
    pub(super) start: usize,
    /// Its first byte that is neither space nor tab.
    pub(super) content: usize,
    /// The byte after its last one, without the line end.
    pub(super) end: usize,
    /// Whether it says nothing: empty, a comment, a marker of documents.
    pub(super) blank: bool,
}

impl Line {
    /// How far it is indented.
    pub(super) fn indent(self) -> usize {
        self.content - self.start
    }
}

/// All lines of a text.
pub(super) struct Lines(Vec<Line>);

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let mut lines = Vec::new();
        let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        while start < text.len() {
            let next = text[start..].find('\n').map_or(text.len(), |at| start + at + 1);
            let line = text[start..next].trim_end_matches(['\n', '\r']);
            let content = line.trim_start_matches([' ', '\t']);
            let directive = line.starts_with("---") || line.starts_with("...") || line.starts_with('%');
            lines.push(Line {
                start,
                content: start + line.len() - content.len(),
                end: start + line.len(),
                blank: content.is_empty() || content.starts_with('#') || directive,
            });
            start = next;
        }
        Self(lines)
    }

    pub(super) fn get(&self, line: usize) -> Option<Line> {
        self.0.get(line).copied()
    }

    /// The number of the line that a byte stands in, from some line on.
    pub(super) fn line_of(&self, from: usize, byte: usize) -> usize {
        let rest = self.0.get(from..).unwrap_or_default();
        from + rest.partition_point(|line| line.end < byte)
    }
}
