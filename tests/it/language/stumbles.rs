//! A store that fails once, at any write, and works again: the same worker goes on, and nothing is lost or done twice.

use super::check_stumbles;

#[test]
fn sub_workflows_are_started_and_heard_of_all_the_same() {
    check_stumbles(
        "
flows:
  add: { inputs: { v: integer }, steps: { n: { sleep: 1h }, a: { needs: n, task: noop.inc, with: { v: \"${ inputs.v }\" } } }, outputs: { v: \"${ steps.a.v }\" } }
steps:
  each: { for-each: \"${ range(0, 2) }\", flow: add, with: { v: \"${ item }\" } }
outputs: { each: \"${ steps.each.map(e, e.v) }\" }
",
        "start\nadvance 3600000",
    );
    check_stumbles(
        "
flows: { child: { steps: { go: { wait: { signal: go }, finally: { NOTE(tidied) } } } } }
steps: { child: { flow: child } }
",
        "start\ncancel 1",
    );
}

#[test]
fn locks_are_given_and_starts_are_reserved_all_the_same() {
    check_stumbles(
        "
steps:
  each: { for-each: \"${ range(0, 2) }\", lock: till, NOTE(\"${ 'x-' + string(item) }\") }
  rated: { for-each: \"${ range(0, 2) }\", rate: { limit: 1, per: 10s }, NOTE(\"${ 'y-' + string(item) }\") }
",
        "start\nadvance 10000\nadvance 10000",
    );
    check_stumbles("concurrency: { key: k }\nsteps: { go: { wait: { signal: go } } }", "start\nstart\nsignal 1 a go\nsignal 2 a go");
}

#[test]
fn signals_timers_and_undoing_go_on_all_the_same() {
    check_stumbles(
        "
steps:
  nap: { sleep: 1h }
  go: { wait: { signal: go, type: integer }, needs: nap, compensate: { NOTE(undo) } }
  fail: { task: probe.fail, with: { kind: permanent }, needs: go }
",
        "start\nadvance 3600000\nsignal 1 a go 1",
    );
}
