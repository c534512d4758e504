//! A plan for people.

use jackfield_flow::definition::{Backoff, Jitter};
use jackfield_flow::plan::{Digest, Effect, Grant, Overlap, Plan, PlanStep, Retry, Role, Schedule, StepKind, WhenBusy};
use jackfield_flow::schedule::CatchUp;
use jackfield_flow::types::Value;

use super::{effect_of, effect_word, grant_lines, needs};
use crate::graph;
use crate::home::Home;
use crate::output::escape;
use crate::output::style::{BUSY, DIM, STRONG, WARN, paint};
use crate::output::table::{Field, Table};
use crate::output::time::{bytes, span};

/// The longest text of a schedule that is shown, in characters.
const GIVEN_MAX: usize = 80;

/// The plan, and after it its sub-workflows, each once.
pub(super) fn shown(home: &Home, plan: &Plan) -> String {
    let mut seen: Vec<Digest> = Vec::new();
    let mut text = one(home, plan, "workflow");
    flows(home, plan, &mut seen, &mut text);
    text
}

fn flows(home: &Home, plan: &Plan, seen: &mut Vec<Digest>, text: &mut String) {
    for flow in &plan.flows {
        let digest = flow.to_bytes().1;
        if seen.contains(&digest) {
            continue;
        }
        seen.push(digest);
        text.push_str(&format!("\n\n{}", one(home, flow, "sub-workflow")));
        flows(home, flow, seen, text);
    }
}

fn one(home: &Home, plan: &Plan, what: &str) -> String {
    let mut text = format!("{} {}\n{}\n", paint(STRONG, what), plan.workflow, about(plan));
    if !plan.inputs.is_empty() {
        let mut table = Table::new(["INPUT", "TYPE", "DEFAULT", "MEANING"]);
        for input in &plan.inputs {
            let default = input.default.as_ref().map_or_else(String::new, jackfield_flow::types::Value::to_json);
            table.row([Field::from(&*input.name), input.ty.to_string().into(), default.into(), (&*input.description).into()]);
        }
        text.push_str(&format!("{}\n\n", table.render(&home.output)));
    }
    let mut table = Table::new(["STEP", "DOES", "NEEDS", "EFFECT", "GRANTS", "TIMEOUT", "RETRY"]);
    for (index, step) in plan.steps.iter().enumerate().filter(|(_, step)| step.is_main()) {
        table.row(row(plan, step, &step.name));
        for part in plan.steps.iter().filter(|part| owner(part) == Some(index)) {
            let name = part.name.strip_prefix(&*step.name).unwrap_or(&part.name);
            table.row(row(plan, part, &format!("  {name}")));
        }
    }
    text.push_str(&format!("{}\n\n", table.render(&home.output)));
    text.push_str(&types(plan));
    if !plan.plugins.is_empty() {
        let mut plugins = Table::new(["PLUGIN", "DIGEST"]);
        for plugin in &plan.plugins {
            plugins.row([Field::from(&*plugin.name), Field::styled(plugin.digest.to_string(), DIM)]);
        }
        text.push_str(&plugins.render(&home.output));
    }
    if !plan.outputs.is_empty() {
        let mut outputs = Table::new(["OUTPUT", "TYPE"]);
        plan.outputs.iter().for_each(|output| outputs.row([Field::from(&*output.name), output.ty.to_string().into()]));
        let gap = if plan.plugins.is_empty() { "" } else { "\n\n" };
        text.push_str(&format!("{gap}{}", outputs.render(&home.output)));
    }
    text
}

/// What holds for all runs of the workflow, on lines of their own.
fn about(plan: &Plan) -> String {
    let mut text = String::new();
    if let Some(concurrency) = &plan.concurrency {
        let busy = match concurrency.when_busy {
            WhenBusy::Queue => "others wait",
            WhenBusy::Skip => "others are skipped",
            WhenBusy::CancelRunning => "a newer one takes its place",
        };
        let (limit, key) = (concurrency.limit, graph::brief(&concurrency.key));
        text.push_str(&format!("  at most {limit} at once with the same key {key}; {busy}\n"));
    }
    let labels: Vec<String> = plan.labels.iter().map(|(name, value)| format!("{name}={}", graph::brief(value))).collect();
    if !labels.is_empty() {
        text.push_str(&format!("  labels {}\n", labels.join(", ")));
    }
    plan.schedules.iter().for_each(|schedule| text.push_str(&format!("  {}\n", starts(schedule))));
    if plan.priority != 0 {
        text.push_str(&format!("  priority {}\n", plan.priority));
    }
    if let Some(ms) = plan.retain_ms {
        text.push_str(&format!("  kept for {} after its end\n", span(ms)));
    }
    text
}

/// When a schedule starts it, and what is not as it is without a word.
fn starts(schedule: &Schedule) -> String {
    let overlap = match schedule.overlap {
        Overlap::Allow => "",
        Overlap::Skip => "; left out while the last run has not ended",
        Overlap::Queue => "; waits for the end of the last run",
        Overlap::CancelRunning => "; cancels the last run",
    };
    let catch_up = match schedule.catch_up {
        CatchUp::Last => "",
        CatchUp::Skip => "; what is missed is left out",
        CatchUp::All => "; all that is missed is made up for",
    };
    let inputs = match &schedule.inputs {
        Value::Map(fields) if fields.is_empty() => String::new(),
        given => format!(", given {}", escape::brief(&given.to_json(), GIVEN_MAX)),
    };
    let Schedule { cron, time_zone, .. } = schedule;
    format!("starts at {} {time_zone}{inputs}{overlap}{catch_up}", escape::brief(cron.trim(), GIVEN_MAX))
}

fn owner(step: &PlanStep) -> Option<usize> {
    match step.role {
        Role::Main => None,
        Role::Handler { of } | Role::Finally { of } | Role::Compensate { of } => Some(of),
    }
}

fn row(plan: &Plan, step: &PlanStep, name: &str) -> [Field; 7] {
    [
        Field::from(std::iter::once(name.to_owned()).chain(words(step)).collect::<Vec<_>>().join("\n")),
        does(plan, step).into(),
        needs(plan, step).join("\n").into(),
        effect(plan, step),
        grant_lines(step).join("\n").into(),
        timeout(step).into(),
        if step.calls().next().is_some() || has_flow(step) { retry(&step.retry).into() } else { String::new().into() },
    ]
}

fn has_flow(step: &PlanStep) -> bool {
    step.actions().iter().any(|action| matches!(action, jackfield_flow::plan::Action::Flow { .. }))
}

/// What is said of a step beside what it does.
fn words(step: &PlanStep) -> Vec<String> {
    let mut words: Vec<String> = step.condition.iter().map(|condition| format!("if {}", graph::brief(condition))).collect();
    words.extend(graph::badge_words(step));
    if step.priority != 0 {
        words.push(format!("priority {}", step.priority));
    }
    words.extend(graph::remedy_words(step));
    words
}

/// What a step does, its structure first; branches and contenders on lines of their own.
fn does(plan: &Plan, step: &PlanStep) -> String {
    let mut lines = graph::does_lines(plan, step);
    if let StepKind::Choose(_) | StepKind::Race(_) = &step.kind {
        lines.extend(graph::inner_words(plan, step));
    }
    lines.join("\n")
}

fn effect(plan: &Plan, step: &PlanStep) -> Field {
    let effect = effect_of(plan, step);
    let style = match effect {
        Effect::Pure => DIM,
        Effect::Reads => BUSY,
        Effect::Effects => WARN,
    };
    Field::styled(effect_word(effect), style)
}

fn timeout(step: &PlanStep) -> String {
    let attempt = step.calls().next().map(|_| span(step.timeout.attempt_ms));
    let total = step.timeout.total_ms.map(|ms| format!("{} in all", span(ms)));
    attempt.into_iter().chain(total).collect::<Vec<_>>().join("\n")
}

/// What each step takes and gives. Types are long, so they have lines of their own.
fn types(plan: &Plan) -> String {
    let mut text = String::new();
    for step in plan.steps.iter().filter(|step| step.is_main()) {
        text.push_str(&format!("{}\n", paint(STRONG, &step.name)));
        let calls: Vec<_> = step.calls().collect();
        for call in &calls {
            let which = if calls.len() > 1 { format!("{} ", plan.task_name(call)) } else { String::new() };
            let takes = plan.tasks[call.task].input.to_string();
            text.push_str(&format!("  {} {which}{}\n", paint(DIM, "takes"), escape::line(&takes)));
        }
        text.push_str(&format!("  {} {}\n", paint(DIM, "gives"), escape::line(&step.output.to_string())));
    }
    text.push('\n');
    text
}

/// One line per thing that is granted.
pub(in crate::command) fn grants(grant: &Grant) -> Vec<String> {
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
    let on = if retry.on.is_empty() { String::new() } else { format!(", on {}", retry.on.join(", ")) };
    format!("{} attempts, {}–{} {growth}{jitter}{on}", retry.attempts, span(retry.first_ms), span(retry.max_ms))
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
        policy.on = vec!["busy".into()];
        assert!(retry(&policy).ends_with(", full jitter, on busy"));
        policy.attempts = 1;
        assert_eq!(retry(&policy), "never");
    }
}
