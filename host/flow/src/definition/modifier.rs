//! What may be said of any step: time, retries, locks, rates.

use std::sync::Arc;

use super::action::ActionDef;
use super::diagnostic::{Code, Diagnostic};
use super::keys::Place;
use super::reader::Reader;
use super::source::{Span, Spanned};
use super::template::{Template, TemplateKind};
use super::tree::{Node, NodeKind};
use crate::types::Value;

/// How the wait between attempts grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backoff {
    /// It doubles.
    Exponential,
    /// It grows by the first wait each time.
    Linear,
    /// It stays.
    Fixed,
}

/// How much of the wait is left to chance, so that many steps do not try again in one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Jitter {
    /// Anything from nothing to the whole wait.
    Full,
    /// Half the wait, and anything up to the other half.
    Equal,
    /// Nothing.
    None,
}

/// `retry`, as far as it is said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RetryDef {
    /// Where it stands.
    pub span: Span,
    /// Attempts in all, the first one counted.
    pub attempts: Option<u32>,
    /// How the wait grows.
    pub backoff: Option<Backoff>,
    /// The first wait, in milliseconds.
    pub first_ms: Option<u64>,
    /// The longest wait, in milliseconds.
    pub max_ms: Option<u64>,
    /// How much of it is left to chance.
    pub jitter: Option<Jitter>,
    /// Only failures with these codes are tried again; empty for all that may go well the next time.
    pub on: Vec<Spanned<Arc<str>>>,
}

impl RetryDef {
    /// What is said here, and for the rest what `other` says.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self {
            span: self.span,
            attempts: self.attempts.or(other.attempts),
            backoff: self.backoff.or(other.backoff),
            first_ms: self.first_ms.or(other.first_ms),
            max_ms: self.max_ms.or(other.max_ms),
            jitter: self.jitter.or(other.jitter),
            on: if self.on.is_empty() { other.on.clone() } else { self.on.clone() },
        }
    }
}

/// `timeout`, as far as it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutDef {
    /// A time alone: of each attempt, or of all where there are no attempts.
    One(u64),
    /// Both by name.
    Both {
        /// One attempt, in milliseconds.
        attempt_ms: Option<u64>,
        /// All of it, in milliseconds.
        total_ms: Option<u64>,
    },
}

/// What holds for every task step that does not say otherwise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defaults {
    /// How long it may take.
    pub timeout: Option<Spanned<TimeoutDef>>,
    /// When and how often to try again.
    pub retry: Option<RetryDef>,
}

/// `lock`.
#[derive(Clone, Debug)]
pub struct LockDef {
    /// Where its key stands.
    pub span: Span,
    /// Its name, a text.
    pub name: Template,
    /// How many may hold it at once.
    pub permits: Option<u32>,
}

/// `rate`.
#[derive(Clone, Debug)]
pub struct RateDef {
    /// Where its key stands.
    pub span: Span,
    /// So many starts …
    pub limit: u32,
    /// … in so many milliseconds.
    pub per_ms: u64,
    /// The name under which starts are counted.
    pub name: Option<Spanned<Arc<str>>>,
}

impl Reader<'_> {
    pub(super) fn defaults(&mut self, node: &Node) -> Defaults {
        let Some(keys) = self.keys(node, Place::Defaults) else { return Defaults::default() };
        Defaults { timeout: keys.get("timeout").and_then(|node| self.timeout(node)), retry: keys.get("retry").map(|node| self.retry(node)) }
    }

    pub(super) fn timeout(&mut self, node: &Node) -> Option<Spanned<TimeoutDef>> {
        if !matches!(node.kind, NodeKind::Map(_)) {
            return self.duration(node, "`timeout`").map(|ms| Spanned::new(TimeoutDef::One(ms), node.span));
        }
        let keys = self.keys(node, Place::Timeout)?;
        let attempt_ms = keys.get("attempt").and_then(|node| self.duration(node, "`timeout.attempt`"));
        let total_ms = keys.get("total").and_then(|node| self.duration(node, "`timeout.total`"));
        if let (Some(attempt), Some(total)) = (attempt_ms, total_ms)
            && total < attempt
        {
            let message = "`timeout.total` is shorter than `timeout.attempt`, which so is never reached";
            let place = keys.get("total").map_or(node.span, |node| node.span);
            self.problem(Diagnostic::new(Code::TimeoutOrder, place, message).help("make `attempt` the shorter one, or leave it out"));
        }
        Some(Spanned::new(TimeoutDef::Both { attempt_ms, total_ms }, node.span))
    }

    /// A timeout needs something that takes time, and attempts where it speaks of them.
    pub(super) fn check_timeout(&mut self, timeout: &Spanned<TimeoutDef>, actions: &[&ActionDef]) {
        let Some(first) = actions.first() else { return };
        if actions.iter().any(|action| action.is_task()) {
            return;
        }
        if actions.iter().all(|action| action.key() == "value") {
            let message = "`timeout` has no meaning here: a `value` is computed at once";
            self.problem(Diagnostic::new(Code::MisplacedKey, timeout.span, message).help("remove it").label(first.span, "takes no time"));
        } else if let TimeoutDef::Both { attempt_ms: Some(_), .. } = timeout.value {
            let message = format!("`timeout.attempt` has no meaning here: a `{}` has no attempts", first.key());
            self.problem(
                Diagnostic::new(Code::MisplacedKey, timeout.span, message)
                    .help("write `timeout: 30s`, which is how long it may take in all")
                    .label(first.span, "has no attempts"),
            );
        }
    }

    pub(super) fn retry(&mut self, node: &Node) -> RetryDef {
        let said = RetryDef { span: node.span, ..RetryDef::default() };
        if matches!(node.kind, NodeKind::Scalar { .. }) {
            return RetryDef { attempts: self.count(node, "`retry.attempts`", Place::Step, "retry"), ..said };
        }
        let Some(keys) = self.keys(node, Place::Retry) else { return said };
        RetryDef {
            attempts: keys.get("attempts").and_then(|node| self.count(node, "`retry.attempts`", Place::Retry, "attempts")),
            backoff: keys.get("backoff").and_then(|node| self.word(node, Place::Retry, "backoff")),
            first_ms: keys.get("first").and_then(|node| self.duration(node, "`retry.first`")),
            max_ms: keys.get("max").and_then(|node| self.duration(node, "`retry.max`")),
            jitter: keys.get("jitter").and_then(|node| self.word(node, Place::Retry, "jitter")),
            on: keys.get("on").map(|node| self.error_codes(node)).unwrap_or_default(),
            ..said
        }
    }

    fn error_codes(&mut self, node: &Node) -> Vec<Spanned<Arc<str>>> {
        let mut codes = Vec::new();
        for item in self.list(node) {
            let Some(text) = self.text(item, "a code") else { continue };
            codes.extend(self.error_code(&text.value, text.span).map(|code| Spanned::new(code, text.span)));
        }
        codes
    }

    pub(super) fn lock(&mut self, node: &Node, span: Span) -> Option<LockDef> {
        if !matches!(node.kind, NodeKind::Map(_)) {
            return Some(LockDef { span, name: self.text_template(node)?, permits: None });
        }
        let keys = self.keys(node, Place::Lock)?;
        let permits = keys.get("permits").and_then(|node| self.count(node, "`lock.permits`", Place::Lock, "permits"));
        let Some(name) = keys.get("name") else {
            self.missing(&keys, Place::Lock, "name");
            return None;
        };
        Some(LockDef { span, name: self.text_template(name)?, permits })
    }

    pub(super) fn rate(&mut self, node: &Node, span: Span) -> Option<RateDef> {
        let keys = self.keys(node, Place::Rate)?;
        for key in ["limit", "per"] {
            if keys.get(key).is_none() {
                self.missing(&keys, Place::Rate, key);
            }
        }
        let limit = keys.get("limit").and_then(|node| self.count(node, "`rate.limit`", Place::Rate, "limit"));
        let per_ms = keys.get("per").and_then(|node| self.duration(node, "`rate.per`"));
        let name = keys.get("name").and_then(|node| self.text(node, "a name"));
        let good = name.as_ref().is_none_or(|name| self.check_name(&name.value, name.span, "rate"));
        good.then_some(RateDef { span, limit: limit?, per_ms: per_ms?, name })
    }

    /// A text, literal or computed. What a literal looks like otherwise does not count: a lock may be named `17`.
    pub(super) fn text_template(&mut self, node: &Node) -> Option<Template> {
        let template = self.template(node)?;
        let text = match (&template.kind, &node.kind) {
            (TemplateKind::Expr(_), _) => return Some(template),
            (TemplateKind::Literal(_), NodeKind::Scalar { text, quoted }) if *quoted || !text.is_empty() => text.as_str(),
            _ => {
                self.wrong_shape(node, "a text, literal or computed");
                return None;
            }
        };
        Some(Template { span: node.span, kind: TemplateKind::Literal(Value::string(text)) })
    }
}
