//! What can run and probably is not what was meant.

use super::check::{Checker, is_constant};
use super::model::{Action, PlanStep};
use super::signature::Effect;
use crate::definition::{BodyDef, Code, Definition, Diagnostic, RepeatTestDef, StepDef, Template};
use crate::types::Value;

/// What the text of a workflow alone tells.
pub(super) fn definition(definition: &Definition, checker: &mut Checker<'_>) {
    for step in &definition.steps {
        never_done(step, checker);
        never_ends(step, checker);
    }
}

fn never_done(step: &StepDef, checker: &mut Checker<'_>) {
    let (always, never) = (Value::Bool(true), Value::Bool(false));
    if let Some(condition) = step.condition.as_ref().filter(|condition| is_constant(condition, &never)) {
        let message = format!("step `{}` is never done: its `if` is always false", step.name.value);
        checker.problem(Diagnostic::new(Code::Unreachable, condition.span, message).help("remove the step, or the condition"));
    }
    let BodyDef::Choose(branches) = &step.body else { return };
    let condition = |at: usize| branches[at].condition.as_ref();
    for at in 0..branches.len() {
        let Some(test) = condition(at) else { continue };
        if is_constant(test, &never) {
            let message = format!("branch {} of step `{}` is never done: its `if` is always false", at + 1, step.name.value);
            checker.problem(Diagnostic::new(Code::Unreachable, test.span, message).help("remove the branch"));
        } else if is_constant(test, &always) && at + 1 < branches.len() {
            let message =
                format!("the branches after branch {} of step `{}` are never done: its `if` is always true", at + 1, step.name.value);
            checker
                .problem(Diagnostic::new(Code::Unreachable, test.span, message).help("remove the branches after it, or correct the `if`"));
            return;
        }
    }
}

fn never_ends(step: &StepDef, checker: &mut Checker<'_>) {
    let BodyDef::Repeat(repeat) = &step.body else { return };
    let (word, test, ends): (&str, &Template, Value) = match &repeat.test {
        RepeatTestDef::Until(test) => ("until", test, Value::Bool(false)),
        RepeatTestDef::While(test) => ("while", test, Value::Bool(true)),
    };
    if is_constant(test, &ends) {
        let value = ends == Value::Bool(true);
        let message = format!("step `{}` repeats until it fails with `repeat.max`: its `{word}` is always {value}", step.name.value);
        checker.problem(
            Diagnostic::new(Code::EndlessRepeat, test.span, message).help(format!("let `{word}` read `carry` or `index`, or another step")),
        );
    }
}

/// Steps that do nothing but compute what nobody reads.
pub(super) fn unused_results(definition: &Definition, built: &[Option<PlanStep>], checker: &mut Checker<'_>) {
    let changes_something = built.iter().flatten().any(|step| !only_computes(step));
    // What only computes and declares no outputs is there to be looked at.
    if checker.has_errors() || (definition.outputs.is_empty() && !changes_something) {
        return;
    }
    let waited_for: std::collections::BTreeSet<usize> = built.iter().flatten().flat_map(|step| step.needs.iter().copied()).collect();
    for (at, (step, planned)) in definition.steps.iter().zip(built).enumerate() {
        let Some(planned) = planned else { continue };
        let computes = only_computes(planned);
        // A step that others wait for may be there to stop them by failing.
        if computes && planned.finally.is_none() && !checker.is_read(at) && !waited_for.contains(&at) {
            let message = format!("nothing reads the result of step `{}`, and it does nothing else", step.name.value);
            checker.problem(
                Diagnostic::new(Code::UnusedResult, step.name.span, message)
                    .help("read it in a step or under `outputs:`, or remove the step"),
            );
        }
    }
}

fn only_computes(step: &PlanStep) -> bool {
    step.actions().into_iter().all(|action| match action {
        Action::Task(call) => call.effect == Effect::Pure,
        Action::Value(_) => true,
        _ => false,
    })
}
