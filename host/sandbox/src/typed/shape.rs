//! Value types of WIT, and how the canonical ABI lays them out.
//!
//! Sizes, alignments and flattening follow the component model's `CanonicalABI.md` ("Element Size", "Alignment",
//! "Flattening").

use serde::{Deserialize, Serialize};

/// The most core values a function takes one by one; more are passed in memory.
pub(super) const FLAT_PARAMS_MAX: usize = 16;

/// A value type, with its layout computed once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Shape {
    pub(super) kind: Kind,
    /// Bytes in memory.
    pub(super) size: u32,
    /// What its address must be a multiple of.
    pub(super) align: u32,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Kind {
    Bool,
    Int(Int),
    F32,
    F64,
    Char,
    String,
    /// `list<u8>`.
    Bytes,
    List(Box<Shape>),
    Record(Vec<Member>),
    Tuple(Vec<Shape>),
    Flags(Vec<String>),
    Enum(Vec<Case>),
    Variant(Vec<Case>),
    Option(Box<Shape>),
    /// `result<ok, err>`, its two cases.
    Result(Box<[Case; 2]>),
}

/// A whole number of so many bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Int {
    U8,
    U16,
    U32,
    U64,
    S8,
    S16,
    S32,
    S64,
}

/// A field of a record, or a parameter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Member {
    /// Its name in the WIT.
    pub(super) name: String,
    /// Its name in JSON: with `_` in place of `-`.
    pub(super) key: String,
    pub(super) docs: String,
    pub(super) shape: Shape,
}

/// A case of a variant or an enum. JSON names it as the WIT does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) shape: Option<Shape>,
}

/// A type of core WebAssembly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Core {
    I32,
    I64,
    F32,
    F64,
}

impl Int {
    /// Bytes in memory.
    pub(super) fn size(self) -> u32 {
        match self {
            Self::U8 | Self::S8 => 1,
            Self::U16 | Self::S16 => 2,
            Self::U32 | Self::S32 => 4,
            Self::U64 | Self::S64 => 8,
        }
    }

    /// The least and the greatest number.
    pub(super) fn range(self) -> (i128, i128) {
        match self {
            Self::U8 => (0, u8::MAX.into()),
            Self::U16 => (0, u16::MAX.into()),
            Self::U32 => (0, u32::MAX.into()),
            Self::U64 => (0, u64::MAX.into()),
            Self::S8 => (i8::MIN.into(), i8::MAX.into()),
            Self::S16 => (i16::MIN.into(), i16::MAX.into()),
            Self::S32 => (i32::MIN.into(), i32::MAX.into()),
            Self::S64 => (i64::MIN.into(), i64::MAX.into()),
        }
    }

    /// Its name in WIT.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::S8 => "s8",
            Self::S16 => "s16",
            Self::S32 => "s32",
            Self::S64 => "s64",
        }
    }
}

impl Shape {
    /// A shape of this kind.
    pub(super) fn new(kind: Kind) -> Self {
        let (size, align) = match &kind {
            Kind::Bool => (1, 1),
            Kind::Int(int) => (int.size(), int.size()),
            Kind::F32 | Kind::Char => (4, 4),
            Kind::F64 => (8, 8),
            Kind::String | Kind::Bytes | Kind::List(_) => (8, 4),
            Kind::Record(fields) => product(fields.iter().map(|field| &field.shape)),
            Kind::Tuple(items) => product(items.iter()),
            Kind::Flags(names) => (flags_size(names.len()), flags_size(names.len())),
            Kind::Enum(cases) => (tag_size(cases.len()), tag_size(cases.len())),
            Kind::Variant(_) | Kind::Option(_) | Kind::Result(_) => {
                let payloads = payloads(&kind);
                let tag = tag_size(payloads.len());
                let largest = payloads.iter().flatten().map(|shape| shape.size).max().unwrap_or(0);
                let align = payloads.iter().flatten().map(|shape| shape.align).fold(tag, u32::max);
                (aligned(payload_at(&payloads) + largest, align), align)
            }
        };
        Self { kind, size, align }
    }

    /// The core values it is passed as.
    pub(super) fn flat(&self) -> Vec<Core> {
        let mut flat = Vec::new();
        self.flatten(&mut flat);
        flat
    }

    fn flatten(&self, flat: &mut Vec<Core>) {
        match &self.kind {
            Kind::Bool | Kind::Char | Kind::Flags(_) | Kind::Enum(_) => flat.push(Core::I32),
            Kind::Int(int) => flat.push(if int.size() == 8 { Core::I64 } else { Core::I32 }),
            Kind::F32 => flat.push(Core::F32),
            Kind::F64 => flat.push(Core::F64),
            Kind::String | Kind::Bytes | Kind::List(_) => flat.extend([Core::I32, Core::I32]),
            Kind::Record(fields) => fields.iter().for_each(|field| field.shape.flatten(flat)),
            Kind::Tuple(items) => items.iter().for_each(|item| item.flatten(flat)),
            Kind::Variant(_) | Kind::Option(_) | Kind::Result(_) => {
                flat.push(Core::I32);
                let mut joined: Vec<Core> = Vec::new();
                for payload in payloads(&self.kind).into_iter().flatten() {
                    for (at, core) in payload.flat().into_iter().enumerate() {
                        match joined.get_mut(at) {
                            Some(known) => *known = join(*known, core),
                            None => joined.push(core),
                        }
                    }
                }
                flat.extend(joined);
            }
        }
    }
}

/// What all values at one place of a variant's cases are passed as.
pub(super) fn join(a: Core, b: Core) -> Core {
    match (a, b) {
        _ if a == b => a,
        (Core::I32, Core::F32) | (Core::F32, Core::I32) => Core::I32,
        _ => Core::I64,
    }
}

/// The payload of each case of a variant, an option or a result.
pub(super) fn payloads(kind: &Kind) -> Vec<Option<&Shape>> {
    match kind {
        Kind::Variant(cases) | Kind::Enum(cases) => cases.iter().map(|case| case.shape.as_ref()).collect(),
        Kind::Option(some) => vec![None, Some(some)],
        Kind::Result(cases) => cases.iter().map(|case| case.shape.as_ref()).collect(),
        _ => Vec::new(),
    }
}

/// Where a case's payload begins: after the tag, where all payloads are aligned.
pub(super) fn payload_at(payloads: &[Option<&Shape>]) -> u32 {
    let align = payloads.iter().flatten().map(|shape| shape.align).max().unwrap_or(1);
    aligned(tag_size(payloads.len()), align)
}

/// Bytes of the number that tells a case.
pub(super) fn tag_size(cases: usize) -> u32 {
    match cases {
        0..=0x100 => 1,
        0x101..=0x1_0000 => 2,
        _ => 4,
    }
}

fn flags_size(flags: usize) -> u32 {
    match flags {
        0..=8 => 1,
        9..=16 => 2,
        _ => 4,
    }
}

/// Size and alignment of things one after the other.
fn product<'a>(parts: impl Iterator<Item = &'a Shape>) -> (u32, u32) {
    let (size, align) = parts.fold((0, 1), |(size, align), part| (aligned(size, part.align) + part.size, align.max(part.align)));
    (aligned(size, align), align)
}

/// The first multiple of a power of two from a number on.
pub(super) fn aligned(at: u32, align: u32) -> u32 {
    (at + align - 1) & !(align - 1)
}
