//! The least type that holds the values of two others.

use std::sync::Arc;

use super::{Field, RecordType, Type};

/// A union of more texts than this is a plain text.
const ENUM_TEXTS_MAX: usize = 32;

impl Type {
    /// The least type that holds the values of both; [`Type::Json`] when they have nothing in common.
    ///
    /// Whole numbers and doubles have nothing in common: joining them would turn one into the other.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Never, ty) | (ty, Self::Never) => ty.clone(),
            (Self::Json, _) | (_, Self::Json) => Self::Json,
            (Self::Null, Self::Null) => Self::Null,
            (Self::Null, ty) | (ty, Self::Null) => Self::option(ty.clone()),
            (Self::Option(a), Self::Option(b)) => Self::option(a.join(b)),
            (Self::Option(some), ty) | (ty, Self::Option(some)) => Self::option(some.join(ty)),
            (Self::Enum(a), Self::Enum(b)) => join_texts(a, b),
            (Self::Enum(_), Self::String) | (Self::String, Self::Enum(_)) => Self::String,
            (Self::List(a), Self::List(b)) => Self::list(a.join(b)),
            (Self::Tuple(a), Self::Tuple(b)) if a.len() == b.len() => Self::tuple(a.iter().zip(b.iter()).map(|(a, b)| a.join(b))),
            (Self::List(_) | Self::Tuple(_), Self::List(_) | Self::Tuple(_)) => {
                let element = |ty: &Self| ty.element_type().unwrap_or(Self::Json);
                Self::list(element(self).join(&element(other)))
            }
            (Self::Map(a), Self::Map(b)) => Self::map(a.join(b)),
            (Self::Record(record), Self::Map(values)) | (Self::Map(values), Self::Record(record)) => {
                Self::map(record.value_type().join(values))
            }
            (Self::Record(a), Self::Record(b)) => Self::Record(Arc::new(join_records(a, b))),
            _ if self == other => self.clone(),
            _ => Self::Json,
        }
    }

    /// The least type that holds the values of all; [`Type::Never`] of none.
    pub fn join_all<'a>(types: impl IntoIterator<Item = &'a Type>) -> Self {
        types.into_iter().fold(Self::Never, |all, ty| all.join(ty))
    }
}

impl RecordType {
    /// The least type that holds the value of every field.
    pub fn value_type(&self) -> Type {
        if self.open { Type::Json } else { Type::join_all(self.fields.iter().map(|field| &field.ty)) }
    }
}

fn join_texts(a: &Arc<[Arc<str>]>, b: &Arc<[Arc<str>]>) -> Type {
    let more: Vec<&Arc<str>> = b.iter().filter(|text| !a.contains(text)).collect();
    if more.is_empty() {
        return Type::Enum(Arc::clone(a));
    }
    if a.len() + more.len() > ENUM_TEXTS_MAX {
        return Type::String;
    }
    Type::Enum(a.iter().chain(more).cloned().collect())
}

/// A name that only one of them has may be missing afterwards.
fn join_records(a: &RecordType, b: &RecordType) -> RecordType {
    // What an open record has under a name that only the other one declares may be anything.
    let alone = |field: &Field, other: &RecordType| {
        let ty = if other.open { Type::Json } else { field.ty.clone() };
        Field { ty, required: false, ..field.clone() }
    };
    let mut fields: Vec<Field> = Vec::with_capacity(a.fields.len());
    for field in &a.fields {
        fields.push(match b.field(&field.name) {
            Some(twin) => Field { ty: field.ty.join(&twin.ty), required: field.required && twin.required, ..field.clone() },
            None => alone(field, b),
        });
    }
    fields.extend(b.fields.iter().filter(|field| a.field(&field.name).is_none()).map(|field| alone(field, a)));
    RecordType { fields, open: a.open || b.open }
}
