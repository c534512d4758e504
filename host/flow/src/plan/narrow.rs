//! A sub-workflow that may touch no more than a grant says.

use std::sync::Arc;

use super::effective::MEMORY_DEFAULT;
use super::grant::{FileMode, FileRule, Grant, SecretRule, host_matches};
use super::model::{Action, Plan, PlanStep, StepKind};

/// A step that lost all it was granted of a kind, and that kind.
pub(super) type Lost = (String, &'static str);

/// A plan each of whose grants is within the given one; and what its steps lost by that.
pub(super) fn narrowed(plan: &Plan, within: &Grant) -> (Plan, Vec<Lost>) {
    let mut lost = Vec::new();
    let plan = narrow_plan(plan, within, &mut lost);
    (plan, lost)
}

fn narrow_plan(plan: &Plan, within: &Grant, lost: &mut Vec<Lost>) -> Plan {
    let mut narrow = plan.clone();
    for step in &mut narrow.steps {
        let name = format!("{}/{}", plan.workflow, step.name);
        for action in actions_mut(step) {
            let Action::Task(call) = action else { continue };
            let grant = intersect(&call.grant, within);
            lost.extend(losses(&call.grant, &grant).into_iter().map(|kind| (name.clone(), kind)));
            call.effect = grant.effect();
            call.grant = grant;
        }
    }
    for flow in &mut narrow.flows {
        *flow = Arc::new(narrow_plan(flow, within, lost));
    }
    narrow
}

fn actions_mut(step: &mut PlanStep) -> Vec<&mut Action> {
    match &mut step.kind {
        StepKind::One(action) | StepKind::ForEach { action, .. } | StepKind::Repeat { action, .. } => vec![action],
        StepKind::Choose(branches) => branches.iter_mut().map(|branch| &mut branch.action).collect(),
        StepKind::Race(contenders) => contenders.iter_mut().map(|contender| &mut contender.action).collect(),
    }
}

fn losses(before: &Grant, after: &Grant) -> Vec<&'static str> {
    let all = [
        ("http", before.http.is_empty(), after.http.is_empty()),
        ("files", before.files.is_empty(), after.files.is_empty()),
        ("config", before.config.is_empty(), after.config.is_empty()),
        ("secrets", before.secrets.is_empty(), after.secrets.is_empty()),
        ("scratch", !before.scratch, !after.scratch),
    ];
    all.into_iter().filter(|(_, had_none, has_none)| !had_none && *has_none).map(|(kind, _, _)| kind).collect()
}

/// What both grants allow.
fn intersect(inner: &Grant, outer: &Grant) -> Grant {
    Grant {
        http: inner.http.iter().flat_map(|a| outer.http.iter().filter_map(|b| a.intersect(b))).collect(),
        files: inner.files.iter().filter_map(|rule| narrow_file(rule, &outer.files)).collect(),
        config: inner.config.iter().filter(|name| outer.config.contains(name)).cloned().collect(),
        secrets: inner.secrets.iter().filter_map(|rule| narrow_secret(rule, &outer.secrets)).collect(),
        scratch: inner.scratch && outer.scratch,
        memory: match (inner.memory, outer.memory) {
            (inner, None) => inner,
            (inner, Some(most)) => Some(inner.unwrap_or(MEMORY_DEFAULT).min(most)),
        },
    }
}

/// A directory as far as one of the outer rules covers it; the one that allows the most counts.
fn narrow_file(rule: &FileRule, outer: &[FileRule]) -> Option<FileRule> {
    let covering = outer.iter().filter(|other| covers(&other.path, &rule.path));
    let writes = covering.map(|other| other.mode == FileMode::ReadWrite).max()?;
    let mode = if writes { rule.mode } else { FileMode::ReadOnly };
    Some(FileRule { mode, ..rule.clone() })
}

/// Whether a directory is another one or lies in it, by their paths alone. A path that goes up covers nothing but itself.
fn covers(outer: &str, inner: &str) -> bool {
    let parts =
        |path: &'_ str| -> Vec<String> { path.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect() };
    let absolute = |path: &str| path.starts_with('/');
    let (outer_parts, inner_parts) = (parts(outer), parts(inner));
    let goes_up = outer_parts.iter().chain(&inner_parts).any(|part| part == "..");
    absolute(outer) == absolute(inner) && if goes_up { outer_parts == inner_parts } else { inner_parts.starts_with(&outer_parts) }
}

/// A secret as far as one of the outer rules gives it. Without hosts a rule means all that `http` names, which is narrowed by itself.
fn narrow_secret(rule: &SecretRule, outer: &[SecretRule]) -> Option<SecretRule> {
    let other = outer.iter().find(|other| other.name == rule.name)?;
    let hosts = match (rule.hosts.is_empty(), other.hosts.is_empty()) {
        (_, true) => rule.hosts.clone(),
        (true, false) => other.hosts.clone(),
        (false, false) => {
            let both = rule.hosts.iter().flat_map(|a| other.hosts.iter().filter_map(move |b| narrower_host(a, b)));
            let both: Vec<String> = both.collect();
            // No host at all must not become every host.
            if both.is_empty() {
                return None;
            }
            both
        }
    };
    Some(SecretRule { name: rule.name.clone(), hosts })
}

fn narrower_host(a: &str, b: &str) -> Option<String> {
    if host_matches(a, b) { Some(b.to_owned()) } else { host_matches(b, a).then(|| a.to_owned()) }
}
