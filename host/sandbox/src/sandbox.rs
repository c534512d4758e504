//! What all attempts share.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jackfield_flow::plan::Grant;
use tokio::sync::Semaphore;
use wasmtime::Engine;
use wasmtime::component::Linker;

use crate::attempt::{self, Attempt, AttemptEnd};
use crate::engine::{self, ATTEMPTS_MAX, Allocation, Shape};
use crate::host;
use crate::host::http::{Dialer, tls_config};
use crate::limits::OperatorPolicy;
use crate::plugin::{CodeCache, LoadError, Plugin};
use crate::secret::Secrets;
use crate::state::State;
use crate::ticker::{Active, Ticker};

/// How a sandbox is set up.
#[derive(Clone, Debug, Default)]
pub struct SandboxConfig {
    /// Where compiled code is kept, a directory of this user's alone; nothing is kept without.
    pub cache_dir: Option<PathBuf>,
    /// What the operator allows.
    pub operator: OperatorPolicy,
    /// Configuration values by name; a step sees those its grant names.
    pub config: BTreeMap<String, String>,
    /// Secrets by name.
    pub secrets: Secrets,
    /// Whether instructions are counted.
    pub metering: Metering,
}

/// Whether instructions are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Metering {
    /// No: code runs at full speed, and is bounded by time alone.
    #[default]
    Off,
    /// Yes: receipts say how much fuel was used, and [`crate::Limits::fuel`] bounds it. Costs some speed.
    Fuel,
}

/// Why there is no sandbox.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// Wasmtime refuses this machine or the configuration.
    #[error("the WebAssembly engine cannot start: {0}")]
    Engine(String),
    /// No thread for the ticker.
    #[error("the thread that interrupts tasks cannot be started: {0}")]
    Ticker(#[source] std::io::Error),
    /// The cache directory cannot be used safely.
    #[error("the cache directory `{path}` cannot be used: {reason}")]
    CacheDir {
        /// The directory.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// A certificate of the operator's cannot be read.
    #[error("{0}")]
    Certificate(String),
}

/// Runs tasks. Cheap to clone; all clones are the same sandbox.
#[derive(Clone)]
pub struct Sandbox {
    shared: Arc<Shared>,
}

/// What all attempts share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<State>,
    pub(crate) operator: OperatorPolicy,
    pub(crate) config_values: BTreeMap<String, String>,
    pub(crate) secrets: Secrets,
    pub(crate) metering: Metering,
    pub(crate) dialer: Dialer,
    pub(crate) cache: Option<CodeCache>,
    allocation: Allocation,
    ticker: Ticker,
    places: Semaphore,
}

impl Sandbox {
    /// Starts a sandbox: an engine with its memory pool, and a thread that sleeps while nothing runs.
    ///
    /// # Errors
    /// When the machine, the cache directory or a certificate does not fit.
    pub fn new(config: SandboxConfig) -> Result<Self, SandboxError> {
        let wrong = |error: wasmtime::Error| SandboxError::Engine(format!("{error:#}"));
        tls_config(&config.operator.extra_roots).map_err(SandboxError::Certificate)?;
        let shape = Shape { metering: config.metering, memory_bytes_max: config.operator.memory_bytes_max };
        let (engine, allocation) = engine::start(shape).map_err(wrong)?;
        let mut linker = Linker::new(&engine);
        host::link(&mut linker).map_err(wrong)?;
        let cache = match config.cache_dir {
            Some(path) => Some(CodeCache::open(&path, &engine).map_err(|reason| SandboxError::CacheDir { path, reason })?),
            None => None,
        };
        let ticker = Ticker::start(&engine).map_err(SandboxError::Ticker)?;
        let shared = Shared {
            engine,
            linker,
            dialer: Dialer::new(config.operator.clone()),
            operator: config.operator,
            config_values: config.config,
            secrets: config.secrets,
            metering: config.metering,
            cache,
            allocation,
            ticker,
            places: Semaphore::new(ATTEMPTS_MAX as usize),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// How many attempts can run at once; more wait for a place.
    pub fn attempts_max(&self) -> usize {
        ATTEMPTS_MAX as usize
    }

    /// The configuration values that a grant names and the operator has, by name: what `wasi:config/store` gives out.
    pub fn config_of(&self, grant: &Grant) -> Vec<(String, String)> {
        let values = &self.shared.config_values;
        let granted = grant.config.iter().filter_map(|name| Some((name.to_string(), values.get(name.as_ref())?.clone())));
        let by_name: BTreeMap<String, String> = granted.collect();
        by_name.into_iter().collect()
    }

    /// Where instances get their memory from.
    pub fn allocation(&self) -> &Allocation {
        &self.shared.allocation
    }

    /// Turns a component's bytes into a plugin: from the cache of compiled code, or by checking and compiling it.
    ///
    /// Blocks, for seconds with a large component: call it where blocking is allowed. `digest` is `sha256:` and 64
    /// hexadecimal digits, and must be that of `bytes`.
    ///
    /// # Errors
    /// When the bytes are not a component with tasks, are too large by some measure, or want what is not there.
    pub fn load(&self, digest: &str, bytes: &[u8]) -> Result<Plugin, LoadError> {
        crate::plugin::load(&self.shared, digest, bytes)
    }

    /// The plugin of a digest, when its compiled code is in the cache. Blocks for as long as it takes to read it.
    pub fn load_cached(&self, digest: &str) -> Option<Plugin> {
        crate::plugin::load_cached(&self.shared, digest)
    }

    /// What all attempts share.
    #[cfg(test)]
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Runs one task in a fresh store. Never panics; what goes wrong is the outcome.
    ///
    /// Dropping the future cancels the attempt: at once while it waits for the host, within a tick (20 ms) while it computes.
    /// At most 256 attempts run at once; more wait, which does not count against their timeout.
    pub async fn run(&self, attempt: Attempt) -> AttemptEnd {
        let _place = self.shared.place().await;
        attempt::run(&self.shared, attempt).await
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("allocation", &self.shared.allocation).finish_non_exhaustive()
    }
}

impl Shared {
    /// A place to run in, with time passing, until the answer is dropped.
    pub(crate) async fn place(&self) -> Place<'_> {
        // The semaphore is never closed.
        let permit = self.places.acquire().await.ok();
        Place { _permit: permit, _active: self.ticker.activate() }
    }
}

/// A place to run in.
pub(crate) struct Place<'a> {
    _permit: Option<tokio::sync::SemaphorePermit<'a>>,
    _active: Active,
}
