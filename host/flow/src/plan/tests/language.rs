//! What each part of the language becomes, and of which type its result is.

use expect_test::expect;

use super::kit::{expect_problems, expect_types, plan_of};
use crate::plan::{Action, Role, StepKind, Then};
use crate::types::Type;

#[test]
fn results_have_types() {
    expect_types(
        r#"
flows: { notify: ./notify.yaml }
inputs: { n: int, when: timestamp }
steps:
  all: { task: t.orders, with: { region: eu } }
  each: { for-each: "${ steps.all.orders }", value: "${ item.id }" }
  collected:
    for-each: ${ steps.all.orders }
    on-item-error: collect
    value: ${ index }
  skipped: { for-each: "${ steps.all.orders }", on-item-error: skip, value: "${ item }" }
  poll:
    repeat: { start: { done: false }, until: "${ carry.done }", max: 7, every: 10s }
    task: t.poll
  count:
    repeat: { start: 0, while: "${ carry < 10 && index < 100 }" }
    value: ${ carry + 1 }
  grow:
    repeat: { start: [], until: "${ size(carry) > 3 }" }
    value: ${ carry + [index] }
  nothing-yet:
    repeat: { until: "${ carry.n > 3 }" }
    task: t.inc
    with: { n: "${ carry != null ? carry.n : 0 }" }
  pick:
    choose:
      - if: ${ inputs.n > 100 }
        task: t.inc
        with: { n: "${ inputs.n }" }
      - value: { n: 0 }
  maybe:
    choose:
      - { if: "${ inputs.n > 100 }", value: big }
      - { if: "${ inputs.n > 50 }", value: middle }
  first:
    race:
      fast: { task: t.inc, with: { n: 1 } }
      late: { sleep: 5m }
  nap: { sleep: "${ duration('1h') }" }
  alarm: { until: "${ inputs.when + duration('1h') }" }
  fixed: { until: 2030-01-01T00:00:00Z }
  go: { wait: { signal: go }, timeout: 1h }
  data: { wait: { signal: data, type: { type: list, items: int } } }
  decide: { wait: { approval: "${ 'Delete ' + string(inputs.n) + '?' }" } }
  tell: { flow: notify, with: { who: me }, if-parent-ends: abandon }
  tell-file: { flow: ./notify.yaml, with: { who: "${ steps.decide.by }", how: chat } }
  const: { value: { a: [1, 2], b: "${ steps.decide.note.orValue('none') }" } }
  cond: { if: "${ inputs.n > 3 }", value: 1 }
outputs:
  all: ${ [steps.each, steps.skipped.map(order, order.id)] }
"#,
        expect![[r#"
            all: {orders: list<{id: string, total: float}>}
            each: list<string>
            collected: list<{ok: option<int>, error: option<{code: string, message: string}>}>
            skipped: list<{id: string, total: float}>
            poll: {done: bool}
            count: int
            grow: list<int>
            nothing-yet: {n: int}
            pick: {n: int}
            maybe: option<"big" | "middle">
            first: {winner: "fast" | "late", value: option<{n: int}>}
            nap: null
            alarm: null
            fixed: null
            go: null
            data: list<int>
            decide: {by: string, note: option<string>, at: timestamp}
            tell: {told: int}
            tell-file: {told: int}
            const: {a: list<int>, b: string}
            cond: option<int>
            w.yaml:9:3: warning[W108]: nothing reads the result of step `collected`, and it does nothing else (read it in a step or under `outputs:`, or remove the step)
            w.yaml:14:3: warning[W108]: nothing reads the result of step `poll`, and it does nothing else (read it in a step or under `outputs:`, or remove the step)
            w.yaml:17:3: warning[W108]: nothing reads the result of step `count`, and it does nothing else (read it in a step or under `outputs:`, or remove the step)
            w.yaml:20:3: warning[W108]: nothing reads the result of step `grow`, and it does nothing else (read it in a step or under `outputs:`, or remove the step)
            w.yaml:23:3: warning[W108]: nothing reads the result of step `nothing-yet`, and it does nothing else (read it in a step or under `outputs:`, or remove the step)
            w.yaml:27:3: warning[W108]: nothing reads the result of step `pick`, and it does nothing else (read it in a step or under `outputs:`, or remove the step)
            w.yaml:33:3: warning[W108]: nothing reads the result of step `maybe`, and it does nothing else (read it in a step or under `outputs:`, or remove the step)
            w.yaml:49:3: warning[W108]: nothing reads the result of step `const`, and it does nothing else (read it in a step or under `outputs:`, or remove the step)
            w.yaml:50:3: warning[W108]: nothing reads the result of step `cond`, and it does nothing else (read it in a step or under `outputs:`, or remove the step)"#]],
    );
}

#[test]
fn handlers_become_steps_that_belong_to_others() {
    let plan = plan_of(
        r#"
workflow: w
plugins: { t: t.wasm }
defaults: { timeout: 9s, retry: 4 }
steps:
  all: { task: t.orders, with: { region: eu } }
  base: { value: "x" }
  save:
    for-each: ${ steps.all.orders }
    task: t.upsert-once
    with: { order: "${ item }" }
    grant: { http: ["POST https://a.example/*"] }
    on-error:
      not-found: { value: { id: "${ item.id + error.code + error.message }" } }
      conflict: { task: t.upsert, with: { order: "${ { 'id': item.id + steps.base, 'total': 0.0 } }" }, grant: { http: ["PUT https://a.example/*"] }, retry: 1 }
      limit.time: fail
      any: { value: { id: "${ error.data != null ? string(error.data) : '' }" } }
    finally: { task: t.any, with: { value: "${ outcome.status + outcome.code.orValue('') }" }, timeout: 1s }
    compensate: { task: t.delete, with: { id: "${ output.id }" }, grant: { http: ["DELETE https://a.example/*"] } }
  last: { value: "${ steps.save }" }
outputs: { last: "${ steps.last }" }
"#,
    );
    let steps: Vec<String> = plan
        .steps
        .iter()
        .map(|step| {
            format!(
                "{} {:?} needs {:?} {}ms x{}: {}",
                step.name, step.role, step.needs, step.timeout.attempt_ms, step.retry.attempts, step.output
            )
        })
        .collect();
    expect![[r#"
        all Main needs [] 9000ms x4: {orders: list<{id: string, total: float}>}
        base Main needs [] 30000ms x1: "x"
        save Main needs [0, 1] 9000ms x4: list<{id: string}>
        last Main needs [2] 30000ms x1: list<{id: string}>
        save/on-error-2 Handler { of: 2 } needs [] 9000ms x1: {id: string}
        save/finally Finally { of: 2 } needs [] 1000ms x4: json
        save/compensate Compensate { of: 2 } needs [] 9000ms x4: null"#]]
    .assert_eq(&steps.join("\n"));
    let save = &plan.steps[2];
    assert_eq!((save.finally, save.compensate), (Some(5), Some(6)));
    let on_error: Vec<String> = save.on_error.iter().map(|on| format!("{:?} {:?}", on.code, on.then)).collect();
    expect![[r#"
        Some("not-found") Value(Map([("id", Expr(Expr(" item.id + error.code + error.message ")))]))
        Some("conflict") Step(4)
        Some("limit.time") Fail
        None Value(Map([("id", Expr(Expr(" error.data != null ? string(error.data) : '' ")))]))"#]]
    .assert_eq(&on_error.join("\n"));
    assert!(matches!(save.on_error[1].then, Then::Step(4)));
    assert_eq!(plan.steps[6].role, Role::Compensate { of: 2 });
}

#[test]
fn modifiers_reach_the_plan() {
    let plan = plan_of(
        r#"
workflow: w
labels: { team: sales, region: "${ inputs.region }" }
inputs: { region: { type: string, default: eu } }
plugins: { t: t.wasm }
concurrency: { key: "${ inputs.region }", limit: 3, when-busy: cancel-running }
priority: -5
retention: 30d
defaults: { timeout: { attempt: 7s, total: 1m }, retry: { attempts: 5, max: 9s } }
steps:
  a:
    task: t.upsert-once
    with: { order: { id: a, total: 1.5 } }
    grant: { http: ["POST https://a.example/*"] }
    timeout: { total: 2m }
    retry: { backoff: fixed, on: [conflict, limit.time] }
    lock: { name: "${ 'orders-' + inputs.region }", permits: 2 }
    rate: { limit: 10, per: 1s }
    priority: 7
  b: { wait: { signal: x }, timeout: 1h, lock: 17 }
  c: { task: t.inc, with: { n: 1 }, cache: true, rate: { limit: 1, per: 1m, name: shared } }
  d: { task: t.get, with: { url: x }, grant: { http: ["GET https://a.example/"] }, effect: at-most-once, retry: 1 }
  e: { sleep: 1s, timeout: { total: 5m } }
outputs: { c: "${ steps.c }" }
"#,
    );
    let step = |name: &str| plan.step_named(name).map(|index| &plan.steps[index]).expect("a step");
    let said: Vec<String> = ["a", "b", "c", "d", "e"]
        .into_iter()
        .map(|name| {
            let step = step(name);
            format!(
                "{name}: {:?} {:?} {:?} {:?} cache {} once {} priority {}",
                step.timeout, step.retry, step.lock, step.rate, step.cache, step.at_most_once, step.priority
            )
        })
        .collect();
    expect![[r#"
        a: Timeout { attempt_ms: 7000, total_ms: Some(120000) } Retry { attempts: 5, backoff: Fixed, first_ms: 1000, max_ms: 9000, jitter: Full, on: ["conflict", "limit.time"] } Some(Lock { name: Expr(Expr(" 'orders-' + inputs.region ")), permits: 2 }) Some(Rate { name: "w/a", limit: 10, per_ms: 1000 }) cache false once false priority 7
        b: Timeout { attempt_ms: 30000, total_ms: Some(3600000) } Retry { attempts: 1, backoff: Exponential, first_ms: 1000, max_ms: 60000, jitter: Full, on: [] } Some(Lock { name: Value(String("17")), permits: 1 }) None cache false once false priority 0
        c: Timeout { attempt_ms: 7000, total_ms: Some(60000) } Retry { attempts: 5, backoff: Exponential, first_ms: 1000, max_ms: 9000, jitter: Full, on: [] } None Some(Rate { name: "shared", limit: 1, per_ms: 60000 }) cache true once false priority 0
        d: Timeout { attempt_ms: 7000, total_ms: Some(60000) } Retry { attempts: 1, backoff: Exponential, first_ms: 1000, max_ms: 9000, jitter: Full, on: [] } None None cache false once true priority 0
        e: Timeout { attempt_ms: 30000, total_ms: Some(300000) } Retry { attempts: 1, backoff: Exponential, first_ms: 1000, max_ms: 60000, jitter: Full, on: [] } None None cache false once false priority 0"#]].assert_eq(&said.join("\n"));
    expect![[r#"
        [("team", Value(String("sales"))), ("region", Expr(Expr(" inputs.region ")))]
        Some(Concurrency { key: Expr(Expr(" inputs.region ")), limit: 3, when_busy: CancelRunning })
        -5 Some(2592000000)"#]]
    .assert_eq(&format!("{:?}\n{:?}\n{} {:?}", plan.labels, plan.concurrency, plan.priority, plan.retain_ms));
}

#[test]
fn a_json_result_is_carried() {
    expect_problems(
        "steps:\n  a: { repeat: { until: \"${ asBool(carry) }\" }, task: t.any, with: { value: \"${ carry }\" } }\noutputs: { a: \"${ steps.a }\" }\n",
        expect![[r#""#]],
    );
}

#[test]
fn bare_choices_and_races_have_their_actions() {
    let plan = plan_of(
        "workflow: w\nsteps:\n  a: { choose: [{ if: \"${ run.key == '' }\", value: 1 }, { sleep: 1s }] }\n  b: { race: { x: { sleep: 1s }, y: { value: 2 } } }\noutputs: { a: \"${ [steps.b] }\", b: \"${ steps.a }\" }\n",
    );
    let StepKind::Choose(branches) = &plan.steps[0].kind else { panic!("{plan:?}") };
    assert!(matches!(branches[1].action, Action::Sleep(_)) && branches[1].condition.is_none());
    assert_eq!(plan.steps[0].output, Type::option(Type::Int));
    let StepKind::Race(contenders) = &plan.steps[1].kind else { panic!("{plan:?}") };
    assert_eq!(contenders.iter().map(|contender| &*contender.name).collect::<Vec<_>>(), ["x", "y"]);
}
