//! W4: from the start of the process to the result of a one-step workflow, with cached code.

use std::time::{Duration, Instant};

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
    for _ in 0..repeat {
        let start = Instant::now();
        let answer = world.jackfield(&["run", "w.yaml", "--quiet", "--json"]).expect(0);
        times.push(start.elapsed().as_secs_f64() * 1e3);
        assert_eq!(answer.json()["outputs"]["v"], 2);
    }
    println!("{}", json!({ "workload": "w4", "unit": "ms", "synchronous": "FULL", "ours": times.summary(), "idle_mib": idle_mib(&world) }));
}

/// The resident size of a process that has nothing to do but to wait for a time, in MiB.
fn idle_mib(world: &World) -> f64 {
    world.workflow(
        "steps:\n  s:\n    task: probe.fail\n    with: { kind: transient }\n    retry: { attempts: 2, first: 1h, max: 1h, jitter: none }\n",
    );
    world.jackfield(&["check", "w.yaml"]).expect(0);
    let mut child = world.start(&["run", "w.yaml", "--quiet"]);
    std::thread::sleep(Duration::from_secs(2));
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it waits");
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("Linux");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}
