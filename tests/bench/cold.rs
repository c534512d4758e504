//! W4: from the start of the process to the result of a one-step workflow, with cached code.

use std::time::Instant;

use kit::world::World;
use serde_json::json;

use crate::statistics::Series;

/// Measures and prints.
#[expect(clippy::print_stdout, reason = "JSON lines on stdout are what this program is for")]
pub(crate) fn report(repeat: usize) {
    let world = World::new();
    world.workflow("steps: { one: { task: noop.inc, with: { v: 1 } } }\noutputs: { v: \"${ steps.one.v }\" }\n");
    // The first call compiles, describes and creates the store.
    world.jackfield(&["run", "w.yaml", "--quiet"]).expect(0);
    let mut times = Series::default();
    let mut peaks = Series::default();
    for _ in 0..repeat {
        let start = Instant::now();
        let answer = world.jackfield(&["run", "w.yaml", "--quiet", "--json"]).expect(0);
        times.push(start.elapsed().as_secs_f64() * 1e3);
        assert_eq!(answer.json()["outputs"]["v"], 2);
    }
    if let Some(peak) = children_peak_mib() {
        peaks.push(peak);
    }
    println!("{}", json!({ "workload": "w4", "unit": "ms", "synchronous": "FULL", "ours": times.summary(), "peak_mib": peaks.summary() }));
}

/// The largest resident size of any child so far, in MiB.
fn children_peak_mib() -> Option<f64> {
    // Linux counts in KiB.
    rustix::process::getrusage(rustix::process::ResourceUsage::Children).ok().map(|usage| usage as f64 / 1024.0)
}
