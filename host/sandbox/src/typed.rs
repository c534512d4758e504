//! Typed exports: a component whose exported functions use value types is a plugin as it is.
//!
//! 1. `read` takes tasks, types and docs from the component's WIT, without running it; what cannot be a task is refused
//!    with a reason.
//! 2. `wrap` puts the component beside a small adapter of our own, in one component. A call then takes a whole argument
//!    list as one `list<u8>`, laid out as the canonical ABI wants it in memory, and answers the result the same way: nothing
//!    passes through values of the component model one by one, and bytes and texts are copied in bulk.
//! 3. `encode` and `decode` translate between JSON and that layout; `call` is one call, `outcome` what an error means.

mod adapter;
mod call;
mod decode;
mod encode;
mod outcome;
mod path;
mod read;
mod schema;
mod shape;
mod types;
mod wrap;

use serde::{Deserialize, Serialize};
use wasmtime::component::{ComponentExportIndex, InstancePre};

pub(crate) use call::{CallError, call};
pub(crate) use read::read;
pub(crate) use wrap::wrap;

use crate::plugin::RawTaskInfo;
use crate::state::State;
use shape::{Member, Shape};

/// Which adapter this is: raised whenever the adapter, or how values lie in its memory, changes. Compiled code with another
/// number is made anew.
pub(crate) const ADAPTER: u32 = 2;

/// What is known of a component's typed exports. Kept beside its compiled code.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Table {
    /// The adapter it was wrapped with: [`ADAPTER`].
    pub(crate) adapter: u32,
    /// The functions that are tasks. The adapter exports the one at `n` as `f` and `n`.
    pub(crate) tasks: Vec<TypedTask>,
    /// The functions that are none.
    pub(crate) refused: Vec<RefusedExport>,
}

/// An exported function that is a task.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TypedTask {
    /// What a workflow sees of it.
    pub(crate) info: RawTaskInfo,
    /// The interface that exports it; a function of the world itself without.
    interface: Option<String>,
    /// Its name in the WIT.
    function: String,
    params: Vec<Member>,
    answer: Answer,
    /// Whether the same input always gives the same answer, because the component imports nothing with effects.
    pure: bool,
}

/// What a function gives back.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Answer {
    /// Nothing.
    Nothing,
    /// A value.
    Value(Shape),
    /// A value, or an error that fails the step.
    Result(Shape),
}

/// An exported function that cannot be a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedExport {
    /// The function, with the interface that exports it: `ns:pkg/iface#function`.
    pub function: String,
    /// Why: names the type.
    pub reason: String,
}

/// A wrapped component, ready to be instantiated.
pub(crate) struct Typed {
    pub(crate) table: Table,
    pub(crate) pre: InstancePre<State>,
    /// The adapter's function of each task.
    exports: Vec<ComponentExportIndex>,
}

impl Typed {
    /// A wrapped component with its table. Nothing when they are not of each other.
    pub(crate) fn new(table: Table, pre: InstancePre<State>) -> Option<Self> {
        let export = |at: usize| Some(pre.component().get_export(None, wrap::export_name(at))?.1);
        let exports = (0..table.tasks.len()).map(export).collect::<Option<_>>()?;
        Some(Self { table, pre, exports })
    }

    /// The task of a name, and the adapter's function for it.
    fn task(&self, name: &str) -> Option<(&TypedTask, &ComponentExportIndex)> {
        let at = self.table.tasks.iter().position(|task| task.info.name == name)?;
        Some((&self.table.tasks[at], &self.exports[at]))
    }
}

#[cfg(test)]
mod tests;
