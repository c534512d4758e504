//! Values → JSON text, straight into a string.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::{Fields, Value};

/// In which order the names of an object are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// As they stand in the value.
    AsWritten,
    /// By their UTF-8 bytes.
    Sorted,
}

/// The text became longer than its limit.
#[derive(Debug)]
pub(super) struct TooLong;

/// Writes values at the end of a text, up to a limit.
pub(super) struct Writer<'a> {
    out: &'a mut String,
    names: Names,
    bytes_max: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(out: &'a mut String, names: Names, bytes_max: usize) -> Self {
        Self { out, names, bytes_max }
    }

    pub(super) fn value(&mut self, value: &Value) -> Result<(), TooLong> {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(true) => self.out.push_str("true"),
            Value::Bool(false) => self.out.push_str("false"),
            Value::Int(number) => write_int(self.out, number.unsigned_abs(), *number < 0),
            Value::UInt(number) => write_int(self.out, *number, false),
            Value::Float(number) => {
                // Debug is the shortest text that reads back as the same double, always with a point or an exponent.
                let _ = write!(self.out, "{number:?}");
            }
            Value::String(text) => self.text(text)?,
            Value::Bytes(bytes) => {
                self.room(bytes.len())?;
                self.out.push('"');
                STANDARD.encode_string(bytes, self.out);
                self.out.push('"');
            }
            Value::Timestamp(instant) => {
                let _ = write!(self.out, "\"{instant}\"");
            }
            Value::Duration(duration) => {
                let _ = write!(self.out, "\"{duration}\"");
            }
            Value::List(items) => self.list(items)?,
            Value::Map(fields) => self.object(fields)?,
        }
        self.room(0)
    }

    fn list(&mut self, items: &[Value]) -> Result<(), TooLong> {
        self.out.push('[');
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            self.value(item)?;
        }
        self.out.push(']');
        Ok(())
    }

    fn object(&mut self, fields: &Fields) -> Result<(), TooLong> {
        self.out.push('{');
        match self.names {
            Names::AsWritten => self.members(fields.iter().map(|(name, value)| (&**name, value)))?,
            Names::Sorted => {
                let mut sorted: Vec<(&str, &Value)> = fields.iter().map(|(name, value)| (&**name, value)).collect();
                sorted.sort_unstable_by_key(|(name, _)| *name);
                self.members(sorted.into_iter())?;
            }
        }
        self.out.push('}');
        Ok(())
    }

    fn members<'v>(&mut self, members: impl Iterator<Item = (&'v str, &'v Value)>) -> Result<(), TooLong> {
        for (at, (name, value)) in members.enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            self.text(name)?;
            self.out.push(':');
            self.value(value)?;
        }
        Ok(())
    }

    pub(super) fn text(&mut self, text: &str) -> Result<(), TooLong> {
        self.room(text.len())?;
        self.out.push('"');
        let mut written = 0;
        for (at, byte) in text.bytes().enumerate() {
            if byte >= 0x20 && byte != b'"' && byte != b'\\' {
                continue;
            }
            self.out.push_str(&text[written..at]);
            written = at + 1;
            match byte {
                b'"' => self.out.push_str("\\\""),
                b'\\' => self.out.push_str("\\\\"),
                b'\n' => self.out.push_str("\\n"),
                b'\r' => self.out.push_str("\\r"),
                b'\t' => self.out.push_str("\\t"),
                0x08 => self.out.push_str("\\b"),
                0x0c => self.out.push_str("\\f"),
                _ => {
                    let _ = write!(self.out, "\\u{byte:04x}");
                }
            }
        }
        self.out.push_str(&text[written..]);
        self.out.push('"');
        Ok(())
    }

    fn room(&self, more: usize) -> Result<(), TooLong> {
        if self.out.len().saturating_add(more) > self.bytes_max { Err(TooLong) } else { Ok(()) }
    }
}

/// Decimal digits from the right into a buffer: most of what flows is small whole numbers.
fn write_int(out: &mut String, mut number: u64, negative: bool) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b"0123456789"[usize::try_from(number % 10).expect("a digit is below ten")];
        number /= 10;
        if number == 0 {
            break;
        }
    }
    if negative {
        out.push('-');
    }
    out.push_str(std::str::from_utf8(&digits[at..]).expect("decimal digits are ASCII"));
}
