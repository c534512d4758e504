//! Time, signals, decisions and cancels: the clock jumps, and nobody waits.

use expect_test::expect;

use super::{calls, check, passes, played};

#[test]
fn a_sleep_of_two_days_takes_no_time_and_two_days() {
    passes(
        "steps: { nap: { sleep: 2d }, a: { task: t.any, needs: nap } }",
        "    steps: { a: { result: 1 } }\n    expect: { state: done, took: 2d }\n",
    );
}

#[test]
fn retries_wait_as_long_as_without_chance() {
    let played = passes(
        "steps: { a: { task: t.any, retry: { attempts: 4, first: 1s, backoff: exponential, jitter: full } } }",
        "    steps: { a: [{ error: { code: busy, kind: transient }, takes: 2s }, { error: { code: slow, retry-after: 10s } }, { error: { code: limit.time } }, { result: 1 }] }
    expect: { state: done, steps: { a: { state: done, attempts: 4, result: 1 } }, took: 17s }\n",
    );
    // 2 s for the attempt and 1 s to the second; it asks for 10 s; the third fails as the engine's own do, and 4 s later it is well.
    assert_eq!(calls(&played), ["a@0", "a@3000", "a@13000", "a@17000"]);
}

#[test]
fn an_attempt_that_takes_too_long_ends_at_its_timeout() {
    let failing = "    steps: { a: { result: 1, takes: 5m } }\n    expect: { error: { code: limit.time }, took: 10s }\n";
    passes("steps: { a: { task: t.any, timeout: 10s } }", failing);
    let just = "    steps: { a: { result: 1, takes: 10s } }\n    expect: { state: done, took: 10s }\n";
    passes("steps: { a: { task: t.any, timeout: 10s } }", just);
    let total = "    steps: { a: { error: { code: no, kind: transient }, takes: 8s } }\n    expect: { error: { code: limit.total-time }, took: 20s }\n";
    passes("steps: { a: { task: t.any, retry: { attempts: 9, first: 1s }, timeout: { attempt: 10s, total: 20s } } }", total);
}

#[test]
fn signals_and_decisions_come_when_the_test_says() {
    let workflow = "steps:
  go: { wait: { signal: go, type: int }, timeout: 1d }
  ok: { wait: { approval: Well? }, needs: go }
outputs: { n: \"${ steps.go }\", by: \"${ steps.ok.by }\" }
";
    passes(
        workflow,
        "    signals: [{ after: 3h, name: go, payload: 7 }, { after: 1h, step: ok, approved: true, by: ada }]
    expect: { state: done, outputs: { n: 7, by: ada }, took: 3h }\n",
    );
    passes(
        workflow,
        "    signals: [{ name: go, payload: 7 }, { after: 2d, step: ok, approved: false, note: no }]
    expect: { state: failed, error: { step: ok, code: approval.denied }, took: 2d }\n",
    );
    passes(workflow, "    expect: { error: { step: go, code: wait.timeout }, took: 1d }\n");
    check(
        workflow,
        "    signals: [{ name: go, payload: 7 }]\n    expect: { state: done, outputs: { n: 7 } }\n",
        expect![[r#"
            4:22: the state of the run: expected done, found running (it waits for somebody to approve or deny `ok`)
            4:42: the output `n`: expected 7, found none: the run is running (it waits for somebody to approve or deny `ok`)
        "#]],
    );
}

#[test]
fn a_signal_that_is_refused_is_a_problem_of_the_test() {
    check(
        "steps: { go: { wait: { signal: go, type: int } }, ok: { wait: { approval: Well? } }, a: { value: 1 } }",
        "    signals: [{ name: og }, { name: go, payload: x }, { step: a, approved: true }, { step: okk, approved: true }]
    expect: { state: done }\n",
        expect![[r#"
            3:92: error[E009]: the workflow `w` has no step `okk` (did you mean `ok`?)
        "#]],
    );
    check(
        "steps: { go: { wait: { signal: go, type: int } }, a: { value: 1 } }",
        "    signals: [{ name: og }, { name: go, payload: x }, { step: a, approved: true }]\n    expect: { state: done }\n",
        expect![[r#"
            3:15: error[E009]: the signal is refused: no step of `w` waits for a signal `og`; did you mean `go`?
            3:29: error[E015]: the signal is refused: the payload of `go` must be int: expected int, found string "x"
            3:55: error[E009]: the signal is refused: this step asks for no approval
        "#]],
    );
}

#[test]
fn a_cancel_interrupts_and_tidies_up() {
    passes(
        "steps:
  a: { task: t.any, compensate: { task: t.any } }
  b: { task: t.any, needs: a, timeout: 1d, finally: { task: t.any } }
  c: { sleep: 3d }
",
        "    steps: { a: { result: 1 }, b: { result: 2, takes: 5h }, b/finally: { result: 0, takes: 20s }, a/compensate: { result: 0, takes: 20s } }
    cancel-after: 2h
    expect:
      state: cancelled
      steps: { a: done, c: cancelled, a/compensate: done, b/finally: done }
      calls: [a, b, b/finally, a/compensate]
      took: 2h40s\n",
    );
}

#[test]
fn what_comes_too_late_is_told() {
    check(
        "steps: { go: { wait: { signal: go }, timeout: 1h } }",
        "    signals: { after: 2h, name: go }\n    cancel-after: 3h\n    expect: { state: failed }\n",
        expect![[r#"
            3:14: warning[W107]: this comes too late: the run had ended (let it come earlier, or remove it)
            4:19: warning[W107]: this comes too late: the run had ended (let it come earlier, or remove it)
        "#]],
    );
}

#[test]
fn the_clock_begins_where_the_test_says() {
    let workflow = "steps: { a: { until: 2030-01-01T00:00:00Z } }\noutputs: { at: \"${ run.started_at }\" }";
    let tests = "    started-at: 2029-12-31T00:00:00+01:00\n    expect: { outputs: { at: 2029-12-31T00:00:00+01:00 }, took: 1d1h }\n";
    passes(workflow, tests);
    passes(workflow, "    expect: { outputs: { at: 2000-01-01T00:00:00Z } }\n");
}

#[test]
fn the_same_test_is_always_the_same() {
    let workflow = "steps: { a: { for-each: \"${ range(0, 20) }\", task: t.any, retry: 3, rate: { limit: 10, per: 1s }, lock: { name: l, permits: 2 } } }";
    let tests = "    steps: { a: [{ error: { code: busy, kind: transient }, takes: 3s }, { result: 1 }] }\n    expect: { state: done }\n";
    let once = calls(&played(workflow, tests).2);
    assert_eq!(once.len(), 40);
    assert_eq!(once, calls(&played(workflow, tests).2));
}
