//! Evaluation: total, deterministic, within a budget.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use super::Span;
use super::ast::{Ast, Comparison, Entry, Kind, Missing, Name, NodeId, Path, Root};
use super::budget::Budget;
use super::env::{Env, EnvRoot};
use super::functions::{Call, Function};
use super::operators;
use super::pattern::Pattern;
use crate::types::ty::shown;
use crate::types::{Fields, Type, Value, did_you_mean};

/// What kind of failure an evaluation met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvalCode {
    /// The budget of operations or bytes is used up.
    Budget,
    /// A whole number, double, instant or span of time beyond its range.
    Overflow,
    /// A division by zero.
    DivideByZero,
    /// A position that a list or text does not have.
    Index,
    /// A field or name that is not there.
    Missing,
    /// A value that cannot be converted.
    Convert,
    /// An argument that a function does not take.
    Argument,
    /// A value of another type than the operation takes. What passed the check never meets it.
    Type,
}

impl EvalCode {
    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Budget => "expr.budget",
            Self::Overflow => "expr.overflow",
            Self::DivideByZero => "expr.divide-by-zero",
            Self::Index => "expr.index",
            Self::Missing => "expr.missing",
            Self::Convert => "expr.convert",
            Self::Argument => "expr.argument",
            Self::Type => "expr.type",
        }
    }
}

/// Why an expression has no value: where, what, and which kind of failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalError {
    /// The place in the source.
    pub span: Span,
    /// What happened, with the values seen.
    pub message: String,
    /// Which kind of failure.
    pub code: EvalCode,
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl std::error::Error for EvalError {}

/// A failure that does not know its place yet.
pub(super) struct Fault {
    code: EvalCode,
    message: String,
}

impl Fault {
    #[cold]
    pub(super) fn new(code: EvalCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(super) fn types(message: impl Into<String>) -> Self {
        Self::new(EvalCode::Type, message)
    }

    pub(super) fn argument(message: impl Into<String>) -> Self {
        Self::new(EvalCode::Argument, message)
    }

    pub(super) fn overflow(message: impl Into<String>) -> Self {
        Self::new(EvalCode::Overflow, message)
    }

    #[cold]
    pub(super) fn at(self, span: Span) -> Box<EvalError> {
        Box::new(EvalError { span, message: self.message, code: self.code })
    }
}

pub(super) type Run<T> = Result<T, Box<EvalError>>;

pub(super) fn eval(ast: &Ast, env: &Env<'_>, budget: &mut Budget) -> Result<Value, EvalError> {
    let mut eval = Eval { ast, env, budget, locals: Vec::new(), suggestions_left: Cell::new(SUGGESTIONS_MAX) };
    let value = eval.value(ast.root).map_err(|error| *error)?;
    let root = ast.node(ast.root);
    // What stands in the environment or in the source has its size already; what is made may be a small graph of a giant tree.
    if matches!(value, Value::List(_) | Value::Map(_)) && root.as_path().is_none() {
        budget.measure(&value).map_err(|fault| *fault.at(root.span))?;
    }
    Ok(value)
}

pub(super) struct Eval<'a, 'e> {
    pub(super) ast: &'a Ast,
    env: &'a Env<'e>,
    pub(super) budget: &'a mut Budget,
    /// The values of the variables of the macros around.
    pub(super) locals: Vec<Value>,
    /// How many missing names still get a suggestion.
    suggestions_left: Cell<usize>,
}

/// A macro meets many failures and tells one: looking for near names each time would cost more than what is charged.
const SUGGESTIONS_MAX: usize = 8;

impl<'a> Eval<'a, '_> {
    pub(super) fn value(&mut self, id: NodeId) -> Run<Value> {
        let ast = self.ast;
        let node = ast.node(id);
        self.budget.ops(1).map_err(|fault| fault.at(node.span))?;
        match &node.kind {
            Kind::Literal(value) => Ok(value.clone()),
            Kind::Path(path) => self.path(path).cloned(),
            Kind::Chain { first, rest } => {
                let mut value = self.value(*first)?;
                for (op, operand) in rest {
                    let right = self.value(*operand)?;
                    value = operators::arithmetic(*op, &value, &right, self.budget).map_err(|fault| fault.at(node.span))?;
                }
                Ok(value)
            }
            Kind::Compare { op, left, right } => self.compare(*op, *left, *right, node.span),
            Kind::Call { function, args, pattern } => self.call(function, args, pattern.as_deref(), node.span),
            Kind::If { condition, then, otherwise } => {
                if self.truth(*condition)? {
                    self.value(*then)
                } else {
                    self.value(*otherwise)
                }
            }
            Kind::And(operands) => self.logic(operands, false),
            Kind::Or(operands) => self.logic(operands, true),
            Kind::Not(of) => self.truth(*of).map(|truth| Value::Bool(!truth)),
            Kind::Negate(of) => {
                let value = self.value(*of)?;
                operators::negate(&value).map_err(|fault| fault.at(node.span))
            }
            Kind::Select { of, name, missing } => self.select(*of, name, *missing),
            Kind::Index { of, at, missing } => self.index(*of, *at, *missing),
            Kind::Has { of, name } => self.has(*of, name),
            Kind::List(entries) => self.list(entries, node.span),
            Kind::Map(entries) => self.map(entries, node.span),
            Kind::Fold { .. } => self.fold(node),
            Kind::As { of, ty } => self.as_type(*of, ty),
            Kind::Bind { kind, value, body } => self.bind(*kind, *value, *body),
        }
    }

    /// The truth value of a condition.
    pub(super) fn truth(&mut self, id: NodeId) -> Run<bool> {
        match self.value(id)? {
            Value::Bool(truth) => Ok(truth),
            other => {
                let message = format!("a condition is true or false, not {}", shown(&other));
                Err(Fault::types(message).at(self.ast.node(id).span))
            }
        }
    }

    /// `&&` and `||`: the operand that decides does so even when another one fails, whichever comes first. Running out of
    /// budget is final all the same.
    fn logic(&mut self, operands: &[NodeId], deciding: bool) -> Run<Value> {
        let mut failed = None;
        for operand in operands {
            match self.truth(*operand) {
                Ok(truth) if truth == deciding => return Ok(Value::Bool(deciding)),
                Ok(_) => {}
                Err(error) if error.code == EvalCode::Budget => return Err(error),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(Value::Bool(!deciding)), Err)
    }

    fn compare(&mut self, op: Comparison, left: NodeId, right: NodeId, span: Span) -> Run<Value> {
        let a = self.value(left)?;
        let b = self.value(right)?;
        let truth = match op {
            Comparison::Equal => operators::equal(&a, &b, self.budget),
            Comparison::NotEqual => operators::equal(&a, &b, self.budget).map(|same| !same),
            Comparison::Less => operators::order(&a, &b, self.budget).map(std::cmp::Ordering::is_lt),
            Comparison::LessOrEqual => operators::order(&a, &b, self.budget).map(std::cmp::Ordering::is_le),
            Comparison::Greater => operators::order(&a, &b, self.budget).map(std::cmp::Ordering::is_gt),
            Comparison::GreaterOrEqual => operators::order(&a, &b, self.budget).map(std::cmp::Ordering::is_ge),
            Comparison::In => self.is_in(&a, &b),
        };
        truth.map(Value::Bool).map_err(|fault| fault.at(span))
    }

    fn is_in(&mut self, element: &Value, all: &Value) -> Result<bool, Fault> {
        match (all, element) {
            (Value::List(items), _) => {
                for item in items.iter() {
                    if operators::equal(element, item, self.budget)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (Value::Map(fields), Value::String(name)) => {
                self.budget.scan(name.len())?;
                Ok(fields.get(name).is_some())
            }
            (Value::Map(_), _) => Ok(false),
            _ => Err(Fault::types(format!("`in` takes a list or a map, not {}", shown(all)))),
        }
    }

    fn call(&mut self, function: &Function, args: &[NodeId], pattern: Option<&Pattern>, span: Span) -> Run<Value> {
        let mut values = Vec::with_capacity(args.len());
        for arg in args {
            values.push(self.value(*arg)?);
        }
        let mut call = Call { args: &values, budget: self.budget, pattern };
        function.call(&mut call).map_err(|fault| fault.at(span))
    }

    fn as_type(&mut self, of: NodeId, ty: &Type) -> Run<Value> {
        let value = self.value(of)?;
        let span = self.ast.node(of).span;
        self.budget.tree(&value).map_err(|fault| fault.at(span))?;
        ty.check(&value).map_err(|mismatch| Fault::new(EvalCode::Convert, mismatch.to_string()).at(span))
    }

    /// The value at the end of a path, borrowed from where it is.
    fn path(&mut self, path: &'a Path) -> Run<&Value> {
        self.budget.elements(path.fields.len()).map_err(|fault| fault.at(path.span()))?;
        let (root, fields) = match path.root {
            Root::Local(slot) => (self.locals.get(slot), path.fields.as_slice()),
            Root::Outside => match (self.env.root(&path.name.text), path.fields.split_first()) {
                (Some(EnvRoot::Value(value)), _) => (Some(value), path.fields.as_slice()),
                (Some(EnvRoot::Members(members)), Some((first, rest))) => match members(&first.text) {
                    Some(value) => (Some(value), rest),
                    None => {
                        let message = format!("`{}` has no `{}`", path.name.text, first.text);
                        return Err(Fault::new(EvalCode::Missing, message).at(first.span));
                    }
                },
                (Some(EnvRoot::Members(_)), None) => {
                    let message = format!("`{}` is no value by itself: name one of its members", path.name.text);
                    return Err(Fault::types(message).at(path.name.span));
                }
                (None, _) => (None, &[] as &[Name]),
            },
        };
        let Some(mut value) = root else {
            let message = format!("there is no `{}` here", path.name.text);
            return Err(Fault::new(EvalCode::Missing, message).at(path.name.span));
        };
        for name in fields {
            value = match value {
                Value::Map(map) => match map.get(&name.text) {
                    Some(value) => value,
                    None => return Err(self.no_field(map, name)),
                },
                other => return Err(not_a_map(other, name)),
            };
        }
        Ok(value)
    }

    fn select(&mut self, of: NodeId, name: &Name, missing: Missing) -> Run<Value> {
        if missing == Missing::IsNothing {
            return self.find(of, name).map(Option::unwrap_or_default);
        }
        match self.value(of)? {
            Value::Map(map) => map.get(&name.text).cloned().ok_or_else(|| self.no_field(&map, name)),
            other => Err(not_a_map(&other, name)),
        }
    }

    fn has(&mut self, of: NodeId, name: &Name) -> Run<Value> {
        self.find(of, name).map(|found| Value::Bool(!matches!(found, None | Some(Value::Null))))
    }

    /// The value of a field that may be absent.
    fn find(&mut self, of: NodeId, name: &Name) -> Run<Option<Value>> {
        if let Some(path) = self.ast.node(of).as_path()
            && path.root == Root::Outside
            && path.fields.is_empty()
            && let Some(EnvRoot::Members(members)) = self.env.root(&path.name.text)
        {
            self.budget.ops(1).map_err(|fault| fault.at(name.span))?;
            return Ok(members(&name.text).cloned());
        }
        // What has no fields at all, such as the bare name of a case, does not have this one.
        self.value(of).map(|value| value.get(&name.text).cloned())
    }

    fn index(&mut self, of: NodeId, at: NodeId, missing: Missing) -> Run<Value> {
        let container = self.value(of)?;
        let position = self.value(at)?;
        let span = self.ast.node(at).span;
        let found = match (&container, &position) {
            (Value::List(items), Value::Int(at)) => usize::try_from(*at).ok().and_then(|at| items.get(at)).cloned(),
            (Value::List(_), Value::UInt(_)) => None,
            (Value::Map(fields), Value::String(name)) => {
                self.budget.scan(name.len()).map_err(|fault| fault.at(span))?;
                fields.get(name).cloned()
            }
            _ => None,
        };
        match (found, &container) {
            (Some(value), _) => Ok(value),
            (None, _) if missing == Missing::IsNothing => Ok(Value::Null),
            (None, Value::List(items)) if matches!(position, Value::Int(_) | Value::UInt(_)) => {
                let message = format!("there is no element {position} in a list of {} (they count from 0)", items.len());
                Err(Fault::new(EvalCode::Index, message).at(span))
            }
            (None, _) => Err(Fault::new(EvalCode::Missing, format!("{} has no {}", shown(&container), shown(&position))).at(span)),
        }
    }

    fn list(&mut self, entries: &[(Entry, NodeId)], span: Span) -> Run<Value> {
        self.budget.values(entries.len()).map_err(|fault| fault.at(span))?;
        let mut items = Vec::with_capacity(entries.len());
        for (entry, id) in entries {
            let value = self.value(*id)?;
            if *entry == Entry::Always || !matches!(value, Value::Null) {
                items.push(value);
            }
        }
        Ok(Value::List(items.into()))
    }

    fn map(&mut self, entries: &[(Entry, NodeId, NodeId)], span: Span) -> Run<Value> {
        self.budget.values(entries.len()).map_err(|fault| fault.at(span))?;
        let mut fields = Fields::new();
        for (entry, key, value) in entries {
            let name = match self.value(*key)? {
                Value::String(name) => name,
                other => {
                    let message = format!("the names of a map are texts, not {}", shown(&other));
                    return Err(Fault::types(message).at(self.ast.node(*key).span));
                }
            };
            let value = self.value(*value)?;
            if *entry == Entry::IfAny && matches!(value, Value::Null) {
                continue;
            }
            if fields.insert(Arc::clone(&name), value).is_some() {
                let message = format!("the name {name:?} stands twice in this map");
                return Err(Fault::argument(message).at(self.ast.node(*key).span));
            }
        }
        Ok(Value::Map(Arc::new(fields)))
    }

    #[cold]
    fn no_field(&self, map: &Fields, name: &Name) -> Box<EvalError> {
        let mut near = None;
        if let Some(left) = self.suggestions_left.get().checked_sub(1) {
            self.suggestions_left.set(left);
            near = did_you_mean(&name.text, map.iter().map(|(known, _)| &**known).take(100));
        }
        let near = near.map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
        Fault::new(EvalCode::Missing, format!("there is no field `{}`{near}", name.text)).at(name.span)
    }
}

#[cold]
fn not_a_map(value: &Value, name: &Name) -> Box<EvalError> {
    Fault::new(EvalCode::Missing, format!("{} has no field `{}`", shown(value), name.text)).at(name.span)
}
