//! The benchmarks: each workload beside the floor measured in the same process and minute, as JSON lines.
//!
//! `cargo xtask bench [WORKLOAD…] [--repeat N] [--normal]`
//!
//! The floor is the least that "run a Wasm task, record it durably" can cost: bare wasmtime calls on fresh instances and
//! bare SQLite commits, nothing else. Ratios are ours / floor, so that a noisy machine disturbs both.

mod cold;
mod floor;
mod idle;
mod ours;
mod scale;
mod statistics;
mod typed;

use jackfield_store::Durability;
use serde_json::json;

use statistics::Series;

/// What was asked for.
struct Arguments {
    workloads: Vec<String>,
    repeat: usize,
    durability: Durability,
}

fn arguments() -> Arguments {
    let mut arguments = Arguments { workloads: Vec::new(), repeat: 5, durability: Durability::Full };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--normal" => arguments.durability = Durability::Normal,
            "--repeat" => arguments.repeat = words.next().and_then(|number| number.parse().ok()).expect("--repeat N"),
            // cargo says so to every benchmark.
            "--bench" => {}
            _ => arguments.workloads.push(word.to_lowercase()),
        }
    }
    arguments
}

fn main() {
    let arguments = arguments();
    let wanted = |name: &str| arguments.workloads.is_empty() || arguments.workloads.iter().any(|workload| workload == name);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let durability = arguments.durability;
    for (name, workload) in [("w1", ours::Workload::CHAIN), ("w2", ours::Workload::FAN_OUT), ("w3", ours::Workload::MANY_RUNS)] {
        if wanted(name) {
            let (mut ours, mut floor) = (Series::default(), Series::default());
            for _ in 0..arguments.repeat {
                floor.push(floor::measure(workload, durability));
                ours.push(runtime.block_on(ours::measure(workload, durability)));
            }
            report(name, workload.unit(), durability, &ours, &floor);
        }
    }
    if wanted("w4") {
        cold::report(arguments.repeat.max(20));
    }
    if wanted("idle") {
        runtime.block_on(idle::report());
    }
    if wanted("typed") {
        runtime.block_on(typed::report());
    }
    if wanted("timers") {
        runtime.block_on(scale::timers(durability));
    }
    if wanted("items") {
        runtime.block_on(scale::items(durability));
    }
    if wanted("long") {
        runtime.block_on(scale::long(durability));
    }
}

#[expect(clippy::print_stdout, reason = "JSON lines on stdout are what this program is for")]
fn report(name: &str, unit: &str, durability: Durability, ours: &Series, floor: &Series) {
    let ratios: Series = ours.values().iter().zip(floor.values()).map(|(ours, floor)| ours / floor).collect();
    let line = json!({
        "workload": name,
        "unit": unit,
        "synchronous": match durability { Durability::Full => "FULL", Durability::Normal => "NORMAL" },
        "ours": ours.summary(),
        "floor": floor.summary(),
        "ratio": ratios.summary(),
    });
    println!("{line}");
}
