//! The simple test vectors of the CEL specification: each one either passes or stands in the list of what is left out, with a reason.

mod vector;

use std::collections::BTreeMap;
use std::fmt::Write;

use expect_test::expect_file;

use vector::{Outcome, Vector};

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("conformance/", $name, ".jsonl")))),*]
    };
}

const FILES: &[(&str, &str)] = files![
    "basic",
    "bindings_ext",
    "block_ext",
    "comparisons",
    "conversions",
    "dynamic",
    "encoders_ext",
    "enums",
    "fields",
    "fp_math",
    "integer_math",
    "lists",
    "logic",
    "macros",
    "macros2",
    "math_ext",
    "namespace",
    "optionals",
    "parse",
    "plumbing",
    "proto2",
    "proto2_ext",
    "proto3",
    "string",
    "string_ext",
    "timestamps",
    "type_deductions",
    "wrappers",
];

/// What is left out: a line `# reason`, then lines `file/section: name, name …` (`*` for all names of a section). After `~ reason` what
/// the checker refuses on purpose and the evaluator gets right.
const LEFT_OUT: &str = include_str!("conformance/left-out.txt");

/// Why a vector is left out.
struct Reason {
    text: &'static str,
    /// Whether only the checker refuses it.
    unchecked: bool,
    count: usize,
}

/// Reasons by `file/section/name`.
struct LeftOut {
    reasons: Vec<Reason>,
    names: BTreeMap<String, usize>,
}

impl LeftOut {
    fn read() -> Self {
        let mut left_out = Self { reasons: Vec::new(), names: BTreeMap::new() };
        for line in LEFT_OUT.lines().filter(|line| !line.is_empty()) {
            if let Some(text) = line.strip_prefix("# ").or_else(|| line.strip_prefix("~ ")) {
                left_out.reasons.push(Reason { text, unchecked: line.starts_with('~'), count: 0 });
                continue;
            }
            let (section, names) = line.split_once(": ").expect("a line is `file/section: names`");
            for name in names.split(", ") {
                let before = left_out.names.insert(format!("{section}/{name}"), left_out.reasons.len() - 1);
                assert_eq!(before, None, "{section}/{name} stands twice in the list");
            }
        }
        left_out
    }

    /// The entry for a vector: its own, or that of its section.
    fn entry(&self, file: &str, vector: &Vector) -> Option<(String, usize)> {
        [&*vector.name, "*"].iter().find_map(|name| {
            let entry = format!("{file}/{}/{name}", vector.section);
            self.names.get(&entry).map(|reason| (entry, *reason))
        })
    }
}

#[derive(Default)]
struct Counts {
    file: &'static str,
    applied: usize,
    refused: usize,
    unchecked: usize,
    left_out: usize,
}

#[test]
fn every_vector_of_the_specification_passes_or_is_left_out_for_a_reason() {
    let mut left_out = LeftOut::read();
    let mut unused = left_out.names.clone();
    let mut wrong = Vec::new();
    let mut files = Vec::new();
    for (file, lines) in FILES {
        let mut counts = Counts { file, ..Counts::default() };
        for vector in lines.lines().map(Vector::read) {
            let entry = left_out.entry(file, &vector);
            let reason = entry.map(|(entry, reason)| {
                unused.remove(&entry);
                &mut left_out.reasons[reason]
            });
            if let Some(how) = compare(vector.outcome(), reason, &mut counts) {
                wrong.push(format!("{file}/{}/{}\t{}\t{how}", vector.section, vector.name, vector.expr.replace('\n', " ")));
            }
        }
        files.push(counts);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(unused.is_empty(), "the list leaves out what is not there: {unused:?}");
    expect_file!["conformance/CONFORMANCE.md"].assert_eq(&report(&files, &left_out.reasons));
}

/// Counts a vector; what is wrong when its outcome is not the one that the list says.
fn compare(outcome: Outcome, reason: Option<&mut Reason>, counts: &mut Counts) -> Option<String> {
    let Some(reason) = reason else {
        counts.applied += 1;
        return match outcome {
            Outcome::Passes => None,
            Outcome::Refused => {
                counts.refused += 1;
                None
            }
            Outcome::Unchecked => Some("only the checker refuses it".to_owned()),
            Outcome::Differs(how) => Some(how),
        };
    };
    reason.count += 1;
    if reason.unchecked {
        counts.unchecked += 1;
    } else {
        counts.left_out += 1;
    }
    match outcome {
        Outcome::Passes | Outcome::Refused => Some("passes, and is left out".to_owned()),
        Outcome::Unchecked if !reason.unchecked => Some("is left out, and only the checker refuses it".to_owned()),
        Outcome::Differs(how) if reason.unchecked => Some(format!("is not evaluated as expected without the check: {how}")),
        Outcome::Unchecked | Outcome::Differs(_) => None,
    }
}

fn report(files: &[Counts], reasons: &[Reason]) -> String {
    let mut text = String::from(HEAD);
    let sum = |of: fn(&Counts) -> usize| files.iter().map(of).sum::<usize>();
    let all = Counts {
        file: "all",
        applied: sum(|counts| counts.applied),
        refused: sum(|counts| counts.refused),
        unchecked: sum(|counts| counts.unchecked),
        left_out: sum(|counts| counts.left_out),
    };
    for counts in files.iter().chain([&all]) {
        let Counts { file, applied, refused, unchecked, left_out } = counts;
        writeln!(text, "| {file} | {applied} | {refused} | {unchecked} | {left_out} |").expect("a text grows");
    }
    for (unchecked, title) in [(true, "evaluated only"), (false, "left out")] {
        writeln!(text, "\n| {title} | why |\n| ---: | --- |").expect("a text grows");
        for reason in reasons.iter().filter(|reason| reason.unchecked == unchecked) {
            writeln!(text, "| {} | {} |", reason.count, reason.text).expect("a text grows");
        }
    }
    text
}

const HEAD: &str = "# Conformance with CEL

The simple test vectors of the CEL specification (github.com/google/cel-spec v0.25.1, `tests/simple/testdata`, Apache License 2.0): one
file of JSON lines for each of its files, taken from the npm package `@bufbuild/cel-spec` 0.6.1 (Apache License 2.0).

- **Applied**: the expression is parsed, checked (unless the vector turns that off) and evaluated to exactly the expected value, of the
  expected kind; or, where an error is expected, it is refused or fails. **Refused**: the part of them whose error is found before
  anything runs.
- **Evaluated only**: the checker refuses the expression on purpose; without the check it is evaluated to exactly the expected value.
- **Left out**: it has no such meaning here.

The last two stand in `left-out.txt`, each with its reason; the test fails when one of them would pass.

| file | applied | of these refused | evaluated only | left out |
| --- | ---: | ---: | ---: | ---: |
";
