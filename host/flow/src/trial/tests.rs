//! Tests of workflows, played: what passes, what does not and why, and what is wrong with a test.

mod bounds;
mod flows;
mod kinds;
mod refused;
mod saga;
mod waits;

use std::sync::Arc;

use expect_test::Expect;

use super::{Mismatch, Played, judge, play};
use crate::definition::{Diagnostic, Source, Trial, read_trials};
use crate::plan::tests::plan_of;

/// The tests of a file that has to be sound.
fn trials(text: &str) -> (Source, Vec<Trial>) {
    let source = Source::new("w.test.yaml", text);
    let (file, problems) = read_trials(&source);
    let lines: Vec<String> = problems.iter().map(|problem| problem.line(&source)).collect();
    assert!(problems.is_empty(), "{}", lines.join("\n"));
    (source, file.expect("a file without problems is read").trials)
}

/// The first test of a file, played with a workflow of the plugin `t`.
fn played(workflow: &str, tests: &str) -> (Source, Trial, Played) {
    let plan = Arc::new(plan_of(&format!("workflow: w\nplugins: {{ t: t.wasm }}\n{workflow}")));
    let (source, mut trials) = trials(&format!("tests:\n  it:\n{tests}"));
    let trial = trials.remove(0);
    let played = play(&plan, &trial);
    (source, trial, played)
}

/// What a test says: problems of the test itself, or what is not as it is expected; nothing when it passes.
#[track_caller]
fn check(workflow: &str, tests: &str, expected: Expect) -> Played {
    let (source, trial, played) = played(workflow, tests);
    let mut lines: Vec<String> = played.problems.iter().map(|problem: &Diagnostic| problem.line(&source)).collect();
    if !played.is_void() {
        lines.extend(judge(&trial, &played).iter().map(|mismatch| line(&source, mismatch)));
    }
    expected.assert_eq(&lines.iter().map(|line| format!("{}\n", line.trim_start_matches("w.test.yaml:"))).collect::<String>());
    played
}

/// A test that passes, without any warning.
#[track_caller]
fn passes(workflow: &str, tests: &str) -> Played {
    check(workflow, tests, expect_test::expect![""])
}

fn line(source: &Source, mismatch: &Mismatch) -> String {
    let place = source.position(mismatch.span.start);
    let differences = mismatch.differences.iter().map(|difference| {
        let show = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        format!("; at `{}` {} for {}", difference.path, show(&difference.found), show(&difference.expected))
    });
    let more = if mismatch.more > 0 { format!("; and {} more", mismatch.more) } else { String::new() };
    let note = mismatch.note.as_ref().map_or_else(String::new, |note| format!(" ({note})"));
    let Mismatch { what, expected, found, .. } = mismatch;
    format!("{place}: {what}: expected {expected}, found {found}{}{more}{note}", differences.collect::<String>())
}

/// The places of all calls, with the time of their start.
fn calls(played: &Played) -> Vec<String> {
    played.calls.iter().map(|call| format!("{}@{}", call.place, call.after_ms)).collect()
}
