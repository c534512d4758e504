//! What runs share: locks, room among runs with the same key, rates, remembered results.

use expect_test::expect;

use super::{check, check_crashes, runtime};
use kit::stage::{Detail, Kept, Stage};

/// Runs that write "in" and "out" under a lock, and wait for a signal between.
fn locked(lock: &str) -> String {
    format!(
        "
inputs: {{ n: {{ type: string, default: x }} }}
flows:
  critical:
    inputs: {{ n: string }}
    steps:
      in: {{ NOTE(\"${{ 'in-' + inputs.n }}\") }}
      go: {{ wait: {{ signal: go }}, needs: in }}
      out: {{ NOTE(\"${{ 'out-' + inputs.n }}\"), needs: go }}
steps:
  s: {{ flow: critical, with: {{ n: \"${{ inputs.n }}\" }}, lock: {lock} }}
"
    )
}

#[test]
fn a_lock_excludes_and_passes_on_in_order() {
    let three = "start {\"n\":\"a\"}\nstart {\"n\":\"b\"}\nstart {\"n\":\"c\"}\n";
    // Sub-workflows are numbered as they start: the first is run 2, the others come when the lock does.
    check(
        &locked("till"),
        &format!("{three}signal 2 x go\nsignal 5 x go\nsignal 6 x go"),
        expect![[r#"
        1 done {}
          s done
        1/s done {}
          in done
          go done
          out done
        3 done {}
          s done
        3/s done {}
          in done
          go done
          out done
        4 done {}
          s done
        4/s done {}
          in done
          go done
          out done
        ledger: in-a out-a in-b out-b in-c out-c
    "#]],
    );
    check(
        &locked("till"),
        &format!("{three}signal 2 x go\nrestart\nsignal 5 x go\nkill\nsignal 6 x go"),
        expect![[r#"
        1 done {}
          s done
        1/s done {}
          in done
          go done
          out done
        3 done {}
          s done
        3/s done {}
          in done
          go done
          out done
        4 done {}
          s done
        4/s done {}
          in done
          go done
          out done
        ledger: in-a out-a in-b out-b in-c out-c
    "#]],
    );
    check(
        &locked("{ name: till, permits: 2 }"),
        &format!("{three}signal 2 x go\nsignal 4 x go\nsignal 6 x go"),
        expect![[r#"
        1 done {}
          s done
        1/s done {}
          in done
          go done
          out done
        3 done {}
          s done
        3/s done {}
          in done
          go done
          out done
        5 done {}
          s done
        5/s done {}
          in done
          go done
          out done
        ledger: in-a in-b out-a in-c out-b out-c
    "#]],
    );
    check(
        &locked("\"${ 'till-' + inputs.n }\""),
        &format!("{three}signal 2 x go\nsignal 4 x go\nsignal 6 x go"),
        expect![[r#"
        1 done {}
          s done
        1/s done {}
          in done
          go done
          out done
        3 done {}
          s done
        3/s done {}
          in done
          go done
          out done
        5 done {}
          s done
        5/s done {}
          in done
          go done
          out done
        ledger: in-a in-b in-c out-a out-b out-c
    "#]],
    );
    // Who is cancelled leaves the queue, and who holds it lets go.
    check(
        &locked("till"),
        &format!("{three}cancel 3\ncancel 1\nsignal 5 x go"),
        expect![[r#"
        1 cancelled
          s cancelled
        1/s cancelled
          in done
          go cancelled
          out cancelled
        3 cancelled
          s cancelled
        4 done {}
          s done
        4/s done {}
          in done
          go done
          out done
        ledger: in-a in-c out-c
    "#]],
    );
}

#[test]
fn a_lock_outlives_any_crash() {
    check_crashes(
        &locked("till"),
        "start {\"n\":\"a\"}\nstart {\"n\":\"b\"}\nsignal 2 x go\nsignal 4 x go",
        expect![[r#"
        1 done {}
        1/s done {}
        3 done {}
        3/s done {}
        ledger: in-a in-b out-a out-b
    "#]],
    );
}

/// What a lock guards can tell an old holder by its token, also one that a dead worker left behind.
#[test]
fn a_task_hands_on_the_token_of_its_lock() {
    let text = "
steps:
  each: { for-each: \"${ range(0, 2) }\", max-parallel: 1, lock: till, NOTE(\"${ lock.name + '-' + string(lock.token) }\") }
  go: { wait: { signal: go }, lock: gate, needs: each }
  poll: { repeat: { until: \"${ index > 0 }\" }, lock: \"${ 'till' }\", value: \"${ lock.token }\", needs: go }
  race: { race: { only: { value: \"${ lock }\" } }, lock: till, needs: poll }
  pick: { choose: [{ value: \"${ lock.token }\" }], lock: till, needs: race }
outputs: { poll: \"${ steps.poll }\", race: \"${ steps.race.value.token }\", pick: \"${ steps.pick }\" }
";
    check(
        text,
        "start\nkill\nsignal 1 a go",
        expect![[r#"
        1 done {"pick":6,"poll":4,"race":5}
          each done 2/2 ×2
          go done
          poll done 2/2
          race done 1/1
          pick done
        ledger: till-1 till-2
    "#]],
    );
}

/// Many runs, many items, real attempts: the ledger never shows two inside at once.
#[test]
fn nobody_overlaps_under_a_lock() {
    let text = "
steps:
  each:
    for-each: \"${ range(0, 4) }\"
    lock: till
    task: probe.append-line
    with: { path: log/ledger, line: \"${ 'x-' + string(item) }\", pause_ms: 5 }
    grant: { files: [\"write log\"] }
";
    runtime().block_on(async {
        let stage = Stage::open(text, Kept::Memory, None).await;
        let mut most = 0;
        stage.start_at_once(6).await;
        while !stage.is_quiet().await {
            most = most.max(stage.attempts_running().await);
            tokio::task::yield_now().await;
        }
        assert_eq!((most, stage.ledger().len()), (1, 24));
        let ends = stage.story(Detail::Ends).await;
        assert!(ends.lines().take(6).all(|line| line.ends_with("done {}")), "{ends}");
        stage.close().await;
    });
}

/// Each run has the priority of the workflow it is of: three sub-workflows want one lock.
#[test]
fn a_lock_goes_to_the_most_important_and_in_time_to_everybody() {
    let child =
        |priority: i32, name: &str| format!("  {name}: {{ steps: {{ s: {{ NOTE({name}), lock: till, priority: {priority} }} }} }}\n");
    let text = format!(
        "
flows:
  holder: {{ steps: {{ s: {{ wait: {{ signal: go }}, lock: till }} }} }}
{}{}{}steps:
  holder: {{ flow: holder }}
  n1: {{ sleep: 1s }}
  low: {{ flow: low, needs: n1 }}
  n2: {{ sleep: 2s }}
  high: {{ flow: high, needs: n2 }}
  n3: {{ sleep: 10m }}
  late: {{ flow: late, needs: n3 }}
",
        child(0, "low"),
        child(5, "high"),
        child(5, "late"),
    );
    check(
        &text,
        "start\nadvance 1000\nadvance 1000\nsignal 2 x go",
        expect![[r#"
        1 running
          holder done
          n1 done
          low done
          n2 done
          high done
          n3 running
          late waiting
        1/holder done {}
          s done
        1/low done {}
          s done
        1/high done {}
          s done
        ledger: high low
    "#]],
    );
    // Ten minutes of waiting are worth more than five steps.
    check(
        &text,
        "start\nadvance 1000\nadvance 1000\nadvance 600000\nsignal 2 x go",
        expect![[r#"
        1 done {}
          holder done
          n1 done
          low done
          n2 done
          high done
          n3 done
          late done
        1/holder done {}
          s done
        1/low done {}
          s done
        1/high done {}
          s done
        1/late done {}
          s done
        ledger: high low late
    "#]],
    );
}

fn concurrent(when_busy: &str) -> String {
    format!(
        "
inputs: {{ key: {{ type: string, default: k }} }}
concurrency: {{ key: \"${{ inputs.key }}\", when-busy: {when_busy} }}
steps:
  go: {{ wait: {{ signal: go }}, finally: {{ NOTE(\"${{ 'end-' + inputs.key }}\") }} }}
"
    )
}

#[test]
fn runs_with_one_key_wait_are_skipped_or_take_over() {
    let starts = "start\nstart\nstart {\"key\":\"other\"}\n";
    check(
        &concurrent("queue"),
        &format!("{starts}signal 1 x go"),
        expect![[r#"
        1 done {}
          go done
          go/finally done
        2 running
          go running
        3 running
          go running
        ledger: end-k
    "#]],
    );
    check(
        &concurrent("queue"),
        &format!("{starts}cancel 1\nrestart\nsignal 2 x go\nsignal 3 x go"),
        expect![[r#"
        1 cancelled
          go cancelled
          go/finally done
        2 done {}
          go done
          go/finally done
        3 done {}
          go done
          go/finally done
        ledger: end-k end-k end-other
    "#]],
    );
    check(
        &concurrent("queue"),
        &format!("{starts}cancel 2\nkill\nsignal 1 x go\nstart"),
        expect![[r#"
        1 done {}
          go done
          go/finally done
        2 cancelled
          go cancelled
        3 running
          go running
        4 running
          go running
        ledger: end-k
    "#]],
    );
    check(
        &concurrent("skip"),
        starts,
        expect![[r#"
        1 running
          go running
        2 cancelled
          go cancelled
        3 running
          go running
    "#]],
    );
    check(
        &concurrent("skip"),
        &format!("{starts}signal 1 x go\nstart"),
        expect![[r#"
        1 done {}
          go done
          go/finally done
        2 cancelled
          go cancelled
        3 running
          go running
        4 running
          go running
        ledger: end-k
    "#]],
    );
    check(
        &concurrent("cancel-running"),
        &format!("{starts}start\nsignal 4 x go"),
        expect![[r#"
        1 cancelled
          go cancelled
          go/finally done
        2 cancelled
          go cancelled
          go/finally done
        3 running
          go running
        4 done {}
          go done
          go/finally done
        ledger: end-k end-k end-k
    "#]],
    );
    check_crashes(
        &concurrent("queue"),
        "start\nstart\nsignal 1 x go\nsignal 2 x go",
        expect![[r#"
        1 done {}
        2 done {}
        ledger: end-k
    "#]],
    );
    check_crashes(
        &concurrent("cancel-running"),
        "start\nstart\nsignal 2 x go",
        expect![[r#"
        1 cancelled
        2 done {}
        ledger: end-k
    "#]],
    );
}

#[test]
fn a_rate_spaces_starts_over_runs_and_restarts() {
    let text = "
steps:
  each: { for-each: \"${ range(0, 3) }\", rate: { limit: 1, per: 10s, name: r }, NOTE(\"${ 'at-' + string(item) }\") }
";
    check(
        text,
        "start\nstart\nadvance 9999",
        expect![[r#"
        1 running
          each running 1/3
        2 running
          each running 0/3
        ledger: at-0
    "#]],
    );
    check(
        text,
        "start\nstart\nadvance 10000\nrestart\nadvance 10000\nkill\nadvance 10000\nadvance 10000\nadvance 10000",
        expect![[r#"
        1 done {}
          each done 3/3 ×3
        2 done {}
          each done 3/3 ×3
        ledger: at-0 at-1 at-2 at-0 at-1 at-2
    "#]],
    );
    check_crashes(
        text,
        "start\nadvance 100000\nadvance 100000",
        expect![[r#"
        1 done {}
        ledger: at-0 at-1 at-2
    "#]],
    );
}

#[test]
fn a_remembered_result_is_taken_when_nothing_differs() {
    let text = "
inputs: { v: { type: integer, default: 1 } }
steps:
  cached: { cache: true, task: noop.inc, with: { v: \"${ inputs.v }\" } }
outputs: { v: \"${ steps.cached.v }\" }
";
    runtime().block_on(async {
        for kept in [Kept::Memory, Kept::Sqlite] {
            let mut stage = Stage::open(text, kept, None).await;
            stage.play("start\nstart\nstart {\"v\":2}\nrestart\nstart").await;
            let cached: Vec<bool> = stage.receipts().await.into_iter().map(|receipt| receipt.cached).collect();
            assert_eq!(cached, [false, true, false, true]);
            let ends = stage.story(Detail::Ends).await;
            assert_eq!(ends, "1 done {\"v\":2}\n2 done {\"v\":2}\n3 done {\"v\":3}\n4 done {\"v\":2}\n");
            stage.close().await;
        }
    });
}

/// A task that looks around sees the same in every run, so that its result is a function of what it is remembered under.
#[test]
fn what_is_remembered_follows_from_its_key_alone() {
    for task in ["clocks", "context", "random, with: { bytes: 16 }"] {
        let text = format!("steps: {{ s: {{ cache: true, task: probe.{task} }} }}\noutputs: {{ s: \"${{ steps.s }}\" }}");
        let seen = |play: &'static str| {
            let text = text.clone();
            runtime().block_on(async move {
                // Stores of their own: nothing is remembered from one to the other.
                let mut stage = Stage::open(&text, Kept::Memory, None).await;
                stage.play(play).await;
                let story = stage.story(Detail::Ends).await;
                stage.close().await;
                story.lines().last().unwrap_or_default().trim_start_matches(['1', '2', ' ']).to_owned()
            })
        };
        let first = seen("start");
        assert!(first.starts_with("done"), "{task}: {first}");
        assert_eq!(seen("advance 5000\nstart"), first, "{task}");
        assert_eq!(seen("start\nadvance 5000\nstart"), first, "{task}");
    }
}
