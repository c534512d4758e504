//! Names in a test file against the plan: steps, items, contenders, inputs, outputs.

use std::borrow::Cow;
use std::sync::Arc;

use crate::definition::{Code, Diagnostic, Problems, Spanned, Stub, Trial, TrialTarget};
use crate::plan::{Action, InputError, Plan, PlanStep, Role, StepKind, ident};
use crate::types::{Fields, Value, did_you_mean};

/// How deep a name may lead into sub-workflows.
const DEPTH_MAX: usize = crate::plan::FLOW_DEPTH_MAX;

/// A step that a name leads to, with the plan it is of.
struct Found<'a> {
    plan: &'a Plan,
    step: &'a PlanStep,
}

/// All names of a test that lead nowhere, and what is said of steps that cannot be.
pub(super) fn check(plan: &Plan, trial: &Trial, problems: &mut Problems) {
    for stub in &trial.stubs {
        check_stub(plan, stub, problems);
    }
    for signal in &trial.signals {
        if let TrialTarget::Approval { step, .. } = &signal.to {
            known(plan, step, problems);
        }
    }
    let expect = &trial.expect;
    for step in expect.steps.iter().map(|expect| &expect.step).chain(&expect.error_step) {
        known(plan, step, problems);
    }
    for call in expect.calls.iter().flat_map(|calls| &calls.value) {
        if let Some(found) = known(plan, &call.place, problems)
            && found.step.calls().next().is_none()
        {
            let message = format!("step `{}` calls no task", call.place.value);
            problems.push(Diagnostic::new(Code::UnknownName, call.place.span, message).help("only calls of tasks stand under `calls`"));
        }
    }
    for (name, _) in &expect.outputs {
        let names = || plan.outputs.iter().map(|output| &*output.name);
        if !names().any(|known| *known == *name.value) {
            let message = format!("the workflow has no output `{}`", name.value);
            problems.push(Diagnostic::new(Code::UnknownName, name.span, message).help(nearest(&name.value, names())));
        }
    }
}

/// The inputs of the run, complete and checked.
pub(super) fn inputs(plan: &Plan, trial: &Trial, problems: &mut Problems) -> Option<Value> {
    let given: Fields = trial.inputs.iter().map(|(name, value)| (Arc::clone(&name.value), value.clone())).collect();
    let errors = match plan.inputs_from(&given) {
        Ok(inputs) => return Some(inputs),
        Err(errors) => errors,
    };
    for error in errors {
        let at = |name: &str| {
            let given = trial.inputs.iter().find(|(given, _)| *given.value == *name || *ident(&given.value) == *ident(name));
            given.map_or(trial.name.span, |(given, _)| given.span)
        };
        problems.push(match &error {
            InputError::Unknown { name, help, .. } => {
                let message = format!("the workflow has no input `{name}`");
                Diagnostic::new(Code::UnknownName, at(name), message).maybe_help(help.clone())
            }
            InputError::Missing { name, ty } => {
                let message = format!("the input `{name}` ({ty}) is missing");
                Diagnostic::new(Code::MissingKey, trial.name.span, message).help(format!("add under `inputs`: {name}: VALUE"))
            }
            InputError::WrongType { name, .. } => Diagnostic::new(Code::BadValue, at(name), error.to_string()),
        });
    }
    None
}

fn check_stub(plan: &Plan, stub: &Stub, problems: &mut Problems) {
    let name = &stub.step;
    if name.value.contains('[') {
        let message = format!("`{}` names an item", name.value);
        problems.push(Diagnostic::new(Code::UnknownName, name.span, message).help("write `STEP: { items: { ITEM: … } }`"));
        return;
    }
    let Some(Found { plan, step }) = known(plan, name, problems) else { return };
    let asks = |action: &&Action| matches!(action, Action::Task(_) | Action::Flow { .. });
    if !step.actions().iter().any(asks) {
        let message = format!("step `{}` calls no task and starts no sub-workflow: it asks for no answer", name.value);
        let help = match step.actions().first() {
            Some(Action::Signal { .. } | Action::Approval { .. }) => "what it waits for comes under `signals`",
            _ => "remove it: the engine does it itself",
        };
        problems.push(Diagnostic::new(Code::UnknownName, name.span, message).help(help));
    }
    for item in &stub.items {
        check_item(plan, step, &item.item, problems);
    }
}

fn check_item(plan: &Plan, step: &PlanStep, item: &Spanned<Arc<str>>, problems: &mut Problems) {
    let number = item.value.parse::<usize>().ok();
    let owner = match step.role {
        Role::Main => step,
        Role::Handler { of } | Role::Finally { of } | Role::Compensate { of } => &plan.steps[of],
    };
    let problem = match (&owner.kind, number) {
        (StepKind::Race(contenders), _) if step.is_main() => {
            let names = || contenders.iter().map(|contender| &*contender.name);
            let there = number.map_or_else(|| names().any(|name| *name == *item.value), |number| number < contenders.len());
            (!there).then(|| (format!("step `{}` has no contender `{}`", step.name, item.value), nearest(&item.value, names())))
        }
        (StepKind::ForEach { .. }, Some(_)) => None,
        (StepKind::Repeat { .. }, Some(_)) if step.is_main() => None,
        (StepKind::ForEach { .. } | StepKind::Repeat { .. }, _) => {
            Some((format!("step `{}` has no item `{}`", step.name, item.value), "items are counted from 0".to_owned()))
        }
        _ => Some((format!("step `{}` has no items", step.name), "give its answer with `result` or `error`".to_owned())),
    };
    if let Some((message, help)) = problem {
        problems.push(Diagnostic::new(Code::UnknownName, item.span, message).help(help));
    }
}

/// The step that a name leads to; says so when there is none.
fn known<'a>(plan: &'a Plan, name: &Spanned<Arc<str>>, problems: &mut Problems) -> Option<Found<'a>> {
    let Some(plain) = without_items(&name.value) else {
        let message = format!("`{}` is not STEP or STEP[ITEM]", name.value);
        problems.push(Diagnostic::new(Code::UnknownName, name.span, message));
        return None;
    };
    match find(plan, &plain, DEPTH_MAX) {
        Ok(found) => Some(found),
        Err((message, help)) => {
            problems.push(Diagnostic::new(Code::UnknownName, name.span, message).help(help));
            None
        }
    }
}

/// Follows a name such as `save/compensate` or `archive/save`, or says where it leads nowhere and what to do.
fn find<'a>(plan: &'a Plan, name: &str, depth: usize) -> Result<Found<'a>, (String, String)> {
    if let Some(index) = plan.step_named(name) {
        return Ok(Found { plan, step: &plan.steps[index] });
    }
    let names = || plan.steps.iter().map(|step| &*step.name);
    let unknown = || (format!("the workflow `{}` has no step `{name}`", plan.workflow), nearest(name, names()));
    let Some((head, rest)) = name.split_once('/').filter(|_| depth > 0) else { return Err(unknown()) };
    // A handler may start a sub-workflow too: its own name has a `/`.
    let two = rest.split_once('/').map(|(second, rest)| (format!("{head}/{second}"), rest));
    let heads = [Some((Cow::Borrowed(head), rest)), two.map(|(head, rest)| (Cow::Owned(head), rest))];
    let mut said = None;
    for (head, rest) in heads.into_iter().flatten() {
        let Some(index) = plan.step_named(&head) else { continue };
        for action in plan.steps[index].actions() {
            let Action::Flow { flow, .. } = action else { continue };
            match find(&plan.flows[*flow], rest, depth - 1) {
                Ok(found) => return Ok(found),
                Err(error) => said = Some(error),
            }
        }
    }
    Err(said.unwrap_or_else(unknown))
}

/// A name without `[ITEM]`; nothing when brackets do not fit.
pub(super) fn without_items(name: &str) -> Option<Cow<'_, str>> {
    if !name.contains(['[', ']']) {
        return Some(Cow::Borrowed(name));
    }
    let mut parts = Vec::new();
    for part in name.split('/') {
        parts.push(part.split_once('[').map_or(Some(part), |(step, item)| {
            let item = item.strip_suffix(']')?;
            (!item.is_empty() && !item.contains(['[', ']'])).then_some(step)
        })?);
    }
    Some(Cow::Owned(parts.join("/")))
}

/// The nearest of some names, or all of them.
fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str> + Clone) -> String {
    const LISTED: usize = 20;
    match did_you_mean(name, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let listed: Vec<&str> = names.clone().take(LISTED).collect();
            let more = names.count() - listed.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            if listed.is_empty() { "there are none".to_owned() } else { format!("there is: {}{more}", listed.join(", ")) }
        }
    }
}
