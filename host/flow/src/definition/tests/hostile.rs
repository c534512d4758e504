//! Files that want to cost memory, time or the stack (P01).

use expect_test::expect;

use super::{check, problems, step};
use crate::definition::{NodeKind, Source, read_tree};

/// Refuses a text for its syntax; the message says this.
#[track_caller]
fn refused(text: &str, part: &str) {
    let (definition, problems) = problems(text);
    assert!(definition.is_none());
    assert!(problems.len() == 1 && problems[0].contains(part), "{problems:?}");
}

#[test]
fn p01_a_billion_laughs() {
    let mut text = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..10 {
        let uses = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{uses}]\n"));
    }
    refused(&text, "more than 400000 values");
}

#[test]
fn p01_anchors_around_each_other_do_not_multiply_what_they_hold() {
    // Sixty anchors around one long list: kept once for each of them it would be sixty lists.
    let text = format!("{}{}{}", (0..60).map(|n| format!("&a{n} [")).collect::<String>(), "x,".repeat(300_000), "]".repeat(60));
    refused(&text, "more than 400000 values");
}

#[test]
fn p01_aliases_do_not_nest_deeper_than_brackets() {
    let mut text = String::from("a0: &a0 [x]\n");
    for level in 1..800 {
        text.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
    }
    refused(&text, "nested deeper than 64 levels");
}

#[test]
fn p01_nesting_bombs() {
    for open in ["[", "{a: ", "- ", "? ", "[{a: "] {
        refused(&open.repeat(100_000), "");
    }
    let block: String = (0..2_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    refused(&block, "nested deeper than 64 levels");
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    check(&step(&format!("with: {{ n: {} }}", nested(60))), expect![[r#""#]]);
    check(
        &step(&format!("with: {{ n: {} }}", nested(61))),
        expect![[r#"
        w.yaml:5:77: error[E001]: nested deeper than 64 levels
    "#]],
    );
}

#[test]
fn p01_five_megabytes() {
    let text = format!("workflow: w\n# {}\n", "x".repeat(5_000_000));
    let (definition, problems) = problems(&text);
    assert!(definition.is_none());
    expect!["w.yaml:1:1: error[E001]: the file has 5000015 bytes; a workflow may have 4194304 (move data out of the workflow and read it in a step)"].assert_eq(&problems.join("\n"));
}

#[test]
fn p01_large_files_that_are_no_workflows_are_refused() {
    let size = 4_000_000;
    for text in [
        "\"".repeat(size),
        "a ".repeat(size / 2),
        "a\n".repeat(size / 2),
        "#\n".repeat(size / 2),
        "a: b\n".repeat(300_000),
        "- a\n".repeat(390_000),
        "\n".repeat(size),
        format!("a: |\n{}", " x\n".repeat(size / 3)),
        format!("a: \"{}\"", "\\u0041".repeat(size / 6)),
        format!("workflow: w\nsteps:\n  a: {{ task: t.x, with: {{ n: \"${{ {} }}\" }} }}\n", "(".repeat(size / 2)),
        "é".repeat(size / 2),
    ] {
        let (_, problems) = problems(&text);
        assert!(!problems.is_empty());
    }
}

#[test]
fn the_tree_of_a_file_has_the_places_of_its_parts() {
    let source = Source::new("w.yaml", "\u{feff}é: [ü, \"ß\"]\n");
    let root = read_tree(&source).expect("a tree");
    let NodeKind::Map(pairs) = &root.kind else { panic!("{root:?}") };
    let NodeKind::List(items) = &pairs[0].1.kind else { panic!("{root:?}") };
    assert_eq!((source.slice(pairs[0].0.span), source.slice(items[0].span), source.slice(items[1].span)), ("é", "ü", "\"ß\""));
}
