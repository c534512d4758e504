//! Block style: mappings and lists by indentation.

use jackfield_flow::definition::Span;

use super::{DEPTH_MAX, Entry, Kind, Node, Parser};

/// A key, and where its value begins.
struct Key {
    text: String,
    span: Span,
    value_at: usize,
}

impl Parser<'_> {
    /// The indent of the next line that says something.
    pub(super) fn next_indent(&mut self) -> Option<usize> {
        while let Some(line) = self.lines.get(self.line) {
            if !line.blank {
                return Some(line.indent());
            }
            self.line += 1;
        }
        None
    }

    /// What stands on the next lines that are indented at least so far.
    pub(super) fn block(&mut self, least: usize, depth: usize) -> Node {
        let Some(column) = self.next_indent().filter(|column| *column >= least) else {
            let at = self.lines.get(self.line.saturating_sub(1)).map_or(0, |line| line.end);
            return Node::missing(at);
        };
        self.at = self.lines.get(self.line).map_or(0, |line| line.content);
        if depth > DEPTH_MAX {
            return self.skipped(least);
        }
        if self.dash_at(self.at) {
            return self.sequence(column, depth);
        }
        if self.key_at(self.at).is_some() || self.key_follows(column) {
            return self.mapping(column, depth);
        }
        self.value(column.checked_sub(1), depth)
    }

    /// Passes over lines that are indented at least so far.
    fn skipped(&mut self, least: usize) -> Node {
        let at = self.at;
        while self.next_indent().is_some_and(|column| column >= least) {
            self.line += 1;
        }
        Node::missing(at)
    }

    /// Whether a later line of this block is one of a mapping, so that this one is a key without its colon.
    fn key_follows(&self, column: usize) -> bool {
        if matches!(self.byte(self.at), Some(b'{' | b'[' | b'"' | b'\'' | b'|' | b'>')) {
            return false;
        }
        let mut line = self.line + 1;
        while let Some(next) = self.lines.get(line) {
            if !next.blank && next.indent() < column {
                return false;
            }
            if !next.blank && next.indent() == column {
                return self.key_at(next.content).is_some();
            }
            line += 1;
        }
        false
    }

    fn mapping(&mut self, column: usize, depth: usize) -> Node {
        let start = self.at;
        let mut entries = vec![self.entry(column, depth)];
        while let Some(next) = self.next_indent().filter(|next| *next >= column) {
            self.at = self.lines.get(self.line).map_or(0, |line| line.content);
            if next > column || self.dash_at(self.at) {
                let stray = self.block(column, depth + 1);
                if let Some(last) = entries.last_mut() {
                    adopt(&mut last.value, stray);
                }
                continue;
            }
            entries.push(self.entry(column, depth));
        }
        let end = entries.last().map_or(start, |last| last.value.span.end.max(last.key_span.end));
        Node { span: Span::new(start, end), kind: Kind::Map(entries) }
    }

    fn entry(&mut self, column: usize, depth: usize) -> Entry {
        let Some(key) = self.key_at(self.at) else {
            let (start, end) = (self.at, self.comment_or_end(self.at));
            self.line += 1;
            let key = self.text[start..end].trim_end();
            let span = Span::new(start, start + key.len());
            return Entry { key: key.to_owned(), key_span: span, colon: false, value: Node::missing(span.end) };
        };
        self.at = key.value_at;
        Entry { key: key.text, key_span: key.span, colon: true, value: self.value(Some(column), depth) }
    }

    fn sequence(&mut self, column: usize, depth: usize) -> Node {
        let start = self.at;
        let mut items = Vec::new();
        loop {
            items.push(self.item(column, depth));
            let next = self.next_indent();
            self.at = self.lines.get(self.line).map_or(self.text.len(), |line| line.content);
            if next != Some(column) || !self.dash_at(self.at) {
                break;
            }
        }
        let end = items.last().map_or(start, |last| last.span.end);
        Node { span: Span::new(start, end.max(start)), kind: Kind::List(items) }
    }

    /// What follows a dash.
    fn item(&mut self, column: usize, depth: usize) -> Node {
        self.at += 1;
        self.skip_space();
        let inner = self.lines.get(self.line).map_or(column + 2, |line| self.at - line.start);
        if depth > DEPTH_MAX {
            self.line += 1;
            return Node::missing(self.at);
        }
        if self.dash_at(self.at) {
            return self.sequence(inner, depth + 1);
        }
        if self.key_at(self.at).is_some() {
            return self.mapping(inner, depth + 1);
        }
        self.value(Some(column), depth)
    }

    /// What follows a colon or a dash, on the line or on deeper lines; `column` is that of the key or dash.
    fn value(&mut self, column: Option<usize>, depth: usize) -> Node {
        let after = self.at;
        self.skip_space();
        while matches!(self.byte(self.at), Some(b'&' | b'!')) && !self.at_end_of_line() {
            let rest = self.rest_of_line();
            self.at += rest.find([' ', '\t']).unwrap_or(rest.len());
            self.skip_space();
        }
        let least = column.map_or(0, |column| column + 1);
        if self.at_end_of_line() || self.byte(self.at) == Some(b'#') {
            self.line += 1;
            return self.value_below(column, least, after, depth);
        }
        let node = match self.byte(self.at) {
            Some(b'|' | b'>') => return self.block_scalar(least),
            Some(b'{' | b'[') => self.flow(self.region_end(least), depth + 1),
            Some(b'"' | b'\'') => self.quoted(self.region_end(least)),
            Some(b'*') => self.alias(),
            _ => return self.plain(least),
        };
        // Whatever else is on the line belongs to nobody.
        self.line = self.lines.line_of(self.line, node.span.end) + 1;
        node
    }

    fn value_below(&mut self, column: Option<usize>, least: usize, after: usize, depth: usize) -> Node {
        match self.next_indent() {
            Some(next) if next >= least => self.block(least, depth + 1),
            Some(next) if Some(next) == column => {
                self.at = self.lines.get(self.line).map_or(0, |line| line.content);
                // A list may stand under its key without being indented; under a dash it is the next item.
                let under_key = self.text[..after].ends_with(':');
                if under_key && self.dash_at(self.at) { self.sequence(next, depth + 1) } else { Node::missing(after) }
            }
            _ => Node::missing(after),
        }
    }

    /// Where the lines end that are indented at least so far, this one counted. A line of closing brackets belongs to them.
    fn region_end(&self, least: usize) -> usize {
        let mut line = self.line;
        let mut end = self.lines.get(line).map_or(self.text.len(), |line| line.end);
        loop {
            line += 1;
            let Some(next) = self.lines.get(line) else { return self.text.len() };
            if next.blank {
                continue;
            }
            let closes = matches!(self.byte(next.content), Some(b'}' | b']'));
            if next.indent() < least && !closes {
                return end;
            }
            end = next.end;
        }
    }

    /// The key that begins at a byte, if a colon ends it on this line.
    fn key_at(&self, at: usize) -> Option<Key> {
        let end = self.lines.get(self.lines.line_of(0, at)).map_or(self.text.len(), |line| line.end);
        let line = self.text.get(at..end)?;
        let first = line.bytes().next()?;
        if matches!(first, b'{' | b'[' | b'|' | b'>' | b'*' | b'#' | b'$' | b'&' | b'!') {
            return None;
        }
        if matches!(first, b'"' | b'\'') {
            let close = super::scalar::closing(line, 0)?;
            let after = line[close..].trim_start();
            let colon = at + line.len() - after.len();
            let (text, _) = super::scalar::unquoted(&line[..close]);
            return is_colon(after).then(|| Key { text, span: Span::new(at, at + close), value_at: colon + 1 });
        }
        let until = line.find(" #").unwrap_or(line.len());
        let colon = line[..until].match_indices(':').map(|(colon, _)| colon).find(|colon| is_colon(&line[*colon..]))?;
        let text = line[..colon].trim_end();
        Some(Key { text: text.to_owned(), span: Span::new(at, at + text.len()), value_at: at + colon + 1 })
    }

    pub(super) fn dash_at(&self, at: usize) -> bool {
        self.byte(at) == Some(b'-') && matches!(self.byte(at + 1), None | Some(b' ' | b'\t' | b'\r' | b'\n'))
    }

    pub(super) fn has_key_at(&self, at: usize) -> bool {
        self.key_at(at).is_some()
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    pub(super) fn rest_of_line(&self) -> &str {
        let end = self.lines.get(self.line).map_or(self.text.len(), |line| line.end);
        self.text.get(self.at..end).unwrap_or_default()
    }

    pub(super) fn at_end_of_line(&self) -> bool {
        self.rest_of_line().is_empty()
    }

    pub(super) fn skip_space(&mut self) {
        let rest = self.rest_of_line();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    /// Where the comment of the line begins, or the line ends.
    pub(super) fn comment_or_end(&self, at: usize) -> usize {
        let end = self.lines.get(self.lines.line_of(self.line, at)).map_or(self.text.len(), |line| line.end);
        let line = self.text.get(at..end).unwrap_or_default();
        at + [" #", "\t#"].iter().filter_map(|mark| line.find(mark)).min().unwrap_or(line.len())
    }
}

/// Lines that belong to nobody go to the value of the key before them, if there is room: half-indented is half-typed.
fn adopt(value: &mut Node, stray: Node) {
    let end = value.span.end.max(stray.span.end);
    match (&mut value.kind, stray.kind) {
        (Kind::Missing, kind) => *value = Node { kind, ..stray },
        (Kind::Map(entries), Kind::Map(more)) => {
            entries.extend(more);
            value.span.end = end;
        }
        _ => {}
    }
}

/// Whether a colon that ends a key begins here.
fn is_colon(text: &str) -> bool {
    text.starts_with(':') && matches!(text.as_bytes().get(1), None | Some(b' ' | b'\t'))
}
