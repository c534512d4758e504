//! What a well-behaved task sees.

use jackfield_flow::run::FailureKind;

use super::kit::{Guest, PROGRESS, PROGRESS_CORE, PROGRESS_LOWERED, code, failure, log};
use crate::{LogSource, SaveError, SaveFuture};

const ECHO: &str = "(call $ok (local.get $input) (local.get $input-len))";

#[tokio::test]
async fn the_input_comes_back() {
    let end = Guest::new(ECHO).run_with(|attempt| attempt.input = r#"{"text":"hé"}"#.into()).await;
    assert_eq!(end.outcome.as_deref(), Ok(r#"{"text":"hé"}"#));
    assert_eq!((end.receipt.bytes_in, end.receipt.bytes_out), (14, 14));
    assert_eq!(end.receipt.memory_peak, 2 * 65536);
    assert!(end.receipt.wall_us > 0 && end.receipt.fuel.is_none() && end.receipt.hosts.is_empty());
}

#[tokio::test]
async fn a_task_error_keeps_its_case() {
    let guest = |case: u32, code: &str| {
        let run = format!("(call $err (i32.const {case}) (i32.const 2048) (i32.const {}) (i32.const 2112) (i32.const 7))", code.len());
        Guest::new(&run).with_core(&format!(r#"(data (i32.const 2048) "{code}") (data (i32.const 2112) "message")"#))
    };
    for (case, kind) in [(0, FailureKind::Transient), (2, FailureKind::Permanent), (3, FailureKind::UnknownOutcome)] {
        let end = guest(case, "not-there").run().await;
        let failure = failure(&end);
        assert_eq!((failure.kind, failure.code.as_ref(), failure.message.as_ref()), (kind, "not-there", "message"));
    }
    // A task cannot speak with the platform's voice.
    let end = guest(2, "limit.time").run().await;
    assert_eq!(code(&end), "task-error");
    assert!(failure(&end).message.contains("`limit.time`"), "{}", failure(&end).message);
}

#[tokio::test]
async fn names_that_cannot_be_tasks_never_reach_the_guest() {
    for name in ["", "Upper", "1st", "a b", "ä", &"a".repeat(65)] {
        let end = Guest::new("(unreachable)").run_with(|attempt| attempt.task = name.into()).await;
        assert_eq!(code(&end), "plugin.no-task", "{name:?}");
    }
}

#[tokio::test]
async fn stderr_log_and_trap_message() {
    let log_import = r#"
  (import "jackfield:task/log@0.1.0" (instance $log
    (type $l (enum "trace" "debug" "info" "warn" "error"))
    (export "level" (type $level (eq $l)))
    (export "write" (func (param "level" $level) (param "message" string) (param "fields" (list (tuple string string)))))))
  (core func $write (canon lower (func $log "write") (memory $memory)))"#;
    let guest = Guest::new(r#"(call $write (i32.const 3) (i32.const 2048) (i32.const 5) (i32.const 2064) (i32.const 1)) (unreachable)"#)
        .with_import(
            log_import,
            r#"(export "write" (func $write))"#,
            r#"(import "host" "write" (func $write (param i32 i32 i32 i32 i32)))"#,
        )
        .with_core(r#"(data (i32.const 2048) "hello key  ") (data (i32.const 2064) "\06\08\00\00\03\00\00\00\00\08\00\00\02\00\00\00")"#);
    let end = guest.run().await;
    let line = &end.output.head[0];
    assert_eq!((line.source, line.text.as_str()), (LogSource::Warn, "hello"));
    assert_eq!(line.fields, [("key".to_owned(), "he".to_owned())]);
    assert_eq!(code(&end), "guest.trap");
    assert!(failure(&end).message.contains("unreachable"), "{}", failure(&end).message);
    assert!(failure(&end).trace.as_deref().unwrap().contains("run"), "{:?}", failure(&end).trace);
}

/// Saves four bytes, and answers the savepoint it loads then.
fn saver() -> Guest {
    Guest::new(
        r#"(call $save (i32.const 2048) (i32.const 4) (i32.const 512))
      (if (i32.load8_u (i32.const 512)) (then (return (call $err (i32.const 2) (i32.const 2048) (i32.const 4)
        (i32.load (i32.const 528)) (i32.load (i32.const 532))))))
      (call $load (i32.const 256))
      (call $ok (i32.load (i32.const 260)) (i32.load (i32.const 264)))"#,
    )
    .with_import(PROGRESS, PROGRESS_LOWERED, PROGRESS_CORE)
    .with_core(r#"(data (i32.const 2048) "4711")"#)
}

struct Keeper(Result<(), SaveError>, std::sync::Mutex<Vec<Vec<u8>>>);

impl crate::AttemptHost for Keeper {
    fn progress(&self, _done: u64, _total: Option<u64>, _message: &str) {}

    fn save(&self, data: Vec<u8>) -> SaveFuture<'_> {
        self.1.lock().unwrap().push(data);
        Box::pin(async { self.0.clone() })
    }

    fn log(&self, _line: &crate::LogLine) {}
}

#[tokio::test]
async fn a_savepoint_is_kept_and_seen() {
    let keeper = std::sync::Arc::new(Keeper(Ok(()), Default::default()));
    let end = saver().run_with(|attempt| attempt.host = keeper.clone()).await;
    assert_eq!(end.outcome.as_deref(), Ok("4711"));
    assert_eq!(*keeper.1.lock().unwrap(), [b"4711"]);

    let loader = Guest::new("(call $load (i32.const 256)) (call $ok (i32.load (i32.const 260)) (i32.load (i32.const 264)))").with_import(
        PROGRESS,
        PROGRESS_LOWERED,
        PROGRESS_CORE,
    );
    let end = loader.run_with(|attempt| attempt.savepoint = Some(b"earlier".to_vec())).await;
    assert_eq!(end.outcome.as_deref(), Ok("earlier"));
}

#[tokio::test]
async fn a_savepoint_that_is_not_kept_is_an_error_for_the_task() {
    let keeper = std::sync::Arc::new(Keeper(Err(SaveError::Storage("disk full".into())), Default::default()));
    let end = saver().run_with(|attempt| attempt.host = keeper).await;
    assert_eq!(failure(&end).message.as_ref(), "disk full");
    assert!(log(&end).is_empty());
}

#[tokio::test]
async fn a_host_function_that_panics_fails_the_step_only() {
    let guest = Guest::new(
        "(call $report (i64.const 1) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0)) (call $ok (i32.const 0) (i32.const 0))",
    )
    .with_import(PROGRESS, PROGRESS_LOWERED, PROGRESS_CORE);
    let planted = std::sync::Arc::new(super::kit::OnProgress(|_| panic!("planted")));
    let end = guest.run_with(|attempt| attempt.host = planted).await;
    assert_eq!(code(&end), "host.internal");
    assert!(failure(&end).message.contains("planted"), "{}", failure(&end).message);
    assert_eq!(guest.run().await.outcome.as_deref(), Ok(""), "the engine is alive");
}
