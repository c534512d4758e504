//! Plugins: installing, describing, loading.

mod packages;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jackfield_flow::plan::{Capability, Digest, ErrorInfo, PluginInfo, TaskSignature};
use jackfield_flow::types::Type;
use jackfield_registry::{PackageError, Packages, Registry, RegistryError};
use jackfield_sandbox::{DescribeError, LoadError, Plugin, RawTaskInfo, Sandbox};

/// The plugins of a data directory: what is installed, and what is loaded.
#[derive(Clone, Debug)]
pub struct Plugins {
    registry: Registry,
    sandbox: Sandbox,
    loaded: Arc<Mutex<BTreeMap<Digest, Plugin>>>,
    packages: Option<Arc<Packages>>,
    locking: Locking,
}

/// What is done about a package that is not in the lock file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locking {
    /// Its newest version that will do is found, and put into the lock file.
    #[default]
    Grow,
    /// It is an error.
    Frozen,
}

/// An installed plugin.
#[derive(Clone, Debug)]
pub struct Installed {
    /// Its digest and tasks.
    pub info: Arc<PluginInfo>,
    /// The size of its component, in bytes.
    pub bytes: u64,
}

/// Why a plugin cannot be installed or loaded.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The file cannot be read, or what is kept is not there.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// A package cannot be had.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// It must not run any more.
    #[error("the plugin {0} is revoked by the operator's policy")]
    Revoked(Digest),
    /// A package is not locked, and may not be now.
    #[error("{reference} is not in {}: add it with `jackfield lock`", lock.display())]
    NotLocked {
        /// What is wanted.
        reference: String,
        /// The lock file.
        lock: PathBuf,
    },
    /// It is no component, or is refused.
    #[error("{}: {error}", path.display())]
    Load {
        /// The file.
        path: PathBuf,
        /// Why.
        error: LoadError,
    },
    /// It does not say what it offers.
    #[error("{}: {error}", path.display())]
    Describe {
        /// The file.
        path: PathBuf,
        /// Why.
        error: DescribeError,
    },
    /// One of its schemas cannot be read.
    #[error("{}: the {which} schema of the task `{task}` cannot be read: {problem}", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// The task.
        task: String,
        /// `input` or `output`.
        which: &'static str,
        /// Why.
        problem: String,
    },
}

impl Plugins {
    /// The plugins of a registry, run in a sandbox.
    pub fn new(registry: Registry, sandbox: Sandbox) -> Self {
        Self { registry, sandbox, loaded: Arc::default(), packages: None, locking: Locking::default() }
    }

    /// The same with packages of registries.
    pub fn with_packages(self, packages: Arc<Packages>, locking: Locking) -> Self {
        Self { packages: Some(packages), locking, ..self }
    }

    /// The sandbox they run in.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Installs a component file: compiled, described, kept by its digest. What is already installed costs a hash.
    pub async fn install(&self, path: &Path) -> Result<Installed, InstallError> {
        let this = self.clone();
        let file = path.to_owned();
        let read = blocking(move || {
            let bytes = Registry::read_file(&file)?;
            let digest = Digest::of(&bytes);
            Ok::<_, InstallError>((digest, this.registry.signatures(digest), bytes))
        });
        let (digest, known, bytes) = read.await?;
        match known {
            Some(tasks) => Ok(Installed { info: Arc::new(PluginInfo { digest, tasks }), bytes: bytes.len() as u64 }),
            None => self.install_new(path, digest, bytes.into()).await,
        }
    }

    /// Compiles, describes and keeps a component. `path` is what messages call it.
    async fn install_new(&self, path: &Path, digest: Digest, bytes: Arc<[u8]>) -> Result<Installed, InstallError> {
        let size = bytes.len() as u64;
        let plugin = self.compile(path, digest, Arc::clone(&bytes)).await?;
        let raw = plugin.describe().await.map_err(|error| InstallError::Describe { path: path.to_owned(), error })?;
        let tasks = raw.into_iter().map(|task| signature(path, task)).collect::<Result<Vec<_>, _>>()?;
        let (this, kept) = (self.clone(), tasks.clone());
        blocking(move || this.registry.add(digest, &bytes, &kept)).await?;
        Ok(Installed { info: Arc::new(PluginInfo { digest, tasks }), bytes: size })
    }

    /// A loaded plugin by its digest. Fast once it has been loaded.
    ///
    /// # Errors
    /// When it is not here, cannot be compiled, or is revoked.
    pub async fn load(&self, digest: Digest) -> Result<Plugin, InstallError> {
        if self.packages.as_ref().is_some_and(|packages| packages.is_revoked(digest)) {
            return Err(InstallError::Revoked(digest));
        }
        if let Some(plugin) = self.loaded(digest) {
            return Ok(plugin);
        }
        let this = self.clone();
        if let Some(plugin) = blocking(move || this.sandbox.load_cached(&digest.to_string())).await {
            self.remember(digest, &plugin);
            return Ok(plugin);
        }
        let this = self.clone();
        let bytes = blocking(move || this.registry.bytes(digest)).await?;
        self.compile(Path::new(&digest.to_string()), digest, bytes.into()).await
    }

    /// A plugin that is already loaded.
    pub(crate) fn loaded(&self, digest: Digest) -> Option<Plugin> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned()
    }

    fn remember(&self, digest: Digest, plugin: &Plugin) {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner).insert(digest, plugin.clone());
    }

    async fn compile(&self, path: &Path, digest: Digest, bytes: Arc<[u8]>) -> Result<Plugin, InstallError> {
        let sandbox = self.sandbox.clone();
        let plugin = blocking(move || sandbox.load(&digest.to_string(), &bytes)).await;
        let plugin = plugin.map_err(|error| InstallError::Load { path: path.to_owned(), error })?;
        self.remember(digest, &plugin);
        Ok(plugin)
    }
}

/// Hashing, compiling and reading files never happen on the threads that runs are driven on.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Blocking work is cancelled only when the whole runtime ends, and then nobody waits for it any more.
            Err(_) => std::future::pending().await,
        },
    }
}

fn signature(path: &Path, raw: RawTaskInfo) -> Result<TaskSignature, InstallError> {
    let schema = |which, text: &str| {
        Type::from_schema(text).map_err(|error| InstallError::Schema {
            path: path.to_owned(),
            task: raw.name.clone(),
            which,
            problem: error.to_string(),
        })
    };
    let (input, output) = (schema("input", &raw.input_schema)?, schema("output", &raw.output_schema)?);
    let capability = |ask: jackfield_sandbox::RawCapability| Capability {
        name: ask.name.into(),
        scope: ask.scope.into_iter().map(Arc::from).collect(),
        required: ask.required,
        docs: ask.docs.into(),
    };
    Ok(TaskSignature {
        name: raw.name.into(),
        docs: raw.docs.into(),
        input,
        output,
        input_schema: raw.input_schema.into(),
        output_schema: raw.output_schema.into(),
        errors: raw.errors.into_iter().map(|error| ErrorInfo { code: error.code.into(), docs: error.docs.into() }).collect(),
        effect: raw.effect,
        asks: raw.capabilities.into_iter().map(capability).collect(),
        annotations: raw.annotations.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
    })
}
