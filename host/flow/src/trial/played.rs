//! What a test came to.

use std::sync::Arc;

use crate::definition::{Diagnostic, Severity};
use crate::run::{Failure, Status};
use crate::types::{Type, Value};

/// What a test came to.
#[derive(Clone, Debug)]
pub struct Played {
    /// The state in which the run ended, or rested because nothing more could happen.
    pub status: Status,
    /// Why it failed, and at which step.
    pub failure: Option<(Option<Arc<str>>, Failure)>,
    /// Its outputs, if it is done, each with its type.
    pub outputs: Option<Vec<(Arc<str>, Value, Type)>>,
    /// Its steps, then those of its sub-workflows in the order in which they began.
    pub steps: Vec<PlayedStep>,
    /// All calls of tasks, in the order of their start.
    pub calls: Vec<PlayedCall>,
    /// How long it took, in milliseconds of the made-up clock.
    pub took_ms: u64,
    /// What a run that has not ended waits for, in words.
    pub waits_for: Vec<String>,
    /// What is wrong with the test itself, by place in its file.
    pub problems: Vec<Diagnostic>,
}

/// A step of a run that was played.
#[derive(Clone, Debug)]
pub struct PlayedStep {
    /// Its name, within a sub-workflow after that of the step that started it: `archive/save`.
    pub name: Arc<str>,
    /// Its state.
    pub status: Status,
    /// Its attempts, over all its items.
    pub attempts: u32,
    /// Its result, if it has one.
    pub result: Option<Value>,
    /// The type of its result.
    pub ty: Type,
}

/// A call of a task that was played.
#[derive(Clone, Debug)]
pub struct PlayedCall {
    /// `STEP` or `STEP[ITEM]`, a contender by its name.
    pub place: Arc<str>,
    /// The same with the number of a contender.
    pub numbered: Arc<str>,
    /// Which attempt.
    pub attempt: u32,
    /// When it began, in milliseconds after the run's start.
    pub after_ms: u64,
    /// The input, as JSON text.
    pub input: Arc<str>,
    /// The type of the input.
    pub ty: Type,
}

impl Played {
    /// What could not be played at all.
    pub(super) fn unplayed(problems: Vec<Diagnostic>) -> Self {
        Self {
            status: Status::Waiting,
            failure: None,
            outputs: None,
            steps: Vec::new(),
            calls: Vec::new(),
            took_ms: 0,
            waits_for: Vec::new(),
            problems,
        }
    }

    /// Whether the test itself is wrong, so that what came of it says nothing about the workflow.
    pub fn is_void(&self) -> bool {
        self.problems.iter().any(|problem| problem.code.severity() == Severity::Error)
    }
}
