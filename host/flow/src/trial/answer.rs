//! What steps answer in place of their tasks.

use std::collections::{BTreeMap, BTreeSet};

use super::sample::sample;
use crate::definition::{Answer, Code, Diagnostic, Problems, Span, Stub, Trial};
use crate::plan::Plan;
use crate::run::Failure;
use crate::types::{Field, Type, Value};

/// A place as a test file names it.
pub(super) struct Spot<'a> {
    /// The step, without items.
    pub(super) step: &'a str,
    /// The item, by number.
    pub(super) item: Option<u32>,
    /// The name of a contender.
    pub(super) contender: Option<&'a str>,
}

/// The answers of a test, and which of them were used.
pub(super) struct Answers<'t> {
    stubs: BTreeMap<&'t str, &'t Stub>,
    used: BTreeSet<(usize, usize)>,
    /// Steps that were reached without an answer, and answers of a wrong type: each is told once.
    told: BTreeSet<String>,
}

/// The longest input that is shown, in characters.
const SHOWN_CHARS: usize = 200;

impl<'t> Answers<'t> {
    pub(super) fn new(trial: &'t Trial) -> Self {
        let stubs = trial.stubs.iter().map(|stub| (&*stub.step.value, stub)).collect();
        Self { stubs, used: BTreeSet::new(), told: BTreeSet::new() }
    }

    /// The answer of an attempt at a place, if the test has one.
    pub(super) fn of(&mut self, spot: &Spot<'_>, attempt: u32) -> Option<&'t Answer> {
        let stub = *self.stubs.get(spot.step)?;
        let number = spot.item.map(|item| item.to_string());
        let is_here = |name: &str| spot.contender == Some(name) || number.as_deref() == Some(name);
        let item = stub.items.iter().find(|item| is_here(&item.item.value));
        let answers = item.map_or(&stub.answers, |item| &item.answers);
        let last = answers.len().checked_sub(1)?;
        let answer = &answers[(attempt.saturating_sub(1) as usize).min(last)];
        self.used.insert(key(answer.span));
        Some(answer)
    }

    /// Says that a place was reached for which there is no answer.
    pub(super) fn missing(&mut self, trial: &Trial, shown: &str, spot: &Spot<'_>, input: &str, ty: &Type, problems: &mut Problems) {
        if !self.told.insert(spot.step.to_owned()) {
            return;
        }
        let stub = self.stubs.get(spot.step);
        let message = match stub {
            Some(_) => format!("step `{shown}` was reached, and there is no answer for this item"),
            None => format!("step `{shown}` was reached, and the test has no answer for it"),
        };
        let line = match stub {
            Some(_) => format!("add beside `items`: result: {}", sample(ty)),
            None => format!("add under `steps`: {}: {{ result: {} }}", spot.step, sample(ty)),
        };
        let help = format!("{line} (its input is {})", shortened(input));
        let span = stub.map_or(trial.name.span, |stub| stub.step.span);
        problems.push(Diagnostic::new(Code::MissingKey, span, message).help(help));
    }

    /// Says that an answer is not of the type that its task answers.
    pub(super) fn check(&mut self, what: &str, answer: &Answer, ty: &Type, problems: &mut Problems) {
        let Ok(value) = &answer.result else { return };
        if let Err(mismatch) = ty.check(value)
            && self.told.insert(format!("{what}\0{:?}", answer.span))
        {
            let message = format!("`{what}` never answers this: {mismatch}");
            problems.push(Diagnostic::new(Code::BadValue, answer.span, message).help(format!("it answers {ty}")));
        }
    }

    /// Answers that nobody asked for.
    pub(super) fn unused(&self, trial: &Trial, problems: &mut Problems) {
        for stub in &trial.stubs {
            let name = &stub.step.value;
            self.unused_of(&stub.answers, name, stub.step.span, problems);
            for item in &stub.items {
                self.unused_of(&item.answers, &format!("{name}[{}]", item.item.value), item.item.span, problems);
            }
        }
    }

    fn unused_of(&self, answers: &[Answer], name: &str, span: Span, problems: &mut Problems) {
        let used = answers.iter().filter(|answer| self.used.contains(&key(answer.span))).count();
        let (span, message) = match answers.get(used) {
            None => return,
            Some(_) if used == 0 => (span, format!("nothing asked `{name}` for this answer")),
            Some(next) => {
                let attempts = if used == 1 { "one attempt".to_owned() } else { format!("{used} attempts") };
                (next.span, format!("nothing asked `{name}` for this answer: there was {attempts}"))
            }
        };
        problems
            .push(Diagnostic::new(Code::Unreachable, span, message).help("remove it, or look whether the workflow does what it should"));
    }
}

fn key(span: Span) -> (usize, usize) {
    (span.start, span.end)
}

/// What an answer is as the end of an attempt.
pub(super) fn end_of(answer: &Answer) -> Result<String, Failure> {
    match &answer.result {
        Ok(value) => Ok(value.to_json()),
        Err(error) => Err(Failure {
            kind: error.kind,
            code: error.code.clone(),
            message: error.message.clone(),
            data: error.data.as_ref().map(|data| data.to_json().into()),
            trace: None,
        }),
    }
}

/// The type of what a sub-workflow answers.
pub(super) fn outputs_of(plan: &Plan) -> Type {
    Type::record(plan.outputs.iter().map(|output| Field::required(output.name.clone(), output.ty.clone())).collect())
}

/// A text as far as a message shows it.
pub(super) fn shortened(text: &str) -> String {
    let shown: String = text.chars().take(SHOWN_CHARS).collect();
    if shown.len() < text.len() { format!("{shown}…") } else { shown }
}

/// A value as JSON text, as far as a message shows it.
pub(super) fn shown(value: &Value) -> String {
    shortened(&value.to_json())
}
