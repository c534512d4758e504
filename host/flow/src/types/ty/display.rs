//! Types as people read them: `list<{id: int, name?: string}>`.

use std::fmt::{self, Write};

use super::{RecordType, Type};

/// From how many bytes on a type is cut short in an error.
const BRIEF_BYTES: usize = 160;

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Float => f.write_str("float"),
            Self::String => f.write_str("string"),
            Self::Bytes => f.write_str("bytes"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Duration => f.write_str("duration"),
            Self::Json => f.write_str("json"),
            Self::Never => f.write_str("nothing"),
            Self::Enum(texts) => separated(f, " | ", texts.iter(), |f, text| write!(f, "{text:?}")),
            Self::List(items) => write!(f, "list<{items}>"),
            Self::Tuple(items) => {
                f.write_str("tuple<")?;
                separated(f, ", ", items.iter(), |f, item| write!(f, "{item}"))?;
                f.write_char('>')
            }
            Self::Map(values) => write!(f, "map<{values}>"),
            Self::Option(some) => write!(f, "option<{some}>"),
            Self::Record(record) => write_record(f, record),
            Self::Variant(variant) => {
                f.write_str("variant<")?;
                separated(f, ", ", variant.cases.iter(), |f, (name, ty)| match ty {
                    Some(ty) => write!(f, "{name}({ty})"),
                    None => f.write_str(name),
                })?;
                f.write_char('>')
            }
        }
    }
}

fn write_record(f: &mut fmt::Formatter<'_>, record: &RecordType) -> fmt::Result {
    f.write_char('{')?;
    separated(f, ", ", record.fields.iter(), |f, field| {
        let mark = if field.required { "" } else { "?" };
        write!(f, "{}{mark}: {}", field.name, field.ty)
    })?;
    match (record.open, record.fields.is_empty()) {
        (true, true) => f.write_str("...}"),
        (true, false) => f.write_str(", ...}"),
        (false, _) => f.write_char('}'),
    }
}

fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    between: &str,
    items: impl Iterator<Item = T>,
    write: impl Fn(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    for (at, item) in items.enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        write(f, item)?;
    }
    Ok(())
}

impl Type {
    /// The type as text, cut short when it is long: for the middle of a sentence.
    pub fn brief(&self) -> String {
        let mut text = Brief { text: String::new() };
        // Writing stops by an error where the text is long enough; what is there is what is wanted.
        match write!(text, "{self}") {
            Ok(()) => text.text,
            Err(_) => text.text + "…",
        }
    }
}

/// A text that refuses to become long, so that a type of a megabyte costs no more than a small one.
struct Brief {
    text: String,
}

impl Write for Brief {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let room = BRIEF_BYTES.saturating_sub(self.text.len());
        if piece.len() <= room {
            self.text.push_str(piece);
            return Ok(());
        }
        let end = (0..=room).rev().find(|at| piece.is_char_boundary(*at)).unwrap_or(0);
        self.text.push_str(&piece[..end]);
        Err(fmt::Error)
    }
}
