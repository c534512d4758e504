//! The conformance plugin of one language in a sandbox.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jackfield_sandbox::{AttemptHost, LogLine, OperatorPolicy, RawTaskInfo, SandboxConfig, SaveFuture};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::hostile::rig::{Call, Ended, Rig};

/// The value of the one secret.
pub(super) const SECRET: &str = "conf0rm4nce~secret";
/// How many calls their time is taken of.
const TIMED: usize = 15;

/// The plugin.
pub(super) struct Guest {
    rig: Rig,
    runtime: Runtime,
}

impl Guest {
    pub(super) fn new(file: &Path) -> Self {
        let operator = OperatorPolicy { open_networks: vec!["127.0.0.0/8".parse().expect("a network")], ..OperatorPolicy::default() };
        let secrets = [("token".to_owned(), SECRET.to_owned())].into_iter().collect();
        let config = [("region".to_owned(), "eu-süd".to_owned())].into_iter().collect();
        let rig = Rig::of(file, SandboxConfig { operator, secrets, config, ..SandboxConfig::default() });
        Self { rig, runtime: tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime") }
    }

    pub(super) fn describe(&self) -> Vec<RawTaskInfo> {
        self.runtime.block_on(self.rig.guest().describe()).expect("a description")
    }

    pub(super) fn imports(&self) -> &[String] {
        self.rig.guest().imports()
    }

    /// A call about to be made.
    pub(super) fn task(&self, task: &str, input: &Value) -> Call<'_> {
        self.rig.task(task, input)
    }

    /// A call with a JSON text as it is.
    pub(super) fn ask(&self, task: &str, input: &str) -> String {
        self.run(self.rig.task(task, &json!({})).input(input)).0.outcome.expect("an answer")
    }

    pub(super) fn run(&self, call: Call<'_>) -> Ended {
        self.runtime.block_on(call.run())
    }

    /// What a task answers to an input.
    #[track_caller]
    pub(super) fn answer(&self, task: &str, input: &Value) -> Value {
        self.run(self.task(task, input)).answer()
    }

    /// Begins a call, and drops it as soon as it said something or this time is over. Whether all of it is gone then.
    pub(super) fn dropped(&self, task: &str, input: &Value, after: Duration) -> bool {
        let host = Arc::new(Host::default());
        let call = self.task(task, input).host(Arc::clone(&host) as Arc<dyn AttemptHost>).timeout(Duration::from_secs(600));
        self.runtime.block_on(async {
            assert!(tokio::time::timeout(after, call.run()).await.is_err(), "it ended by itself");
        });
        Arc::strong_count(&host) == 1
    }

    /// How long a small call takes, in an instance of its own; the shortest, because other tests run beside this one.
    pub(super) fn call_time(&self) -> Duration {
        let call = |_| {
            let start = Instant::now();
            self.answer("echo", &json!({ "value": 1 }));
            start.elapsed()
        };
        (0..TIMED).map(call).min().expect("there were calls")
    }
}

/// A host that keeps what it hears.
#[derive(Default)]
pub(super) struct Host {
    pub(super) reports: Mutex<Vec<(u64, Option<u64>, String)>>,
    pub(super) lines: Mutex<Vec<LogLine>>,
    pub(super) saved: Mutex<Option<Vec<u8>>>,
}

impl AttemptHost for Host {
    fn progress(&self, done: u64, total: Option<u64>, message: &str) {
        self.reports.lock().expect("no panic").push((done, total, message.to_owned()));
    }

    fn save(&self, data: Vec<u8>) -> SaveFuture<'_> {
        *self.saved.lock().expect("no panic") = Some(data);
        Box::pin(async { Ok(()) })
    }

    fn log(&self, line: &LogLine) {
        self.lines.lock().expect("no panic").push(line.clone());
    }
}
