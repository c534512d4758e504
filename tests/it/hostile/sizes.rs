//! Too much of it: memory, answers, inputs, random bytes.

use jackfield_flow::run::Status;
use serde_json::{Value, json};

use super::rig::Rig;
use super::runs::{engine, failure, honest, probe_step, result, run};

#[tokio::test]
async fn h04_memory_grows_to_the_limit_and_no_further() {
    let ended = Rig::closed().task("grow", &json!({ "limit_mib": 200 })).run().await;
    let grown = ended.answer().as_u64().expect("a number");
    assert!((32..64).contains(&grown), "{grown} MiB of 64");
    assert!(ended.0.receipt.memory_peak <= 64 << 20, "{}", ended.0.receipt.memory_peak);
}

#[tokio::test]
async fn h04_a_grant_gives_more() {
    let ended = Rig::closed().task("grow", &json!({ "limit_mib": 100 })).memory_mib(128).run().await;
    assert_eq!(ended.answer(), json!(100));
    assert!((100 << 20..=128 << 20).contains(&ended.0.receipt.memory_peak), "{}", ended.0.receipt.memory_peak);
}

#[tokio::test]
async fn h04_the_operator_has_the_last_word() {
    let ended = Rig::closed().task("grow", &json!({ "limit_mib": 1_000 })).memory_mib(1 << 20).run().await;
    let grown = ended.answer().as_u64().expect("a number");
    assert!((256..512).contains(&grown), "{grown} MiB of 512");
}

#[tokio::test]
async fn h04_every_page_that_is_given_can_be_used() {
    let touched = Rig::closed().task("touch", &json!({ "mib": 40 })).run().await;
    assert_eq!(touched.answer(), json!(40 * 256));
    let refused = Rig::closed().task("touch", &json!({ "mib": 80 })).run().await;
    assert_eq!(refused.code(), "no-memory");
    let granted = Rig::closed().task("touch", &json!({ "mib": 80 })).memory_mib(128).run().await;
    assert_eq!(granted.answer(), json!(80 * 256));
}

#[tokio::test]
async fn h04_a_workflow_grants_memory() {
    let engine = engine().await;
    let run = run(&engine, &probe_step("touch", &json!({ "mib": 80 }), &["grant: { memory: 128MiB }"])).await;
    assert_eq!(result(&run), json!(80 * 256));
}

#[tokio::test]
async fn h10_a_large_answer_is_kept_whole() {
    let engine = engine().await;
    let run = run(&engine, &probe_step("big-output", &json!({ "bytes": 3_000_000 }), &[])).await;
    let stored = jackfield_worker::load_run(engine.store.as_ref(), run.id()).await.expect("readable").run;
    assert_eq!(result(&stored).as_str().map(str::len), Some(3_000_000));
}

#[tokio::test]
async fn h10_an_answer_that_is_too_large_fails_its_own_step() {
    let engine = engine().await;
    let big = probe_step("big-output", &json!({ "bytes": 20_000_000 }), &["retry: 3", "grant: { memory: 256MiB }"]);
    let (run, ()) = tokio::join!(run(&engine, &big), honest(&engine, 4));
    let failure = failure(&run);
    assert_eq!((failure.code.as_ref(), run.steps()[0].attempts), ("limit.result-size", 1));
    assert!(failure.message.contains("8392704") || failure.message.contains("8388608"), "names the limit: {}", failure.message);
}

#[tokio::test]
async fn h10_answers_are_as_deep_as_they_may_be() {
    let engine = engine().await;
    let deep = async |depth: u32| run(&engine, &probe_step("deep-output", &json!({ "depth": depth }), &["retry: 1"])).await;
    let mut inner = &result(&deep(60).await);
    let mut levels = 0;
    while let Value::Array(items) = inner {
        (inner, levels) = (&items[0], levels + 1);
    }
    assert_eq!(levels, 60);
    for depth in [200, 100_000] {
        let run = deep(depth).await;
        // The deepest does not even get out: writing it down exhausts the guest's own stack.
        assert!(matches!(failure(&run).code.as_ref(), "value.output" | "limit.stack"), "{depth}: {:?}", failure(&run));
    }
}

#[tokio::test]
async fn h10_a_large_input_is_refused_before_the_guest_sees_it() {
    let ended = Rig::closed().task("echo", &json!({ "value": "x".repeat(9 << 20) })).run().await;
    assert_eq!(ended.code(), "limit.input-size");
    assert!(ended.failure().message.contains("8388608"), "{}", ended.failure().message);
}

#[tokio::test]
async fn h13_integers_are_exact() {
    let engine = engine().await;
    for number in ["9007199254740993", "-9007199254740993", "9223372036854775807", "-9223372036854775808"] {
        let value: Value = serde_json::from_str(number).expect("a number");
        let run = run(&engine, &probe_step("echo", &json!({ "value": [value] }), &[])).await;
        assert_eq!(result(&run).to_string(), format!("[{number}]"));
    }
}

#[tokio::test]
async fn h17_progress_without_end_is_not_kept() {
    let engine = engine().await;
    let before = engine.transactions().await;
    let run = run(&engine, &probe_step("report", &json!({ "times": 100_000, "message": "x".repeat(4_096) }), &[])).await;
    assert_eq!(run.status(), Status::Done, "{:?}", run.failure());
    let transactions = engine.transactions().await - before;
    assert!(transactions < 10, "progress is kept in memory, and {transactions} transactions were made");
}
