//! Scalars: plain, quoted, block; and the expressions in them.

use jackfield_flow::definition::Span;

use super::{Kind, Node, Parser};

/// A scalar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scalar {
    /// What it says, without quotes and escapes.
    pub(crate) text: String,
    /// How it is written.
    pub(crate) style: Style,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// As it is.
    Plain,
    /// In quotes.
    Quoted,
    /// On lines of its own.
    Block,
    /// By a name for what stands elsewhere.
    Alias,
}

/// An expression as it stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ExprText {
    /// Its first byte in the file, after `${`.
    pub(crate) start: usize,
    /// Its text, with as many bytes as in the file: what escapes a quote has become white space.
    pub(crate) text: String,
}

impl Node {
    /// The expression that the scalar is, if it begins like one. Where its end is missing it goes to the end of the scalar.
    pub(crate) fn expression(&self, source: &str) -> Option<ExprText> {
        let scalar = self.scalar()?;
        if !scalar.text.trim_start().starts_with("${") {
            return None;
        }
        let raw = source.get(self.span.start..self.span.end)?;
        let quote = raw.chars().next().filter(|first| scalar.style == Style::Quoted && matches!(first, '"' | '\''));
        let from = raw.find("${")? + "${".len();
        let inner = &raw[from..];
        let inner = quote.and_then(|quote| inner.strip_suffix(quote)).unwrap_or(inner);
        let inner = inner.trim_end();
        let inner = inner.strip_suffix('}').unwrap_or(inner);
        Some(ExprText { start: self.span.start + from, text: same_length(inner, quote) })
    }
}

/// The text with white space in place of what escapes quotes, so that places in it are places in the file.
fn same_length(raw: &str, quote: Option<char>) -> String {
    match quote {
        Some('"') => raw.replace("\\\"", " \"").replace("\\\\", " \\"),
        Some('\'') => raw.replace("''", " '"),
        _ => raw.to_owned(),
    }
}

impl Parser<'_> {
    /// A quoted text; without its closing quote it ends with the line.
    pub(super) fn quoted(&mut self, limit: usize) -> Node {
        let start = self.at;
        let limit = limit.max(start);
        let rest = &self.text[start..limit];
        let end = closing(rest, 0).unwrap_or_else(|| rest.find(['\n', '\r']).unwrap_or(rest.len()));
        self.at = start + end;
        let (text, _) = unquoted(&rest[..end]);
        Node { span: Span::new(start, self.at), kind: Kind::Scalar(Scalar { text, style: Style::Quoted }) }
    }

    pub(super) fn alias(&mut self) -> Node {
        let (start, rest) = (self.at, self.rest_of_line());
        let len = rest.find([' ', '\t', ',']).unwrap_or(rest.len());
        let text = rest[..len].to_owned();
        self.at += len;
        Node { span: Span::new(start, self.at), kind: Kind::Scalar(Scalar { text, style: Style::Alias }) }
    }

    /// A plain text and the lines that continue it.
    pub(super) fn plain(&mut self, least: usize) -> Node {
        let start = self.at;
        let mut end = self.comment_or_end(start);
        let mut text = self.text[start..end].trim_end().to_owned();
        end = start + text.len();
        self.line += 1;
        let mut line = self.line;
        while let Some(next) = self.lines.get(line) {
            let open = text.starts_with("${") && !text.ends_with('}');
            let other = next.indent() < least || next.content == next.end && !open;
            if !next.blank && (other || !open && (self.has_key_at(next.content) || self.dash_at(next.content))) {
                break;
            }
            line += 1;
            if next.blank {
                continue;
            }
            let more = self.text[next.content..self.comment_or_end(next.content)].trim_end();
            text.push(' ');
            text.push_str(more);
            end = next.content + more.len();
            self.line = line;
        }
        Node { span: Span::new(start, end), kind: Kind::Scalar(Scalar { text, style: Style::Plain }) }
    }

    /// `|` or `>` and the lines under it.
    pub(super) fn block_scalar(&mut self, least: usize) -> Node {
        let start = self.at;
        let mut end = self.comment_or_end(start);
        self.line += 1;
        let mut lines = Vec::new();
        while let Some(next) = self.lines.get(self.line) {
            let empty = next.content == next.end;
            if !empty && next.indent() < least {
                break;
            }
            lines.push(&self.text[next.content..next.end]);
            if !empty {
                end = next.end;
            }
            self.line += 1;
        }
        let text = lines.join("\n").trim_end().to_owned();
        Node { span: Span::new(start, end), kind: Kind::Scalar(Scalar { text, style: Style::Block }) }
    }
}

/// The byte after the quote that closes the text which begins with one at `open`.
pub(super) fn closing(text: &str, open: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = *bytes.get(open)?;
    let mut at = open + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if quote == b'"' => at += 1,
            byte if *byte == quote && quote == b'\'' && bytes.get(at + 1) == Some(&quote) => at += 1,
            byte if *byte == quote => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// What a quoted text says, and whether its closing quote is there. Only the escapes that names and paths have are undone.
pub(super) fn unquoted(raw: &str) -> (String, bool) {
    let closed = closing(raw, 0) == Some(raw.len());
    let quote = raw.get(..1).unwrap_or_default();
    let inner = raw.get(1..raw.len() - usize::from(closed)).unwrap_or_default();
    let text = match quote {
        "'" => inner.replace("''", "'"),
        _ => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
    };
    (text, closed)
}
