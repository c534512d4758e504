//! Test files: workflows with made-up answers, and what is expected of them.

mod answer;
mod expect;

use std::sync::Arc;

use super::diagnostic::{Code, Diagnostic};
use super::input::node_value;
use super::keys::Place;
use super::reader::{Keys, Reader, shorten};
use super::source::{Source, Span, Spanned};
use super::tree::{Node, read_tree};
use crate::run::{FailureKind, Status};
use crate::types::{Value, parse_timestamp};

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
    /// The inputs of the run, by name.
    pub inputs: Vec<(Spanned<Arc<str>>, Value)>,
    /// When the run begins, in milliseconds since the Unix epoch.
    pub started_at_ms: i64,
    /// What steps answer in place of their tasks.
    pub stubs: Vec<Stub>,
    /// What reaches the run while it waits.
    pub signals: Vec<TrialSignal>,
    /// When the run is cancelled, in milliseconds after its start.
    pub cancel_after_ms: Option<Spanned<u64>>,
    /// What is expected.
    pub expect: Expect,
}

/// What a step answers.
#[derive(Clone, Debug)]
pub struct Stub {
    /// The step's name, as the plan has it: `save`, `save/compensate`; within a sub-workflow `archive/save`.
    pub step: Spanned<Arc<str>>,
    /// The answers of its attempts; the last one also for all after it. Empty when only items are answered for.
    pub answers: Vec<Answer>,
    /// The answers of single items, contenders or iterations.
    pub items: Vec<ItemStub>,
}

/// What one item, contender or iteration of a step answers.
#[derive(Clone, Debug)]
pub struct ItemStub {
    /// Its number, or the name of a contender.
    pub item: Spanned<Arc<str>>,
    /// The answers of its attempts; the last one also for all after it. Never empty.
    pub answers: Vec<Answer>,
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
    /// What that person says; empty when nothing.
    pub note: Arc<str>,
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
        /// The step: `STEP` or `STEP[ITEM]`.
        step: Spanned<Arc<str>>,
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
    /// Its outputs, by name.
    pub outputs: Vec<(Spanned<Arc<str>>, Spanned<Value>)>,
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
    pub state: Option<Spanned<Status>>,
    /// Its attempts.
    pub attempts: Option<Spanned<u32>>,
    /// Its result.
    pub result: Option<Spanned<Value>>,
}

/// What is expected of a call.
#[derive(Clone, Debug)]
pub struct CallExpect {
    /// `STEP` or `STEP[ITEM]`.
    pub place: Spanned<Arc<str>>,
    /// Its input, when it is compared.
    pub input: Option<Spanned<Value>>,
}

/// When a run of a test begins that does not say: 2000-01-01T00:00:00Z, in milliseconds since the Unix epoch.
const STARTED_AT_MS: i64 = 946_684_800_000;
/// The most signals and decisions of one test.
const SIGNALS_MAX: usize = 10_000;

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
        let keys = self.keys(root, Place::TestFile)?;
        let workflow = keys.get("workflow").and_then(|node| self.text(node, "the path of a workflow"));
        let Some(tests) = keys.get("tests") else {
            self.missing(&keys, Place::TestFile, "tests");
            return None;
        };
        let named = self.named(tests, "test");
        if named.is_empty() && !self.problems.has_errors() {
            self.problem(
                Diagnostic::new(Code::MissingKey, tests.span, "there is no test").help("add one: NAME: { expect: { state: done } }"),
            );
        }
        Some(TrialFile { workflow, trials: named.into_iter().filter_map(|(name, node)| self.trial(name, node)).collect() })
    }

    fn trial(&mut self, name: Spanned<Arc<str>>, node: &Node) -> Option<Trial> {
        let keys = self.keys(node, Place::Test)?;
        self.description(&keys);
        let inputs = keys.get("inputs").map(|node| self.values(node, "a mapping from inputs to values")).unwrap_or_default();
        let started_at_ms = keys.get("started-at").and_then(|node| self.instant(node)).unwrap_or(STARTED_AT_MS);
        let stubs = keys.get("steps").map(|node| self.stubs(node)).unwrap_or_default();
        let signals = keys.get("signals").map(|node| self.signals(node)).unwrap_or_default();
        let cancel_after_ms =
            keys.get("cancel-after").and_then(|node| Some(Spanned::new(self.duration(node, "`cancel-after`")?, node.span)));
        let Some(expect) = keys.get("expect") else {
            let message = format!("the test `{}` expects nothing, and so cannot fail", name.value);
            self.problem(Diagnostic::new(Code::MissingKey, name.span, message).help("add `expect: { state: done }`"));
            return None;
        };
        let expect = self.expect(expect)?;
        let inputs = inputs.into_iter().map(|(name, value)| (name, value.value)).collect();
        Some(Trial { name, inputs, started_at_ms, stubs, signals, cancel_after_ms, expect })
    }

    /// Names with values, which are no templates here.
    fn values(&mut self, node: &Node, expected: &str) -> Vec<(Spanned<Arc<str>>, Spanned<Value>)> {
        let pairs = self.pairs(node, expected).unwrap_or_default();
        let one =
            |(name, span, node): (&str, Span, &Node)| (Spanned::new(Arc::from(name), span), Spanned::new(node_value(node), node.span));
        pairs.into_iter().map(one).collect()
    }

    fn instant(&mut self, node: &Node) -> Option<i64> {
        let text = self.text(node, "an instant such as 2026-01-31T12:00:00Z")?;
        let instant = parse_timestamp(&text.value);
        if instant.is_none() {
            let message = format!("`{}` is not an instant", shorten(&text.value));
            self.problem(
                Diagnostic::new(Code::WrongShape, node.span, message).help("write it as RFC 3339 text, such as 2026-01-31T12:00:00Z"),
            );
        }
        instant.map(jiff::Timestamp::as_millisecond)
    }

    /// Pairs whose keys are names of steps, which may have a `/`.
    fn by_step<'n>(&mut self, node: &'n Node) -> Vec<(Spanned<Arc<str>>, &'n Node)> {
        let pairs = self.pairs(node, "a mapping from steps").unwrap_or_default();
        pairs.into_iter().map(|(name, span, node)| (Spanned::new(Arc::from(name), span), node)).collect()
    }

    fn signals(&mut self, node: &Node) -> Vec<TrialSignal> {
        let signals = self.list(node);
        if signals.len() > SIGNALS_MAX {
            let message = format!("{} signals; a test may have {SIGNALS_MAX}", signals.len());
            self.problem(Diagnostic::new(Code::OutOfRange, node.span, message));
            return Vec::new();
        }
        signals.iter().filter_map(|node| self.trial_signal(node)).collect()
    }

    fn trial_signal(&mut self, node: &Node) -> Option<TrialSignal> {
        let keys = self.keys(node, Place::TestSignal)?;
        let to = self.trial_target(&keys);
        let text = |reader: &mut Self, key| keys.get(key).and_then(|node| reader.text(node, "a text")).map(|text| text.value);
        Some(TrialSignal {
            after_ms: keys.get("after").and_then(|node| self.duration(node, "`after`")).unwrap_or(0),
            by: text(self, "by").unwrap_or_else(|| Arc::from("somebody")),
            note: text(self, "note").unwrap_or_else(|| Arc::from("")),
            to: to?,
            span: node.span,
        })
    }

    fn trial_target(&mut self, keys: &Keys<'_>) -> Option<TrialTarget> {
        match (keys.get("name"), keys.get("step"), keys.get("approved")) {
            (Some(name), None, None) => {
                let name = self.text(name, "the name of a signal")?.value;
                Some(TrialTarget::Signal { name, payload: keys.get("payload").map(node_value).unwrap_or_default() })
            }
            (None, Some(step), Some(approved)) => {
                let (step, approved) = (self.text(step, "the name of a step"), self.flag(approved, "approved"));
                Some(TrialTarget::Approval { step: step?, approved: approved? })
            }
            _ => {
                let message = "a signal has a `name`, or the `step` that it decides and `approved`";
                self.problem(
                    Diagnostic::new(Code::MissingKey, keys.span, message)
                        .help("write `{ name: SIGNAL, payload: … }` or `{ step: STEP, approved: true }`"),
                );
                None
            }
        }
    }
}
