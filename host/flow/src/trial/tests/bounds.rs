//! A test ends, whatever the workflow does.

use expect_test::expect;

use super::{check, played};

#[test]
fn a_run_that_goes_on_for_ever_is_stopped() {
    check(
        "steps: { a: { repeat: { while: \"${ index >= 0 }\", max: 10000, every: 3660d }, task: t.any } }",
        "    steps: { a: { result: null } }\n    expect: { state: done }\n",
        expect![[r#"
            2:3: error[E006]: the run has not ended after 100 years of the made-up clock: a test may have no more (give it less to do, or an answer that lets it end)
        "#]],
    );
    check(
        "steps: { a: { for-each: \"${ range(0, 20001) }\", task: t.any } }",
        "    steps: { a: { result: null } }\n    expect: { state: done }\n",
        expect![[r#"
            2:3: error[E006]: the run has not ended after 20000 calls of tasks: a test may have no more (give it less to do, or an answer that lets it end)
        "#]],
    );
    check(
        "flows: { one: { steps: { a: { task: t.any } } } }
steps: { a: { for-each: \"${ range(0, 2000) }\", max-parallel: 1024, flow: one } }",
        "    steps: { a/a: { result: 1, takes: 1s } }\n    expect: { state: done }\n",
        expect![[r#"
            2:3: error[E006]: the run has not ended after 1000 sub-workflows: a test may have no more (give it less to do, or an answer that lets it end)
        "#]],
    );
}

#[test]
fn a_large_test_is_played() {
    let (_, _, played) = played(
        "steps: { a: { for-each: \"${ range(0, 10000) }\", max-parallel: 1024, task: t.any, lock: l, compensate: { task: t.any } } }",
        "    steps: { a: { result: null, takes: 1s, items: { 9999: { error: { code: last } } } }, a/compensate: { result: null } }\n    expect: { state: failed }\n",
    );
    assert_eq!((played.calls.len(), played.took_ms), (19_999, 9_999_000));
}
