//! A plan for programs.

use std::sync::Arc;

use jackfield_flow::plan::{Action, Grant, Plan, PlanStep, PlanTemplate, Rate, Retry, Role, Schedule, StepKind, Then, WhenBusy};
use serde::Serialize;

use super::{effect_of, effect_word, flow_name, grant, needs, task_name};
use crate::graph;

/// A plan.
#[derive(Debug, Serialize)]
pub(super) struct PlanReport {
    workflow: Arc<str>,
    /// What names this plan: the same text, the same plugins.
    digest: String,
    inputs: Vec<InputReport>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    labels: Vec<NamedValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    concurrency: Option<ConcurrencyReport>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    schedules: Vec<Schedule>,
    priority: i32,
    retain_ms: Option<u64>,
    plugins: Vec<PluginReport>,
    steps: Vec<StepReport>,
    /// Sub-workflows, each whole, with what their steps may touch as parts of this one.
    flows: Vec<PlanReport>,
    outputs: Vec<TypedName>,
}

#[derive(Debug, Serialize)]
struct InputReport {
    name: Arc<str>,
    #[serde(rename = "type")]
    ty: String,
    default: Option<jackfield_flow::types::Value>,
    description: Arc<str>,
}

#[derive(Debug, Serialize)]
struct PluginReport {
    name: Arc<str>,
    digest: String,
}

#[derive(Debug, Serialize)]
struct TypedName {
    name: Arc<str>,
    #[serde(rename = "type")]
    ty: String,
}

#[derive(Debug, Serialize)]
struct NamedValue {
    name: Arc<str>,
    value: String,
}

#[derive(Debug, Serialize)]
struct ConcurrencyReport {
    key: String,
    limit: u32,
    when_busy: WhenBusy,
}

/// A step. Of its only, or first, task: `task`, `input` and `grant`; of all of them: `actions`.
#[derive(Debug, Serialize)]
struct StepReport {
    name: Arc<str>,
    kind: &'static str,
    /// The step it belongs to, when it handles a failure, tidies up or undoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<Arc<str>>,
    task: String,
    actions: Vec<ActionReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_parallel: Option<u32>,
    conditional: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<String>,
    needs: Vec<Arc<str>>,
    input: String,
    output: String,
    grant: Grant,
    effect: &'static str,
    timeout_ms: u64,
    total_ms: Option<u64>,
    retry: Retry,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    on_error: Vec<OnErrorReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finally: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compensate: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lock: Option<LockReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<Rate>,
    cache: bool,
    at_most_once: bool,
    priority: i32,
}

#[derive(Debug, Serialize)]
struct ActionReport {
    /// The condition of a branch, the name of a contender.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    kind: &'static str,
    does: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<CallReport>,
}

#[derive(Debug, Serialize)]
struct CallReport {
    task: String,
    input: String,
    output: String,
    grant: Grant,
    effect: &'static str,
}

#[derive(Debug, Serialize)]
struct OnErrorReport {
    /// The code; null for any.
    code: Option<Arc<str>>,
    /// `fail`, `value`, or the name of the step that takes care.
    then: Arc<str>,
}

#[derive(Debug, Serialize)]
struct LockReport {
    name: String,
    permits: u32,
}

impl PlanReport {
    pub(super) fn new(plan: &Plan) -> Self {
        let inputs = plan.inputs.iter().map(|input| InputReport {
            name: Arc::clone(&input.name),
            ty: input.ty.to_string(),
            default: input.default.clone(),
            description: Arc::clone(&input.description),
        });
        let plugin = |plugin: &jackfield_flow::plan::PinnedPlugin| PluginReport {
            name: Arc::clone(&plugin.name),
            digest: plugin.digest.to_string(),
        };
        Self {
            workflow: Arc::clone(&plan.workflow),
            digest: plan.to_bytes().1.to_string(),
            inputs: inputs.collect(),
            labels: plan.labels.iter().map(|(name, value)| NamedValue { name: Arc::clone(name), value: source(value) }).collect(),
            concurrency: plan.concurrency.as_ref().map(|concurrency| ConcurrencyReport {
                key: source(&concurrency.key),
                limit: concurrency.limit,
                when_busy: concurrency.when_busy,
            }),
            schedules: plan.schedules.clone(),
            priority: plan.priority,
            retain_ms: plan.retain_ms,
            plugins: plan.plugins.iter().map(plugin).collect(),
            steps: plan.steps.iter().map(|step| StepReport::new(plan, step)).collect(),
            flows: plan.flows.iter().map(|flow| Self::new(flow)).collect(),
            outputs: plan.outputs.iter().map(|output| TypedName { name: Arc::clone(&output.name), ty: output.ty.to_string() }).collect(),
        }
    }
}

impl StepReport {
    fn new(plan: &Plan, step: &PlanStep) -> Self {
        let name_of = |step: usize| Arc::clone(&plan.steps[step].name);
        let of = match step.role {
            Role::Main => None,
            Role::Handler { of } | Role::Finally { of } | Role::Compensate { of } => Some(name_of(of)),
        };
        let on_error = step.on_error.iter().map(|on_error| OnErrorReport {
            code: on_error.code.clone(),
            then: match &on_error.then {
                Then::Fail => "fail".into(),
                Then::Value(_) => "value".into(),
                Then::Step(handler) => name_of(*handler),
            },
        });
        Self {
            name: Arc::clone(&step.name),
            kind: step.kind.word(),
            of,
            task: task_name(plan, step),
            actions: actions(plan, step),
            max_parallel: match &step.kind {
                StepKind::ForEach { max_parallel, .. } => Some(*max_parallel),
                _ => None,
            },
            conditional: step.condition.is_some(),
            condition: step.condition.as_ref().map(source),
            needs: needs(plan, step),
            input: step.calls().next().map(|call| plan.tasks[call.task].input.to_string()).unwrap_or_default(),
            output: step.output.to_string(),
            grant: grant(step),
            effect: effect_word(effect_of(plan, step)),
            timeout_ms: step.timeout.attempt_ms,
            total_ms: step.timeout.total_ms,
            retry: step.retry.clone(),
            on_error: on_error.collect(),
            finally: step.finally.map(name_of),
            compensate: step.compensate.map(name_of),
            lock: step.lock.as_ref().map(|lock| LockReport { name: source(&lock.name), permits: lock.permits }),
            rate: step.rate.clone(),
            cache: step.cache,
            at_most_once: step.at_most_once,
            priority: step.priority,
        }
    }
}

fn actions(plan: &Plan, step: &PlanStep) -> Vec<ActionReport> {
    let labels: Vec<Option<String>> = match &step.kind {
        StepKind::Choose(branches) => branches.iter().map(|branch| branch.condition.as_ref().map(source)).collect(),
        StepKind::Race(contenders) => contenders.iter().map(|contender| Some(contender.name.to_string())).collect(),
        _ => vec![None],
    };
    let report = |(action, label): (&Action, Option<String>)| ActionReport {
        label,
        kind: action.word(),
        does: graph::action_words(plan, action),
        flow: flow_name(plan, action),
        call: match action {
            Action::Task(call) => Some(CallReport {
                task: plan.task_name(call),
                input: plan.tasks[call.task].input.to_string(),
                output: plan.tasks[call.task].output.to_string(),
                grant: call.grant.clone(),
                effect: effect_word(call.effect),
            }),
            _ => None,
        },
    };
    step.actions().into_iter().zip(labels).map(report).collect()
}

/// A template as it was written: a text as it is, everything else as JSON, expressions as `${ … }`.
fn source(template: &PlanTemplate) -> String {
    match template {
        PlanTemplate::Value(jackfield_flow::types::Value::String(text)) => text.to_string(),
        PlanTemplate::Value(value) => value.to_json(),
        PlanTemplate::Expr(expr) => format!("${{ {} }}", expr.source().trim()),
        PlanTemplate::List(_) | PlanTemplate::Map(_) => graph::brief(template),
    }
}
