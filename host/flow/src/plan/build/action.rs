//! Actions: what they call, what they are given, and the type of their results.

use std::sync::Arc;

use super::Builder;
use crate::definition::{ActionDef, ActionKind, CallDef, Code, Diagnostic, Span, Spanned, Template};
use crate::plan::check::Names;
use crate::plan::effective::effective;
use crate::plan::grant::Grant;
use crate::plan::model::{Action, Call, PlanTask, PlanTemplate};
use crate::plan::signature::TaskSignature;
use crate::types::{Field, Type, did_you_mean};

/// An action, and the type of its result: the one that fits everywhere while it is unknown.
pub(super) struct Made {
    /// Nothing when it cannot be built, which was told.
    pub(super) action: Option<Action>,
    /// The type of its result.
    pub(super) ty: Type,
}

impl Made {
    pub(super) fn unknown() -> Self {
        Self { action: None, ty: Type::Never }
    }

    fn new(action: Action, ty: Type) -> Self {
        Self { action: Some(action), ty }
    }
}

impl<'a> Builder<'a> {
    /// One action; `of` says whose it is: "step `a`".
    pub(super) fn action(&mut self, action: &ActionDef, names: &Names<'_>, of: &str) -> Made {
        match &action.kind {
            ActionKind::Task(call) => self.call(call, names, of),
            ActionKind::Flow(call) => self.flow_call(call, names, of),
            ActionKind::Sleep(duration) => {
                self.timer(duration, &Type::Duration, names, "sleep");
                Made::new(Action::Sleep(PlanTemplate::from(duration)), Type::Null)
            }
            ActionKind::Until(instant) => {
                self.timer(instant, &Type::Timestamp, names, "until");
                Made::new(Action::Until(PlanTemplate::from(instant)), Type::Null)
            }
            ActionKind::Signal { name, ty } => Made::new(Action::Signal { name: name.value.clone(), ty: ty.clone() }, ty.clone()),
            ActionKind::Approval { question } => {
                self.checker.expect_type(question, &Type::String, names, "approval");
                Made::new(Action::Approval { question: PlanTemplate::from(question) }, approval())
            }
            ActionKind::Value(value) => {
                let ty = self.checker.infer(value, names).unwrap_or(Type::Never);
                Made::new(Action::Value(PlanTemplate::from(value)), ty)
            }
        }
    }

    fn timer(&mut self, template: &Template, wanted: &Type, names: &Names<'_>, of: &str) {
        self.checker.expect_type(template, wanted, names, of);
    }

    fn call(&mut self, call: &CallDef, names: &Names<'_>, of: &str) -> Made {
        self.plugins_used.insert(call.task.plugin.clone());
        let Some(signature) = self.signature(call) else {
            // The task is unknown; what stands in `with` can still be read and its references checked.
            if let Some(with) = &call.with {
                self.checker.infer(with, names);
            }
            return Made::unknown();
        };
        let name = format!("{}.{}", call.task.plugin, signature.name);
        self.checker.input_of(call.with.as_ref(), &signature.input, names, &name, call.task.span);
        let grant = self.grant(call, signature, of);
        let effect = grant.effect();
        let with = call.with.as_ref().map_or_else(PlanTemplate::empty, PlanTemplate::from);
        let Some(task) = self.task(&call.task.plugin, signature) else { return Made::unknown() };
        Made::new(Action::Task(Call { task, with, grant, effect }), signature.output.clone())
    }

    /// The signature of a task, or a problem that names what there is.
    fn signature(&mut self, call: &CallDef) -> Option<&'a TaskSignature> {
        let (plugin, task) = (&call.task.plugin, &call.task.task);
        let info = match self.world.plugins.get(plugin) {
            Some(info) => info.as_ref().ok()?,
            None => {
                let near = did_you_mean(plugin, self.world.plugins.keys().map(|name| &**name));
                let help = near.map_or_else(|| format!("add `{plugin}: PATH` under `plugins:`"), |near| format!("did you mean `{near}`?"));
                let message = format!("no plugin is named `{plugin}`");
                self.checker.problem(Diagnostic::new(Code::UnknownName, call.task.span, message).help(help));
                return None;
            }
        };
        let found = info.tasks.iter().find(|signature| signature.name == *task);
        if found.is_none() {
            let names = || info.tasks.iter().map(|signature| &*signature.name).take(100);
            let help = did_you_mean(task, names()).map_or_else(
                || format!("it has: {}", names().collect::<Vec<_>>().join(", ")),
                |near| format!("did you mean `{plugin}.{near}`?"),
            );
            let message = format!("the plugin `{plugin}` has no task `{task}`");
            self.checker.problem(Diagnostic::new(Code::UnknownName, call.task.span, message).help(help));
        }
        found
    }

    /// What an action's task declares, where it is one that is known.
    pub(super) fn signature_of(&self, action: &ActionDef) -> Option<&'a TaskSignature> {
        let ActionKind::Task(call) = &action.kind else { return None };
        let info = self.world.plugins.get(&call.task.plugin)?.as_ref().ok()?;
        info.tasks.iter().find(|signature| signature.name == call.task.task)
    }

    fn task(&mut self, plugin: &Arc<str>, signature: &TaskSignature) -> Option<usize> {
        let key = (plugin.clone(), signature.name.clone());
        if let Some(index) = self.task_index.get(&key) {
            return Some(*index);
        }
        let plugin = self.plugin(plugin)?;
        self.tasks.push(PlanTask {
            plugin,
            name: signature.name.clone(),
            input: signature.input.clone(),
            output: signature.output.clone(),
        });
        self.task_index.insert(key, self.tasks.len() - 1);
        Some(self.tasks.len() - 1)
    }

    fn grant(&mut self, call: &CallDef, signature: &TaskSignature, of: &str) -> Grant {
        let task = format!("{}.{}", call.task.plugin, signature.name);
        let given = call.grant.as_ref().map(|grant| grant.value.clone()).unwrap_or_default();
        let place: Span = call.grant.as_ref().map_or(call.task.span, |grant: &Spanned<Grant>| grant.span);
        let (grant, missing, needless) = effective(&signature.asks, &given);
        for missing in missing {
            let capability = missing.capability;
            let docs = if capability.docs.is_empty() { String::new() } else { format!(": {}", capability.docs) };
            let message = format!("{of} does not grant `{}`, which `{task}` needs{docs}", capability.name);
            let help = format!("add beside the task: `grant: {{ {} }}`", missing.line);
            self.checker.problem(Diagnostic::new(Code::MissingGrant, place, message).help(help));
        }
        for kind in needless {
            let message = format!("`{task}` never asked for `{kind}`; it is not given");
            self.checker.problem(Diagnostic::new(Code::NeedlessGrant, place, message).help("remove it from `grant`"));
        }
        grant
    }
}

/// What an approval answers.
pub(super) fn approval() -> Type {
    Type::record(vec![
        Field::required("by", Type::String),
        Field::required("note", Type::option(Type::String)),
        Field::required("at", Type::Timestamp),
    ])
}
