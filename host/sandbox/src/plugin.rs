//! Plugins: from bytes to something that can be called.

mod cache;
mod describe;
mod identify;
mod load;
mod precheck;

use std::fmt;
use std::sync::Arc;

use wasmtime::component::types::ComponentItem;

pub(crate) use cache::CodeCache;
pub use describe::{DescribeError, RawCapability, RawErrorInfo, RawTaskInfo};
pub use identify::NotAComponent;
pub use load::{LoadError, digest_of};
pub(crate) use load::{load, load_cached};
pub use precheck::{Measure, TooLarge};

use crate::bindings::TaskPre;
use crate::sandbox::Shared;
use crate::state::State;
use crate::typed::{RefusedExport, Typed};

/// A compiled component with tasks, ready to be instantiated. Cheap to clone.
#[derive(Clone)]
pub struct Plugin {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    digest: String,
    imports: Vec<String>,
    calls: Calls,
}

/// How its tasks are called.
pub(crate) enum Calls {
    /// By the task world: one function that takes a name and JSON text.
    World(TaskPre<State>),
    /// By typed exports: a function for each task.
    Typed(Typed),
}

impl Plugin {
    fn new(shared: Arc<Shared>, digest: &str, calls: Calls) -> Self {
        let component = match &calls {
            Calls::World(pre) => pre.instance_pre().component(),
            Calls::Typed(typed) => typed.pre.component(),
        };
        let imports = component.component_type();
        let interfaces = imports.imports(&shared.engine).filter(|(_, item)| !matches!(item.ty, ComponentItem::Type(_)));
        let imports = interfaces.map(|(name, _)| name.to_owned()).collect();
        Self { inner: Arc::new(Inner { shared, digest: digest.to_owned(), imports, calls }) }
    }

    /// The digest it was loaded by.
    pub fn digest(&self) -> &str {
        &self.inner.digest
    }

    /// The interfaces it imports, such as `wasi:http/outgoing-handler@0.2.3`.
    ///
    /// Imports are not wishes: runtimes import most of WASI whether the author uses it or not. A component that imports
    /// no WASI at all makes the strongest statement a plugin can make.
    pub fn imports(&self) -> &[String] {
        &self.inner.imports
    }

    /// Exported functions that cannot be tasks, and why. Empty for a plugin of the task world.
    pub fn refused(&self) -> &[RefusedExport] {
        match &self.inner.calls {
            Calls::World(_) => &[],
            Calls::Typed(typed) => &typed.table.refused,
        }
    }

    pub(crate) fn calls(&self) -> &Calls {
        &self.inner.calls
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.inner.shared
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin").field("digest", &self.inner.digest).finish_non_exhaustive()
    }
}

/// Whether a text can name a task: 1 to 64 characters of `a-z`, `0-9` and `-`, beginning with a letter.
pub(crate) fn is_task_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}
