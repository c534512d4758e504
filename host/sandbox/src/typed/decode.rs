//! A result as it lies in the adapter's memory → JSON text, in one pass.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jackfield_flow::types::write_json_text;

use super::adapter::BASE;
use super::path::Path;
use super::shape::{Case, Int, Kind, Member, Shape, aligned, payload_at, payloads, tag_size};

/// Most values of one result, each element and field counted: what JSON may have as well.
const NODES_MAX: usize = 1_000_000;

/// Why a result cannot be written.
#[derive(Debug, PartialEq)]
pub(super) enum Unreadable {
    /// The text would be longer than this.
    TooLong(usize),
    /// It is made of more values than this.
    TooMany(usize),
    /// A number that JSON has no word for.
    NotFinite {
        /// Where.
        path: Path,
        /// `NaN`, `inf` or `-inf`.
        number: f64,
    },
    /// It points outside of its memory, or its tag is none: the adapter did not do what it should have.
    Broken(&'static str),
}

type Decoded<T> = Result<T, Unreadable>;

/// A result in the adapter's memory.
#[derive(Clone, Copy)]
pub(super) struct Image<'a> {
    /// The memory from [`BASE`] on.
    pub(super) bytes: &'a [u8],
}

impl<'a> Image<'a> {
    fn slice(self, at: u32, length: u32) -> Decoded<&'a [u8]> {
        let from = at.checked_sub(BASE).ok_or(Unreadable::Broken("it points before its memory"))? as usize;
        let to = from.saturating_add(length as usize);
        self.bytes.get(from..to).ok_or(Unreadable::Broken("it points past its memory"))
    }

    fn number(self, at: u32, size: u32) -> Decoded<u64> {
        let mut bits = [0; 8];
        bits[..size as usize].copy_from_slice(self.slice(at, size)?);
        Ok(u64::from_le_bytes(bits))
    }

    fn word(self, at: u32) -> Decoded<u32> {
        Ok(u32::try_from(self.number(at, 4)?).unwrap_or(u32::MAX))
    }

    /// Which case of a variant, an option or a result lies here, and where its payload is.
    pub(super) fn case(self, shape: &Shape, at: u32) -> Decoded<(usize, u32)> {
        let payloads = payloads(&shape.kind);
        let tag = usize::try_from(self.number(at, tag_size(payloads.len()))?).unwrap_or(usize::MAX);
        if tag >= payloads.len() {
            return Err(Unreadable::Broken("a case that there is not"));
        }
        Ok((tag, at + payload_at(&payloads)))
    }

    /// Appends the value that lies here as JSON text, up to so many bytes in all.
    pub(super) fn write(self, shape: &Shape, at: u32, out: &mut String, bytes_max: usize) -> Decoded<()> {
        Writer { image: self, out, bytes_max, nodes: 0 }.value(shape, at)
    }
}

struct Writer<'a, 'o> {
    image: Image<'a>,
    out: &'o mut String,
    bytes_max: usize,
    nodes: usize,
}

impl<'a> Writer<'a, '_> {
    fn value(&mut self, shape: &Shape, at: u32) -> Decoded<()> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return Err(Unreadable::TooMany(NODES_MAX));
        }
        match &shape.kind {
            Kind::Bool => self.out.push_str(if self.image.number(at, 1)? == 0 { "false" } else { "true" }),
            Kind::Int(int) => self.whole(*int, at)?,
            Kind::F32 => {
                let number = f32::from_bits(self.image.word(at)?);
                self.finite(f64::from(number))?;
                self.out.push_str(&format!("{number:?}"));
            }
            Kind::F64 => {
                let number = f64::from_bits(self.image.number(at, 8)?);
                self.finite(number)?;
                // The shortest text that reads back as the same double, always with a point or an exponent.
                self.out.push_str(&format!("{number:?}"));
            }
            Kind::Char => {
                let letter = char::from_u32(self.image.word(at)?).ok_or(Unreadable::Broken("a number that is no character"))?;
                write_json_text(letter.encode_utf8(&mut [0; 4]), self.out);
            }
            Kind::String => {
                let bytes = self.bulk(at)?;
                self.room(bytes.len())?;
                write_json_text(std::str::from_utf8(bytes).map_err(|_| Unreadable::Broken("a text that is not UTF-8"))?, self.out);
            }
            Kind::Bytes => {
                let bytes = self.bulk(at)?;
                let length = base64::encoded_len(bytes.len(), true).unwrap_or(usize::MAX);
                self.room(length)?;
                self.out.reserve(length + 2);
                self.out.push('"');
                STANDARD.encode_string(bytes, self.out);
                self.out.push('"');
            }
            Kind::List(item) => self.list(item, at)?,
            Kind::Record(fields) => self.record(fields, at)?,
            Kind::Tuple(items) => {
                let mut at = at;
                self.out.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.comma(index);
                    at = aligned(at, item.align);
                    self.value(item, at).map_err(|error| error.at(index))?;
                    at += item.size;
                }
                self.out.push(']');
            }
            Kind::Flags(names) => self.flags(names, self.image.number(at, shape.size)?),
            Kind::Enum(cases) => {
                let case = usize::try_from(self.image.number(at, shape.size)?).ok().and_then(|tag| cases.get(tag));
                write_json_text(&case.ok_or(Unreadable::Broken("a case that there is not"))?.name, self.out);
            }
            Kind::Variant(cases) => self.case(shape, cases, at)?,
            Kind::Result(cases) => self.case(shape, &cases[..], at)?,
            Kind::Option(some) => match self.image.case(shape, at)? {
                (0, _) => self.out.push_str("null"),
                (_, payload) => self.value(some, payload)?,
            },
        }
        self.room(0)
    }

    fn whole(&mut self, int: Int, at: u32) -> Decoded<()> {
        let bits = self.image.number(at, int.size())?;
        let text = if int.range().0 == 0 {
            bits.to_string()
        } else {
            let unused = 64 - 8 * int.size();
            (bits.cast_signed() << unused >> unused).to_string()
        };
        self.out.push_str(&text);
        Ok(())
    }

    fn list(&mut self, item: &Shape, at: u32) -> Decoded<()> {
        let (start, count) = (self.image.word(at)?, self.image.word(at + 4)?);
        self.out.push('[');
        for index in 0..count {
            self.comma(index as usize);
            let at = index.checked_mul(item.size).and_then(|offset| start.checked_add(offset));
            let at = at.ok_or(Unreadable::Broken("it points past its memory"))?;
            self.value(item, at).map_err(|error| error.at(index as usize))?;
        }
        self.out.push(']');
        Ok(())
    }

    fn record(&mut self, fields: &[Member], at: u32) -> Decoded<()> {
        let mut at = at;
        self.out.push('{');
        for (index, field) in fields.iter().enumerate() {
            self.comma(index);
            write_json_text(&field.key, self.out);
            self.out.push(':');
            at = aligned(at, field.shape.align);
            self.value(&field.shape, at).map_err(|error| error.below(&field.key))?;
            at += field.shape.size;
        }
        self.out.push('}');
        Ok(())
    }

    fn case(&mut self, shape: &Shape, cases: &[Case], at: u32) -> Decoded<()> {
        let (tag, payload) = self.image.case(shape, at)?;
        let Case { name, shape, .. } = &cases[tag];
        let Some(shape) = shape else {
            write_json_text(name, self.out);
            return Ok(());
        };
        self.out.push('{');
        write_json_text(name, self.out);
        self.out.push(':');
        self.value(shape, payload).map_err(|error| error.below(name))?;
        self.out.push('}');
        Ok(())
    }

    fn flags(&mut self, names: &[String], bits: u64) {
        self.out.push('[');
        let set = names.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0);
        for (index, (_, name)) in set.enumerate() {
            self.comma(index);
            write_json_text(name, self.out);
        }
        self.out.push(']');
    }

    /// The bytes of a text or of bytes.
    fn bulk(&self, at: u32) -> Decoded<&'a [u8]> {
        match (self.image.word(at)?, self.image.word(at + 4)?) {
            (_, 0) => Ok(&[]),
            (start, length) => self.image.slice(start, length),
        }
    }

    fn comma(&mut self, index: usize) {
        if index > 0 {
            self.out.push(',');
        }
    }

    fn finite(&self, number: f64) -> Decoded<()> {
        if number.is_finite() { Ok(()) } else { Err(Unreadable::NotFinite { path: Path::default(), number }) }
    }

    fn room(&self, more: usize) -> Decoded<()> {
        if self.out.len().saturating_add(more) > self.bytes_max { Err(Unreadable::TooLong(self.bytes_max)) } else { Ok(()) }
    }
}

impl Unreadable {
    fn below(self, name: &str) -> Self {
        match self {
            Self::NotFinite { path, number } => Self::NotFinite { path: path.below(name), number },
            other => other,
        }
    }

    fn at(self, index: usize) -> Self {
        match self {
            Self::NotFinite { path, number } => Self::NotFinite { path: path.at(index), number },
            other => other,
        }
    }
}
