//! `jackfield plan FILE`: what a workflow would do, and with `--dry` what it would do with these inputs.

mod dry;
mod people;
mod programs;

use std::sync::Arc;

use jackfield_flow::plan::{Action, Effect, Grant, Plan, PlanStep};
use jackfield_flow::types::Fields;

use crate::args::PlanArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::graph;
use crate::home::{Home, small_runtime};
use crate::inputs;
use crate::operator::Operator;
use crate::output::Format;
use crate::workflow::{Written, planned};

pub(super) use people::grants;

/// Shows what a workflow would do.
pub(crate) fn run(home: &Home, args: &PlanArgs) -> Result<Exit, CliError> {
    let written = Written::read(&args.file)?;
    let plugins = home.plugins(Operator::default())?;
    let checked = small_runtime()?.block_on(written.check(&plugins));
    let plan = planned(home, checked)?;
    if args.dry {
        return dry(home, args, &plan);
    }
    match home.output.format() {
        Format::Json => home.output.json(&programs::PlanReport::new(&plan))?,
        Format::Text => home.output.data(&people::shown(home, &plan))?,
    }
    Ok(Exit::Done)
}

fn dry(home: &Home, args: &PlanArgs, plan: &Plan) -> Result<Exit, CliError> {
    let given = match inputs::gather(plan, &args.inputs, args.inputs_file.as_deref())? {
        jackfield_flow::types::Value::Map(fields) => fields,
        _ => Arc::new(Fields::new()),
    };
    let inputs = plan.inputs_from(&given).map_err(jackfield_worker::WorkerError::Inputs)?;
    let report = dry::DryReport::new(plan, inputs);
    match home.output.format() {
        Format::Json => home.output.json(&report)?,
        Format::Text => home.output.data(&report.shown())?,
    }
    Ok(Exit::Done)
}

/// The most that a step can do to the world, in capital words.
fn effect_word(effect: Effect) -> &'static str {
    match effect {
        Effect::Pure => "PURE",
        Effect::Reads => "READS",
        Effect::Effects => "EFFECTS",
    }
}

/// The most that a step can do to the world, with its sub-workflows.
fn effect_of(plan: &Plan, step: &PlanStep) -> Effect {
    graph::effect(step, &graph::flow_effects(plan)).unwrap_or(Effect::Pure)
}

/// What the tasks of a step may touch, each thing once.
fn grant_lines(step: &PlanStep) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in step.calls().flat_map(|call| grants(&call.grant)) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// The names of the steps that a step needs.
fn needs(plan: &Plan, step: &PlanStep) -> Vec<Arc<str>> {
    step.needs.iter().map(|need| Arc::clone(&plan.steps[*need].name)).collect()
}

/// `PLUGIN.TASK` of the first task that a step calls; empty when it calls none.
fn task_name(plan: &Plan, step: &PlanStep) -> String {
    step.calls().next().map(|call| plan.task_name(call)).unwrap_or_default()
}

/// What the first task of a step may touch.
fn grant(step: &PlanStep) -> Grant {
    step.calls().next().map(|call| call.grant.clone()).unwrap_or_default()
}

/// The sub-workflow that an action starts.
fn flow_name(plan: &Plan, action: &Action) -> Option<Arc<str>> {
    match action {
        Action::Flow { flow, .. } => Some(Arc::clone(&plan.flows[*flow].workflow)),
        _ => None,
    }
}
