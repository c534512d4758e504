//! Signals, approvals, sleeps: waiting out of memory, and coming back.

use expect_test::expect;

use super::{check, check_crashes};

const SIGNAL: &str = "
steps:
  go: { wait: { signal: go, type: { properties: { n: integer } } }, timeout: 1h }
  then: { task: noop.inc, with: { v: \"${ steps.go.n }\" } }
outputs: { v: \"${ steps.then.v }\" }
";

#[test]
fn a_signal_is_delivered_once_before_or_while_it_is_waited_for() {
    check(
        SIGNAL,
        "start\nsignal 1 a go {\"n\":1}",
        expect![[r#"
        1 done {"v":2}
          go done
          then done
    "#]],
    );
    check(
        "
steps:
  first: { wait: { signal: first } }
  go: { wait: { signal: go, type: integer }, needs: first }
  again: { wait: { signal: go, type: integer }, needs: go }
outputs: { go: \"${ [steps.go, steps.again] }\" }
",
        "start\nsignal 1 a go 1\nsignal 1 a go 1\nsignal 1 b go 2\nsignal 1 f first\nsignal 1 f first\nsignal 1 a go 1\nsignal 1 a go 3\nsignal 1 x go 1",
        expect![[r#"
            1 done {"go":[1,2]}
              first done
              go done
              again done
            signal 1 a go 3: run 1 is already done; what has ended does not change. To run it again from a step: `jackfield runs rerun 1 --from STEP`
            signal 1 x go 1: run 1 is already done; what has ended does not change. To run it again from a step: `jackfield runs rerun 1 --from STEP`
        "#]],
    );
}

#[test]
fn a_signal_that_is_refused_says_why() {
    check(
        SIGNAL,
        "start\nsignal 1 a gone {\"n\":1}\nsignal 1 a go {\"n\":\"x\"}\nsignal 1 a go 7\nsignal 1 a go {\"n\":1}\nsignal 1 b go {\"n\":2}\nsignal 9 c go {\"n\":1}",
        expect![[r#"
            1 done {"v":2}
              go done
              then done
            signal 1 a gone {"n":1}: run 1: no step of `w` waits for a signal `gone`; it waits for: go
            signal 1 a go {"n":"x"}: run 1: the payload of `go` must be {n: int}: `n`: expected int, found string "x"
            signal 1 a go 7: run 1: the payload of `go` must be {n: int}: expected {n: int}, found int 7
            signal 1 b go {"n":2}: run 1 is already done; what has ended does not change. To run it again from a step: `jackfield runs rerun 1 --from STEP`
            signal 9 c go {"n":1}: run 9 does not exist in this store
        "#]],
    );
    check(
        SIGNAL,
        "start\nsignal 1 a go {\"n\":1\nrestart\nsignal 1 a go {\"n\":5}",
        expect![[r#"
        1 done {"v":6}
          go done
          then done
        signal 1 a go {"n":1: run 1: the payload of `go` must be json: this is not JSON: expected `,` or `}`, found the end of the text (line 1, column 7)
    "#]],
    );
}

#[test]
fn a_signal_with_one_id_and_other_words_is_a_conflict() {
    check(
        "steps:\n  first: { wait: { signal: first } }\n  go: { wait: { signal: go, type: integer }, needs: first }\noutputs: { go: \"${ steps.go }\" }",
        "start\nsignal 1 a go 1\nsignal 1 a go 2\nrestart\nsignal 1 a go 2\nsignal 1 f first",
        expect![[r#"
            1 done {"go":1}
              first done
              go done
            signal 1 a go 2: run 1: the id `a` was accepted before with other content: use a new id for a new signal
            signal 1 a go 2: run 1: the id `a` was accepted before with other content: use a new id for a new signal
        "#]],
    );
}

#[test]
fn a_wait_has_an_end() {
    check(
        SIGNAL,
        "start\nadvance 3599999\nrestart\nadvance 1\nsignal 1 a go {\"n\":1}",
        expect![[r#"
        1 failed go: wait.timeout
          go failed wait.timeout
          then cancelled
        signal 1 a go {"n":1}: run 1 is already failed; what has ended does not change. To run it again from a step: `jackfield runs rerun 1 --from STEP`
    "#]],
    );
    check(
        "steps:\n  go: { wait: { signal: go }, timeout: 1h, on-error: { wait.timeout: { value: late } } }\noutputs: { go: \"${ steps.go }\" }",
        "start\nadvance 3600000",
        expect![[r#"
            1 done {"go":"late"}
              go done
        "#]],
    );
}

const APPROVAL: &str = "
steps:
  ask: { wait: { approval: \"${ 'really ' + run.workflow + '?' }\" }, timeout: 1d }
  then: { value: \"${ steps.ask.by + ': ' + steps.ask.note.orValue('') }\" }
outputs: { then: \"${ steps.then }\", at: \"${ steps.ask.at }\" }
";

#[test]
fn an_approval_is_given_denied_or_comes_too_late() {
    check(
        APPROVAL,
        "start\nadvance 5000\napprove 1 ask\ndeny 1 ask",
        expect![[r#"
        1 done {"at":"2023-11-14T22:13:25Z","then":"anna: so be it"}
          ask done
          then done
        deny 1 ask: run 1 is already done; what has ended does not change. To run it again from a step: `jackfield runs rerun 1 --from STEP`
    "#]],
    );
    check(
        APPROVAL,
        "start\nkill\ndeny 1 ask",
        expect![[r#"
        1 failed ask: approval.denied
          ask failed approval.denied
          then cancelled
    "#]],
    );
    check(
        APPROVAL,
        "start\nadvance 86400000\napprove 1 ask",
        expect![[r#"
        1 failed ask: wait.timeout
          ask failed wait.timeout
          then cancelled
        approve 1 ask: run 1 is already failed; what has ended does not change. To run it again from a step: `jackfield runs rerun 1 --from STEP`
    "#]],
    );
    check(
        APPROVAL,
        "start\napprove 1 then\napprove 1 nobody\napprove 1 ask[0]\napprove 1 ask\napprove 1 ask",
        expect![[r#"
            1 done {"at":"2023-11-14T22:13:20Z","then":"anna: so be it"}
              ask done
              then done
            approve 1 then: run 1: `then` asks for no approval; these do: ask
            approve 1 nobody: run 1 has no step `nobody`
            approve 1 ask[0]: run 1: `ask[0]` asks for no approval; these do: ask
        "#]],
    );
    check(
        "
steps:
  ask: { wait: { approval: sure? }, on-error: { approval.denied: { NOTE(denied) }, any: fail } }
",
        "start\ndeny 1 ask",
        expect![[r#"
            1 done {}
              ask done
              ask/on-error-1 done
            ledger: denied
        "#]],
    );
}

#[test]
fn a_sleep_outlives_its_worker_and_never_ends_early() {
    let sleeps = "
steps:
  nap: { sleep: 1h }
  until: { until: \"${ run.started_at + duration('3h') }\" }
  past: { until: \"2001-01-01T00:00:00Z\" }
  end: { task: noop.inc, needs: [nap, until, past], with: { v: 1 } }
outputs: { v: \"${ steps.end.v }\" }
";
    check(
        sleeps,
        "start\nrestart\nadvance 3599999",
        expect![[r#"
        1 running
          nap running
          until running
          past done
          end waiting
    "#]],
    );
    check(
        sleeps,
        "start\nkill\nadvance 3600000\nkill",
        expect![[r#"
        1 running
          nap done
          until running
          past done
          end waiting
    "#]],
    );
    check(
        sleeps,
        "start\nrestart\nadvance 86400000",
        expect![[r#"
        1 done {"v":2}
          nap done
          until done
          past done
          end done
    "#]],
    );
}

#[test]
fn waits_end_as_without_a_crash() {
    check_crashes(
        "
steps:
  nap: { sleep: 1h }
  go: { wait: { signal: go, type: integer } }
  ask: { wait: { approval: sure? } }
  end: { NOTE(end), needs: [nap, go, ask] }
outputs: { go: \"${ steps.go }\", by: \"${ steps.ask.by }\" }
",
        "start\nsignal 1 a go 3\nadvance 3600000\napprove 1 ask",
        expect![[r#"
            1 done {"by":"anna","go":3}
            ledger: end
        "#]],
    );
}
