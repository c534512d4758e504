//! Input → events. Decisions read the state and change nothing.

use std::sync::Arc;

use super::event::{BlockReason, Event, Place};
use super::failure::{Failure, FailureKind, Platform};
use super::ids::Millis;
use super::input::Input;
use super::machine::{RUNNING_MAX, Run, Work};
use super::receipt::Receipt;
use super::retry::wait_ms;
use super::state::{Phase, SlotState, Status};
use crate::plan::StepKind;
use crate::types::{JsonLimits, Value};

/// How large an answer of a task may be.
const ANSWER_LIMITS: JsonLimits = JsonLimits { bytes: 64 << 20, depth: 64, nodes: 1_000_000 };

/// After so many deaths of the worker in a row while the same attempt ran, the run is set aside.
const LOSSES_MAX: u16 = 3;

impl Run {
    /// What an input means now. An input that is too late means nothing.
    pub(super) fn decide(&self, input: Input, now: Millis) -> Vec<Event> {
        if self.status().is_end() {
            return Vec::new();
        }
        match input {
            Input::Recovered => self.recovered(),
            Input::Released => match self.running_places() {
                places if places.is_empty() => Vec::new(),
                places => vec![Event::Released { places }],
            },
            Input::AttemptEnded { place, attempt, result, receipt } => self.attempt_ended(place, attempt, result, receipt, now),
            Input::WakeUp => Vec::new(),
            Input::Cancel { reason } => match self.phase {
                Phase::Cancelling => Vec::new(),
                _ => vec![Event::CancelRequested { reason }],
            },
            Input::PluginMissing { place, attempt, digest } if self.is_running(place, attempt) => {
                let released = Event::Released { places: vec![place] };
                match self.phase {
                    Phase::Running => vec![released, Event::Blocked { reason: BlockReason::PluginMissing { digest } }],
                    _ => vec![released],
                }
            }
            Input::PluginMissing { .. } => Vec::new(),
            Input::Unblock => match self.phase {
                Phase::Blocked(_) => vec![Event::Unblocked],
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn running_places(&self) -> Vec<Place> {
        self.running.iter().copied().collect()
    }

    fn recovered(&self) -> Vec<Event> {
        let places = self.running_places();
        if places.is_empty() {
            return Vec::new();
        }
        let losses = |place: &Place| self.slot(*place).map_or(0, |slot| slot.losses + 1);
        let poison = places.iter().copied().find(|place| losses(place) >= LOSSES_MAX);
        let mut events = vec![Event::Lost { places }];
        if let (Some(place), Phase::Running) = (poison, &self.phase) {
            let times = u32::from(losses(&place));
            events.push(Event::Blocked { reason: BlockReason::KilledWorker { place, times } });
        }
        events
    }

    fn attempt_ended(&self, place: Place, attempt: u32, result: Result<Arc<str>, Failure>, receipt: Receipt, now: Millis) -> Vec<Event> {
        if !self.is_running(place, attempt) {
            return Vec::new();
        }
        match result.and_then(|text| self.output(place, &text)) {
            Ok(output) => vec![Event::Done { place, attempt, output, receipt }],
            Err(failure) => {
                let retry_at = self.retry_at(place, &failure, now);
                vec![Event::AttemptFailed { place, attempt, failure, retry_at, receipt }]
            }
        }
    }

    /// The answer of a task as a value of the type it declares.
    fn output(&self, place: Place, text: &str) -> Result<Value, Failure> {
        let Some(call) = self.call_of(place) else { return Err(Platform::PluginNoTask.failure("the step calls no task")) };
        let task = &self.plan.tasks[call.task];
        let refused = |what: String| Platform::ValueOutput.failure(format!("the task `{}` answered {what}", task.name));
        let value = Value::from_json(text, ANSWER_LIMITS).map_err(|error| refused(format!("what is not a JSON value: {error}")))?;
        task.output.check(&value).map_err(|error| refused(format!("a value that is not of its type {}: {error}", task.output)))
    }

    /// When a failed attempt is tried again, if it is.
    fn retry_at(&self, place: Place, failure: &Failure, now: Millis) -> Option<Millis> {
        let retry = &self.plan.steps[place.index()].retry;
        let tries = self.slot(place)?.tries();
        if self.phase != Phase::Running || tries >= retry.attempts {
            return None;
        }
        let wait = wait_ms(retry, tries, self.uid, place);
        match failure.kind {
            FailureKind::Permanent => None,
            FailureKind::Transient | FailureKind::UnknownOutcome => Some(now.after(wait)),
            // What the task asks for, but no longer than the step's longest wait.
            FailureKind::RetryAfter(ms) => Some(now.after(ms.max(wait).min(retry.max_ms.max(wait)))),
        }
    }

    /// The next thing that follows from the state alone, if there is any.
    pub(super) fn advance(&self, now: Millis) -> Option<Event> {
        match &self.phase {
            Phase::Running => self.advance_running(now),
            Phase::Failing { step, failure } if self.running.is_empty() => {
                Some(Event::RunFailed { step: Some(*step), failure: failure.clone() })
            }
            Phase::Cancelling if self.running.is_empty() => Some(Event::RunCancelled),
            _ => None,
        }
    }

    fn advance_running(&self, now: Millis) -> Option<Event> {
        if self.steps_ended as usize == self.steps.len() {
            return Some(match self.evaluate_outputs() {
                Ok(outputs) => Event::RunDone { outputs },
                Err(failure) => Event::RunFailed { step: None, failure },
            });
        }
        if self.running.len() >= RUNNING_MAX {
            return None;
        }
        if let Some((_, place)) = self.timers.first().filter(|(due, _)| *due <= now) {
            return self.started(*place);
        }
        if let Some(step) = self.ready.first() {
            return self.open_step(*step);
        }
        self.open.iter().find_map(|step| self.start_item(*step))
    }

    fn started(&self, place: Place) -> Option<Event> {
        self.slot(place).map(|slot| Event::Started { place, attempt: slot.attempt + 1 })
    }

    /// A step whose needs are met: skipped, opened or started.
    fn open_step(&self, step: u32) -> Option<Event> {
        let index = step as usize;
        if self.steps[index].status == Status::Waiting {
            match self.condition_of(index) {
                Ok(true) => {}
                Ok(false) => return Some(Event::Skipped { step }),
                Err(failure) => return Some(Event::StepFailed { step, failure }),
            }
        }
        match &self.plan.steps[index].kind {
            StepKind::ForEach { .. } => Some(match self.items_of(index) {
                Ok(items) => Event::ItemsOpened { step, count: u32::try_from(items.len()).unwrap_or(u32::MAX) },
                Err(failure) => Event::StepFailed { step, failure },
            }),
            _ => self.started(Place { step, item: None }),
        }
    }

    fn start_item(&self, step: u32) -> Option<Event> {
        let StepKind::ForEach { max_parallel, .. } = &self.plan.steps[step as usize].kind else { return None };
        let Work::Many(items) = &self.steps[step as usize].work else { return None };
        if items.active >= *max_parallel {
            return None;
        }
        let fresh = || (items.next < items.slots.len()).then(|| u32::try_from(items.next).unwrap_or(u32::MAX));
        let item = items.again.first().copied().or_else(fresh)?;
        let place = Place { step, item: Some(item) };
        debug_assert!(self.slot(place).is_some_and(|slot| slot.state == SlotState::Waiting), "an item is started once");
        self.started(place)
    }
}
