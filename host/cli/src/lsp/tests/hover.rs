//! What is said where.

use expect_test::{Expect, expect};
use lsp_types::HoverContents;

use super::kit;
use crate::lsp::document::Document;
use crate::lsp::hover::at;
use crate::lsp::known::Known;

fn said(document: &Document, known: &Known, byte: usize) -> String {
    let Some(hover) = at(document, known, byte) else { return "nothing\n".to_owned() };
    let HoverContents::Markup(markup) = hover.contents else { return String::new() };
    let range = hover.range.map(|range| kit::shown(document, range)).unwrap_or_default();
    format!("{range}\n{}\n", markup.value)
}

#[track_caller]
fn check(steps: &str, expected: Expect) {
    kit::check_steps(steps, said, expected);
}

const STEPS: &str = "  fetch:\n    description: The orders.\n    task: shop.list-orders\n    with: { region: eu }\n";

#[test]
fn keys_and_words() {
    check("steps:\n  a:\n    fin$0ally: { value: 1 }\n", expect![""]);
    check("steps:\n  a:\n    retry: { backoff: lin$0ear }\n", expect![""]);
    check("step$0s: {}\n", expect![""]);
}

#[test]
fn tasks_steps_and_fields() {
    check("steps:\n  a:\n    task: shop.list$0-orders\n", expect![""]);
    check("steps:\n  a:\n    task: shop.list-orders\n    with: { reg$0ion: eu }\n", expect![""]);
    check(&format!("steps:\n{STEPS}").replace("fetch:", "fet$0ch:"), expect![""]);
    check(&format!("steps:\n{STEPS}  b: {{ value: 1, needs: fe$0tch }}\n"), expect![""]);
    check("steps:\n  a:\n    task: shop.upsert\n    on-error: { bu$0sy: fail }\n", expect![""]);
    kit::check("workflow: w\nplugins: { sh$0op: ./shop.wasm }\nsteps: {}\n", said, expect![""]);
    kit::check("workflow: w\ninputs: { da$0ys: { type: int, default: 3, description: How many. } }\n", said, expect![""]);
}

#[test]
fn parts_of_expressions() {
    let check = |rest: &str, expected: Expect| check(&format!("steps:\n{STEPS}{rest}"), expected);
    check("  b:\n    value: ${ size(steps.fe$0tch.orders) }\n", expect![""]);
    check("  b:\n    value: ${ size(steps.fetch.ord$0ers) }\n", expect![""]);
    check("  b:\n    value: ${ si$0ze(steps.fetch.orders) }\n", expect![""]);
    check("  b:\n    value: \"${ inputs.max$0_count + 1 }\"\n", expect![""]);
    check("  b:\n    value: ${ inputs.max_count $0+ 1 }\n", expect![""]);
    check("  b:\n    value: ${ st$0eps.fetch }\n", expect![""]);
    check("  b:\n    value: ${ steps.fetch.orders.map(o, o.to$0tal) }\n", expect![""]);
    check("outputs:\n  to$0tal: ${ size(steps.fetch.orders) }\n", expect![""]);
    check("  b:\n    value: ${ nobody.kno$0ws }\n", expect![""]);
}
