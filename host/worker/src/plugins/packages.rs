//! Plugins that are packages: found, locked, installed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_flow::plan::{Digest, PluginInfo, TaskSignature};
use jackfield_registry::{Location, LockFile, Locked, PackageError, Packages, Reference, Release};

use super::{InstallError, Installed, Locking, Plugins, blocking};

impl Plugins {
    /// Packages of registries.
    ///
    /// # Errors
    /// When this process has none.
    pub fn packages(&self) -> Result<&Arc<Packages>, InstallError> {
        let none = || PackageError::Refused("packages of registries are not to be had here".to_owned());
        Ok(self.packages.as_ref().ok_or_else(none)?)
    }

    /// Installs what a workflow names: a file, by a path that starts in `directory`, or a package, as the lock file says. What is
    /// not locked yet is put into it, and is for the caller to save.
    pub(crate) async fn named(&self, location: &str, directory: &Path, lock: &mut LockFile) -> Result<Installed, InstallError> {
        let reference = match Location::parse(location).map_err(PackageError::from)? {
            Location::File(path) => return self.install(&directory.join(path)).await,
            Location::Package(reference) => reference,
        };
        let source = reference.source.seen_from(directory, lock.folder());
        let reference = Reference { source, wanted: reference.wanted };
        if let Some(locked) = lock.find(&reference) {
            return self.locked(locked, lock.folder()).await;
        }
        if self.locking == Locking::Frozen {
            return Err(InstallError::NotLocked { reference: reference.to_string(), lock: lock.path().to_owned() });
        }
        let (locked, installed) = self.newest(&reference, lock.folder()).await?;
        lock.put(locked)?;
        Ok(installed)
    }

    /// Installs the newest version of a package that will do, and says how it would be locked. Relative sources start in `base`.
    pub async fn newest(&self, reference: &Reference, base: &Path) -> Result<(Locked, Installed), InstallError> {
        let packages = Arc::clone(self.packages()?);
        let (wanted, from) = (reference.clone(), base.to_owned());
        let found = blocking(move || {
            let release = packages.find(&wanted, &from)?;
            let signers = packages.trusted(&wanted.source, &from, &release)?;
            // It is had in any case, so that other projects of this person have it without asking.
            let bytes = packages.bytes(&wanted.source, &from, &release)?;
            Ok::<_, PackageError>((release, signers, bytes))
        });
        let (release, signers, bytes) = found.await?;
        let installed = self.install_bytes(reference, release.component, bytes).await?;
        let capabilities = capabilities(&installed.info.tasks);
        self.packages()?.allowed(&reference.source, base, &capabilities)?;
        let locked = Locked {
            name: reference.source.name(),
            source: reference.source.to_string(),
            requirement: reference.wanted.to_string(),
            version: release.version,
            component: release.component,
            size: release.size,
            manifest: release.manifest,
            tasks: tasks_digest(&installed.info.tasks),
            capabilities,
            signers,
        };
        Ok((locked, installed))
    }

    /// Installs what is locked: those bytes and no others.
    pub async fn locked(&self, locked: &Locked, base: &Path) -> Result<Installed, InstallError> {
        let (packages, reference, release) = (Arc::clone(self.packages()?), locked.reference()?, locked.release());
        let (source, from, wanted) = (reference.source.clone(), base.to_owned(), release.clone());
        let signers = blocking(move || packages.trusted(&source, &from, &wanted)).await?;
        if signers.is_empty() && !locked.signers.is_empty() {
            let why = "it was signed when it was locked, and no policy says any more by whom it has to be";
            return Err(PackageError::Refused(format!("{}: {why}; bring the policy back, or lock it anew", locked.source)).into());
        }
        let installed = self.release(&reference, base, &release).await?;
        self.packages()?.allowed(&reference.source, base, &capabilities(&installed.info.tasks))?;
        Ok(installed)
    }

    async fn release(&self, reference: &Reference, base: &Path, release: &Release) -> Result<Installed, InstallError> {
        if let Some(installed) = self.known(release.component, release.size).await {
            return Ok(installed);
        }
        let packages = Arc::clone(self.packages()?);
        let (source, from, wanted) = (reference.source.clone(), base.to_owned(), release.clone());
        let bytes = blocking(move || packages.bytes(&source, &from, &wanted)).await?;
        self.install_bytes(reference, release.component, bytes).await
    }

    async fn install_bytes(&self, reference: &Reference, digest: Digest, bytes: Vec<u8>) -> Result<Installed, InstallError> {
        match self.known(digest, bytes.len() as u64).await {
            Some(installed) => Ok(installed),
            None => self.install_new(&PathBuf::from(reference.to_string()), digest, bytes.into()).await,
        }
    }

    /// What is installed already.
    async fn known(&self, digest: Digest, bytes: u64) -> Option<Installed> {
        let this = self.clone();
        let tasks = blocking(move || this.registry.signatures(digest)).await?;
        Some(Installed { info: Arc::new(PluginInfo { digest, tasks }), bytes })
    }
}

/// What tells whether two versions offer the same: names, types, errors and effects of all tasks.
fn tasks_digest(tasks: &[TaskSignature]) -> Digest {
    let lines = tasks.iter().map(|task| {
        let errors: Vec<&str> = task.errors.iter().map(|error| &*error.code).collect();
        format!("{}\n{}\n{}\n{}\n{:?}\n", task.name, task.input_schema, task.output_schema, errors.join(" "), task.effect)
    });
    Digest::of(lines.collect::<String>().as_bytes())
}

/// What the tasks ask for, each once, in order.
fn capabilities(tasks: &[TaskSignature]) -> Vec<String> {
    let asked = tasks.iter().flat_map(|task| &task.asks);
    let mut all: Vec<String> = asked
        .flat_map(|ask| match &*ask.scope {
            [] => vec![ask.name.to_string()],
            scope => scope.iter().map(|pattern| format!("{} {pattern}", ask.name)).collect(),
        })
        .collect();
    all.sort();
    all.dedup();
    all
}
