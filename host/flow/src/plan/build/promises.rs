//! What tasks say of themselves against what steps do with them: codes of failures, repetition, caching.

use std::collections::BTreeSet;

use super::Builder;
use crate::definition::{ActionDef, Code, Diagnostic, OnErrorDef, RetryDef, Span, StepDef};
use crate::plan::codes::ENGINE_CODES;
use crate::plan::grant::Grant;
use crate::plan::model::PlanStep;
use crate::plan::signature::{Effect, TaskSignature};
use crate::types::did_you_mean;

/// Annotations by which a task says that repeating it is safe.
const IDEMPOTENT: &[&str] = &["idempotent", "idempotency-key"];

impl<'a> Builder<'a> {
    /// Codes of failures that cannot happen: misspelt ones of the engine, and those that no task of the step declares.
    pub(super) fn check_codes(&mut self, actions: &[&ActionDef], retry: Option<&RetryDef>, on_error: &[OnErrorDef]) {
        let retried = retry.into_iter().flat_map(|retry| retry.on.iter().map(|code| (&*code.value, code.span)));
        let handled = on_error.iter().filter_map(|entry| Some((entry.code.as_deref()?, entry.span)));
        let codes: Vec<(&str, Span)> = retried.chain(handled).collect();
        if codes.is_empty() {
            return;
        }
        let declared = self.declared(actions);
        for (code, span) in codes {
            if code.contains('.') {
                self.check_engine_code(code, span);
            } else if let Some(declared) = declared.as_ref().filter(|declared| !declared.contains(code)) {
                let near = did_you_mean(code, declared.iter().copied().chain(ENGINE_CODES.iter().copied()));
                let list = declared.iter().take(20).copied().collect::<Vec<_>>().join(", ");
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if declared.is_empty() => {
                        "nothing here has codes of its own; the engine's have a dot, such as `limit.time`".to_owned()
                    }
                    None => format!("it declares: {list}; the engine's codes have a dot, such as `limit.time`"),
                };
                let message = format!("nothing here declares the code `{code}`");
                self.checker.problem(Diagnostic::new(Code::UndeclaredErrorCode, span, message).help(help));
            }
        }
    }

    /// The codes that the actions declare; nothing when one of them could fail with any.
    fn declared(&self, actions: &[&ActionDef]) -> Option<BTreeSet<&'a str>> {
        let mut declared = BTreeSet::new();
        for action in actions.iter().filter(|action| action.is_task()) {
            let signature: &'a TaskSignature = self.signature_of(action)?;
            // A task that declares nothing was not made to declare: typed exports have no place for it.
            if signature.errors.is_empty() {
                return None;
            }
            declared.extend(signature.errors.iter().map(|error| &*error.code));
        }
        Some(declared)
    }

    fn check_engine_code(&mut self, code: &str, span: Span) {
        if ENGINE_CODES.contains(&code) {
            return;
        }
        let family = code.split('.').next().unwrap_or_default();
        let same = || ENGINE_CODES.iter().copied().filter(|known| known.split('.').next() == Some(family));
        let help = match did_you_mean(code, ENGINE_CODES.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if same().next().is_some() => format!("there is: {}", same().collect::<Vec<_>>().join(", ")),
            None => "a task's own codes have no dot".to_owned(),
        };
        let message = format!("no failure of the engine has the code `{code}`");
        self.checker.problem(Diagnostic::new(Code::UnknownErrorCode, span, message).help(help));
    }

    /// Trying an effect again needs a task that lets it happen once.
    pub(super) fn check_repeatable(&mut self, actions: &[&ActionDef], step: &PlanStep, retry: Option<&RetryDef>) {
        if step.retry.attempts < 2 {
            return;
        }
        let Some(place) = retry.map(|retry| retry.span) else { return };
        for (action, planned) in actions.iter().zip(step.actions()) {
            let crate::plan::model::Action::Task(call) = planned else { continue };
            let Some(signature) = self.signature_of(action).filter(|_| call.effect == Effect::Effects) else { continue };
            let safe = signature.annotations.iter().any(|(name, value)| IDEMPOTENT.contains(&&**name) && &**value != "false");
            // What says of itself that it only reads, or computes, repeats nothing.
            if safe || signature.effect != Effect::Effects {
                continue;
            }
            let message = format!("`{}` may change the world, and does not say that trying it again is safe", signature.name);
            self.checker.problem(
                Diagnostic::new(Code::RetryEffects, place, message)
                    .help("a task that hands its idempotency key on says so with the annotation `idempotency-key`, one that may be repeated as it is with `idempotent`")
                    .label(action.span, "tried again here"),
            );
        }
    }

    /// A result can take the place of a call only if the call does nothing else.
    pub(super) fn check_cache(&mut self, step: &StepDef, planned: &PlanStep) {
        let Some(span) = step.cache else { return };
        for (action, call) in step.body.actions().iter().filter(|action| action.is_task()).zip(planned.calls()) {
            let Some(why) = effectful(&call.grant).filter(|_| call.effect == Effect::Effects) else { continue };
            let message = format!("step `{}` cannot be cached: its grant lets it change the world ({why})", step.name.value);
            self.checker.problem(
                Diagnostic::new(Code::CacheEffects, span, message)
                    .help("remove `cache`, or grant no more than reading")
                    .label(action.span, "has effects"),
            );
        }
    }
}

/// The part of a grant that makes what has it effectful.
fn effectful(grant: &Grant) -> Option<String> {
    use crate::plan::grant::FileMode;
    let http = grant.http.iter().find(|rule| !rule.only_reads()).map(|rule| format!("http: {rule}"));
    let files = || grant.files.iter().find(|rule| rule.mode == FileMode::ReadWrite).map(|rule| format!("files: {rule}"));
    http.or_else(files).or_else(|| grant.scratch.then(|| "scratch".to_owned()))
}
