//! Values written as WAVE, the text format of the component model, read by a task's types.
//!
//! Names of fields may be written as in the WIT (`max-rows`) or as in a workflow (`max_rows`).

use std::sync::Arc;

use jackfield_flow::types::{Type, Value};
use wasm_wave::ast::{Node, NodeType};
use wasm_wave::parser::ParserError;
use wasm_wave::untyped::UntypedValue;

/// Reads a value of a type. What it does not find it to be is left to the type's own check, which says more.
///
/// # Errors
/// With a sentence, when the text is not WAVE.
pub(crate) fn read(text: &str, ty: &Type) -> Result<Value, String> {
    // In WAVE a record without fields is written as flags of which none is set.
    let parsed = UntypedValue::parse(text).map_err(|error| format!("this is not WAVE: {error}"))?;
    value(parsed.node(), parsed.source(), ty).map_err(|error| format!("this is not WAVE: {error}"))
}

fn value(node: &Node, text: &str, ty: &Type) -> Result<Value, ParserError> {
    if let Type::Option(some) = ty {
        return match node.ty() {
            NodeType::OptionNone => Ok(Value::Null),
            NodeType::OptionSome => node.as_option()?.map_or(Ok(Value::Null), |inner| value(inner, text, some)),
            _ => value(node, text, some),
        };
    }
    let children = |node: &Node, of: &dyn Fn(usize) -> Type| -> Result<Vec<Value>, ParserError> {
        let all: Vec<&Node> = if node.ty() == NodeType::Tuple { node.as_tuple()?.collect() } else { node.as_list()?.collect() };
        all.into_iter().enumerate().map(|(at, child)| value(child, text, &of(at))).collect()
    };
    Ok(match node.ty() {
        NodeType::BoolTrue => Value::Bool(true),
        NodeType::BoolFalse => Value::Bool(false),
        NodeType::Number => number(node, text)?,
        NodeType::Char => Value::string(node.as_char(text)?.to_string()),
        NodeType::String | NodeType::MultilineString => Value::string(node.as_str(text)?),
        NodeType::List | NodeType::Tuple => {
            let items = children(node, &|at| item_of(ty, at))?;
            if *ty == Type::Bytes { bytes(&items).unwrap_or_else(|| Value::list(items)) } else { Value::list(items) }
        }
        NodeType::Record => {
            let fields = node.as_record(text)?.map(|(name, child)| {
                let (name, ty) = field_of(ty, name);
                Ok((name, value(child, text, &ty)?))
            });
            Value::map(fields.collect::<Result<Vec<_>, ParserError>>()?)
        }
        NodeType::Flags => match ty {
            Type::Record(_) | Type::Map(_) if node.as_flags(text)?.next().is_none() => Value::map::<Arc<str>>([]),
            _ => Value::list(node.as_flags(text)?.map(Value::string)),
        },
        NodeType::Label => Value::string(node.as_enum(text)?),
        NodeType::VariantWithPayload => {
            let (name, payload) = node.as_variant(text)?;
            case(name, payload, text, ty)?
        }
        NodeType::ResultOk => case("ok", node.as_result()?.ok().flatten(), text, ty)?,
        NodeType::ResultErr => case("err", node.as_result()?.err().flatten(), text, ty)?,
        NodeType::OptionNone => Value::Null,
        NodeType::OptionSome => node.as_option()?.map_or(Ok(Value::Null), |inner| value(inner, text, ty))?,
    })
}

fn number(node: &Node, text: &str) -> Result<Value, ParserError> {
    if let Ok(whole) = node.as_number::<i64>(text) {
        return Ok(Value::Int(whole));
    }
    if let Ok(whole) = node.as_number::<u64>(text) {
        return Ok(Value::uint(whole));
    }
    let float: f64 = node.as_number(text)?;
    // No value is NaN or infinite; the type's check refuses the word.
    Ok(if float.is_finite() { Value::Float(float) } else { Value::string(float.to_string()) })
}

fn case(name: &str, payload: Option<&Node>, text: &str, ty: &Type) -> Result<Value, ParserError> {
    let inner = match ty {
        Type::Variant(variant) => variant.case(name).flatten(),
        _ => None,
    };
    Ok(match payload {
        None => Value::string(name),
        Some(payload) => Value::map([(name, value(payload, text, inner.unwrap_or(&Type::Json))?)]),
    })
}

/// The type of an element.
fn item_of(ty: &Type, at: usize) -> Type {
    match ty {
        Type::List(items) => Type::clone(items),
        Type::Tuple(items) => items.get(at).cloned().unwrap_or(Type::Json),
        _ => Type::Json,
    }
}

/// A field's name as the type has it, and its type.
fn field_of(ty: &Type, written: &str) -> (Arc<str>, Type) {
    let written = written.strip_prefix('%').unwrap_or(written);
    match ty {
        Type::Record(record) => {
            let snake = written.replace('-', "_");
            let field = record.field(written).or_else(|| record.field(&snake));
            field.map_or_else(|| (Arc::from(snake), Type::Json), |field| (Arc::clone(&field.name), field.ty.clone()))
        }
        Type::Map(values) => (Arc::from(written), Type::clone(values)),
        _ => (Arc::from(written), Type::Json),
    }
}

/// Numbers from 0 to 255 as bytes.
fn bytes(items: &[Value]) -> Option<Value> {
    let byte = |item: &Value| match item {
        Value::Int(number) => u8::try_from(*number).ok(),
        _ => None,
    };
    Some(Value::Bytes(items.iter().map(byte).collect::<Option<Vec<u8>>>()?.into()))
}

#[cfg(test)]
mod tests {
    use jackfield_flow::types::Field;

    use super::*;

    fn check(text: &str, ty: &Type, expected: &str) {
        match read(text, ty) {
            Ok(value) => assert_eq!(value.to_json(), expected, "{text}"),
            Err(error) => assert!(error.contains(expected), "{error}"),
        }
    }

    #[test]
    fn values_are_read_by_their_types() {
        let row = Type::record(vec![Field::required("max_rows", Type::Int), Field::optional("note", Type::option(Type::String))]);
        check("{max-rows: 3, note: some(\"x\")}", &row, r#"{"max_rows":3,"note":"x"}"#);
        check("{max-rows: 18446744073709551615, note: none}", &row, r#"{"max_rows":18446744073709551615,"note":null}"#);
        check("{}", &Type::record(Vec::new()), "{}");
        check("[1, 2, 255]", &Type::Bytes, "\"AQL/\"");
        check("(1.5, 'ä', true)", &Type::Tuple([Type::Float, Type::String, Type::Bool].into()), r#"[1.5,"ä",true]"#);
        check("{read, write}", &Type::list(Type::one_of(["read", "write"])), r#"["read","write"]"#);
        check("ok(7)", &Type::Json, r#"{"ok":7}"#);
        check("not-found", &Type::one_of(["not-found"]), r#""not-found""#);
        check("bad(\"x\\n\")", &Type::Json, r#"{"bad":"x\n"}"#);
        check("{max-rows: }", &row, "this is not WAVE");
        check(&"[".repeat(100_000), &Type::Json, "this is not WAVE");
    }
}
