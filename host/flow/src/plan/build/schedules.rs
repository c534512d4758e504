//! Schedules of a file: what their runs are given, and what does not go together.

use std::sync::Arc;

use super::{Builder, ident, plan_input};
use crate::definition::{Code, Diagnostic, ScheduleDef};
use crate::plan::inputs::{InputError, complete};
use crate::plan::schedule::Schedule;
use crate::schedule::Cron;
use crate::types::{Fields, Value};

impl Builder<'_> {
    pub(super) fn schedules(&mut self) -> Vec<Schedule> {
        let mut schedules: Vec<Schedule> = Vec::new();
        for written in &self.definition.schedules {
            let given: Fields = written.inputs.iter().map(|(name, value)| (name.value.clone(), value.value.clone())).collect();
            self.check_given(written, &given);
            self.check_overlap(written);
            let schedule = Schedule {
                cron: written.cron.value.clone(),
                time_zone: written.time_zone.as_ref().map_or_else(|| Arc::from("UTC"), |zone| zone.value.clone()),
                overlap: written.overlap.as_ref().map(|overlap| overlap.value).unwrap_or_default(),
                catch_up: written.catch_up.unwrap_or_default(),
                inputs: Value::Map(Arc::new(given)),
            };
            self.warn_same(written, &schedules, &schedule);
            schedules.push(schedule);
        }
        schedules
    }

    /// Whatever a schedule starts must be able to start: nobody is there to be asked.
    fn check_given(&mut self, written: &ScheduleDef, given: &Fields) {
        let inputs: Vec<_> = self.definition.inputs.iter().map(plan_input).collect();
        let Err(errors) = complete(&self.definition.name.value, &inputs, given) else { return };
        for error in errors {
            let message = error.to_string();
            let entry = |name: &str| written.inputs.iter().find(|(known, _)| ident(&known.value) == ident(name));
            let problem = match &error {
                // One that could not be read is told of where it stands.
                InputError::Unknown { name, .. } if self.definition.unread.contains(&ident(name)) => continue,
                InputError::Unknown { name, help, .. } => {
                    let span = entry(name).map_or(written.span, |(known, _)| known.span);
                    let message = format!("the workflow has no input `{name}`");
                    let none = || "it has none: remove it, or add it under the workflow's `inputs`".to_owned();
                    Diagnostic::new(Code::UnknownKey, span, message).help(help.clone().unwrap_or_else(none))
                }
                InputError::Missing { name, ty } => {
                    let message = format!("the schedule does not give the input `{name}` ({ty}), which has no default");
                    let help = format!("add `inputs: {{ {name}: … }}` to the schedule, or give the input a default");
                    Diagnostic::new(Code::MissingKey, written.inputs_span.unwrap_or(written.span), message).help(help)
                }
                InputError::WrongType { name, .. } => {
                    let span = entry(name).map_or(written.span, |(_, value)| value.span);
                    Diagnostic::new(Code::BadValue, span, message)
                }
            };
            self.checker.problem(problem);
        }
    }

    /// A run waits in one place for others of its workflow.
    fn check_overlap(&mut self, written: &ScheduleDef) {
        let (Some(overlap), Some(concurrency)) = (&written.overlap, &self.definition.concurrency) else { return };
        if overlap.value.when_busy().is_some() {
            let message = "the runs of this schedule would wait for each other, and for others by `concurrency`";
            self.checker.problem(
                Diagnostic::new(Code::OverlapTwice, overlap.span, message)
                    .help("remove `overlap` here, and say `when-busy` under `concurrency`")
                    .label(concurrency.span, "all runs of the workflow wait here"),
            );
        }
    }

    fn warn_same(&mut self, written: &ScheduleDef, others: &[Schedule], schedule: &Schedule) {
        let when = |schedule: &Schedule| Cron::parse(&schedule.cron).ok();
        let same =
            |other: &Schedule| other.time_zone == schedule.time_zone && other.inputs == schedule.inputs && when(other) == when(schedule);
        if let Some(at) = others.iter().position(same) {
            let message = format!("this schedule is the same as schedule {}: each instant starts two runs", at + 1);
            self.checker.problem(
                Diagnostic::new(Code::SameSchedule, written.cron.span, message)
                    .help("remove one of them")
                    .label(self.definition.schedules[at].cron.span, "the same"),
            );
        }
    }
}
