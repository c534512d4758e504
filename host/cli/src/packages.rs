//! Packages as the commands see them: opened as the settings say, and shown.

use std::path::Path;
use std::sync::Arc;

use jackfield_registry::{LockFile, PackageError, Packages, Policy, Reference, Registry, Source, Version, Wanted};
use jackfield_worker::WorkflowFile;

use crate::error::CliError;
use crate::home::Home;
use crate::output::escape;
use crate::settings::Settings;

/// Packages of registries, kept for all projects of this person, or in the data directory when there is no home.
pub(crate) fn open(settings: &Settings) -> Result<Arc<Packages>, CliError> {
    let kept = settings.cache.as_ref().map_or_else(|| settings.data.join("packages"), |cache| cache.join("packages"));
    let policy = match &settings.policy {
        Some(path) => {
            let absent = || CliError::Usage(format!("{}: there is no such policy (JACKFIELD_POLICY)", path.display()));
            Some(Policy::read(path)?.ok_or_else(absent)?)
        }
        None => None,
    };
    Ok(Arc::new(Packages::new(Registry::new(kept), settings.network.clone()).with_policy(policy)))
}

/// A package with one version, as publishing wants it.
pub(crate) fn exactly(text: &str) -> Result<(Source, Version), CliError> {
    match Reference::parse(text).map_err(PackageError::from)? {
        Reference { source, wanted: Wanted::Exactly(version) } => Ok((source, version)),
        Reference { source, .. } => Err(CliError::Usage(format!("`{text}` names no single version: write `{source}:1.2.0`"))),
    }
}

/// The lock file of a folder, which must have something in it.
pub(crate) fn lock_of(folder: &Path) -> Result<LockFile, CliError> {
    let folder = std::path::absolute(folder).map_err(|error| CliError::file(folder, error))?;
    let lock = LockFile::read(&folder)?;
    if lock.locked().is_empty() {
        return Err(CliError::Usage(format!(
            "{} is not there, or has nothing in it: write it with `jackfield lock`",
            lock.path().display()
        )));
    }
    Ok(lock)
}

/// Says what was put into the lock file of a workflow.
pub(crate) fn tell(home: &Home, checked: &WorkflowFile) {
    for locked in &checked.locked {
        home.output.say(&format!("locked {} from {}", escape::line(&locked.title()), escape::line(&locked.source)));
    }
    if let Some(why) = &checked.unsaved {
        home.output.warn(&escape::line(why));
    }
}
