//! Loading: look, measure, compile, link.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use wasmtime::component::Component;

use super::identify::{NotAComponent, identify};
use super::precheck::{Survey, TooLarge, survey};
use super::{Calls, Plugin};
use crate::bindings::TaskPre;
use crate::host::is_linked;
use crate::sandbox::Shared;
use crate::typed::{self, RefusedExport, Table, Typed};

/// What every plugin of the task world exports, of any version 0.1.
const TASKS: &str = "jackfield:task/tasks@0.1.";
/// The interface of any version at all.
const TASKS_OF_ANY_VERSION: &str = "jackfield:task/tasks@";
/// How many refused exports a message lists.
const REFUSED_SHOWN: usize = 16;

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
        "the component exports neither jackfield:task/tasks@0.1.0 nor a function of its own, so it offers no tasks; it exports {}",
        if .0.is_empty() { "nothing".to_owned() } else { names(.0) }
    )]
    NoTasks(Vec<String>),
    /// None of the functions it exports can be a task.
    #[error("none of the functions that the component exports can be a task:{}", reasons(.0))]
    NoCallable(Vec<RefusedExport>),
    /// It was built for a version of the contract that is not known here.
    #[error("the component is a plugin for `{0}`, and this version knows jackfield:task@0.1: use a newer jackfield, or build it for 0.1")]
    NewerContract(String),
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
            Self::NoTasks(_) | Self::NoCallable(_) => "install.no-tasks",
            Self::NewerContract(_) => "install.newer-contract",
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

fn reasons(refused: &[RefusedExport]) -> String {
    let line = |export: &RefusedExport| format!("\n  `{}`: {}", export.function, export.reason);
    let mut text: String = refused.iter().take(REFUSED_SHOWN).map(line).collect();
    if refused.len() > REFUSED_SHOWN {
        text.push_str(&format!("\n  and {} more", refused.len() - REFUSED_SHOWN));
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
    match surface(&survey)? {
        Surface::World => {
            let component = compile(shared, bytes)?;
            let plugin = link_world(shared, digest, &component)?;
            keep(shared, digest, &component, &[]);
            Ok(plugin)
        }
        Surface::Typed => load_typed(shared, digest, bytes, &survey),
    }
}

/// See [`crate::Sandbox::load_cached`].
pub(crate) fn load_cached(shared: &Arc<Shared>, digest: &str) -> Option<Plugin> {
    let (component, notes) = shared.cache.as_ref()?.get(&shared.engine, digest)?;
    if notes.is_empty() {
        return link_world(shared, digest, &component).ok();
    }
    let table: Table = serde_json::from_slice(&notes).ok()?;
    if table.adapter != typed::ADAPTER {
        return None;
    }
    link_typed(shared, digest, &component, table).ok()
}

fn load_typed(shared: &Arc<Shared>, digest: &str, bytes: &[u8], survey: &Survey) -> Result<Plugin, LoadError> {
    let table = typed::read(bytes, &survey.imports).map_err(LoadError::Invalid)?;
    match (table.tasks.is_empty(), table.refused.is_empty()) {
        (true, true) => return Err(LoadError::NoTasks(survey.exports.clone())),
        (true, false) => return Err(LoadError::NoCallable(table.refused)),
        _ => {}
    }
    let wrapped = typed::wrap(bytes, &table.tasks).map_err(LoadError::Invalid)?;
    let component = compile(shared, &wrapped)?;
    let notes = serde_json::to_vec(&table).expect("a table has no map keys but texts");
    let plugin = link_typed(shared, digest, &component, table)?;
    keep(shared, digest, &component, &notes);
    Ok(plugin)
}

fn compile(shared: &Arc<Shared>, bytes: &[u8]) -> Result<Component, LoadError> {
    Component::from_binary(&shared.engine, bytes).map_err(|error| LoadError::Invalid(format!("{error:#}")))
}

fn keep(shared: &Arc<Shared>, digest: &str, component: &Component, notes: &[u8]) {
    if let Some(cache) = &shared.cache {
        cache.put(digest, component, notes);
    }
}

/// Which of the two ways a component goes.
enum Surface {
    /// It describes its tasks itself.
    World,
    /// Its tasks are the functions it exports.
    Typed,
}

/// Whether its imports can be had, and which way its exports are called.
fn surface(survey: &Survey) -> Result<Surface, LoadError> {
    let world = survey.exports.iter().any(|export| export.starts_with(TASKS));
    if let (false, Some(other)) = (world, survey.exports.iter().find(|export| export.starts_with(TASKS_OF_ANY_VERSION))) {
        return Err(LoadError::NewerContract(other.clone()));
    }
    let unknown: Vec<_> = survey.imports.iter().filter(|import| !is_linked(import)).cloned().collect();
    if !unknown.is_empty() {
        return Err(LoadError::UnknownImports(unknown));
    }
    Ok(if world { Surface::World } else { Surface::Typed })
}

fn link_world(shared: &Arc<Shared>, digest: &str, component: &Component) -> Result<Plugin, LoadError> {
    let contract = |error: wasmtime::Error| LoadError::Contract(format!("{error:#}"));
    let pre = shared.linker.instantiate_pre(component).map_err(contract)?;
    Ok(Plugin::new(Arc::clone(shared), digest, Calls::World(TaskPre::new(pre).map_err(contract)?)))
}

fn link_typed(shared: &Arc<Shared>, digest: &str, component: &Component, table: Table) -> Result<Plugin, LoadError> {
    let pre = shared.linker.instantiate_pre(component).map_err(|error| LoadError::Contract(format!("{error:#}")))?;
    let typed = Typed::new(table, pre).ok_or_else(|| LoadError::Contract("the adapter around it is of another component".to_owned()))?;
    Ok(Plugin::new(Arc::clone(shared), digest, Calls::Typed(typed)))
}
