//! The structural type model.

mod assign;
mod check;
mod display;
mod join;
mod notation;

use std::sync::Arc;

pub use assign::Mismatch;
pub use check::ValueMismatch;
pub(crate) use check::{shown, whole};
pub use notation::NotationError;
use serde::{Deserialize, Serialize};

use super::Value;

/// The type of a value. Two types are the same when they have the same shape; names of types mean nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Type {
    /// Only `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A whole number of 64 bits, exact.
    Int,
    /// A finite double.
    Float,
    /// Text.
    String,
    /// Bytes; base64 text in JSON.
    Bytes,
    /// An instant; RFC 3339 text in JSON.
    Timestamp,
    /// A span of time.
    Duration,
    /// One of these texts.
    Enum(Arc<[Arc<str>]>),
    /// An ordered sequence of one type.
    List(Arc<Type>),
    /// So many values, each of a type of its own; a list in JSON.
    Tuple(Arc<[Type]>),
    /// Any names with values of one type.
    Map(Arc<Type>),
    /// Known names, each with its type.
    Record(Arc<RecordType>),
    /// The type, or nothing: absent or `null` in JSON.
    Option(Arc<Type>),
    /// One of several named cases: an object with one key in JSON, or the bare name for a case without a value.
    Variant(Arc<VariantType>),
    /// Any value; enters a typed place only through an explicit conversion.
    Json,
    /// No value at all: what the elements of an empty list are. Fits everywhere.
    Never,
}

impl Type {
    /// A list of this type.
    pub fn list(items: Type) -> Self {
        Self::List(Arc::new(items))
    }

    /// These types, one after the other.
    pub fn tuple(items: impl IntoIterator<Item = Type>) -> Self {
        Self::Tuple(items.into_iter().collect())
    }

    /// What an element of a list or a tuple is, wherever it stands.
    pub fn element_type(&self) -> Option<Self> {
        match self {
            Self::List(items) => Some(Self::clone(items)),
            Self::Tuple(items) => Some(Self::join_all(items.iter())),
            _ => None,
        }
    }

    /// Any names with values of this type.
    pub fn map(values: Type) -> Self {
        Self::Map(Arc::new(values))
    }

    /// This type or nothing; an option of an option is an option.
    pub fn option(some: Type) -> Self {
        match some {
            Self::Option(_) | Self::Null => some,
            Self::Never => Self::Null,
            _ => Self::Option(Arc::new(some)),
        }
    }

    /// A closed record of these fields.
    pub fn record(fields: Vec<Field>) -> Self {
        Self::Record(Arc::new(RecordType { fields, open: false }))
    }

    /// The least type of a value: of a text that text alone, of a list what its elements have in common.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Bool,
            Value::Int(_) | Value::UInt(_) => Self::Int,
            Value::Float(_) => Self::Float,
            Value::String(text) => Self::Enum([Arc::clone(text)].into()),
            Value::Bytes(_) => Self::Bytes,
            Value::Timestamp(_) => Self::Timestamp,
            Value::Duration(_) => Self::Duration,
            Value::List(items) => Self::list(items.iter().fold(Self::Never, |all, item| all.join(&Self::of(item)))),
            Value::Map(fields) => {
                Self::record(fields.iter().map(|(name, value)| Field::required(Arc::clone(name), Self::of(value))).collect())
            }
        }
    }

    /// Whether nothing is among its values by its own word: an option, or only `null`.
    pub fn is_option(&self) -> bool {
        matches!(self, Self::Option(_) | Self::Null)
    }

    /// The type that an option is of; any other type as it is.
    pub fn unwrapped(&self) -> &Self {
        match self {
            Self::Option(some) => some,
            other => other,
        }
    }

    /// One of these texts.
    pub fn one_of<T: Into<Arc<str>>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::Enum(texts.into_iter().map(Into::into).collect())
    }
}

impl RecordType {
    /// The field of a name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| &*field.name == name)
    }

    /// The names of the fields, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.fields.iter().map(|field| &*field.name)
    }
}

impl Field {
    /// A field that must be there.
    pub fn required(name: impl Into<Arc<str>>, ty: Type) -> Self {
        Self { name: name.into(), ty, required: true, docs: Arc::from("") }
    }

    /// A field that may be left out.
    pub fn optional(name: impl Into<Arc<str>>, ty: Type) -> Self {
        Self { name: name.into(), ty, required: false, docs: Arc::from("") }
    }
}

impl VariantType {
    /// The type of a case's value: nothing when there is no such case, `Some(None)` when it has no value.
    pub fn case(&self, name: &str) -> Option<Option<&Type>> {
        self.cases.iter().find(|(known, _)| &**known == name).map(|(_, ty)| ty.as_ref())
    }
}

/// Equal when name, type and need are the same; what it means to people does not count.
impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.ty == other.ty && self.required == other.required
    }
}

/// Known names, each with its type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RecordType {
    /// The fields in order.
    pub fields: Vec<Field>,
    /// Whether other names may be there as well; their values are [`Type::Json`].
    pub open: bool,
}

/// One field of a record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: Arc<str>,
    /// Its type; [`Type::Option`] when the value may be `null`.
    pub ty: Type,
    /// Whether the name must be there. A field that need not be there has a default on the task's side, or is an option.
    pub required: bool,
    /// What it means.
    pub docs: Arc<str>,
}

/// One of several named cases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantType {
    /// The cases in order, each with the type of its value, if it has one.
    pub cases: Vec<(Arc<str>, Option<Type>)>,
}

#[cfg(test)]
mod tests;
