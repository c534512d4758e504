//! What can only be told by calling a plugin. Every call is made without a grant, so it touches nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jackfield_flow::plan::{Effect, Grant, TaskSignature};
use jackfield_flow::run::{Failure, FailureKind, Platform, Receipt};
use jackfield_flow::types::{JsonLimits, Type, Value};
use jackfield_sandbox::{Attempt, AttemptContext, Limits, NoHost, Plugin};
use jackfield_worker::{Clock as _, Plugins, SystemClock};
use serde::Serialize;

use super::{Finding, Severity};
use crate::output::escape;
use crate::progress;

/// How long a call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// How many calls their time is taken of.
const TIMED: usize = 5;
/// A task that no plugin has.
const NO_TASK: &str = "no-task-has-this-name";

/// What a call costs before the task begins.
#[derive(Debug, Serialize)]
pub(super) struct Measured {
    /// Milliseconds of a call in a fresh instance, median.
    pub(super) call_ms: f64,
    /// Memory that the instance takes, in bytes.
    pub(super) memory_bytes: u64,
}

/// A plugin about to be called.
pub(super) struct Trial<'a> {
    plugins: &'a Plugins,
    plugin: &'a Plugin,
}

/// How a call ended.
type Ended = (Result<String, Failure>, Receipt);

impl<'a> Trial<'a> {
    pub(super) fn new(plugins: &'a Plugins, plugin: &'a Plugin) -> Self {
        Self { plugins, plugin }
    }

    /// What is true of the plugin as a whole.
    pub(super) async fn whole(&self, findings: &mut Vec<Finding>) -> Measured {
        match (self.plugin.describe().await, self.plugin.describe().await) {
            (Ok(one), Ok(other)) if one == other => {}
            (Ok(_), Ok(_)) => findings.push(Finding::of_all(Severity::Error, "it describes itself differently the second time")),
            (Err(error), _) | (_, Err(error)) => findings.push(Finding::of_all(Severity::Error, error.to_string())),
        }
        let mut times = Vec::new();
        let mut memory_bytes = 0;
        for _ in 0..TIMED {
            let (outcome, receipt) = self.call(NO_TASK, "{}".to_owned(), None, CALL_TIMEOUT).await;
            times.push(receipt.wall_us);
            memory_bytes = receipt.memory_peak;
            if let Some(problem) = refusal_problem(&outcome).filter(|_| times.len() == 1) {
                findings.push(Finding::of_all(Severity::Error, format!("called with a task that it does not have, it {problem}")));
            }
        }
        times.sort_unstable();
        Measured { call_ms: Duration::from_micros(times[TIMED / 2]).as_secs_f64() * 1e3, memory_bytes }
    }

    /// What is true of one task: it refuses what is no input of it, and its example does what is said of it.
    pub(super) async fn task(&self, task: &TaskSignature, findings: &mut Vec<Finding>) {
        if let Some(input) = misfit(&task.input) {
            let (outcome, _) = self.call(&task.name, input.to_json(), asked_memory(task), CALL_TIMEOUT).await;
            if let Some(problem) = refusal_problem(&outcome) {
                let input = input.to_json();
                findings.push(Finding::error(
                    task,
                    format!("called with {}, which is not of its type, it {problem}", escape::brief(&input, 100)),
                ));
            }
        }
        let annotation = |name: &str| task.annotations.iter().find(|(known, _)| &**known == name).map(|(_, value)| value);
        let Some(example) = annotation("example-input") else {
            findings.push(Finding::warning(task, "it has no `example-input`, so nothing of it was run"));
            return;
        };
        match typed(example, &task.input) {
            Ok(input) if task.effect == Effect::Pure => self.example(task, &input, annotation("example-output"), findings).await,
            Ok(_) => {}
            Err(problem) => findings.push(Finding::error(task, format!("`example-input`: {problem}"))),
        }
    }

    /// A pure task answers its example with a value of its type, twice the same, also after a call was cancelled.
    async fn example(&self, task: &TaskSignature, input: &Value, expected: Option<&Arc<str>>, findings: &mut Vec<Finding>) {
        let memory = asked_memory(task);
        // Dropped as soon as it begins; what is left of it would show in the calls after it.
        let _ = tokio::time::timeout(Duration::ZERO, self.call(&task.name, input.to_json(), memory, CALL_TIMEOUT)).await;
        let mut answers = Vec::new();
        for _ in 0..2 {
            let (outcome, receipt) = self.call(&task.name, input.to_json(), memory, CALL_TIMEOUT).await;
            match outcome {
                Ok(text) => match typed(&text, &task.output) {
                    Ok(answer) => answers.push((answer, receipt.memory_peak)),
                    Err(problem) => {
                        return findings.push(Finding::error(task, format!("its example's answer is not of its type: {problem}")));
                    }
                },
                Err(failure) => {
                    return findings.push(Finding::error(task, format!("its example fails: {}", progress::failure_line(&failure))));
                }
            }
        }
        let [(answer, peak), (second, _)] = answers.as_slice() else { return };
        if answer.to_canonical_json() != second.to_canonical_json() {
            findings.push(Finding::error(task, "it says that it is pure, and answers its example differently the second time"));
        }
        let limit = memory.unwrap_or(Limits::default().memory_bytes);
        if *peak > limit / 4 * 3 {
            let (peak, limit) = (peak >> 20, limit >> 20);
            findings.push(Finding::warning(
                task,
                format!("its example takes {peak} MiB of the {limit} MiB that it has: let it ask for `memory`"),
            ));
        }
        match expected.map(|expected| typed(expected, &task.output)) {
            Some(Ok(expected)) if expected != *answer => {
                let (expected, found) = (expected.to_json(), answer.to_json());
                let words = format!("its example answers {}, not {}", escape::brief(&found, 300), escape::brief(&expected, 300));
                findings.push(Finding::error(task, words));
            }
            Some(Err(problem)) => findings.push(Finding::error(task, format!("`example-output`: {problem}"))),
            Some(Ok(_)) | None => {}
        }
    }

    async fn call(&self, task: &str, input: String, memory: Option<u64>, timeout: Duration) -> Ended {
        let attempt = Attempt {
            plugin: self.plugin.clone(),
            task: task.to_owned(),
            input,
            context: AttemptContext {
                workflow: "plugin-check".to_owned(),
                step: task.to_owned(),
                attempt: 1,
                max_attempts: 1,
                started_at: SystemClock.now(),
                ..AttemptContext::default()
            },
            timeout,
            grant: Grant { memory, ..Grant::default() },
            base_dir: std::env::temp_dir(),
            scratch_dir: None,
            limits: Limits::default(),
            savepoint: None,
            host: Arc::new(NoHost),
        };
        let end = self.plugins.sandbox().run(attempt).await;
        (end.outcome, end.receipt)
    }
}

/// What is wrong with how it took what it should refuse; nothing when it refused it as it should.
fn refusal_problem(outcome: &Result<String, Failure>) -> Option<String> {
    match outcome {
        Ok(answer) => Some(format!("answers {}", escape::brief(answer, 100))),
        // Of typed exports the host refuses it by their types, before they are asked.
        Err(failure) if [Platform::ValueInput, Platform::PluginNoTask].iter().any(|code| *code.code() == *failure.code) => None,
        // Codes of the platform have a dot.
        Err(failure) if failure.code.contains('.') => Some(format!("breaks ({}) instead of failing with a code of its own", failure.code)),
        Err(failure) if failure.kind != FailureKind::Permanent => {
            Some(format!("fails with `{}` as if it could go well another time; that is a permanent failure", failure.code))
        }
        Err(_) => None,
    }
}

/// An input that is not of the type: every field that must be there has a value of another type. Nothing when every value would do.
fn misfit(input: &Type) -> Option<Value> {
    let Type::Record(record) = input else { return None };
    let wrong = |ty: &Type| match ty {
        Type::Bool => Some(Value::string("neither true nor false")),
        Type::Json | Type::Never => None,
        _ => Some(Value::Bool(true)),
    };
    let required = record.fields.iter().filter(|field| field.required);
    let fields: Option<BTreeMap<Arc<str>, Value>> = required.map(|field| Some((Arc::clone(&field.name), wrong(&field.ty)?))).collect();
    fields.filter(|fields| !fields.is_empty()).map(Value::map)
}

fn asked_memory(task: &TaskSignature) -> Option<u64> {
    task.asks.iter().find(|ask| &*ask.name == "memory").and_then(|ask| ask.scope.first()?.parse().ok())
}

fn typed(text: &str, ty: &Type) -> Result<Value, String> {
    let value = Value::from_json(text, JsonLimits::default()).map_err(|error| error.to_string())?;
    ty.check(&value).map_err(|problem| problem.to_string())
}

#[cfg(test)]
mod tests {
    use jackfield_flow::types::Field;

    use super::*;

    #[test]
    fn every_field_of_a_misfit_is_wrong() {
        let record = |fields: &[(&str, Type)]| Type::record(fields.iter().map(|(name, ty)| Field::required(*name, ty.clone())).collect());
        let ty = record(&[("a", Type::String), ("b", Type::Bool)]);
        let input = misfit(&ty).unwrap();
        assert!(ty.check(&input).is_err());
        assert_eq!(input.to_json(), r#"{"a":true,"b":"neither true nor false"}"#);
        for any in [record(&[]), record(&[("a", Type::Json)]), Type::String] {
            assert!(misfit(&any).is_none(), "{any}");
        }
    }

    #[test]
    fn a_refusal_is_permanent_and_has_a_code_of_its_own() {
        let failure = |kind, code: &str| Err(Failure { kind, code: code.into(), message: "m".into(), data: None, trace: None });
        assert_eq!(refusal_problem(&failure(FailureKind::Permanent, "invalid-input")), None);
        let problem = |outcome| refusal_problem(&outcome).unwrap();
        assert!(problem(failure(FailureKind::Transient, "guest.trap")).starts_with("breaks (guest.trap)"));
        assert!(problem(failure(FailureKind::Transient, "invalid-input")).contains("another time"));
        assert_eq!(problem(Ok("1".to_owned())), "answers 1");
    }
}
