//! What was done is undone, in reverse order, with the answers of the steps that undo.

use expect_test::expect;

use super::{check, passes};

/// The workflow of the language reference's test, with the tasks that tests have.
const ORDERS: &str = r#"
inputs:
  region: { type: string, enum: [eu, us], default: eu }
flows:
  archive:
    inputs: { rows: int }
    steps:
      write: { task: t.inc, with: { n: "${ inputs.rows }" } }
    outputs: { files: "${ steps.write.n }" }
steps:
  fetch: { task: t.orders, with: { region: "${ inputs.region }" } }
  save:
    for-each: ${ steps.fetch.orders }
    max-parallel: 1
    task: t.any
    with: { value: "${ item.id }" }
    retry: { attempts: 3, first: 10s, jitter: full }
    compensate: { task: t.any, with: { value: "${ output }" } }
  archive: { flow: archive, with: { rows: "${ size(steps.save) }" } }
  approve: { wait: { approval: Send them? }, needs: archive }
  go: { wait: { signal: go, type: { type: record, fields: { n: int } } } }
  check:
    for-each: ${ steps.fetch.orders }
    needs: [approve, go]
    task: t.any
    with: { value: "${ item.total }" }
    timeout: 10m
  notify: { task: t.any, needs: check, with: { value: sent } }
outputs:
  saved: ${ size(steps.save) }
"#;

#[test]
fn an_order_that_fails_is_undone() {
    passes(
        ORDERS,
        r#"
    inputs: { region: eu }
    started-at: 2026-01-01T00:00:00Z
    steps:
      fetch: { result: { orders: [{ id: a, total: 1 }, { id: b, total: 2.5 }] } }
      save:
        - error: { code: busy, kind: transient }
        - result: { id: 1 }
      save/compensate: { result: null }
      check:
        items: { 1: { error: { code: refused } } }
        result: {}
        takes: 2m
      archive: { result: { files: 3 } }
    signals:
      - { after: 1h, name: go, payload: { n: 1 } }
      - { after: 2h, step: approve, approved: true, by: anna, note: fine }
    expect:
      state: failed
      error: { step: check, code: refused }
      steps:
        fetch: done
        save: { state: done, attempts: 4, result: [{ id: 1 }, { id: 1 }] }
        archive: { result: { files: 3 } }
        approve: { result: { by: anna, note: fine, at: "2026-01-01T02:00:00Z" } }
        go: { result: { n: 1 } }
        check: failed
        notify: cancelled
        save/compensate: done
      calls:
        - fetch: { region: eu }
        - save[0]
        - save[0]: { value: a }
        - save[1]
        - save[1]: { value: b }
        - check[0]: { value: 1.0 }
        - check[1]: { value: 2.5 }
        - save/compensate[1]: { value: { id: 1 } }
        - save/compensate[0]
      took: 2h2m
"#,
    );
}

#[test]
fn without_a_failure_nothing_is_undone_and_that_is_told() {
    check(
        ORDERS,
        r#"
    steps:
      fetch: { result: { orders: [{ id: a, total: 1 }] } }
      save: { result: { id: 1 } }
      save/compensate: { result: null }
      archive/write: { result: { n: 1 } }
      check: { result: {} }
      notify: { result: {} }
    signals: [{ name: go, payload: { n: 1 } }, { step: approve, approved: true }]
    expect: { state: failed, outputs: { saved: 2 }, steps: { archive: { result: { files: 3 } } }, calls: [fetch, save, "archive/write"], took: 1s }
"#,
        expect![[r#"
            7:7: warning[W107]: nothing asked `save/compensate` for this answer (remove it, or look whether the workflow does what it should)
            12:22: the state of the run: expected failed, found done
            12:48: the output `saved`: expected 2, found 1; at `` 1 for 2
            12:81: the result of step `archive`: expected {"files":3}, found {"files":1}; at `files` 1 for 3
            12:114: call 2: expected save, found save[0]
            12:144: the time it took: expected 1s, found 0
        "#]],
    );
}

#[test]
fn an_undoing_that_fails_blocks_the_run() {
    passes(
        "steps:
  a: { task: t.any, compensate: { task: t.any, retry: { attempts: 2, first: 1s } } }
  b: { task: t.any, needs: a }
",
        "
    steps:
      a: { result: 1 }
      b: { error: { code: bad } }
      a/compensate: { error: { code: gone, kind: transient }, takes: 1s }
    expect: { state: blocked, error: { step: b }, steps: { a/compensate: { state: failed, attempts: 2 } }, took: 3s }
",
    );
}
