//! Named locks, room among runs with the same key, and how often places may start. The outside keeps the books; a run says
//! what it wants, and what it no longer wants.

use std::sync::Arc;

use super::apply::illegal;
use super::command::{Command, Release};
use super::event::{Event, Place};
use super::failure::{Failure, Platform};
use super::ids::{LockToken, Millis};
use super::machine::Run;
use super::phase::Phase;
use super::state::{IllegalEvent, SlotEvent, SlotState};
use crate::plan::{PlanTemplate, StepKind, WhenBusy};
use crate::types::Value;

/// The longest name of a lock or a key, in bytes.
const NAME_BYTES_MAX: usize = 256;

/// The runs among which a run needs room.
pub(super) struct Crowd<'p> {
    key: CrowdKey<'p>,
    /// So many may run at once.
    limit: u32,
    when_busy: WhenBusy,
}

/// What those runs have in common.
enum CrowdKey<'p> {
    /// A text computed from their inputs.
    Computed(&'p PlanTemplate),
    /// The schedule with this name started them.
    Schedule(String),
}

impl Run {
    /// The place that holds the lock under which a place works: an item of a `for-each` has its own; iterations and
    /// contenders work under that of their step.
    fn lock_place(&self, place: Place) -> Place {
        match self.plan.steps[place.index()].kind {
            StepKind::Repeat { .. } | StepKind::Race(_) => place.whole(),
            _ => place,
        }
    }

    /// The lock under which a place works, as expressions see it. What the lock guards can tell an old holder by the token: it
    /// only grows.
    pub(super) fn lock_at(&self, place: Place) -> Option<Value> {
        let lock = self.locks.get(&Some(self.lock_place(place)))?;
        let name = lock.name.strip_prefix("lock/").unwrap_or(&lock.name);
        let token = i64::try_from(lock.token?.0).unwrap_or(i64::MAX);
        Some(Value::map([("name", Value::string(name)), ("token", Value::Int(token))]))
    }

    /// What a place wants before it may begin, if there is anything.
    pub(super) fn gate(&self, place: Place) -> Option<Event> {
        let planned = &self.plan.steps[place.index()];
        if let Some(lock) = &planned.lock
            && self.lock_place(place) == place
            && !self.locks.contains_key(&Some(place))
        {
            return Some(match self.name_of(&lock.name, Some(place), "lock") {
                Ok(name) => Event::LockWanted { place, name, permits: lock.permits },
                Err(failure) => Event::PlaceFailed { place, failure },
            });
        }
        let slot = self.slot(place);
        let fresh = slot.is_none_or(|slot| slot.attempt == 0 && !matches!(slot.state, SlotState::Delayed(_)));
        let counts = self.action_of(place).is_some();
        (planned.rate.is_some() && fresh && counts).then_some(Event::RateWanted { place })
    }

    /// A computed text with what it names before it, so that a lock and a key cannot meet.
    fn name_of(&self, template: &PlanTemplate, place: Option<Place>, what: &str) -> Result<Arc<str>, Failure> {
        let text = match self.evaluate(template, place)? {
            Value::String(text) => text,
            other => Arc::from(other.to_json()),
        };
        if text.len() > NAME_BYTES_MAX {
            let message = format!("the name of a {what} has {} bytes; it may have {NAME_BYTES_MAX}", text.len());
            return Err(Platform::LimitInputSize.failure(message));
        }
        Ok(match what {
            "lock" => Arc::from(format!("lock/{text}")),
            _ => Arc::from(format!("concurrency/{}/{text}", self.plan.workflow)),
        })
    }

    pub(super) fn apply_lock_wanted(
        &mut self,
        event: &Event,
        place: Place,
        name: &Arc<str>,
        permits: u32,
        at: Millis,
    ) -> Result<(), IllegalEvent> {
        if self.locks.contains_key(&Some(place)) || self.lock_place(place) != place {
            return Err(illegal(event));
        }
        self.change(event, place, SlotEvent::LockWanted, at)?;
        self.locks.insert(Some(place), Release { place: Some(place), name: Arc::clone(name), token: None, since: at });
        let when_busy = WhenBusy::Queue;
        self.commands.push(Command::Acquire { place: Some(place), name: Arc::clone(name), permits, when_busy, since: at });
        Ok(())
    }

    pub(super) fn apply_lock_held(&mut self, event: &Event, place: Place, token: LockToken, at: Millis) -> Result<(), IllegalEvent> {
        self.change(event, place, SlotEvent::LockHeld, at)?;
        if let Some(lock) = self.locks.get_mut(&Some(place)) {
            lock.token = Some(token);
        }
        Ok(())
    }

    pub(super) fn apply_rate_wanted(&mut self, event: &Event, place: Place, at: Millis) -> Result<(), IllegalEvent> {
        let Some(rate) = self.plan.steps[place.index()].rate.clone() else { return Err(illegal(event)) };
        self.prepare_part(place);
        self.change(event, place, SlotEvent::RateWanted, at)?;
        self.commands.push(Command::Reserve { place, rate });
        Ok(())
    }

    /// Whether a place has asked for its lock, or holds it; without a place, room among the runs with the same key.
    pub fn wants_lock(&self, place: Option<Place>) -> bool {
        self.locks.contains_key(&place)
    }

    pub(super) fn is_locking(&self, place: Place) -> bool {
        self.slot(place).is_some_and(|slot| slot.state == SlotState::Locking)
    }

    pub(super) fn is_rating(&self, place: Place) -> bool {
        self.slot(place).is_some_and(|slot| slot.state == SlotState::Rating)
    }

    /// A place no longer needs its lock.
    pub(super) fn release(&mut self, place: Place) {
        self.releases.extend(self.locks.remove(&Some(place)));
    }

    pub(super) fn release_all(&mut self) {
        self.releases.extend(std::mem::take(&mut self.locks).into_values());
    }

    /// What a run that has just begun asks for first.
    pub(super) fn arrive(&self) -> Option<Event> {
        let Crowd { key, limit, when_busy } = self.crowd()?;
        let key = match key {
            CrowdKey::Computed(template) => self.name_of(template, None, "key"),
            CrowdKey::Schedule(name) => Ok(Arc::from(format!("schedule/{name}"))),
        };
        Some(match key {
            Ok(key) => Event::Queued { key, limit, when_busy },
            Err(failure) => Event::Failing { failure },
        })
    }

    /// The runs among which it needs room: those of its workflow, or those of the schedule that started it.
    pub(super) fn crowd(&self) -> Option<Crowd<'_>> {
        if let Some(concurrency) = &self.plan.concurrency {
            let (limit, when_busy) = (concurrency.limit, concurrency.when_busy);
            return Some(Crowd { key: CrowdKey::Computed(&concurrency.key), limit, when_busy });
        }
        let index = self.scheduled?.schedule as usize;
        let when_busy = self.plan.schedules.get(index)?.overlap.when_busy()?;
        Some(Crowd { key: CrowdKey::Schedule(self.plan.schedule_name(index)), limit: 1, when_busy })
    }

    pub(super) fn queue_up(&mut self, key: &Arc<str>, limit: u32, when_busy: WhenBusy) {
        self.phase = Phase::Queued;
        self.locks.insert(None, Release { place: None, name: Arc::clone(key), token: None, since: self.began });
        self.commands.push(Command::Acquire { place: None, name: Arc::clone(key), permits: limit, when_busy, since: self.began });
    }

    pub(super) fn be_admitted(&mut self, token: LockToken) {
        self.phase = Phase::Running;
        if let Some(key) = self.locks.get_mut(&None) {
            key.token = Some(token);
        }
    }

    /// What is wanted from outside and has not come yet: asked for again by a worker that has just taken the run over.
    pub(super) fn wanted(&self) -> Vec<Command> {
        let mut wanted = Vec::new();
        if let (Phase::Queued, Some(key), Some(crowd)) = (&self.phase, self.locks.get(&None), self.crowd()) {
            let (permits, when_busy) = (crowd.limit, crowd.when_busy);
            wanted.push(Command::Acquire { place: None, name: Arc::clone(&key.name), permits, when_busy, since: key.since });
        }
        for place in &self.active {
            let planned = &self.plan.steps[place.index()];
            match self.slot(*place).map(|slot| &slot.state) {
                Some(SlotState::Locking) => {
                    let Some((asked, lock)) = self.locks.get(&Some(*place)).zip(planned.lock.as_ref()) else { continue };
                    let (name, permits, when_busy, since) = (Arc::clone(&asked.name), lock.permits, WhenBusy::Queue, asked.since);
                    wanted.push(Command::Acquire { place: Some(*place), name, permits, when_busy, since });
                }
                Some(SlotState::Rating) => wanted.extend(planned.rate.clone().map(|rate| Command::Reserve { place: *place, rate })),
                _ => {}
            }
        }
        self.wanted_children(&mut wanted);
        wanted
    }
}
