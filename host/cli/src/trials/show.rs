//! What came of tests, for people.

use jackfield_flow::definition::Source;
use jackfield_flow::trial::{Difference, Mismatch};

use super::{Counts, Tested, Verdict};
use crate::output::escape;
use crate::output::style::{BAD, DIM, GOOD, STRONG, paint};
use crate::output::time::span;
use crate::problems::{self, Remark};

/// A test file: its tests, each with what is not as it should be.
pub(crate) fn file(source: &Source, tested: &Tested, width: Option<usize>) -> String {
    let mut lines = Vec::new();
    if tested.verdicts.is_empty() && !tested.is_bad() {
        return String::new();
    }
    lines.push(paint(STRONG, escape::line(&source.name)));
    if !tested.problems.is_empty() {
        lines.push(format!("{}\n", problems::for_people(source, &tested.problems, width)));
    }
    if let Some(error) = &tested.error {
        lines.push(format!("{}: {}\n", paint(BAD, "error"), escape::line(error)));
    }
    if let Some((workflow, found)) = &tested.bad_workflow {
        lines.push(format!("{}\n", problems::for_people(workflow, found, width)));
    }
    for verdict in &tested.verdicts {
        lines.push(test(source, verdict, width));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn test(source: &Source, verdict: &Verdict, width: Option<usize>) -> String {
    let (played, name) = (&verdict.played, escape::line(&verdict.name));
    let sign = if verdict.passed() { paint(GOOD, "✓") } else { paint(BAD, "✗") };
    let took = if played.is_void() { String::new() } else { paint(DIM, format!("  {}", span(played.took_ms))) };
    let mut text = format!("  {sign} {name}{took}");
    let mut said = None;
    for mismatch in &verdict.mismatches {
        // Most of what is wrong has one reason, which is told once.
        let note = mismatch.note.as_deref().filter(|note| said != Some(*note));
        said = said.or(note);
        text.push_str(&format!("\n{}\n", shown(source, mismatch, note, width)));
    }
    if verdict.mismatches.is_empty() && !played.problems.is_empty() {
        text.push_str(&format!("\n{}\n", problems::for_people(source, &played.problems, width)));
    } else {
        // What a test has too much is told in short beside what it has found.
        played.problems.iter().for_each(|problem| text.push_str(&format!("\n{}", escape::line(&problem.line(source)))));
    }
    text
}

fn shown(source: &Source, mismatch: &Mismatch, note: Option<&str>, width: Option<usize>) -> String {
    let Mismatch { what, span, expected, found, .. } = mismatch;
    let places: Vec<&Difference> = mismatch.differences.iter().filter(|difference| !difference.path.is_empty()).collect();
    let title = match places.len() + mismatch.more {
        0 => format!("{what}: expected {expected}, found {found}"),
        1 => format!("{what} differs at one place"),
        count => format!("{what} differs at {count} places"),
    };
    let label = if places.is_empty() { format!("found {found}") } else { "expected here".to_owned() };
    let remark = Remark { title: &title, span: *span, label: &label, note };
    let mut text = problems::remark(source, &remark, width);
    for difference in places {
        let side = |value: &Option<String>| value.as_deref().map_or_else(|| "nothing".into(), escape::line).into_owned();
        let path = escape::line(&difference.path);
        text.push_str(&format!("\n    {}", paint(STRONG, path)));
        text.push_str(&format!("\n      expected  {}", paint(GOOD, side(&difference.expected))));
        text.push_str(&format!("\n      found     {}", paint(BAD, side(&difference.found))));
    }
    if mismatch.more > 0 {
        text.push_str(&format!("\n    … and {} more", mismatch.more));
    }
    text
}

/// How many tests came to what, in one line.
pub(crate) fn summary(counts: &Counts, files: usize) -> String {
    let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let Counts { passed, failed, bad_files } = counts;
    let mut parts = vec![format!("{passed} passed")];
    if *failed > 0 {
        parts.push(paint(BAD, format!("{failed} failed")));
    }
    if *bad_files > 0 {
        parts.push(paint(BAD, format!("{} could not be run", count(*bad_files, "file"))));
    }
    let sign = if *failed + *bad_files == 0 { paint(GOOD, "✓") } else { paint(BAD, "✗") };
    format!("{sign} {} in {}: {}", count(passed + failed, "test"), count(files, "file"), parts.join(", "))
}
