//! What stands behind a value (fields, indexes, methods), and functions and macros.

use std::sync::Arc;

use super::ast::{FoldKind, Kind, Missing, Name, NodeId};
use super::functions::{self, Function, Uses};
use super::lex::Token;
use super::parse::{Parsed, Parser};
use super::{ExprError, Span};
use crate::types::{Value, did_you_mean};

impl Parser<'_> {
    /// Fields, indexes and methods behind a value.
    pub(super) fn postfix(&mut self, mut of: NodeId) -> Parsed<NodeId> {
        loop {
            of = match &self.token {
                Token::Symbol(".") => self.member(of)?,
                Token::Symbol(".?") => {
                    self.advance()?;
                    let name = self.member_name()?;
                    let span = self.span_of(of).to(name.span);
                    self.add(span, Kind::Select { of, name, missing: Missing::IsNothing }, &[of])?
                }
                Token::Symbol("[") => self.index(of, self.follows(of))?,
                Token::Symbol("[?") => self.index(of, Missing::IsNothing)?,
                _ => return Ok(of),
            };
        }
    }

    /// What `.name` means after this: nothing of nothing is nothing in a chain that began with `.?`.
    fn follows(&self, of: NodeId) -> Missing {
        match &self.nodes[of.0].kind {
            Kind::Select { missing, .. } | Kind::Index { missing, .. } if *missing != Missing::Fails => Missing::Follows,
            _ => Missing::Fails,
        }
    }

    fn member_name(&mut self) -> Parsed<Name> {
        let span = self.span;
        let text = match self.token {
            Token::Word(name) | Token::Quoted(name) => Arc::from(name),
            _ => return Err(self.unexpected("the name of a field")),
        };
        self.advance()?;
        Ok(Name { text, span })
    }

    fn member(&mut self, of: NodeId) -> Parsed<NodeId> {
        self.advance()?;
        let may_be_method = matches!(self.token, Token::Word(_));
        let name = self.member_name()?;
        if may_be_method && self.token == Token::Symbol("(") {
            return self.method(of, &name);
        }
        self.select(of, name)
    }

    fn select(&mut self, of: NodeId, name: Name) -> Parsed<NodeId> {
        let span = self.span_of(of).to(name.span);
        let missing = self.follows(of);
        let node = &mut self.nodes[of.0];
        if let Kind::Path(path) = &mut node.kind {
            path.fields.push(name);
            node.span = span;
            return Ok(of);
        }
        self.add(span, Kind::Select { of, name, missing }, &[of])
    }

    fn index(&mut self, of: NodeId, missing: Missing) -> Parsed<NodeId> {
        self.advance()?;
        let at = self.expression()?;
        self.expect("]", "`]`")?;
        let span = Span::new(self.span_of(of).start, self.last_end);
        if let Kind::Literal(Value::String(text)) = &self.nodes[at.0].kind {
            // A constant name in brackets is a field like any other.
            let name = Name { text: Arc::clone(text), span: self.span_of(at) };
            let id = if missing == Missing::IsNothing {
                self.add(span, Kind::Select { of, name, missing }, &[of])?
            } else {
                self.select(of, name)?
            };
            self.nodes[id.0].span = span;
            return Ok(id);
        }
        self.add(span, Kind::Index { of, at, missing }, &[of, at])
    }

    /// A function, from its opening parenthesis on.
    pub(super) fn function(&mut self, name: &str, span: Span) -> Parsed<NodeId> {
        let name = Name { text: Arc::from(name), span };
        let function = self.known(&name)?;
        match function.uses {
            Uses::Has => self.has(span),
            Uses::Fold(_) => {
                let error = ExprError::new(span, format!("`{}` is written behind a list or a map", name.text));
                Err(error.help(function.signatures()[0].clone()))
            }
            Uses::Overloads(_) => {
                self.advance()?;
                let args = self.arguments(Vec::new())?;
                self.call(function, args, span)
            }
        }
    }

    fn method(&mut self, of: NodeId, name: &Name) -> Parsed<NodeId> {
        let function = self.known(name)?;
        match function.uses {
            Uses::Has => Err(ExprError::new(name.span, "`has` is written in front: `has(a.b)`")),
            Uses::Fold(kind) => self.nested(|parser| parser.fold(kind, of, function)),
            Uses::Overloads(_) => {
                self.advance()?;
                let args = self.arguments(vec![of])?;
                let start = self.span_of(of);
                self.call(function, args, start)
            }
        }
    }

    fn known(&self, name: &Name) -> Parsed<&'static Function> {
        functions::find(&name.text).ok_or_else(|| {
            let error = ExprError::new(name.span, format!("there is no function `{}`", name.text));
            match did_you_mean(&name.text, functions::names()).or_else(|| functions::other_name(&name.text)) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error,
            }
        })
    }

    fn arguments(&mut self, mut args: Vec<NodeId>) -> Parsed<Vec<NodeId>> {
        while self.token != Token::Symbol(")") {
            args.push(self.expression()?);
            if !self.took(",")? {
                break;
            }
        }
        self.expect(")", "`,` or `)`")?;
        Ok(args)
    }

    fn call(&mut self, function: &'static Function, args: Vec<NodeId>, start: Span) -> Parsed<NodeId> {
        let mut pattern = None;
        if function.name == "matches"
            && let Some(Kind::Literal(Value::String(text))) = args.get(1).map(|id| &self.nodes[id.0].kind)
        {
            let compiled = functions::compile_pattern(text);
            pattern = Some(Box::new(compiled.map_err(|problem| ExprError::new(self.span_of(args[1]), problem))?));
        }
        let below = args.clone();
        self.add(Span::new(start.start, self.last_end), Kind::Call { function, args, pattern }, &below)
    }

    /// `has(a.b)`, from its opening parenthesis on.
    fn has(&mut self, start: Span) -> Parsed<NodeId> {
        self.advance()?;
        let inside = self.expression()?;
        self.expect(")", "`)`: `has` takes one field")?;
        let span = Span::new(start.start, self.last_end);
        let node = &mut self.nodes[inside.0];
        let (of, name) = match &mut node.kind {
            Kind::Path(path) => {
                let last = path.fields.pop();
                node.span = path.span();
                (inside, last)
            }
            Kind::Select { of, name, .. } => (*of, Some(name.clone())),
            _ => (inside, None),
        };
        match name {
            Some(name) => self.add(span, Kind::Has { of, name }, &[of, inside]),
            None => {
                let error = ExprError::new(self.span_of(inside), "`has` asks for a field, and this is none");
                Err(error.help("write `has(a.b)`"))
            }
        }
    }

    /// A macro, from its opening parenthesis on.
    fn fold(&mut self, kind: FoldKind, over: NodeId, function: &'static Function) -> Parsed<NodeId> {
        self.advance()?;
        let help = || function.signatures()[0].clone();
        let variable: Arc<str> = match self.token {
            Token::Word(name) if !matches!(name, "true" | "false" | "null" | "in") => Arc::from(name),
            _ => return Err(self.unexpected("the name of a variable").help(help())),
        };
        self.advance()?;
        self.expect(",", "`,` and what to compute with the variable").map_err(|error| error.help(help()))?;
        self.variables.push(variable);
        let body = self.expression()?;
        let then = if kind == FoldKind::Map && self.took(",")? { Some(self.expression()?) } else { None };
        self.variables.pop();
        self.expect(")", "`)`").map_err(|error| error.help(help()))?;
        let span = Span::new(self.span_of(over).start, self.last_end);
        let mut below = vec![over, body];
        below.extend(then);
        self.add(span, Kind::Fold { kind, over, body, then }, &below)
    }
}
