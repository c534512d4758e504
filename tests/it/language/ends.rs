//! How steps and runs end: races, repeats, failures that are caught, clean-up, undoing, decisions, and time that is over.

use expect_test::expect;

use super::{check, check_crashes};

#[test]
fn a_race_interrupts_those_who_lose() {
    check(
        "
flows:
  slow: { steps: { s: { wait: { signal: never }, finally: { NOTE(tidied) } } } }
  quick: { steps: { s: { value: 1 } } }
steps:
  first:
    race:
      spins: { task: probe.spin-forever }
      wins: { task: probe.spin, with: { rounds: 1000 } }
    timeout: 2h
  other:
    race:
      flows: { flow: slow }
      sleeps: { flow: quick }
  third:
    race: { sleeps: { sleep: 1h }, waits: { sleep: 2h }, late: { wait: { signal: go } } }
  then: { NOTE(then), needs: [first, other, third] }
outputs: { winners: \"${ [steps.first.winner, steps.other.winner, steps.third.winner] }\" }
",
        "start\nrestart\nadvance 3600000",
        expect![[r#"
            1 done {"winners":["wins","sleeps","sleeps"]}
              first done 1/2 ×2
              other done 1/2 ×2
              third done 1/3
              then done
            1/other[0] cancelled
              s cancelled
              s/finally done
            1/other[1] done {}
              s done
            ledger: tidied then
        "#]],
    );
    check(
        "
steps:
  first:
    race:
      one: { task: probe.fail, with: { kind: permanent, code: one } }
      two: { wait: { signal: go } }
outputs: { first: \"${ steps.first.winner }\" }
",
        "start\nrestart\nsignal 1 a go",
        expect![[r#"
            1 done {"first":"two"}
              first done 1/2
        "#]],
    );
}

#[test]
fn a_repeat_waits_between_iterations_and_has_a_most() {
    let text = "
steps:
  poll:
    repeat: { start: { v: 0 }, until: \"${ carry.v >= 3 }\", every: 10s, max: MOST }
    task: noop.inc
    with: { v: \"${ carry.v }\" }
outputs: { v: \"${ steps.poll.v }\" }
";
    check(
        &text.replace("MOST", "5"),
        "start\nadvance 9999\nadvance 1\nrestart\nadvance 10000",
        expect![[r#"
        1 done {"v":3}
          poll done 3/3 ×3
    "#]],
    );
    check(
        &text.replace("MOST", "2"),
        "start\nadvance 10000\nkill\nadvance 10000",
        expect![[r#"
        1 failed poll: repeat.max
          poll failed 2/2 ×2 repeat.max
    "#]],
    );
    check_crashes(
        &text.replace("MOST", "5"),
        "start\nadvance 10000\nadvance 10000",
        expect![[r#"
        1 done {"v":3}
    "#]],
    );
}

#[test]
fn a_choice_takes_the_first_that_fits() {
    let text = "
inputs: { n: { type: integer, default: 1 } }
steps:
  pick:
    choose:
      - { if: \"${ inputs.n > 10 }\", value: many }
      - { if: \"${ inputs.n > 1 }\", NOTE(some) }
      - { value: few }
  after: { NOTE(after), needs: pick }
";
    check(
        text,
        "start\nstart {\"n\":2}\nstart {\"n\":11}",
        expect![[r#"
        1 done {}
          pick done
          after done
        2 done {}
          pick done
          after done
        3 done {}
          pick done
          after done
        ledger: after some after after
    "#]],
    );
}

const SAGA: &str = "
steps:
  book: { NOTE(book), compensate: { NOTE(unbook) } }
  each: { for-each: \"${ range(0, 3) }\", max-parallel: 1, needs: book, NOTE(\"${ 'do-' + string(item) }\"), compensate: { NOTE(\"${ 'undo-' + string(item) }\") } }
  never: { needs: fail, NOTE(never), compensate: { NOTE(unnever) } }
  caught: { needs: each, task: probe.fail, with: { kind: permanent, code: soft }, on-error: { soft: { NOTE(soft) } }, compensate: { NOTE(uncaught) } }
  fail: { needs: caught, task: probe.fail, with: { kind: permanent, code: hard }, on-error: { soft: { NOTE(wrong) } }, finally: { NOTE(finally) } }
";

#[test]
fn what_was_done_is_undone_in_reverse_order_whatever_write_the_worker_dies_at() {
    check(
        SAGA,
        "start",
        expect![[r#"
        1 failed fail: hard
          book done
          each done 3/3 ×3
          never cancelled
          caught done
          fail failed hard
          book/compensate done
          each/compensate done 3/3 ×3
          caught/on-error-1 done
          fail/finally done
        ledger: book do-0 do-1 do-2 soft finally undo-2 undo-1 undo-0 unbook
    "#]],
    );
    check_crashes(
        SAGA,
        "start",
        expect![[r#"
        1 failed fail: hard
        ledger: book do-0 do-1 do-2 finally soft unbook undo-0 undo-1 undo-2
    "#]],
    );
}

#[test]
fn a_cancel_undoes_as_well_and_interrupts_what_runs() {
    let text = "
steps:
  book: { NOTE(book), compensate: { NOTE(unbook) }, finally: { NOTE(booked) } }
  long: { needs: book, task: probe.spin-forever, timeout: 2h, finally: { NOTE(tidied) }, compensate: { NOTE(never) } }
";
    check(
        text,
        "start\ncancel 1\ncancel 1",
        expect![[r#"
        1 cancelled
          book done
          long cancelled
          book/finally done
          book/compensate done
          long/finally done
        cancel 1: run 1 is already cancelled; what has ended does not change. To run it again from a step: `jackfield runs rerun 1 --from STEP`
        ledger: book booked tidied unbook
    "#]],
    );
    check(
        text,
        "start\nrestart\ncancel 1",
        expect![[r#"
        1 cancelled
          book done
          long cancelled ×2
          book/finally done
          book/compensate done
          long/finally done
        ledger: book booked tidied unbook
    "#]],
    );
    check(
        text,
        "start\nkill\ncancel 1\nkill",
        expect![[r#"
        1 cancelled
          book done
          long cancelled ×2
          book/finally done
          book/compensate done
          long/finally done
        ledger: book booked tidied unbook
    "#]],
    );
}

#[test]
fn an_undoing_that_fails_waits_for_somebody() {
    let text = "
steps:
  book: { NOTE(book), compensate: { NOTE(unbook) } }
  more: { needs: book, NOTE(more), compensate: { task: probe.fail, with: { kind: permanent } } }
  fail: { needs: more, task: probe.fail, with: { kind: permanent, code: hard } }
";
    check(
        text,
        "start",
        expect![[r#"
        1 blocked CompensationFailed
          book done
          more done
          fail failed hard
          more/compensate failed planned
        ledger: book more
    "#]],
    );
    check(
        text,
        "start\nrestart\nresolve 1 more/compensate retry",
        expect![[r#"
        1 blocked CompensationFailed
          book done
          more done
          fail failed hard
          more/compensate failed ×2 planned
        ledger: book more
    "#]],
    );
    check(
        text,
        "start\nkill\nresolve 1 more/compensate done null",
        expect![[r#"
        1 failed fail: hard
          book done
          more done
          fail failed hard
          book/compensate done
          more/compensate done
        ledger: book more unbook
    "#]],
    );
    check(
        text,
        "start\nresolve 1 book failed\nresolve 1 more/compensate failed",
        expect![[r#"
            1 failed fail: hard
              book done
              more done
              fail failed hard
              book/compensate done
              more/compensate failed planned
            resolve 1 book failed: run 1: there is nothing to resolve at `book`; this is: more/compensate
            ledger: book more unbook
        "#]],
    );
}

#[test]
fn an_attempt_of_unknown_outcome_waits_for_somebody() {
    let text = "
steps:
  long: { task: probe.spin-forever, timeout: 2h, effect: at-most-once }
  then: { NOTE(\"${ 'then-' + string(steps.long) }\") }
  beside: { NOTE(beside), needs: [go, then] }
  go: { wait: { signal: go } }
outputs: { long: \"${ steps.long }\" }
";
    check(
        text,
        "start\nkill\nresume 1\nsignal 1 a go",
        expect![[r#"
        1 blocked UnknownOutcome
          long blocked
          then waiting
          beside waiting
          go running
    "#]],
    );
    check(
        text,
        "start\nrestart",
        expect![[r#"
        1 blocked UnknownOutcome
          long blocked
          then waiting
          beside waiting
          go running
    "#]],
    );
    check(
        text,
        "start\nkill\nsignal 1 a go\nresolve 1 long done \"x\"\nresolve 1 long done 7",
        expect![[r#"
            1 done {"long":7}
              long done
              then done
              beside done
              go done
            resolve 1 long done "x": run 1: `long`: the result must be int: expected int, found string "x"
            ledger: then-7 beside
        "#]],
    );
    check(
        text,
        "start\nkill\nresolve 1 long failed",
        expect![[r#"
        1 failed long: host.lost
          long failed host.lost
          then cancelled
          beside cancelled
          go cancelled
    "#]],
    );
    check(
        text,
        "start\nkill\nresolve 1 long retry\ncancel 1",
        expect![[r#"
        1 cancelled
          long cancelled ×2
          then cancelled
          beside cancelled
          go cancelled
    "#]],
    );
    check(
        text,
        "start\nkill\ncancel 1",
        expect![[r#"
        1 cancelled
          long cancelled
          then cancelled
          beside cancelled
          go cancelled
    "#]],
    );
}

/// What nobody began is not of unknown outcome: neither a message nor a stop that comes with the beginning makes it so.
#[test]
fn what_must_not_be_repeated_is_begun_by_the_worker_that_has_it() {
    let text = "
steps:
  go: { wait: { signal: go } }
  once: { needs: go, NOTE(once), effect: at-most-once }
";
    check(
        text,
        "start\nrestart\nsignal 1 a go",
        expect![[r#"
        1 done {}
          go done
          once done
        ledger: once
    "#]],
    );
    check(
        text,
        "start\norphan\nsignal 1 a go",
        expect![[r#"
        1 done {}
          go done
          once done
        ledger: once
    "#]],
    );
    check(
        text,
        "start\nkill\nsignal 1 a go",
        expect![[r#"
        1 done {}
          go done
          once done
        ledger: once
    "#]],
    );
}

#[test]
fn time_in_all_interrupts_what_runs() {
    check(
        "
steps:
  long: { task: probe.spin-forever, timeout: { attempt: 2h, total: 10s }, on-error: { limit.total-time: { value: 7 } } }
  each: { for-each: \"${ range(0, 2) }\", task: probe.fail, with: { kind: transient }, retry: { attempts: 100, first: 4s, max: 4s, jitter: none }, timeout: { attempt: 1m, total: 10s }, needs: long }
outputs: { v: \"${ steps.long }\" }
",
        "start\nadvance 9999\nadvance 1\nadvance 4000\nrestart\nadvance 4000\nadvance 2000",
        expect![[r#"
            1 failed each: limit.total-time
              long done
              each failed 0/2 ×6 limit.total-time
        "#]],
    );
}

#[test]
fn a_failure_is_caught_by_its_code() {
    let text = "
inputs: { code: { type: string, default: soft } }
steps:
  s:
    task: probe.fail
    with: { kind: permanent, code: \"${ inputs.code }\" }
    on-error:
      soft: { value: \"${ 'caught ' + error.code }\" }
      stays: fail
      any: { NOTE(\"${ 'any-' + error.code }\") }
    finally: { NOTE(\"${ outcome.status + '-' + outcome.code.orValue('none') }\") }
  then: { NOTE(then), needs: s }
";
    check(
        text,
        "start\nstart {\"code\":\"stays\"}\nstart {\"code\":\"other\"}",
        expect![[r#"
        1 done {}
          s done
          then done
          s/finally done
        2 failed s: stays
          s failed stays
          then cancelled
          s/finally done
        3 done {}
          s done
          then done
          s/on-error-3 done
          s/finally done
        ledger: done-none then failed-stays any-other done-none then
    "#]],
    );
    check_crashes(
        text,
        "start {\"code\":\"other\"}",
        expect![[r#"
        1 done {}
        ledger: any-other done-none then
    "#]],
    );
}
