//! Handlers: what is done about a failure, after a step, and to undo it.

use std::sync::Arc;

use super::action::{ActionDef, ActionKind};
use super::diagnostic::{Code, Diagnostic};
use super::keys::Place;
use super::modifier::{RetryDef, TimeoutDef};
use super::reader::{Reader, shorten};
use super::source::{Span, Spanned};
use super::template::Template;
use super::tree::{Node, NodeKind};

/// An action that belongs to a step.
#[derive(Clone, Debug)]
pub struct HandlerDef {
    /// Where the key stands that it is written under.
    pub span: Span,
    /// What is done.
    pub action: ActionDef,
    /// How long it may take.
    pub timeout: Option<Spanned<TimeoutDef>>,
    /// When and how often to try again.
    pub retry: Option<RetryDef>,
}

/// One entry of `on-error`.
#[derive(Clone, Debug)]
pub struct OnErrorDef {
    /// The code it is for; nothing for `any`.
    pub code: Option<Arc<str>>,
    /// Where the code stands.
    pub span: Span,
    /// What is done.
    pub then: ThenDef,
}

/// What is done about a failure.
#[derive(Clone, Debug)]
pub enum ThenDef {
    /// It stays a failure.
    Fail,
    /// This value is the result.
    Value(Template),
    /// The result of an action is the result.
    Action(Box<HandlerDef>),
}

/// Whether a text can be the code of a failure: a task's own, or the engine's with a dot.
pub fn is_error_code(text: &str) -> bool {
    let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    text.len() <= 64 && text.splitn(2, '.').all(word)
}

impl Reader<'_> {
    /// The code of a failure.
    pub(super) fn error_code(&mut self, text: &str, span: Span) -> Option<Arc<str>> {
        let good = is_error_code(text);
        if !good {
            let message = format!("`{}` is no code of a failure", shorten(text));
            self.problem(
                Diagnostic::new(Code::BadName, span, message)
                    .help("a task's codes are 1 to 64 characters of a-z, 0-9 and `-`; the engine's have a dot, such as `limit.time`"),
            );
        }
        good.then(|| Arc::from(text))
    }

    pub(super) fn on_error(&mut self, node: &Node, of: &str) -> Vec<OnErrorDef> {
        let Some(pairs) = self.pairs(node, "a mapping from codes, or `any`, to what is done") else { return Vec::new() };
        let mut entries = Vec::new();
        let mut any: Option<Span> = None;
        for (key, span, node) in pairs {
            if let Some(before) = any {
                let message = format!("`{}` comes after `any`, which fits every failure", shorten(key));
                self.problem(
                    Diagnostic::new(Code::HandlerAfterAny, span, message).help("move `any` to the end").label(before, "fits first"),
                );
            }
            let code = if key == "any" { None } else { self.error_code(key, span) };
            any = any.or((key == "any").then_some(span));
            let then = self.then(node, key, of, span);
            if let (Some(then), true) = (then, code.is_some() || key == "any") {
                entries.push(OnErrorDef { code, span, then });
            }
        }
        entries
    }

    fn then(&mut self, node: &Node, code: &str, of: &str, span: Span) -> Option<ThenDef> {
        if let NodeKind::Scalar { text, .. } = &node.kind {
            if text == "fail" {
                return Some(ThenDef::Fail);
            }
            self.wrong_shape(node, "`fail`, `{ value: … }` or an action");
            return None;
        }
        let handler = self.handler(node, &format!("`{}` in `on-error` of {of}", shorten(code)), span)?;
        Some(match handler.action.kind {
            ActionKind::Value(template) => ThenDef::Value(template),
            _ => ThenDef::Action(Box::new(handler)),
        })
    }

    /// An action with what may be said of it; `of` says whose it is.
    pub(super) fn handler(&mut self, node: &Node, of: &str, span: Span) -> Option<HandlerDef> {
        let keys = self.keys(node, Place::Handler)?;
        let timeout = keys.get("timeout").and_then(|node| self.timeout(node));
        let retry = keys.get("retry").map(|node| self.retry(node));
        let action = self.action(&keys, of, span)?;
        if let Some(timeout) = &timeout {
            self.check_timeout(timeout, &[&action]);
        }
        Some(HandlerDef { span, action, timeout, retry })
    }
}
