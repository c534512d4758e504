//! Opening things: the store to look, or the whole engine to work. Each is opened when it is needed and not before.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_flow::run::RunId;
use jackfield_registry::Registry;
use jackfield_sandbox::{Sandbox, SandboxConfig};
use jackfield_store::{Durability, OpenMode, SqliteStore, StoreError};
use jackfield_worker::{Clock as _, LoadedRun, Plugins, SystemClock, Worker, WorkerConfig, load_run};
use tokio::runtime::{Builder, Runtime};

use crate::control::{self, Server};
use crate::error::CliError;
use crate::operator::Operator;
use crate::output::Output;
use crate::packages;
use crate::settings::Settings;

/// What every command has: what was meant, and where to say it.
#[derive(Debug)]
pub(crate) struct Home {
    /// What was meant.
    pub(crate) settings: Settings,
    /// Where to say it.
    pub(crate) output: Output,
}

/// An engine in this process: it has the data directory for itself.
pub(crate) struct Engine {
    /// What drives runs.
    pub(crate) worker: Worker,
    /// What it can run.
    pub(crate) plugins: Plugins,
    store: Arc<SqliteStore>,
    server: Option<Server>,
}

impl Home {
    /// The store, to look at. Others may work in it meanwhile.
    pub(crate) fn reader(&self) -> Result<SqliteStore, CliError> {
        SqliteStore::open(&self.settings.data, OpenMode::Reader).map_err(|error| match error {
            StoreError::Absent { path } => CliError::NoStore(path),
            other => other.into(),
        })
    }

    /// The store, to change it, with nothing that runs. It is made when it is not there.
    ///
    /// # Errors
    /// When an engine has the directory, or it cannot be used.
    pub(crate) fn writer(&self) -> Result<SqliteStore, CliError> {
        make_private(&self.settings.data)?;
        let mode = OpenMode::Engine { name: engine_name().into(), durability: Durability::Full };
        Ok(SqliteStore::open(&self.settings.data, mode)?)
    }

    /// A stored run, as it stands.
    pub(crate) fn load(&self, run: RunId) -> Result<LoadedRun, CliError> {
        let store = self.reader()?;
        Ok(small_runtime()?.block_on(load_run(&store, run))?)
    }

    /// Plugins without a store: to check workflows, describe plugins, call tasks by hand.
    ///
    /// They are kept in the data directory when there is one. Looking at a workflow makes none.
    pub(crate) fn plugins(&self, operator: Operator) -> Result<Plugins, CliError> {
        let sandbox = sandbox(self.settings.compiled(), operator)?;
        let kept = match &self.settings.cache {
            Some(cache) if !self.settings.data.is_dir() => cache.join("plugins"),
            _ => self.settings.data.join("plugins"),
        };
        Ok(Plugins::new(Registry::new(kept), sandbox).with_packages(packages::open(&self.settings)?, self.settings.locking))
    }

    /// The whole engine. Store and sandbox are opened side by side, because each takes milliseconds.
    ///
    /// # Errors
    /// When another engine has the directory, or it cannot be used.
    pub(crate) async fn engine(&self, operator: Operator) -> Result<Engine, CliError> {
        let data = self.settings.data.clone();
        make_private(&data)?;
        let name: Arc<str> = engine_name().into();
        let (directory, owner) = (data.clone(), Arc::clone(&name));
        let store = tokio::task::spawn_blocking(move || {
            SqliteStore::open(&directory, OpenMode::Engine { name: owner, durability: Durability::Full })
        });
        let compiled = self.settings.compiled();
        let sandbox = tokio::task::spawn_blocking(move || sandbox(compiled, operator));
        let (store, sandbox) = (joined(store.await)?, joined(sandbox.await)?);
        let store = Arc::new(store?);
        let plugins = Plugins::new(Registry::new(data.join("plugins")), sandbox?);
        let plugins = plugins.with_packages(packages::open(&self.settings)?, self.settings.locking);
        let config = WorkerConfig {
            name: Arc::clone(&name),
            store: store.clone(),
            plugins: plugins.clone(),
            clock: Arc::new(SystemClock),
            scratch: data.join("scratch"),
        };
        let worker = Worker::new(config);
        let server = match control::serve(&data, &name, worker.clone(), store.clone()) {
            Ok(server) => Some(server),
            Err(error) => {
                self.output.detail(&format!("other processes cannot cancel runs of this one: {error}"));
                None
            }
        };
        Ok(Engine { worker, plugins, store, server })
    }
}

impl Engine {
    /// A run as it is stored now.
    pub(crate) async fn load(&self, run: RunId) -> Result<LoadedRun, CliError> {
        Ok(load_run(self.store.as_ref(), run).await?)
    }

    /// Leaves in good order: what runs is given back, and everything is in the database file.
    pub(crate) async fn close(self) {
        // A request that comes in between is refused, and whoever made it does it themselves once the directory is free.
        self.worker.stop().await;
        if let Some(server) = self.server {
            server.close().await;
        }
    }
}

/// A runtime for an engine: threads for its runs and its guests.
pub(crate) fn engine_runtime() -> Result<Runtime, CliError> {
    runtime(&mut Builder::new_multi_thread())
}

/// A runtime for waiting on one thing after the other.
pub(crate) fn small_runtime() -> Result<Runtime, CliError> {
    runtime(&mut Builder::new_current_thread())
}

fn runtime(builder: &mut Builder) -> Result<Runtime, CliError> {
    builder.enable_all().build().map_err(|error| CliError::System { what: "the runtime cannot be started", error })
}

fn sandbox(cache_dir: Option<PathBuf>, operator: Operator) -> Result<Sandbox, CliError> {
    let Operator { policy, config, secrets } = operator;
    Ok(Sandbox::new(SandboxConfig { cache_dir, operator: policy, config, secrets, ..SandboxConfig::default() })?)
}

fn joined<T>(result: Result<T, tokio::task::JoinError>) -> Result<T, CliError> {
    result.map_err(|error| CliError::Panic(error.to_string()))
}

/// Makes the data directory for its owner alone, if it is missing.
fn make_private(data: &Path) -> Result<(), CliError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(data);
    made.map_err(|error| CliError::Disk { what: format!("the data directory {} cannot be made", data.display()), error })
}

/// A name no other engine of this directory has or had.
fn engine_name() -> String {
    format!("jackfield-{}-{}", std::process::id(), SystemClock.now().0)
}
