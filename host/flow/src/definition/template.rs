//! Values with expressions in them.

use std::sync::Arc;

use super::diagnostic::{Code, Diagnostic};
use super::reader::{Reader, shorten};
use super::source::Span;
use super::tree::{Node, NodeKind};
use crate::types::{Expr, Value};

/// A value of a workflow file: literal, or computed where a scalar is wholly `${ … }`.
///
/// The result of an expression is a value and is never scanned again.
#[derive(Clone, Debug)]
pub struct Template {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: TemplateKind,
}

/// What a template is.
#[derive(Clone, Debug)]
pub enum TemplateKind {
    /// A literal scalar.
    Literal(Value),
    /// An expression.
    Expr(ExprAt),
    /// A list of templates.
    List(Vec<Template>),
    /// Names with templates, and where each name stands.
    Map(Vec<(Arc<str>, Span, Template)>),
}

/// An expression together with where its text stands in the file.
#[derive(Clone, Debug)]
pub struct ExprAt {
    /// The expression.
    pub expr: Expr,
    /// Where the words of its text stand in the file.
    pub words: Words,
    /// The whole scalar.
    pub span: Span,
}

impl ExprAt {
    /// The place in the file of a place in the expression.
    pub fn place(&self, within: Span) -> Span {
        self.words.place(within).unwrap_or(self.span)
    }
}

/// Where each word of an expression stands: its first byte in the expression, and that in the file. White space between words may
/// differ, as it does where the expression goes over several lines. Empty where the file's text was unescaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(Vec<(usize, usize)>);

impl Words {
    /// Finds the words of `text` in `raw`, which is what the file has from byte `base` on.
    fn find(text: &str, raw: &str, base: usize) -> Self {
        let Some(mut at) = raw.find("${").map(|at| at + "${".len()) else { return Self::default() };
        let mut words = vec![(0, base + at)];
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let word = rest.split(char::is_whitespace).next().unwrap_or(rest);
            let written = raw[at..].trim_start();
            if !written.starts_with(word) {
                return Self::default();
            }
            at = raw.len() - written.len();
            words.push((text.len() - rest.len(), base + at));
            at += word.len();
            rest = rest[word.len()..].trim_start();
        }
        Self(words)
    }

    /// The place in the file of a place in the expression.
    fn place(&self, within: Span) -> Option<Span> {
        let in_file = |byte: usize| {
            let (word, place) = self.0[..self.0.partition_point(|(word, _)| *word <= byte)].last()?;
            Some(place + (byte - word))
        };
        let start = in_file(within.start)?;
        // The end belongs to the last byte before it: the word after it may stand on another line.
        let end = if within.end > within.start { in_file(within.end - 1)? + 1 } else { start };
        Some(Span::new(start, end))
    }
}

/// The text between `${` and `}` when a scalar is wholly an expression.
fn expression_text(text: &str) -> Option<&str> {
    text.trim().strip_prefix("${")?.strip_suffix('}')
}

impl Reader<'_> {
    /// Reads a value with expressions in it.
    pub(super) fn template(&mut self, node: &Node) -> Option<Template> {
        let kind = match &node.kind {
            NodeKind::List(items) => TemplateKind::List(items.iter().filter_map(|item| self.template(item)).collect()),
            NodeKind::Map(_) => {
                let pairs = self.pairs(node, "a mapping").unwrap_or_default();
                let entries = pairs.into_iter().filter_map(|(name, span, node)| Some((Arc::from(name), span, self.template(node)?)));
                TemplateKind::Map(entries.collect())
            }
            NodeKind::Scalar { text, .. } => match expression_text(text) {
                Some(inner) => TemplateKind::Expr(self.expression(inner, node)?),
                None => {
                    self.warn_dollar(text, node.span);
                    TemplateKind::Literal(node.scalar())
                }
            },
        };
        Some(Template { span: node.span, kind })
    }

    fn expression(&mut self, text: &str, node: &Node) -> Option<ExprAt> {
        let words = Words::find(text, self.source.slice(node.span), node.span.start);
        match Expr::parse(text) {
            Ok(expr) => Some(ExprAt { expr, words, span: node.span }),
            Err(error) => {
                let span = words.place(error.span).unwrap_or(node.span);
                self.problem(Diagnostic::new(Code::BadExpression, span, error.message).maybe_help(error.help));
                None
            }
        }
    }

    /// Text building is explicit; a `${` inside of a text is what people of other engines write by habit.
    fn warn_dollar(&mut self, text: &str, span: Span) {
        if let Some(at) = text.find("${") {
            let message =
                format!("`{}` is taken as it stands: only a value that is wholly `${{ … }}` is an expression", shorten(&text[at..]));
            self.problem(
                Diagnostic::new(Code::LiteralDollar, span, message).help("build the text inside: \"${ 'id-' + string(inputs.id) }\""),
            );
        }
    }
}
