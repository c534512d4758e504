//! What is offered where.

use expect_test::{Expect, expect};
use lsp_types::CompletionTextEdit;

use super::kit;
use crate::lsp::completion::at;
use crate::lsp::document::Document;
use crate::lsp::known::Known;

/// One line for each offer: its label, its detail, and in brackets what is written where that is something else. Functions are
/// left out.
fn offers(document: &Document, known: &Known, byte: usize) -> String {
    let mut lines = String::new();
    for item in at(document, known, byte) {
        let Some(CompletionTextEdit::Edit(edit)) = item.text_edit else { continue };
        let detail = item.detail.map(|detail| format!(" · {detail}")).unwrap_or_default();
        let replaced = &document.text[document.byte(edit.range.start)..document.byte(edit.range.end)];
        let written = if edit.new_text == item.label { String::new() } else { format!(" [{replaced:?} → {:?}]", edit.new_text) };
        if !edit.new_text.ends_with('(') {
            lines.push_str(&format!("{}{detail}{written}\n", item.label));
        }
    }
    lines
}

#[track_caller]
fn check(steps: &str, expected: Expect) {
    kit::check_steps(steps, offers, expected);
}

/// The same for long lists: the labels in one line.
#[track_caller]
fn check_labels(text: &str, expected: Expect) {
    let labels = |document: &Document, known: &Known, byte: usize| {
        let labels: Vec<String> = at(document, known, byte).into_iter().map(|item| item.label).collect();
        labels.join(" ")
    };
    kit::check(text, labels, expected);
}

#[test]
fn keys_of_the_language() {
    check_labels("$0", expect![""]);
    check_labels("workflow: w\n$0\nsteps: {}\n", expect![""]);
    check_labels("workflow: w\nsteps:\n  a:\n    $0", expect![""]);
    check_labels("workflow: w\nsteps:\n  a:\n    task: t.x\n    $0\n    with: {}\n  b: {}\n", expect![""]);
    check_labels("workflow: w\nsteps:\n  a:\n    task: t.x\n    retry: { att$0 }\n", expect![""]);
    check_labels("workflow: w\nsteps:\n  a:\n    choose:\n      - $0", expect![""]);
    check_labels("workflow: w\nsteps:\n  a:\n    choose:\n      - if: ${ true }\n        $0", expect![""]);
    check_labels("workflow: w\nsteps:\n  a:\n    race:\n      fast: { $0", expect![""]);
    check_labels("workflow: w\nsteps:\n  a:\n    task: t.x\n    on-error:\n      any:\n        $0", expect![""]);
    check_labels("workflow: w\ninputs:\n  a: { type: list, $0", expect![""]);
    check_labels("workflow: w\ninputs:\n  a: { type: list, items: { $0", expect![""]);
    check_labels("workflow: w\nflows:\n  f:\n    steps:\n      a:\n        wait: { $0", expect![""]);
    check_labels("{\"workflow\": \"w\", \"steps\": {\"a\": {\"task\": \"t.x\", \"ret$0", expect![""]);
}

#[test]
fn keys_say_what_they_take() {
    check("steps:\n  a:\n    task: shop.upsert\n    retry:\n      b$0\n", expect![""]);
}

#[test]
fn words_and_names() {
    check("steps:\n  a:\n    task: shop.upsert\n    retry: { jitter: $0", expect![""]);
    check("steps:\n  a: { value: 1 }\n  b: { value: 2 }\n  c:\n    value: 1\n    needs: [a, $0]\n", expect![""]);
    check("steps:\n  a:\n    task: shop.li$0\n", expect![""]);
    check("steps:\n  a:\n    task: $0\n", expect![""]);
    check("flows:\n  notify: ./notify.yaml\n  tidy: { steps: { a: { value: 1 } } }\nsteps:\n  a:\n    flow: n$0\n", expect![""]);
    check("steps:\n  a:\n    task: shop.upsert\n    cache: $0\n", expect![""]);
    check_labels("workflow: w\ninputs:\n  a: $0\nsteps: {}", expect![""]);
    check_labels(&format!("{}steps:\n  a:\n    task: shop.upsert\n    on-error:\n      $0\n", kit::HEAD), expect![""]);
    check_labels(&format!("{}steps:\n  a:\n    task: shop.upsert\n    retry:\n      on: [b$0\n", kit::HEAD), expect![""]);
}

#[test]
fn fields_of_the_input_of_a_task() {
    check("steps:\n  a:\n    task: shop.list-orders\n    with:\n      $0\n", expect![""]);
    check("steps:\n  a:\n    task: shop.list-orders\n    with: { region: $0 }\n", expect![""]);
    check("steps:\n  a:\n    task: shop.list-orders\n    with: { region: eu, deep: { $0 } }\n", expect![""]);
    check("steps:\n  a:\n    choose:\n      - task: shop.upsert\n        with:\n          o$0\n", expect![""]);
    check(
        "flows:\n  tidy:\n    inputs: { days: { type: int, default: 3 }, who: string }\n    steps: { a: { value: 1 } }\nsteps:\n  a:\n    flow: tidy\n    with: { $0 }\n",
        expect![""],
    );
}

const TWO: &str = "steps:\n  list-all: { task: shop.list-orders, with: { region: eu } }\n";

#[test]
fn names_in_expressions() {
    let check = |rest: &str, expected: Expect| check(&format!("{TWO}{rest}"), expected);
    check("  b:\n    task: shop.upsert\n    with: { order: \"${ $0\" }\n", expect![""]);
    check("  b:\n    task: shop.upsert\n    with: { order: \"${ steps.$0\" }\n", expect![""]);
    check("  b:\n    task: shop.upsert\n    with: { order: ${ steps.list_all.or$0 } }\n", expect![""]);
    check("  b:\n    if: ${ inputs.$0\n", expect![""]);
    check("  b:\n    value: |\n      ${\n        run.$0\n      }\n", expect![""]);
    check("  b:\n    value: ${ steps[\"li$0\n", expect![""]);
    check("  b:\n    value: ${ 'steps.$0\n", expect![""]);
    check("  b:\n    value: ${ steps.list_all.orders.map(o, o.$0) }\n", expect![""]);
    check("  b:\n    value: text $0\n", expect![""]);
}

#[test]
fn names_that_structures_give() {
    let check = |rest: &str, expected: Expect| check(&format!("{TWO}{rest}"), expected);
    let each = "  b:\n    for-each: ${ steps.list_all.orders }\n    task: shop.upsert\n";
    check(&format!("{each}    with: {{ order: \"${{ item.$0 }}\" }}\n"), expect![""]);
    check(&format!("{each}    if: ${{ it$0 }}\n"), expect![""]);
    check(&format!("{each}    compensate: {{ value: \"${{ output.$0 }}\" }}\n"), expect![""]);
    check(&format!("{each}    on-error: {{ any: {{ value: \"${{ error.$0 }}\" }} }}\n"), expect![""]);
    check(&format!("{each}    finally: {{ value: \"${{ outcome.$0 }}\" }}\n"), expect![""]);
    check("  c:\n    repeat: { start: { n: 1 }, until: \"${ carry.$0 }\" }\n    value: { n: 2 }\n", expect![""]);
    check("outputs:\n  all: ${ $0\n", expect![""]);
    check("labels:\n  all: ${ $0\n", expect![""]);
}

#[test]
fn functions_are_offered_where_they_fit() {
    check_labels(&format!("{}{TWO}  b:\n    value: ${{ inputs.max_count.$0 }}\n", kit::HEAD), expect![""]);
    check_labels(&format!("{}{TWO}  b:\n    value: ${{ steps.list_all.next.$0 }}\n", kit::HEAD), expect![""]);
    check_labels(&format!("{}{TWO}  b:\n    value: ${{ steps.list_all.orders.$0 }}\n", kit::HEAD), expect![""]);
}

/// Lines that are not whole are what an editor asks about.
#[test]
fn half_a_file_is_enough() {
    check(&format!("{TWO}  b:\n    with: {{ n: \"${{ steps.$0\n  c:\n    task: [\n  d: }}\n"), expect![""]);
    check(&format!("{TWO}  b:\n    task: shop.$0\n   wrong: indent\n\tand: a tab\n"), expect![""]);
    check(&format!("{TWO}  list-all: twice\n  e$0"), expect![""]);
}

#[test]
fn other_files_are_left_alone() {
    check_labels("services:\n  web:\n    $0", expect![""]);
    check_labels("workflow: ./w.yaml\ntests:\n  $0", expect![""]);
}
