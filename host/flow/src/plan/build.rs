//! Definition + task signatures → plan, with every edge checked on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::check::Checker;
use super::digest::Digest;
use super::effective::effective;
use super::graph;
use super::model::{
    Action, Call, OnItemError, PLAN_FORMAT, PinnedPlugin, Plan, PlanInput, PlanOutput, PlanStep, PlanTask, PlanTemplate, Retry, Role,
    StepKind, Timeout,
};
use super::signature::TaskSignature;
use crate::definition::{Backoff, Code, Definition, Diagnostic, Jitter, Modifiers, Severity, StepDef, Template};
use crate::types::{Type, did_you_mean};

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

/// How long an attempt may take when nobody says, in milliseconds.
const TIMEOUT_MS_DEFAULT: u64 = 30_000;
/// How many items run at once when nobody says.
const PARALLEL_DEFAULT: u32 = 32;

/// Builds the plan, or says all that is wrong. Warnings come with a plan too.
pub fn build(definition: &Definition, plugins: &Plugins) -> (Option<Plan>, Vec<Diagnostic>) {
    let mut builder = Builder { definition, plugins, checker: Checker::new(definition), tasks: Vec::new(), task_index: BTreeMap::new() };
    let plan = builder.plan();
    let diagnostics = builder.checker.into_problems();
    let sound = !diagnostics.iter().any(|problem| problem.code.severity() == Severity::Error);
    (plan.filter(|_| sound), diagnostics)
}

struct Builder<'a> {
    definition: &'a Definition,
    plugins: &'a Plugins,
    checker: Checker<'a>,
    tasks: Vec<PlanTask>,
    task_index: BTreeMap<(Arc<str>, Arc<str>), usize>,
}

impl<'a> Builder<'a> {
    fn plan(&mut self) -> Option<Plan> {
        self.report_plugins();
        let steps = &self.definition.steps;
        let mut needs = self.checker.needs(steps);
        let order = loop {
            match graph::order(&needs) {
                Ok(order) => break order,
                Err(circle) => {
                    self.report_circle(&circle);
                    circle.iter().for_each(|step| self.checker.add_unknown(&steps[*step]));
                    // Broken at one place, so that other circles and the types are checked as well.
                    needs[circle[0]].retain(|need| !circle.contains(need));
                }
            }
        };
        let mut built: Vec<Option<PlanStep>> = vec![None; steps.len()];
        for index in order {
            let step = self.step(&steps[index], needs[index].clone());
            let output = step.as_ref().map(|step| step.output.clone());
            self.checker.add_step(&steps[index], output);
            built[index] = step;
        }
        let outputs = self.outputs();
        self.checker.report_unused();
        let steps: Option<Vec<PlanStep>> = built.into_iter().collect();
        Some(Plan {
            format: PLAN_FORMAT,
            workflow: self.definition.name.value.clone(),
            inputs: self.inputs(),
            plugins: self.pinned()?,
            tasks: std::mem::take(&mut self.tasks),
            flows: Vec::new(),
            steps: steps?,
            outputs,
            labels: Vec::new(),
            concurrency: None,
            priority: 0,
            retain_ms: None,
        })
    }

    fn report_plugins(&mut self) {
        for plugin in &self.definition.plugins {
            match self.plugins.get(&plugin.name.value) {
                Some(Ok(_)) => {}
                Some(Err(why)) => self.checker.problem(Diagnostic::new(Code::BadPlugin, plugin.location.span, why.clone())),
                None => self.checker.problem(Diagnostic::new(Code::BadPlugin, plugin.location.span, "the plugin was not looked up")),
            }
            if !self.definition.steps.iter().any(|step| step.task.plugin == plugin.name.value) {
                let message = format!("no step uses the plugin `{}`", plugin.name.value);
                self.checker.problem(Diagnostic::new(Code::UnusedPlugin, plugin.name.span, message).help("remove the line"));
            }
        }
    }

    fn report_circle(&mut self, circle: &[usize]) {
        let steps = &self.definition.steps;
        let names: Vec<&str> = circle.iter().chain(circle.first()).map(|step| &*steps[*step].name.value).collect();
        let mut problem = Diagnostic::new(
            Code::Cycle,
            steps[circle[0]].name.span,
            format!("steps wait for each other in a circle: {}", names.join(" → ")),
        )
        .help("remove one of these references, or one of the `needs`");
        for step in &circle[1..] {
            problem = problem.label(steps[*step].name.span, "part of the circle");
        }
        self.checker.problem(problem);
    }

    fn inputs(&self) -> Vec<PlanInput> {
        let input = |input: &crate::definition::InputDef| PlanInput {
            name: input.name.value.clone(),
            ty: input.ty.clone(),
            default: input.default.clone(),
            description: input.description.clone(),
        };
        self.definition.inputs.iter().map(input).collect()
    }

    fn pinned(&self) -> Option<Vec<PinnedPlugin>> {
        let used = self.definition.plugins.iter().map(|plugin| {
            let info = self.plugins.get(&plugin.name.value)?.as_ref().ok()?;
            Some(PinnedPlugin { name: plugin.name.value.clone(), digest: info.digest })
        });
        used.collect()
    }

    fn outputs(&mut self) -> Vec<PlanOutput> {
        let mut outputs = Vec::new();
        for output in &self.definition.outputs {
            let Some(ty) = self.checker.infer(&output.value, None) else { continue };
            outputs.push(PlanOutput { name: output.name.value.clone(), value: PlanTemplate::from(&output.value), ty });
        }
        outputs
    }

    fn step(&mut self, step: &StepDef, needs: Vec<usize>) -> Option<PlanStep> {
        let item = step.for_each.as_ref().map(|for_each| self.checker.items(&for_each.items));
        if let Some(condition) = &step.condition {
            self.checker.condition(condition);
        }
        let Some(signature) = self.signature(step) else {
            // The task is unknown; what stands in `with` can still be read and its references checked.
            if let Some(with) = &step.with {
                self.checker.infer(with, item.as_ref());
            }
            return None;
        };
        self.checker.call(step, &signature, item.as_ref());
        let (grant, effect) = self.grant(step, &signature);
        let with = step.with.as_ref().map_or_else(PlanTemplate::empty, PlanTemplate::from);
        let action = Action::Task(Call { task: self.task(step, &signature)?, with, grant, effect });
        let mut output = signature.output.clone();
        let kind = match &step.for_each {
            None => StepKind::One(action),
            Some(for_each) => {
                output = Type::List(Arc::new(output));
                let max_parallel = for_each.max_parallel.unwrap_or(PARALLEL_DEFAULT);
                StepKind::ForEach { items: PlanTemplate::from(&for_each.items), max_parallel, on_item_error: OnItemError::Fail, action }
            }
        };
        if step.condition.is_some() {
            output = Type::option(output);
        }
        let modifiers = Modifiers {
            timeout_ms: step.modifiers.timeout_ms.or(self.definition.defaults.timeout_ms),
            retry: step.modifiers.retry.or(self.definition.defaults.retry),
        };
        Some(PlanStep {
            name: step.name.value.clone(),
            ident: ident(&step.name.value),
            role: Role::Main,
            needs,
            condition: step.condition.as_ref().map(PlanTemplate::from),
            kind,
            timeout: Timeout { attempt_ms: modifiers.timeout_ms.unwrap_or(TIMEOUT_MS_DEFAULT), total_ms: None },
            retry: retry(&modifiers),
            on_error: Vec::new(),
            finally: None,
            compensate: None,
            lock: None,
            rate: None,
            cache: false,
            at_most_once: false,
            priority: 0,
            output,
        })
    }

    /// The signature of a step's task, or a problem that names what there is.
    fn signature(&mut self, step: &StepDef) -> Option<TaskSignature> {
        let (plugin, task) = (&step.task.plugin, &step.task.task);
        let info = match self.plugins.get(plugin) {
            Some(info) => info.as_ref().ok()?,
            None => {
                let near = did_you_mean(plugin, self.plugins.keys().map(|name| &**name));
                let help = near.map_or_else(|| format!("add `{plugin}: PATH` under `plugins:`"), |near| format!("did you mean `{near}`?"));
                let message = format!("no plugin is named `{plugin}`");
                self.checker.problem(Diagnostic::new(Code::UnknownName, step.task.span, message).help(help));
                return None;
            }
        };
        let found = info.tasks.iter().find(|signature| signature.name == *task);
        if found.is_none() {
            let names = || info.tasks.iter().map(|signature| &*signature.name);
            let help = did_you_mean(task, names()).map_or_else(
                || format!("it has: {}", names().collect::<Vec<_>>().join(", ")),
                |near| format!("did you mean `{plugin}.{near}`?"),
            );
            let message = format!("the plugin `{plugin}` has no task `{task}`");
            self.checker.problem(Diagnostic::new(Code::UnknownName, step.task.span, message).help(help));
        }
        found.cloned()
    }

    fn task(&mut self, step: &StepDef, signature: &TaskSignature) -> Option<usize> {
        let key = (step.task.plugin.clone(), signature.name.clone());
        if let Some(index) = self.task_index.get(&key) {
            return Some(*index);
        }
        let plugin = self.definition.plugins.iter().position(|plugin| plugin.name.value == step.task.plugin)?;
        self.tasks.push(PlanTask {
            plugin,
            name: signature.name.clone(),
            input: signature.input.clone(),
            output: signature.output.clone(),
        });
        self.task_index.insert(key, self.tasks.len() - 1);
        Some(self.tasks.len() - 1)
    }

    fn grant(&mut self, step: &StepDef, signature: &TaskSignature) -> (super::grant::Grant, super::signature::Effect) {
        let given = step.grant.as_ref().map(|grant| grant.value.clone()).unwrap_or_default();
        let (grant, missing, needless) = effective(&signature.asks, &given);
        for missing in missing {
            let capability = missing.capability;
            let message = format!(
                "step `{}` does not grant `{}`, which `{}.{}` needs{}",
                step.name.value,
                capability.name,
                step.task.plugin,
                signature.name,
                if capability.docs.is_empty() { String::new() } else { format!(": {}", capability.docs) },
            );
            let place = step.grant.as_ref().map_or(step.task.span, |grant| grant.span);
            self.checker.problem(
                Diagnostic::new(Code::MissingGrant, place, message).help(format!("add to the step: `grant: {{ {} }}`", missing.line)),
            );
        }
        for kind in needless {
            let place = step.grant.as_ref().map_or(step.task.span, |grant| grant.span);
            let message = format!("`{}.{}` never asked for `{kind}`; it is not given", step.task.plugin, signature.name);
            self.checker.problem(Diagnostic::new(Code::NeedlessGrant, place, message).help("remove it from `grant`"));
        }
        let effect = grant.effect();
        (grant, effect)
    }
}

/// A name as expressions spell it: `per-year` is `per_year`.
pub fn ident(name: &str) -> Arc<str> {
    Arc::from(name.replace('-', "_"))
}

/// What is said of retries, with what nobody said. Who says nothing at all gets one attempt: to try an effect again is the author's decision.
fn retry(modifiers: &Modifiers) -> Retry {
    let said = modifiers.retry;
    let nothing_said = said == crate::definition::RetryDef::default();
    Retry {
        attempts: said.attempts.unwrap_or(if nothing_said { 1 } else { 3 }),
        backoff: said.backoff.unwrap_or(Backoff::Exponential),
        first_ms: said.first_ms.unwrap_or(1_000),
        max_ms: said.max_ms.unwrap_or(60_000),
        jitter: said.jitter.unwrap_or(Jitter::Full),
        on: Vec::new(),
    }
}

impl PlanTemplate {
    fn empty() -> Self {
        Self::Value(crate::types::Value::Map(Arc::default()))
    }
}

impl From<&Template> for PlanTemplate {
    fn from(template: &Template) -> Self {
        use crate::definition::TemplateKind;
        match &template.kind {
            TemplateKind::Literal(value) => Self::Value(value.clone()),
            TemplateKind::Expr(at) => Self::Expr(at.expr.clone()),
            TemplateKind::List(items) => Self::List(items.iter().map(Self::from).collect()).folded(),
            TemplateKind::Map(entries) => {
                Self::Map(entries.iter().map(|(name, _, value)| (name.clone(), Self::from(value))).collect()).folded()
            }
        }
    }
}

impl PlanTemplate {
    /// The same, as one literal where no expression is inside.
    fn folded(self) -> Self {
        use crate::types::Value;
        let literal = |template: &Self| match template {
            Self::Value(value) => Some(value.clone()),
            _ => None,
        };
        match self {
            Self::List(items) => match items.iter().map(literal).collect::<Option<Vec<_>>>() {
                Some(values) => Self::Value(Value::list(values)),
                None => Self::List(items),
            },
            Self::Map(entries) => {
                match entries.iter().map(|(name, value)| Some((name.clone(), literal(value)?))).collect::<Option<Vec<_>>>() {
                    Some(pairs) => Self::Value(Value::map(pairs)),
                    None => Self::Map(entries),
                }
            }
            other => other,
        }
    }
}
