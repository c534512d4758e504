//! Typed exports beside the task world, and large values through them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jackfield_flow::plan::Grant;
use jackfield_sandbox::{Attempt, AttemptContext, Limits, NoHost, Plugin, Sandbox, SandboxConfig, digest_of};
use serde_json::json;

use crate::statistics::Series;

/// The task `inc` of the guest `noop`, as a typed function of a record; and functions that answer what they are given.
const GUEST: &str = r#"
(component
  (type $r (record (field "v" s64)))
  (import "number" (type $number (eq $r)))
  (core module $m
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $p i32)
      (local.set $p (global.get $top))
      (global.set $top (i32.add (global.get $top) (local.get 3)))
      (block $fits
        (br_if $fits (i32.le_u (global.get $top) (i32.shl (memory.size) (i32.const 16))))
        (drop (memory.grow (i32.add (i32.shr_u (local.get 3) (i32.const 16)) (i32.const 1)))))
      (local.get $p))
    (func (export "inc") (param i64) (result i64) (i64.add (local.get 0) (i64.const 1)))
    (func (export "same") (param $ptr i32) (param $len i32) (result i32)
      (i32.store (i32.const 16) (local.get $ptr))
      (i32.store (i32.const 20) (local.get $len))
      (i32.const 16)))
  (core instance $i (instantiate $m))
  (func (export "inc") (param "number" $number) (result $number) (canon lift (core func $i "inc")))
  (func (export "text") (param "v" string) (result string)
    (canon lift (core func $i "same") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func (export "bytes") (param "v" (list u8)) (result (list u8))
    (canon lift (core func $i "same") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
"#;

/// Calls for one median.
const CALLS: usize = 2_000;
/// The large value, in bytes.
const LARGE: usize = 1 << 20;

struct Bench {
    sandbox: Sandbox,
}

impl Bench {
    fn load(&self, bytes: &[u8]) -> Plugin {
        self.sandbox.load(&digest_of(bytes), bytes).expect("a plugin")
    }

    /// One call; answers how long it took, in microseconds.
    async fn call(&self, plugin: &Plugin, task: &str, input: String, bytes_out: usize) -> f64 {
        let attempt = Attempt {
            plugin: plugin.clone(),
            task: task.to_owned(),
            input,
            context: AttemptContext { idempotency_key: "0".repeat(32), ..AttemptContext::default() },
            timeout: Duration::from_secs(10),
            grant: Grant::default(),
            base_dir: PathBuf::new(),
            scratch_dir: None,
            limits: Limits::default(),
            savepoint: None,
            host: Arc::new(NoHost),
        };
        let start = Instant::now();
        let end = self.sandbox.run(attempt).await;
        let took = start.elapsed();
        assert_eq!(end.outcome.expect("it answers").len(), bytes_out, "{task}");
        took.as_secs_f64() * 1e6
    }
}

/// Small calls side by side, then a large text and large bytes there and back.
#[expect(clippy::print_stdout, reason = "JSON lines on stdout are what this program is for")]
pub(crate) async fn report() {
    let bench = Bench { sandbox: Sandbox::new(SandboxConfig::default()).expect("a sandbox") };
    let typed = bench.load(&wat::parse_str(GUEST).expect("WAT"));
    let world = bench.load(&std::fs::read(kit::guest("noop")).expect("the guest"));
    let (mut ours, mut json_call) = (Series::default(), Series::default());
    for call in 0..CALLS + 100 {
        let a = bench.call(&typed, "inc", r#"{"number":{"v":41}}"#.to_owned(), 8).await;
        let b = bench.call(&world, "inc", r#"{"v":41}"#.to_owned(), 8).await;
        // The first calls touch pages that later ones find warm.
        if call >= 100 {
            ours.push(a);
            json_call.push(b);
        }
    }
    let ratio = ours.quantile(0.5) / json_call.quantile(0.5);
    println!(
        "{}",
        json!({ "workload": "typed", "unit": "µs/call", "typed": ours.summary(), "task_world": json_call.summary(), "ratio": ratio })
    );
    let text = format!(r#"{{"v":"{}"}}"#, "x".repeat(LARGE));
    let bytes = format!(r#"{{"v":"{}=="}}"#, "A".repeat(LARGE.div_ceil(3) * 4 - 2));
    for (task, input) in [("text", text), ("bytes", bytes)] {
        let answered = input.len() - r#"{"v":}"#.len();
        let mut times = Series::default();
        let (mut cpu, mut peaks) = (Series::default(), Series::default());
        for _ in 0..30 {
            let input = input.clone();
            let before = resident("VmRSS", Peak::Reset);
            let on_cpu = cpu_ms();
            times.push(bench.call(&typed, task, input, answered).await / 1_000.0);
            cpu.push(cpu_ms() - on_cpu);
            peaks.push((resident("VmHWM", Peak::Kept) - before) / LARGE as f64);
        }
        println!(
            "{}",
            json!({ "workload": format!("typed-1-mib-{task}"), "unit": "ms", "ours": times.summary(), "cpu_ms": cpu.summary(), "peak_rss_in_sizes": peaks.summary() })
        );
    }
}

/// Whether the highest value so far is forgotten.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Peak {
    Reset,
    Kept,
}

/// How long this thread was on a processor, in milliseconds, as Linux tells it: what a busy machine does not change.
fn cpu_ms() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or(0.0) / 1e6
}

/// Memory of this process in bytes, as Linux tells it; 0 elsewhere.
fn resident(which: &str, peak: Peak) -> f64 {
    if peak == Peak::Reset {
        let _ = std::fs::write("/proc/self/clear_refs", "5");
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(which)?.strip_prefix(':'));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok()).unwrap_or(0.0) * 1024.0
}
