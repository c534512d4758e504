//! Workflows against made-up plugins: what is accepted, and every problem of what is not.

mod flows;
mod generated;
mod kit;
mod language;
mod problems;
mod schedules;

use expect_test::expect;

use super::*;
use crate::types::Type;
use kit::expect_problems;
pub(crate) use kit::plan_of;

#[test]
fn a_sound_workflow_becomes_a_plan_that_survives_storage() {
    let plan = plan_of(
        r#"
workflow: w
inputs:
  region: { type: string, enum: [eu, us], default: eu }
plugins: { t: t.wasm }
steps:
  fetch: { task: t.orders, with: { region: "${ inputs.region }" } }
  per-order:
    for-each: ${ steps.fetch.orders }
    task: t.any
    with: { value: "${ item.total }" }
  last: { task: t.any, needs: per-order, if: "${ size(steps.fetch.orders) > 0 }" }
outputs:
  all: ${ steps.per_order }
"#,
    );
    assert_eq!(plan.steps[1].needs, [0]);
    assert_eq!(plan.steps[2].needs, [0, 1]);
    assert_eq!(plan.steps[1].output.to_string(), "list<json>");
    assert_eq!(plan.steps[2].output, Type::option(Type::Json));
    let (bytes, digest) = plan.to_bytes();
    let again = Plan::from_bytes(&bytes).expect("readable");
    assert_eq!(again, plan);
    assert_eq!(again.to_bytes().1, digest);
}

#[test]
fn a_stored_plan_with_an_index_out_of_range_is_refused() {
    let mut plan = plan_of("workflow: w\nplugins: { t: t.wasm }\nsteps: { a: { task: t.any } }");
    plan.steps[0].needs.push(7);
    assert!(matches!(Plan::from_bytes(&plan.to_bytes().0), Err(PlanError::Unreadable(_))));
    plan.steps[0].needs.clear();
    plan.format += 1;
    assert!(matches!(Plan::from_bytes(&plan.to_bytes().0), Err(PlanError::Format { .. })));
}

#[test]
fn times_survive_storage() {
    let plan = plan_of(
        "workflow: w\ninputs: { d: { type: duration, default: 5s }, t: { type: timestamp, default: \"2030-01-01T00:00:00Z\" } }\nsteps: { a: { sleep: 1h30m }, b: { until: 2030-01-01T00:00:00Z }, c: { sleep: \"${ inputs.d }\" }, d: { until: \"${ inputs.t }\" } }",
    );
    assert_eq!(Plan::from_bytes(&plan.to_bytes().0), Ok(plan.clone()));
    expect![[r#"[Sleep(Expr(Expr("duration(\"5400s\")")))]"#]].assert_eq(&format!("{:?}", plan.steps[0].actions()));
}

#[test]
fn unknown_names_come_with_a_suggestion() {
    expect_problems(
        "steps:\n  a: { task: t.incc, with: { n: 1 } }\n  b: { task: u.inc, with: { n: 1 } }\n  c: { task: t.any, needs: aa, with: { value: \"${ steps.aa }\" } }\n",
        expect![[r#"
            w.yaml:4:14: error[E009]: the plugin `t` has no task `incc` (did you mean `t.inc`?)
            w.yaml:5:14: error[E009]: no plugin is named `u` (add `u: PATH` under `plugins:`)
            w.yaml:6:28: error[E009]: no step is named `aa` (did you mean `a`?)
            w.yaml:6:51: error[E009]: no step is named `aa` (did you mean `a`?)"#]],
    );
}

#[test]
fn types_are_checked_along_every_edge() {
    expect_problems(
        "steps:\n  a: { task: t.inc, with: { n: one } }\n  b: { task: t.orders, with: { region: \"${ steps.a.n }\" } }\n  c: { task: t.inc, with: { n: \"${ steps.b.orders[0].totl }\" } }\n  d: { task: t.inc, with: { m: 1 } }\n  e: { task: t.any, if: \"${ steps.a.n }\" }\n  f: { task: t.inc, for-each: \"${ steps.a.n }\", with: { n: \"${ item }\" } }\n  g: { task: t.any, with: { value: \"${ item }\" } }\n",
        expect![[r#"
            w.yaml:4:32: error[E010]: `t.inc.n` wants int here: expected int, found string "one"
            w.yaml:5:40: error[E010]: `t.orders.region` wants "eu" | "us", and this is int: expected "eu" | "us", found int
            w.yaml:6:54: error[E010]: there is no field `totl` (did you mean `total`?)
            w.yaml:7:27: error[E004]: `t.inc` needs `n`: int (add `n:` under `with:`)
            w.yaml:7:29: error[E002]: `t.inc` has no field `m` (it has: n)
            w.yaml:8:25: error[E010]: `if` needs true or false; this is int (compare it with something: there is no truth in other values)
            w.yaml:9:31: error[E010]: `for-each` needs a list; this is int
            w.yaml:10:40: error[E022]: there is no `item` here (`item` is the element within `for-each`)"#]],
    );
}

#[test]
fn circles_are_named() {
    expect_problems(
        "steps:\n  a: { task: t.any, needs: c }\n  b: { task: t.any, with: { value: \"${ steps.a }\" } }\n  c: { task: t.any, needs: b }\n  d: { task: t.any, needs: d }\n",
        expect![[r#"
            w.yaml:5:3: error[E011]: steps wait for each other in a circle: b → c → a → b (remove one of these references, or one of the `needs`)
            w.yaml:7:3: error[E011]: steps wait for each other in a circle: d → d (remove one of these references, or one of the `needs`)"#]],
    );
}

#[test]
fn missing_and_needless_grants_are_told_with_the_line_to_add() {
    expect_problems(
        "steps:\n  a: { task: t.get, with: { url: x } }\n  b: { task: t.save, grant: { files: [\"read .\"] } }\n  c: { task: t.any, grant: { http: [\"GET https://a.example/*\"] } }\n",
        expect![[r#"
            w.yaml:4:14: error[E012]: step `a` does not grant `http`, which `t.get` needs (add beside the task: `grant: { http: ["GET https://HOST/PATH*"] }`)
            w.yaml:5:29: error[E012]: step `b` does not grant `files-write`, which `t.save` needs (add beside the task: `grant: { files: ["write DIRECTORY"] }`)
            w.yaml:6:28: warning[W103]: `t.any` never asked for `http`; it is not given (remove it from `grant`)"#]],
    );
}

#[test]
fn what_nobody_uses_is_told() {
    expect_problems(
        "inputs: { a: int }\nsteps:\n  s: { task: u.inc }\n",
        expect![[r#"
            w.yaml:2:12: warning[W101]: no step uses the plugin `t` (remove the line)
            w.yaml:3:11: warning[W104]: nothing reads the input `a` (remove it)
            w.yaml:5:14: error[E009]: no plugin is named `u` (add `u: PATH` under `plugins:`)"#]],
    );
}

#[test]
fn a_step_that_may_be_skipped_has_an_optional_result() {
    expect_problems(
        "steps:\n  a: { task: t.inc, if: false, with: { n: 1 } }\n  b: { task: t.inc, with: { n: \"${ steps.a.n }\" } }\n",
        expect![[r#"
            w.yaml:4:25: warning[W107]: step `a` is never done: its `if` is always false (remove the step, or the condition)
            w.yaml:5:44: error[E010]: `steps.a` may be nothing (it is option<{n: int}>), and nothing has no field `n` (write `steps.a.?n`, which is nothing of nothing, or ask first: `steps.a != null ? ... : ...`)"#]],
    );
}

#[test]
fn inputs_are_completed_and_checked() {
    let plan = plan_of(
        "workflow: w\ninputs: { region: { type: string, enum: [eu, us], default: eu }, max-rows: int, note: { type: string, optional: true } }\nplugins: { t: t.wasm }\nsteps: { a: { task: t.any, with: { value: \"${ [inputs.region, string(inputs.max_rows)] }\" } } }",
    );
    let given = |json: &str| match crate::types::Value::from_json(json, crate::types::JsonLimits::default()).expect("JSON") {
        crate::types::Value::Map(fields) => plan.inputs_from(&fields).map(|inputs| inputs.to_json()),
        _ => panic!("an object"),
    };
    assert_eq!(given(r#"{"max-rows": 3}"#).expect("good"), r#"{"region":"eu","max_rows":3,"note":null}"#);
    let errors = given(r#"{"regin": "eu", "region": "mars"}"#).expect_err("bad");
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    expect![[r#"
        the workflow `w` has no input `regin`: did you mean `region`?
        the input `region` must be "eu" | "us": expected "eu" | "us", found string "mars"
        the input `max-rows` (int) is missing: give it with `--input max-rows=VALUE`"#]]
    .assert_eq(&errors.join("\n"));
}

#[test]
fn grants_intersect_asked_and_given() {
    let rule = |text| HttpRule::parse(text).expect("a rule");
    let both = |a, b| rule(a).intersect(&rule(b)).map(|rule| rule.to_string());
    assert_eq!(both("GET https://*.x.example/*", "* https://a.x.example/v1/*"), Some("GET https://a.x.example/v1/*".into()));
    assert_eq!(both("GET,POST https://x.example/a", "POST https://x.example/*"), Some("POST https://x.example/a".into()));
    assert_eq!(both("GET https://x.example/*", "GET https://y.example/*"), None);
    assert_eq!(both("GET https://x.example/*", "GET http://x.example/*"), None);
    assert_eq!(both("GET https://x.example/*", "GET https://x.example:8443/*"), None);
    assert_eq!(both("GET https://x.example/a/*", "GET https://x.example/b/*"), None);
    assert_eq!(both("GET https://x.example/*", "POST https://x.example/*"), None);
}

#[test]
fn http_rules_let_through_what_they_name_and_nothing_else() {
    let rule = HttpRule::parse("GET https://*.x.example:8443/v1/*").expect("a rule");
    let asks = |method, scheme, host, port, path| rule.allows(&HttpTarget { method, scheme, host, port, path });
    assert!(asks("GET", "https", "a.x.example", 8443, "/v1/orders"));
    assert!(!asks("POST", "https", "a.x.example", 8443, "/v1/orders"));
    assert!(!asks("GET", "http", "a.x.example", 8443, "/v1/orders"));
    assert!(!asks("GET", "https", "x.example", 8443, "/v1/orders"));
    assert!(!asks("GET", "https", "evilx.example", 8443, "/v1/orders"));
    assert!(!asks("GET", "https", "a.x.example", 443, "/v1/orders"));
    assert!(!asks("GET", "https", "a.x.example", 8443, "/v2"));
    for bad in [
        "x.example",
        "ftp://x.example/",
        "get https://x.example/",
        "https://x.*.example/",
        "https://x.example/a*b",
        "https:///",
        "https://x:99999/",
    ] {
        assert!(HttpRule::parse(bad).is_err(), "{bad}");
    }
}
