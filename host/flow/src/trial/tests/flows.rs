//! Sub-workflows: played with the same clock, or answered for.

use expect_test::expect;

use super::{calls, check, passes};

const NESTED: &str = "
flows:
  one:
    inputs: { n: int }
    concurrency: { key: all, limit: 1 }
    steps:
      add: { task: t.inc, timeout: 5m, with: { n: \"${ inputs.n }\" }, compensate: { task: t.any } }
      ask: { wait: { approval: Well? }, needs: add }
    outputs: { n: \"${ steps.add.n }\" }
steps:
  each: { for-each: [1, 2], flow: one, with: { n: \"${ item }\" } }
outputs: { all: \"${ steps.each.map(one, one.n) }\" }
";

#[test]
fn a_sub_workflow_is_played_with_the_same_clock() {
    let played = passes(
        NESTED,
        "    steps: { each/add: { result: { n: 5 }, takes: 1m } }
    signals: [{ after: 1h, step: \"each[0]/ask\", approved: true }, { after: 2h, step: \"each[1]/ask\", approved: true }]
    expect:
      outputs: { all: [5, 5] }
      steps: { each: done, \"each[1]/add\": done }
      calls: [\"each[0]/add\": { n: 1 }, \"each[1]/add\": { n: 2 }]
      took: 2h\n",
    );
    // The second one waits for room: one at once has the key.
    assert_eq!(calls(&played), ["each[0]/add@0", "each[1]/add@3600000"]);
}

#[test]
fn a_sub_workflow_that_is_answered_for_is_not_played() {
    passes(NESTED, "    steps: { each: { result: { n: 5 }, takes: 1m } }\n    expect: { outputs: { all: [5, 5] }, calls: [], took: 1m }\n");
    passes(
        NESTED,
        "    steps: { each: { result: { n: 5 }, items: { 1: { error: { code: bad } } } } }\n    expect: { error: { step: each, code: flow.failed } }\n",
    );
    passes(NESTED, "    steps: { each: { error: { code: flow.cancelled } } }\n    expect: { error: { code: flow.cancelled } }\n");
    check(
        NESTED,
        "    steps: { each: { result: { m: 5 } } }\n    expect: { state: done }\n",
        expect![[r#"
            3:20: error[E015]: `each` never answers this: `n`: expected int, found no such field (it answers {n: int})
        "#]],
    );
}

#[test]
fn what_fails_within_is_undone_within() {
    passes(
        NESTED,
        "    steps: { each/add: { result: { n: 5 } }, each/add/compensate: { result: null } }
    signals: { step: \"each[0]/ask\", approved: false }
    expect: { error: { step: each, code: flow.failed }, calls: [\"each[0]/add\", \"each[0]/add/compensate\", \"each[1]/add\"] }\n",
    );
    passes(
        NESTED,
        "    steps: { each/add: { result: { n: 5 } }, each/add/compensate: { result: null } }
    cancel-after: 1d
    expect: { state: cancelled, calls: [\"each[0]/add\", \"each[0]/add/compensate\"], took: 1d }\n",
    );
}

#[test]
fn a_missing_answer_within_is_told_with_its_way() {
    check(
        NESTED,
        "    expect: { state: done }\n",
        expect![[r#"
            2:3: error[E004]: step `each[0]/add` was reached, and the test has no answer for it (add under `steps`: each/add: { result: {"n":0} } (its input is {"n":1}))
        "#]],
    );
}

#[test]
fn names_within_sub_workflows_are_checked() {
    check(
        NESTED,
        "    steps: { each/ad: { result: 1 }, each/ask: { result: 1 }, echo/add: { result: 1 } }
    expect: { state: done, steps: { each/add/undo: done }, calls: [\"each[0/add\", each/ask] }\n",
        expect![[r#"
            3:14: error[E009]: the workflow `one` has no step `ad` (did you mean `add`?)
            3:38: error[E009]: step `each/ask` calls no task and starts no sub-workflow: it asks for no answer (what it waits for comes under `signals`)
            3:63: error[E009]: the workflow `w` has no step `echo/add` (there is: each)
            4:37: error[E009]: the workflow `one` has no step `add/undo` (there is: add, ask, add/compensate)
            4:68: error[E009]: `each[0/add` is not STEP or STEP[ITEM]
            4:82: error[E009]: step `each/ask` calls no task (only calls of tasks stand under `calls`)
        "#]],
    );
}

#[test]
fn signals_reach_the_sub_workflow_that_waits_for_them() {
    let workflow = "
flows:
  one: { steps: { go: { wait: { signal: go, type: int } } }, outputs: { n: \"${ steps.go }\" } }
steps:
  here: { wait: { signal: here } }
  each: { for-each: [1, 2], max-parallel: 1, flow: one, needs: here }
outputs: { all: \"${ steps.each.map(one, one.n) }\" }
";
    passes(
        workflow,
        "    signals: [{ name: here }, { after: 1h, name: go, payload: 5 }, { after: 2h, name: go, payload: 6 }]
    expect: { outputs: { all: [5, 6] }, took: 2h }\n",
    );
    check(
        workflow,
        "    signals: [{ name: here }, { after: 1h, name: go, payload: x }]\n    expect: { state: done }\n",
        expect![[r#"
            3:31: error[E015]: the signal is refused: the payload of `go` must be int: expected int, found string "x"
        "#]],
    );
    // One of the sub-workflows has ended when it comes.
    check(
        workflow,
        "    signals: [{ name: here }, { after: 1h, name: go, payload: 5 }, { after: 2h, name: og }]\n    expect: { state: done }\n",
        expect![[r#"
            3:68: error[E009]: the signal is refused: no step of `w` waits for a signal `og`; it waits for: here
        "#]],
    );
}

/// Two sub-workflows with one key, and what the second one does when the first has it.
fn busy(when_busy: &str) -> String {
    format!(
        "
flows:
  one:
    concurrency: {{ key: all, when-busy: {when_busy} }}
    steps: {{ a: {{ task: t.any }} }}
    outputs: {{ a: \"${{ steps.a }}\" }}
steps: {{ each: {{ for-each: [1, 2], flow: one, on-item-error: collect }} }}
outputs: {{ ends: \"${{ steps.each.map(one, one.ok.hasValue() ? 'done' : one.error.?code.orValue('')) }}\" }}
"
    )
}

#[test]
fn a_key_that_is_taken_is_waited_for_given_up_or_taken_over() {
    let tests = |ends: &str, took: &str| {
        format!("    steps: {{ each/a: {{ result: 1, takes: 10s }} }}\n    expect: {{ outputs: {{ ends: {ends} }}, took: {took} }}\n")
    };
    passes(&busy("queue"), &tests("[done, done]", "20s"));
    passes(&busy("skip"), &tests("[done, flow.cancelled]", "10s"));
    passes(&busy("cancel-running"), &tests("[flow.cancelled, done]", "10s"));
}
