//! Expressions: [CEL](https://cel.dev) syntax, statically typed, total, deterministic and bounded.
//!
//! An expression is parsed once ([`Expr::parse`]), checked against the types of what it may name ([`Expr::check`]) and
//! evaluated within a [`Budget`] ([`Expr::eval`]). What differs from CEL, and why:
//!
//! - There is one whole-number type, `int`, from −2⁶³ to 2⁶⁴−1, because that is what tasks exchange; `1u` is `1`.
//! - A double is finite: what would be NaN or an infinity is an error.
//! - Absent and `null` are one thing, *nothing*, and its type is `option<…>`: `a.?b` is the value or nothing, `has(a.b)` asks
//!   whether there is a value, `x.orValue(y)` puts one in place of nothing; what is written behind a `.?b` is nothing of nothing
//!   as well, so that `a.?b.c` is an option. After `has(a.b) && …` or `a.b != null ? …`, and in the branches they guard,
//!   `a.b` is the plain value.
//! - What is `json` (a value of unknown type) is selected and indexed freely, and converted with `asInt(x)`, `asString(x)` and
//!   the like before it is computed with.
//! - Every function can be written as a method: `size(x)` is `x.size()`. Those of CEL's extensions stand under their names there
//!   (`math.greatest(a, b)`, `cel.bind(x, value, body)`).
//! - Names that are no identifiers are written `steps["list-orders"]` or ``steps.`list-orders` ``.
//!
//! How far this goes is measured with the test vectors of the CEL specification: see `tests/conformance/CONFORMANCE.md`.

mod ast;
mod budget;
mod check;
mod cost;
mod env;
mod eval;
mod fold;
mod functions;
mod lex;
mod literal;
mod narrow;
mod operators;
mod parse;
mod pattern;
mod postfix;
mod reference;
mod scope;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use super::{Type, Value};
use ast::Ast;
pub use budget::Budget;
pub use cost::Cost;
pub use env::{Env, Members};
pub use eval::{EvalCode, EvalError};
pub use functions::{FunctionHelp, functions};
pub use reference::Reference;
pub use scope::Scope;

/// A place in an expression, in bytes of its source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// A place from its bounds.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// From the start of this place to the end of the other.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end }
    }
}

/// What is wrong with an expression, where in its source, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ExprError {
    /// The place in the source.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do about it, if there is something to say.
    pub help: Option<String>,
}

impl ExprError {
    fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A parsed expression. Cheap to clone; equal to another with the same source; serialises as its source.
#[derive(Clone)]
pub struct Expr {
    ast: Arc<Ast>,
}

impl Expr {
    /// Longest source, in bytes.
    pub const SOURCE_BYTES_MAX: usize = 16 * 1024;
    /// Most parts (names, literals, operators, calls) of one expression.
    pub const NODES_MAX: usize = 2_000;
    /// How deep parts may lie in each other.
    pub const DEPTH_MAX: usize = 48;

    /// Parses an expression: what stands between `${` and `}`.
    pub fn parse(source: &str) -> Result<Self, ExprError> {
        parse::parse(source).map(|ast| Self { ast: Arc::new(ast) })
    }

    /// The source, as it was parsed.
    pub fn source(&self) -> &str {
        &self.ast.source
    }

    /// What the expression names from outside: each maximal path of constant names, in order of appearance.
    ///
    /// `size(steps.fetch.orders) + item.n` has `steps.fetch.orders` and `item.n`; variables of macros are not among them.
    pub fn references(&self) -> Vec<Reference> {
        reference::references(&self.ast)
    }

    /// The type of the expression's value, or everything that is wrong with it.
    pub fn check(&self, scope: &Scope) -> Result<Type, Vec<ExprError>> {
        check::check(&self.ast, scope)
    }

    /// The most that one evaluation can cost, for an expression that passes the check; `None` when that depends on values of
    /// unknown size. The algorithm is that of cel-go's estimate, `checker/cost.go`.
    pub fn worst_cost(&self, scope: &Scope) -> Option<Cost> {
        cost::worst(&self.ast, scope)
    }

    /// Refuses an expression that a budget cannot pay for, as far as that is known before it runs.
    pub fn affordable(&self, scope: &Scope, budget: &Budget) -> Result<(), ExprError> {
        let Some(worst) = self.worst_cost(scope) else { return Ok(()) };
        let Some((what, needed, left)) = budget.lacks(worst) else { return Ok(()) };
        let message = format!("the expression can take {needed} {what}, and its budget is {left}");
        Err(ExprError::new(self.ast.node(self.ast.root).span, message).help("work on fewer elements, or let a task do this"))
    }

    /// The value of the expression, within a budget. Total: every failure is an error with a place, a code and a message.
    pub fn eval(&self, env: &Env<'_>, budget: &mut Budget) -> Result<Value, EvalError> {
        eval::eval(&self.ast, env, budget)
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.source())
    }
}

impl fmt::Debug for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expr").field(&self.source()).finish()
    }
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

impl Eq for Expr {}

impl Serialize for Expr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.source())
    }
}

impl<'de> Deserialize<'de> for Expr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let source = String::deserialize(deserializer)?;
        Self::parse(&source).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
