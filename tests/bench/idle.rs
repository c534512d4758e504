//! Idle is idle: 1,000 sleeping runs, ten seconds, and nothing happens.

use std::collections::BTreeMap;
use std::time::Duration;

use jackfield_store::Durability;
use kit::engine::Engine;
use serde_json::json;

const RUNS: usize = 1_000;
const SECONDS: u64 = 10;

/// Measures and prints.
#[expect(clippy::print_stdout, reason = "JSON lines on stdout are what this program is for")]
pub(crate) async fn report() {
    let engine = Engine::open(Durability::Full).await;
    let text = format!(
        "workflow: sleepy\nplugins: {{ probe: {} }}\nsteps:\n  s:\n    task: probe.fail\n    with: {{ kind: transient }}\n    retry: {{ attempts: 2, first: 1h, max: 1h, jitter: none }}\n",
        kit::guest("probe").display()
    );
    let plan = engine.plan(&text).await;
    engine.start_all(&plan, RUNS).await;
    engine.until_asleep(RUNS).await;
    // Threads of the pool for blocking work end after ten seconds without any; after that nothing is left of the start.
    tokio::time::sleep(Duration::from_secs(12)).await;
    let before = engine.transactions().await;
    // The timer that ends a measurement wakes threads itself: a short one says how many, and the rest is the engine's.
    let own = wakeups(Duration::from_secs(1)).await;
    let wakeups = wakeups(Duration::from_secs(SECONDS)).await.saturating_sub(own);
    // Asking is one query of its own, after the wake-ups were counted.
    let transactions = engine.transactions().await - before;
    let resident = resident_mib();
    println!(
        "{}",
        json!({ "workload": "idle", "sleeping_runs": RUNS, "seconds": SECONDS, "wakeups": wakeups, "transactions": transactions, "resident_mib": resident })
    );
    engine.stop().await;
}

/// Context switches of this process within a time.
async fn wakeups(within: Duration) -> u64 {
    let before = switches();
    tokio::time::sleep(within).await;
    switches().iter().map(|(thread, now)| now - before.get(thread).unwrap_or(now)).sum()
}

/// Context switches of each thread of this process so far: a thread that is woken switches at least once.
fn switches() -> BTreeMap<String, u64> {
    let threads = std::fs::read_dir("/proc/self/task").expect("Linux");
    let of = |status: String| -> u64 {
        let lines = status.lines().filter(|line| line.contains("ctxt_switches"));
        lines.filter_map(|line| line.split_whitespace().last()?.parse::<u64>().ok()).sum()
    };
    let entries = threads.filter_map(|thread| {
        let thread = thread.ok()?;
        Some((thread.file_name().to_string_lossy().into_owned(), of(std::fs::read_to_string(thread.path().join("status")).ok()?)))
    });
    entries.collect()
}

fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("there");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}
