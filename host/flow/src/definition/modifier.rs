//! What can be said of any step: time, retries, grants.

use std::sync::Arc;

use super::diagnostic::{Code, Diagnostic};
use super::reader::{Reader, shorten};
use super::source::Spanned;
use super::tree::{Node, NodeKind};
use crate::plan::{FileRule, Grant, HttpRule, SecretRule};

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetryDef {
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
}

impl RetryDef {
    /// What is said here, and for the rest what `other` says.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            attempts: self.attempts.or(other.attempts),
            backoff: self.backoff.or(other.backoff),
            first_ms: self.first_ms.or(other.first_ms),
            max_ms: self.max_ms.or(other.max_ms),
            jitter: self.jitter.or(other.jitter),
        }
    }
}

/// What can be said of any step, and in `defaults` of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modifiers {
    /// How long one attempt may take, in milliseconds.
    pub timeout_ms: Option<u64>,
    /// When and how often to try again.
    pub retry: RetryDef,
}

/// The most attempts a step may ask for.
const ATTEMPTS_MAX: u64 = 1_000;

impl Reader<'_> {
    pub(super) fn defaults(&mut self, node: &Node) -> Modifiers {
        let Some(keys) = self.keys(node, "`defaults`", &["timeout", "retry"]) else { return Modifiers::default() };
        Modifiers {
            timeout_ms: keys.get("timeout").and_then(|node| self.duration(node, "`timeout`")),
            retry: keys.get("retry").map(|node| self.retry(node)).unwrap_or_default(),
        }
    }

    pub(super) fn retry(&mut self, node: &Node) -> RetryDef {
        if matches!(node.kind, NodeKind::Scalar { .. }) {
            return RetryDef { attempts: self.attempts(node), ..RetryDef::default() };
        }
        let Some(keys) = self.keys(node, "`retry`", &["attempts", "backoff", "first", "max", "jitter"]) else {
            return RetryDef::default();
        };
        let backoffs = [("exponential", Backoff::Exponential), ("linear", Backoff::Linear), ("fixed", Backoff::Fixed)];
        let jitters = [("full", Jitter::Full), ("equal", Jitter::Equal), ("none", Jitter::None)];
        RetryDef {
            attempts: keys.get("attempts").and_then(|node| self.attempts(node)),
            backoff: keys.get("backoff").and_then(|node| self.word(node, "`backoff`", &backoffs)),
            first_ms: keys.get("first").and_then(|node| self.duration(node, "`retry.first`")),
            max_ms: keys.get("max").and_then(|node| self.duration(node, "`retry.max`")),
            jitter: keys.get("jitter").and_then(|node| self.word(node, "`jitter`", &jitters)),
        }
    }

    fn attempts(&mut self, node: &Node) -> Option<u32> {
        self.integer(node, "`retry.attempts`", 1..=ATTEMPTS_MAX).and_then(|attempts| u32::try_from(attempts).ok())
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&mut self, node: &Node, of: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(node, "a word")?;
        let found = words.iter().find(|(word, _)| **word == *text.value).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let near = crate::types::did_you_mean(&text.value, known.iter().copied());
            let help = near.map_or_else(|| format!("one of: {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
            self.problem(Diagnostic::new(Code::WrongShape, node.span, format!("{of} is `{}`", shorten(&text.value))).help(help));
        }
        found
    }

    pub(super) fn grant(&mut self, node: &Node) -> Spanned<Grant> {
        let mut grant = Grant::default();
        let known = ["http", "files", "config", "secrets", "scratch", "memory"];
        if let Some(keys) = self.keys(node, "`grant`", &known) {
            grant.http = keys.get("http").map(|node| self.rules(node, HttpRule::parse)).unwrap_or_default();
            grant.files = keys.get("files").map(|node| self.rules(node, FileRule::parse)).unwrap_or_default();
            grant.config = keys.get("config").map(|node| self.names(node)).unwrap_or_default();
            grant.secrets = keys.get("secrets").map(|node| self.secrets(node)).unwrap_or_default();
            let yes_no = [("true", true), ("false", false)];
            grant.scratch = keys.get("scratch").and_then(|node| self.word(node, "`scratch`", &yes_no)).unwrap_or(false);
            grant.memory = keys.get("memory").and_then(|node| self.size(node, "`memory`"));
        }
        self.refuse_both_modes(node, &grant);
        Spanned::new(grant, node.span)
    }

    /// One directory cannot be both read-only and writable: which of the two a path meant would depend on its spelling.
    fn refuse_both_modes(&mut self, node: &Node, grant: &Grant) {
        for (at, rule) in grant.files.iter().enumerate() {
            if let Some(other) = grant.files[..at].iter().find(|other| other.mount == rule.mount) {
                let message = format!("`{rule}` and `{other}` give the same name to two directories");
                self.problem(
                    Diagnostic::new(Code::BadGrant, node.span, message).help("give one of them another name: `read DIRECTORY as NAME`"),
                );
            }
        }
    }

    fn rules<T>(&mut self, node: &Node, parse: fn(&str) -> Result<T, String>) -> Vec<T> {
        let mut rules = Vec::new();
        for item in self.list(node) {
            let Some(text) = self.text(item, "a text") else { continue };
            match parse(&text.value) {
                Ok(rule) => rules.push(rule),
                Err(message) => self.problem(Diagnostic::new(Code::BadGrant, item.span, message)),
            }
        }
        rules
    }

    pub(super) fn names(&mut self, node: &Node) -> Vec<Arc<str>> {
        self.list(node).iter().filter_map(|item| self.text(item, "a name").map(|text| text.value)).collect()
    }

    fn secrets(&mut self, node: &Node) -> Vec<SecretRule> {
        let mut secrets = Vec::new();
        for item in self.list(node) {
            let rule = match &item.kind {
                NodeKind::Map(_) => self.keys(item, "a secret", &["name", "hosts"]).and_then(|keys| {
                    let name = keys.get("name").and_then(|node| self.text(node, "a name"));
                    let hosts = keys.get("hosts").map(|node| self.names(node)).unwrap_or_default();
                    if name.is_none() {
                        self.problem(Diagnostic::new(Code::MissingKey, keys.span, "a secret needs a `name`"));
                    }
                    Some(SecretRule { name: name?.value, hosts: hosts.iter().map(|host| host.to_ascii_lowercase()).collect() })
                }),
                _ => self.text(item, "a name").map(|text| SecretRule { name: text.value, hosts: Vec::new() }),
            };
            secrets.extend(rule);
        }
        secrets
    }
}
