//! Where names come from, where they are used, and what a rename writes.

use expect_test::{Expect, expect};

use super::kit;
use crate::lsp::document::Document;
use crate::lsp::known::Known;
use crate::lsp::names::{Target, definition, references, rename};

fn target(document: &Document, _: &Known, byte: usize) -> String {
    match definition(document, byte) {
        None => "nothing".to_owned(),
        Some(Target::Here(span)) => kit::shown(document, document.range(span)),
        Some(Target::File(path)) => format!("file {}", path.display()),
    }
}

fn places(document: &Document, _: &Known, byte: usize) -> String {
    let places = references(document, byte).into_iter().map(|span| kit::shown(document, document.range(span)) + "\n");
    places.collect()
}

/// The text after a rename to `new-name`.
fn renamed(document: &Document, _: &Known, byte: usize) -> String {
    match rename(document, byte, "new-name") {
        Err(why) => why,
        Ok(mut edits) => {
            let mut text = document.text.to_string();
            edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
            for (span, new) in edits {
                text.replace_range(span.start..span.end, &new);
            }
            text.replace(kit::HEAD, "")
        }
    }
}

const STEPS: &str = r#"steps:
  fetch-all: { task: shop.list-orders, with: { region: "${ inputs.region }" } }
  save:
    needs: [fetch-all]
    for-each: ${ steps.fetch_all.orders }
    value: "${ steps['fetch-all'].next.orValue(\"steps.fetch_all\") + steps.fetch_all_not }"
outputs: { all: "${ steps.fetch_all }" }
"#;

#[track_caller]
fn check(from: &str, to: &str, feature: fn(&Document, &Known, usize) -> String, expected: Expect) {
    kit::check_steps(&STEPS.replacen(from, to, 1), feature, expected);
}

#[test]
fn definitions() {
    check("steps.fetch_all.or", "steps.fet$0ch_all.or", target, expect![[r#"7:2-7:11 "fetch-all""#]]);
    check("['fetch-all", "['fetch$0-all", target, expect![[r#"7:2-7:11 "fetch-all""#]]);
    check("[fetch-all", "[fetch-$0all", target, expect![[r#"7:2-7:11 "fetch-all""#]]);
    check("inputs.region", "inputs.re$0gion", target, expect![[r#"2:2-2:8 "region""#]]);
    check("shop.list", "shop.li$0st", target, expect![[r#"5:2-5:6 "shop""#]]);
    check(".next", ".ne$0xt", target, expect!["nothing"]);
    kit::check("workflow: w\nflows: { f: ./f$0.yaml }\n", target, expect!["file ./f.yaml"]);
    kit::check("workflow: w\nsteps: { a: { flow: ./sub/f$0.yaml } }\n", target, expect!["file ./sub/f.yaml"]);
    kit::check("workflow: w\nflows:\n  f: { steps: {} }\nsteps: { a: { flow: f$0 } }\n", target, expect![[r#"2:2-2:3 "f""#]]);
}

#[test]
fn a_workflow_in_place_has_names_of_its_own() {
    let text = "workflow: w\nflows:\n  f:\n    steps: { a: { value: 1 }, b: { value: \"${ steps.a$0 }\" } }\nsteps: { a: { value: 2 }, c: { value: \"${ steps.a }\" } }\n";
    kit::check(
        text,
        places,
        expect![[r#"
        3:13-3:14 "a"
        3:52-3:53 "a"
    "#]],
    );
    kit::check(
        &text.replace("$0", "").replace("c: { value: \"${ steps.a", "c: { value: \"${ steps.$0a"),
        places,
        expect![[r#"
        4:9-4:10 "a"
        4:48-4:49 "a"
    "#]],
    );
}

#[test]
fn references_and_renames() {
    check(
        "  fetch-all:",
        "  fetch-$0all:",
        places,
        expect![[r#"
        7:2-7:11 "fetch-all"
        9:12-9:21 "fetch-all"
        10:23-10:32 "fetch_all"
        11:22-11:31 "fetch-all"
        12:26-12:35 "fetch_all"
    "#]],
    );
    check(
        "  fetch-all:",
        "  fetch-$0all:",
        renamed,
        expect![[r#"
        steps:
          new-name: { task: shop.list-orders, with: { region: "${ inputs.region }" } }
          save:
            needs: [new-name]
            for-each: ${ steps.new_name.orders }
            value: "${ steps['new-name'].next.orValue(\"steps.fetch_all\") + steps.fetch_all_not }"
        outputs: { all: "${ steps.new_name }" }
    "#]],
    );
    check(
        "inputs.region",
        "inputs.re$0gion",
        places,
        expect![[r#"
        2:2-2:8 "region"
        7:66-7:72 "region"
    "#]],
    );
    check("  save:", "  new-name:\n    value: 1\n  sa$0ve:", renamed, expect!["`new-name` is taken"]);
    check("shop.list", "shop.li$0st", renamed, expect!["only steps and inputs can be renamed here"]);
}
