//! Durable progress across a crash, and misuse of it.

use jackfield_flow::run::Status;
use jackfield_store::Durability;
use kit::engine::Engine;
use serde_json::json;

use super::runs::{engine, failure, honest, probe_step, result, run, workflow};

const RETRY: &str = "retry: { attempts: 3, first: 1ms, max: 1ms }";

#[tokio::test]
async fn d01_the_attempt_after_a_crash_sees_the_savepoint() {
    let engine = engine().await;
    let run = run(&engine, &probe_step("steps", &json!({ "total": 5, "trap_after": 3 }), &[RETRY])).await;
    assert_eq!(result(&run), json!({ "started_from": 3, "done": 5, "attempt": 2 }));
}

#[tokio::test]
async fn d01_a_savepoint_is_on_stable_storage_before_it_is_acknowledged() {
    let engine = engine().await;
    let before = engine.transactions().await;
    let run = run(&engine, &probe_step("steps", &json!({ "total": 20 }), &[RETRY])).await;
    assert_eq!(result(&run)["done"], json!(20));
    // Twenty in turn, each waited for: none can share a commit with another.
    assert!(engine.transactions().await - before >= 20);
}

#[tokio::test]
async fn a_savepoint_belongs_to_its_step_alone() {
    let engine = engine().await;
    let steps = format!(
        "  one:\n    task: probe.steps\n    with: {{ total: 4, trap_after: 2 }}\n    {RETRY}\n  two:\n    task: probe.steps\n    with: {{ total: 4 }}\n    needs: [one]\n"
    );
    let run = run(&engine, &workflow(&[], &steps)).await;
    assert_eq!(run.status(), Status::Done, "{:?}", run.failure());
    let two: serde_json::Value = serde_json::from_str(&run.result(1).expect("done").to_json()).expect("JSON");
    assert_eq!((result(&run)["started_from"].clone(), two["started_from"].clone()), (json!(2), json!(0)));
}

#[tokio::test]
async fn a_savepoint_belongs_to_its_run_alone() {
    let engine = engine().await;
    let step = probe_step("steps", &json!({ "total": 3, "trap_after": 2 }), &["retry: 1"]);
    let first = run(&engine, &step).await;
    assert_eq!(failure(&first).code.as_ref(), "guest.trap");
    let second = run(&engine, &probe_step("steps", &json!({ "total": 3 }), &["retry: 1"])).await;
    assert_eq!(result(&second)["started_from"], json!(0));
}

#[tokio::test]
async fn a_savepoint_that_is_too_large_is_refused_with_the_limit() {
    let engine = engine().await;
    let save = async |bytes: u64| run(&engine, &probe_step("save-bytes", &json!({ "bytes": bytes }), &["retry: 1"])).await;
    assert_eq!(result(&save(4 << 20).await), json!(4 << 20));
    for bytes in [(4 << 20) + 1, 20 << 20] {
        let refused = save(bytes).await;
        let code = failure(&refused).code.as_ref();
        assert!(matches!(code, "savepoint-too-large" | "limit.host-calls"), "{bytes}: {}", failure(&refused));
        assert!(failure(&refused).message.contains("4194304") || code == "limit.host-calls", "{}", failure(&refused).message);
    }
    honest(&engine, 2).await;
}

#[tokio::test]
async fn savepoints_of_ended_steps_are_gone() {
    let engine = Engine::open(Durability::Full).await;
    let run = run(&engine, &probe_step("steps", &json!({ "total": 3, "trap_after": 2 }), &[RETRY])).await;
    assert_eq!(run.status(), Status::Done, "{:?}", run.failure());
    let place = jackfield_flow::run::Place::step(0);
    assert!(engine.store.savepoint(run.id(), place).await.expect("readable").is_none());
}
