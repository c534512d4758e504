//! Made-up plugins, and workflows checked against them.

use std::sync::Arc;

use expect_test::Expect;

use crate::definition::{Source, read};
use crate::plan::{Capability, Digest, Effect, ErrorInfo, Flows, Plan, PluginInfo, Plugins, TaskSignature, build};
use crate::types::Type;

/// A task with the given types, as JSON Schema.
pub(crate) fn task(name: &str, input: &str, output: &str) -> TaskSignature {
    TaskSignature {
        name: name.into(),
        docs: "".into(),
        input: Type::from_schema(input).expect("a schema"),
        output: Type::from_schema(output).expect("a schema"),
        input_schema: input.into(),
        output_schema: output.into(),
        errors: Vec::new(),
        effect: Effect::Pure,
        asks: Vec::new(),
        annotations: Vec::new(),
    }
}

fn asking(mut task: TaskSignature, name: &str, scope: &[&str]) -> TaskSignature {
    let scope = scope.iter().map(|scope| Arc::from(*scope)).collect();
    task.asks.push(Capability { name: name.into(), scope, required: true, docs: "".into() });
    task
}

fn failing(mut task: TaskSignature, codes: &[&str]) -> TaskSignature {
    task.errors = codes.iter().map(|code| ErrorInfo { code: (*code).into(), docs: "".into() }).collect();
    task
}

fn effectful(mut task: TaskSignature) -> TaskSignature {
    task.effect = Effect::Effects;
    task
}

fn annotated(mut task: TaskSignature, name: &str) -> TaskSignature {
    task.annotations.push((name.into(), "true".into()));
    task
}

/// The plugin `t` that all tests use.
pub(crate) fn plugins() -> Plugins {
    let number = r#"{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}"#;
    let order = r#"{"type":"object","properties":{"id":{"type":"string"},"total":{"type":"number"}},"required":["id","total"],"additionalProperties":false}"#;
    let orders = format!(
        r#"{{"type":"object","properties":{{"orders":{{"type":"array","items":{order}}}}},"required":["orders"],"additionalProperties":false}}"#
    );
    let given = format!(r#"{{"type":"object","properties":{{"order":{order}}},"required":["order"],"additionalProperties":false}}"#);
    let id = r#"{"type":"object","properties":{"id":{"type":"string"}},"required":["id"],"additionalProperties":false}"#;
    let state = r#"{"type":"object","properties":{"done":{"type":"boolean"}},"required":["done"],"additionalProperties":false}"#;
    let upsert = || failing(effectful(asking(task("upsert", &given, id), "http", &[])), &["not-found", "conflict"]);
    let tasks = vec![
        task("inc", number, number),
        task("numbers", r#"{"type":"object","properties":{}}"#, r#"{"type":"array","items":{"type":"integer"}}"#),
        task(
            "orders",
            r#"{"type":"object","properties":{"region":{"enum":["eu","us"]}},"required":["region"],"additionalProperties":false}"#,
            &orders,
        ),
        task("any", r#"{"type":"object","properties":{"value":{}},"additionalProperties":false}"#, "{}"),
        asking(task("get", r#"{"type":"object","properties":{"url":{"type":"string"}},"required":["url"]}"#, "{}"), "http", &[]),
        asking(task("save", r#"{"type":"object","properties":{}}"#, "{}"), "files-write", &[]),
        task("poll", r#"{"type":"object","properties":{}}"#, state),
        upsert(),
        annotated(TaskSignature { name: "upsert-once".into(), ..upsert() }, "idempotency-key"),
        effectful(asking(task("delete", id, r#"{"type":"null"}"#), "http", &[])),
    ];
    Plugins::from([(Arc::from("t"), Ok(Arc::new(PluginInfo { digest: Digest::of(b"t"), tasks })))])
}

/// The sub-workflows that all tests may start, by path: `./notify.yaml`, which tells somebody, and `./broken.yaml`.
pub(crate) fn flows() -> Flows {
    const NOTIFY: &str = r#"
workflow: notify
inputs: { who: string, how: { type: string, enum: [mail, chat], default: mail } }
plugins: { t: t.wasm }
steps:
  send:
    task: t.get
    with: { url: "${ 'https://a.example/' + inputs.who + inputs.how }" }
    grant: { http: ["GET https://*.example/*"] }
  count: { task: t.inc, with: { n: 1 }, needs: send }
outputs: { told: "${ steps.count.n }" }
"#;
    let source = Source::new("notify.yaml", NOTIFY);
    let (plan, problems) = build(&read(&source).0.expect("a definition"), &plugins(), &Flows::new());
    let notify = plan.unwrap_or_else(|| panic!("{problems:?}"));
    Flows::from([
        (Arc::from("./notify.yaml"), Ok(Arc::new(notify))),
        (Arc::from("./broken.yaml"), Err("broken.yaml:1:1: error[E004]: a workflow needs a name".to_owned())),
    ])
}

/// The plan of a workflow that has to be sound.
pub(crate) fn plan_of(text: &str) -> Plan {
    let (plan, problems) = check(text);
    plan.unwrap_or_else(|| panic!("{}", problems.join("\n")))
}

/// The plan of a text, and its problems, each in one line.
pub(crate) fn check(text: &str) -> (Option<Plan>, Vec<String>) {
    let source = Source::new("w.yaml", text);
    let (definition, mut problems) = read(&source);
    let plan = definition.and_then(|definition| {
        let (plan, found) = build(&definition, &plugins(), &flows());
        problems.extend(found);
        plan
    });
    problems.sort_by_key(|problem| (problem.span.start, problem.span.end, problem.code));
    (plan, problems.iter().map(|problem| problem.line(&source)).collect())
}

/// The problems of a workflow with these lines after its head, one a line.
#[track_caller]
pub(super) fn expect_problems(rest: &str, expected: Expect) {
    let (_, problems) = check(&format!("workflow: w\nplugins: {{ t: t.wasm }}\n{rest}"));
    expected.assert_eq(&problems.join("\n"));
}

/// The problems of a workflow with these lines after its head, each with the places that belong to it.
#[track_caller]
pub(super) fn expect_places(rest: &str, expected: Expect) {
    let source = Source::new("w.yaml", format!("workflow: w\nplugins: {{ t: t.wasm }}\n{rest}"));
    let (definition, mut problems) = read(&source);
    if let Some(definition) = definition {
        problems.extend(build(&definition, &plugins(), &flows()).1);
    }
    let mut text = String::new();
    for problem in problems {
        text.push_str(&problem.line(&source));
        text.push('\n');
        for (span, label) in &problem.labels {
            text.push_str(&format!("    {} `{}`: {label}\n", source.position(span.start), source.slice(*span)));
        }
    }
    expected.assert_eq(&text);
}

/// The types of the steps of a sound workflow with these lines after its head, and what is said of it, one a line.
#[track_caller]
pub(super) fn expect_types(rest: &str, expected: Expect) {
    let (plan, problems) = check(&format!("workflow: w\nplugins: {{ t: t.wasm }}\n{rest}"));
    let steps = plan.iter().flat_map(|plan| &plan.steps).map(|step| format!("{}: {}", step.name, step.output));
    expected.assert_eq(&steps.chain(problems).collect::<Vec<_>>().join("\n"));
}
