//! Runs that are blocked, poisoned or crowded, and those that depend on them.

use std::sync::Arc;

use expect_test::expect;
use jackfield_flow::run::RunId;
use jackfield_worker::Ask;
use kit::stage::{Detail, Kept, Stage};

use super::{check, runtime};

/// P10: a child that killed its worker three times stays set aside, however often its parent comes back.
#[test]
fn p10_a_poisoned_child_is_not_set_free_by_its_parent() {
    let text = "
flows: { poison: { steps: { long: { task: probe.spin-forever, timeout: 2h } } } }
steps:
  child: { flow: poison }
  go: { wait: { signal: go } }
";
    check(
        text,
        "start\nkill\nkill\nkill\nkill\nsignal 1 a go\nkill\nrestart",
        expect![[r#"
        1 running
          child running
          go done
        1/child blocked KilledWorker
          long running ×3
    "#]],
    );
    check(
        text,
        "start\nkill\nkill\nkill\ncancel 1",
        expect![[r#"
        1 cancelled
          child cancelled
          go cancelled
        1/child cancelled
          long cancelled ×3
    "#]],
    );
    check(
        text,
        "start\nkill\nkill\nkill\nresume 2\nkill",
        expect![[r#"
        1 running
          child running
          go running
        1/child running
          long running ×5
    "#]],
    );
}

/// A blocked run takes down what it is told, and uses it when somebody has decided.
#[test]
fn a_blocked_run_hears_of_its_children_and_signals() {
    let text = "
flows: { child: { steps: { go: { wait: { signal: go, type: integer } } }, outputs: { v: \"${ steps.go }\" } } }
steps:
  child: { flow: child }
  long: { task: probe.spin-forever, timeout: 2h, effect: at-most-once }
  own: { wait: { signal: own } }
  then: { NOTE(\"${ 'then-' + string(steps.child.v) }\"), needs: own }
";
    check(
        text,
        "start\nkill\nsignal 2 a go 3\nsignal 1 b own\nrestart\nresolve 1 long done 1",
        expect![[r#"
        1 done {}
          child done
          long done
          own done
          then done
        1/child done {"v":3}
          go done
        ledger: then-3
    "#]],
    );
    check(
        text,
        "start\nkill\nsignal 2 a go 3\ncancel 1",
        expect![[r#"
        1 cancelled
          child done
          long cancelled
          own cancelled
          then cancelled
        1/child done {"v":3}
          go done
    "#]],
    );
    check(
        text,
        "start\nkill\ncancel 1",
        expect![[r#"
        1 cancelled
          child cancelled
          long cancelled
          own cancelled
          then cancelled
        1/child cancelled
          go cancelled
    "#]],
    );
}

/// Waiting for a lock is no part of a step's time, and what is withdrawn while it waits leaves the queue.
#[test]
fn who_waits_for_a_lock_within_one_run_is_served_or_leaves() {
    check(
        "
steps:
  holder: { sleep: 10s, lock: till }
  fast: { sleep: 1s, lock: till, timeout: 5s }
  next: { NOTE(next), lock: till }
",
        "start\nadvance 5000\nadvance 5000\nrestart\nadvance 1000",
        expect![[r#"
            1 done {}
              holder done
              fast done
              next done
            ledger: next
        "#]],
    );
    let fails = "
steps:
  holder: { wait: { signal: go }, lock: till }
  each: { for-each: \"${ range(0, 3) }\", lock: till, NOTE(never) }
  fail: { task: probe.fail, with: { kind: permanent }, finally: { wait: { signal: done } } }
";
    check(
        fails,
        "start\nstart\nsignal 1 a done\nsignal 2 a done",
        expect![[r#"
        1 failed fail: planned
          holder cancelled
          each cancelled 0/3
          fail failed planned
        2 failed fail: planned
          holder cancelled
          each cancelled 0/3
          fail failed planned
    "#]],
    );
    check(
        fails,
        "start\nstart\nkill\nsignal 1 a done\nsignal 2 a done",
        expect![[r#"
        1 failed fail: planned
          holder cancelled
          each cancelled 0/3
          fail failed planned
        2 failed fail: planned
          holder cancelled
          each cancelled 0/3
          fail failed planned
    "#]],
    );
}

/// More messages than an inbox takes, from many sides, while the run works and a worker stops.
#[test]
fn a_crowded_inbox_loses_nothing() {
    let text = "
steps:
  each: { for-each: \"${ range(0, 500) }\", max-parallel: 500, wait: { signal: go, type: integer } }
  work: { for-each: \"${ range(0, 500) }\", max-parallel: 256, task: noop.inc, with: { v: \"${ item }\" } }
outputs: { sum: \"${ size(steps.each) + size(steps.work) }\" }
";
    runtime().block_on(async {
        let mut stage = Stage::open(text, Kept::Sqlite, None).await;
        stage.play("start").await;
        let asks: Vec<_> = (0..3_000)
            .map(|nth| {
                let worker = stage.engine.worker.clone();
                // Each signal comes six times, and is one.
                let id = nth % 500;
                let ask = Ask::Signal {
                    id: id.to_string(),
                    name: "go".to_owned(),
                    payload: id.to_string(),
                    by: String::new(),
                    note: String::new(),
                };
                tokio::spawn(async move { worker.ask(RunId(1), ask).await })
            })
            .collect();
        for ask in asks {
            ask.await.expect("no panic").expect("accepted, also for the second time");
        }
        stage.play("restart").await;
        assert_eq!(stage.story(Detail::Ends).await, "1 done {\"sum\":1000}\n");
        stage.close().await;
    });
}

/// Signals come while a run goes to sleep and wakes, again and again: none is lost on the way.
#[test]
fn no_signal_is_lost_between_waking_and_sleeping() {
    let text = "
steps:
  poll:
    repeat: { start: 0, until: \"${ carry >= 199 }\", max: 1000 }
    wait: { signal: go, type: integer }
outputs: { last: \"${ steps.poll }\" }
";
    runtime().block_on(async {
        let mut stage = Stage::open(text, Kept::Memory, None).await;
        stage.play("start").await;
        let worker = Arc::new(stage.engine.worker.clone());
        for number in 0..200_u32 {
            let ask = Ask::Signal {
                id: number.to_string(),
                name: "go".to_owned(),
                payload: number.to_string(),
                by: String::new(),
                note: String::new(),
            };
            worker.ask(RunId(1), ask).await.expect("accepted");
            // Sometimes it sleeps already, sometimes it is about to.
            for _ in 0..number % 7 {
                tokio::task::yield_now().await;
            }
        }
        stage.play("signal 1 199 go 199").await;
        assert_eq!(stage.story(Detail::Ends).await, "1 done {\"last\":199}\n");
        stage.close().await;
    });
}

/// Children that end at once while their parent comes and goes.
#[test]
fn no_end_of_a_child_is_lost_while_its_parent_comes_and_goes() {
    let text = "
flows: { nap: { steps: { s: { sleep: 1h } } } }
steps:
  each: { for-each: \"${ range(0, 300) }\", max-parallel: 300, flow: nap }
outputs: { size: \"${ size(steps.each) }\" }
";
    runtime().block_on(async {
        for kept in [Kept::Memory, Kept::Sqlite] {
            let mut stage = Stage::open(text, kept, None).await;
            stage.play("start\nadvance 3600000").await;
            assert_eq!(stage.story(Detail::Ends).await.lines().next(), Some("1 done {\"size\":300}"));
            stage.close().await;
            let mut stage = Stage::open(text, kept, None).await;
            stage.play("start\nkill\nadvance 3600000\nrestart").await;
            assert_eq!(stage.story(Detail::Ends).await.lines().next(), Some("1 done {\"size\":300}"));
            stage.close().await;
        }
    });
}
