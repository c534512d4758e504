//! Sub-workflows: by file and in place, how deep, and what they may touch.

use expect_test::expect;

use super::kit::{expect_problems, plan_of};
use crate::definition::{Source, flow_files, read};
use crate::plan::Action;

#[test]
fn flows_in_place_use_the_plugins_of_their_file() {
    let plan = plan_of(
        r#"
workflow: w
plugins: { t: t.wasm }
flows:
  double:
    inputs: { n: int }
    steps:
      a: { task: t.inc, with: { n: "${ inputs.n }" } }
      b: { task: t.inc, with: { n: "${ steps.a.n }" } }
    outputs: { n: "${ steps.b.n }" }
steps:
  d: { flow: double, with: { n: 1 } }
  again: { for-each: [1, 2], flow: double, with: { n: "${ item }" } }
outputs: { n: "${ steps.d.n + steps.again[0].n }" }
"#,
    );
    assert_eq!(plan.flows.len(), 1);
    assert_eq!((&*plan.flows[0].workflow, plan.flows[0].plugins.len(), plan.flows[0].tasks.len()), ("double", 1, 1));
    assert_eq!(plan.steps[1].output.to_string(), "list<{n: int}>");
}

#[test]
fn a_grant_on_a_flow_narrows_what_is_within() {
    let plan = plan_of(
        r#"
workflow: w
steps:
  wide: { flow: ./notify.yaml, with: { who: me } }
  narrow: { flow: ./notify.yaml, with: { who: me }, grant: { http: ["https://a.example/v1/*"], memory: 32MiB } }
"#,
    );
    let grants: Vec<String> = plan
        .flows
        .iter()
        .flat_map(|flow| &flow.steps)
        .flat_map(|step| {
            step.calls().map(|call| {
                format!("{}: {:?} {:?}", step.name, call.grant.http.iter().map(ToString::to_string).collect::<Vec<_>>(), call.grant.memory)
            })
        })
        .collect();
    expect![[r#"
        send: ["GET https://*.example/*"] None
        count: [] None
        send: ["GET https://a.example/v1/*"] Some(33554432)
        count: [] Some(33554432)"#]]
    .assert_eq(&grants.join("\n"));
    let flow = |step: usize| match plan.steps[step].actions()[0] {
        Action::Flow { flow, .. } => *flow,
        other => panic!("{other:?}"),
    };
    assert_eq!((flow(0), flow(1)), (0, 1));
}

#[test]
fn what_a_flow_takes_and_gives_is_checked() {
    expect_problems(
        r#"flows: { notify: ./notify.yaml, unused: ./notify.yaml, bad: ./broken.yaml, inline: { steps: { a: { task: t.inc, with: { n: x } } } } }
steps:
  a: { flow: notify }
  b: { flow: notify, with: { who: 1, hwo: x, how: pigeon } }
  c: { flow: notifi, with: { x: "${ inputs.y }" } }
  d: { flow: ./nothing.yaml }
  e: { flow: bad, with: { anything: 1 } }
  f: { flow: inline }
  g: { value: "${ steps.a.tild }" }
  h: { flow: notify, with: { who: x }, grant: { http: ["GET https://other.org/"] } }
  i: { task: t.any, with: { value: "${ steps.g }" } }
"#,
        expect![[r#"
            w.yaml:3:33: warning[W109]: no step starts the flow `unused` (remove it, or start it with `flow:`)
            w.yaml:3:61: error[E018]: the flow `./broken.yaml` cannot be used: broken.yaml:1:1: error[E004]: a workflow needs a name
            w.yaml:3:124: error[E010]: `t.inc.n` wants int here: expected int, found string "x"
            w.yaml:5:14: error[E004]: `notify` needs `who`: string (add `who:` under `with:`)
            w.yaml:6:35: error[E010]: `notify.who` wants string here: expected string, found int 1
            w.yaml:6:38: error[E002]: `notify` has no field `hwo` (did you mean `who`?)
            w.yaml:6:51: error[E010]: `notify.how` wants option<"mail" | "chat"> here: expected "mail" | "chat", found string "pigeon"
            w.yaml:7:14: error[E009]: no flow is named `notifi` (did you mean `notify`?)
            w.yaml:7:37: error[E009]: no input is named `y` (the workflow has no inputs: add them under `inputs:`)
            w.yaml:8:14: error[E018]: the flow `./nothing.yaml` cannot be used: the file was not looked up
            w.yaml:11:27: error[E010]: there is no field `tild` (did you mean `told`?)
            w.yaml:12:47: warning[W112]: step `h` takes from `notify/send` within all that it was granted of `http` (what it does with `http` will be denied; grant it here as well, or remove `grant`)"#]],
    );
}

#[test]
fn flows_may_lie_sixteen_deep() {
    let nested = |depth: usize| {
        let mut text = "{ steps: { a: { value: 1 } } }".to_owned();
        for _ in 1..depth {
            text = format!("{{ flows: {{ f: {text} }}, steps: {{ a: {{ flow: f }} }} }}");
        }
        format!("flows: {{ f: {text} }}\nsteps: {{ a: {{ flow: f }} }}\n")
    };
    expect_problems(
        &nested(16).replace("plugins: { t: t.wasm }", ""),
        expect!["w.yaml:2:12: warning[W101]: no step uses the plugin `t` (remove the line)"],
    );
    expect_problems(
        &nested(17),
        expect![[r#"
        w.yaml:2:12: warning[W101]: no step uses the plugin `t` (remove the line)
        w.yaml:3:10: error[E019]: sub-workflows lie 17 deep in each other: w → f → f → f → f → f → f → f → f → f → f → f → f → f → f → f → f → f (they may lie 16 deep: do with one flow what these do with several)"#]],
    );
}

#[test]
fn copies_do_not_multiply_without_end() {
    // Each level starts the one below twice, each time with another grant, and so has two copies of it.
    let mut text = "{ steps: { a: { value: 1 } } }".to_owned();
    for _ in 1..16 {
        text = format!(
            "{{ flows: {{ f: {text} }}, steps: {{ a: {{ flow: f, grant: {{ memory: 1MiB }} }}, b: {{ flow: f, grant: {{ memory: 2MiB }} }}, c: {{ flow: f }} }} }}"
        );
    }
    let (plan, problems) = super::kit::check(&format!("workflow: w\nflows: {{ f: {text} }}\nsteps: {{ a: {{ flow: f }} }}\n"));
    assert!(plan.is_none());
    assert!(problems[0].contains("larger than 100000 steps"), "{}", problems[0]);
}

#[test]
fn files_of_flows_are_listed_for_whoever_reads_them() {
    let source = Source::new(
        "w.yaml",
        "workflow: w\nflows:\n  a: ./a.yaml\n  in: { flows: { b: b.yaml }, steps: { x: { flow: ../c.yaml, finally: { flow: ./d.yaml } } } }\nsteps:\n  x: { flow: a }\n  y: { flow: ./a.yaml }\n  z: { choose: [{ flow: ./e.yaml }] }\n",
    );
    let definition = read(&source).0.expect("a definition");
    let files: Vec<String> =
        flow_files(&definition).iter().map(|file| format!("{} {}", source.position(file.span.start), file.value)).collect();
    expect![[r#"
        3:6 ./a.yaml
        4:21 b.yaml
        4:51 ../c.yaml
        4:79 ./d.yaml
        8:25 ./e.yaml"#]]
    .assert_eq(&files.join("\n"));
}
