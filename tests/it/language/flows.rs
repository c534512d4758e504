//! Sub-workflows: started once, heard of once, and what becomes of them when their parent ends.

use expect_test::expect;

use super::{check, check_crashes};

#[test]
fn a_sub_workflow_answers_fails_or_is_refused() {
    check(
        "
flows:
  add: { inputs: { v: integer }, steps: { a: { task: noop.inc, with: { v: \"${ inputs.v }\" } } }, outputs: { v: \"${ steps.a.v }\" } }
steps:
  one: { flow: add, with: { v: 1 } }
  each: { for-each: \"${ range(0, 5) }\", max-parallel: 2, flow: add, with: { v: \"${ item * 10 }\" } }
outputs: { one: \"${ steps.one.v }\", each: \"${ steps.each.map(e, e.v) }\" }
",
        "start",
        expect![[r#"
            1 done {"each":[1,11,21,31,41],"one":2}
              one done
              each done 5/5 ×5
            1/one done {"v":2}
              a done
            1/each[0] done {"v":1}
              a done
            1/each[1] done {"v":11}
              a done
            1/each[2] done {"v":21}
              a done
            1/each[3] done {"v":31}
              a done
            1/each[4] done {"v":41}
              a done
        "#]],
    );
    check(
        "
flows:
  bad: { steps: { a: { task: probe.fail, with: { kind: permanent, code: broken } } } }
steps:
  caught: { flow: bad, on-error: { flow.failed: { value: { at: \"${ error.message }\" } } } }
  not: { flow: bad, needs: caught }
",
        "start",
        expect![[r#"
            1 failed not: flow.failed
              caught done
              not failed flow.failed
            1/caught failed a: broken
              a failed broken
            1/not failed a: broken
              a failed broken
        "#]],
    );
}

const NESTED: &str = "
flows:
  outer:
    flows: { inner: { steps: { wait: { wait: { signal: go } }, b: { NOTE(inner), needs: wait } } } }
    steps:
      a: { flow: inner, finally: { NOTE(outer-finally) } }
steps:
  top: { flow: outer, finally: { NOTE(top-finally) } }
  last: { NOTE(last), needs: top }
";

#[test]
fn an_end_deep_below_reaches_the_top_and_a_cancel_goes_all_the_way_down() {
    check(
        NESTED,
        "start\nsignal 3 a go",
        expect![[r#"
        1 done {}
          top done
          last done
          top/finally done
        1/top done {}
          a done
          a/finally done
        1/top/a done {}
          wait done
          b done
        ledger: inner outer-finally top-finally last
    "#]],
    );
    check(
        NESTED,
        "start\nrestart\nsignal 3 a go",
        expect![[r#"
        1 done {}
          top done
          last done
          top/finally done
        1/top done {}
          a done
          a/finally done
        1/top/a done {}
          wait done
          b done
        ledger: inner outer-finally top-finally last
    "#]],
    );
    check(
        NESTED,
        "start\nkill\ncancel 1",
        expect![[r#"
        1 cancelled
          top cancelled
          last cancelled
          top/finally done
        1/top cancelled
          a cancelled
          a/finally done
        1/top/a cancelled
          wait cancelled
          b cancelled
        ledger: outer-finally top-finally
    "#]],
    );
    check(
        NESTED,
        "start\ncancel 1",
        expect![[r#"
        1 cancelled
          top cancelled
          last cancelled
          top/finally done
        1/top cancelled
          a cancelled
          a/finally done
        1/top/a cancelled
          wait cancelled
          b cancelled
        ledger: outer-finally top-finally
    "#]],
    );
    // Who cancels what is in the middle, cancels for those above it as well.
    check(
        NESTED,
        "start\ncancel 2\nstart\ncancel 6",
        expect![[r#"
        1 failed top: flow.cancelled
          top failed flow.cancelled
          last cancelled
          top/finally done
        1/top cancelled
          a cancelled
          a/finally done
        1/top/a cancelled
          wait cancelled
          b cancelled
        4 failed top: flow.failed
          top failed flow.failed
          last cancelled
          top/finally done
        4/top failed a: flow.cancelled
          a failed flow.cancelled
          a/finally done
        4/top/a cancelled
          wait cancelled
          b cancelled
        ledger: outer-finally top-finally outer-finally top-finally
    "#]],
    );
    check_crashes(
        NESTED,
        "start\nsignal 3 a go",
        expect![[r#"
        1 done {}
        1/top done {}
        1/top/a done {}
        ledger: inner last outer-finally top-finally
    "#]],
    );
    check_crashes(
        NESTED,
        "start\ncancel 1",
        expect![[r#"
        1 cancelled
        1/top cancelled
        1/top/a cancelled
        ledger: outer-finally top-finally
    "#]],
    );
}

fn policies(ends: &str) -> String {
    format!(
        "
flows:
  child: {{ steps: {{ wait: {{ wait: {{ signal: go }} }}, end: {{ NOTE(child), needs: wait }} }} }}
steps:
  child: {{ flow: child, if-parent-ends: {ends} }}
  go: {{ wait: {{ signal: fail }} }}
  fail: {{ task: probe.fail, needs: go, with: {{ kind: permanent }} }}
"
    )
}

#[test]
fn a_parent_that_ends_first_cancels_leaves_or_waits() {
    let play = "start\nsignal 1 a fail\nrestart\nsignal 2 b go";
    check(
        &policies("cancel"),
        play,
        expect![[r#"
        1 failed fail: planned
          child cancelled
          go done
          fail failed planned
        1/child cancelled
          wait cancelled
          end cancelled
        signal 2 b go: run 2 is already cancelled; what has ended does not change. To run it again from a step: `jackfield runs rerun 2 --from STEP`
    "#]],
    );
    check(
        &policies("abandon"),
        play,
        expect![[r#"
        1 failed fail: planned
          child cancelled
          go done
          fail failed planned
        1/child done {}
          wait done
          end done
        ledger: child
    "#]],
    );
    check(
        &policies("wait"),
        play,
        expect![[r#"
        1 failed fail: planned
          child done
          go done
          fail failed planned
        1/child done {}
          wait done
          end done
        ledger: child
    "#]],
    );
    let play = "start\ncancel 1\nkill\nsignal 2 b go";
    check(
        &policies("cancel"),
        play,
        expect![[r#"
        1 cancelled
          child cancelled
          go cancelled
          fail cancelled
        1/child cancelled
          wait cancelled
          end cancelled
        signal 2 b go: run 2 is already cancelled; what has ended does not change. To run it again from a step: `jackfield runs rerun 2 --from STEP`
    "#]],
    );
    check(
        &policies("abandon"),
        play,
        expect![[r#"
        1 cancelled
          child cancelled
          go cancelled
          fail cancelled
        1/child done {}
          wait done
          end done
        ledger: child
    "#]],
    );
    check(
        &policies("wait"),
        play,
        expect![[r#"
        1 cancelled
          child done
          go cancelled
          fail cancelled
        1/child done {}
          wait done
          end done
        ledger: child
    "#]],
    );
}

/// D27: at every write from the start of the child to the end of both.
#[test]
fn d27_a_parent_that_ends_while_its_child_starts_carries_its_policy_out_once() {
    check_crashes(
        &policies("cancel"),
        "start\nsignal 1 a fail",
        expect![[r#"
        1 failed fail: planned
        1/child cancelled
    "#]],
    );
    check_crashes(
        &policies("abandon"),
        "start\nsignal 1 a fail\nsignal 2 b go",
        expect![[r#"
        1 failed fail: planned
        1/child done {}
        ledger: child
    "#]],
    );
    check_crashes(
        &policies("wait"),
        "start\nsignal 1 a fail\nsignal 2 b go",
        expect![[r#"
        1 failed fail: planned
        1/child done {}
        ledger: child
    "#]],
    );
    check_crashes(
        &policies("cancel"),
        "start\ncancel 1",
        expect![[r#"
        1 cancelled
        1/child cancelled
    "#]],
    );
    check_crashes(
        &policies("wait"),
        "start\ncancel 1\nsignal 2 b go",
        expect![[r#"
        1 cancelled
        1/child done {}
        ledger: child
    "#]],
    );
}

#[test]
fn p6_a_child_is_started_once_whatever_write_the_worker_dies_at() {
    check_crashes(
        "
flows:
  add: { inputs: { v: integer }, steps: { a: { task: noop.inc, with: { v: \"${ inputs.v }\" } } }, outputs: { v: \"${ steps.a.v }\" } }
steps:
  one: { flow: add, with: { v: 1 } }
  two: { flow: add, with: { v: \"${ steps.one.v }\" } }
outputs: { v: \"${ steps.two.v }\" }
",
        "start",
        expect![[r#"
            1 done {"v":3}
            1/one done {"v":2}
            1/two done {"v":3}
        "#]],
    );
}

/// The parent waits out of memory as well, and hears of an end that comes when nobody has it.
#[test]
fn a_child_that_sleeps_lets_its_parent_sleep() {
    let text = "
flows: { nap: { steps: { s: { sleep: 30d } } } }
steps:
  each: { for-each: \"${ range(0, 3) }\", flow: nap }
  last: { NOTE(last), needs: each }
";
    check(
        text,
        "start\nadvance 2592000000",
        expect![[r#"
        1 done {}
          each done 3/3 ×3
          last done
        1/each[0] done {}
          s done
        1/each[1] done {}
          s done
        1/each[2] done {}
          s done
        ledger: last
    "#]],
    );
    check(
        text,
        "start\nrestart\nadvance 2592000000",
        expect![[r#"
        1 done {}
          each done 3/3 ×3
          last done
        1/each[0] done {}
          s done
        1/each[1] done {}
          s done
        1/each[2] done {}
          s done
        ledger: last
    "#]],
    );
    check(
        text,
        "start\ncancel 1",
        expect![[r#"
        1 cancelled
          each cancelled 0/3 ×3
          last cancelled
        1/each[0] cancelled
          s cancelled
        1/each[1] cancelled
          s cancelled
        1/each[2] cancelled
          s cancelled
    "#]],
    );
}
