//! What is said of a step, with what nobody said.

use super::Builder;
use crate::definition::{Backoff, Code, Diagnostic, Jitter, LockDef, RateDef, RetryDef, Spanned, TimeoutDef};
use crate::plan::check::Names;
use crate::plan::model::{Lock, PlanTemplate, Rate, Retry, Timeout};
use crate::types::Type;

/// How long an attempt may take when nobody says, in milliseconds.
const TIMEOUT_MS_DEFAULT: u64 = 30_000;
/// Attempts of who speaks of retries, and not of how many.
const ATTEMPTS_DEFAULT: u32 = 3;

/// Whether there are attempts, of which alone the defaults of a workflow speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempts {
    /// A task is called.
    Some,
    /// Nothing is called.
    None,
}

impl Builder<'_> {
    pub(super) fn timeout(&self, said: Option<&Spanned<TimeoutDef>>, attempts: Attempts) -> Timeout {
        let parts = |timeout: Option<&Spanned<TimeoutDef>>| match timeout.map(|timeout| timeout.value) {
            None => (None, None),
            Some(TimeoutDef::One(ms)) if attempts == Attempts::None => (None, Some(ms)),
            Some(TimeoutDef::One(ms)) => (Some(ms), None),
            Some(TimeoutDef::Both { attempt_ms, total_ms }) => (attempt_ms, total_ms),
        };
        let (attempt_ms, total_ms) = parts(said);
        let (attempt_default, total_default) = match attempts {
            Attempts::Some => parts(self.definition.defaults.timeout.as_ref()),
            Attempts::None => (None, None),
        };
        Timeout { attempt_ms: attempt_ms.or(attempt_default).unwrap_or(TIMEOUT_MS_DEFAULT), total_ms: total_ms.or(total_default) }
    }

    /// Who says nothing at all gets one attempt: to try an effect again is the author's decision.
    pub(super) fn retry(&self, said: Option<&RetryDef>, attempts: Attempts) -> Retry {
        let defaults = self.definition.defaults.retry.as_ref().filter(|_| attempts == Attempts::Some);
        let said = match (said, defaults) {
            (Some(said), Some(defaults)) => said.or(defaults),
            (Some(said), None) | (None, Some(said)) => said.clone(),
            (None, None) => return Retry::once(),
        };
        Retry {
            attempts: said.attempts.unwrap_or(ATTEMPTS_DEFAULT),
            backoff: said.backoff.unwrap_or(Backoff::Exponential),
            first_ms: said.first_ms.unwrap_or(1_000),
            max_ms: said.max_ms.unwrap_or(60_000),
            jitter: said.jitter.unwrap_or(Jitter::Full),
            on: said.on.iter().map(|code| code.value.clone()).collect(),
        }
    }

    pub(super) fn lock(&mut self, lock: &LockDef) -> Lock {
        self.checker.expect_type(&lock.name, &Type::String, &Names::all(), "lock");
        Lock { name: PlanTemplate::from(&lock.name), permits: lock.permits.unwrap_or(1) }
    }

    pub(super) fn rate(&self, rate: &RateDef, step: &str) -> Rate {
        let name = rate.name.as_ref().map_or_else(|| format!("{}/{step}", self.definition.name.value).into(), |name| name.value.clone());
        Rate { name, limit: rate.limit, per_ms: rate.per_ms }
    }

    /// Trying again is what `at-most-once` forbids.
    pub(super) fn refuse_at_most_once_retry(&mut self, step: &crate::definition::StepDef, attempts: u32) {
        let Some(span) = step.at_most_once.filter(|_| attempts > 1) else { return };
        let (place, said) = match (&step.retry, &self.definition.defaults.retry) {
            (Some(retry), _) => (retry.span, "it is tried again here"),
            (None, Some(retry)) => (retry.span, "`defaults` has it tried again"),
            (None, None) => return,
        };
        let message = format!("step `{}` is `at-most-once`, and tried {attempts} times", step.name.value);
        self.checker.problem(
            Diagnostic::new(Code::AtMostOnceRetry, span, message)
                .help("remove `effect` or `retry`; where `defaults` has a `retry`, write `retry: 1`")
                .label(place, said),
        );
    }
}
