//! Which types go together in arithmetic and comparison.

use super::Checker;
use crate::types::expr::ast::{Arithmetic, Comparison, NodeId};
use crate::types::expr::{ExprError, Span};
use crate::types::{Type, did_you_mean};

impl Checker<'_> {
    pub(super) fn equality(&mut self, op: Comparison, left: NodeId, right: NodeId) -> Option<Type> {
        let span = self.span(left).to(self.span(right));
        let (a, b) = (self.ty(left), self.ty(right));
        let (a, b) = (a?, b?);
        if comparable(&a, &b) {
            return Some(Type::Bool);
        }
        self.error(incomparable(span, op, &a, &b))
    }

    pub(super) fn order(&mut self, op: Comparison, left: NodeId, right: NodeId) -> Option<Type> {
        let span = self.span(left).to(self.span(right));
        let (a, b) = (self.ty(left), self.ty(right));
        let (a, b) = (a?, b?);
        if let Some(odd) = [&a, &b].into_iter().find(|ty| !is_ordered(ty)) {
            return self.wrong(
                span,
                format!("`{}` takes values that have an order, and this is {}", op.symbol(), odd.brief()),
                advice(odd),
            );
        }
        // An order asks which text comes first, so two texts need not have anything in common.
        let texts = |ty: &Type| matches!(ty, Type::String | Type::Enum(_));
        if comparable(&a, &b) || (texts(&a) && texts(&b)) {
            return Some(Type::Bool);
        }
        self.error(incomparable(span, op, &a, &b))
    }

    pub(super) fn is_in(&mut self, element: NodeId, all: NodeId) -> Option<Type> {
        let span = self.span(element).to(self.span(all));
        let (element, container) = (self.ty(element), self.ty(all));
        let (element, container) = (element?, container?);
        match &container {
            Type::Never => Some(Type::Bool),
            Type::Tuple(items) if items.iter().any(|item| comparable(&element, item)) => Some(Type::Bool),
            Type::List(items) if comparable(&element, items) => Some(Type::Bool),
            Type::List(items) => self.error(incomparable(span, Comparison::In, &element, items)),
            Type::Map(_) | Type::Record(_) if matches!(element, Type::String | Type::Enum(_) | Type::Never) => Some(Type::Bool),
            Type::Map(_) | Type::Record(_) => {
                self.wrong(span, format!("the names of a map are texts, and this is {}", element.brief()), advice(&element))
            }
            other => {
                let help = match other {
                    Type::String | Type::Enum(_) => Some("write `text.contains(part)`".to_owned()),
                    Type::Json => Some("convert it with `asList(...)` or `asMap(...)`".to_owned()),
                    _ => advice(other),
                };
                self.wrong(self.span(all), format!("`in` takes a list or a map, and this is {}", other.brief()), help)
            }
        }
    }
}

/// What to do with a value that cannot be computed with as it is.
pub(super) fn advice(ty: &Type) -> Option<String> {
    match ty {
        Type::Json => Some("its type is not known: convert it with `asInt(...)`, `asFloat(...)`, `asString(...)` and the like".to_owned()),
        Type::Option(_) => Some("it may be nothing: give it a value with `.orValue(...)`".to_owned()),
        _ => None,
    }
}

/// Whether values of a type have an order.
pub(super) fn is_ordered(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Bool | Type::Int | Type::Float | Type::String | Type::Enum(_) | Type::Bytes | Type::Timestamp | Type::Duration | Type::Never
    )
}

/// Whether joining two types forgets what they are.
pub(super) fn loses(a: &Type, b: &Type, joined: &Type) -> bool {
    match (a, b, joined) {
        (Type::Never, ..) | (_, Type::Never, _) => false,
        (Type::Option(a), b, Type::Option(joined)) | (b, Type::Option(a), Type::Option(joined)) => loses(a, b.unwrapped(), joined),
        (Type::List(a), Type::List(b), Type::List(joined)) | (Type::Map(a), Type::Map(b), Type::Map(joined)) => loses(a, b, joined),
        (_, _, Type::Json) => *a != Type::Json && *b != Type::Json,
        _ => false,
    }
}

/// Whether some value of one type can equal some value of the other.
pub(super) fn comparable(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Never | Type::Json, _) | (_, Type::Never | Type::Json) => true,
        (Type::Null | Type::Option(_), Type::Null) | (Type::Null, Type::Option(_)) => true,
        (Type::Option(_), _) | (_, Type::Option(_)) => comparable(a.unwrapped(), b.unwrapped()),
        (Type::Enum(a), Type::Enum(b)) => a.iter().any(|text| b.contains(text)),
        (Type::Enum(_), Type::String) | (Type::String, Type::Enum(_)) => true,
        (Type::Variant(variant), Type::Enum(texts)) | (Type::Enum(texts), Type::Variant(variant)) => {
            texts.iter().any(|text| variant.case(text) == Some(None))
        }
        (Type::List(a), Type::List(b)) | (Type::Map(a), Type::Map(b)) => comparable(a, b),
        (Type::Tuple(a), Type::Tuple(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| comparable(a, b)),
        (Type::List(items), Type::Tuple(parts)) | (Type::Tuple(parts), Type::List(items)) => {
            parts.iter().all(|part| comparable(part, items))
        }
        (Type::Map(values), Type::Record(record)) | (Type::Record(record), Type::Map(values)) => {
            record.fields.iter().all(|field| comparable(&field.ty, values))
        }
        (Type::Record(a), Type::Record(b)) => a.fields.iter().all(|field| match b.field(&field.name) {
            Some(other) => comparable(&field.ty, &other.ty),
            None => !field.required || b.open,
        }),
        _ => a == b,
    }
}

fn incomparable(span: Span, op: Comparison, a: &Type, b: &Type) -> ExprError {
    let what = if op == Comparison::In { "`in` never finds".to_owned() } else { format!("`{}` does not compare", op.symbol()) };
    let error = ExprError::new(span, format!("{what} {} with {}", a.brief(), b.brief()));
    match (a.unwrapped(), b.unwrapped()) {
        (Type::Enum(known), Type::Enum(odd)) | (Type::Enum(odd), Type::Enum(known)) if odd.len() == 1 && known.len() > 1 => {
            match did_you_mean(&odd[0], known.iter().map(|text| &**text)) {
                Some(near) => error.help(format!("{:?} is none of these texts: did you mean {near:?}?", odd[0])),
                None => error.help(format!("{:?} is none of these texts", odd[0])),
            }
        }
        (Type::Int, Type::Float) | (Type::Float, Type::Int) => error.help("write the number with a point, or use `float(...)`"),
        (Type::Null, other) | (other, Type::Null) => error.help(format!("{} is never null", other.brief())),
        (Type::Timestamp, Type::String | Type::Enum(_)) | (Type::String | Type::Enum(_), Type::Timestamp) => {
            error.help("make the text an instant with `timestamp(...)`")
        }
        (Type::Duration, Type::String | Type::Enum(_)) | (Type::String | Type::Enum(_), Type::Duration) => {
            error.help("make the text a span of time with `duration(...)`")
        }
        _ => error,
    }
}

/// The type of an arithmetic operation, if there is one.
pub(super) fn arithmetic(op: Arithmetic, a: &Type, b: &Type) -> Option<Type> {
    let add = op == Arithmetic::Add;
    let add_or_subtract = add || op == Arithmetic::Subtract;
    match (a, b) {
        (Type::Never, ty) | (ty, Type::Never) if *ty != Type::Json && !matches!(ty, Type::Option(_) | Type::Null) => {
            // What has no value takes any type that the operator takes.
            if *ty == Type::Never { Some(Type::Never) } else { arithmetic(op, ty, ty) }
        }
        (Type::Int, Type::Int) => Some(Type::Int),
        (Type::Float, Type::Float) if op != Arithmetic::Remainder => Some(Type::Float),
        (Type::String | Type::Enum(_), Type::String | Type::Enum(_)) if add => Some(Type::String),
        (Type::Bytes, Type::Bytes) if add => Some(Type::Bytes),
        (Type::List(a), Type::List(b)) if add => {
            let joined = a.join(b);
            if loses(a, b, &joined) { None } else { Some(Type::list(joined)) }
        }
        (Type::Timestamp, Type::Duration) if add_or_subtract => Some(Type::Timestamp),
        (Type::Duration, Type::Timestamp) if add => Some(Type::Timestamp),
        (Type::Timestamp, Type::Timestamp) if op == Arithmetic::Subtract => Some(Type::Duration),
        (Type::Duration, Type::Duration) if add_or_subtract => Some(Type::Duration),
        _ => None,
    }
}

pub(super) fn arithmetic_error(span: Span, op: Arithmetic, a: &Type, b: &Type) -> ExprError {
    let error = ExprError::new(span, format!("`{}` does not take {} and {}", op.symbol(), a.brief(), b.brief()));
    let text = |ty: &Type| matches!(ty, Type::String | Type::Enum(_));
    match (a, b) {
        (Type::Json | Type::Option(_), _) => error.help(advice(a).unwrap_or_default()),
        (_, Type::Json | Type::Option(_)) => error.help(advice(b).unwrap_or_default()),
        (Type::Int, Type::Float) | (Type::Float, Type::Int) => {
            error.help("whole numbers and doubles do not mix: write `1.0`, or use `float(...)` or `int(...)`")
        }
        _ if op == Arithmetic::Add && (text(a) || text(b)) => error.help("make the other one a text with `string(...)`"),
        _ => error,
    }
}
