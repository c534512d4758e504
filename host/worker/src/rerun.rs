//! Repeating a run: which results the new run takes over, and which steps it does again.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use jackfield_flow::plan::{Plan, StepKind};
use jackfield_flow::run::{Beginning, ItemsAgain, Place, Run, RunId, Status};
use jackfield_flow::types::{Fields, Value};

use crate::ask::no_step;
use crate::error::WorkerError;
use crate::inspect::{LoadedRun, load_run};
use crate::scheduler::SCHEDULE_LABEL;
use crate::start::{Start, Started};
use crate::worker::{Worker, new_uid};

/// How a run is repeated.
#[derive(Clone, Debug, PartialEq)]
pub struct Rerun {
    /// What is done again.
    pub again: Again,
    /// Inputs that differ from those of the run that is repeated. Whatever reads one of them is done again.
    pub inputs: Arc<Fields>,
}

/// What is done again, and with it all that needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Again {
    /// These steps.
    From(Vec<String>),
    /// Of one `for-each` step these items, and those that are not done.
    Items {
        /// The step.
        step: String,
        /// The items, from 0.
        items: Vec<u32>,
    },
    /// Whatever is not done: of a `for-each` step, the items that are not.
    Failed,
    /// Nothing but what reads an input that differs.
    Changed,
}

impl Worker {
    /// Repeats an ended or unfinished run as a new run, which takes over every result that does not depend on what is done again.
    pub async fn rerun(&self, run: RunId, how: &Rerun) -> Result<Started, WorkerError> {
        let LoadedRun { run: old, row, .. } = load_run(self.shared.store.as_ref(), run).await?;
        let plan = Arc::clone(old.plan());
        let inputs = inputs_of(&old, &how.inputs)?;
        let (adopted, adopted_items) = taken_over(&old, how, &inputs)?;
        let directory = Arc::clone(old.directory());
        let priority = old.priority_given();
        let beginning = Beginning {
            rerun_of: Some(run),
            scheduled: old.scheduled(),
            priority,
            adopted,
            adopted_items,
            ..Beginning::new(new_uid(), inputs.clone(), Arc::clone(&directory))
        };
        // What the workflow computes is computed anew; what its starter said stays said.
        let computed: BTreeSet<&Arc<str>> = old.labels().iter().map(|(name, _)| name).collect();
        // The label of a schedule stays with the run that it started: what it has missed is what came after its last run.
        let labels = row.labels.iter().filter(|(name, _)| !computed.contains(name) && **name != *SCHEDULE_LABEL).cloned().collect();
        let start = Start { plan, inputs, directory: PathBuf::from(&*directory), client_key: None, labels, priority };
        self.begin(&start, beginning).await
    }
}

/// The inputs of the old run with those that differ, checked.
fn inputs_of(old: &Run, differ: &Fields) -> Result<Value, WorkerError> {
    if differ.is_empty() {
        return Ok(old.inputs().clone());
    }
    let mut given = match old.inputs() {
        Value::Map(fields) => Fields::clone(fields),
        _ => Fields::new(),
    };
    for (name, value) in differ.iter() {
        given.insert(Arc::clone(name), value.clone());
    }
    old.plan().inputs_from(&given).map_err(WorkerError::Inputs)
}

/// What a new run takes over of an old one: results of steps, and of items.
type TakenOver = (Vec<(u32, Option<Value>)>, Vec<(Place, Value)>);

fn taken_over(old: &Run, how: &Rerun, inputs: &Value) -> Result<TakenOver, WorkerError> {
    let plan = old.plan();
    let index =
        |name: &String| plan.step_named(name).filter(|step| plan.steps[*step].is_main()).ok_or_else(|| no_step(old.id(), plan, name));
    match &how.again {
        Again::From(names) => {
            let from = names.iter().map(index).collect::<Result<Vec<_>, _>>()?;
            Ok((old.adoptable_with(&from, inputs), Vec::new()))
        }
        Again::Changed => Ok((old.adoptable_with(&[], inputs), Vec::new())),
        Again::Items { step: name, items } => {
            let step = index(name)?;
            check_items(old, step, items)?;
            let adopted = old.adoptable_with(&[step], inputs);
            let kept = items_kept(old, how, &adopted, step, &ItemsAgain::These(items.clone()));
            Ok((adopted, kept))
        }
        Again::Failed => {
            if old.status() == Status::Done {
                let why = "it is done, and nothing of it failed; `--from STEP` says what to do again".to_owned();
                return Err(WorkerError::Refused { run: old.id(), why });
            }
            let adopted = old.adoptable_with(&[], inputs);
            let open = (0..plan.steps.len()).filter(|step| !is_in(&adopted, *step));
            let kept = open.flat_map(|step| items_kept(old, how, &adopted, step, &ItemsAgain::Failed)).collect();
            Ok((adopted, kept))
        }
    }
}

/// Items whose results are taken over: none when they could be others in the new run.
fn items_kept(old: &Run, how: &Rerun, adopted: &[(u32, Option<Value>)], step: usize, again: &ItemsAgain) -> Vec<(Place, Value)> {
    let same_before = old.plan().steps[step].needs.iter().all(|need| is_in(adopted, *need));
    if same_before && how.inputs.is_empty() { old.adoptable_items(step, again) } else { Vec::new() }
}

fn is_in(adopted: &[(u32, Option<Value>)], step: usize) -> bool {
    adopted.iter().any(|(known, _)| *known as usize == step)
}

fn check_items(old: &Run, step: usize, items: &[u32]) -> Result<(), WorkerError> {
    let refused = |why: String| Err(WorkerError::Refused { run: old.id(), why });
    let plan: &Plan = old.plan();
    let name = &plan.steps[step].name;
    if !matches!(plan.steps[step].kind, StepKind::ForEach { .. }) {
        return refused(format!("the step `{name}` has no items: it is no `for-each`"));
    }
    let count = old.counts(step).map_or(0, |counts| counts.total);
    match items.iter().find(|item| **item >= count) {
        Some(item) => refused(format!("the step `{name}` has no item {item}; it had {count}, the first is 0")),
        None => Ok(()),
    }
}
