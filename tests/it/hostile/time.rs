//! Taking too long, and being cancelled.

use std::time::{Duration, Instant};

use jackfield_flow::run::{FailureKind, Status};
use kit::engine::Engine;
use serde_json::{Value, json};

use super::rig::{Rig, STARTED_AT_MS};
use super::runs::{engine, failure, honest, probe_step, result, run};

/// The promise is the deadline and 250 ms; a shared machine is given more.
const GRACE: Duration = Duration::from_secs(2);

async fn check_deadline(task: &str, with: Value, words: &str) {
    let engine = engine().await;
    let step = probe_step(task, &with, &["timeout: 400ms", "retry: 1"]);
    // Loaded before the clock starts.
    engine.plan(&step).await;
    let begun = Instant::now();
    let (run, ()) = tokio::join!(run(&engine, &step), honest(&engine, 16));
    let took = begun.elapsed();
    assert_eq!(failure(&run).code.as_ref(), "limit.time");
    assert!(failure(&run).message.contains("400 ms") && failure(&run).message.contains(words), "{}", failure(&run).message);
    assert!(took >= Duration::from_millis(400) && took < Duration::from_millis(400) + GRACE, "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h01_a_loop_is_stopped_at_its_deadline() {
    check_deadline("spin-forever", json!({}), "longer than").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h35_a_wait_is_stopped_at_its_deadline() {
    check_deadline("sleep", json!({ "ms": 3_600_000 }), "longer than").await;
}

#[tokio::test]
async fn h01_loops_leave_room_on_a_single_thread() {
    let engine = engine().await;
    let step = probe_step("spin-forever", &json!({}), &["timeout: 2s", "retry: 1"]);
    let plan = engine.plan(&step).await;
    let mut loops = Vec::new();
    for _ in 0..4 {
        loops.push(engine.start(&plan).await);
    }
    honest(&engine, 4).await;
    for spinning in loops {
        assert_eq!(failure(&engine.end_of(spinning).await).code.as_ref(), "limit.time");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h01_a_deadline_is_a_reason_to_try_again() {
    let engine = engine().await;
    let more = &["timeout: 100ms", "retry: { attempts: 3, first: 1ms, max: 1ms }"];
    let run = run(&engine, &probe_step("spin-forever", &json!({}), more)).await;
    assert_eq!((failure(&run).kind, run.steps()[0].attempts), (FailureKind::Transient, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h01_a_sandbox_that_stopped_a_loop_runs_the_next() {
    let rig = Rig::closed();
    for _ in 0..5 {
        let ended = rig.task("spin-forever", &json!({})).timeout(Duration::from_millis(50)).run().await;
        assert_eq!(ended.code(), "limit.time");
        assert_eq!(rig.task("echo", &json!({ "value": 1 })).run().await.answer(), json!(1));
    }
}

/// Cancels a run whose task is in the middle of it.
async fn check_cancel(task: &str, with: Value) {
    let engine = engine().await;
    let plan = engine.plan(&probe_step(task, &with, &["timeout: 1h"])).await;
    let run = engine.start(&plan).await;
    until_running(&engine).await;
    let begun = Instant::now();
    engine.worker.cancel(run, "enough").await.expect("accepted");
    let run = engine.end_of(run).await;
    assert_eq!(run.status(), Status::Cancelled);
    assert!(begun.elapsed() < GRACE, "{:?}", begun.elapsed());
    assert_eq!(run.cancel_reason().map(AsRef::as_ref), Some("enough"));
    honest(&engine, 2).await;
}

/// Other runs have come and gone by then, so the first one's attempt is under way.
async fn until_running(engine: &Engine) {
    honest(engine, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p5_a_loop_is_cancelled() {
    check_cancel("spin-forever", json!({})).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p5_a_wait_is_cancelled() {
    check_cancel("sleep", json!({ "ms": 3_600_000 })).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_misfortune_at_once_beside_honest_runs() {
    let engine = engine().await;
    let misfortunes = [
        ("trap", json!({}), "guest.trap"),
        ("panic", json!({ "message": "m" }), "guest.trap"),
        ("exit", json!({ "code": 0 }), "guest.exit"),
        ("recurse", json!({}), "limit.stack"),
        ("spin-forever", json!({}), "limit.time"),
        ("sleep", json!({ "ms": 3_600_000 }), "limit.time"),
        ("touch", json!({ "mib": 100 }), "no-memory"),
        ("big-output", json!({ "bytes": 30_000_000 }), "limit.memory"),
        ("save-bytes", json!({ "bytes": 5_000_000 }), "savepoint-too-large"),
        ("read", json!({ "path": "/etc/passwd" }), "io"),
        ("send", json!({ "url": "http://127.0.0.1:1/" }), "http-denied"),
        ("secret", json!({ "name": "token" }), "secret-not-granted"),
    ];
    let mut started = Vec::new();
    for (task, with, code) in &misfortunes {
        let plan = engine.plan(&probe_step(task, with, &["timeout: 3s", "retry: 1"])).await;
        started.push((engine.start(&plan).await, *task, *code));
    }
    honest(&engine, 50).await;
    for (run, task, code) in started {
        let run = engine.end_of(run).await;
        assert_eq!((failure(&run).code.as_ref(), run.status()), (code, Status::Failed), "{task}: {}", failure(&run));
    }
    honest(&engine, 2).await;
    engine.stop().await;
}

#[tokio::test]
async fn a_pure_step_sees_a_clock_that_stands_still() {
    let clocks = Rig::closed().task("clocks", &json!({})).run().await.answer();
    let started_us = STARTED_AT_MS * 1_000;
    assert_eq!(clocks["wall_us"], json!([started_us, started_us]));
    let again = Rig::closed().task("clocks", &json!({})).run().await.answer();
    assert_eq!(clocks, again);
}

#[tokio::test]
async fn h31_other_steps_see_a_coarse_clock() {
    let clocks = Rig::closed().task("clocks", &json!({})).http("GET http://nowhere.invalid/*").run().await.answer();
    let wall: Vec<u64> = serde_json::from_value(clocks["wall_us"].clone()).expect("two numbers");
    assert!(wall[0] > STARTED_AT_MS * 1_000, "the real time: {wall:?}");
    assert!(wall.iter().all(|us| us % 1_000 == 0), "whole milliseconds: {wall:?}");
    assert_eq!(clocks["passed_ns"].as_u64().expect("a number") % 1_000_000, 0);
}

#[tokio::test]
async fn a_pure_step_sees_the_same_random_bytes_in_every_attempt() {
    let (this, other) = ("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210");
    let random = async |attempt, key| Rig::closed().task("random", &json!({ "bytes": 32 })).attempt(attempt, key).run().await.answer();
    let first = random(1, this).await;
    assert_eq!(first, random(2, this).await);
    assert_ne!(first, random(1, other).await, "another step has others");
    let rig = Rig::closed();
    let effectful = async || {
        let call = rig.task("random", &json!({ "bytes": 32 })).attempt(1, this).http("POST http://nowhere.invalid/*");
        call.run().await.answer()
    };
    assert_ne!(effectful().await, effectful().await, "with effects they are random");
}

#[tokio::test]
async fn a_run_tells_its_step_when_it_began() {
    let engine = engine().await;
    let run = run(&engine, &probe_step("clocks", &json!({}), &[])).await;
    let began = run.steps()[0].began.expect("it began").0;
    assert_eq!(result(&run)["wall_us"], json!([began * 1_000, began * 1_000]));
}
