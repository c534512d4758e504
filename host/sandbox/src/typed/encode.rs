//! JSON values → an argument list as it lies in the adapter's memory.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jackfield_flow::types::Value;

use super::TypedTask;
use super::adapter::{BASE, Passing, passing};
use super::path::Path;
use super::shape::{Case, Int, Kind, Member, Shape, aligned, payload_at, payloads, tag_size};

/// A value that a parameter does not take.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unfit {
    /// The place inside of the input.
    pub(super) path: Path,
    /// What is wrong there.
    pub(super) problem: String,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.path, self.problem)
    }
}

type Encoded<T> = Result<T, Unfit>;

/// The input of a task as its argument list. At most so many bytes.
///
/// # Errors
/// When a value is not of its parameter's type: which, and what was expected there.
pub(super) fn arguments(task: &TypedTask, input: &Value, bytes_max: usize) -> Encoded<Vec<u8>> {
    let fields = match input {
        Value::Map(fields) => fields,
        other => return Err(wrong("an object with the task's parameters", other)),
    };
    if let Some((name, _)) = fields.iter().find(|(name, _)| task.params.iter().all(|param| param.key != ***name)) {
        return Err(Unfit { path: Path::default(), problem: format!("the task has no parameter `{}`", brief(name)) });
    }
    let mut image = Image { bytes: Vec::new(), bytes_max };
    let value = |param: &Member| fields.get(&param.key).unwrap_or(&Value::Null);
    match passing(task) {
        Passing::InMemory => {
            let whole = Shape::new(Kind::Tuple(task.params.iter().map(|param| param.shape.clone()).collect()));
            let start = image.room(whole.size, whole.align)?;
            let mut at = start;
            for param in &task.params {
                at = aligned(at, param.shape.align);
                image.store(&param.shape, value(param), at).map_err(|unfit| unfit.below(&param.key))?;
                at += param.shape.size;
            }
        }
        Passing::Flat(cores) => {
            image.room(u32::try_from(cores.len() * 8).unwrap_or(u32::MAX), 8)?;
            let mut flat = Vec::with_capacity(cores.len());
            for param in &task.params {
                image.flatten(&param.shape, value(param), &mut flat).map_err(|unfit| unfit.below(&param.key))?;
            }
            for (slot, core) in image.bytes.chunks_exact_mut(8).zip(flat) {
                slot.copy_from_slice(&core.to_le_bytes());
            }
        }
    }
    Ok(image.bytes)
}

/// What lies in the adapter's memory from [`BASE`] on. Addresses in it are those of that memory.
struct Image {
    bytes: Vec<u8>,
    bytes_max: usize,
}

impl Image {
    /// Zeros for a value of this size; answers their address.
    fn room(&mut self, size: u32, align: u32) -> Encoded<u32> {
        let end = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        let start = u64::from(end).next_multiple_of(u64::from(align));
        let past = start + u64::from(size);
        if past > self.bytes_max as u64 {
            let problem = format!("the input takes more than {} bytes in the task's memory, which is the limit", self.bytes_max);
            return Err(Unfit { path: Path::default(), problem });
        }
        self.bytes.resize(usize::try_from(past).unwrap_or(usize::MAX), 0);
        Ok(BASE + u32::try_from(start).unwrap_or(u32::MAX))
    }

    fn put<const N: usize>(&mut self, at: u32, bytes: [u8; N]) {
        let at = (at - BASE) as usize;
        self.bytes[at..at + N].copy_from_slice(&bytes);
    }

    fn put_number(&mut self, at: u32, size: u32, bits: u64) {
        let at = (at - BASE) as usize;
        self.bytes[at..at + size as usize].copy_from_slice(&bits.to_le_bytes()[..size as usize]);
    }

    /// Puts a value where room was made for it.
    fn store(&mut self, shape: &Shape, value: &Value, at: u32) -> Encoded<()> {
        match &shape.kind {
            Kind::String | Kind::Bytes | Kind::List(_) => {
                let (start, length) = self.sequence(&shape.kind, value)?;
                self.put(at, start.to_le_bytes());
                self.put(at + 4, length.to_le_bytes());
            }
            Kind::Record(fields) => {
                let given = record(fields, value)?;
                let mut at = at;
                for field in fields {
                    at = aligned(at, field.shape.align);
                    let value = given.get(&field.key).unwrap_or(&Value::Null);
                    self.store(&field.shape, value, at).map_err(|unfit| unfit.below(&field.key))?;
                    at += field.shape.size;
                }
            }
            Kind::Tuple(items) => {
                let mut at = at;
                for (index, (item, value)) in items.iter().zip(tuple(items, value)?).enumerate() {
                    at = aligned(at, item.align);
                    self.store(item, value, at).map_err(|unfit| unfit.at(index))?;
                    at += item.size;
                }
            }
            Kind::Variant(_) | Kind::Option(_) | Kind::Result(_) => {
                let payloads = payloads(&shape.kind);
                let chosen = choose(&shape.kind, value)?;
                self.put_number(at, tag_size(payloads.len()), chosen.tag);
                if let Some((payload, value)) = chosen.payload {
                    self.store(payload, value, at + payload_at(&payloads)).map_err(|unfit| unfit.below_case(chosen.name))?;
                }
            }
            kind => {
                let bits = scalar(kind, value)?;
                self.put_number(at, shape.size, bits);
            }
        }
        Ok(())
    }

    /// Adds the core values that a value is passed as, each as 64 bits.
    fn flatten(&mut self, shape: &Shape, value: &Value, flat: &mut Vec<u64>) -> Encoded<()> {
        match &shape.kind {
            Kind::String | Kind::Bytes | Kind::List(_) => {
                let (start, length) = self.sequence(&shape.kind, value)?;
                flat.extend([u64::from(start), u64::from(length)]);
            }
            Kind::Record(fields) => {
                let given = record(fields, value)?;
                for field in fields {
                    let value = given.get(&field.key).unwrap_or(&Value::Null);
                    self.flatten(&field.shape, value, flat).map_err(|unfit| unfit.below(&field.key))?;
                }
            }
            Kind::Tuple(items) => {
                for (index, (item, value)) in items.iter().zip(tuple(items, value)?).enumerate() {
                    self.flatten(item, value, flat).map_err(|unfit| unfit.at(index))?;
                }
            }
            Kind::Variant(_) | Kind::Option(_) | Kind::Result(_) => {
                let end = flat.len() + shape.flat().len();
                let chosen = choose(&shape.kind, value)?;
                flat.push(chosen.tag);
                if let Some((payload, value)) = chosen.payload {
                    self.flatten(payload, value, flat).map_err(|unfit| unfit.below_case(chosen.name))?;
                }
                // What other cases would need more.
                flat.resize(end, 0);
            }
            kind => flat.push(scalar(kind, value)?),
        }
        Ok(())
    }

    /// Puts a text, bytes or a list at the end; answers its address and length.
    fn sequence(&mut self, kind: &Kind, value: &Value) -> Encoded<(u32, u32)> {
        match (kind, value) {
            (Kind::String, Value::String(text)) => self.bulk(text.as_bytes()),
            (Kind::Bytes, Value::Bytes(bytes)) => self.bulk(bytes),
            (Kind::Bytes, Value::String(text)) => self.base64(text),
            (Kind::List(item), Value::List(values)) => {
                let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
                let start = self.room(item.size.saturating_mul(count), item.align)?;
                let mut at = start;
                for (index, value) in values.iter().enumerate() {
                    self.store(item, value, at).map_err(|unfit| unfit.at(index))?;
                    at += item.size;
                }
                Ok((start, count))
            }
            (Kind::String, other) => Err(wrong("a text", other)),
            (Kind::Bytes, other) => Err(wrong("bytes, as base64 text", other)),
            (_, other) => Err(wrong("a list", other)),
        }
    }

    fn bulk(&mut self, bytes: &[u8]) -> Encoded<(u32, u32)> {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let start = self.room(length, 1)?;
        let from = (start - BASE) as usize;
        self.bytes[from..].copy_from_slice(bytes);
        Ok((start, length))
    }

    /// Decodes straight into its place.
    fn base64(&mut self, text: &str) -> Encoded<(u32, u32)> {
        let wrong = || wrong("bytes, as base64 text with padding", &Value::string(&text[..text.floor_char_boundary(60)]));
        let room = u32::try_from(base64::decoded_len_estimate(text.len())).unwrap_or(u32::MAX);
        let start = self.room(room, 1)?;
        let from = (start - BASE) as usize;
        let length = STANDARD.decode_slice(text, &mut self.bytes[from..]).map_err(|_| wrong())?;
        self.bytes.truncate(from + length);
        Ok((start, u32::try_from(length).unwrap_or(u32::MAX)))
    }
}

/// The case that a value is.
struct Chosen<'s, 'v> {
    tag: u64,
    /// Its name, where JSON shows one.
    name: Option<&'s str>,
    payload: Option<(&'s Shape, &'v Value)>,
}

fn choose<'s, 'v>(kind: &'s Kind, value: &'v Value) -> Encoded<Chosen<'s, 'v>> {
    let cases: &'s [Case] = match kind {
        Kind::Option(some) => {
            return Ok(match value {
                Value::Null => Chosen { tag: 0, name: None, payload: None },
                value => Chosen { tag: 1, name: None, payload: Some((some, value)) },
            });
        }
        Kind::Result(cases) => &cases[..],
        Kind::Variant(cases) => cases,
        _ => &[],
    };
    let find = |name: &str, valued: bool| cases.iter().position(|case| case.name == name && case.shape.is_some() == valued);
    let found = match value {
        Value::String(name) => find(name, false).map(|at| (at, None)),
        Value::Map(fields) if fields.len() == 1 => fields.iter().next().and_then(|(name, value)| Some((find(name, true)?, Some(value)))),
        _ => None,
    };
    let Some((at, inner)) = found else { return Err(wrong(&format!("one of {}", case_names(cases)), value)) };
    let payload = cases[at].shape.as_ref().zip(inner);
    Ok(Chosen { tag: at as u64, name: Some(&cases[at].name), payload })
}

fn case_names(cases: &[Case]) -> String {
    let name = |case: &Case| match &case.shape {
        None => format!("`{:?}`", case.name),
        Some(_) => format!("`{{{:?}: …}}`", case.name),
    };
    let mut names: Vec<String> = cases.iter().take(8).map(name).collect();
    if cases.len() > names.len() {
        names.push("…".to_owned());
    }
    names.join(", ")
}

fn record<'v>(fields: &[Member], value: &'v Value) -> Encoded<&'v jackfield_flow::types::Fields> {
    let Value::Map(given) = value else { return Err(wrong("an object", value)) };
    match given.iter().find(|(name, _)| fields.iter().all(|field| field.key != ***name)) {
        Some((name, _)) => Err(Unfit { path: Path::default(), problem: format!("there is no field `{}`", brief(name)) }),
        None => Ok(given),
    }
}

fn tuple<'v>(items: &[Shape], value: &'v Value) -> Encoded<&'v [Value]> {
    match value {
        Value::List(values) if values.len() == items.len() => Ok(values),
        other => Err(wrong(&format!("a list of {}", items.len()), other)),
    }
}

/// The bits of a value that is one number.
fn scalar(kind: &Kind, value: &Value) -> Encoded<u64> {
    match (kind, value) {
        (Kind::Bool, Value::Bool(truth)) => Ok(u64::from(*truth)),
        (Kind::Int(int), value) => whole(*int, value),
        (Kind::F64, value) => Ok(float(value)?.to_bits()),
        (Kind::F32, value) => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "rounding to the nearest f32 is what the type means; what is too large is refused"
            )]
            let single = float(value)? as f32;
            if single.is_finite() { Ok(u64::from(single.to_bits())) } else { Err(wrong("a number of 32 bits", value)) }
        }
        (Kind::Char, Value::String(text)) => {
            let mut letters = text.chars();
            match (letters.next(), letters.next()) {
                (Some(letter), None) => Ok(u64::from(u32::from(letter))),
                _ => Err(wrong("a text of one character", value)),
            }
        }
        (Kind::Enum(cases), Value::String(name)) => {
            let at = cases.iter().position(|case| case.name == **name);
            at.map(|at| at as u64).ok_or_else(|| wrong(&format!("one of {}", case_names(cases)), value))
        }
        (Kind::Flags(names), Value::List(set)) => flags(names, set),
        (Kind::Bool, other) => Err(wrong("`true` or `false`", other)),
        (Kind::Char, other) => Err(wrong("a text of one character", other)),
        (Kind::Enum(cases), other) => Err(wrong(&format!("one of {}", case_names(cases)), other)),
        (_, other) => Err(wrong("a list of texts", other)),
    }
}

fn flags(names: &[String], set: &[Value]) -> Encoded<u64> {
    let mut bits = 0;
    for (index, flag) in set.iter().enumerate() {
        let at = match flag {
            Value::String(flag) => names.iter().position(|name| **name == **flag),
            _ => None,
        };
        let Some(at) = at else { return Err(wrong(&format!("one of {}", names.join(", ")), flag).at(index)) };
        bits |= 1_u64 << at;
    }
    Ok(bits)
}

fn whole(int: Int, value: &Value) -> Encoded<u64> {
    let number = match value {
        Value::Int(number) => Some(i128::from(*number)),
        Value::UInt(number) => Some(i128::from(*number)),
        #[expect(clippy::cast_possible_truncation, reason = "a whole double below 2^64 fits 128 bits exactly")]
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 18_446_744_073_709_551_616.0 => Some(*number as i128),
        _ => None,
    };
    let (least, greatest) = int.range();
    match number {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the low 64 bits are two's complement, which is what is stored"
        )]
        Some(number) if (least..=greatest).contains(&number) => Ok(number as u64),
        _ => Err(wrong(&format!("a whole number from {least} to {greatest} ({})", int.name()), value)),
    }
}

fn float(value: &Value) -> Encoded<f64> {
    let number = match value {
        Value::Float(number) => return Ok(*number),
        Value::Int(number) => *number as f64,
        Value::UInt(number) => *number as f64,
        other => return Err(wrong("a number", other)),
    };
    if Value::Float(number) == *value { Ok(number) } else { Err(wrong("a number that a double is exactly", value)) }
}

fn wrong(expected: &str, found: &Value) -> Unfit {
    let shown = match found {
        Value::Null => "nothing".to_owned(),
        Value::List(items) => format!("a list of {}", items.len()),
        Value::Map(fields) => format!("an object with {} names", fields.len()),
        Value::String(text) => format!("{:?}", brief(text)),
        other => brief(&other.to_json()),
    };
    Unfit { path: Path::default(), problem: format!("expected {expected}, found {shown}") }
}

fn brief(text: &str) -> String {
    let mut shown: String = text.chars().take(60).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

impl Unfit {
    fn below(mut self, name: &str) -> Self {
        self.path = self.path.below(name);
        self
    }

    fn below_case(self, name: Option<&str>) -> Self {
        match name {
            Some(name) => self.below(name),
            None => self,
        }
    }

    fn at(mut self, index: usize) -> Self {
        self.path = self.path.at(index);
        self
    }
}
