//! Texts and bytes as literals, with all escapes of CEL.

use super::{ExprError, Span};
use crate::types::Value;

/// A literal and the byte after it.
pub(super) struct Quoted {
    pub(super) value: Value,
    pub(super) end: usize,
}

/// The length of `r`, `b` or both before a quote, if that is what stands here.
pub(super) fn prefix_len(bytes: &[u8]) -> Option<usize> {
    let quote = |at: usize| matches!(bytes.get(at), Some(b'"' | b'\''));
    match (bytes.first()?.to_ascii_lowercase(), bytes.get(1).map(u8::to_ascii_lowercase)) {
        (b'r' | b'b', _) if quote(1) => Some(1),
        (b'r', Some(b'b')) | (b'b', Some(b'r')) if quote(2) => Some(2),
        _ => None,
    }
}

/// Reads a text or bytes that begin at `start` with a prefix of so many letters.
pub(super) fn quoted(source: &str, start: usize, prefix: usize) -> Result<Quoted, ExprError> {
    let letters = source[start..start + prefix].to_ascii_lowercase();
    let body = &source[start + prefix..];
    let quote = &body[..1];
    let triple = body.as_bytes().iter().take(3).filter(|byte| **byte == quote.as_bytes()[0]).count() == 3;
    let close = if triple { &body[..3] } else { quote };
    let mut reader =
        Body { source, at: start + prefix + close.len(), close, raw: letters.contains('r'), bytes: letters.contains('b'), out: Vec::new() };
    reader.read(start)?;
    let value = if reader.bytes {
        Value::Bytes(reader.out.into())
    } else {
        let text = String::from_utf8(reader.out).expect("a text is put together from characters");
        Value::string(text)
    };
    Ok(Quoted { value, end: reader.at })
}

struct Body<'a> {
    source: &'a str,
    at: usize,
    close: &'a str,
    raw: bool,
    bytes: bool,
    out: Vec<u8>,
}

impl Body<'_> {
    fn read(&mut self, start: usize) -> Result<(), ExprError> {
        loop {
            let rest = &self.source[self.at..];
            if rest.starts_with(self.close) {
                self.at += self.close.len();
                return Ok(());
            }
            match rest.chars().next() {
                Some('\\') if !self.raw => self.escape()?,
                Some('\n' | '\r') if self.close.len() == 1 => return Err(self.open_end(start)),
                Some(letter) => {
                    self.out.extend_from_slice(&rest.as_bytes()[..letter.len_utf8()]);
                    self.at += letter.len_utf8();
                }
                None => return Err(self.open_end(start)),
            }
        }
    }

    fn open_end(&self, start: usize) -> ExprError {
        let error = ExprError::new(Span::new(start, self.at), format!("the text has no {} at its end", self.close));
        error.help("a text over several lines stands in three quotes")
    }

    fn escape(&mut self) -> Result<(), ExprError> {
        let start = self.at;
        let letter = self.source[start + 1..].chars().next();
        self.at += 1 + letter.map_or(0, char::len_utf8);
        let plain = match letter {
            Some('a') => '\u{7}',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('v') => '\u{b}',
            Some(same @ ('\\' | '?' | '"' | '\'' | '`')) => same,
            Some('x' | 'X') => return self.code(start, 2, 16),
            Some('u') if !self.bytes => return self.code(start, 4, 16),
            Some('U') if !self.bytes => return self.code(start, 8, 16),
            Some('0'..='3') => {
                self.at -= 1;
                return self.code(start, 3, 8);
            }
            _ => {
                let error = ExprError::new(Span::new(start, self.at), format!("there is no escape `{}`", &self.source[start..self.at]));
                return Err(error.help("escapes are \\n \\r \\t \\\\ \\\" \\' \\xHH \\uHHHH \\UHHHHHHHH; in r\"…\" a backslash is itself"));
            }
        };
        self.push(plain);
        Ok(())
    }

    /// A character by its number; of bytes, a byte.
    fn code(&mut self, start: usize, len: usize, radix: u32) -> Result<(), ExprError> {
        let digits = self.source.get(self.at..self.at + len).filter(|digits| digits.chars().all(|digit| digit.is_digit(radix)));
        let Some(code) = digits.and_then(|digits| u32::from_str_radix(digits, radix).ok()) else {
            let kind = if radix == 16 { "hexadecimal" } else { "octal" };
            return Err(ExprError::new(Span::new(start, self.at), format!("expected {len} {kind} digits after this")));
        };
        self.at += len;
        if self.bytes {
            self.out.extend(u8::try_from(code));
            return Ok(());
        }
        match char::from_u32(code) {
            Some(letter) => self.push(letter),
            None => return Err(ExprError::new(Span::new(start, self.at), "there is no character of this number")),
        }
        Ok(())
    }

    fn push(&mut self, letter: char) {
        self.out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    }
}
