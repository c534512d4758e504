//! The static checker: what type an expression has, or everything that is wrong with it.
//!
//! What passes evaluates without a type error on values of the scope's types. A part that has an error of its own has no type,
//! and what stands above it stays silent, so that each mistake is told once.

mod access;
mod call;
mod compare;
mod fold;

use super::ast::{Arithmetic, Ast, Comparison, Entry, Kind, NodeId};
use super::narrow::{Known, known_when};
use super::{ExprError, Scope, Span};
use crate::types::{Field, Type, Value};

/// More errors than these help nobody.
const ERRORS_MAX: usize = 16;

pub(super) fn check(ast: &Ast, scope: &Scope) -> Result<Type, Vec<ExprError>> {
    let mut checker = Checker { ast, scope, locals: Vec::new(), known: Vec::new(), errors: Vec::new() };
    match checker.ty(ast.root) {
        Some(ty) if checker.errors.is_empty() => Ok(ty),
        _ => {
            checker.errors.sort_by_key(|error| error.span.start);
            checker.errors.dedup();
            checker.errors.truncate(ERRORS_MAX);
            Err(checker.errors)
        }
    }
}

struct Checker<'a> {
    ast: &'a Ast,
    scope: &'a Scope,
    /// The types of the variables of the macros around; `None` where the list has an error.
    locals: Vec<Option<Type>>,
    /// The paths that are known to have a value here.
    known: Vec<Known>,
    errors: Vec<ExprError>,
}

impl<'a> Checker<'a> {
    /// The type of a part; `None` when it has an error, which is reported.
    fn ty(&mut self, id: NodeId) -> Option<Type> {
        let ast = self.ast;
        let node = ast.node(id);
        match &node.kind {
            Kind::Literal(value) => Some(Type::of(value)),
            Kind::Path(path) => self.path(path),
            Kind::Select { of, name, missing } => self.select(*of, name, *missing),
            Kind::Index { of, at, missing } => self.index(*of, *at, *missing),
            Kind::Has { of, name } => self.has(*of, name),
            Kind::List(entries) => self.list(entries),
            Kind::Map(entries) => self.map(entries),
            Kind::Not(of) => self.condition(*of),
            Kind::Negate(of) => self.negate(*of, node.span),
            Kind::If { condition, then, otherwise } => self.choice(*condition, *then, *otherwise),
            Kind::And(operands) => self.logic(operands, true),
            Kind::Or(operands) => self.logic(operands, false),
            Kind::Chain { first, rest } => self.chain(*first, rest),
            Kind::Compare { op: Comparison::In, left, right } => self.is_in(*left, *right),
            Kind::Compare { op: op @ (Comparison::Equal | Comparison::NotEqual), left, right } => self.equality(*op, *left, *right),
            Kind::Compare { op, left, right } => self.order(*op, *left, *right),
            Kind::Call { function, args, .. } => self.call(function, args, node.span),
            Kind::Fold { .. } => self.fold(node),
            Kind::As { of, ty } => self.as_type(*of, ty),
            Kind::Bind { kind, value, body } => self.bind(*kind, *value, *body),
        }
    }

    fn error(&mut self, error: ExprError) -> Option<Type> {
        self.errors.push(error);
        None
    }

    /// Reports a mistake at a place.
    fn wrong(&mut self, span: Span, message: impl Into<String>, help: Option<String>) -> Option<Type> {
        self.error(ExprError { span, message: message.into(), help })
    }

    fn span(&self, id: NodeId) -> Span {
        self.ast.node(id).span
    }

    /// Checks a part with more paths known to have a value.
    fn knowing<T>(&mut self, known: Vec<Known>, check: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.known.len();
        self.known.extend(known);
        let result = check(self);
        self.known.truncate(before);
        result
    }

    /// A part that must be true or false.
    fn condition(&mut self, id: NodeId) -> Option<Type> {
        let ty = self.ty(id)?;
        if matches!(ty, Type::Bool | Type::Never) {
            return Some(Type::Bool);
        }
        let help = match &ty {
            Type::Json => "convert it with `asBool(...)`, or compare it with something".to_owned(),
            Type::Option(_) => "ask whether it is there: `x != null`, or give it a value with `.orValue(...)`".to_owned(),
            Type::Int | Type::Float => "compare it: `x != 0`".to_owned(),
            Type::String | Type::Enum(_) => "compare it: `x != \"\"`".to_owned(),
            Type::List(_) | Type::Tuple(_) | Type::Map(_) | Type::Record(_) => "ask for its size: `x.size() > 0`".to_owned(),
            _ => "there is no truth in other values: compare it with something".to_owned(),
        };
        self.wrong(self.span(id), format!("a condition is true or false, and this is {}", ty.brief()), Some(help))
    }

    fn choice(&mut self, condition: NodeId, then: NodeId, otherwise: NodeId) -> Option<Type> {
        let ast = self.ast;
        let truth = self.condition(condition);
        let then = self.knowing(known_when(ast, condition, true), |checker| checker.ty(then));
        let otherwise = self.knowing(known_when(ast, condition, false), |checker| checker.ty(otherwise));
        truth?;
        Some(then?.join(&otherwise?))
    }

    /// Each operand knows what the ones before it being true (of `||`: false) tells.
    fn logic(&mut self, operands: &[NodeId], truth: bool) -> Option<Type> {
        let before = self.known.len();
        let mut all = Some(Type::Bool);
        for operand in operands {
            if self.condition(*operand).is_none() {
                all = None;
            }
            let more = known_when(self.ast, *operand, truth);
            self.known.extend(more);
        }
        self.known.truncate(before);
        all
    }

    fn list(&mut self, entries: &[(Entry, NodeId)]) -> Option<Type> {
        let types: Vec<Option<Type>> = entries.iter().map(|(entry, id)| self.entry(*entry, *id)).collect();
        let types: Option<Vec<Type>> = types.into_iter().collect();
        Some(Type::list(Type::join_all(&types?)))
    }

    /// The type of an element; of one that is left out when it is nothing, the type it has otherwise.
    fn entry(&mut self, entry: Entry, id: NodeId) -> Option<Type> {
        let ty = self.ty(id)?;
        match (entry, ty) {
            (Entry::Always, ty) => Some(ty),
            (Entry::IfAny, Type::Option(some)) => Some(Type::clone(&some)),
            (Entry::IfAny, Type::Null) => Some(Type::Never),
            (Entry::IfAny, ty) => {
                let message = format!("`?` leaves out what is nothing, and this is always there: it is {}", ty.brief());
                self.wrong(self.span(id), message, Some("write it without `?`".to_owned()))
            }
        }
    }

    /// A map with constant names is a record; with computed ones, a map of what its values have in common.
    fn map(&mut self, entries: &[(Entry, NodeId, NodeId)]) -> Option<Type> {
        let mut fields = Vec::with_capacity(entries.len());
        let mut constant = true;
        let mut good = true;
        for (entry, key, value) in entries {
            let name = match &self.ast.node(*key).kind {
                Kind::Literal(Value::String(name)) => name.clone(),
                _ => {
                    constant = false;
                    good &= self.key(*key).is_some();
                    "".into()
                }
            };
            match self.entry(*entry, *value) {
                Some(ty) if *entry == Entry::Always => fields.push(Field::required(name, ty)),
                Some(ty) => fields.push(Field::optional(name, ty)),
                None => good = false,
            }
        }
        if !good {
            return None;
        }
        let values = || Type::map(Type::join_all(fields.iter().map(|field| &field.ty)));
        Some(if constant { Type::record(fields) } else { values() })
    }

    fn key(&mut self, key: NodeId) -> Option<Type> {
        let ty = self.ty(key)?;
        if matches!(ty, Type::String | Type::Enum(_) | Type::Never) {
            return Some(ty);
        }
        let help = if ty == Type::Json { "convert it with `asString(...)`" } else { "make it a text with `string(...)`" };
        self.wrong(self.span(key), format!("the names of a map are texts, and this is {}", ty.brief()), Some(help.to_owned()))
    }

    fn negate(&mut self, of: NodeId, span: Span) -> Option<Type> {
        let ty = self.ty(of)?;
        match ty {
            Type::Int | Type::Float | Type::Duration | Type::Never => Some(ty),
            other => self.wrong(span, format!("`-` takes a number, and this is {}", other.brief()), compare::advice(&other)),
        }
    }

    fn chain(&mut self, first: NodeId, rest: &[(Arithmetic, NodeId)]) -> Option<Type> {
        let mut sum = self.ty(first);
        let start = self.span(first);
        let mut end = start;
        for (op, operand) in rest {
            let operand_ty = self.ty(*operand);
            end = end.to(self.span(*operand));
            sum = match (sum, operand_ty) {
                (Some(left), Some(right)) => match compare::arithmetic(*op, &left, &right) {
                    Some(ty) => Some(ty),
                    None => self.error(compare::arithmetic_error(start.to(end), *op, &left, &right)),
                },
                _ => None,
            };
        }
        sum
    }
}
