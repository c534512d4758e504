//! Flow style: `{ … }` and `[ … ]`, which is JSON too.

use jackfield_flow::definition::Span;

use super::{DEPTH_MAX, Entry, Kind, Node, Parser, Scalar, Style};

impl Parser<'_> {
    /// A mapping or a list in brackets; without its closing bracket it ends at `limit`.
    pub(super) fn flow(&mut self, limit: usize, depth: usize) -> Node {
        let start = self.at;
        if depth > DEPTH_MAX {
            self.at = limit.max(start);
            return Node::missing(start);
        }
        let mapping = self.byte(start) == Some(b'{');
        self.at += 1;
        let (mut entries, mut items) = (Vec::new(), Vec::new());
        loop {
            self.skip_flow_space(limit);
            match self.byte(self.at).filter(|_| self.at < limit) {
                None => break,
                Some(b'}' | b']') => {
                    self.at += 1;
                    break;
                }
                Some(b',') => self.at += 1,
                Some(_) if mapping => entries.push(self.flow_entry(limit, depth)),
                Some(_) => items.push(self.flow_value(limit, depth)),
            }
        }
        let kind = if mapping { Kind::Map(entries) } else { Kind::List(items) };
        Node { span: Span::new(start, self.at.min(limit).max(start)), kind }
    }

    fn flow_entry(&mut self, limit: usize, depth: usize) -> Entry {
        let start = self.at;
        let key = match self.byte(start) {
            Some(b'"' | b'\'') => self.quoted(limit),
            Some(b'{' | b'[') => self.flow(limit, depth + 1),
            _ => self.flow_plain(limit),
        };
        let text = key.text().unwrap_or_default().to_owned();
        self.skip_flow_space(limit);
        let colon = self.at < limit && self.byte(self.at) == Some(b':');
        let value = if colon {
            self.at += 1;
            self.flow_value(limit, depth)
        } else {
            Node::missing(key.span.end)
        };
        Entry { key: text, key_span: key.span, colon, value }
    }

    fn flow_value(&mut self, limit: usize, depth: usize) -> Node {
        let after = self.at;
        self.skip_flow_space(limit);
        match self.byte(self.at).filter(|_| self.at < limit) {
            None | Some(b',' | b'}' | b']') => Node::missing(after),
            Some(b'{' | b'[') => self.flow(limit, depth + 1),
            Some(b'"' | b'\'') => self.quoted(limit),
            Some(_) => self.flow_plain(limit),
        }
    }

    /// A word in brackets. Always moves on.
    fn flow_plain(&mut self, limit: usize) -> Node {
        let start = self.at;
        let line_end = self.text[start..limit].find('\n').map_or(limit, |end| start + end);
        let rest = &self.text[start..line_end];
        let len = if rest.starts_with("${") { expression_len(rest) } else { word_len(rest) };
        let len = if len == 0 { rest.chars().next().map_or(1, char::len_utf8) } else { len };
        self.at = (start + len).min(limit);
        let text = self.text[start..self.at].trim_end();
        let span = Span::new(start, start + text.len());
        Node { span, kind: Kind::Scalar(Scalar { text: text.to_owned(), style: Style::Plain }) }
    }

    fn skip_flow_space(&mut self, limit: usize) {
        while self.at < limit {
            match self.byte(self.at) {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(b'#') => self.at += self.text[self.at..limit].find('\n').unwrap_or(limit - self.at),
                _ => return,
            }
        }
    }
}

/// The length of a bare `${ … }` in brackets. YAML does not allow it, and everybody writes it first.
fn expression_len(text: &str) -> usize {
    let mut open = 0_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => open += 1,
            '}' => {
                open -= 1;
                if open == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

fn word_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let ends = |at: usize| match bytes[at] {
        b',' | b'{' | b'}' | b'[' | b']' => true,
        b':' => matches!(bytes.get(at + 1), None | Some(b' ' | b'\t' | b'\r' | b',' | b'}' | b']')),
        b'#' => at > 0 && bytes[at - 1] == b' ',
        _ => false,
    };
    (0..bytes.len()).find(|at| ends(*at)).unwrap_or(bytes.len())
}
