//! Input → events. Decisions read the state and change nothing.

use super::command::Command;
use super::event::{BlockReason, Event, Place};
use super::failure::{FailureKind, Platform};
use super::ids::Millis;
use super::input::Input;
use super::machine::Run;
use super::phase::{Cause, Phase};
use super::receipt::Receipt;
use crate::types::JsonLimits;

/// How large an answer of a task may be.
pub(super) const ANSWER_LIMITS: JsonLimits = JsonLimits { bytes: 64 << 20, depth: 64, nodes: 1_000_000 };

/// After so many deaths of the worker in a row while the same attempt ran, the run is set aside.
const LOSSES_MAX: u8 = 3;

impl Run {
    /// What an input means now. An input that is too late means nothing.
    pub(super) fn decide(&self, input: Input, now: Millis) -> Vec<Event> {
        if self.status().is_end() {
            return Vec::new();
        }
        match input {
            Input::Recovered => self.recovered(),
            Input::Released => self.given_back(|places| Event::Released { places }),
            Input::AttemptEnded { place, attempt, result, receipt } => self.attempt_ended(place, attempt, result, receipt, now),
            Input::ChildEnded { place, attempt, end } => self.child_ended(place, attempt, end, now),
            Input::WakeUp => Vec::new(),
            Input::Signal(signal) => self.signal(signal),
            Input::Approval(approval) => self.approval(approval),
            Input::LockGranted { place: None, token } if self.phase == Phase::Queued => vec![Event::Admitted { token }],
            Input::LockGranted { place: Some(place), token } if self.is_locking(place) => vec![Event::LockHeld { place, token }],
            Input::RateGranted { place, at } if self.is_rating(place) => vec![Event::Delayed { place, until: at }],
            Input::LockGranted { .. } | Input::RateGranted { .. } => Vec::new(),
            Input::ConcurrencyRefused if self.phase == Phase::Queued => {
                vec![Event::CancelRequested { reason: "skipped by concurrency".into() }]
            }
            Input::ConcurrencyRefused => Vec::new(),
            Input::Cancel { reason } => match self.phase {
                Phase::Cancelling | Phase::Compensating(_) => Vec::new(),
                _ => vec![Event::CancelRequested { reason }],
            },
            Input::PluginMissing { place, attempt, digest } if self.running.contains(&place) && self.is_running(place, attempt) => {
                let released = Event::Released { places: vec![place] };
                if self.may_go_on(place) && self.blocked.is_none() {
                    vec![released, Event::Blocked { reason: BlockReason::PluginMissing { digest } }]
                } else {
                    vec![released]
                }
            }
            Input::PluginMissing { .. } => Vec::new(),
            Input::Unblock => match self.blocked {
                Some(BlockReason::PluginMissing { .. } | BlockReason::KilledWorker { .. }) => vec![Event::Unblocked],
                _ => Vec::new(),
            },
            Input::Resolve { place, how } => match self.check_resolve(place, &how) {
                Ok(how) => vec![Event::Resolved { place, how }],
                Err(_) => Vec::new(),
            },
        }
    }

    /// Attempts that run here run no more: they begin again, except those that must not.
    fn given_back(&self, how: impl Fn(Vec<Place>) -> Event) -> Vec<Event> {
        // What nobody has been told to start has certainly not begun.
        let untold = |place: &Place| self.commands.iter().any(|command| matches!(command, Command::Start { place: at, .. } if at == place));
        let (unsure, again): (Vec<Place>, Vec<Place>) = self.running.iter().partition(|place| self.must_be_sure(**place) && !untold(place));
        let mut events: Vec<Event> = unsure.into_iter().map(|place| self.lost_for_good(place)).collect();
        if !again.is_empty() {
            events.push(how(again));
        }
        events
    }

    fn lost_for_good(&self, place: Place) -> Event {
        let mut failure = Platform::HostLost.failure("the worker stopped while the attempt ran");
        failure.kind = FailureKind::UnknownOutcome;
        let attempt = self.slot(place).map_or(0, |slot| slot.attempt);
        Event::OutcomeUnknown { place, attempt, failure, receipt: Receipt::default() }
    }

    fn recovered(&self) -> Vec<Event> {
        let mut events = self.given_back(|places| Event::Lost { places });
        let Some(Event::Lost { places }) = events.last() else { return events };
        let losses = |place: &Place| self.slot(*place).map_or(0, |slot| slot.losses.saturating_add(1));
        let poison = places.iter().copied().find(|place| losses(place) >= LOSSES_MAX && self.may_go_on(*place));
        if let Some(place) = poison.filter(|_| self.blocked.is_none()) {
            let times = u32::from(losses(&place));
            events.push(Event::Blocked { reason: BlockReason::KilledWorker { place, times } });
        }
        events
    }

    /// The next thing that follows from the state alone, if there is any.
    pub(super) fn advance(&self, now: Millis) -> Option<Event> {
        match self.phase {
            Phase::Unborn | Phase::Queued | Phase::Done(_) | Phase::Failed(_) | Phase::Cancelled => return None,
            Phase::Arriving => return self.arrive(),
            Phase::Running | Phase::Failing(_) | Phase::Cancelling | Phase::Compensating(_) => {}
        }
        if self.blocked.is_some() {
            return None;
        }
        if let Some(reason) = self.stuck() {
            return Some(Event::Blocked { reason });
        }
        let due =
            || self.starts.first().filter(|(due, _)| *due <= now && self.has_room()).and_then(|(_, place)| self.begin_at(*place, now));
        self.alarm(now)
            .or_else(|| self.deliver())
            .or_else(due)
            .or_else(|| self.first_queued().and_then(|place| self.look_at(place, now)))
            .or_else(|| self.ending())
    }

    fn ending(&self) -> Option<Event> {
        match &self.phase {
            Phase::Running if self.is_complete() => Some(match self.evaluate_outputs() {
                Ok(outputs) => Event::RunDone { outputs },
                Err(failure) => Event::Failing { failure },
            }),
            Phase::Failing(_) | Phase::Cancelling if self.is_drained() && !self.undo.is_empty() => Some(Event::CompensationBegan),
            Phase::Failing(Cause { step, failure }) | Phase::Compensating(Some(Cause { step, failure })) if self.is_over() => {
                Some(Event::RunFailed { step: *step, failure: failure.clone() })
            }
            Phase::Cancelling | Phase::Compensating(None) if self.is_over() => Some(Event::RunCancelled),
            _ => None,
        }
    }
}
