//! Test files: workflows with made-up answers, and what is expected of them.

use std::sync::Arc;

use super::diagnostic::{Code, Diagnostic};
use super::input::node_value;
use super::reader::{Reader, shorten};
use super::source::{Source, Span, Spanned};
use super::tree::{Node, NodeKind, read_tree};
use crate::run::{FailureKind, Status};
use crate::types::Value;

/// A test file as it was written.
#[derive(Clone, Debug)]
pub struct TrialFile {
    /// The workflow it is about, when it says so.
    pub workflow: Option<Spanned<Arc<str>>>,
    /// Its tests.
    pub trials: Vec<Trial>,
}

/// One test.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Its name.
    pub name: Spanned<Arc<str>>,
    /// The inputs of the run.
    pub inputs: Spanned<Value>,
    /// When the run begins, in milliseconds since the Unix epoch.
    pub started_at_ms: i64,
    /// What steps answer in place of their tasks.
    pub stubs: Vec<Stub>,
    /// What reaches the run while it waits.
    pub signals: Vec<TrialSignal>,
    /// When the run is cancelled, in milliseconds after its start.
    pub cancel_after_ms: Option<u64>,
    /// What is expected.
    pub expect: Expect,
}

/// What a step answers.
#[derive(Clone, Debug)]
pub struct Stub {
    /// The step's name, as the plan has it: `save`, `save/compensate`.
    pub step: Spanned<Arc<str>>,
    /// The answers of its attempts; the last one also for all after it. Empty when only items are answered for.
    pub answers: Vec<Answer>,
    /// The answers of single items, contenders or iterations.
    pub items: Vec<(u32, Vec<Answer>)>,
}

/// The answer of one attempt.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Where it stands.
    pub span: Span,
    /// How long the attempt takes, in milliseconds of the made-up clock.
    pub takes_ms: u64,
    /// What it answers.
    pub result: Result<Value, TrialError>,
}

/// A made-up failure.
#[derive(Clone, Debug)]
pub struct TrialError {
    /// Its code.
    pub code: Arc<str>,
    /// Sentences for a person.
    pub message: Arc<str>,
    /// Whether trying again makes sense.
    pub kind: FailureKind,
    /// More for programs.
    pub data: Option<Value>,
}

/// A signal, or somebody's decision, that reaches the run.
#[derive(Clone, Debug)]
pub struct TrialSignal {
    /// When, in milliseconds after the run's start.
    pub after_ms: u64,
    /// What it is for.
    pub to: TrialTarget,
    /// Who sends it.
    pub by: Arc<str>,
    /// What that person says.
    pub note: Option<Arc<str>>,
    /// Where it stands.
    pub span: Span,
}

/// What a signal is for.
#[derive(Clone, Debug)]
pub enum TrialTarget {
    /// Whoever waits for the signal of this name.
    Signal {
        /// Its name.
        name: Arc<str>,
        /// What it carries.
        payload: Value,
    },
    /// The approval of a step.
    Approval {
        /// The step.
        step: Arc<str>,
        /// What was decided.
        approved: bool,
    },
}

/// What is expected of a run; only what is named is compared.
#[derive(Clone, Debug, Default)]
pub struct Expect {
    /// Its end state.
    pub state: Option<Spanned<Status>>,
    /// The step that failed it.
    pub error_step: Option<Spanned<Arc<str>>>,
    /// The code it failed with.
    pub error_code: Option<Spanned<Arc<str>>>,
    /// Its outputs.
    pub outputs: Option<Spanned<Value>>,
    /// The states of steps.
    pub steps: Vec<StepExpect>,
    /// All calls of tasks, in order.
    pub calls: Option<Spanned<Vec<CallExpect>>>,
    /// How long it took, in milliseconds.
    pub took_ms: Option<Spanned<u64>>,
}

/// What is expected of a step.
#[derive(Clone, Debug)]
pub struct StepExpect {
    /// Its name.
    pub step: Spanned<Arc<str>>,
    /// Its state.
    pub state: Option<Status>,
    /// Its attempts.
    pub attempts: Option<u32>,
    /// Its result.
    pub result: Option<Value>,
}

/// What is expected of a call.
#[derive(Clone, Debug)]
pub struct CallExpect {
    /// Where it stands.
    pub span: Span,
    /// `STEP` or `STEP[ITEM]`.
    pub place: Arc<str>,
    /// Its input, when it is compared.
    pub input: Option<Value>,
}

const TRIAL_KEYS: &[&str] = &["description", "inputs", "started-at", "steps", "signals", "cancel-after", "expect"];
const ANSWER_KEYS: &[&str] = &["result", "error", "takes", "items"];
const SIGNAL_KEYS: &[&str] = &["after", "name", "payload", "step", "approved", "by", "note"];
const EXPECT_KEYS: &[&str] = &["state", "error", "outputs", "steps", "calls", "took"];
/// 2000-01-01T00:00:00Z, in milliseconds since the Unix epoch.
const STARTED_AT_MS: i64 = 946_684_800_000;

/// Reads a test file. Answers what could be read, and all problems.
pub fn read_trials(source: &Source) -> (Option<TrialFile>, Vec<Diagnostic>) {
    let mut reader = Reader::new(source);
    let file = match read_tree(source) {
        Ok(root) => reader.trial_file(&root),
        Err(problem) => {
            reader.problem(problem);
            None
        }
    };
    (file, reader.problems.into_sorted())
}

impl Reader<'_> {
    fn trial_file(&mut self, root: &Node) -> Option<TrialFile> {
        let keys = self.keys(root, "a test file", &["workflow", "tests"])?;
        let workflow = keys.get("workflow").and_then(|node| self.text(node, "a path to a workflow"));
        let Some(tests) = keys.get("tests") else {
            self.problem(
                Diagnostic::new(Code::MissingKey, keys.span, "a test file needs `tests`").help("add `tests:` with at least one test"),
            );
            return None;
        };
        let named = self.named(tests, "test");
        Some(TrialFile { workflow, trials: named.into_iter().filter_map(|(name, node)| self.trial(name, node)).collect() })
    }

    fn trial(&mut self, name: Spanned<Arc<str>>, node: &Node) -> Option<Trial> {
        let keys = self.keys(node, "a test", TRIAL_KEYS)?;
        let inputs = keys.get("inputs").map_or_else(
            || Spanned::new(Value::map::<&str>([]), keys.span),
            |node| {
                self.pairs(node, "a mapping from inputs to values");
                Spanned::new(node_value(node), node.span)
            },
        );
        let started_at_ms = keys.get("started-at").and_then(|node| self.instant(node)).unwrap_or(STARTED_AT_MS);
        let stubs = keys.get("steps").map(|node| self.stubs(node)).unwrap_or_default();
        let signals = keys.get("signals").map(|node| self.signals(node)).unwrap_or_default();
        let cancel_after_ms = keys.get("cancel-after").and_then(|node| self.duration(node, "`cancel-after`"));
        let Some(expect) = keys.get("expect") else {
            let message = format!("the test `{}` expects nothing, and so cannot fail", name.value);
            self.problem(Diagnostic::new(Code::MissingKey, name.span, message).help("add `expect: { state: done }`"));
            return None;
        };
        let expect = self.expect(expect)?;
        Some(Trial { name, inputs, started_at_ms, stubs, signals, cancel_after_ms, expect })
    }

    fn instant(&mut self, node: &Node) -> Option<i64> {
        let text = self.text(node, "an instant such as 2026-01-31T12:00:00Z")?;
        let instant: Option<jiff::Timestamp> = text.value.parse().ok();
        if instant.is_none() {
            let message = format!("`{}` is not an instant", shorten(&text.value));
            self.problem(Diagnostic::new(Code::WrongShape, node.span, message).help("write RFC 3339, such as 2026-01-31T12:00:00Z"));
        }
        instant.map(jiff::Timestamp::as_millisecond)
    }

    /// Pairs whose keys are names of steps, which may have a `/`.
    fn by_step<'n>(&mut self, node: &'n Node) -> Vec<(Spanned<Arc<str>>, &'n Node)> {
        let pairs = self.pairs(node, "a mapping from steps").unwrap_or_default();
        pairs.into_iter().map(|(name, span, node)| (Spanned::new(Arc::from(name), span), node)).collect()
    }

    fn stubs(&mut self, node: &Node) -> Vec<Stub> {
        let steps = self.by_step(node);
        steps.into_iter().map(|(step, node)| self.stub(step, node)).collect()
    }

    fn stub(&mut self, step: Spanned<Arc<str>>, node: &Node) -> Stub {
        let mut items = Vec::new();
        if let NodeKind::Map(pairs) = &node.kind
            && let Some((_, by_item)) = pairs.iter().find(|(key, _)| matches!(&key.kind, NodeKind::Scalar { text, .. } if text == "items"))
        {
            for (name, span, node) in self.pairs(by_item, "a mapping from numbers of items").unwrap_or_default() {
                match name.parse() {
                    Ok(item) => items.push((item, self.answers(node))),
                    Err(_) => {
                        self.problem(Diagnostic::new(Code::WrongShape, span, format!("`{}` is not the number of an item", shorten(name))))
                    }
                }
            }
        }
        Stub { step, answers: self.answers(node), items }
    }

    fn answers(&mut self, node: &Node) -> Vec<Answer> {
        self.list(node).iter().filter_map(|node| self.answer(node)).collect()
    }

    fn answer(&mut self, node: &Node) -> Option<Answer> {
        let keys = self.keys(node, "an answer", ANSWER_KEYS)?;
        let takes_ms = keys.get("takes").and_then(|node| self.duration(node, "`takes`")).unwrap_or(0);
        let result = match (keys.get("result"), keys.get("error")) {
            (Some(result), None) => Ok(node_value(result)),
            (None, Some(error)) => Err(self.trial_error(error)?),
            (None, None) if keys.get("items").is_some() => return None,
            _ => {
                let message = "an answer has either a `result` or an `error`";
                self.problem(Diagnostic::new(Code::MissingKey, node.span, message));
                return None;
            }
        };
        Some(Answer { span: node.span, takes_ms, result })
    }

    fn trial_error(&mut self, node: &Node) -> Option<TrialError> {
        let keys = self.keys(node, "an error", &["code", "message", "kind", "retry-after", "data"])?;
        let kinds = [
            ("permanent", FailureKind::Permanent),
            ("transient", FailureKind::Transient),
            ("unknown-outcome", FailureKind::UnknownOutcome),
        ];
        let kind = keys.get("kind").and_then(|node| self.word(node, "`kind`", &kinds));
        let retry_after = keys.get("retry-after").and_then(|node| self.duration(node, "`retry-after`"));
        let code = keys.get("code").and_then(|node| self.text(node, "an error code"));
        if keys.get("code").is_none() {
            self.problem(Diagnostic::new(Code::MissingKey, node.span, "an error needs a `code`"));
        }
        Some(TrialError {
            code: code?.value,
            message: keys.get("message").and_then(|node| self.text(node, "a text")).map_or_else(|| Arc::from(""), |text| text.value),
            kind: retry_after.map(FailureKind::RetryAfter).or(kind).unwrap_or(FailureKind::Permanent),
            data: keys.get("data").map(node_value),
        })
    }

    fn signals(&mut self, node: &Node) -> Vec<TrialSignal> {
        self.list(node).iter().filter_map(|node| self.trial_signal(node)).collect()
    }

    fn trial_signal(&mut self, node: &Node) -> Option<TrialSignal> {
        let keys = self.keys(node, "a signal", SIGNAL_KEYS)?;
        let name = keys.get("name").and_then(|node| self.text(node, "a name"));
        let step = keys.get("step").and_then(|node| self.text(node, "the name of a step"));
        let approved = keys.get("approved").and_then(|node| self.word(node, "`approved`", &[("true", true), ("false", false)]));
        let to = match (name, step, approved) {
            (Some(name), None, None) => {
                TrialTarget::Signal { name: name.value, payload: keys.get("payload").map(node_value).unwrap_or_default() }
            }
            (None, Some(step), Some(approved)) => TrialTarget::Approval { step: step.value, approved },
            _ => {
                let message = "a signal has a `name`, or the `step` it decides and `approved`";
                self.problem(Diagnostic::new(Code::MissingKey, node.span, message));
                return None;
            }
        };
        Some(TrialSignal {
            after_ms: keys.get("after").and_then(|node| self.duration(node, "`after`")).unwrap_or(0),
            to,
            by: keys.get("by").and_then(|node| self.text(node, "a name")).map_or_else(|| Arc::from("somebody"), |text| text.value),
            note: keys.get("note").and_then(|node| self.text(node, "a text")).map(|text| text.value),
            span: node.span,
        })
    }

    fn expect(&mut self, node: &Node) -> Option<Expect> {
        let keys = self.keys(node, "`expect`", EXPECT_KEYS)?;
        let states = [
            ("done", Status::Done),
            ("failed", Status::Failed),
            ("cancelled", Status::Cancelled),
            ("blocked", Status::Blocked),
            ("running", Status::Running),
            ("waiting", Status::Waiting),
        ];
        let state = keys.get("state").and_then(|node| Some(Spanned::new(self.word(node, "`state`", &states)?, node.span)));
        let error = keys.get("error").and_then(|node| self.keys(node, "`expect.error`", &["step", "code"]));
        let of_error =
            |reader: &mut Self, key| error.as_ref().and_then(|error| error.get(key)).and_then(|node| reader.text(node, "a word"));
        let took_ms = keys.get("took").and_then(|node| Some(Spanned::new(self.duration_or_none(node)?, node.span)));
        Some(Expect {
            state,
            error_step: of_error(self, "step"),
            error_code: of_error(self, "code"),
            outputs: keys.get("outputs").map(|node| Spanned::new(node_value(node), node.span)),
            steps: keys.get("steps").map(|node| self.step_expects(node)).unwrap_or_default(),
            calls: keys.get("calls").map(|node| Spanned::new(self.calls(node), node.span)),
            took_ms,
        })
    }

    /// A duration, or `0` for none.
    fn duration_or_none(&mut self, node: &Node) -> Option<u64> {
        if node.scalar() == Value::Int(0) { Some(0) } else { self.duration(node, "`took`") }
    }

    fn step_expects(&mut self, node: &Node) -> Vec<StepExpect> {
        let steps = self.by_step(node);
        steps.into_iter().filter_map(|(step, node)| self.step_expect(step, node)).collect()
    }

    fn step_expect(&mut self, step: Spanned<Arc<str>>, node: &Node) -> Option<StepExpect> {
        let states = [
            ("waiting", Status::Waiting),
            ("running", Status::Running),
            ("done", Status::Done),
            ("failed", Status::Failed),
            ("skipped", Status::Skipped),
            ("cancelled", Status::Cancelled),
            ("blocked", Status::Blocked),
        ];
        if matches!(node.kind, NodeKind::Scalar { .. }) {
            let state = self.word(node, "the state of a step", &states)?;
            return Some(StepExpect { step, state: Some(state), attempts: None, result: None });
        }
        let keys = self.keys(node, "what is expected of a step", &["state", "attempts", "result"])?;
        let attempts = keys.get("attempts").and_then(|node| self.integer(node, "`attempts`", 0..=u64::from(u32::MAX)));
        Some(StepExpect {
            step,
            state: keys.get("state").and_then(|node| self.word(node, "`state`", &states)),
            attempts: attempts.and_then(|attempts| u32::try_from(attempts).ok()),
            result: keys.get("result").map(node_value),
        })
    }

    fn calls(&mut self, node: &Node) -> Vec<CallExpect> {
        let mut calls = Vec::new();
        for node in if let NodeKind::List(items) = &node.kind { items.as_slice() } else { &[] } {
            match &node.kind {
                NodeKind::Map(_) => {
                    for (place, span, input) in self.pairs(node, "a call").unwrap_or_default() {
                        calls.push(CallExpect { span, place: Arc::from(place), input: Some(node_value(input)) });
                    }
                }
                _ => calls.extend(self.text(node, "STEP or STEP[ITEM]").map(|text| CallExpect {
                    span: node.span,
                    place: text.value,
                    input: None,
                })),
            }
        }
        calls
    }
}
