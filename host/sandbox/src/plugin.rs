//! Plugins: from bytes to something that can be called.

mod cache;
mod describe;
mod identify;
mod load;
mod precheck;

use std::fmt;
use std::sync::Arc;

pub(crate) use cache::CodeCache;
pub use describe::{DescribeError, RawCapability, RawErrorInfo, RawTaskInfo};
pub use identify::NotAComponent;
pub use load::{LoadError, digest_of};
pub(crate) use load::{load, load_cached};
pub use precheck::{Measure, TooLarge};

use crate::bindings::TaskPre;
use crate::sandbox::Shared;
use crate::state::State;

/// A compiled component with tasks, ready to be instantiated. Cheap to clone.
#[derive(Clone)]
pub struct Plugin {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    digest: String,
    imports: Vec<String>,
    pre: TaskPre<State>,
}

impl Plugin {
    fn new(shared: Arc<Shared>, digest: &str, pre: TaskPre<State>) -> Self {
        let component = pre.instance_pre().component();
        let imports = component.component_type().imports(&shared.engine).map(|(name, _)| name.to_owned()).collect();
        Self { inner: Arc::new(Inner { shared, digest: digest.to_owned(), imports, pre }) }
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

    pub(crate) fn pre(&self) -> &TaskPre<State> {
        &self.inner.pre
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
