//! What is known of a workflow beyond its text: its plugins, and what its steps answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_flow::definition::{Definition, FlowBody};
use jackfield_flow::plan::{self, Flows, Plugins, TaskSignature};
use jackfield_flow::types::Type;

use super::language::Context;

/// What the last check found out. It may be of an older text than the one that is looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// The plugins by name.
    pub(crate) plugins: Plugins,
    /// The sub-workflows that have files of their own, by path.
    pub(crate) files: Flows,
    /// What the steps answer.
    pub(crate) results: Results,
}

/// What the steps of a workflow answer, and those of the workflows written in place in it, each by its name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Results {
    steps: BTreeMap<Arc<str>, Type>,
    flows: BTreeMap<Arc<str>, Results>,
}

impl Results {
    fn of(definition: &Definition, plugins: &Plugins, files: &Flows) -> Self {
        let inline = definition.flows.iter().filter_map(|flow| match &flow.body {
            FlowBody::Inline(inner) => Some((flow.name.value.clone(), Self::of(inner, plugins, files))),
            FlowBody::File(_) => None,
        });
        Self { steps: plan::results(definition, plugins, files), flows: inline.collect() }
    }
}

impl Known {
    /// What a definition and its plugins tell.
    pub(crate) fn of(definition: &Definition, plugins: Plugins, files: Flows) -> Self {
        Self { results: Results::of(definition, &plugins, &files), plugins, files }
    }

    /// What a step answers.
    pub(crate) fn result(&self, context: &Context<'_>, step: &str) -> Option<&Type> {
        context.flows.iter().try_fold(&self.results, |results, flow| results.flows.get(*flow))?.steps.get(step)
    }

    /// The tasks of a plugin.
    pub(crate) fn tasks(&self, plugin: &str) -> &[TaskSignature] {
        self.plugins.get(plugin).and_then(|info| info.as_ref().ok()).map_or(&[], |info| &info.tasks)
    }

    /// The task that `PLUGIN.TASK` names.
    pub(crate) fn task(&self, name: &str) -> Option<&TaskSignature> {
        let (plugin, task) = name.split_once('.')?;
        self.tasks(plugin).iter().find(|signature| &*signature.name == task)
    }

    /// The task that is called where the place is.
    pub(crate) fn task_at(&self, context: &Context<'_>) -> Option<&TaskSignature> {
        self.task(context.action?.get("task")?.text()?)
    }
}

/// The first line of a documentation.
pub(crate) fn first_line(docs: &str) -> &str {
    docs.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}

/// A type within a type: what the names lead to, nothing standing for an item of a list.
pub(crate) fn within<'t>(ty: &'t Type, path: &[Option<&str>]) -> Option<&'t Type> {
    path.iter().try_fold(ty.unwrapped(), |ty, step| match (ty, step) {
        (Type::Record(record), Some(name)) => record.field(name).map(|field| field.ty.unwrapped()),
        (Type::Map(value), Some(_)) => Some(value.unwrapped()),
        (Type::List(item), None) => Some(item.unwrapped()),
        _ => None,
    })
}
