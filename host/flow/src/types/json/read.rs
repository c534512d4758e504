//! JSON text → values: recursive descent over bytes, one pass, bounded.

use std::sync::Arc;

use super::super::{Fields, Value};
use super::{JsonError, JsonLimits, JsonProblem};

/// How many names of objects are remembered. Rows have the same names again and again: sharing them saves most of the memory
/// and time that names take.
const NAMES_KEPT: usize = 64;

/// Longest piece of the text that an error shows, in characters.
const SHOWN_CHARS: usize = 40;

pub(super) fn read(text: &str, limits: JsonLimits) -> Result<Value, JsonError> {
    if text.len() > limits.bytes {
        let problem = JsonProblem::TooLarge { limit: limits.bytes, seen: text.len() };
        return Err(JsonError { problem, line: 1, column: 1 });
    }
    let mut reader = Reader {
        text,
        at: 0,
        nodes: 0,
        nodes_max: limits.nodes,
        depth: 0,
        depth_max: limits.depth.min(JsonLimits::DEPTH_MAX),
        scratch: String::new(),
        names: [const { None }; NAMES_KEPT],
    };
    reader.document().map_err(|problem| reader.placed(problem))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    nodes: usize,
    nodes_max: usize,
    depth: usize,
    depth_max: usize,
    /// Where texts with escapes are put together.
    scratch: String,
    /// Names read before, each in the place its letters give it.
    names: [Option<Arc<str>>; NAMES_KEPT],
}

type Read<T> = Result<T, JsonProblem>;

impl Reader<'_> {
    fn document(&mut self) -> Read<Value> {
        self.skip_space();
        let value = self.value()?;
        self.skip_space();
        if self.at < self.text.len() { Err(self.unexpected("the end of the text")) } else { Ok(value) }
    }

    fn value(&mut self) -> Read<Value> {
        self.nodes += 1;
        if self.nodes > self.nodes_max {
            return Err(JsonProblem::TooMany { limit: self.nodes_max });
        }
        match self.peek() {
            Some(b'"') => Ok(Value::String(self.text()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn nested(&mut self, inside: fn(&mut Self) -> Read<Value>) -> Read<Value> {
        if self.depth == self.depth_max {
            return Err(JsonProblem::TooDeep { limit: self.depth_max });
        }
        self.depth += 1;
        self.at += 1;
        self.skip_space();
        let value = inside(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn list(&mut self) -> Read<Value> {
        let mut items = Vec::new();
        if self.took(b']') {
            return Ok(Value::List(Arc::from(items)));
        }
        loop {
            items.push(self.value()?);
            self.skip_space();
            if self.took(b']') {
                return Ok(Value::List(Arc::from(items)));
            }
            if !self.took(b',') {
                return Err(self.unexpected("`,` or `]`"));
            }
            self.skip_space();
        }
    }

    fn object(&mut self) -> Read<Value> {
        let mut fields = Fields::new();
        if self.took(b'}') {
            return Ok(Value::Map(Arc::new(fields)));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a name in double quotes"));
            }
            let start = self.at;
            let name = self.name()?;
            if fields.get(&name).is_some() {
                self.at = start;
                return Err(JsonProblem::Duplicate { name: shortened(&name) });
            }
            self.skip_space();
            if !self.took(b':') {
                return Err(self.unexpected("`:`"));
            }
            self.skip_space();
            let value = self.value()?;
            fields.insert(name, value);
            self.skip_space();
            if self.took(b'}') {
                return Ok(Value::Map(Arc::new(fields)));
            }
            if !self.took(b',') {
                return Err(self.unexpected("`,` or `}`"));
            }
            self.skip_space();
        }
    }

    fn word(&mut self, word: &'static str, value: Value) -> Read<Value> {
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(value);
        }
        Err(self.unexpected("a value"))
    }

    fn number(&mut self) -> Read<Value> {
        let start = self.at;
        let negative = self.took(b'-');
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.skip_digits(),
            _ => return Err(self.unexpected("a digit")),
        }
        if !matches!(self.peek(), Some(b'.' | b'e' | b'E')) {
            return self.whole_number(start, negative);
        }
        if self.took(b'.') {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let literal = &self.text[start..self.at];
        match literal.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Float(number)),
            _ => {
                self.at = start;
                Err(JsonProblem::FloatRange { literal: shortened(literal) })
            }
        }
    }

    fn whole_number(&mut self, start: usize, negative: bool) -> Read<Value> {
        let literal = &self.text[start..self.at];
        let number = if negative { literal.parse().ok().map(Value::Int) } else { literal.parse().ok().map(Value::uint) };
        number.ok_or_else(|| {
            self.at = start;
            JsonProblem::IntRange { literal: shortened(literal) }
        })
    }

    fn digits(&mut self) -> Read<()> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.unexpected("a digit"));
        }
        self.skip_digits();
        Ok(())
    }

    fn skip_digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    /// A name, from its opening quote on: one that was read before is shared.
    fn name(&mut self) -> Read<Arc<str>> {
        let start = self.at + 1;
        let bytes = &self.text.as_bytes()[start..];
        let len = bytes.iter().take(32).position(|byte| *byte < 0x20 || *byte == b'"' || *byte == b'\\');
        let Some(len @ 1..) = len.filter(|len| bytes[*len] == b'"') else { return self.text() };
        let letter = |at: usize| usize::from(bytes[at]);
        let slot = (len * 31 + letter(0) * 7 + letter(len / 2) * 5 + letter(len - 1)) % NAMES_KEPT;
        let name = &self.text[start..start + len];
        self.at = start + len + 1;
        match &self.names[slot] {
            Some(known) if **known == *name => Ok(Arc::clone(known)),
            _ => Ok(Arc::clone(self.names[slot].insert(Arc::from(name)))),
        }
    }

    /// A text, from its opening quote on.
    fn text(&mut self) -> Read<Arc<str>> {
        self.at += 1;
        let start = self.at;
        self.skip_plain();
        if self.peek() == Some(b'"') {
            let text = Arc::from(&self.text[start..self.at]);
            self.at += 1;
            return Ok(text);
        }
        self.scratch.clear();
        self.scratch.push_str(&self.text[start..self.at]);
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Arc::from(self.scratch.as_str()));
                }
                Some(b'\\') => {
                    let letter = self.escape()?;
                    self.scratch.push(letter);
                }
                Some(_) => return Err(self.unexpected("an escape such as \\n instead of a control character")),
                None => return Err(self.unexpected("`\"` at the end of the text value")),
            }
            let from = self.at;
            self.skip_plain();
            self.scratch.push_str(&self.text[from..self.at]);
        }
    }

    /// Goes on to the next quote, backslash or control character.
    fn skip_plain(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let plain = rest.iter().position(|byte| *byte < 0x20 || *byte == b'"' || *byte == b'\\');
        self.at += plain.unwrap_or(rest.len());
    }

    fn escape(&mut self) -> Read<char> {
        self.at += 1;
        let letter = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => return Err(self.unexpected("one of the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")),
        };
        self.at += 1;
        Ok(letter)
    }

    /// `uXXXX`, or two of them for a character beyond 16 bits.
    fn unicode_escape(&mut self) -> Read<char> {
        let start = self.at;
        let first = self.hex4()?;
        let code = if (0xd800..0xdc00).contains(&first) && self.text.as_bytes()[self.at..].starts_with(b"\\u") {
            self.at += 1;
            let second = self.hex4()?;
            if (0xdc00..0xe000).contains(&second) { 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00) } else { first }
        } else {
            first
        };
        char::from_u32(code).ok_or_else(|| {
            self.at = start;
            self.unexpected("both halves of a surrogate pair")
        })
    }

    fn hex4(&mut self) -> Read<u32> {
        self.at += 1;
        let digits = self.text.as_bytes().get(self.at..self.at + 4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let Some(digits) = digits else { return Err(self.unexpected("four hexadecimal digits")) };
        let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0);
        let code = digits.iter().fold(0, |code, byte| code * 16 + digit(*byte));
        self.at += 4;
        Ok(code)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn took(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn unexpected(&self, expected: &'static str) -> JsonProblem {
        let found = match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(letter) => format!("{letter:?}"),
            None => "the end of the text".to_owned(),
        };
        JsonProblem::Syntax { expected, found }
    }

    fn placed(&self, problem: JsonProblem) -> JsonError {
        let before = &self.text.as_bytes()[..self.at.min(self.text.len())];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        // Bytes that continue a character do not count: a column is a character.
        let column = before[line_start..].iter().filter(|byte| **byte & 0xc0 != 0x80).count() + 1;
        JsonError { problem, line, column }
    }
}

fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
