//! Types of function calls: the first overload whose shapes the arguments have.

use super::{Checker, compare};
use crate::types::Type;
use crate::types::expr::Span;
use crate::types::expr::ast::NodeId;
use crate::types::expr::functions::{Function, Overload, Shape, Uses};

/// What the unknown of an overload turned out to be.
#[derive(Default)]
struct Unknown {
    item: Option<Type>,
}

impl Checker<'_> {
    pub(super) fn call(&mut self, function: &'static Function, args: &[NodeId], span: Span) -> Option<Type> {
        let types: Vec<Option<Type>> = args.iter().map(|arg| self.ty(*arg)).collect();
        let types: Vec<Type> = types.into_iter().collect::<Option<_>>()?;
        let Uses::Overloads(overloads) = function.uses else { return None };
        if let Some(ty) = overloads.iter().find_map(|overload| result(overload, &types)) {
            return Some(ty);
        }
        let given: Vec<String> = types.iter().map(Type::brief).collect();
        let count = |overload: &&Overload| overload.takes.len() == types.len();
        let message = if overloads.iter().any(|overload| count(&overload)) {
            format!("`{}` does not take ({})", function.name, given.join(", "))
        } else {
            format!("`{}` does not take {} arguments", function.name, types.len())
        };
        let advice = types.iter().find_map(|ty| if matches!(ty, Type::Json | Type::Option(_)) { compare::advice(ty) } else { None });
        let signatures = format!("it is {}", function.signatures().join(", "));
        let help = advice.map_or(signatures.clone(), |advice| format!("{signatures}; {advice}"));
        self.wrong(span, message, Some(help))
    }
}

impl Checker<'_> {
    /// What is of unknown type, as a whole or in a part, becomes one of a type; anything else is of that type already or never.
    pub(super) fn as_type(&mut self, of: NodeId, wanted: &Type) -> Option<Type> {
        let found = self.ty(of)?;
        if found.is_option() && !wanted.is_option() {
            let message = format!("`asType` makes {} of what is there, and this is {}", wanted.brief(), found.brief());
            return self.wrong(self.span(of), message, compare::advice(&found));
        }
        match wanted.assignable(&found) {
            Err(mismatch) if !has_json(&found) => {
                self.wrong(self.span(of), format!("this is never {}: it is {}", wanted.brief(), found.brief()), mismatch.help)
            }
            _ => Some(wanted.clone()),
        }
    }
}

/// Whether a part of the type is unknown.
fn has_json(ty: &Type) -> bool {
    match ty {
        Type::Json => true,
        Type::List(inner) | Type::Map(inner) | Type::Option(inner) => has_json(inner),
        Type::Tuple(items) => items.iter().any(has_json),
        Type::Record(record) => record.open || record.fields.iter().any(|field| has_json(&field.ty)),
        Type::Variant(variant) => variant.cases.iter().any(|(_, ty)| ty.as_ref().is_some_and(has_json)),
        _ => false,
    }
}

/// The type of a call, when the overload takes arguments of these types.
fn result(overload: &Overload, types: &[Type]) -> Option<Type> {
    let mut unknown = Unknown::default();
    let fits = overload.takes.len() == types.len() && overload.takes.iter().zip(types).all(|(shape, ty)| unknown.fits(*shape, ty));
    fits.then(|| unknown.resolved(overload.gives))
}

impl Unknown {
    /// Whether a type has a shape; says on the way what the unknown is.
    fn fits(&mut self, shape: Shape, ty: &Type) -> bool {
        if *ty == Type::Never {
            return true;
        }
        match (shape, ty) {
            (Shape::Any, _)
            | (Shape::Bool, Type::Bool)
            | (Shape::Int, Type::Int)
            | (Shape::Float, Type::Float)
            | (Shape::String, Type::String | Type::Enum(_))
            | (Shape::Bytes, Type::Bytes)
            | (Shape::Timestamp, Type::Timestamp)
            | (Shape::Duration, Type::Duration)
            | (Shape::Json, Type::Json) => true,
            (Shape::Item, _) => self.is(ty),
            (Shape::Ordered, _) => compare::is_ordered(ty) && self.is(ty),
            (Shape::List(of), Type::List(items)) => self.fits(*of, items),
            (Shape::List(of), Type::Tuple(items)) => self.fits(*of, &Type::join_all(items.iter())),
            (Shape::Map(of), Type::Map(values)) => self.fits(*of, values),
            (Shape::Map(of), Type::Record(record)) => self.fits(*of, &record.value_type()),
            (Shape::Option(_), Type::Null) => true,
            (Shape::Option(of), Type::Option(some)) => self.fits(*of, some),
            // Something that is always there may stand for an option: what is asked of it has a plain answer.
            (Shape::Option(of), Type::Json) => self.fits(*of, ty),
            _ => false,
        }
    }

    fn is(&mut self, ty: &Type) -> bool {
        let Some(known) = &self.item else {
            self.item = Some(ty.clone());
            return true;
        };
        let joined = known.join(ty);
        // What has nothing in common is no one type, unless one of them was unknown before.
        if compare::loses(known, ty, &joined) {
            return false;
        }
        self.item = Some(joined);
        true
    }

    fn resolved(&self, shape: Shape) -> Type {
        match shape {
            Shape::Bool => Type::Bool,
            Shape::Int => Type::Int,
            Shape::Float => Type::Float,
            Shape::String => Type::String,
            Shape::Bytes => Type::Bytes,
            Shape::Timestamp => Type::Timestamp,
            Shape::Duration => Type::Duration,
            Shape::Json | Shape::Any => Type::Json,
            Shape::Item | Shape::Ordered => self.item.clone().unwrap_or(Type::Never),
            Shape::List(of) => Type::list(self.resolved(*of)),
            Shape::Map(of) => Type::map(self.resolved(*of)),
            Shape::Option(of) => Type::option(self.resolved(*of)),
        }
    }
}
