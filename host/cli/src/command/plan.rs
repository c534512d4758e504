//! `jackfield plan FILE`.

use std::sync::Arc;

use jackfield_flow::definition::{Backoff, Jitter};
use jackfield_flow::plan::{Effect, Grant, Plan, PlanStep, Retry, StepKind};
use serde::Serialize;

use crate::args::PlanArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, small_runtime};
use crate::operator::Operator;
use crate::output::style::{BUSY, DIM, STRONG, WARN, paint};
use crate::output::table::{Field, Table};
use crate::output::time::{bytes, span};
use crate::output::{Format, escape};
use crate::workflow::{Written, planned};

/// A plan for programs.
#[derive(Debug, Serialize)]
struct PlanReport {
    workflow: Arc<str>,
    /// What names this plan: the same text, the same plugins.
    digest: String,
    inputs: Vec<InputReport>,
    plugins: Vec<PluginReport>,
    steps: Vec<StepReport>,
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
struct StepReport {
    name: Arc<str>,
    task: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_parallel: Option<u32>,
    conditional: bool,
    needs: Vec<Arc<str>>,
    input: String,
    output: String,
    grant: Grant,
    effect: Effect,
    timeout_ms: u64,
    retry: Retry,
}

/// Shows what a workflow would do.
pub(crate) fn run(home: &Home, args: &PlanArgs) -> Result<Exit, CliError> {
    let written = Written::read(&args.file)?;
    let plugins = home.plugins(Operator::default())?;
    let checked = small_runtime()?.block_on(written.check(&plugins));
    let plan = planned(home, checked)?;
    match home.output.format() {
        Format::Json => home.output.json(&for_programs(&plan))?,
        Format::Text => home.output.data(&for_people(home, &plan))?,
    }
    Ok(Exit::Done)
}

fn for_programs(plan: &Plan) -> PlanReport {
    let inputs = plan.inputs.iter().map(|input| InputReport {
        name: Arc::clone(&input.name),
        ty: input.ty.to_string(),
        default: input.default.clone(),
        description: Arc::clone(&input.description),
    });
    let steps = plan.steps.iter().map(|step| StepReport {
        name: Arc::clone(&step.name),
        task: task_name(plan, step),
        max_parallel: max_parallel(step),
        conditional: step.condition.is_some(),
        needs: needs(plan, step),
        input: input(plan, step),
        output: step.output.to_string(),
        grant: grant(step),
        effect: step.effect(),
        timeout_ms: step.timeout.attempt_ms,
        retry: step.retry.clone(),
    });
    PlanReport {
        workflow: Arc::clone(&plan.workflow),
        digest: plan.to_bytes().1.to_string(),
        inputs: inputs.collect(),
        plugins: plan
            .plugins
            .iter()
            .map(|plugin| PluginReport { name: Arc::clone(&plugin.name), digest: plugin.digest.to_string() })
            .collect(),
        steps: steps.collect(),
        outputs: plan.outputs.iter().map(|output| TypedName { name: Arc::clone(&output.name), ty: output.ty.to_string() }).collect(),
    }
}

fn for_people(home: &Home, plan: &Plan) -> String {
    let mut text = format!("{} {}\n\n", paint(STRONG, "workflow"), plan.workflow);
    if !plan.inputs.is_empty() {
        let mut table = Table::new(["INPUT", "TYPE", "DEFAULT", "MEANING"]);
        for input in &plan.inputs {
            let default = input.default.as_ref().map_or_else(String::new, jackfield_flow::types::Value::to_json);
            table.row([Field::from(&*input.name), input.ty.to_string().into(), default.into(), (&*input.description).into()]);
        }
        text.push_str(&format!("{}\n\n", table.render(&home.output)));
    }
    let mut table = Table::new(["STEP", "TASK", "NEEDS", "EFFECT", "GRANTS", "TIMEOUT", "RETRY"]);
    for step in &plan.steps {
        table.row([
            Field::from(step_words(step)),
            task_name(plan, step).into(),
            needs(plan, step).join("\n").into(),
            effect(step.effect()),
            grants(&grant(step)).join("\n").into(),
            span(step.timeout.attempt_ms).into(),
            retry(&step.retry).into(),
        ]);
    }
    text.push_str(&format!("{}\n\n", table.render(&home.output)));
    text.push_str(&types(plan));
    let mut plugins = Table::new(["PLUGIN", "DIGEST"]);
    for plugin in &plan.plugins {
        plugins.row([Field::from(&*plugin.name), Field::styled(plugin.digest.to_string(), DIM)]);
    }
    text.push_str(&plugins.render(&home.output));
    if !plan.outputs.is_empty() {
        let mut outputs = Table::new(["OUTPUT", "TYPE"]);
        plan.outputs.iter().for_each(|output| outputs.row([Field::from(&*output.name), output.ty.to_string().into()]));
        text.push_str(&format!("\n\n{}", outputs.render(&home.output)));
    }
    text
}

/// What each step takes and gives. Types are long, so they have lines of their own.
fn types(plan: &Plan) -> String {
    let mut text = String::new();
    for step in &plan.steps {
        let (takes, gives) = (input(plan, step), step.output.to_string());
        let (takes, gives) = (escape::line(&takes), escape::line(&gives));
        text.push_str(&format!("{}\n  {} {takes}\n  {} {gives}\n", paint(STRONG, &step.name), paint(DIM, "takes"), paint(DIM, "gives")));
    }
    text.push('\n');
    text
}

fn task_name(plan: &Plan, step: &PlanStep) -> String {
    step.calls().next().map(|call| plan.task_name(call)).unwrap_or_default()
}

fn input(plan: &Plan, step: &PlanStep) -> String {
    step.calls().next().map(|call| plan.tasks[call.task].input.to_string()).unwrap_or_default()
}

fn grant(step: &PlanStep) -> Grant {
    step.calls().next().map(|call| call.grant.clone()).unwrap_or_default()
}

fn needs(plan: &Plan, step: &PlanStep) -> Vec<Arc<str>> {
    step.needs.iter().map(|need| Arc::clone(&plan.steps[*need].name)).collect()
}

fn max_parallel(step: &PlanStep) -> Option<u32> {
    match &step.kind {
        StepKind::ForEach { max_parallel, .. } => Some(*max_parallel),
        _ => None,
    }
}

fn step_words(step: &PlanStep) -> String {
    let each = max_parallel(step).map_or_else(String::new, |parallel| format!("\neach item, {parallel} at once"));
    let condition = if step.condition.is_some() { "\nif …" } else { "" };
    format!("{}{each}{condition}", step.name)
}

fn effect(effect: Effect) -> Field {
    match effect {
        Effect::Pure => Field::styled("PURE", DIM),
        Effect::Reads => Field::styled("READS", BUSY),
        Effect::Effects => Field::styled("EFFECTS", WARN),
    }
}

/// One line per thing that is granted.
pub(super) fn grants(grant: &Grant) -> Vec<String> {
    let http = grant.http.iter().map(|rule| format!("http {rule}"));
    let files = grant.files.iter().map(|rule| format!("files {rule}"));
    let config = grant.config.iter().map(|name| format!("config {name}"));
    let secrets = grant.secrets.iter().map(|rule| {
        let hosts = if rule.hosts.is_empty() { String::new() } else { format!(" to {}", rule.hosts.join(", ")) };
        format!("secret {}{hosts}", rule.name)
    });
    let scratch = grant.scratch.then(|| "scratch".to_owned());
    let memory = grant.memory.map(|memory| format!("memory {}", bytes(memory)));
    http.chain(files).chain(config).chain(secrets).chain(scratch).chain(memory).collect()
}

fn retry(retry: &Retry) -> String {
    if retry.attempts <= 1 {
        return "never".to_owned();
    }
    let growth = match retry.backoff {
        Backoff::Exponential => "doubling",
        Backoff::Linear => "growing",
        Backoff::Fixed => "fixed",
    };
    let jitter = match retry.jitter {
        Jitter::Full => ", full jitter",
        Jitter::Equal => ", equal jitter",
        Jitter::None => "",
    };
    format!("{} attempts, {}–{} {growth}{jitter}", retry.attempts, span(retry.first_ms), span(retry.max_ms))
}

#[cfg(test)]
mod tests {
    use jackfield_flow::plan::{FileRule, HttpRule, SecretRule};

    use super::*;

    #[test]
    fn grants_are_told_as_they_are_written() {
        let grant = Grant {
            http: vec![HttpRule::parse("GET https://a.example/x*").unwrap()],
            files: vec![FileRule::parse("write out as data").unwrap()],
            config: vec!["region".into()],
            secrets: vec![SecretRule { name: "token".into(), hosts: vec!["a.example".into()] }],
            scratch: true,
            memory: Some(128 << 20),
        };
        let expected = [
            "http GET https://a.example/x*",
            "files write out as data",
            "config region",
            "secret token to a.example",
            "scratch",
            "memory 128.0 MiB",
        ];
        assert_eq!(grants(&grant), expected);
        assert!(grants(&Grant::default()).is_empty());
    }

    #[test]
    fn retries_are_told_in_words() {
        let mut policy =
            Retry { attempts: 4, backoff: Backoff::Exponential, first_ms: 1_000, max_ms: 60_000, jitter: Jitter::Full, on: Vec::new() };
        assert_eq!(retry(&policy), "4 attempts, 1.0s–1m 00s doubling, full jitter");
        policy.attempts = 1;
        assert_eq!(retry(&policy), "never");
    }
}
