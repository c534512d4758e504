//! The one type of a result that can come from several places.

use super::Checker;
use crate::definition::{Code, Diagnostic, Span};
use crate::types::Type;

/// One of the places that a result can come from.
#[derive(Clone, Debug)]
pub(in crate::plan) struct Part {
    /// The type of the result from there.
    pub(in crate::plan) ty: Type,
    /// Where it is.
    pub(in crate::plan) span: Span,
    /// What it is: "branch 1", "the step".
    pub(in crate::plan) what: String,
}

impl Checker<'_> {
    /// The joint type of all parts; parts that have nothing in common are a problem, and the result then fits everywhere.
    pub(in crate::plan) fn join(&mut self, parts: &[Part]) -> Type {
        let mut joined = Type::Never;
        for (at, part) in parts.iter().enumerate() {
            let next = joined.join(&part.ty);
            if loses(&joined, &part.ty, &next) {
                // The first of those before it that does not go with it is the one to show.
                let other = parts[..at].iter().find(|other| loses(&other.ty, &part.ty, &other.ty.join(&part.ty))).unwrap_or(&parts[0]);
                self.no_joint_type(other, part);
                return Type::Never;
            }
            joined = next;
        }
        joined
    }

    fn no_joint_type(&mut self, one: &Part, other: &Part) {
        let message = format!("{} gives {}, and {} gives {}", one.what, one.ty.brief(), other.what, other.ty.brief());
        let numbers = matches!((&one.ty, &other.ty), (Type::Int, Type::Float) | (Type::Float, Type::Int));
        let help = if numbers {
            "whole numbers and doubles do not mix: use `float(…)` or `int(…)` in one of them"
        } else {
            "whoever reads the result must know what it is: make both of one type, or records with a field for each"
        };
        self.problem(
            Diagnostic::new(Code::NoJointType, other.span, message)
                .help(help)
                .label(one.span, format!("{} gives {}", one.what, one.ty.brief())),
        );
    }
}

/// Whether the joint type of two types has forgotten what they were, somewhere inside.
pub(super) fn loses(a: &Type, b: &Type, joined: &Type) -> bool {
    match (a, b, joined) {
        (Type::Never, ..) | (_, Type::Never, _) => false,
        (Type::Option(a), b, Type::Option(joined)) | (b, Type::Option(a), Type::Option(joined)) => loses(a, b.unwrapped(), joined),
        (Type::List(a), Type::List(b), Type::List(joined)) | (Type::Map(a), Type::Map(b), Type::Map(joined)) => loses(a, b, joined),
        (Type::Record(a), Type::Record(b), Type::Record(joined)) => a.fields.iter().any(|field| {
            let twin = b.field(&field.name);
            let both = joined.field(&field.name);
            twin.zip(both).is_some_and(|(twin, both)| loses(&field.ty, &twin.ty, &both.ty))
        }),
        (_, _, Type::Json) => *a != Type::Json && *b != Type::Json,
        _ => false,
    }
}
