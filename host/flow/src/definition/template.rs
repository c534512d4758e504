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
    /// The first byte of its text in the file; unknown where the file's text was unescaped or folded.
    pub base: Option<usize>,
    /// The whole scalar.
    pub span: Span,
}

impl ExprAt {
    /// The place in the file of a place in the expression.
    pub fn place(&self, within: Span) -> Span {
        self.base.map_or(self.span, |base| Span::new(base + within.start, base + within.end))
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
        let raw = self.source.slice(node.span);
        let base = raw.find(text).map(|at| node.span.start + at);
        match Expr::parse(text) {
            Ok(expr) => Some(ExprAt { expr, base, span: node.span }),
            Err(error) => {
                let span = base.map_or(node.span, |base| Span::new(base + error.span.start, base + error.span.end));
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
