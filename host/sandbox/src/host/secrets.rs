//! `jackfield:task/secrets`: texts that stand for secrets.
//!
//! The guest gets a random placeholder, new in every attempt. The HTTP gate puts the value in its place on the way out,
//! in header values and bodies, and only for the hosts that the secret's grant names.

use std::sync::PoisonError;

use jackfield_flow::plan::{Grant, SecretRule, host_matches};
use wasmtime::Result;
use wasmtime::component::Linker;

use super::Ours;
use super::random::Random;
use crate::attempt::Capture;
use crate::bindings::jackfield::task::secrets::{self, SecretError};
use crate::secret::Secrets;
use crate::state::State;

/// Links the capability.
pub(crate) fn link(linker: &mut Linker<State>) -> Result<()> {
    secrets::add_to_linker::<State, Ours>(linker, |state| state)
}

/// What every placeholder begins with.
const PREFIX: &str = "jackfield-secret-";
/// Random bytes of a placeholder.
const RANDOM_BYTES: usize = 16;

/// The placeholders handed out in one attempt.
#[derive(Default)]
pub(crate) struct Placeholders {
    given: Vec<Placeholder>,
}

struct Placeholder {
    text: String,
    rule: SecretRule,
}

/// A request that must not carry a secret.
#[derive(Debug)]
pub(crate) struct WrongHost {
    /// The secret's name.
    pub(crate) secret: String,
}

impl Placeholders {
    /// Whether none was handed out, so that no request can carry one.
    pub(crate) fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// The text that stands for a secret in this attempt.
    ///
    /// It never comes from the attempt's own random source: a guest could foresee a seeded one.
    pub(crate) fn give(&mut self, rule: &SecretRule) -> String {
        if let Some(placeholder) = self.given.iter().find(|placeholder| placeholder.rule.name == rule.name) {
            return placeholder.text.clone();
        }
        let text = format!("{PREFIX}{}", Random::from_the_system().hex(RANDOM_BYTES));
        self.given.push(Placeholder { text: text.clone(), rule: rule.clone() });
        text
    }

    /// Puts values in the place of placeholders, for a request to `host`, and notes which. `None` when there is none in `bytes`.
    ///
    /// # Errors
    /// When a secret may not be sent to this host.
    pub(crate) fn fill(&self, bytes: &[u8], host: &str, secrets: &Secrets, used: &mut Grant) -> Result<Option<Vec<u8>>, WrongHost> {
        let mut filled: Option<Vec<u8>> = None;
        for placeholder in &self.given {
            let current = filled.as_deref().unwrap_or(bytes);
            if find(current, placeholder.text.as_bytes()).is_none() {
                continue;
            }
            let rule = &placeholder.rule;
            let allowed = rule.hosts.is_empty() || rule.hosts.iter().any(|pattern| host_matches(&pattern.to_ascii_lowercase(), host));
            let value = secrets.get(&rule.name).filter(|_| allowed);
            let Some(value) = value else { return Err(WrongHost { secret: rule.name.to_string() }) };
            used.note_secret(rule, Some(host));
            filled = Some(replace(current, placeholder.text.as_bytes(), value.as_bytes()));
        }
        Ok(filled)
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    // The placeholder's rare prefix makes this as good as any cleverer search.
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn replace(bytes: &[u8], needle: &[u8], value: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len() + value.len());
    let mut rest = bytes;
    while let Some(at) = find(rest, needle) {
        result.extend_from_slice(&rest[..at]);
        result.extend_from_slice(value);
        rest = &rest[at + needle.len()..];
    }
    result.extend_from_slice(rest);
    result
}

impl secrets::Host for State {
    fn placeholder(&mut self, name: String) -> Result<Result<String, SecretError>> {
        let Some(rule) = self.grant.secrets.iter().find(|rule| *rule.name == *name) else {
            denied(&self.capture, &name);
            return Ok(Err(SecretError::NotGranted(name)));
        };
        if self.shared.secrets.get(&name).is_none() {
            let variable = name.to_uppercase().replace('-', "_");
            self.capture.host_line(&format!(
                "secret `{name}` is granted, but it is not set: give the engine its value as `JACKFIELD_SECRET_{variable}`"
            ));
            return Ok(Err(SecretError::NotSet(name)));
        }
        self.used().note_secret(rule, None);
        Ok(Ok(self.placeholders.lock().unwrap_or_else(PoisonError::into_inner).give(rule)))
    }
}

fn denied(capture: &Capture, name: &str) {
    capture.host_line(&format!("secret `{name}` is not granted; to grant it, add to the step: `grant: {{ secrets: [{name}] }}`"));
}
