//! What one attempt costs. Not run by default; `cargo test --release -p jackfield-sandbox -- --ignored --nocapture speed`.

use std::time::Instant;

use super::kit::{Guest, attempt, sandbox};

#[test]
#[ignore = "measures, and means something in a release build only"]
#[expect(clippy::print_stdout, reason = "the figures are what it is for")]
fn fresh_instances_of_a_trivial_task() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sandbox = sandbox();
    println!("{sandbox:?}");
    let plugin = Guest::new("(call $ok (local.get $input) (local.get $input-len))").load(&sandbox);
    for round in 0..5 {
        let calls = 2_000;
        let mut times: Vec<_> = (0..calls)
            .map(|_| {
                let attempt = attempt(plugin.clone());
                let start = Instant::now();
                let end = runtime.block_on(sandbox.run(attempt));
                let took = start.elapsed();
                assert!(end.outcome.is_ok());
                took
            })
            .collect();
        times.sort();
        println!("round {round}: median {:?}, p90 {:?}, p99 {:?}", times[calls / 2], times[calls * 9 / 10], times[calls * 99 / 100]);
    }
}
