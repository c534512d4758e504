//! What came of a test against what it expects.

use std::sync::Arc;

use super::answer::shown;
use super::diff::{Difference, differences};
use super::played::{Played, PlayedCall, PlayedStep};
use crate::definition::{CallExpect, Span, StepExpect, Trial};
use crate::run::Status;
use crate::types::{JsonLimits, Type, Value};

/// Something that is not as it is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What, such as `the output total`.
    pub what: String,
    /// Where it stands in the test file.
    pub span: Span,
    /// What is expected.
    pub expected: String,
    /// What came.
    pub found: String,
    /// Where two values differ, the first places.
    pub differences: Vec<Difference>,
    /// How many places differ beyond those.
    pub more: usize,
    /// Why, as far as the run knows.
    pub note: Option<String>,
}

/// The mismatches of calls of which all are told.
const CALLS_MAX: usize = 10;

/// Everything that is not as it is expected, in the order of the file's keys. Only what is named is compared.
pub fn judge(trial: &Trial, played: &Played) -> Vec<Mismatch> {
    let mut court = Court { played, mismatches: Vec::new() };
    court.state(trial);
    court.error(trial);
    court.outputs(trial);
    for step in &trial.expect.steps {
        court.step(step);
    }
    if let Some(calls) = &trial.expect.calls {
        court.calls(calls.span, &calls.value);
    }
    if let Some(took) = &trial.expect.took_ms
        && took.value != played.took_ms
    {
        court.plain("the time it took", took.span, span_of(took.value), span_of(played.took_ms));
    }
    court.mismatches
}

struct Court<'a> {
    played: &'a Played,
    mismatches: Vec<Mismatch>,
}

impl Court<'_> {
    fn plain(&mut self, what: impl Into<String>, span: Span, expected: impl Into<String>, found: impl Into<String>) {
        let (what, expected, found) = (what.into(), expected.into(), found.into());
        self.mismatches.push(Mismatch { what, span, expected, found, differences: Vec::new(), more: 0, note: None });
    }

    fn noted(&mut self, what: impl Into<String>, span: Span, expected: impl Into<String>, found: impl Into<String>) {
        self.plain(what, span, expected, found);
        let note = self.why();
        if let Some(last) = self.mismatches.last_mut() {
            last.note = note;
        }
    }

    fn value(&mut self, what: impl Into<String>, span: Span, expected: &Value, found: &Value, ty: &Type) {
        let (differences, count) = differences(expected, found, ty);
        if count > 0 {
            self.plain(what, span, shown(expected), shown(found));
            if let Some(last) = self.mismatches.last_mut() {
                last.more = count - differences.len();
                last.differences = differences;
            }
        }
    }

    /// Why the run is where it is.
    fn why(&self) -> Option<String> {
        if let (Some((step, failure)), Status::Failed | Status::Blocked) = (&self.played.failure, self.played.status) {
            let at = step.as_ref().map_or_else(String::new, |step| format!(" at step `{step}`"));
            return Some(format!("it failed{at} with {failure}"));
        }
        let waits = &self.played.waits_for;
        (!waits.is_empty()).then(|| format!("it waits for {}", waits.join(", ")))
    }

    fn state(&mut self, trial: &Trial) {
        if let Some(state) = &trial.expect.state
            && state.value != self.played.status
        {
            self.noted("the state of the run", state.span, state.value.as_str(), self.played.status.as_str());
        }
    }

    fn error(&mut self, trial: &Trial) {
        let failure = self.played.failure.as_ref();
        if let Some(step) = &trial.expect.error_step {
            let found = failure.and_then(|(step, _)| step.clone());
            if found.as_ref() != Some(&step.value) {
                let found = found.map_or_else(|| "none".to_owned(), |step| step.to_string());
                self.noted("the step that failed the run", step.span, &*step.value, found);
            }
        }
        if let Some(code) = &trial.expect.error_code {
            let found = failure.map(|(_, failure)| failure.code.clone());
            if found.as_ref() != Some(&code.value) {
                let found = found.map_or_else(|| "none".to_owned(), |code| code.to_string());
                self.noted("the code of the failure", code.span, &*code.value, found);
            }
        }
    }

    fn outputs(&mut self, trial: &Trial) {
        for (name, expected) in &trial.expect.outputs {
            let what = format!("the output `{}`", name.value);
            let outputs = self.played.outputs.as_ref();
            match outputs.and_then(|outputs| outputs.iter().find(|(known, ..)| *known == name.value)) {
                Some((_, found, ty)) => self.value(what, expected.span, &expected.value, found, ty),
                None => self.noted(what, expected.span, shown(&expected.value), format!("none: the run is {}", self.played.status)),
            }
        }
    }

    fn step(&mut self, expect: &StepExpect) {
        let name = &expect.step.value;
        let Some(step) = self.played.steps.iter().find(|step| step.name == *name) else {
            return self.plain(format!("step `{name}`"), expect.step.span, "a step", "none: its sub-workflow was not started");
        };
        let step: &PlayedStep = step;
        if let Some(state) = &expect.state
            && state.value != step.status
        {
            self.noted(format!("the state of step `{name}`"), state.span, state.value.as_str(), step.status.as_str());
        }
        if let Some(attempts) = &expect.attempts
            && attempts.value != step.attempts
        {
            self.plain(format!("the attempts of step `{name}`"), attempts.span, attempts.value.to_string(), step.attempts.to_string());
        }
        if let Some(result) = &expect.result {
            let what = format!("the result of step `{name}`");
            match &step.result {
                Some(found) => self.value(what, result.span, &result.value, found, &step.ty),
                None => self.noted(what, result.span, shown(&result.value), format!("none: it is {}", step.status)),
            }
        }
    }

    /// The whole list of calls, in order: what is too much, what is missing, and what differs.
    fn calls(&mut self, span: Span, expected: &[CallExpect]) {
        let before = self.mismatches.len();
        let calls = &self.played.calls;
        for at in 0..expected.len().max(calls.len()) {
            if self.mismatches.len() - before >= CALLS_MAX {
                return;
            }
            let what = format!("call {}", at + 1);
            match (expected.get(at), calls.get(at)) {
                (Some(expect), Some(call)) if is_at(expect, call) => self.input(expect, call),
                (Some(expect), found) => {
                    let found = found.map_or_else(|| "no more calls".to_owned(), |call| call.place.to_string());
                    self.noted(what, expect.place.span, &*expect.place.value, found);
                    // What follows is only moved.
                    return;
                }
                (None, Some(call)) => {
                    let input = super::answer::shortened(&call.input);
                    return self.plain(what, span, "no more calls", format!("{} with {input}", call.place));
                }
                (None, None) => {}
            }
        }
    }

    fn input(&mut self, expect: &CallExpect, call: &PlayedCall) {
        let Some(input) = &expect.input else { return };
        let unlimited = JsonLimits { bytes: usize::MAX, nodes: usize::MAX, ..JsonLimits::default() };
        let found = Value::from_json(&call.input, unlimited).unwrap_or_else(|_| Value::String(Arc::clone(&call.input)));
        self.value(format!("the input of `{}`", call.place), input.span, &input.value, &found, &call.ty);
    }
}

fn is_at(expect: &CallExpect, call: &PlayedCall) -> bool {
    expect.place.value == call.place || expect.place.value == call.numbered
}

/// A span of time as a test file has it: `1h30m`, `250ms`, `0`.
fn span_of(ms: u64) -> String {
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    let mut left = ms;
    let mut text = String::new();
    for (unit, size) in units {
        if left >= size {
            text.push_str(&format!("{}{unit}", left / size));
            left %= size;
        }
    }
    if text.is_empty() { "0".to_owned() } else { text }
}
