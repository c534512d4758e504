//! The engine: worker, sandbox and SQLite store, in this process.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use jackfield_flow::run::{RunId, Status};
use jackfield_store::Durability;
use kit::engine::Engine;

/// So many runs of so many steps; `parallel` ones are the items of one `for-each`, with a step that joins them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Workload {
    pub(crate) runs: usize,
    pub(crate) steps: usize,
    pub(crate) shape: Shape,
}

/// How the steps of a run hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One after the other.
    Chain,
    /// All at once, and one that waits for all.
    FanOut,
}

impl Workload {
    /// W1: one run of 200 steps in a row.
    pub(crate) const CHAIN: Self = Self { runs: 1, steps: 200, shape: Shape::Chain };
    /// W2: 1,000 items in parallel, and a join.
    pub(crate) const FAN_OUT: Self = Self { runs: 1, steps: 1_000, shape: Shape::FanOut };
    /// W3: 500 runs of 5 steps, submitted at once.
    pub(crate) const MANY_RUNS: Self = Self { runs: 500, steps: 5, shape: Shape::Chain };

    pub(crate) fn unit(self) -> &'static str {
        if self.runs > 1 { "runs/s" } else { "steps/s" }
    }

    /// What a time means in the workload's unit.
    pub(crate) fn rate(self, seconds: f64) -> f64 {
        let count = if self.runs > 1 { self.runs } else { self.steps };
        count as f64 / seconds
    }

    /// The workflow file.
    pub(crate) fn text(self, plugin: &Path) -> String {
        let mut text = format!("workflow: bench\nplugins: {{ noop: {} }}\nsteps:\n", plugin.display());
        match self.shape {
            Shape::Chain => {
                text.push_str("  s0: { task: noop.inc, with: { v: 0 } }\n");
                for step in 1..self.steps {
                    // Writing to a String cannot fail.
                    let _ = writeln!(text, "  s{step}: {{ task: noop.inc, with: {{ v: \"${{ steps.s{}.v }}\" }} }}", step - 1);
                }
                let _ = writeln!(text, "outputs: {{ v: \"${{ steps.s{}.v }}\" }}", self.steps - 1);
            }
            Shape::FanOut => {
                let _ = writeln!(
                    text,
                    "  each: {{ for-each: \"${{ range(0, {}) }}\", max-parallel: 256, task: noop.inc, with: {{ v: \"${{ item }}\" }} }}",
                    self.steps
                );
                text.push_str(
                    "  join: { task: noop.inc, with: { v: \"${ size(steps.each) }\" } }\noutputs: { v: \"${ steps.join.v }\" }\n",
                );
            }
        }
        text
    }

    fn expected(self) -> i64 {
        let steps = i64::try_from(self.steps).expect("few");
        if self.shape == Shape::Chain { steps } else { steps + 1 }
    }
}

/// One measurement, in the workload's unit. Every run's result is checked.
pub(crate) async fn measure(workload: Workload, durability: Durability) -> f64 {
    let engine = Engine::open(durability).await;
    let plan = engine.plan(&workload.text(&kit::guest("noop"))).await;
    // The code is loaded and the pages are warm, as they are in an engine that has run before.
    engine.run_all(&plan, 1).await;
    let start = Instant::now();
    let outputs = engine.run_all(&plan, workload.runs).await;
    let seconds = start.elapsed().as_secs_f64();
    let expected = serde_json::json!({ "v": workload.expected() });
    assert!(outputs.iter().all(|output| *output == expected), "{:?}", outputs.first());
    assert_eq!(outputs.len(), workload.runs);
    // What was told is what another process would read. Reading it back is no part of running it, nor of the floor.
    for run in (1..=1 + workload.runs as u64).map(RunId) {
        assert_eq!(engine.end_of(run).await.status(), Status::Done, "run {run}");
    }
    engine.stop().await;
    workload.rate(seconds)
}
