//! Places that can go on by themselves, in the order in which they are looked at.

use std::collections::BTreeSet;

use super::event::Place;
use super::machine::{RUNNING_MAX, Run};
use crate::plan::{Action, StepKind};

/// Places to look at: first by priority, then in the order of the plan.
///
/// Those that would run a task wait while too many run; the others do not wait for them.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    tasks: BTreeSet<(i32, Place)>,
    others: BTreeSet<(i32, Place)>,
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.others.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.tasks.clear();
        self.others.clear();
    }

    /// Keeps the places of which `keep` is true.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(Place) -> bool) {
        self.tasks.retain(|(_, place)| keep(*place));
        self.others.retain(|(_, place)| keep(*place));
    }
}

impl Run {
    /// The place is looked at next time.
    pub(super) fn enqueue(&mut self, place: Place) {
        let key = self.queue_key(place);
        let queue = if self.runs_a_task(place) { &mut self.queue.tasks } else { &mut self.queue.others };
        queue.insert(key);
    }

    /// The place is not looked at any more.
    pub(super) fn dequeue(&mut self, place: Place) {
        let key = self.queue_key(place);
        self.queue.tasks.remove(&key);
        self.queue.others.remove(&key);
    }

    /// The place to look at now.
    pub(super) fn first_queued(&self) -> Option<Place> {
        let task = self.queue.tasks.first().filter(|_| self.has_room());
        let first = match (task, self.queue.others.first()) {
            (Some(task), Some(other)) => Some(task.min(other)),
            (task, other) => task.or(other),
        };
        first.map(|(_, place)| *place)
    }

    /// Whether another task may run.
    pub(super) fn has_room(&self) -> bool {
        self.running.len() < RUNNING_MAX
    }

    fn queue_key(&self, place: Place) -> (i32, Place) {
        (self.plan.steps[place.index()].priority.saturating_neg(), place)
    }

    /// Whether what comes next at a place may be the attempt of a task.
    fn runs_a_task(&self, place: Place) -> bool {
        match (&self.plan.steps[place.index()].kind, place.item) {
            (StepKind::ForEach { action, .. } | StepKind::Repeat { action, .. }, None) => matches!(action, Action::Task(_)),
            _ => matches!(self.action_of(place), Some(Action::Task(_))),
        }
    }
}
