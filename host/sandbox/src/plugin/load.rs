//! Loading: look, measure, compile, link.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use wasmtime::component::Component;

use super::Plugin;
use super::identify::{NotAComponent, identify};
use super::precheck::{Survey, TooLarge, survey};
use crate::bindings::TaskPre;
use crate::host::is_linked;
use crate::sandbox::Shared;

/// What every plugin exports.
const TASKS: &str = "jackfield:task/tasks@0.1";

/// Why a file is not a plugin.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is something else.
    #[error("this is not a WebAssembly component: {0}")]
    NotAComponent(#[from] NotAComponent),
    /// It is too large by some measure, and was not compiled.
    #[error("the component is refused before it is compiled: {0}")]
    TooLarge(#[from] TooLarge),
    /// It is broken, or uses a feature that is switched off.
    #[error("the component is not valid: {0}")]
    Invalid(String),
    /// It imports what no plugin can have.
    #[error(
        "the component imports {}, which is neither WASI 0.2 nor jackfield:task@0.1: build it without {}",
        names(.0), if .0.len() == 1 { "it" } else { "them" }
    )]
    UnknownImports(Vec<String>),
    /// It offers no tasks.
    #[error(
        "the component does not export jackfield:task/tasks@0.1.0, so it offers no tasks; it exports {}",
        if .0.is_empty() { "nothing".to_owned() } else { names(.0) }
    )]
    NoTasks(Vec<String>),
    /// Its imports or exports have other types than the contract says.
    #[error("the component does not fit the contract jackfield:task@0.1.0: {0}")]
    Contract(String),
    /// The bytes are not the ones that were asked for.
    #[error("the bytes have the digest {actual}, not {expected}")]
    Digest {
        /// What was asked for.
        expected: String,
        /// What the bytes have.
        actual: String,
    },
}

impl LoadError {
    /// The stable code of the refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAComponent(_) => "install.not-a-component",
            Self::TooLarge(_) => "install.too-large",
            Self::Invalid(_) => "install.invalid",
            Self::UnknownImports(_) => "install.unknown-import",
            Self::NoTasks(_) => "install.no-tasks",
            Self::Contract(_) => "install.contract",
            Self::Digest { .. } => "install.digest",
        }
    }
}

fn names(list: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut text = list.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if list.len() > SHOWN {
        text.push_str(&format!(" and {} more", list.len() - SHOWN));
    }
    text
}

/// The digest of a component's bytes: `sha256:` and 64 hexadecimal digits.
pub fn digest_of(bytes: &[u8]) -> String {
    format!("sha256:{:x}", Sha256::digest(bytes))
}

/// See [`crate::Sandbox::load`].
pub(crate) fn load(shared: &Arc<Shared>, digest: &str, bytes: &[u8]) -> Result<Plugin, LoadError> {
    identify(bytes)?;
    let actual = digest_of(bytes);
    if actual != digest {
        return Err(LoadError::Digest { expected: digest.to_owned(), actual });
    }
    if let Some(plugin) = load_cached(shared, digest) {
        return Ok(plugin);
    }
    let survey = survey(bytes, shared.operator.memory_bytes_max)?;
    check_surface(&survey)?;
    let component = Component::from_binary(&shared.engine, bytes).map_err(|error| LoadError::Invalid(format!("{error:#}")))?;
    let plugin = link(shared, digest, &component)?;
    if let Some(cache) = &shared.cache {
        cache.put(digest, &component);
    }
    Ok(plugin)
}

/// See [`crate::Sandbox::load_cached`].
pub(crate) fn load_cached(shared: &Arc<Shared>, digest: &str) -> Option<Plugin> {
    let component = shared.cache.as_ref()?.get(&shared.engine, digest)?;
    link(shared, digest, &component).ok()
}

/// Whether its imports can be had and its exports are a plugin's.
fn check_surface(survey: &Survey) -> Result<(), LoadError> {
    let unknown: Vec<_> = survey.imports.iter().filter(|import| !is_linked(import)).cloned().collect();
    if !unknown.is_empty() {
        return Err(LoadError::UnknownImports(unknown));
    }
    if survey.exports.iter().any(|export| export.starts_with(TASKS)) { Ok(()) } else { Err(LoadError::NoTasks(survey.exports.clone())) }
}

fn link(shared: &Arc<Shared>, digest: &str, component: &Component) -> Result<Plugin, LoadError> {
    let contract = |error: wasmtime::Error| LoadError::Contract(format!("{error:#}"));
    let pre = shared.linker.instantiate_pre(component).map_err(contract)?;
    Ok(Plugin::new(Arc::clone(shared), digest, TaskPre::new(pre).map_err(contract)?))
}
