//! Places: bytes of a text, and lines with UTF-16 columns as the protocol counts them.

use jackfield_flow::definition::Span;
use lsp_types::{Position, Range};

/// Where the lines of a text begin.
#[derive(Clone, Debug)]
pub(crate) struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    /// The lines of a text. They end as the protocol says: by `\n`, `\r\n` or `\r`.
    pub(crate) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = |at: usize| match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let starts = (0..bytes.len()).filter(|at| ends(*at)).map(|at| at + 1);
        Self { starts: std::iter::once(0).chain(starts).collect() }
    }

    /// The byte of a position. What lies behind the end of a line is its end, and behind the last line the end of the text.
    pub(crate) fn byte(&self, text: &str, position: Position) -> usize {
        let line = usize::try_from(position.line).unwrap_or(usize::MAX);
        let Some(start) = self.starts.get(line).copied() else { return text.len() };
        let end = self.starts.get(line + 1).copied().unwrap_or(text.len());
        let content = text[start..end].trim_end_matches(['\n', '\r']);
        let mut units = 0;
        for (at, letter) in content.char_indices() {
            if units >= position.character {
                return start + at;
            }
            units += if letter.len_utf16() == 2 { 2 } else { 1 };
        }
        start + content.len()
    }

    /// The position of a byte.
    pub(crate) fn position(&self, text: &str, byte: usize) -> Position {
        let byte = text.floor_char_boundary(byte.min(text.len()));
        let line = self.starts.partition_point(|start| *start <= byte).saturating_sub(1);
        let units = text[self.starts[line]..byte].encode_utf16().count();
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Position { line: number(line), character: number(units) }
    }

    /// The range of a span.
    pub(crate) fn range(&self, text: &str, span: Span) -> Range {
        Range { start: self.position(text, span.start), end: self.position(text, span.end.max(span.start)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, byte: usize, line: u32, character: u32) {
        let index = LineIndex::new(text);
        let position = Position { line, character };
        assert_eq!((index.position(text, byte), index.byte(text, position)), (position, byte), "{text:?}");
    }

    #[test]
    fn columns_count_utf16_units() {
        check("a: é🚀x\nb", 3, 0, 3);
        check("a: é🚀x\nb", 5, 0, 4);
        check("a: é🚀x\nb", 9, 0, 6);
        check("a: é🚀x\nb", 11, 1, 0);
        check("a\r\nb\rc", 5, 2, 0);
        check("", 0, 0, 0);
    }

    #[test]
    fn places_outside_are_the_nearest_ones_inside() {
        let text = "ab\r\n🚀\n";
        let index = LineIndex::new(text);
        let byte = |line, character| index.byte(text, Position { line, character });
        assert_eq!([byte(0, 99), byte(1, 1), byte(2, 7), byte(9, 0)], [2, 8, 9, 9]);
        assert_eq!(index.position(text, 5), Position { line: 1, character: 0 });
        assert_eq!(index.position(text, 999), Position { line: 2, character: 0 });
    }
}
