//! Sub-workflows: runs of their own, which a place starts and waits for.

use std::sync::Arc;

use super::apply::illegal;
use super::command::Command;
use super::event::{Event, Place};
use super::failure::{Failure, Platform};
use super::ids::{Millis, RunUid};
use super::input::ChildEnd;
use super::machine::Run;
use super::phase::Phase;
use super::receipt::Receipt;
use super::state::{IllegalEvent, SlotState};
use crate::plan::{Action, ParentEnds, Plan};
use crate::types::{Field, Fields, Type, Value};

impl Run {
    /// The name in the world of the sub-workflow that an attempt at a place starts: always the same, so that it is started once.
    pub fn child_uid(&self, place: Place, attempt: u32) -> RunUid {
        use sha2::{Digest as _, Sha256};
        let mut hash = Sha256::new();
        hash.update(b"jackfield sub-workflow 1\0");
        hash.update(self.uid.0);
        hash.update(place.step.to_be_bytes());
        hash.update(place.item.map_or(0, |item| u64::from(item) + 1).to_be_bytes());
        hash.update(attempt.to_be_bytes());
        let bytes: [u8; 32] = hash.finalize().into();
        let mut uid = [0; 16];
        uid.copy_from_slice(&bytes[..16]);
        RunUid(uid)
    }

    /// The plan of the sub-workflow at a place.
    pub fn flow_of(&self, place: Place) -> Option<&Arc<Plan>> {
        match self.action_of(place)? {
            Action::Flow { flow, .. } => self.plan.flows.get(*flow),
            _ => None,
        }
    }

    /// The inputs of the sub-workflow at a place, complete and checked, or why there are none.
    pub fn child_inputs(&self, place: Place) -> Result<Value, Failure> {
        let (Some(Action::Flow { with, .. }), Some(flow)) = (self.action_of(place), self.flow_of(place)) else {
            return Err(Platform::ValueInput.failure("the step starts no sub-workflow"));
        };
        let given = match self.evaluate(with, Some(place))? {
            Value::Map(fields) => fields,
            Value::Null => Arc::new(Fields::new()),
            other => return Err(Platform::ValueInput.failure(format!("`with` is {}, and must be a map", other.kind()))),
        };
        flow.inputs_from(&given).map_err(|errors| {
            let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Platform::ValueInput.failure(format!("`{}` cannot start: {}", flow.workflow, all.join("; ")))
        })
    }

    /// Whether what starts at a place is a sub-workflow.
    pub(super) fn starts_child(&self, place: Place) -> bool {
        matches!(self.action_of(place), Some(Action::Flow { .. }))
    }

    pub(super) fn cancel_child(&mut self, place: Place) {
        if let Some(slot) = self.slot(place) {
            self.commands.push(Command::CancelChild { place, attempt: slot.attempt });
        }
    }

    /// What the end of a sub-workflow means.
    pub(super) fn child_ended(&self, place: Place, attempt: u32, end: ChildEnd, now: Millis) -> Vec<Event> {
        if self.leaving.contains(&(place, attempt)) {
            return vec![Event::ChildLeft { place, attempt }];
        }
        if !self.children.contains(&place) || !self.is_running(place, attempt) {
            return Vec::new();
        }
        let result = match end {
            ChildEnd::Done(text) => self.child_output(place, &text),
            ChildEnd::Failed(failure) => {
                let mut ours = Platform::FlowFailed.failure(format!("{}: {}", failure.code, failure.message));
                ours.data = failure.data;
                Err(ours)
            }
            ChildEnd::Cancelled => Err(Platform::FlowCancelled.failure("the sub-workflow was cancelled")),
        };
        let receipt = Receipt::default();
        vec![match result {
            Ok(output) => Event::Done { place, attempt, output, receipt },
            Err(failure) => {
                let retry_at = self.retry_at(place, &failure, now);
                Event::AttemptFailed { place, attempt, failure, retry_at, receipt }
            }
        }]
    }

    /// The outputs of a sub-workflow as the types that it declares.
    fn child_output(&self, place: Place, text: &str) -> Result<Value, Failure> {
        let Some(flow) = self.flow_of(place) else { return Err(Platform::ValueOutput.failure("the step starts no sub-workflow")) };
        let refused = |what: String| Platform::ValueOutput.failure(format!("the sub-workflow `{}` answered {what}", flow.workflow));
        let value =
            Value::from_json(text, super::decide::ANSWER_LIMITS).map_err(|error| refused(format!("what is no JSON value: {error}")))?;
        let fields = flow.outputs.iter().map(|output| Field::required(Arc::clone(&output.name), output.ty.clone())).collect();
        Type::record(fields).check(&value).map_err(|error| refused(format!("what is not of its type: {error}")))
    }

    pub(super) fn apply_child_left(&mut self, event: &Event, place: Place, attempt: u32) -> Result<(), IllegalEvent> {
        if self.leaving.remove(&(place, attempt)) { Ok(()) } else { Err(illegal(event)) }
    }

    /// Sub-workflows to attach to again, and to cancel again where that was wanted.
    pub(super) fn wanted_children(&self, wanted: &mut Vec<Command>) {
        let ends = !matches!(self.phase, Phase::Running);
        let running = self.children.iter().map(|place| {
            let attempt = self.slot(*place).map_or(0, |slot| slot.attempt);
            (*place, attempt, ends && !self.is_clean_up(*place))
        });
        let leaving = self.leaving.iter().map(|(place, attempt)| (*place, *attempt, true));
        for (place, attempt, stops) in running.chain(leaving) {
            wanted.push(Command::StartChild { place, attempt });
            if stops && self.child_policy(place) == Some(ParentEnds::Cancel) {
                wanted.push(Command::CancelChild { place, attempt });
            }
        }
    }

    /// Sub-workflows that have not ended, as far as this run knows: the place that started them, and which attempt.
    pub fn children(&self) -> Vec<(Place, u32)> {
        let running = self.children.iter().filter_map(|place| Some((*place, self.slot(*place)?.attempt)));
        let mut all: Vec<(Place, u32)> = running.chain(self.leaving.iter().copied()).collect();
        all.retain(|(place, _)| self.slot(*place).is_some_and(|slot| slot.state != SlotState::Waiting));
        all
    }
}
