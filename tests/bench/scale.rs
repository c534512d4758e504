//! Many at once: timers due in one instant, items of one step, steps of one run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jackfield_flow::run::{Event, Millis, Status};
use jackfield_flow::types::Value;
use jackfield_store::{Durability, OpenMode, SqliteStore};
use jackfield_worker::News;
use kit::clock::TestClock;
use kit::engine::Engine;
use serde_json::json;

use crate::ours::{Shape, Workload};

/// Runs whose sleep ends in one instant.
const SLEEPERS: usize = 10_000;
/// Items of one step.
const ITEMS: usize = 100_000;
/// Steps of one run, one after the other.
const STEPS: usize = 10_000;
/// Steps over which the cost of one is taken.
const WINDOW: usize = 100;

/// From the clock's move to the last run's end, in seconds.
pub(crate) async fn timers(durability: Durability) {
    let folder = tempfile::tempdir().expect("a folder");
    let mode = OpenMode::Engine { name: Arc::from("bench"), durability };
    let store = Arc::new(SqliteStore::open(&folder.path().join("data"), mode).expect("a store"));
    let clock = Arc::new(TestClock::at(Millis(1_700_000_000_000)));
    let engine = Engine::on(store, Arc::clone(&clock) as Arc<_>);
    let plan = engine.plan("workflow: sleepy\nsteps: { s: { sleep: 1h } }\n").await;
    let start = Instant::now();
    let runs = engine.start_all(&plan, SLEEPERS).await;
    engine.until_asleep(SLEEPERS).await;
    let started = start.elapsed().as_secs_f64();
    let start = Instant::now();
    clock.advance(3_600_000);
    // Looked at now and then: who asks all the time takes a processor from those who are asked.
    while engine.worker.load() != (0, 0) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let seconds = start.elapsed().as_secs_f64();
    for run in [runs.first(), runs.last()].into_iter().flatten() {
        assert_eq!(engine.end_of(*run).await.status(), Status::Done);
    }
    report(
        &json!({ "workload": "timers", "due": SLEEPERS, "seconds_to_start": started, "seconds": seconds, "per_second": SLEEPERS as f64 / seconds }),
    );
    engine.stop().await;
}

/// The rate of 100,000 items beside that of 1,000.
pub(crate) async fn items(durability: Durability) {
    let few = items_per_second(1_000, durability).await;
    let many = items_per_second(ITEMS, durability).await;
    report(&json!({ "workload": "items", "items": ITEMS, "steps/s": many, "steps/s at 1,000": few, "ratio": many / few }));
}

async fn items_per_second(count: usize, durability: Durability) -> f64 {
    let engine = Engine::open(durability).await;
    let text = format!(
        "
workflow: items
plugins: {{ noop: {} }}
inputs: {{ list: {{ type: list, items: integer }} }}
steps:
  each: {{ for-each: \"${{ inputs.list }}\", max-parallel: 256, task: noop.inc, with: {{ v: \"${{ item }}\" }} }}
outputs: {{ size: \"${{ size(steps.each) }}\" }}
",
        kit::guest("noop").display()
    );
    let plan = engine.plan(&text).await;
    // The code is loaded, as it is in an engine that has run before.
    let mut seconds = 0.0;
    for count in [1, count] {
        let numbers = (0..count).map(|number| Value::Int(i64::try_from(number).expect("few")));
        let start = Instant::now();
        let run = engine.run_with(&plan, Value::map([("list", Value::list(numbers))])).await;
        seconds = start.elapsed().as_secs_f64();
        assert_eq!(run.outputs().map(Value::to_json), Some(format!("{{\"size\":{count}}}")));
    }
    engine.stop().await;
    count as f64 / seconds
}

/// What a step costs at the beginning and at the end of a long run, in microseconds.
pub(crate) async fn long(durability: Durability) {
    let engine = Engine::open(durability).await;
    let plan = engine.plan(&Workload { runs: 1, steps: STEPS, shape: Shape::Chain }.text(&kit::guest("noop"))).await;
    let mut watch = engine.watched(&plan).await;
    let mut ends = Vec::with_capacity(STEPS);
    loop {
        match watch.next().await.expect("it keeps up") {
            News::Events { events, .. } => {
                ends.extend(events.iter().filter(|event| matches!(event, Event::Done { .. })).map(|_| Instant::now()));
            }
            News::Left { error } => break assert_eq!(error, None),
            _ => {}
        }
    }
    assert_eq!(ends.len(), STEPS);
    let cost = |step: usize| ends[step].duration_since(ends[step - WINDOW]).as_secs_f64() * 1e6 / WINDOW as f64;
    // The first hundred steps pay for a cold start.
    let (early, late) = (cost(2 * WINDOW), cost(STEPS - 1));
    report(&json!({ "workload": "long", "steps": STEPS, "us at step 200": early, "us at step 10,000": late, "ratio": late / early }));
    engine.stop().await;
}

#[expect(clippy::print_stdout, reason = "JSON lines on stdout are what this program is for")]
fn report(line: &serde_json::Value) {
    println!("{line}");
}
