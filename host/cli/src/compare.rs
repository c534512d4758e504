//! What is different between two runs.

mod value;

use std::sync::Arc;

use jackfield_flow::run::{Failure, Run, RunId, Status, StepView};
use jackfield_flow::types::Value;
use jackfield_worker::LoadedRun;
use serde::Serialize;

pub(crate) use value::{Differences, Side, differences};

/// Two runs side by side.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    /// Whether nothing is different. Times make no difference.
    pub(crate) equal: bool,
    pub(crate) runs: Both<RunId>,
    pub(crate) workflow: Both<Arc<str>>,
    pub(crate) status: Both<Status>,
    pub(crate) took_ms: Both<Option<u64>>,
    /// Digests of the plans.
    pub(crate) plan: Both<String>,
    /// Plugins that are not the same, by their names in the workflow.
    pub(crate) plugins: Vec<PluginDifference>,
    pub(crate) inputs: Differences,
    /// All steps of both plans, by name.
    pub(crate) steps: Vec<StepDifference>,
    pub(crate) outputs: Differences,
}

/// The same thing of both runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Both<T> {
    pub(crate) left: T,
    pub(crate) right: T,
}

impl<T: PartialEq> Both<T> {
    /// Whether it is the same.
    pub(crate) fn same(&self) -> bool {
        self.left == self.right
    }
}

/// A plugin that is not the same.
#[derive(Debug, Serialize)]
pub(crate) struct PluginDifference {
    pub(crate) name: Arc<str>,
    /// Its digest; nothing where the workflow has no plugin of this name.
    pub(crate) digest: Both<Option<String>>,
}

/// A step of either plan.
#[derive(Debug, Serialize)]
pub(crate) struct StepDifference {
    pub(crate) name: Arc<str>,
    /// Whether nothing of it is different.
    pub(crate) equal: bool,
    /// Nothing where the plan has no step of this name, here and below.
    pub(crate) task: Both<Option<String>>,
    pub(crate) status: Both<Option<Status>>,
    pub(crate) attempts: Both<Option<u32>>,
    pub(crate) took_ms: Both<Option<u64>>,
    /// `CODE: MESSAGE`.
    pub(crate) failure: Both<Option<String>>,
    pub(crate) results: Differences,
}

impl Comparison {
    /// Compares two runs as they stand.
    pub(crate) fn new(loaded_left: &LoadedRun, loaded_right: &LoadedRun) -> Self {
        let (left, right) = (&loaded_left.run, &loaded_right.run);
        let took = |run: &Run| run.ended().map(|ended| ended.since(run.began()));
        let mut compared = Self {
            equal: false,
            runs: both(left, right, Run::id),
            workflow: both(left, right, |run| Arc::clone(&run.plan().workflow)),
            status: both(left, right, Run::status),
            took_ms: both(left, right, took),
            plan: Both { left: loaded_left.row.plan.to_string(), right: loaded_right.row.plan.to_string() },
            plugins: plugins(left, right),
            inputs: differences(Some(left.inputs()), Some(right.inputs())),
            steps: steps(left, right),
            outputs: differences(left.outputs(), right.outputs()),
        };
        let values = [&compared.inputs, &compared.outputs];
        compared.equal = compared.workflow.same()
            && compared.status.same()
            && compared.plan.same()
            && values.iter().all(|values| values.is_empty())
            && compared.steps.iter().all(|step| step.equal);
        compared
    }
}

fn both<T>(left: &Run, right: &Run, of: impl Fn(&Run) -> T) -> Both<T> {
    Both { left: of(left), right: of(right) }
}

fn plugins(left: &Run, right: &Run) -> Vec<PluginDifference> {
    let names = in_order(left.plan().plugins.iter().chain(&right.plan().plugins).map(|plugin| &plugin.name));
    let digest = |run: &Run, name: &str| {
        let pinned = run.plan().plugins.iter().find(|plugin| *plugin.name == *name);
        pinned.map(|plugin| plugin.digest.to_string())
    };
    let compared = names.into_iter().map(|name| PluginDifference { digest: both(left, right, |run| digest(run, &name)), name });
    compared.filter(|plugin| !plugin.digest.same()).collect()
}

fn steps(left: &Run, right: &Run) -> Vec<StepDifference> {
    let views = Both { left: left.steps(), right: right.steps() };
    let find = |views: &[StepView], name: &str| views.iter().position(|view| *view.name == *name);
    let names = in_order(views.left.iter().chain(&views.right).map(|view| &view.name));
    let compare = |name: Arc<str>| {
        let at = Both { left: find(&views.left, &name), right: find(&views.right, &name) };
        let view = Both { left: at.left.map(|at| &views.left[at]), right: at.right.map(|at| &views.right[at]) };
        let result = Both { left: at.left.and_then(|at| left.result(at)), right: at.right.and_then(|at| right.result(at)) };
        step(name, &view, &result)
    };
    names.into_iter().map(compare).collect()
}

fn step(name: Arc<str>, view: &Both<Option<&StepView>>, result: &Both<Option<&Value>>) -> StepDifference {
    let failed = |view: &StepView| view.failure.as_ref().map(|failure: &Failure| format!("{}: {}", failure.code, failure.message));
    let took = |view: &StepView| Some(view.ended?.since(view.began?));
    let mut compared = StepDifference {
        name,
        equal: false,
        task: Both { left: view.left.map(|view| view.task.clone()), right: view.right.map(|view| view.task.clone()) },
        status: Both { left: view.left.map(|view| view.status), right: view.right.map(|view| view.status) },
        attempts: Both { left: view.left.map(|view| view.attempts), right: view.right.map(|view| view.attempts) },
        took_ms: Both { left: view.left.and_then(took), right: view.right.and_then(took) },
        failure: Both { left: view.left.and_then(failed), right: view.right.and_then(failed) },
        results: differences(result.left, result.right),
    };
    compared.equal = compared.task.same()
        && compared.status.same()
        && compared.attempts.same()
        && compared.failure.same()
        && compared.results.is_empty();
    compared
}

/// Names, each once, in the order in which they come.
fn in_order<'a>(names: impl Iterator<Item = &'a Arc<str>>) -> Vec<Arc<str>> {
    let mut seen = std::collections::BTreeSet::new();
    names.filter(|name| seen.insert(Arc::clone(name))).cloned().collect()
}
