//! Schedules: when a workflow starts by itself.

use std::sync::Arc;

use super::diagnostic::{Code, Diagnostic};
use super::keys::Place;
use super::reader::{Reader, shorten};
use super::source::{Span, Spanned};
use super::template::{Template, TemplateKind};
use super::tree::Node;
use crate::plan::Overlap;
use crate::schedule::{CatchUp, Cron, CronProblem, time_zone};
use crate::types::Value;

/// A schedule as it was written.
#[derive(Clone, Debug)]
pub struct ScheduleDef {
    /// Where it stands.
    pub span: Span,
    /// Its cron expression; it can be read.
    pub cron: Spanned<Arc<str>>,
    /// The time zone whose clocks it goes by; it exists.
    pub time_zone: Option<Spanned<Arc<str>>>,
    /// What is done when its last run has not ended, and where that is said.
    pub overlap: Option<Spanned<Overlap>>,
    /// What is done about instants that were missed.
    pub catch_up: Option<CatchUp>,
    /// What its runs are given: names with literal values.
    pub inputs: Vec<(Spanned<Arc<str>>, Spanned<Value>)>,
    /// Where `inputs` stands.
    pub inputs_span: Option<Span>,
}

/// The most schedules of a workflow.
pub const SCHEDULES_MAX: usize = 100;

impl Reader<'_> {
    /// The schedules of a file. One that cannot be read is left out; that is an error, so that no other takes its number.
    pub(super) fn schedules(&mut self, node: &Node) -> Vec<ScheduleDef> {
        let nodes = self.list(node);
        if nodes.len() > SCHEDULES_MAX {
            let message = format!("{} schedules; a workflow may have {SCHEDULES_MAX}", nodes.len());
            self.problem(
                Diagnostic::new(Code::OutOfRange, node.span, message).help("one schedule may name many times: `0,15,30 8-18 * * *`"),
            );
            return Vec::new();
        }
        nodes.iter().filter_map(|node| self.schedule(node)).collect()
    }

    fn schedule(&mut self, node: &Node) -> Option<ScheduleDef> {
        let keys = self.keys(node, Place::Schedule)?;
        if keys.get("cron").is_none() {
            self.missing(&keys, Place::Schedule, "cron");
        }
        let cron = keys.get("cron").and_then(|node| self.cron(node));
        let time_zone = keys.get("time-zone").map(|node| self.time_zone(node));
        let overlap = keys.entry("overlap").and_then(|(_, node)| {
            let word = self.word(node, Place::Schedule, "overlap")?;
            Some(Spanned::new(word, node.span))
        });
        let catch_up = keys.get("catch-up").and_then(|node| self.word(node, Place::Schedule, "catch-up"));
        let inputs = keys.get("inputs").map(|node| self.given(node)).unwrap_or_default();
        let inputs_span = keys.entry("inputs").map(|(span, _)| span);
        let time_zone = match time_zone {
            Some(read) => Some(read?),
            None => None,
        };
        Some(ScheduleDef { span: node.span, cron: cron?, time_zone, overlap, catch_up, inputs, inputs_span })
    }

    fn cron(&mut self, node: &Node) -> Option<Spanned<Arc<str>>> {
        let text = self.text(node, "a cron expression such as `15 2 * * *`")?;
        match Cron::parse(&text.value) {
            Ok(_) => Some(text),
            Err(error) => {
                let code = match error.problem {
                    CronProblem::Malformed => Code::BadCron,
                    CronProblem::NeverFires => Code::NeverFires,
                };
                // A text that stands in the file otherwise than it reads, with escapes, has no places of its own.
                let written = self.source.slice(text.span).find(&*text.value).map(|at| text.span.start + at);
                let span = written.map_or(text.span, |start| Span::new(start + error.span.start, start + error.span.end));
                self.problem(Diagnostic::new(code, span, error.message).maybe_help(error.help));
                None
            }
        }
    }

    fn time_zone(&mut self, node: &Node) -> Option<Spanned<Arc<str>>> {
        let text = self.text(node, "the name of a time zone such as `Europe/Rome`")?;
        match time_zone(&text.value) {
            Ok(_) => Some(text),
            Err(unknown) => {
                let help = unknown.near.map_or_else(
                    || "write a name of the IANA database, such as `Europe/Rome`, or `UTC`".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                let message = format!("no time zone is named `{}`", shorten(&text.value));
                self.problem(Diagnostic::new(Code::UnknownTimeZone, node.span, message).help(help));
                None
            }
        }
    }

    /// Literal inputs. Nothing has run when they are looked at, and so nothing can be computed.
    fn given(&mut self, node: &Node) -> Vec<(Spanned<Arc<str>>, Spanned<Value>)> {
        let mut given = Vec::new();
        for (name, node) in self.named(node, "input") {
            let Some(template) = self.template(node) else { continue };
            match literal(&template) {
                Ok(value) => given.push((name, Spanned::new(value, template.span))),
                Err(span) => {
                    let message = "the inputs of a schedule are literal values; this is an expression";
                    let help = "write the value; what depends on the instant is computed in the steps, from `run.scheduled_at`";
                    self.problem(Diagnostic::new(Code::WrongShape, span, message).help(help));
                }
            }
        }
        given
    }
}

/// The value of a template without expressions, or where one stands.
fn literal(template: &Template) -> Result<Value, Span> {
    match &template.kind {
        TemplateKind::Literal(value) => Ok(value.clone()),
        TemplateKind::Expr(at) => Err(at.span),
        TemplateKind::List(items) => Ok(Value::list(items.iter().map(literal).collect::<Result<Vec<_>, _>>()?)),
        TemplateKind::Map(entries) => {
            let entries = entries.iter().map(|(name, _, entry)| Ok((name.clone(), literal(entry)?)));
            Ok(Value::map(entries.collect::<Result<Vec<_>, _>>()?))
        }
    }
}
