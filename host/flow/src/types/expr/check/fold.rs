//! Types of macros: what is computed with a name for each element, or for one value.

use super::{Checker, compare};
use crate::types::Type;
use crate::types::expr::ast::{BindKind, FoldKind, Kind, Node, NodeId, Variables};
use crate::types::expr::narrow::known_when;

/// What a macro visits: the types of positions or names, and of elements.
struct Elements {
    keys: Type,
    items: Type,
}

impl Checker<'_> {
    pub(super) fn fold(&mut self, node: &Node) -> Option<Type> {
        let Kind::Fold { kind, over, variables, body, then } = &node.kind else { return None };
        let elements = self.elements(*kind, *over, *variables);
        let before = self.locals.len();
        if *variables == Variables::Two {
            self.locals.push(elements.as_ref().map(|elements| elements.keys.clone()));
        }
        let item = elements.map(|elements| elements.items);
        self.locals.push(item.clone());
        let result = match then {
            None => self.body(*kind, *body, item.as_ref()),
            Some(then) => {
                let truth = self.condition(*body);
                let known = known_when(self.ast, *body, true);
                let made = self.knowing(known, |checker| checker.body(*kind, *then, item.as_ref()));
                truth.and(made)
            }
        };
        self.locals.truncate(before);
        item.and(result)
    }

    /// The type of a macro by what it computes for each element.
    fn body(&mut self, kind: FoldKind, body: NodeId, item: Option<&Type>) -> Option<Type> {
        match kind {
            FoldKind::All | FoldKind::Exists | FoldKind::ExistsOne => self.condition(body),
            FoldKind::Filter => self.condition(body).and(item.cloned()).map(Type::list),
            FoldKind::Map | FoldKind::TransformList => self.ty(body).map(Type::list),
            FoldKind::TransformMap => self.ty(body).map(Type::map),
            FoldKind::TransformMapEntry => match self.ty(body)? {
                Type::Map(values) => Some(Type::Map(values)),
                Type::Record(record) => Some(Type::map(record.value_type())),
                Type::Never => Some(Type::map(Type::Never)),
                other => {
                    let help = compare::advice(&other);
                    self.wrong(self.span(body), format!("an entry is a map such as {{name: value}}, and this is {}", other.brief()), help)
                }
            },
            FoldKind::SortBy => {
                let key = self.ty(body)?;
                if compare::is_ordered(&key) {
                    return item.cloned().map(Type::list);
                }
                self.wrong(self.span(body), format!("values of type {} have no order", key.brief()), compare::advice(&key))
            }
        }
    }

    fn elements(&mut self, kind: FoldKind, over: NodeId, variables: Variables) -> Option<Elements> {
        let ty = self.ty(over)?;
        match (&ty, variables) {
            (Type::List(_) | Type::Tuple(_), _) if kind == FoldKind::TransformMap => {
                let help = "write `transformList`, or `transformMapEntry(i, x, {name: value})`".to_owned();
                self.wrong(self.span(over), format!("a list has no names to keep: this is {}", ty.brief()), Some(help));
                None
            }
            (Type::List(items), _) => Some(Elements { keys: Type::Int, items: Type::clone(items) }),
            (Type::Tuple(items), _) => Some(Elements { keys: Type::Int, items: Type::join_all(items.iter()) }),
            (Type::Map(_) | Type::Record(_), Variables::One) => Some(Elements { keys: Type::String, items: Type::String }),
            (Type::Map(values), Variables::Two) => Some(Elements { keys: Type::String, items: Type::clone(values) }),
            (Type::Record(record), Variables::Two) => Some(Elements { keys: Type::String, items: record.value_type() }),
            (Type::Never, _) => Some(Elements { keys: Type::Never, items: Type::Never }),
            (other, _) => {
                let help = match other {
                    Type::Json => Some("convert it with `asList(...)` or `asMap(...)`".to_owned()),
                    _ => compare::advice(other),
                };
                self.wrong(self.span(over), format!("only lists and maps have elements, and this is {}", other.brief()), help);
                None
            }
        }
    }

    /// The type of a macro over one value.
    pub(super) fn bind(&mut self, kind: BindKind, value: NodeId, body: NodeId) -> Option<Type> {
        let ty = self.ty(value);
        let some = match (kind, ty) {
            (BindKind::Always, ty) => ty,
            (_, Some(Type::Null)) => Some(Type::Never),
            (_, Some(Type::Option(some))) => Some(Type::clone(&some)),
            (_, Some(ty @ (Type::Json | Type::Never))) => Some(ty),
            (_, Some(other)) => {
                let message = format!("this is never nothing: it is {}", other.brief());
                self.wrong(self.span(value), message, Some("write `cel.bind(x, value, body)`".to_owned()));
                None
            }
            (_, None) => None,
        };
        let unknown = some.is_none();
        self.locals.push(some);
        let made = self.ty(body);
        self.locals.pop();
        let made = if unknown { None } else { made }?;
        match (kind, made) {
            (BindKind::Always, made) => Some(made),
            (BindKind::OptMap, made) => Some(Type::option(made)),
            (BindKind::OptFlatMap, made @ (Type::Null | Type::Option(_) | Type::Json | Type::Never)) => Some(Type::option(made)),
            (BindKind::OptFlatMap, other) => {
                let message = format!("what `optFlatMap` makes may be nothing, and this is {}", other.brief());
                self.wrong(self.span(body), message, Some("write `optMap`".to_owned()))
            }
        }
    }
}
