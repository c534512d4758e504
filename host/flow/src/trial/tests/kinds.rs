//! Structures and modifiers in tests: items, iterations, contenders, branches, handlers, locks, rates, unknown outcomes.

use expect_test::expect;

use super::{calls, check, passes};

#[test]
fn items_answer_for_themselves() {
    passes(
        "steps: { a: { for-each: [1, 2, 3], task: t.inc, with: { n: \"${ item }\" }, on-item-error: collect, on-error: { odd: { value: { n: -1 } } } } }
outputs: { all: \"${ steps.a.map(one, one.?ok.?n.orValue(0)) }\" }",
        "    steps: { a: { result: { n: 9 }, items: { 0: { error: { code: bad } }, 1: { error: { code: odd } } } } }
    expect: { state: done, outputs: { all: [0, -1, 9] }, steps: { a: { attempts: 3 } } }\n",
    );
    check(
        "steps: { a: { for-each: [1, 2, 3], task: t.inc, with: { n: \"${ item }\" } } }",
        "    steps: { a: { items: { 0: { result: { n: 1 } }, 7: { result: { n: 1 } } } } }\n    expect: { state: done }\n",
        expect![[r#"
            3:14: error[E004]: step `a[1]` was reached, and there is no answer for this item (add beside `items`: result: {"n":0} (its input is {"n":2}))
        "#]],
    );
}

#[test]
fn an_answer_that_no_item_asks_for_is_told() {
    check(
        "steps: { a: { for-each: [1], task: t.any } }",
        "    steps: { a: { result: 1, items: { 0: [{ result: 1 }, { result: 2 }], 7: { result: 3 } } } }\n    expect: { state: done }\n",
        expect![[r#"
            3:14: warning[W107]: nothing asked `a` for this answer (remove it, or look whether the workflow does what it should)
            3:58: warning[W107]: nothing asked `a[0]` for this answer: there was one attempt (remove it, or look whether the workflow does what it should)
            3:74: warning[W107]: nothing asked `a[7]` for this answer (remove it, or look whether the workflow does what it should)
        "#]],
    );
}

#[test]
fn a_repeat_has_an_answer_for_each_iteration() {
    passes(
        "steps: { poll: { repeat: { start: { n: 0 }, until: \"${ carry.n > 1 }\", max: 5, every: 10s }, task: t.inc, with: { n: \"${ carry.n }\" } } }
outputs: { n: \"${ steps.poll.n }\" }",
        "    steps: { poll: { result: { n: 1 }, items: { 2: { result: { n: 2 } } } } }
    expect: { outputs: { n: 2 }, calls: [{ \"poll[0]\": { n: 0 } }, { \"poll[1]\": { n: 1 } }, \"poll[2]\"], took: 20s }\n",
    );
}

#[test]
fn a_race_is_won_by_the_fastest_and_contenders_have_names() {
    let workflow =
        "steps: { first: { race: { fast: { task: t.any }, slow: { task: t.inc, with: { n: 1 } }, late: { sleep: 5m } }, timeout: 1h } }
outputs: { winner: \"${ steps.first.winner }\" }";
    passes(
        workflow,
        "    steps: { first: { items: { fast: { result: 1, takes: 3s }, 1: { result: { n: 2 }, takes: 2s } } } }
    expect: { outputs: { winner: slow }, calls: [\"first[fast]\", \"first[1]\"], took: 2s }\n",
    );
    passes(
        workflow,
        "    steps: { first: { error: { code: no }, takes: 1s } }
    expect: { outputs: { winner: late }, calls: [\"first[0]\", \"first[slow]\"], took: 5m }\n",
    );
}

#[test]
fn branches_and_conditions_decide_who_is_asked() {
    passes(
        "inputs: { n: int }
steps:
  pick: { choose: [{ if: \"${ inputs.n > 5 }\", task: t.any }, { value: 0 }] }
  not: { if: \"${ inputs.n > 5 }\", task: t.any }
",
        "    inputs: { n: 1 }\n    expect: { state: done, steps: { pick: { result: 0 }, not: skipped }, calls: [], took: 0 }\n",
    );
}

#[test]
fn handlers_are_steps_of_their_own() {
    passes(
        "steps: { a: { task: t.any, on-error: { bad: { task: t.any, with: { value: \"${ error.message }\" } }, any: fail }, finally: { task: t.any, with: { value: \"${ outcome.status }\" } } } }
outputs: { a: \"${ steps.a }\" }",
        "    steps: { a: { error: { code: bad, message: sold out } }, a/on-error-1: { result: 7 }, a/finally: { result: null } }
    expect: { outputs: { a: 7 }, calls: [a, a/on-error-1: { value: sold out }, a/finally: { value: done }], steps: { a/on-error-1: done } }\n",
    );
}

#[test]
fn an_unknown_outcome_that_must_not_be_repeated_blocks() {
    let workflow = "steps: { pay: { task: t.any, effect: at-most-once }, after: { task: t.any, needs: pay } }";
    let tests = "    steps: { pay: { error: { code: lost, kind: unknown-outcome } } }\n";
    passes(workflow, &format!("{tests}    expect: {{ state: blocked, steps: {{ pay: blocked, after: waiting }} }}\n"));
    check(
        workflow,
        &format!("{tests}    expect: {{ state: done }}\n"),
        expect![[r#"
            4:22: the state of the run: expected done, found blocked (it waits for somebody who says what became of `pay`)
        "#]],
    );
}

#[test]
fn locks_let_in_so_many_and_rates_space_starts() {
    let one = "    steps: { a: { result: 1, takes: 10s } }\n    expect: { state: done, took: 30s }\n";
    passes("steps: { a: { for-each: [1, 2, 3], task: t.any, lock: one } }", one);
    let two = "    steps: { a: { result: 1, takes: 10s } }\n    expect: { state: done, took: 20s }\n";
    let played = passes("steps: { a: { for-each: [1, 2, 3], task: t.any, lock: { name: two, permits: 2 } } }", two);
    assert_eq!(calls(&played), ["a[0]@0", "a[1]@0", "a[2]@10000"]);
    let rated = "    steps: { a: { result: 1, takes: 1s } }\n    expect: { state: done, took: 41s }\n";
    passes("steps: { a: { for-each: [1, 2, 3], task: t.any, rate: { limit: 3, per: 1m } } }", rated);
}

#[test]
fn an_attempt_that_was_interrupted_takes_no_more_time() {
    passes(
        "steps:
  first: { race: { fast: { task: t.any }, slow: { task: t.any } }, timeout: 2h }
  pay: { task: t.any, needs: first, effect: at-most-once }",
        "    steps: { first: { result: 1, takes: 1h, items: { fast: { result: 1, takes: 1s } } }, pay: { error: { code: lost, kind: unknown-outcome } } }
    expect: { state: blocked, took: 1s }\n",
    );
}
