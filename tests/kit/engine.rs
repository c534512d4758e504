//! A whole engine in this process: worker, sandbox, plugins, and a SQLite store in a folder of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_flow::definition::Source;
use jackfield_flow::plan::Plan;
use jackfield_flow::run::{Run, RunId, Status};
use jackfield_flow::types::Value;
use jackfield_registry::Registry;
use jackfield_sandbox::{Sandbox, SandboxConfig};
use jackfield_store::{Depth, Durability, OpenMode, SqliteStore, Store};
use jackfield_worker::{Clock, News, Plugins, Start, Started, SystemClock, Watch, Worker, WorkerConfig, WorkflowFile, load_run};

/// A whole engine.
pub struct Engine {
    folder: tempfile::TempDir,
    /// The store.
    pub store: Arc<dyn Store>,
    /// The plugins.
    pub plugins: Plugins,
    /// The worker.
    pub worker: Worker,
}

impl Engine {
    /// An engine on a new SQLite store.
    pub async fn open(durability: Durability) -> Self {
        let folder = tempfile::Builder::new().prefix("jackfield-engine-").tempdir().expect("a folder");
        let mode = OpenMode::Engine { name: Arc::from("test"), durability };
        let store = SqliteStore::open(&folder.path().join("data"), mode).expect("a store");
        Self::with(folder, Arc::new(store), Arc::new(SystemClock))
    }

    /// An engine on any store and clock.
    pub fn on(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        let folder = tempfile::Builder::new().prefix("jackfield-engine-").tempdir().expect("a folder");
        Self::with(folder, store, clock)
    }

    fn with(folder: tempfile::TempDir, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        let config = SandboxConfig { cache_dir: Some(cache()), ..SandboxConfig::default() };
        let sandbox = Sandbox::new(config).expect("a sandbox");
        let plugins = Plugins::new(Registry::new(folder.path().join("plugins")), sandbox);
        let worker = Worker::new(WorkerConfig {
            name: Arc::from("test"),
            store: Arc::clone(&store),
            plugins: plugins.clone(),
            clock,
            scratch: folder.path().join("scratch"),
        });
        Self { folder, store, plugins, worker }
    }

    /// The folder that relative paths of workflows start from.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The plan of a workflow that has to be sound.
    pub async fn plan(&self, text: &str) -> Arc<Plan> {
        let source = Source::new("w.yaml", text);
        let file = WorkflowFile::check(source.clone(), self.path(), &self.plugins).await;
        let problems: Vec<String> = file.diagnostics.iter().map(|problem| problem.line(&source)).collect();
        Arc::new(file.plan.unwrap_or_else(|| panic!("{}", problems.join("\n"))))
    }

    /// Starts a run.
    pub async fn start(&self, plan: &Arc<Plan>) -> RunId {
        self.start_with(plan, None).await
    }

    /// Starts a run, with a priority of its own.
    pub async fn start_with(&self, plan: &Arc<Plan>, priority: Option<i32>) -> RunId {
        let start = Start {
            plan: Arc::clone(plan),
            inputs: Value::map::<&str>([]),
            directory: self.folder.path().into(),
            client_key: None,
            labels: Vec::new(),
            priority,
        };
        self.worker.start(start).await.expect("started").run
    }

    /// Runs once with inputs, and answers how it ended.
    pub async fn run_with(&self, plan: &Arc<Plan>, inputs: Value) -> Run {
        let start = Start {
            plan: Arc::clone(plan),
            inputs,
            directory: self.folder.path().into(),
            client_key: None,
            labels: Vec::new(),
            priority: None,
        };
        let started = self.worker.start(start).await.expect("started");
        self.end_of_watched(started.run, started.watch).await
    }

    /// Starts a run, watched from its beginning.
    pub async fn watched(&self, plan: &Arc<Plan>) -> Watch {
        self.started(plan, self.path(), 1).await.pop().and_then(|started| started.watch).expect("it is new")
    }

    /// Starts many runs, all at once.
    pub async fn start_all(&self, plan: &Arc<Plan>, count: usize) -> Vec<RunId> {
        self.start_all_in(plan, self.path(), count).await
    }

    /// The same with relative paths that start elsewhere.
    pub async fn start_all_in(&self, plan: &Arc<Plan>, directory: &Path, count: usize) -> Vec<RunId> {
        self.started(plan, directory, count).await.into_iter().map(|started| started.run).collect()
    }

    async fn started(&self, plan: &Arc<Plan>, directory: &Path, count: usize) -> Vec<Started> {
        let mut starts = Vec::with_capacity(count);
        for _ in 0..count {
            let start = Start {
                plan: Arc::clone(plan),
                inputs: Value::map::<&str>([]),
                directory: directory.into(),
                client_key: None,
                labels: Vec::new(),
                priority: None,
            };
            let worker = self.worker.clone();
            starts.push(tokio::spawn(async move { worker.start(start).await.expect("started") }));
        }
        let mut all = Vec::with_capacity(count);
        for start in starts {
            all.push(start.await.expect("no panic"));
        }
        all
    }

    /// Runs many times and answers all outputs.
    pub async fn run_all(&self, plan: &Arc<Plan>, count: usize) -> Vec<serde_json::Value> {
        let mut outputs = Vec::with_capacity(count);
        for started in self.started(plan, self.path(), count).await {
            let run = self.end_of_watched(started.run, started.watch).await;
            assert_eq!(run.status(), Status::Done, "{:?}", run.failure());
            outputs.push(serde_json::from_str(&run.outputs().expect("done").to_json()).expect("JSON"));
        }
        outputs
    }

    /// Waits for a run to end, or to be blocked, and answers how it stands.
    pub async fn end_of(&self, run: RunId) -> Run {
        let watch = self.worker.watch(run).await.ok();
        self.end_of_watched(run, watch).await
    }

    async fn end_of_watched(&self, run: RunId, watch: Option<Watch>) -> Run {
        let Some(mut watch) = watch else {
            return load_run(self.store.as_ref(), run).await.expect("readable").run;
        };
        loop {
            match watch.next().await {
                Some(News::Events { at, events }) => {
                    for event in events.iter() {
                        watch.run.apply(event, at).expect("legal");
                    }
                }
                Some(News::Left { error: None }) => return watch.run,
                Some(News::Left { error: Some(error) }) => panic!("run {run} was set aside: {error}"),
                Some(_) => {}
                // More was said than a watcher is kept for: look again how it stands.
                None => match self.worker.watch(run).await {
                    Ok(again) => watch = again,
                    Err(_) => return load_run(self.store.as_ref(), run).await.expect("readable").run,
                },
            }
        }
    }

    /// Waits until so many runs sleep and none is in memory.
    pub async fn until_asleep(&self, count: usize) {
        while self.worker.load() != (0, count) {
            tokio::task::yield_now().await;
        }
    }

    /// Transactions of the store so far.
    pub async fn transactions(&self) -> u64 {
        self.store.health(Depth::Glance).await.expect("healthy").transactions
    }

    /// Stops the worker in good order.
    pub async fn stop(self) {
        self.worker.stop().await;
    }
}

/// Compiled code of the tests: compiled once, whoever asks.
fn cache() -> PathBuf {
    jackfield_build::target_dir(crate::repository()).join("test-code")
}
