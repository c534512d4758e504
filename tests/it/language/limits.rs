//! H21, H22: what one run may ask of the engine.

use std::sync::Arc;

use expect_test::{Expect, expect};
use jackfield_flow::run::RunId;
use jackfield_worker::{Ask, WorkerError};
use kit::stage::{Detail, Kept, Stage};

use super::{check, runtime};

#[test]
fn h21_a_run_starts_a_thousand_sub_workflows_and_no_more() {
    let text = "
flows: { child: { steps: { s: { value: 1 } } } }
steps:
  each: { for-each: \"${ range(0, 1003) }\", max-parallel: 300, flow: child, on-item-error: skip }
  late: { flow: child, needs: each, on-error: { limit.children: { value: { message: \"${ error.message }\" } } } }
outputs: { each: \"${ size(steps.each) }\" }
";
    runtime().block_on(async {
        let mut stage = Stage::open(text, Kept::Memory, None).await;
        stage.play("start").await;
        let runs = stage.runs().await;
        assert_eq!((runs.len(), runs[0].run.status().as_str()), (1_001, "done"));
        expect![[r#"{"each":1000}"#]].assert_eq(&runs[0].run.outputs().expect("done").to_canonical_json());
        let items = runs[0].run.items(0);
        let failed: Vec<String> = items.iter().filter_map(|item| item.failure.as_ref().map(ToString::to_string)).collect();
        assert_eq!(failed.len(), 3);
        expect!["limit.children: this would be sub-workflow 1001 of its run, 1 deep; a run may start 1000, 16 deep: start fewer, each with more to do"].assert_eq(&failed[0]);
        stage.close().await;
    });
}

#[test]
fn h21_sub_workflows_are_sixteen_deep_at_most() {
    let nested = |depth: usize| {
        let mut text = "{ steps: { s: { value: 1 } } }".to_owned();
        for _ in 1..depth {
            text = format!("{{ flows: {{ f: {text} }}, steps: {{ s: {{ flow: f }} }} }}");
        }
        format!("flows: {{ f: {text} }}\nsteps: {{ s: {{ flow: f }} }}\n")
    };
    let deepest = nested(16);
    runtime().block_on(async {
        let mut stage = Stage::open(&deepest, Kept::Memory, None).await;
        stage.play("start").await;
        let ends = stage.story(Detail::Ends).await;
        assert_eq!((ends.lines().count(), ends.matches("done").count()), (17, 17), "{ends}");
        stage.close().await;
        let refused = stage_problems(&nested(17)).await;
        assert!(refused.contains("16"), "{refused}");
    });
}

async fn stage_problems(text: &str) -> String {
    let text = text.to_owned();
    let opened = tokio::spawn(async move { Stage::open(&text, Kept::Memory, None).await.close().await }).await;
    let panic = opened.expect_err("it is refused").into_panic();
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[test]
fn h22_ten_thousand_signals_wait_and_the_next_is_refused() {
    let text = "
steps:
  hold: { wait: { signal: hold } }
  go: { wait: { signal: go, type: integer }, needs: hold }
outputs: { go: \"${ steps.go }\" }
";
    runtime().block_on(async {
        let mut stage = Stage::open(text, Kept::Memory, None).await;
        stage.play("start").await;
        let signal = |id: u32| Ask::Signal {
            id: id.to_string(),
            name: "go".to_owned(),
            payload: id.to_string(),
            by: String::new(),
            note: String::new(),
        };
        // The first wakes the run, so that the others find it there.
        stage.engine.worker.ask(RunId(1), signal(0)).await.expect("accepted");
        let refused = Arc::new(std::sync::Mutex::new(Vec::new()));
        let asks: Vec<_> = (1..=10_000)
            .map(|id| {
                let (worker, ask, refused) = (stage.engine.worker.clone(), signal(id), Arc::clone(&refused));
                tokio::spawn(async move {
                    if let Err(error) = worker.ask(RunId(1), ask).await {
                        refused.lock().expect("alive").push(error);
                    }
                })
            })
            .collect();
        for ask in asks {
            ask.await.expect("no panic");
        }
        let refused: Vec<String> = refused.lock().expect("alive").iter().map(WorkerError::to_string).collect();
        let expected: Expect =
            expect!["run 1: limit.signals: 10000 signals wait to be delivered; send it again when the run has taken some"];
        expected.assert_eq(&refused.join("\n"));
        // However many wait, the one that is waited for is heard.
        stage.play("restart\nsignal 1 h hold").await;
        assert_eq!(stage.story(Detail::Ends).await, "1 done {\"go\":0}\n");
        stage.close().await;
    });
}

#[test]
fn a_signal_is_as_large_as_it_may_be() {
    let payload = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    let text = "steps: { go: { wait: { signal: go, type: string } } }\noutputs: { size: \"${ size(steps.go) }\" }\n";
    runtime().block_on(async {
        let mut stage = Stage::open(text, Kept::Sqlite, None).await;
        stage.play(&format!("start\nsignal 1 a go {}\nsignal 1 b go {}", payload((1 << 20) + 1), payload(1 << 20))).await;
        let story = stage.story(Detail::Steps).await.replace('x', "");
        expect![[r#"
            1 done {"size":1048574}
              go done
            signal 1 a go "": run 1: limit.signals: the payload has 1048577 bytes; it may have 1048576
        "#]]
        .assert_eq(&story);
        stage.close().await;
    });
}

/// A turn has a bound; what is left after it does not wait for anything.
#[test]
fn a_run_with_more_events_than_a_turn_takes_goes_on_at_once() {
    check(
        "
steps:
  each: { for-each: \"${ range(0, 10000) }\", max-parallel: 1024, value: \"${ item }\" }
outputs: { size: \"${ size(steps.each) }\" }
",
        "start",
        expect![[r#"
            1 done {"size":10000}
              each done 10000/10000
        "#]],
    );
}
