//! A task: attempts that the outside runs.

use crate::run::decide::ANSWER_LIMITS;
use crate::run::event::{Event, Place};
use crate::run::failure::{Failure, FailureKind, Platform};
use crate::run::ids::Millis;
use crate::run::machine::Run;
use crate::run::receipt::Receipt;
use crate::run::retry::wait_ms;
use crate::types::Value;
use std::sync::Arc;

impl Run {
    pub(in crate::run) fn begin_task(&self, place: Place) -> Event {
        Event::Started { place, attempt: self.slot(place).map_or(0, |slot| slot.attempt) + 1 }
    }

    /// What the end of an attempt means; nothing when it is too late.
    pub(in crate::run) fn attempt_ended(
        &self,
        place: Place,
        attempt: u32,
        result: Result<Arc<str>, Failure>,
        receipt: Receipt,
        now: Millis,
    ) -> Vec<Event> {
        if !self.running.contains(&place) || !self.is_running(place, attempt) {
            return Vec::new();
        }
        let failure = match result.and_then(|text| self.output(place, &text)) {
            Ok(output) => return vec![Event::Done { place, attempt, output, receipt }],
            Err(failure) => failure,
        };
        if is_unsure(&failure) && self.must_be_sure(place) {
            return vec![Event::OutcomeUnknown { place, attempt, failure, receipt }];
        }
        let retry_at = self.retry_at(place, &failure, now);
        vec![Event::AttemptFailed { place, attempt, failure, retry_at, receipt }]
    }

    /// Whether somebody has to find out what an attempt of unknown outcome did: it must not be repeated, and the run goes on
    /// from here, or has to undo it.
    pub(in crate::run) fn must_be_sure(&self, place: Place) -> bool {
        self.plan.steps[place.index()].at_most_once && (self.may_go_on(place) || self.is_undone_later(place))
    }

    /// The answer of a task as a value of the type it declares.
    fn output(&self, place: Place, text: &str) -> Result<Value, Failure> {
        let Some(call) = self.call_of(place) else { return Err(Platform::PluginNoTask.failure("the step calls no task")) };
        let task = &self.plan.tasks[call.task];
        let refused = |what: String| Platform::ValueOutput.failure(format!("the task `{}` answered {what}", task.name));
        let value = Value::from_json(text, ANSWER_LIMITS).map_err(|error| refused(format!("what is not a JSON value: {error}")))?;
        task.output.check(&value).map_err(|error| refused(format!("a value that is not of its type {}: {error}", task.output)))
    }

    /// When a failed attempt is tried again, if it is.
    pub(in crate::run) fn retry_at(&self, place: Place, failure: &Failure, now: Millis) -> Option<Millis> {
        let planned = &self.plan.steps[place.index()];
        let retry = &planned.retry;
        let tries = self.slot(place)?.tries();
        if !self.may_go_on(place) || tries >= retry.attempts || planned.at_most_once && is_unsure(failure) {
            return None;
        }
        let listed = retry.on.contains(&failure.code);
        if !retry.on.is_empty() && !listed {
            return None;
        }
        let wait = wait_ms(retry, tries, self.uid, place);
        match failure.kind {
            // Who names a code wants it to be tried again.
            FailureKind::Permanent if !listed => None,
            FailureKind::Permanent | FailureKind::Transient | FailureKind::UnknownOutcome => Some(now.after(wait)),
            // What the task asks for, but no longer than the step's longest wait.
            FailureKind::RetryAfter(ms) => Some(now.after(ms.max(wait).min(retry.max_ms.max(wait)))),
        }
    }
}

/// Whether nobody knows what the attempt did: it said so, or it was broken off. What a task answers by itself, and what is
/// found out before it begins, is known.
pub(in crate::run) fn is_unsure(failure: &Failure) -> bool {
    let before = [Platform::ValueInput, Platform::PluginNoTask, Platform::LimitInputSize];
    let known = !failure.code.contains('.') || failure.code.starts_with("expr.") || before.iter().any(|code| *code.code() == *failure.code);
    failure.kind == FailureKind::UnknownOutcome || !known
}
