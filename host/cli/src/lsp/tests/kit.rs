//! One document, made-up plugins, and a mark at the place that is asked about.

use std::sync::Arc;

use expect_test::Expect;
use jackfield_flow::definition::{self, Source};
use jackfield_flow::plan::{Capability, Digest, Effect, ErrorInfo, Flows, PluginInfo, Plugins, TaskSignature};
use jackfield_flow::types::Type;
use lsp_types::Range;

use crate::lsp::document::Document;
use crate::lsp::known::Known;
use crate::lsp::view::value_of;

/// The beginning of most workflows of the tests.
pub(super) const HEAD: &str = "workflow: w
inputs:
  region: { type: string, enum: [eu, us], default: eu, description: Where. }
  max-count: int
plugins:
  shop: ./shop.wasm
";

fn task(name: &str, docs: &str, input: &str, output: &str) -> TaskSignature {
    TaskSignature {
        name: name.into(),
        docs: docs.into(),
        input: Type::from_schema(input).expect("a schema"),
        output: Type::from_schema(output).expect("a schema"),
        input_schema: input.into(),
        output_schema: output.into(),
        errors: vec![ErrorInfo { code: "busy".into(), docs: "The shop is busy.".into() }],
        effect: Effect::Reads,
        asks: vec![Capability { name: "http".into(), scope: Vec::new(), required: false, docs: "".into() }],
        annotations: Vec::new(),
    }
}

/// The plugin `shop` of the tests.
pub(super) fn plugins() -> Plugins {
    let order = r#"{"type":"object","properties":{"id":{"type":"string"},"total":{"type":"number"}},"required":["id","total"],"additionalProperties":false}"#;
    let orders = format!(
        r#"{{"type":"object","properties":{{"orders":{{"type":"array","items":{order}}},"next":{{"type":["string","null"]}}}},"required":["orders"],"additionalProperties":false}}"#
    );
    let input = r#"{"type":"object","properties":{"region":{"enum":["eu","us"],"description":"Where to look."},"limit":{"type":"integer"},"deep":{"type":"object","properties":{"flag":{"type":"boolean"}},"additionalProperties":false}},"required":["region"],"additionalProperties":false}"#;
    let upsert = format!(r#"{{"type":"object","properties":{{"order":{order}}},"required":["order"],"additionalProperties":false}}"#);
    let tasks = vec![
        task("list-orders", "Lists orders.\n\nAll of them.", input, &orders),
        task("upsert", "Saves an order.", &upsert, r#"{"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]}"#),
    ];
    Plugins::from([(Arc::from("shop"), Ok(Arc::new(PluginInfo { digest: Digest::of(b"shop"), tasks })))])
}

/// A document, and what a check of its whole parts would find out about it.
pub(super) fn opened(text: &str) -> (Document, Known) {
    let document = Document::new("file:///w.yaml".parse().expect("a URI"), 1, text.to_owned());
    let read = |text: &str| definition::read(&Source::new("w.yaml", text)).0;
    let definition = read(text).or_else(|| read(&value_of(&document.root).to_json()));
    let known = definition.map(|definition| Known::of(&definition, plugins(), Flows::new()));
    let bare = Known { plugins: plugins(), ..Known::default() };
    (document, known.unwrap_or(bare))
}

/// The text without its mark, and where that was.
pub(super) fn marked(text: &str) -> (String, usize) {
    let at = text.find("$0").expect("a mark `$0`");
    (text.replacen("$0", "", 1), at)
}

/// What a feature says at the mark of steps that stand below [`HEAD`] is this.
#[track_caller]
pub(super) fn check_steps(steps: &str, feature: impl Fn(&Document, &Known, usize) -> String, expected: Expect) {
    check(&format!("{HEAD}{steps}"), feature, expected);
}

/// What a feature says at the mark is this.
#[track_caller]
pub(super) fn check(text: &str, feature: impl Fn(&Document, &Known, usize) -> String, expected: Expect) {
    let (text, at) = marked(text);
    let (document, known) = opened(&text);
    expected.assert_eq(&feature(&document, &known, at));
}

/// A range as `LINE:COLUMN-LINE:COLUMN`, from 0, and the text in it.
pub(super) fn shown(document: &Document, range: Range) -> String {
    let (start, end) = (document.byte(range.start), document.byte(range.end));
    let place = format!("{}:{}-{}:{}", range.start.line, range.start.character, range.end.line, range.end.character);
    format!("{place} {:?}", &document.text[start..end])
}
