//! Documents as editors hand them over: changes, sorts, problems.

use expect_test::expect;
use jackfield_flow::definition::{Source, read};
use lsp_types::{NumberOrString, Position, Range, TextDocumentContentChangeEvent};

use super::kit;
use crate::lsp::diagnostics::{Explanations, shown};
use crate::lsp::document::{Document, Sort};

fn document(text: &str) -> Document {
    Document::new("file:///w.yaml".parse().expect("a URI"), 1, text.to_owned())
}

#[test]
fn changes_are_applied_one_after_another() {
    let place = |line, character| Position { line, character };
    let change = |start, end, text: &str| TextDocumentContentChangeEvent {
        range: Some(Range { start, end }),
        range_length: None,
        text: text.to_owned(),
    };
    let before = document("a: 🚀x\nb: 2\n");
    let after = before.changed(
        2,
        &[change(place(0, 5), place(0, 6), "y"), change(place(1, 0), place(9, 9), "c: 3"), change(place(1, 1), place(0, 0), "")],
    );
    assert_eq!((&*after.text, after.version), (": 3", 2));
    let whole = TextDocumentContentChangeEvent { range: None, range_length: None, text: "d".to_owned() };
    assert_eq!(&*after.changed(3, &[whole]).text, "d");
}

#[test]
fn only_workflows_are_looked_at() {
    let sort = |text: &str| document(text).sort();
    assert_eq!([sort(""), sort("work"), sort("workflow: w"), sort("steps:"), sort("inputs:\nx")], [Sort::Workflow; 5]);
    assert_eq!(sort("workflow: ./w.yaml\ntests:\n"), Sort::Tests);
    assert_eq!([sort("services:\n  web: 1\n"), sort("on: push\njobs: {}\n")], [Sort::Other; 2]);
}

#[test]
fn problems_have_places_codes_and_pages() {
    let text = "workflow: w\nsteps:\n  é: { value: 1 }\n  a: { value: 1 }\n  a: { value: 2, tmeout: 3 }\n";
    let document = document(text);
    let (_, problems) = read(&Source::new("w.yaml", text));
    let folder = tempfile::tempdir().expect("a folder");
    let pages = Explanations { folder: Some(folder.path().join("explain")) };
    let mut lines = String::new();
    for problem in shown(&document, &problems, &pages) {
        let code = match problem.code {
            Some(NumberOrString::String(code)) => code,
            other => panic!("{other:?}"),
        };
        let page = problem.code_description.expect("a page").href;
        let page = std::fs::read_to_string(crate::lsp::document::path_of(&page).expect("a file")).expect("it is there");
        assert!(page.starts_with(&format!("# {code} (")), "{page}");
        let related = problem.related_information.unwrap_or_default();
        let related: Vec<String> =
            related.iter().map(|at| format!(" ({} {})", kit::shown(&document, at.location.range), at.message)).collect();
        lines.push_str(&format!(
            "{} {code} {}{}\n",
            kit::shown(&document, problem.range),
            problem.message.replace('\n', " / "),
            related.concat()
        ));
    }
    expect![[r#"
        2:2-2:3 "é" E007 `é` cannot name a step (1 character) / a name is 1 to 64 characters of a-z, 0-9 and `-`, beginning with a letter
        4:2-4:3 "a" E003 `a` stands twice / it is already in line 4 (3:2-3:3 "a" first here)
    "#]]
    .assert_eq(&lines);
}

#[test]
fn a_document_that_is_too_long_says_so_and_no_more() {
    let text = format!("workflow: w\nsteps: {{}}\n#{}", "x".repeat(5 << 20));
    let (document, known) = kit::opened(&text);
    assert_eq!(document.sort(), Sort::Workflow);
    assert!(crate::lsp::completion::at(&document, &known, 3).is_empty());
    let (_, problems) = read(&Source::new("w.yaml", &*document.text));
    assert!(problems[0].message.contains("a workflow may have"), "{problems:?}");
}
