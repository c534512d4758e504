//! Sub-workflows: finding them, typing what they take and give, narrowing what they may touch.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::action::Made;
use super::{Builder, Standing};
use crate::definition::{Code, Diagnostic, FlowBody, FlowCallDef, Severity, Span, Spanned, is_flow_path};
use crate::plan::check::Names;
use crate::plan::grant::Grant;
use crate::plan::model::{Action, Plan, PlanTemplate};
use crate::plan::narrow::narrowed;
use crate::types::{Field, Type, did_you_mean};

/// How deep sub-workflows may lie in each other.
pub const FLOW_DEPTH_MAX: usize = 16;
/// The most steps of a plan, those of its sub-workflows counted wherever they are used.
pub const PLAN_STEPS_MAX: usize = 100_000;

/// The sub-workflows of a plan under construction.
#[derive(Default)]
pub(super) struct FlowTable {
    /// Those that have names; nothing when one cannot be had, which was told.
    named: BTreeMap<Arc<str>, Option<Arc<Plan>>>,
    /// Those that steps start, in order.
    plans: Vec<Arc<Plan>>,
    /// Where in `plans` one is: its name or path, and the grant it is narrowed to.
    index: BTreeMap<(Arc<str>, Option<String>), usize>,
    /// The names that steps start.
    used: BTreeSet<Arc<str>>,
    /// Paths that are known to be unusable.
    refused: BTreeSet<Arc<str>>,
    /// Whether a name or path stands for one that is not too deep.
    fits: BTreeMap<Arc<str>, bool>,
    /// The steps of all `plans`.
    steps: usize,
}

impl FlowTable {
    pub(super) fn take(&mut self) -> Vec<Arc<Plan>> {
        std::mem::take(&mut self.plans)
    }
}

impl Builder<'_> {
    /// Finds the sub-workflows that have names, and builds those that are written in place.
    pub(super) fn read_flows(&mut self) {
        let definition = self.definition;
        for flow in &definition.flows {
            let plan = match &flow.body {
                FlowBody::File(path) => self.file(path),
                FlowBody::Inline(inline) => {
                    let built = Builder::new(inline, self.world, Standing::Inline).finish();
                    let sound = !built.problems.iter().any(|problem| problem.code.severity() == Severity::Error);
                    built.problems.into_iter().for_each(|problem| self.checker.problem(problem));
                    self.plugins_used.extend(built.plugins_used);
                    built.plan.filter(|_| sound).map(Arc::new)
                }
            };
            let plan = plan.filter(|plan| self.fits(&flow.name.value, plan, flow.name.span));
            self.flows.named.insert(flow.name.value.clone(), plan);
        }
    }

    fn file(&mut self, path: &Spanned<Arc<str>>) -> Option<Arc<Plan>> {
        let why = match self.world.files.get(&path.value) {
            Some(Ok(plan)) => return Some(Arc::clone(plan)),
            Some(Err(why)) => why.clone(),
            None => "the file was not looked up".to_owned(),
        };
        if self.flows.refused.insert(path.value.clone()) {
            let message = format!("the flow `{}` cannot be used: {why}", path.value);
            self.checker.problem(Diagnostic::new(Code::BadFlow, path.span, message));
        }
        None
    }

    /// Whether a sub-workflow, by its name or path, is not too deep.
    fn fits(&mut self, flow: &Arc<str>, plan: &Plan, span: Span) -> bool {
        if let Some(known) = self.flows.fits.get(flow) {
            return *known;
        }
        let chain = deepest(plan);
        self.flows.fits.insert(flow.clone(), chain.len() <= FLOW_DEPTH_MAX);
        if chain.len() <= FLOW_DEPTH_MAX {
            return true;
        }
        let names: Vec<&str> = [&*self.definition.name.value].into_iter().chain(chain.iter().map(|plan| &*plan.workflow)).collect();
        let message = format!("sub-workflows lie {} deep in each other: {}", chain.len(), names.join(" → "));
        let help = format!("they may lie {FLOW_DEPTH_MAX} deep: do with one flow what these do with several");
        self.checker.problem(Diagnostic::new(Code::FlowDepth, span, message).help(help));
        false
    }

    /// The plan that a step names.
    fn flow(&mut self, flow: &Spanned<Arc<str>>) -> Option<Arc<Plan>> {
        if is_flow_path(&flow.value) {
            let plan = self.file(flow)?;
            return self.fits(&flow.value, &plan, flow.span).then_some(plan);
        }
        if let Some(plan) = self.flows.named.get(&flow.value) {
            self.flows.used.insert(flow.value.clone());
            return plan.clone();
        }
        if !self.definition.unread.contains(&super::ident(&flow.value)) {
            let near = did_you_mean(&flow.value, self.flows.named.keys().take(1_000).map(|name| &**name));
            let inline = if self.standing == Standing::Inline { "; a workflow written in place sees the flows of its own" } else { "" };
            let help = near.map_or_else(
                || format!("add `{}: ./PATH.yaml` under `flows:`, or write the path here{inline}", flow.value),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("no flow is named `{}`", flow.value);
            self.checker.problem(Diagnostic::new(Code::UnknownName, flow.span, message).help(help));
        }
        None
    }

    /// The type of what a flow answers; the one that fits everywhere when it is unknown.
    pub(super) fn flow_result(&self, flow: &str) -> Type {
        let plan = self.flows.named.get(flow).cloned().flatten().or_else(|| self.world.files.get(flow)?.as_ref().ok().cloned());
        plan.map_or(Type::Never, |plan| outputs_of(&plan))
    }

    pub(super) fn flow_call(&mut self, call: &FlowCallDef, names: &Names<'_>, of: &str) -> Made {
        let Some(plan) = self.flow(&call.flow) else {
            if let Some(with) = &call.with {
                self.checker.infer(with, names);
            }
            return Made::unknown();
        };
        let name = &call.flow.value;
        self.checker.input_of(call.with.as_ref(), &inputs_of(&plan), names, name, call.flow.span);
        let ty = outputs_of(&plan);
        let with = call.with.as_ref().map_or_else(PlanTemplate::empty, PlanTemplate::from);
        let flow = self.flow_index(call, &plan, of);
        Made { action: flow.map(|flow| Action::Flow { flow, with, parent_ends: call.parent_ends }), ty }
    }

    /// The index of a sub-workflow, narrowed to a grant, among those of the plan.
    fn flow_index(&mut self, call: &FlowCallDef, plan: &Arc<Plan>, of: &str) -> Option<usize> {
        let grant = call.grant.as_ref().map(|grant| serde_json::to_string(&grant.value).unwrap_or_default());
        let key = (call.flow.value.clone(), grant);
        if let Some(index) = self.flows.index.get(&key) {
            return Some(*index);
        }
        let left = PLAN_STEPS_MAX.saturating_sub(self.flows.steps + self.definition.steps.len());
        let Some(steps) = steps_of(plan, left) else {
            let message = format!("{of} makes the workflow larger than {PLAN_STEPS_MAX} steps, those of its sub-workflows counted");
            let help = "start a flow from fewer places, and with the same `grant` where that will do: each other one is a copy";
            self.checker.problem(Diagnostic::new(Code::FlowDepth, call.flow.span, message).help(help));
            return None;
        };
        self.flows.steps += steps;
        let plan = match &call.grant {
            None => Arc::clone(plan),
            Some(grant) => self.narrow(plan, grant, of),
        };
        self.flows.plans.push(plan);
        self.flows.index.insert(key, self.flows.plans.len() - 1);
        Some(self.flows.plans.len() - 1)
    }

    fn narrow(&mut self, plan: &Plan, grant: &Spanned<Grant>, of: &str) -> Arc<Plan> {
        let (plan, lost) = narrowed(plan, &grant.value);
        for (step, kind) in lost {
            let message = format!("{of} takes from `{step}` within all that it was granted of `{kind}`");
            self.checker.problem(
                Diagnostic::new(Code::NarrowedGrant, grant.span, message)
                    .help(format!("what it does with `{kind}` will be denied; grant it here as well, or remove `grant`")),
            );
        }
        Arc::new(plan)
    }

    pub(super) fn report_unused_flows(&mut self) {
        for flow in &self.definition.flows {
            if !self.flows.used.contains(&flow.name.value) {
                let message = format!("no step starts the flow `{}`", flow.name.value);
                self.checker
                    .problem(Diagnostic::new(Code::UnusedFlow, flow.name.span, message).help("remove it, or start it with `flow:`"));
            }
        }
    }
}

/// What a plan takes. A name that has a default, or may be nothing, may be left out.
fn inputs_of(plan: &Plan) -> Type {
    let inputs = plan.inputs.iter().map(|input| Field {
        name: input.name.clone(),
        ty: input.ty.clone(),
        required: input.default.is_none() && !input.ty.is_option(),
        docs: input.description.clone(),
    });
    Type::record(inputs.collect())
}

/// What a plan answers.
fn outputs_of(plan: &Plan) -> Type {
    Type::record(plan.outputs.iter().map(|output| Field::required(output.name.clone(), output.ty.clone())).collect())
}

/// The steps of a plan with those of its sub-workflows; nothing when there are more than `most`, without counting them.
fn steps_of(plan: &Plan, most: usize) -> Option<usize> {
    let mut steps = plan.steps.len();
    for flow in &plan.flows {
        steps += steps_of(flow, most.checked_sub(steps)?)?;
    }
    (steps <= most).then_some(steps)
}

/// A longest chain of plans within each other, beginning with this one.
fn deepest(plan: &Plan) -> Vec<&Plan> {
    let below = plan.flows.iter().map(|flow| deepest(flow)).max_by_key(Vec::len).unwrap_or_default();
    [plan].into_iter().chain(below).collect()
}
