//! WIT in words.

use wit_parser::{Function, Handle, Resolve, Type, TypeDefKind};

/// Longest text of a signature, in bytes.
const SIGNATURE_BYTES_MAX: usize = 1_000;
/// Deepest type that is written out.
const DEPTH_MAX: usize = 16;

/// A name as JSON has it: `_` in place of `-`.
pub(super) fn key(name: &str) -> String {
    name.replace('-', "_")
}

/// A function's type as in a WIT file.
pub(super) fn signature(resolve: &Resolve, function: &Function) -> String {
    let mut text = "func(".to_owned();
    for (at, param) in function.params.iter().enumerate() {
        if at > 0 {
            text.push_str(", ");
        }
        text.push_str(&format!("{}: ", param.name));
        write(resolve, &param.ty, &mut text, 0);
    }
    text.push(')');
    if let Some(result) = &function.result {
        text.push_str(" -> ");
        write(resolve, result, &mut text, 0);
    }
    if text.len() > SIGNATURE_BYTES_MAX {
        text.truncate(text.floor_char_boundary(SIGNATURE_BYTES_MAX));
        text.push('…');
    }
    text
}

/// A type as in a WIT file: by its name, where it has one.
pub(super) fn type_name(resolve: &Resolve, ty: &Type) -> String {
    let mut text = String::new();
    write(resolve, ty, &mut text, 0);
    text
}

fn write(resolve: &Resolve, ty: &Type, text: &mut String, depth: usize) {
    let Type::Id(id) = ty else {
        text.push_str(primitive(ty));
        return;
    };
    let ty = &resolve.types[*id];
    if let Some(name) = &ty.name {
        text.push_str(name);
        return;
    }
    if depth == DEPTH_MAX || text.len() > SIGNATURE_BYTES_MAX {
        text.push('…');
        return;
    }
    match &ty.kind {
        TypeDefKind::List(items) => generic(resolve, "list", &[Some(items)], text, depth),
        TypeDefKind::Option(some) => generic(resolve, "option", &[Some(some)], text, depth),
        TypeDefKind::Tuple(tuple) => generic(resolve, "tuple", &tuple.types.iter().map(Some).collect::<Vec<_>>(), text, depth),
        TypeDefKind::Result(result) => match (&result.ok, &result.err) {
            (None, None) => text.push_str("result"),
            (ok, None) => generic(resolve, "result", &[ok.as_ref()], text, depth),
            (ok, err) => generic(resolve, "result", &[ok.as_ref(), err.as_ref()], text, depth),
        },
        TypeDefKind::Map(key, value) => generic(resolve, "map", &[Some(key), Some(value)], text, depth),
        TypeDefKind::Future(item) => generic(resolve, "future", &[item.as_ref()], text, depth),
        TypeDefKind::Stream(item) => generic(resolve, "stream", &[item.as_ref()], text, depth),
        TypeDefKind::Handle(Handle::Own(resource)) => write(resolve, &Type::Id(*resource), text, depth + 1),
        TypeDefKind::Handle(Handle::Borrow(resource)) => generic(resolve, "borrow", &[Some(&Type::Id(*resource))], text, depth),
        TypeDefKind::Type(ty) => write(resolve, ty, text, depth + 1),
        other => text.push_str(other.as_str()),
    }
}

fn generic(resolve: &Resolve, name: &str, parts: &[Option<&Type>], text: &mut String, depth: usize) {
    text.push_str(name);
    text.push('<');
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            text.push_str(", ");
        }
        match part {
            Some(part) => write(resolve, part, text, depth + 1),
            None => text.push('_'),
        }
    }
    text.push('>');
}

fn primitive(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::U8 => "u8",
        Type::U16 => "u16",
        Type::U32 => "u32",
        Type::U64 => "u64",
        Type::S8 => "s8",
        Type::S16 => "s16",
        Type::S32 => "s32",
        Type::S64 => "s64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::Char => "char",
        Type::String => "string",
        Type::ErrorContext => "error-context",
        Type::Id(_) => "type",
    }
}
