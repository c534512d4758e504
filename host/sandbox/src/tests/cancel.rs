//! Attempts that are dropped while they run.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use super::kit::{Guest, OnProgress, PROGRESS, PROGRESS_CORE, PROGRESS_LOWERED, attempt, code, failure, sandbox};

/// Reports progress, then does this for ever.
fn reporting_then(rest: &str) -> Guest {
    Guest::new(&format!("(call $report (i64.const 1) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0)) {rest}")).with_import(
        PROGRESS,
        PROGRESS_LOWERED,
        PROGRESS_CORE,
    )
}

async fn drop_while_running(guest: &Guest) -> Duration {
    let (told, reported) = tokio::sync::oneshot::channel();
    let told = std::sync::Mutex::new(Some(told));
    let gone = Arc::new(DropFlag);
    let flag = Arc::clone(&gone);
    let mut attempt = attempt(guest.load(&sandbox()));
    attempt.timeout = Duration::from_secs(600);
    attempt.host = Arc::new(OnProgress(move |_| {
        let _keep = &flag;
        told.lock().unwrap().take().unwrap().send(()).unwrap();
    }));
    let running = tokio::spawn(async move { sandbox().run(attempt).await });
    reported.await.unwrap();
    let start = Instant::now();
    running.abort();
    running.await.unwrap_err();
    // The store has gone, and with it what it held.
    assert_eq!(Arc::strong_count(&gone), 1);
    start.elapsed()
}

/// Held by the attempt's host, so that its count tells whether the attempt is gone.
struct DropFlag;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_ends_a_guest_that_computes() {
    let took = drop_while_running(&reporting_then("(loop $l (br $l)) (unreachable)")).await;
    assert!(took < Duration::from_millis(250), "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_ends_a_guest_that_waits_for_the_host() {
    // `OnProgress` never answers a save.
    let took = drop_while_running(&reporting_then("(call $save (i32.const 0) (i32.const 1) (i32.const 512)) (unreachable)")).await;
    assert!(took < Duration::from_millis(250), "{took:?}");
}

#[tokio::test]
async fn a_guest_that_waits_for_the_host_is_stopped_at_its_deadline() {
    let guest = reporting_then("(call $save (i32.const 0) (i32.const 1) (i32.const 512)) (unreachable)");
    let start = Instant::now();
    let end = guest
        .run_with(|attempt| {
            attempt.timeout = Duration::from_millis(50);
            attempt.host = Arc::new(OnProgress(|_| {}));
        })
        .await;
    assert_eq!(code(&end), "limit.time");
    assert!(failure(&end).message.contains("waiting for the host"), "{}", failure(&end).message);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn guests_that_compute_let_others_run_on_the_same_thread() {
    let done = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&done);
    let looping = Guest::new("(loop $l (br $l)) (unreachable)");
    let looping = looping.run_with(|attempt| attempt.timeout = Duration::from_secs(60));
    let other = async move {
        let end = Guest::new("(call $ok (i32.const 0) (i32.const 0))").run().await;
        seen.store(end.outcome.is_ok(), SeqCst);
    };
    tokio::select! {
        _ = pin!(looping) => panic!("the loop ended first"),
        () = other => {}
    }
    assert!(done.load(SeqCst));
}
