//! What is wrong with a test itself.

use expect_test::expect;

use super::check;
use crate::trial::sample::sample;
use crate::types::{JsonLimits, Type, Value};

#[test]
fn a_step_without_an_answer_is_told_with_the_line_to_add() {
    check(
        "steps: { a: { task: t.inc, with: { n: 1 } }, b: { for-each: [1, 2], task: t.orders, with: { region: eu } }, c: { task: t.any, needs: a } }",
        "    expect: { state: failed }\n",
        expect![[r#"
            2:3: error[E004]: step `a` was reached, and the test has no answer for it (add under `steps`: a: { result: {"n":0} } (its input is {"n":1}))
            2:3: error[E004]: step `b[0]` was reached, and the test has no answer for it (add under `steps`: b: { result: {"orders":[]} } (its input is {"region":"eu"}))
        "#]],
    );
}

#[test]
fn an_answer_of_a_wrong_type_is_no_answer() {
    let played = check(
        "steps: { a: { for-each: [1, 2], task: t.inc, with: { n: 1 } } }",
        "    steps: { a: { result: { n: one } } }\n    expect: { state: failed }\n",
        expect![[r#"
            3:17: error[E015]: `a` never answers this: `n`: expected int, found string "one" (it answers {n: int})
        "#]],
    );
    assert!(played.is_void());
    assert_eq!(played.failure.expect("it failed").1.code.as_ref(), "value.output");
}

#[test]
fn inputs_are_those_of_the_workflow() {
    check(
        "inputs: { region: { type: string, enum: [eu, us] }, max-rows: int, more: int }
steps: { a: { task: t.any, with: { value: \"${ [inputs.region, string(inputs.max_rows + inputs.more)] }\" } } }",
        "    inputs: { regin: eu, max-rows: x, region: mars }\n    expect: { state: done }\n",
        expect![[r#"
            2:3: error[E004]: the input `more` (int) is missing (add under `inputs`: more: VALUE)
            3:15: error[E009]: the workflow has no input `regin` (did you mean `region`?)
            3:26: error[E015]: the input `max-rows` must be int: expected int, found string "x"
            3:39: error[E015]: the input `region` must be "eu" | "us": expected "eu" | "us", found string "mars"
        "#]],
    );
}

#[test]
fn names_that_lead_nowhere_are_told() {
    check(
        "steps:
  fetch: { task: t.any }
  each: { for-each: [1], task: t.any, compensate: { task: t.any } }
  who: { race: { fast: { task: t.any }, slow: { sleep: 1s } } }
  nap: { sleep: 1s }
outputs: { total: 1 }",
        "    steps:
      fetsh: { result: 1 }
      fetch: { items: { 0: { result: 1 } } }
      each: { items: { fast: { result: 1 } } }
      each/compensate: { items: { 0: { result: 1 } } }
      who: { items: { fats: { result: 1 }, 2: { result: 1 } } }
      nap: { result: 1 }
      each[0]: { result: 1 }
    expect: { error: { step: fetc }, outputs: { totl: 1 }, steps: { napp: done }, calls: [nap, other] }\n",
        expect![[r#"
            4:7: error[E009]: the workflow `w` has no step `fetsh` (did you mean `fetch`?)
            5:25: error[E009]: step `fetch` has no items (give its answer with `result` or `error`)
            6:24: error[E009]: step `each` has no item `fast` (items are counted from 0)
            8:23: error[E009]: step `who` has no contender `fats` (did you mean `fast`?)
            8:44: error[E009]: step `who` has no contender `2` (there is: fast, slow)
            9:7: error[E009]: step `nap` calls no task and starts no sub-workflow: it asks for no answer (remove it: the engine does it itself)
            10:7: error[E009]: `each[0]` names an item (write `STEP: { items: { ITEM: … } }`)
            11:30: error[E009]: the workflow `w` has no step `fetc` (did you mean `fetch`?)
            11:49: error[E009]: the workflow has no output `totl` (did you mean `total`?)
            11:69: error[E009]: the workflow `w` has no step `napp` (did you mean `nap`?)
            11:91: error[E009]: step `nap` calls no task (only calls of tasks stand under `calls`)
            11:96: error[E009]: the workflow `w` has no step `other` (there is: fetch, each, who, nap, each/compensate)
        "#]],
    );
}

#[test]
fn values_differ_where_they_differ() {
    check(
        "steps: { a: { task: t.any } }\noutputs: { a: \"${ steps.a }\" }",
        "    steps: { a: { result: { list: [1, { x: 2 }], same: 1.0, extra: true } } }
    expect: { outputs: { a: { list: [1, { x: 3 }, 4], same: 1, gone: null } } }\n",
        expect![[r#"
            4:29: the output `a`: expected {"list":[1,{"x":3},4],"same":1,"gone":null}, found {"list":[1,{"x":2}],"same":1.0,"extra":true}; at `list[1].x` 2 for 3; at `list[2]` nothing for 4; at `gone` nothing for null; at `extra` true for nothing
        "#]],
    );
    let many = (0..30).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    let (_, trial, played) = super::played(
        "steps: { a: { task: t.any } }\noutputs: { a: \"${ steps.a }\" }",
        &format!("    steps: {{ a: {{ result: [{many}] }} }}\n    expect: {{ outputs: {{ a: [] }} }}\n"),
    );
    let mismatches = super::judge(&trial, &played);
    assert_eq!((mismatches[0].differences.len(), mismatches[0].more), (10, 20));
}

#[test]
fn calls_are_compared_whole_and_in_order() {
    let workflow = "steps: { a: { task: t.inc, with: { n: 1 } }, b: { task: t.inc, needs: a, with: { n: 2 } } }";
    let stubs = "    steps: { a: { result: { n: 1 } }, b: { result: { n: 1 } } }\n";
    let with = |calls: &str| format!("{stubs}    expect: {{ calls: {calls} }}\n");
    check(
        workflow,
        &with("[a: { n: 2 }, b]"),
        expect![[r#"
        4:26: the input of `a`: expected {"n":2}, found {"n":1}; at `n` 1 for 2
    "#]],
    );
    check(
        workflow,
        &with("[b, a]"),
        expect![[r#"
        4:23: call 1: expected b, found a
    "#]],
    );
    check(
        workflow,
        &with("[a]"),
        expect![[r#"
        4:22: call 2: expected no more calls, found b with {"n":2}
    "#]],
    );
    check(
        workflow,
        &with("[a, b, b]"),
        expect![[r#"
        4:29: call 3: expected b, found no more calls
    "#]],
    );
}

#[test]
fn samples_are_of_their_types() {
    let notations = r#"[
        { "type": "record", "fields": { "b": { "type": "list", "items": "int" }, "c": { "fields": { "d": "duration", "e": { "enum": ["x", "y"] } } } } },
        { "fields": { "f": { "type": "float", "optional": true }, "g": "float" } },
        { "type": "map", "values": "bool" }, "bytes", "timestamp", "duration", "bool", "int", "float", "string", "json"
    ]"#;
    let Ok(Value::List(notations)) = Value::from_json(notations, JsonLimits::default()) else { panic!("a list") };
    for notation in notations.iter() {
        let ty = Type::from_notation(notation).expect("a type");
        let sample = sample(&ty);
        assert!(ty.check(&sample).is_ok(), "{sample} for {ty}");
    }
}
