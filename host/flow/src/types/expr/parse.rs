//! Tokens → nodes: precedence climbing, bounded in size and depth.
//!
//! | level | operators |
//! | --- | --- |
//! | 0 | `c ? a : b` |
//! | 1 | `\|\|` |
//! | 2 | `&&` |
//! | 3 | `==` `!=` `<` `<=` `>` `>=` `in` |
//! | 4 | `+` `-` |
//! | 5 | `*` `/` `%` |
//! | 6 | `!` `-` in front |
//! | 7 | `.name` `.?name` `[at]` `[?at]` `.method(…)` |

use std::sync::Arc;

use super::ast::{Arithmetic, Ast, Comparison, Entry, Kind, Name, Node, NodeId, Path, Root};
use super::lex::{Lexer, Token};
use super::{Expr, ExprError, Span};
use crate::types::Value;

pub(super) type Parsed<T> = Result<T, ExprError>;

pub(super) fn parse(source: &str) -> Parsed<Ast> {
    if source.len() > Expr::SOURCE_BYTES_MAX {
        let message = format!("the expression has {} bytes, and the limit is {}", source.len(), Expr::SOURCE_BYTES_MAX);
        return Err(ExprError::new(Span::new(0, source.len()), message).help("let a task do this"));
    }
    let mut lexer = Lexer::new(source);
    let (token, span) = lexer.next()?;
    let mut parser = Parser {
        lexer,
        token,
        span,
        last_end: 0,
        nesting: 0,
        nodes: Vec::with_capacity(8),
        heights: Vec::with_capacity(8),
        depths: Vec::with_capacity(8),
        patterns: 0,
        variables: Vec::new(),
    };
    if parser.token == Token::End {
        return Err(ExprError::new(span, "there is no expression").help("write a value, such as `inputs.region`"));
    }
    let root = parser.expression()?;
    if parser.token != Token::End {
        return Err(parser.unexpected("an operator or the end of the expression"));
    }
    Ok(Ast { source: source.into(), nodes: parser.nodes, root })
}

pub(super) struct Parser<'a> {
    lexer: Lexer<'a>,
    pub(super) token: Token<'a>,
    pub(super) span: Span,
    /// Where the token before this one ended.
    pub(super) last_end: usize,
    nesting: usize,
    pub(super) nodes: Vec<Node>,
    /// How many nodes lie in each other below each node.
    heights: Vec<usize>,
    /// How many lists and maps each node puts around the values that it takes from outside or from a variable, at most.
    depths: Vec<usize>,
    /// How many patterns were compiled.
    pub(super) patterns: usize,
    /// The variables of the macros around.
    pub(super) variables: Vec<Arc<str>>,
}

/// The level of a binary operator.
fn level(token: &Token<'_>) -> Option<u8> {
    Some(match token {
        Token::Symbol("||") => 1,
        Token::Symbol("&&") => 2,
        Token::Symbol("==" | "!=" | "<" | "<=" | ">" | ">=") | Token::Word("in") => 3,
        Token::Symbol("+" | "-") => 4,
        Token::Symbol("*" | "/" | "%") => 5,
        _ => return None,
    })
}

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Parsed<NodeId> {
        self.nested(|parser| {
            let condition = parser.binary(1)?;
            if !parser.took("?")? {
                return Ok(condition);
            }
            let then = parser.expression()?;
            parser.expect(":", "`:` and the value for when the condition is false")?;
            let otherwise = parser.expression()?;
            let span = parser.span_of(condition).to(parser.span_of(otherwise));
            parser.add(span, Kind::If { condition, then, otherwise }, &[condition, then, otherwise])
        })
    }

    /// Everything that recurses goes through here, so that no source can exhaust the stack.
    pub(super) fn nested<T>(&mut self, inside: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.nesting == Expr::DEPTH_MAX {
            return Err(self.too_deep(self.span));
        }
        self.nesting += 1;
        let result = inside(self);
        self.nesting -= 1;
        result
    }

    /// Operators of this level and tighter ones.
    fn binary(&mut self, min: u8) -> Parsed<NodeId> {
        let mut left = self.unary()?;
        while let Some(level) = level(&self.token).filter(|level| *level >= min) {
            left = match level {
                1 | 2 => self.logic(left, level)?,
                3 => self.comparison(left)?,
                _ => self.arithmetic(left, level)?,
            };
        }
        Ok(left)
    }

    fn logic(&mut self, first: NodeId, at: u8) -> Parsed<NodeId> {
        let mut operands = vec![first];
        while level(&self.token) == Some(at) {
            self.advance()?;
            operands.push(self.binary(at + 1)?);
        }
        let span = self.span_of(first).to(self.span_of(operands[operands.len() - 1]));
        let below = operands.clone();
        self.add(span, if at == 1 { Kind::Or(operands) } else { Kind::And(operands) }, &below)
    }

    fn comparison(&mut self, left: NodeId) -> Parsed<NodeId> {
        let op = match &self.token {
            Token::Symbol("==") => Comparison::Equal,
            Token::Symbol("!=") => Comparison::NotEqual,
            Token::Symbol("<") => Comparison::Less,
            Token::Symbol("<=") => Comparison::LessOrEqual,
            Token::Symbol(">") => Comparison::Greater,
            Token::Symbol(">=") => Comparison::GreaterOrEqual,
            _ => Comparison::In,
        };
        self.advance()?;
        let right = self.binary(4)?;
        let span = self.span_of(left).to(self.span_of(right));
        if level(&self.token) == Some(3) {
            let error = ExprError::new(self.span, "comparisons cannot be chained");
            return Err(error.help("write `a < b && b < c`, or put one of them in parentheses"));
        }
        self.add(span, Kind::Compare { op, left, right }, &[left, right])
    }

    fn arithmetic(&mut self, first: NodeId, at: u8) -> Parsed<NodeId> {
        let mut rest = Vec::new();
        let mut below = vec![first];
        while level(&self.token) == Some(at) {
            let op = match &self.token {
                Token::Symbol("+") => Arithmetic::Add,
                Token::Symbol("-") => Arithmetic::Subtract,
                Token::Symbol("*") => Arithmetic::Multiply,
                Token::Symbol("/") => Arithmetic::Divide,
                _ => Arithmetic::Remainder,
            };
            self.advance()?;
            let operand = self.binary(at + 1)?;
            rest.push((op, operand));
            below.push(operand);
        }
        let span = self.span_of(first).to(self.span_of(below[below.len() - 1]));
        self.add(span, Kind::Chain { first, rest }, &below)
    }

    fn unary(&mut self) -> Parsed<NodeId> {
        let start = self.span;
        if self.took("!")? {
            let of = self.nested(Self::unary)?;
            return self.add(start.to(self.span_of(of)), Kind::Not(of), &[of]);
        }
        if self.took("-")? {
            // The least whole number has no positive twin, so a sign before a literal belongs to it.
            if let Token::Literal(number @ (Value::Int(_) | Value::UInt(_) | Value::Float(_))) = &self.token {
                let span = start.to(self.span);
                let negative = negated(number).ok_or_else(|| ExprError::new(span, "the least whole number is -9223372036854775808"))?;
                self.advance()?;
                let literal = self.add(span, Kind::Literal(negative), &[])?;
                return self.postfix(literal);
            }
            let of = self.nested(Self::unary)?;
            return self.add(start.to(self.span_of(of)), Kind::Negate(of), &[of]);
        }
        let primary = self.primary()?;
        self.postfix(primary)
    }

    fn primary(&mut self) -> Parsed<NodeId> {
        let start = self.span;
        match self.token.clone() {
            Token::Literal(value) => {
                self.advance()?;
                self.add(start, Kind::Literal(value), &[])
            }
            Token::Word(word) => {
                self.advance()?;
                match word {
                    "true" => self.add(start, Kind::Literal(Value::Bool(true)), &[]),
                    "false" => self.add(start, Kind::Literal(Value::Bool(false)), &[]),
                    "null" => self.add(start, Kind::Literal(Value::Null), &[]),
                    "in" => Err(ExprError::new(start, "`in` stands between an element and a list, or a name and a map")),
                    _ if self.token == Token::Symbol("(") => self.function(Name { text: Arc::from(word), span: start }),
                    _ => self.name(word, start),
                }
            }
            Token::Quoted(name) => {
                self.advance()?;
                self.name(name, start)
            }
            Token::Symbol("(") => {
                self.advance()?;
                let inside = self.expression()?;
                self.expect(")", "`)`")?;
                self.nodes[inside.0].span = Span::new(start.start, self.last_end);
                Ok(inside)
            }
            Token::Symbol("[") => self.list(false),
            Token::Symbol("[?") => self.list(true),
            Token::Symbol("{") => self.map(),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn name(&mut self, name: &str, span: Span) -> Parsed<NodeId> {
        let local = self.variables.iter().rposition(|variable| &**variable == name);
        let (root, text) = match local {
            Some(slot) => (Root::Local(slot), Arc::clone(&self.variables[slot])),
            None => (Root::Outside, Arc::from(name)),
        };
        self.add(span, Kind::Path(Path { root, name: Name { text, span }, fields: Vec::new() }), &[])
    }

    /// A list, from its bracket on; `[?` is one token, which says that the first element may be nothing.
    fn list(&mut self, first_if_any: bool) -> Parsed<NodeId> {
        let start = self.span;
        self.advance()?;
        let mut entries = Vec::new();
        let mut if_any = first_if_any;
        while if_any || self.token != Token::Symbol("]") {
            let entry = if if_any || self.took("?")? { Entry::IfAny } else { Entry::Always };
            entries.push((entry, self.expression()?));
            if_any = false;
            if !self.took(",")? {
                break;
            }
        }
        self.expect("]", "`,` or `]`")?;
        let below: Vec<NodeId> = entries.iter().map(|(_, id)| *id).collect();
        self.add(Span::new(start.start, self.last_end), Kind::List(entries), &below)
    }

    fn map(&mut self) -> Parsed<NodeId> {
        let start = self.span;
        self.advance()?;
        let mut entries = Vec::new();
        let mut below = Vec::new();
        while self.token != Token::Symbol("}") {
            let entry = if self.took("?")? { Entry::IfAny } else { Entry::Always };
            let key = self.expression()?;
            self.check_key(key, &entries)?;
            self.expect(":", "`:` and the value of this name")?;
            let value = self.expression()?;
            entries.push((entry, key, value));
            below.extend([key, value]);
            if !self.took(",")? {
                break;
            }
        }
        self.expect("}", "`,` or `}`")?;
        self.add(Span::new(start.start, self.last_end), Kind::Map(entries), &below)
    }

    fn check_key(&self, key: NodeId, entries: &[(Entry, NodeId, NodeId)]) -> Parsed<()> {
        let span = self.span_of(key);
        match &self.nodes[key.0].kind {
            Kind::Literal(Value::String(name)) => {
                let same = |other: &NodeId| matches!(&self.nodes[other.0].kind, Kind::Literal(Value::String(known)) if known == name);
                let twice = entries.iter().any(|(_, other, _)| same(other));
                if twice { Err(ExprError::new(span, format!("the name {name:?} stands twice in this map"))) } else { Ok(()) }
            }
            Kind::Literal(other) => {
                let error = ExprError::new(span, format!("the names of a map are texts; this is {}", other.kind()));
                Err(error.help("put it in quotes"))
            }
            _ => Ok(()),
        }
    }

    /// Adds a node above others.
    pub(super) fn add(&mut self, span: Span, kind: Kind, below: &[NodeId]) -> Parsed<NodeId> {
        if self.nodes.len() == Expr::NODES_MAX {
            let message = format!("the expression has more than {} parts", Expr::NODES_MAX);
            return Err(ExprError::new(span, message).help("let a task do this"));
        }
        let height = below.iter().map(|id| self.heights[id.0]).max().unwrap_or(0) + 1;
        if height > Expr::DEPTH_MAX {
            return Err(self.too_deep(span));
        }
        let depth = self.depth(&kind, below);
        if depth > Expr::DEPTH_MAX {
            return Err(self.too_deep(span));
        }
        self.nodes.push(Node { span, kind });
        self.heights.push(height);
        self.depths.push(depth);
        Ok(NodeId(self.nodes.len() - 1))
    }

    /// How many lists and maps may lie around what a node takes from outside. A variable has the depth of what it stands for, so
    /// that macros in a row add up: what works on values recurses, and no source may make them deeper than the stack.
    fn depth(&self, kind: &Kind, below: &[NodeId]) -> usize {
        let depths = below.iter().map(|id| self.depths[id.0]);
        match kind {
            Kind::List(_) | Kind::Map(_) => depths.max().unwrap_or(0) + 1,
            Kind::Fold { .. } => depths.sum::<usize>() + 1,
            Kind::Bind { .. } => depths.sum(),
            Kind::Call { .. } => depths.max().unwrap_or(0) + 1,
            _ => depths.max().unwrap_or(0),
        }
    }

    /// Takes back the node that was added last.
    pub(super) fn take_back(&mut self) {
        self.nodes.pop();
        self.heights.pop();
        self.depths.pop();
    }

    /// Whether this symbol is the token after this one.
    pub(super) fn is_next(&self, symbol: &'static str) -> bool {
        self.lexer.clone().next().is_ok_and(|(token, _)| token == Token::Symbol(symbol))
    }

    fn too_deep(&self, span: Span) -> ExprError {
        let message = format!("parts of the expression lie deeper in each other than {}", Expr::DEPTH_MAX);
        ExprError::new(span, message).help("split it over several steps or outputs")
    }

    pub(super) fn span_of(&self, id: NodeId) -> Span {
        self.nodes[id.0].span
    }

    pub(super) fn advance(&mut self) -> Parsed<()> {
        self.last_end = self.span.end;
        (self.token, self.span) = self.lexer.next()?;
        Ok(())
    }

    /// Goes on when the token is this symbol.
    pub(super) fn took(&mut self, symbol: &'static str) -> Parsed<bool> {
        let there = self.token == Token::Symbol(symbol);
        if there {
            self.advance()?;
        }
        Ok(there)
    }

    pub(super) fn expect(&mut self, symbol: &'static str, expected: &str) -> Parsed<()> {
        if self.took(symbol)? { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    pub(super) fn unexpected(&self, expected: &str) -> ExprError {
        let found = match &self.token {
            Token::End => "the end of the expression".to_owned(),
            Token::Word(word) => format!("`{word}`"),
            Token::Quoted(name) => format!("`{name}` in backticks"),
            Token::Symbol(symbol) => format!("`{symbol}`"),
            Token::Literal(value) => super::super::ty::shown(value),
        };
        ExprError::new(self.span, format!("expected {expected}, found {found}"))
    }
}

/// The number with the other sign, if there is one.
fn negated(number: &Value) -> Option<Value> {
    match number {
        Value::Int(number) => number.checked_neg().map(Value::Int),
        Value::UInt(number) if *number == i64::MIN.unsigned_abs() => Some(Value::Int(i64::MIN)),
        Value::Float(number) => Some(Value::Float(-number)),
        _ => None,
    }
}
