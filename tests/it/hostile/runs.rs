//! Whole runs, beside which honest ones go on.

use std::path::Path;

use jackfield_flow::run::{Failure, Run, RunId, Status};
use jackfield_store::{Durability, LogQuery};
use jackfield_worker::{LogEntry, decode_log};
use kit::engine::Engine;

/// An engine on a new store.
pub(crate) async fn engine() -> Engine {
    Engine::open(Durability::Full).await
}

/// A workflow with the plugins `probe`, `noop` and those given by name and file.
pub(crate) fn workflow(plugins: &[(&str, &Path)], steps: &str) -> String {
    let (probe, noop) = (kit::guest("probe"), kit::guest("noop"));
    let known = [("probe", probe.as_path()), ("noop", noop.as_path())];
    let used = known.iter().chain(plugins).filter(|(name, _)| steps.contains(&format!("task: {name}.")));
    let lines: String = used.map(|(name, path)| format!("  {name}: {}\n", path.display())).collect();
    format!("workflow: w\nplugins:\n{lines}steps:\n{steps}")
}

/// One step `s` of the probe, tried once, with more lines of the step.
pub(crate) fn probe_step(task: &str, with: &serde_json::Value, more: &[&str]) -> String {
    let more: String = more.iter().map(|line| format!("    {line}\n")).collect();
    workflow(&[], &format!("  s:\n    task: probe.{task}\n    with: {with}\n{more}"))
}

/// Runs a workflow to its end.
pub(crate) async fn run(engine: &Engine, workflow: &str) -> Run {
    let plan = engine.plan(workflow).await;
    let run = engine.start(&plan).await;
    engine.end_of(run).await
}

/// Why a run failed.
#[track_caller]
pub(crate) fn failure(run: &Run) -> &Failure {
    run.failure().unwrap_or_else(|| panic!("it was to fail, and is {}: {:?}", run.status(), run.outputs())).1
}

/// The result of the first step as JSON.
#[track_caller]
pub(crate) fn result(run: &Run) -> serde_json::Value {
    let result = run.result(0).unwrap_or_else(|| panic!("{} {:?}", run.status(), run.failure()));
    serde_json::from_str(&result.to_json()).expect("JSON")
}

/// Everything a run logged, and how many bytes are kept of it.
pub(crate) async fn logs(engine: &Engine, run: RunId) -> (Vec<LogEntry>, usize) {
    let (mut entries, mut bytes, mut query) = (Vec::new(), 0, LogQuery { run, step: None, after: None });
    loop {
        let page = engine.store.logs(query).await.expect("readable");
        for chunk in &page.chunks {
            bytes += chunk.bytes.len();
            entries.extend(decode_log(&chunk.bytes));
        }
        query.after = page.next;
        if page.next.is_none() {
            return (entries, bytes);
        }
    }
}

/// Honest runs, all of which must end well while a hostile one does what it does.
pub(crate) async fn honest(engine: &Engine, count: usize) {
    let plan = engine.plan(&workflow(&[], "  a:\n    task: noop.inc\n    with: { v: 41 }\n")).await;
    for run in engine.start_all(&plan, count).await {
        let run = engine.end_of(run).await;
        assert_eq!(run.status(), Status::Done, "an honest run: {:?}", run.failure());
        assert_eq!(result(&run), serde_json::json!({ "v": 42 }));
    }
}
