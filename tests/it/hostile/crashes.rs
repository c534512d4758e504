//! Ending without an answer, in the Rust guest.

use jackfield_flow::run::Status;
use serde_json::json;

use super::rig::Rig;
use super::runs::{engine, failure, probe_step, result, run, workflow};

#[tokio::test]
async fn h29_a_trap_has_a_backtrace_with_names() {
    let ended = Rig::closed().task("trap", &json!({})).run().await;
    assert_eq!(ended.code(), "guest.trap");
    let trace = ended.failure().trace.as_deref().expect("a backtrace");
    assert!(trace.contains("probe::crash::"), "{trace}");
    assert!(trace.lines().count() <= 128, "64 frames, each with its place at most: {trace}");
}

#[tokio::test]
async fn h29_the_backtrace_is_kept_with_the_run() {
    let engine = engine().await;
    let run = run(&engine, &probe_step("trap", &json!({}), &["retry: 1"])).await;
    let stored = jackfield_worker::load_run(engine.store.as_ref(), run.id()).await.expect("readable").run;
    assert_eq!(failure(&stored).code.as_ref(), "guest.trap");
    assert!(failure(&stored).trace.as_deref().is_some_and(|trace| trace.contains("probe::crash::")));
}

#[tokio::test]
async fn h29_a_panic_shows_its_message() {
    let ended = Rig::closed().task("panic", &json!({ "message": "no orders today" })).run().await;
    assert_eq!(ended.code(), "guest.trap");
    let message = &ended.failure().message;
    assert!(message.contains("crash.rs") && message.contains("panicked"), "{message}");
    assert!(ended.log().contains("panicked at"), "{}", ended.log());
}

#[tokio::test]
async fn h29_an_exit_is_a_failure_whatever_its_code() {
    for code in [0, 1, 3, -1] {
        let ended = Rig::closed().task("exit", &json!({ "code": code })).run().await;
        assert_eq!(ended.code(), "guest.exit", "exit({code})");
        assert!(ended.0.outcome.is_err() && !ended.failure().message.is_empty());
    }
}

#[tokio::test]
async fn h03_a_rust_recursion_exhausts_its_own_stack() {
    let ended = Rig::closed().task("recurse", &json!({})).run().await;
    assert_eq!(ended.code(), "limit.stack");
    assert!(ended.failure().message.contains("512 KiB"), "{}", ended.failure().message);
}

#[tokio::test]
async fn h29_a_trap_is_tried_again_and_a_broken_stack_is_not() {
    let engine = engine().await;
    let retry = &["retry: { attempts: 3, first: 1ms, max: 1ms }"];
    for (task, attempts) in [("trap", 3), ("recurse", 1)] {
        let run = run(&engine, &probe_step(task, &json!({}), retry)).await;
        assert_eq!((run.status(), run.steps()[0].attempts), (Status::Failed, attempts), "{task}");
    }
}

#[tokio::test]
async fn h29_what_was_done_before_the_trap_stays_done() {
    let engine = engine().await;
    let steps = "  first:
    task: noop.inc
    with: { v: 1 }
  bad:
    task: probe.trap
    needs: [first]
    retry: 1
  never:
    task: noop.inc
    with: { v: 1 }
    needs: [bad]
";
    let run = run(&engine, &workflow(&[], steps)).await;
    let states: Vec<Status> = run.steps().iter().map(|step| step.status).collect();
    assert_eq!(states, [Status::Done, Status::Failed, Status::Cancelled]);
    assert_eq!(result(&run), json!({ "v": 2 }));
    assert_eq!(run.failure().and_then(|(step, _)| step), Some(1));
}

#[tokio::test]
async fn h29_one_bad_item_fails_its_step_and_leaves_the_others_done() {
    let engine = engine().await;
    let steps = "  each:
    for-each: ${ [1, 0, 1] }
    max-parallel: 1
    task: probe.fail-until
    with: { attempt: \"${ item == 0 ? 9 : 1 }\", kind: permanent }
    retry: 1
";
    let run = run(&engine, &workflow(&[], steps)).await;
    assert_eq!(run.status(), Status::Failed);
    let items = run.items(0);
    assert_eq!((items[0].status, items[1].status), (Status::Done, Status::Failed));
    assert_eq!(items[1].failure.as_ref().map(|failure| failure.code.as_ref()), Some("not-yet"));
}

#[tokio::test]
async fn no_such_task_is_a_failure_of_its_own() {
    for task in ["nowhere", "../trap", "", "TRAP", "trap\0"] {
        let ended = Rig::closed().task(task, &json!({})).run().await;
        assert!(ended.0.outcome.is_err(), "{task:?}");
        assert!(!ended.failure().message.contains('\0'), "{}", ended.failure().message);
    }
}
