//! How large a value can be.

use std::sync::Arc;

use super::{Cost, count};
use crate::types::Type;
use crate::types::expr::ast::Arithmetic;

/// An upper bound of the size of a value.
#[derive(Clone, Debug)]
pub(super) enum Extent {
    /// A value of this type from outside.
    Of(Type),
    /// A value of a fixed size: null, a truth value, a number, an instant, a span of time.
    Fixed,
    /// A whole number from the first to the second.
    Int(i128, i128),
    /// A text or bytes, of at most so many bytes.
    Text(u64),
    /// A list of at most so many elements, of the same extent.
    List(u64, Arc<Extent>),
    /// A map of at most so many names, of at most so many bytes each where that is known, and values of the same extent.
    Map(u64, Option<u64>, Arc<Extent>),
}

/// The longest text of a number, an instant or a span of time.
pub(super) const FIXED_TEXT_BYTES: u64 = 64;

impl Extent {
    pub(super) fn int(least: i128, most: i128) -> Self {
        Self::Int(least, most)
    }

    pub(super) fn text(bytes: Option<u64>) -> Self {
        bytes.map_or(Self::Of(Type::String), Self::Text)
    }

    pub(super) fn list(count: u64, items: Extent) -> Self {
        Self::List(count, Arc::new(items))
    }

    pub(super) fn map(count: u64, names: Option<u64>, values: Extent) -> Self {
        Self::Map(count, names, Arc::new(values))
    }

    /// The type without nothing, of a value from outside.
    fn ty(&self) -> Option<&Type> {
        match self {
            Self::Of(ty) => Some(ty.unwrapped()),
            _ => None,
        }
    }

    /// Whether it can be a text, or bytes.
    pub(super) fn is_text(&self) -> bool {
        match self {
            Self::Text(_) => true,
            Self::Of(ty) => matches!(ty.unwrapped(), Type::String | Type::Enum(_) | Type::Bytes | Type::Json | Type::Variant(_)),
            _ => false,
        }
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self, Self::List(..)) || matches!(self.ty(), Some(Type::List(_) | Type::Tuple(_)))
    }

    pub(super) fn is_map(&self) -> bool {
        matches!(self, Self::Map(..)) || matches!(self.ty(), Some(Type::Map(_) | Type::Record(_)))
    }

    /// Whether it has a fixed size.
    pub(super) fn is_fixed(&self) -> bool {
        match self {
            Self::Fixed | Self::Int(..) => true,
            Self::Of(ty) => {
                matches!(ty.unwrapped(), Type::Null | Type::Bool | Type::Int | Type::Float | Type::Timestamp | Type::Duration | Type::Never)
            }
            _ => false,
        }
    }

    /// The most bytes of a text.
    pub(super) fn len(&self) -> Option<u64> {
        match self {
            Self::Text(bytes) => Some(*bytes),
            Self::Of(ty) => match ty.unwrapped() {
                Type::Enum(texts) => texts.iter().map(|text| count(text.len())).max(),
                _ => self.is_fixed().then_some(0),
            },
            Self::Fixed | Self::Int(..) => Some(0),
            Self::List(..) | Self::Map(..) => None,
        }
    }

    /// The most elements of a list or names of a map.
    pub(super) fn count(&self) -> Option<u64> {
        match self {
            Self::List(count, _) | Self::Map(count, ..) => Some(*count),
            Self::Of(ty) => match ty.unwrapped() {
                Type::Record(record) if !record.open => Some(count(record.fields.len())),
                Type::Tuple(items) => Some(count(items.len())),
                _ => self.is_fixed().then_some(0),
            },
            Self::Fixed | Self::Int(..) => Some(0),
            Self::Text(_) => None,
        }
    }

    /// The most bytes of a name of a map.
    pub(super) fn names_len(&self) -> Option<u64> {
        match self {
            Self::Map(_, names, _) => *names,
            Self::Of(ty) => match ty.unwrapped() {
                Type::Record(record) if !record.open => record.fields.iter().map(|field| count(field.name.len())).max(),
                _ => None,
            },
            _ => None,
        }
    }

    /// A field of a map.
    pub(super) fn field(&self, name: &str) -> Self {
        match self {
            Self::Map(_, _, values) => Self::clone(values),
            Self::Of(ty) => match ty.unwrapped() {
                Type::Record(record) => record.field(name).map_or(Self::Of(Type::Json), |field| Self::Of(field.ty.clone())),
                Type::Variant(variant) => variant.case(name).flatten().map_or(Self::Of(Type::Json), |ty| Self::Of(ty.clone())),
                _ => self.element(),
            },
            _ => Self::Fixed,
        }
    }

    /// An element of a list, a value of a map.
    pub(super) fn element(&self) -> Self {
        match self {
            Self::List(_, items) => Self::clone(items),
            Self::Map(_, _, values) => Self::clone(values),
            Self::Of(ty) => match ty.unwrapped() {
                Type::List(inner) | Type::Map(inner) => Self::Of(Type::clone(inner)),
                Type::Tuple(items) => Self::Of(Type::join_all(items.iter())),
                Type::Record(record) => Self::Of(record.value_type()),
                _ if self.is_fixed() => Self::Fixed,
                _ => Self::Of(Type::Json),
            },
            _ => Self::Fixed,
        }
    }

    /// What holds both. Nothing is no larger than anything, so that what has a fixed size adds nothing to the rest.
    pub(super) fn join(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Int(a, b), Self::Int(c, d)) => Self::Int(*a.min(c), *b.max(d)),
            (a, b) if a.is_fixed() && b.is_fixed() => Self::Fixed,
            (Self::Fixed, large) | (large, Self::Fixed) => large.clone(),
            (Self::Text(a), Self::Text(b)) => Self::Text(*a.max(b)),
            (Self::List(a, items), Self::List(b, others)) => Self::list(*a.max(b), items.join(others)),
            (Self::Map(a, names, values), Self::Map(b, other_names, others)) => {
                Self::map(*a.max(b), names.zip(*other_names).map(|(a, b)| a.max(b)), values.join(others))
            }
            (Self::Of(a), Self::Of(b)) => Self::Of(a.join(b)),
            _ => Self::Of(Type::Json),
        }
    }

    pub(super) fn negated(&self) -> Self {
        match self {
            Self::Int(least, most) => Self::Int(-most, -least),
            _ => Self::Fixed,
        }
    }

    /// What an operation costs, and its result.
    pub(super) fn arithmetic(&self, op: Arithmetic, other: &Self) -> Option<(Cost, Self)> {
        if let (Self::Int(a, b), Self::Int(c, d)) = (self, other) {
            let sum = match op {
                Arithmetic::Add => Self::Int(a.saturating_add(*c), b.saturating_add(*d)),
                Arithmetic::Subtract => Self::Int(a.saturating_sub(*d), b.saturating_sub(*c)),
                _ => Self::Fixed,
            };
            return Some((Cost::default(), sum));
        }
        if self.is_fixed() && other.is_fixed() {
            return Some((Cost::default(), Self::Fixed));
        }
        if self.is_text() && other.is_text() {
            let bytes = self.len()?.saturating_add(other.len()?);
            return Some((Cost::bytes(bytes), Self::Text(bytes)));
        }
        let count = self.count()?.saturating_add(other.count()?);
        Some((Cost::values(count), Self::list(count, self.element().join(&other.element()))))
    }

    /// What it costs to ask whether two values are equal.
    pub(super) fn equal(&self, other: &Self) -> Option<Cost> {
        let one = Cost::ops(1);
        if self.is_fixed() || other.is_fixed() {
            return Some(one);
        }
        if self.is_text() && other.is_text() {
            return Some(one.plus(Cost::ops(least(self.len(), other.len())? / 16)));
        }
        let count = least(self.count(), other.count())?;
        Some(one.plus(self.element().equal(&other.element())?.times(count)))
    }

    /// What it costs to find which of two values comes first, in operations.
    pub(super) fn order(&self, other: &Self) -> Option<u64> {
        if self.is_fixed() || other.is_fixed() { Some(0) } else { least(self.len(), other.len()).map(|len| len / 16) }
    }

    /// What it costs to visit and copy all of it.
    pub(super) fn tree(&self) -> Option<Cost> {
        if let Some(len) = self.len() {
            return Some(Cost::ops(len / 16).plus(Cost::bytes(len)));
        }
        if !self.is_list() && !self.is_map() {
            return None;
        }
        let count = self.count()?;
        Some(Cost::values(count).plus(self.element().tree()?.times(count)))
    }

    /// The most bytes of the value written out, as JSON or by `format`.
    pub(super) fn written(&self) -> Option<u64> {
        if self.is_fixed() {
            return Some(FIXED_TEXT_BYTES);
        }
        if let Some(len) = self.len() {
            return Some(escaped(len).max(FIXED_TEXT_BYTES));
        }
        if !self.is_list() && !self.is_map() {
            return None;
        }
        let names = if self.is_map() { escaped(self.names_len()?).saturating_add(2) } else { 0 };
        let each = self.element().written()?.saturating_add(names).saturating_add(2);
        Some(self.count()?.saturating_mul(each).saturating_add(FIXED_TEXT_BYTES))
    }
}

/// The most bytes of a text of so many, in quotes and with escapes.
fn escaped(len: u64) -> u64 {
    len.saturating_mul(6).saturating_add(2)
}

/// The lesser of two bounds; the only one that there is.
fn least(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    a.into_iter().chain(b).min()
}
