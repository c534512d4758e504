//! Files over the whole language, sound and spoilt: building ends with an answer, in a time that grows with the file.

use std::time::Duration;

use proptest::prelude::*;

use super::kit::{check, flows, plugins};
use crate::definition::tests::generate::{Shape, workflow};
use crate::definition::{Severity, Source, read};
use crate::plan::{Plan, build};

/// Reads and builds a text; what is said of it can be shown, and without errors there is a plan that can be kept.
fn look(text: &str) -> bool {
    let source = Source::new("w.yaml", text);
    let (definition, mut problems) = read(&source);
    let mut plan = None;
    if let Some(definition) = &definition {
        let (built, found) = build(definition, &plugins(), &flows());
        problems.extend(found);
        plan = built;
    }
    for problem in &problems {
        assert!(problem.span.start <= problem.span.end && problem.span.start <= text.len(), "{problem:?}");
        assert!(!problem.line(&source).is_empty() && !problem.message.contains('\n'), "{problem:?}");
    }
    let errors = problems.iter().any(|problem| problem.code.severity() == Severity::Error);
    // What was read of a file with errors may build; nobody uses it.
    let plan = plan.filter(|_| !errors);
    assert_eq!(plan.is_none(), errors || definition.is_none(), "a plan, or an error: {text}\n{problems:?}");
    if let Some(plan) = &plan {
        assert!(Plan::from_bytes(&plan.to_bytes().0).as_ref() == Ok(plan), "it comes back otherwise from storage: {text}");
    }
    plan.is_some()
}

#[test]
fn generated_files_are_sound() {
    for seed in 0..60 {
        let shape = Shape { steps: 12, flows: (seed % 3) as usize, waits_percent: 25 };
        let (plan, problems) = check(&workflow(seed, shape));
        let errors: Vec<&String> = problems.iter().filter(|problem| problem.contains(": error[")).collect();
        assert!(plan.is_some() && errors.is_empty(), "seed {seed}: {errors:?}\n{}", workflow(seed, shape));
    }
}

#[test]
fn twenty_thousand_steps_and_huge_choices() {
    let chain: String = (1..20_000).map(|step| format!("  s{step}: {{ value: \"${{ steps.s{} + 1 }}\" }}\n", step - 1)).collect();
    assert!(look(&format!("workflow: w\nsteps:\n  s0: {{ value: 1 }}\n{chain}")));
    let circle: String = (0..20_000).map(|step| format!("  s{step}: {{ value: \"${{ steps.s{} }}\" }}\n", (step + 1) % 20_000)).collect();
    assert!(!look(&format!("workflow: w\nsteps:\n{circle}")));
    let circles: String = (0..20_000).map(|step| format!("  s{step}: {{ value: \"${{ steps.s{} }}\" }}\n", step ^ 1)).collect();
    assert!(!look(&format!("workflow: w\nsteps:\n{circles}")));
    let unknown: String = (0..20_000).map(|step| format!("  s{step}: {{ value: \"${{ steps.t{step} }}\" }}\n")).collect();
    assert!(!look(&format!("workflow: w\nsteps:\n{unknown}")));
    let branches: String =
        (0..1_000).map(|branch| format!("{{ if: \"${{ run.key == '{branch}' }}\", value: {{ f{branch}: 1 }} }},")).collect();
    assert!(look(&format!("workflow: w\nsteps: {{ a: {{ choose: [{branches}] }} }}\n")));
    let texts: String = (0..1_000).map(|branch| format!("c{branch}: {{ value: t{branch} }},")).collect();
    assert!(look(&format!("workflow: w\nsteps: {{ a: {{ race: {{ {texts} }} }} }}\n")));
}

/// The time to read and build a file, the least of a few.
fn time(text: &str) -> Duration {
    let clock = |_| {
        #[expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "this test measures")]
        let start = std::time::Instant::now();
        assert!(look_fast(text));
        start.elapsed()
    };
    (0..3).map(clock).min().expect("three")
}

fn look_fast(text: &str) -> bool {
    let source = Source::new("w.yaml", text);
    let (definition, _) = read(&source);
    definition.is_some_and(|definition| build(&definition, &plugins(), &flows()).0.is_some())
}

/// Not a test of anything by itself: `cargo test --release -p jackfield-flow the_time_of_check -- --ignored --nocapture`.
#[test]
#[ignore = "prints figures"]
#[expect(clippy::print_stderr, reason = "prints figures")]
fn the_time_of_check() {
    for steps in [250, 500, 1_000, 2_000, 4_000] {
        // Two steps for each that is asked for.
        let text = workflow(7, Shape { flows: 0, ..Shape::of(steps / 2) });
        eprintln!("{steps} steps, {} bytes: {:?}", text.len(), time(&text));
    }
    let chain: String = (1..20_000).map(|step| format!("  s{step}: {{ value: \"${{ steps.s{} + 1 }}\" }}\n", step - 1)).collect();
    eprintln!("a chain of 20,000: {:?}", time(&format!("workflow: w\nsteps:\n  s0: {{ value: 1 }}\n{chain}")));
}

/// A generated file with some parts cut, doubled, moved or replaced.
fn spoilt() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "task: t.inc",
        "sleep: 1s",
        "value: 1",
        "until: ",
        "race:",
        "choose:\n",
        "- ",
        "for-each: ",
        "repeat: ",
        "${ ",
        " }",
        "steps.s0",
        "item",
        "carry",
        "error",
        "output",
        "inner",
        "flow: ",
        "grant: {}",
        "on-error: ",
        "any: ",
        "fail",
        "needs: [s1]",
        "lock: x",
        "0",
        "-1",
        "null",
        "{",
        "}",
        "[",
        "]",
        "\"",
        ": ",
        "\n",
        "    ",
        "if: false\n",
        "inputs.n",
        "with: ",
        "RAW",
        "🚀",
    ];
    let change = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..5_u8, prop::sample::select(PIECES));
    (0..1_000_u64, prop::collection::vec(change, 1..6)).prop_map(|(seed, changes)| {
        let mut text: Vec<char> = workflow(seed, Shape { steps: 5, flows: 1, waits_percent: 25 }).chars().collect();
        for (from, to, how, piece) in changes {
            if text.is_empty() {
                break;
            }
            let (from, to) = (from.index(text.len()), to.index(text.len()));
            let (from, to) = (from.min(to), from.max(to).min(from.min(to) + 60));
            match how {
                0 => drop(text.drain(from..to)),
                1 => {
                    let part = text[from..to].to_vec();
                    text.splice(to..to, part);
                }
                2 => drop(text.splice(from..from, piece.chars())),
                3 => {
                    // A whole line is cut, so that what is left is often well-formed.
                    let start = text[..from].iter().rposition(|c| *c == '\n').map_or(0, |at| at + 1);
                    let end = text[from..].iter().position(|c| *c == '\n').map_or(text.len(), |at| from + at + 1);
                    text.drain(start..end);
                }
                _ => drop(text.splice(from..(from + 3).min(text.len()), piece.chars())),
            }
        }
        text.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn spoilt_files_are_answered(text in spoilt()) {
        look(&text);
    }

    #[test]
    fn generated_files_become_plans(seed in any::<u64>()) {
        let sound = look(&workflow(seed, Shape { steps: 6, flows: 2, waits_percent: 30 }));
        prop_assert!(sound);
    }
}
