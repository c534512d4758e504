//! Tests of workflows: found, and shown to people and programs.

pub(crate) mod show;

use std::sync::Arc;

use jackfield_flow::definition::{Diagnostic, Severity, Source};
use jackfield_flow::run::Status;
use jackfield_flow::trial::{Mismatch, Played};
use serde::Serialize;

use crate::error::CliError;
use crate::problems::{self, Problem, Range};

/// What came of a test file.
#[derive(Debug, Default)]
pub(crate) struct Tested {
    /// The workflow, when it is sound.
    pub(crate) workflow: Option<String>,
    /// Why there is nothing to test: what cannot be read.
    pub(crate) error: Option<String>,
    /// Problems of the test file.
    pub(crate) problems: Vec<Diagnostic>,
    /// The workflow and its problems, when it has errors.
    pub(crate) bad_workflow: Option<(Source, Vec<Diagnostic>)>,
    /// What came of each test.
    pub(crate) verdicts: Vec<Verdict>,
}

/// What came of a test.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// Its name.
    pub(crate) name: Arc<str>,
    /// What happened.
    pub(crate) played: Played,
    /// What is not as it is expected.
    pub(crate) mismatches: Vec<Mismatch>,
}

impl Verdict {
    /// Whether everything is as it is expected, and nothing is wrong with the test.
    pub(crate) fn passed(&self) -> bool {
        self.mismatches.is_empty() && !self.played.is_void()
    }
}

impl Tested {
    /// A file that cannot be read.
    pub(crate) fn unreadable(error: &CliError) -> Self {
        Self { error: Some(error.to_string()), ..Self::default() }
    }

    /// A file with errors.
    pub(crate) fn malformed(problems: Vec<Diagnostic>) -> Self {
        Self { problems, ..Self::default() }
    }

    /// A file whose workflow has errors.
    pub(crate) fn of_bad_workflow(tests: &Source, workflow: Source, problems: Vec<Diagnostic>) -> Self {
        let error = format!("the workflow {} has errors, and so none of the tests of {} is run", workflow.name, tests.name);
        Self { error: Some(error), bad_workflow: Some((workflow, problems)), ..Self::default() }
    }

    /// Whether the tests could not be run.
    pub(crate) fn is_bad(&self) -> bool {
        self.error.is_some() || self.problems.iter().any(|problem| problem.code.severity() == Severity::Error)
    }

    /// The same for programs.
    pub(crate) fn report(self, source: &Source) -> FileReport {
        let mut problems = problems::for_programs(source, &self.problems);
        if let Some((workflow, found)) = &self.bad_workflow {
            problems.extend(problems::for_programs(workflow, found));
        }
        let tests = self.verdicts.into_iter().map(|verdict| TestReport::new(source, verdict)).collect();
        FileReport { file: source.name.to_string(), workflow: self.workflow, error: self.error, problems, tests }
    }
}

/// How many tests came to what.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Counts {
    /// Everything was as it is expected.
    pub(crate) passed: usize,
    /// Something was not.
    pub(crate) failed: usize,
    /// Files whose tests could not be run.
    pub(crate) bad_files: usize,
}

impl Counts {
    /// Counts the tests of a file.
    pub(crate) fn add(&mut self, tested: &Tested) {
        let passed = tested.verdicts.iter().filter(|verdict| verdict.passed()).count();
        self.passed += passed;
        self.failed += tested.verdicts.len() - passed;
        self.bad_files += usize::from(tested.is_bad());
    }

    /// Whether there was nothing to run and nothing wrong.
    pub(crate) fn is_nothing(&self) -> bool {
        self.passed + self.failed + self.bad_files == 0
    }
}

/// What came of all files, for programs.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) files: Vec<FileReport>,
    #[serde(flatten)]
    pub(crate) counts: Counts,
}

/// What came of a test file, for programs.
#[derive(Debug, Serialize)]
pub(crate) struct FileReport {
    file: String,
    workflow: Option<String>,
    /// Why none of its tests was run.
    error: Option<String>,
    problems: Vec<Problem>,
    tests: Vec<TestReport>,
}

/// What came of a test, for programs.
#[derive(Debug, Serialize)]
struct TestReport {
    name: Arc<str>,
    passed: bool,
    state: Status,
    /// Milliseconds of the made-up clock.
    took_ms: u64,
    problems: Vec<Problem>,
    mismatches: Vec<MismatchReport>,
}

/// Something that is not as it is expected, for programs.
#[derive(Debug, Serialize)]
struct MismatchReport {
    what: String,
    #[serde(flatten)]
    range: Range,
    expected: String,
    found: String,
    differences: Vec<DifferenceReport>,
    /// How many places differ beyond those.
    more: usize,
    note: Option<String>,
}

/// One place at which two values differ, as JSON text; null where there is none.
#[derive(Debug, Serialize)]
struct DifferenceReport {
    path: String,
    expected: Option<String>,
    found: Option<String>,
}

impl TestReport {
    fn new(source: &Source, verdict: Verdict) -> Self {
        let passed = verdict.passed();
        let difference = |difference: jackfield_flow::trial::Difference| DifferenceReport {
            path: difference.path,
            expected: difference.expected,
            found: difference.found,
        };
        let mismatch = |mismatch: Mismatch| MismatchReport {
            what: mismatch.what,
            range: Range::of(source, mismatch.span),
            expected: mismatch.expected,
            found: mismatch.found,
            differences: mismatch.differences.into_iter().map(difference).collect(),
            more: mismatch.more,
            note: mismatch.note,
        };
        Self {
            name: verdict.name,
            passed,
            state: verdict.played.status,
            took_ms: verdict.played.took_ms,
            problems: problems::for_programs(source, &verdict.played.problems),
            mismatches: verdict.mismatches.into_iter().map(mismatch).collect(),
        }
    }
}
