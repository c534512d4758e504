//! Steps as they were written.

use std::sync::Arc;

use super::action::ActionDef;
use super::handler::{HandlerDef, OnErrorDef, ThenDef};
use super::keys::Place;
use super::modifier::{LockDef, RateDef, RetryDef, TimeoutDef};
use super::reader::{Keys, Reader};
use super::source::{Span, Spanned};
use super::structure::BodyDef;
use super::template::Template;
use super::tree::Node;

/// One step as it was written.
#[derive(Clone, Debug)]
pub struct StepDef {
    /// Its name.
    pub name: Spanned<Arc<str>>,
    /// What it is for.
    pub description: Arc<str>,
    /// What it does.
    pub body: BodyDef,
    /// Whether it is done at all.
    pub condition: Option<Template>,
    /// Steps that must have ended before, beyond those it refers to.
    pub needs: Vec<Spanned<Arc<str>>>,
    /// How long it may take.
    pub timeout: Option<Spanned<TimeoutDef>>,
    /// When and how often to try again.
    pub retry: Option<RetryDef>,
    /// What happens when it has failed for good, the first that fits.
    pub on_error: Vec<OnErrorDef>,
    /// What runs after it, however it ended.
    pub finally: Option<HandlerDef>,
    /// What undoes it.
    pub compensate: Option<HandlerDef>,
    /// What it holds while it runs.
    pub lock: Option<LockDef>,
    /// How often it may start.
    pub rate: Option<RateDef>,
    /// Where it says that its result may be taken from an earlier call, if it does.
    pub cache: Option<Span>,
    /// Where it says that an attempt of unknown outcome is never repeated by itself, if it does.
    pub at_most_once: Option<Span>,
    /// Which step goes first, −100 to 100.
    pub priority: Option<i32>,
}

impl StepDef {
    /// All actions of the step, and those of its handlers.
    pub fn all_actions(&self) -> impl Iterator<Item = &ActionDef> {
        let on_error = self.on_error.iter().filter_map(|entry| match &entry.then {
            ThenDef::Action(handler) => Some(&handler.action),
            ThenDef::Fail | ThenDef::Value(_) => None,
        });
        let after = self.finally.iter().chain(&self.compensate).map(|handler| &handler.action);
        self.body.actions().into_iter().chain(on_error).chain(after)
    }
}

/// The one word of `effect`.
#[derive(Clone, Copy, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum EffectWord {
    AtMostOnce,
}

impl Reader<'_> {
    pub(super) fn steps(&mut self, node: &Node) -> Vec<StepDef> {
        let named = self.named(node, "step");
        named.into_iter().filter_map(|(name, node)| self.step(name, node)).collect()
    }

    fn step(&mut self, name: Spanned<Arc<str>>, node: &Node) -> Option<StepDef> {
        let keys = self.keys(node, Place::Step)?;
        let of = format!("step `{}`", name.value);
        let description = self.description(&keys);
        let body = self.body(&keys, &of, name.span);
        let condition = keys.get("if").map(|node| self.template(node));
        let needs = keys.get("needs").map(|node| self.needs(node)).unwrap_or_default();
        let timeout = keys.get("timeout").and_then(|node| self.timeout(node));
        let retry = keys.get("retry").map(|node| self.retry(node));
        let on_error = keys.get("on-error").map(|node| self.on_error(node, &of)).unwrap_or_default();
        let finally = self.step_handler(&keys, "finally", &of);
        let compensate = self.step_handler(&keys, "compensate", &of);
        let lock = keys.entry("lock").and_then(|(span, node)| self.lock(node, span));
        let rate = keys.entry("rate").and_then(|(span, node)| self.rate(node, span));
        let cache = keys.entry("cache").filter(|(_, node)| self.flag(node, "cache") == Some(true)).map(|(span, _)| span);
        let effect = keys.entry("effect").map(|(span, node)| (span, self.word::<EffectWord>(node, Place::Step, "effect")));
        let at_most_once = effect.and_then(|(span, word)| word.map(|EffectWord::AtMostOnce| span));
        let priority = keys.get("priority").and_then(|node| self.priority(node));
        let body = body?;
        self.check_attempts(&keys, &body);
        if let Some(timeout) = &timeout {
            self.check_timeout(timeout, &body.actions());
        }
        // A condition that cannot be read must not leave a step that is always done.
        let condition = match condition {
            None => None,
            Some(read) => Some(read?),
        };
        Some(StepDef {
            name,
            description,
            body,
            condition,
            needs,
            timeout,
            retry,
            on_error,
            finally,
            compensate,
            lock,
            rate,
            cache,
            at_most_once,
            priority,
        })
    }

    /// Retries, caching and unknown outcomes are of attempts, which tasks alone have.
    fn check_attempts(&mut self, keys: &Keys<'_>, body: &BodyDef) {
        let actions = body.actions();
        if !matches!(body, BodyDef::Choose(_) | BodyDef::Race(_)) || actions.iter().any(|action| action.is_task()) {
            return;
        }
        for (name, span) in keys.among(&["retry", "cache", "effect"]) {
            self.misplaced(name, span, &["task"], actions.first().map(|action| (action.key(), action.span)).as_ref());
        }
    }

    fn step_handler(&mut self, keys: &Keys<'_>, key: &str, of: &str) -> Option<HandlerDef> {
        let (span, node) = keys.entry(key)?;
        self.handler(node, &format!("`{key}` of {of}"), span)
    }

    fn needs(&mut self, node: &Node) -> Vec<Spanned<Arc<str>>> {
        self.list(node).iter().filter_map(|item| self.text(item, "the name of a step")).collect()
    }

    pub(super) fn priority(&mut self, node: &Node) -> Option<i32> {
        self.integer(node, "`priority`", Place::Step, "priority").and_then(|priority| i32::try_from(priority).ok())
    }
}
