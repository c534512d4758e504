//! Types of paths, fields and indexes.

use super::Checker;
use crate::types::expr::ast::{Kind, Missing, Name, NodeId, Path, Root};
use crate::types::expr::scope::ScopeRoot;
use crate::types::expr::{ExprError, Span};
use crate::types::{Field, RecordType, Type, Value, did_you_mean};

/// Most names an error lists.
const NAMES_SHOWN: usize = 12;

/// What a type has under a name.
enum Found {
    /// A value that is always there.
    There(Type),
    /// A value that may be absent.
    Maybe(Type),
}

impl Checker<'_> {
    pub(super) fn path(&mut self, path: &Path) -> Option<Type> {
        let (mut ty, mut at) = self.start(path)?;
        while at < path.fields.len() {
            ty = self.member(ty, path, at)?;
            at += 1;
        }
        Some(ty)
    }

    /// The type of the beginning of a path, and how many of its fields that beginning has.
    fn start(&mut self, path: &Path) -> Option<(Type, usize)> {
        if let Root::Local(slot) = path.root {
            let ty = self.locals.get(slot).cloned().flatten()?;
            return Some((self.narrowed(ty, path, 0), 0));
        }
        let scope = self.scope;
        match (scope.root(&path.name.text), path.fields.first()) {
            (Some(ScopeRoot::Value(ty)), _) => Some((self.narrowed(ty.clone(), path, 0), 0)),
            (Some(ScopeRoot::Members(members)), Some(first)) => match members.field(&first.text) {
                Some(member) => Some((self.present(found(member), path, 1)?, 1)),
                None => {
                    self.unknown(&format!("`{}` has no `{}`", path.name.text, first.text), first, members.names());
                    None
                }
            },
            (Some(ScopeRoot::Members(members)), None) => {
                let message = format!("`{}` is no value by itself", path.name.text);
                let help = listed("name one of its members", members.names());
                self.wrong(path.name.span, message, Some(help));
                None
            }
            (None, _) => {
                self.unknown(&format!("there is no `{}` here", path.name.text), &path.name, scope.names());
                None
            }
        }
    }

    /// The type of the field at `at` of a path whose fields before it have type `ty`.
    fn member(&mut self, ty: Type, path: &Path, at: usize) -> Option<Type> {
        let name = path.fields.get(at)?;
        if let Type::Option(some) = &ty {
            return self.nothing_has_no_fields(some, name, &written(path, at));
        }
        let found = self.field(&ty, name)?;
        self.present(found, path, at + 1)
    }

    /// The type of a field that must be there, by its type or by what is known.
    fn present(&mut self, found: Found, path: &Path, fields: usize) -> Option<Type> {
        match found {
            Found::There(ty) => Some(self.narrowed(ty, path, fields)),
            Found::Maybe(ty) if self.known.iter().any(|known| known.is(path, fields)) => Some(ty.unwrapped().clone()),
            Found::Maybe(_) => {
                let name = &path.fields[fields - 1];
                self.may_be_absent(name, &written(path, fields - 1));
                None
            }
        }
    }

    /// The type, without nothing when the path is known to have a value.
    fn narrowed(&self, ty: Type, path: &Path, fields: usize) -> Type {
        match ty {
            Type::Option(some) if self.known.iter().any(|known| known.is(path, fields)) => Type::clone(&some),
            ty => ty,
        }
    }

    pub(super) fn select(&mut self, of: NodeId, name: &Name, missing: Missing) -> Option<Type> {
        if missing == Missing::IsNothing {
            return self.maybe(of, name).map(Type::option);
        }
        let ty = self.ty(of)?;
        let source = self.source(of);
        match &ty {
            Type::Option(some) => self.nothing_has_no_fields(some, name, &source),
            _ => match self.field(&ty, name)? {
                Found::There(ty) => Some(ty),
                Found::Maybe(_) => self.may_be_absent(name, &source),
            },
        }
    }

    pub(super) fn has(&mut self, of: NodeId, name: &Name) -> Option<Type> {
        self.maybe(of, name).map(|_| Type::Bool)
    }

    /// The type of a field that may be absent, of something that may be nothing.
    fn maybe(&mut self, of: NodeId, name: &Name) -> Option<Type> {
        if let Some(path) = self.ast.node(of).as_path()
            && path.root == Root::Outside
            && path.fields.is_empty()
            && let Some(ScopeRoot::Members(members)) = self.scope.root(&path.name.text)
        {
            let Some(member) = members.field(&name.text) else {
                self.unknown(&format!("`{}` has no `{}`", path.name.text, name.text), name, members.names());
                return None;
            };
            return Some(member.ty.clone());
        }
        let ty = self.ty(of)?;
        if ty == Type::Null {
            return Some(Type::Never);
        }
        match self.field(ty.unwrapped(), name)? {
            Found::There(ty) | Found::Maybe(ty) => Some(ty),
        }
    }

    /// What a type has under a name; an unknown name is an error.
    fn field(&mut self, ty: &Type, name: &Name) -> Option<Found> {
        match ty {
            Type::Json => Some(Found::There(Type::Json)),
            Type::Never => Some(Found::There(Type::Never)),
            Type::Map(values) => Some(Found::There(Type::clone(values))),
            Type::Record(record) => match record.field(&name.text) {
                Some(field) => Some(found(field)),
                None if record.open => Some(Found::Maybe(Type::Json)),
                None => self.no_such_field(record, name),
            },
            Type::Variant(variant) => match variant.case(&name.text) {
                Some(Some(ty)) => Some(Found::Maybe(ty.clone())),
                Some(None) => {
                    let help = format!("compare it: `x == \"{}\"`", name.text);
                    self.wrong(name.span, format!("the case `{}` has no value", name.text), Some(help));
                    None
                }
                None => {
                    let cases = variant.cases.iter().map(|(case, _)| &**case);
                    self.unknown(&format!("there is no case `{}`", name.text), name, cases);
                    None
                }
            },
            other => {
                let help = match other {
                    Type::List(_) | Type::Tuple(_) => Some("an element is `x[0]`; a field of each is `x.map(e, e.field)`".to_owned()),
                    Type::Timestamp | Type::Duration => Some("its parts are functions, such as `x.getHours()`".to_owned()),
                    _ => None,
                };
                self.wrong(name.span, format!("{} has no fields, so there is no `{}`", other.brief(), name.text), help);
                None
            }
        }
    }

    fn no_such_field(&mut self, record: &RecordType, name: &Name) -> Option<Found> {
        let message = format!("there is no field `{}`", name.text);
        self.unknown(&message, name, record.names());
        None
    }

    /// Reports a name that is not among the known ones.
    fn unknown<'n>(&mut self, message: &str, name: &Name, known: impl Iterator<Item = &'n str> + Clone) {
        let dashed = known.clone().find(|known| known.strip_prefix(&*name.text).is_some_and(|rest| rest.starts_with('-')));
        let help = match (dashed, did_you_mean(&name.text, known.clone())) {
            (Some(dashed), _) => format!("a name with `-` is written in brackets: [\"{dashed}\"]"),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) => listed("there is", known),
        };
        self.error(ExprError::new(name.span, message).help(help));
    }

    fn may_be_absent(&mut self, name: &Name, of: &str) -> Option<Type> {
        let message = format!("`{}` may be absent", name.text);
        let field = &name.text;
        let help = format!("give it a value with `{of}.?{field}.orValue(...)`, or ask first: `has({of}.{field}) ? ... : ...`");
        self.wrong(name.span, message, Some(help))
    }

    fn nothing_has_no_fields(&mut self, some: &Type, name: &Name, of: &str) -> Option<Type> {
        let message = format!("`{of}` may be nothing (it is option<{}>), and nothing has no field `{}`", some.brief(), name.text);
        let help = format!("write `{of}.?{}`, which is nothing of nothing, or ask first: `{of} != null ? ... : ...`", name.text);
        self.wrong(name.span, message, Some(help))
    }

    pub(super) fn index(&mut self, of: NodeId, at: NodeId, missing: Missing) -> Option<Type> {
        let (container, position) = (self.ty(of), self.ty(at));
        let (container, position) = (container?, position?);
        let span = self.span(at);
        let inner = match &container {
            Type::Null if missing != Missing::Fails => return Some(Type::Null),
            Type::Option(some) if missing != Missing::Fails => some,
            Type::Option(_) => {
                let help = "write `x[?i]`, which is nothing of nothing, or give it a value with `.orValue(...)`".to_owned();
                return self.wrong(self.span(of), format!("this may be nothing: it is {}", container.brief()), Some(help));
            }
            other => other,
        };
        let element = match (inner, &self.ast.node(at).kind) {
            (Type::Tuple(items), Kind::Literal(Value::Int(index))) => self.part(items, *index, span)?,
            (Type::Tuple(_), _) => self.element(&Type::list(inner.element_type().unwrap_or(Type::Json)), &position, span)?,
            _ => self.element(inner, &position, span)?,
        };
        Some(if missing == Missing::IsNothing { Type::option(element) } else { element })
    }

    /// The type of one part of a tuple.
    fn part(&mut self, items: &[Type], index: i64, span: Span) -> Option<Type> {
        match usize::try_from(index).ok().and_then(|index| items.get(index)) {
            Some(item) => Some(item.clone()),
            None => self.wrong(span, format!("there is no {index}: the parts are 0 to {}", items.len().saturating_sub(1)), None),
        }
    }

    fn element(&mut self, of: &Type, at: &Type, span: Span) -> Option<Type> {
        let text = matches!(at, Type::String | Type::Enum(_) | Type::Never);
        let whole = matches!(at, Type::Int | Type::Never);
        match of {
            Type::List(items) if whole => Some(Type::clone(items)),
            Type::Map(values) if text => Some(Type::clone(values)),
            Type::Record(record) if text => Some(record.value_type()),
            Type::Json if text || whole => Some(Type::Json),
            Type::Never => Some(Type::Never),
            Type::List(_) | Type::Map(_) | Type::Record(_) | Type::Json => {
                let wanted = match of {
                    Type::List(_) => "int",
                    Type::Json => "int or string",
                    _ => "string",
                };
                self.wrong(span, format!("{} is indexed by {wanted}, and this is {}", of.brief(), at.brief()), super::compare::advice(at))
            }
            other => {
                let help = match other {
                    Type::String | Type::Enum(_) => Some("a character is `x.charAt(0)`, a part `x.substring(0, 2)`".to_owned()),
                    _ => None,
                };
                self.wrong(span, format!("{} has no elements", other.brief()), help)
            }
        }
    }

    fn source(&self, id: NodeId) -> String {
        let span = self.span(id);
        self.ast.source.get(span.start..span.end).unwrap_or("x").to_owned()
    }
}

fn found(field: &Field) -> Found {
    if field.required { Found::There(field.ty.clone()) } else { Found::Maybe(field.ty.clone()) }
}

/// A path up to so many of its fields, as it is written.
fn written(path: &Path, fields: usize) -> String {
    let mut text = path.name.text.to_string();
    for field in &path.fields[..fields] {
        let plain = field.text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if plain {
            text.push('.');
            text.push_str(&field.text);
        } else {
            text.push_str(&format!("[{:?}]", field.text));
        }
    }
    text
}

fn listed<'n>(before: &str, names: impl Iterator<Item = &'n str> + Clone) -> String {
    let shown: Vec<&str> = names.clone().take(NAMES_SHOWN).collect();
    let more = if names.count() > shown.len() { ", …" } else { "" };
    if shown.is_empty() { "there is nothing to name here".to_owned() } else { format!("{before}: {}{more}", shown.join(", ")) }
}
