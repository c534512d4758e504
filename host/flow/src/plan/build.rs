//! Definition + task signatures + sub-workflows → plan, with every edge checked on the way.

mod action;
mod body;
mod circles;
mod flows;
mod handlers;
mod modifiers;
mod promises;
mod schedules;
mod step;
mod template;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use flows::{FLOW_DEPTH_MAX, PLAN_STEPS_MAX};

use super::check::{Checker, Names, Reach};
use super::digest::Digest;
use super::lint;
use super::model::{Concurrency, PLAN_FORMAT, PinnedPlugin, Plan, PlanInput, PlanOutput, PlanStep, PlanTask, PlanTemplate, WhenBusy};
use super::signature::TaskSignature;
use crate::definition::{Code, Definition, Diagnostic, InputDef, Severity};
use crate::types::{Type, Value};

/// What is known of an installed plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct PluginInfo {
    /// The digest of its component.
    pub digest: Digest,
    /// Its tasks.
    pub tasks: Vec<TaskSignature>,
}

/// Plugins by their names in the workflow; an `Err` says why one cannot be had.
pub type Plugins = BTreeMap<Arc<str>, Result<Arc<PluginInfo>, String>>;

/// Plans of the sub-workflows that have files of their own, by their paths as the file writes them (see
/// [`flow_files`](crate::definition::flow_files)); an `Err` says why one cannot be had.
pub type Flows = BTreeMap<Arc<str>, Result<Arc<Plan>, String>>;

/// Builds the plan, or says all that is wrong. Warnings come with a plan too.
pub fn build(definition: &Definition, plugins: &Plugins, flows: &Flows) -> (Option<Plan>, Vec<Diagnostic>) {
    let world = World { plugins, files: flows };
    let built = Builder::new(definition, world, Standing::File).finish();
    let diagnostics = built.problems;
    let sound = !diagnostics.iter().any(|problem| problem.code.severity() == Severity::Error);
    (built.plan.filter(|_| sound), diagnostics)
}

/// The types of what the steps answer, as far as they are known although there are errors: for those who help to write a workflow.
pub fn results(definition: &Definition, plugins: &Plugins, flows: &Flows) -> BTreeMap<Arc<str>, Type> {
    let mut builder = Builder::new(definition, World { plugins, files: flows }, Standing::File);
    // The plan is nobody's business here; what is left of making it is.
    drop(builder.plan());
    let names = definition.steps.iter().map(|step| step.name.value.clone());
    names.zip(builder.checker.results()).filter(|(_, ty)| **ty != Type::Never).map(|(name, ty)| (name, ty.clone())).collect()
}

/// What all workflows of one file share.
#[derive(Clone, Copy)]
struct World<'a> {
    plugins: &'a Plugins,
    files: &'a Flows,
}

/// Where a workflow stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It is the file.
    File,
    /// It is written in place, in another one.
    Inline,
}

/// A workflow that was looked at.
struct Built {
    /// Nothing when something is missing; with errors among the problems it must not be run.
    plan: Option<Plan>,
    problems: Vec<Diagnostic>,
    /// The plugins that its steps use.
    plugins_used: BTreeSet<Arc<str>>,
}

struct Builder<'a> {
    definition: &'a Definition,
    world: World<'a>,
    standing: Standing,
    checker: Checker<'a>,
    plugins: Vec<PinnedPlugin>,
    plugins_used: BTreeSet<Arc<str>>,
    tasks: Vec<PlanTask>,
    task_index: BTreeMap<(Arc<str>, Arc<str>), usize>,
    flows: flows::FlowTable,
    /// The steps that belong to others, in their final order.
    hidden: Vec<Option<PlanStep>>,
    /// For each step the index in `hidden` of the first that belongs to it.
    first_hidden: Vec<usize>,
}

impl<'a> Builder<'a> {
    fn new(definition: &'a Definition, world: World<'a>, standing: Standing) -> Self {
        let mut first_hidden = Vec::with_capacity(definition.steps.len());
        let mut count = 0;
        for step in &definition.steps {
            first_hidden.push(count);
            count += handlers::hidden_steps(step);
        }
        Self {
            definition,
            world,
            standing,
            checker: Checker::new(definition),
            plugins: Vec::new(),
            plugins_used: BTreeSet::new(),
            tasks: Vec::new(),
            task_index: BTreeMap::new(),
            flows: flows::FlowTable::default(),
            hidden: vec![None; count],
            first_hidden,
        }
    }

    fn finish(mut self) -> Built {
        let plan = self.plan();
        Built { plan, problems: self.checker.into_problems(), plugins_used: self.plugins_used }
    }

    fn plan(&mut self) -> Option<Plan> {
        self.report_plugins();
        self.read_flows();
        let (needs, order) = self.order();
        let mut built: Vec<Option<PlanStep>> = vec![None; self.definition.steps.len()];
        for index in order {
            built[index] = self.step(index, needs[index].clone());
        }
        let labels = self.labels();
        let concurrency = self.concurrency();
        let schedules = self.schedules();
        self.checker.read_outputs();
        let outputs = self.outputs();
        lint::definition(self.definition, &mut self.checker);
        if self.standing == Standing::File {
            lint::locks(self.definition, &mut self.checker);
        }
        lint::unused_results(self.definition, &built, &mut self.checker);
        self.report_unused();
        let mut steps: Vec<PlanStep> = built.into_iter().collect::<Option<_>>()?;
        steps.extend(std::mem::take(&mut self.hidden).into_iter().collect::<Option<Vec<_>>>()?);
        Some(Plan {
            format: PLAN_FORMAT,
            workflow: self.definition.name.value.clone(),
            inputs: self.definition.inputs.iter().map(plan_input).collect(),
            plugins: std::mem::take(&mut self.plugins),
            tasks: std::mem::take(&mut self.tasks),
            flows: self.flows.take(),
            steps,
            outputs,
            labels,
            concurrency,
            priority: self.definition.priority.unwrap_or(0),
            retain_ms: self.definition.retain_ms,
            schedules,
        })
    }

    /// Pins what the file names, and says which of it cannot be had.
    fn report_plugins(&mut self) {
        if self.standing == Standing::Inline {
            return;
        }
        for plugin in &self.definition.plugins {
            match self.world.plugins.get(&plugin.name.value) {
                Some(Ok(info)) => self.plugins.push(PinnedPlugin { name: plugin.name.value.clone(), digest: info.digest }),
                Some(Err(why)) => self.checker.problem(Diagnostic::new(Code::BadPlugin, plugin.location.span, why.clone())),
                None => self.checker.problem(Diagnostic::new(Code::BadPlugin, plugin.location.span, "the plugin was not looked up")),
            }
        }
    }

    /// The index of a plugin among those of the plan; a workflow written in place has those that it uses.
    fn plugin(&mut self, name: &Arc<str>) -> Option<usize> {
        if let Some(index) = self.plugins.iter().position(|plugin| plugin.name == *name) {
            return Some(index);
        }
        let digest = self.world.plugins.get(name)?.as_ref().ok()?.digest;
        self.plugins.push(PinnedPlugin { name: name.clone(), digest });
        Some(self.plugins.len() - 1)
    }

    fn labels(&mut self) -> Vec<(Arc<str>, PlanTemplate)> {
        let mut labels = Vec::new();
        for label in &self.definition.labels {
            let what = format!("the label `{}`", label.name.value);
            let names = Names { reach: Reach::Inputs { what: &what }, ..Names::all() };
            self.checker.expect_type(&label.value, &Type::String, &names, &format!("labels.{}", label.name.value));
            labels.push((label.name.value.clone(), PlanTemplate::from(&label.value)));
        }
        labels
    }

    fn concurrency(&mut self) -> Option<Concurrency> {
        let concurrency = self.definition.concurrency.as_ref()?;
        if let Some(key) = &concurrency.key {
            let names = Names { reach: Reach::Inputs { what: "`concurrency.key`" }, ..Names::all() };
            self.checker.expect_type(key, &Type::String, &names, "concurrency.key");
        }
        Some(Concurrency {
            key: concurrency.key.as_ref().map_or_else(|| PlanTemplate::Value(Value::string("")), PlanTemplate::from),
            limit: concurrency.limit.unwrap_or(1),
            when_busy: concurrency.when_busy.unwrap_or(WhenBusy::Queue),
        })
    }

    fn outputs(&mut self) -> Vec<PlanOutput> {
        let mut outputs = Vec::new();
        for output in &self.definition.outputs {
            let Some(ty) = self.checker.infer(&output.value, &Names::all()) else { continue };
            outputs.push(PlanOutput { name: output.name.value.clone(), value: PlanTemplate::from(&output.value), ty });
        }
        outputs
    }

    fn report_unused(&mut self) {
        self.checker.report_unused_inputs();
        self.report_unused_flows();
        if self.standing == Standing::Inline {
            return;
        }
        for plugin in &self.definition.plugins {
            if !self.plugins_used.contains(&plugin.name.value) {
                let message = format!("no step uses the plugin `{}`", plugin.name.value);
                self.checker.problem(Diagnostic::new(Code::UnusedPlugin, plugin.name.span, message).help("remove the line"));
            }
        }
    }
}

fn plan_input(input: &InputDef) -> PlanInput {
    PlanInput {
        name: input.name.value.clone(),
        ty: input.ty.clone(),
        default: input.default.clone(),
        description: input.description.clone(),
    }
}

/// A name as expressions spell it: `per-year` is `per_year`.
pub fn ident(name: &str) -> Arc<str> {
    Arc::from(name.replace('-', "_"))
}
