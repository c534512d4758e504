//! Grants as they are written.

use std::sync::Arc;

use super::diagnostic::{Code, Diagnostic};
use super::keys::Place;
use super::reader::Reader;
use super::source::Spanned;
use super::tree::{Node, NodeKind};
use crate::plan::{FileRule, Grant, HttpRule, SecretRule};

impl Reader<'_> {
    pub(super) fn grant(&mut self, node: &Node) -> Spanned<Grant> {
        let mut grant = Grant::default();
        if let Some(keys) = self.keys(node, Place::Grant) {
            grant.http = keys.get("http").map(|node| self.rules(node, HttpRule::parse)).unwrap_or_default();
            grant.files = keys.get("files").map(|node| self.rules(node, FileRule::parse)).unwrap_or_default();
            grant.config = keys.get("config").map(|node| self.names(node)).unwrap_or_default();
            grant.secrets = keys.get("secrets").map(|node| self.secrets(node)).unwrap_or_default();
            grant.scratch = keys.get("scratch").and_then(|node| self.flag(node, "scratch")).unwrap_or(false);
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
                NodeKind::Map(_) => self.keys(item, Place::Secret).and_then(|keys| {
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
