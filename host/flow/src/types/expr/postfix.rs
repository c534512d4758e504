//! What stands behind a value (fields, indexes, methods), and functions and macros.

use std::sync::Arc;

use super::ast::{BindKind, Entry, FoldKind, Kind, Missing, Name, NodeId, Root, Variables};
use super::functions::{self, Function, Uses};
use super::lex::Token;
use super::parse::{Parsed, Parser};
use super::pattern::Pattern;
use super::{ExprError, Span};
use crate::types::{Type, Value, did_you_mean};

/// Most patterns of one expression: each takes time and memory to compile before anything is charged for it.
const PATTERNS_MAX: usize = 32;

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

    /// What `.name` means after this: in a chain that began with `.?`, or with a function that gives an option, it is `.?name`.
    fn follows(&self, of: NodeId) -> Missing {
        match &self.nodes[of.0].kind {
            Kind::Select { missing, .. } | Kind::Index { missing, .. } => *missing,
            Kind::Call { function, .. } if function.gives_option() => Missing::IsNothing,
            Kind::Bind { kind: BindKind::OptMap | BindKind::OptFlatMap, .. } => Missing::IsNothing,
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
            if let Some(full) = self.in_namespace(of, &name) {
                return self.namespaced(full);
            }
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

    /// The full name of a function such as `math.abs`, which stands where a field of `math` would.
    fn in_namespace(&self, of: NodeId, name: &Name) -> Option<Name> {
        let path = self.nodes[of.0].as_path()?;
        let space = &*path.name.text;
        let bare = path.root == Root::Outside && path.fields.is_empty() && of.0 + 1 == self.nodes.len();
        if !bare || !functions::is_namespace(space) {
            return None;
        }
        let text: Arc<str> = Arc::from(format!("{space}.{}", name.text));
        let known = functions::find(&text).is_some() || functions::find(&name.text).is_none();
        known.then(|| Name { text, span: path.name.span.to(name.span) })
    }

    /// A function in a namespace, whose name was read as a field and is taken back.
    fn namespaced(&mut self, name: Name) -> Parsed<NodeId> {
        self.take_back();
        self.function(name)
    }

    /// A function, from its opening parenthesis on.
    pub(super) fn function(&mut self, name: Name) -> Parsed<NodeId> {
        let span = name.span;
        let function = self.known(&name)?;
        match function.uses {
            Uses::Has => self.has(span),
            Uses::As => self.as_type(None, function, span),
            Uses::Bind(BindKind::Always) => self.nested(|parser| parser.bind(function, span)),
            Uses::Fold(_) | Uses::Bind(_) => {
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
            Uses::As => self.as_type(Some(of), function, self.span_of(of)),
            Uses::Fold(kind) => self.nested(|parser| parser.fold(kind, of, function)),
            Uses::Bind(kind) => self.nested(|parser| parser.bind_option(kind, of, function)),
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
            let wrong = |problem| ExprError::new(self.span_of(args[1]), problem);
            if self.patterns == PATTERNS_MAX {
                return Err(wrong(format!("the expression has more than {PATTERNS_MAX} patterns")).help("join them with `|` into one"));
            }
            pattern = Some(Box::new(Pattern::compile(text).map_err(wrong)?));
            self.patterns += 1;
        }
        let span = Span::new(start.start, self.last_end);
        let args = if function.takes_any_number && args.len() > 1 { vec![self.listed(args, span)?] } else { args };
        let below = args.clone();
        self.add(span, Kind::Call { function, args, pattern }, &below)
    }

    /// Arguments as one list, for a function that takes any number of them.
    fn listed(&mut self, args: Vec<NodeId>, span: Span) -> Parsed<NodeId> {
        let entries = args.iter().map(|arg| (Entry::Always, *arg)).collect();
        self.add(span, Kind::List(entries), &args)
    }

    /// `asType(value, type)`, from its opening parenthesis on.
    fn as_type(&mut self, of: Option<NodeId>, function: &'static Function, start: Span) -> Parsed<NodeId> {
        self.advance()?;
        let args = self.arguments(of.into_iter().collect())?;
        self.typed(&args, function, Span::new(start.start, self.last_end))
    }

    /// A value and a type, which is known now.
    fn typed(&mut self, args: &[NodeId], function: &'static Function, span: Span) -> Parsed<NodeId> {
        let [of, notation] = args else {
            return Err(ExprError::new(span, "`asType` takes a value and a type").help(function.signatures()[0].clone()));
        };
        let place = self.span_of(*notation);
        let Some(notation) = self.constant(*notation) else {
            let help = "write a type as in a workflow file: 'int', or {'fields': {'id': 'int'}}";
            return Err(ExprError::new(place, "the type must be written out").help(help));
        };
        let ty = Type::from_notation(&notation).map_err(|error| {
            let wrong = ExprError::new(place, error.to_string());
            error.help.map_or(wrong.clone(), |help| wrong.help(help))
        })?;
        self.add(span, Kind::As { of: *of, ty: Arc::new(ty) }, &[*of])
    }

    /// The value of what is written out: literals, and lists and maps of them.
    fn constant(&self, id: NodeId) -> Option<Value> {
        match &self.nodes[id.0].kind {
            Kind::Literal(value) => Some(value.clone()),
            Kind::List(entries) => {
                let items = entries.iter().map(|(entry, id)| (*entry == Entry::Always).then(|| self.constant(*id)).flatten());
                items.collect::<Option<Vec<_>>>().map(Value::list)
            }
            Kind::Map(entries) => {
                let fields = entries.iter().map(|(entry, key, value)| match self.constant(*key)? {
                    Value::String(name) if *entry == Entry::Always => Some((name, self.constant(*value)?)),
                    _ => None,
                });
                fields.collect::<Option<Vec<_>>>().map(Value::map)
            }
            _ => None,
        }
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

    /// A macro over elements, from its opening parenthesis on.
    fn fold(&mut self, kind: FoldKind, over: NodeId, function: &'static Function) -> Parsed<NodeId> {
        self.advance()?;
        let before = self.variables.len();
        let first = self.variable(function)?;
        self.variables.push(first);
        let mut variables = Variables::One;
        if kind.takes_two_variables() == Takes::Always || (kind.takes_two_variables() == Takes::Also && self.is_variable_and_more()) {
            let second = self.variable(function)?;
            self.variables.push(second);
            variables = Variables::Two;
        }
        let body = self.expression()?;
        let then = if kind.takes_condition() && self.took(",")? { Some(self.expression()?) } else { None };
        self.variables.truncate(before);
        self.close(function)?;
        let span = Span::new(self.span_of(over).start, self.last_end);
        let mut below = vec![over, body];
        below.extend(then);
        self.add(span, Kind::Fold { kind, over, variables, body, then }, &below)
    }

    /// `cel.bind(x, value, body)`, from its opening parenthesis on.
    fn bind(&mut self, function: &'static Function, start: Span) -> Parsed<NodeId> {
        self.advance()?;
        let variable = self.variable(function)?;
        let value = self.expression()?;
        self.comma(function)?;
        self.bound(BindKind::Always, variable, value, function, start)
    }

    /// `option.optMap(x, body)`, from its opening parenthesis on.
    fn bind_option(&mut self, kind: BindKind, of: NodeId, function: &'static Function) -> Parsed<NodeId> {
        self.advance()?;
        let variable = self.variable(function)?;
        let start = self.span_of(of);
        self.bound(kind, variable, of, function, start)
    }

    fn bound(&mut self, kind: BindKind, variable: Arc<str>, value: NodeId, function: &'static Function, start: Span) -> Parsed<NodeId> {
        self.variables.push(variable);
        let body = self.expression()?;
        self.variables.pop();
        self.close(function)?;
        self.add(Span::new(start.start, self.last_end), Kind::Bind { kind, value, body }, &[value, body])
    }

    /// The name of a variable and the comma after it.
    fn variable(&mut self, function: &'static Function) -> Parsed<Arc<str>> {
        let variable: Arc<str> = match self.token {
            Token::Word(name) if is_variable(name) => Arc::from(name),
            _ => return Err(self.unexpected("the name of a variable").help(function.signatures()[0].clone())),
        };
        self.advance()?;
        self.comma(function)?;
        Ok(variable)
    }

    /// Whether a second variable stands here: a name, and something after it.
    fn is_variable_and_more(&self) -> bool {
        matches!(self.token, Token::Word(name) if is_variable(name)) && self.is_next(",")
    }

    fn comma(&mut self, function: &'static Function) -> Parsed<()> {
        self.expect(",", "`,` and what to compute with the variable").map_err(|error| error.help(function.signatures()[0].clone()))
    }

    fn close(&mut self, function: &'static Function) -> Parsed<()> {
        self.expect(")", "`)`").map_err(|error| error.help(function.signatures()[0].clone()))
    }
}

fn is_variable(name: &str) -> bool {
    !matches!(name, "true" | "false" | "null" | "in")
}

/// Whether a macro has a second variable.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Never,
    Also,
    Always,
}

impl FoldKind {
    fn takes_two_variables(self) -> Takes {
        match self {
            Self::All | Self::Exists | Self::ExistsOne => Takes::Also,
            Self::TransformList | Self::TransformMap | Self::TransformMapEntry => Takes::Always,
            Self::Filter | Self::Map | Self::SortBy => Takes::Never,
        }
    }

    /// Whether a condition may stand before what is computed.
    fn takes_condition(self) -> bool {
        matches!(self, Self::Map | Self::TransformList | Self::TransformMap | Self::TransformMapEntry)
    }
}
