//! Actions: the least things that are done.

use std::sync::Arc;

use super::diagnostic::{Code, Diagnostic};
use super::keys::{ACTIONS, Place};
use super::reader::{Keys, Reader, shorten};
use super::source::{Span, Spanned};
use super::template::{Template, TemplateKind};
use super::tree::{Node, NodeKind};
use crate::plan::{Grant, ParentEnds};
use crate::types::{Type, Value, parse_timestamp};

/// The least thing that is done.
#[derive(Clone, Debug)]
pub struct ActionDef {
    /// What it is.
    pub kind: ActionKind,
    /// Where its key stands.
    pub span: Span,
}

/// What an action is.
#[derive(Clone, Debug)]
pub enum ActionKind {
    /// Calls a task.
    Task(CallDef),
    /// Starts a sub-workflow.
    Flow(FlowCallDef),
    /// Waits for a time.
    Sleep(Template),
    /// Waits until an instant.
    Until(Template),
    /// Waits for a signal.
    Signal {
        /// The signal's name.
        name: Spanned<Arc<str>>,
        /// The type of its payload.
        ty: Type,
    },
    /// Waits for somebody's decision.
    Approval {
        /// What is to be decided.
        question: Template,
    },
    /// Computes a value.
    Value(Template),
}

/// A call of a task.
#[derive(Clone, Debug)]
pub struct CallDef {
    /// The task.
    pub task: TaskRef,
    /// Its input.
    pub with: Option<Template>,
    /// What it may touch.
    pub grant: Option<Spanned<Grant>>,
}

/// A start of a sub-workflow.
#[derive(Clone, Debug)]
pub struct FlowCallDef {
    /// A name under `flows`, or the path of a file.
    pub flow: Spanned<Arc<str>>,
    /// Its inputs.
    pub with: Option<Template>,
    /// What the steps within may touch at the most; nothing said is no bound.
    pub grant: Option<Spanned<Grant>>,
    /// What becomes of it when its parent ends first.
    pub parent_ends: ParentEnds,
}

/// `PLUGIN.TASK`.
#[derive(Clone, Debug)]
pub struct TaskRef {
    /// The plugin's name in this workflow.
    pub plugin: Arc<str>,
    /// The task's name in the plugin.
    pub task: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

impl ActionDef {
    /// The key that it is written with.
    pub fn key(&self) -> &'static str {
        match self.kind {
            ActionKind::Task(_) => "task",
            ActionKind::Flow(_) => "flow",
            ActionKind::Sleep(_) => "sleep",
            ActionKind::Until(_) => "until",
            ActionKind::Signal { .. } | ActionKind::Approval { .. } => "wait",
            ActionKind::Value(_) => "value",
        }
    }

    /// Whether it calls a task, and so has attempts.
    pub fn is_task(&self) -> bool {
        matches!(self.kind, ActionKind::Task(_))
    }

    /// The values it is made of.
    pub fn templates(&self) -> Option<&Template> {
        match &self.kind {
            ActionKind::Task(call) => call.with.as_ref(),
            ActionKind::Flow(call) => call.with.as_ref(),
            ActionKind::Sleep(template) | ActionKind::Until(template) | ActionKind::Value(template) => Some(template),
            ActionKind::Approval { question } => Some(question),
            ActionKind::Signal { .. } => None,
        }
    }
}

impl Reader<'_> {
    /// The one action of a mapping; `of` says whose it is.
    pub(super) fn action(&mut self, keys: &Keys<'_>, of: &str, named: Span) -> Option<ActionDef> {
        let found = keys.among(ACTIONS);
        let Some((key, span)) = found.first().copied() else {
            let others = ACTIONS[1..].join(", ");
            let message = format!("{of} does nothing: it has no action");
            self.problem(Diagnostic::new(Code::MissingKey, named, message).help(format!("add `task: PLUGIN.TASK`, or one of: {others}")));
            return None;
        };
        self.refuse_two(&found, of);
        let node = keys.get(key)?;
        let kind = match key {
            "task" => ActionKind::Task(self.call(keys, node)?),
            "flow" => ActionKind::Flow(self.flow_call(keys, node)?),
            "sleep" => ActionKind::Sleep(self.sleep(node)?),
            "until" => ActionKind::Until(self.until(node)?),
            "wait" => self.wait(node)?,
            _ => ActionKind::Value(self.template(node)?),
        };
        Some(ActionDef { kind, span })
    }

    /// Several keys of which only one may be there.
    pub(super) fn refuse_two(&mut self, found: &[(&str, Span)], of: &str) {
        let Some(((first, at), others)) = found.split_first() else { return };
        for (other, span) in others {
            let message = format!("{of} has `{first}` and `{other}`, and may have one of them");
            self.problem(
                Diagnostic::new(Code::TwoActions, *span, message)
                    .help("remove one of them; for several steps in one place use a `flow`")
                    .label(*at, "the other one"),
            );
        }
    }

    fn call(&mut self, keys: &Keys<'_>, node: &Node) -> Option<CallDef> {
        let with = self.with(keys, "the task's input");
        let grant = keys.get("grant").map(|node| self.grant(node));
        Some(CallDef { task: self.task_ref(node)?, with, grant })
    }

    fn flow_call(&mut self, keys: &Keys<'_>, node: &Node) -> Option<FlowCallDef> {
        let with = self.with(keys, "the inputs of the sub-workflow");
        let grant = keys.get("grant").map(|node| self.grant(node));
        let parent_ends = keys.get("if-parent-ends").and_then(|node| self.word(node, Place::Step, "if-parent-ends")).unwrap_or_default();
        let flow = self.text(node, "the name of a flow, or the path of one")?;
        Some(FlowCallDef { flow, with, grant, parent_ends })
    }

    fn with(&mut self, keys: &Keys<'_>, what: &str) -> Option<Template> {
        let node = keys.get("with")?;
        let template = self.template(node)?;
        let fits = matches!(&template.kind, TemplateKind::Map(_) | TemplateKind::Expr(_));
        let empty = matches!(&template.kind, TemplateKind::Literal(Value::Null));
        if !fits && !empty {
            self.wrong_shape(node, &format!("a mapping ({what})"));
        }
        fits.then_some(template)
    }

    fn task_ref(&mut self, node: &Node) -> Option<TaskRef> {
        let text = self.text(node, "PLUGIN.TASK")?;
        match text.value.split_once('.') {
            Some((plugin, task)) if !plugin.is_empty() && !task.is_empty() => {
                Some(TaskRef { plugin: plugin.into(), task: task.into(), span: node.span })
            }
            _ => {
                let message = format!("`{}` does not name a task", shorten(&text.value));
                self.problem(
                    Diagnostic::new(Code::WrongShape, node.span, message)
                        .help("write PLUGIN.TASK, such as `csv.parse`, where PLUGIN stands under `plugins:`"),
                );
                None
            }
        }
    }

    /// A duration, literal or computed.
    fn sleep(&mut self, node: &Node) -> Option<Template> {
        let template = self.template(node)?;
        match &template.kind {
            TemplateKind::Expr(_) => Some(template),
            _ => {
                let ms = self.duration(node, "`sleep`")?;
                let duration = jiff::SignedDuration::from_millis(i64::try_from(ms).ok()?);
                Some(Template { span: node.span, kind: TemplateKind::Literal(Value::Duration(duration)) })
            }
        }
    }

    /// An instant, literal or computed.
    fn until(&mut self, node: &Node) -> Option<Template> {
        let template = self.template(node)?;
        if let (TemplateKind::Literal(_), NodeKind::Scalar { text, .. }) = (&template.kind, &node.kind) {
            let Some(instant) = parse_timestamp(text) else {
                let message = format!("`until` is `{}`, which is not an instant", shorten(text));
                self.problem(
                    Diagnostic::new(Code::OutOfRange, node.span, message)
                        .help("write it as RFC 3339 text, such as 2030-05-01T12:00:00Z, or compute it: \"${ timestamp(inputs.when) }\""),
                );
                return None;
            };
            return Some(Template { span: node.span, kind: TemplateKind::Literal(Value::Timestamp(instant)) });
        }
        if !matches!(template.kind, TemplateKind::Expr(_)) {
            self.wrong_shape(node, "an instant, literal or computed");
            return None;
        }
        Some(template)
    }

    fn wait(&mut self, node: &Node) -> Option<ActionKind> {
        let keys = self.keys(node, Place::Wait)?;
        let found = keys.among(&["signal", "approval"]);
        self.refuse_two(&found, "`wait`");
        match found.first() {
            Some(("signal", _)) => {
                let ty = keys.get("type").map_or(Some(Type::Null), |node| self.ty(node));
                let name = self.text(keys.get("signal")?, "the name of a signal")?;
                let good = self.check_name(&name.value, name.span, "signal");
                good.then_some(ActionKind::Signal { name, ty: ty? })
            }
            Some(_) => Some(ActionKind::Approval { question: self.text_template(keys.get("approval")?)? }),
            None => {
                let message = "`wait` waits for nothing: it has neither `signal` nor `approval`";
                self.problem(Diagnostic::new(Code::MissingKey, keys.span, message).help("write `wait: { signal: NAME, type: TYPE }`"));
                None
            }
        }
    }
}
