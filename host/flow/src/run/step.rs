//! What a run knows of one step.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::failure::Failure;
use super::ids::Millis;
use super::state::{Slot, Status};
use crate::plan::{PlanStep, StepKind};
use crate::types::Value;

/// One step of a run.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) status: Status,
    /// How many of its needs have not ended.
    pub(super) unmet: u32,
    pub(super) began: Option<Millis>,
    pub(super) ended: Option<Millis>,
    /// When its time in all is over, while that counts.
    pub(super) deadline: Option<Millis>,
    /// Why it failed.
    pub(super) failure: Option<Box<Failure>>,
    /// The work of the step as a whole. It ends before the step does, when there is a `finally`.
    pub(super) slot: Slot,
    /// The branch that a `choose` took.
    pub(super) branch: Option<u32>,
    pub(super) parts: Parts,
}

/// The parts of a step.
#[derive(Clone, Debug)]
pub(super) enum Parts {
    /// It has none.
    None,
    /// Items, iterations or contenders.
    Many(Box<Many>),
    /// The step belongs to another: its work for the whole of it, or for some of its items. Most are never needed.
    Sparse(BTreeMap<Option<u32>, Hidden>),
}

/// The items of a `for-each`, the iterations of a `repeat`, the contenders of a `race`; empty until the step is opened.
#[derive(Clone, Debug, Default)]
pub(super) struct Many {
    /// The items of a `for-each`.
    pub(super) list: Arc<[Value]>,
    pub(super) slots: Vec<Slot>,
    /// Parts before this one have begun.
    pub(super) next: usize,
    /// Parts before that one that have to begin again: lost, released, or to be tried once more.
    pub(super) again: BTreeSet<u32>,
    /// Parts that have begun and have not ended; one that waits for its next attempt counts, so that a service in trouble
    /// is not met by ever more items.
    pub(super) active: u32,
    pub(super) done: u32,
    pub(super) failed: u32,
    pub(super) cancelled: u32,
    /// The failure that counts: of a `for-each` the first, of a `race` the last.
    pub(super) failure: Option<Box<Failure>>,
    /// What a `repeat` carries.
    pub(super) carry: Value,
    /// Results of items taken over from another run, until the step is opened.
    pub(super) adopted: BTreeMap<u32, Value>,
}

/// The work of a step that belongs to another, at one place.
#[derive(Clone, Debug, Default)]
pub(super) struct Hidden {
    pub(super) slot: Slot,
    pub(super) began: Option<Millis>,
    pub(super) ended: Option<Millis>,
    pub(super) deadline: Option<Millis>,
}

impl Step {
    pub(super) fn new(planned: &PlanStep) -> Self {
        let parts = match planned.kind {
            _ if !planned.is_main() => Parts::Sparse(BTreeMap::new()),
            StepKind::ForEach { .. } | StepKind::Repeat { .. } | StepKind::Race(_) => Parts::Many(Box::default()),
            StepKind::One(_) | StepKind::Choose(_) => Parts::None,
        };
        Self {
            status: Status::Waiting,
            unmet: u32::try_from(planned.needs.len()).unwrap_or(u32::MAX),
            began: None,
            ended: None,
            deadline: None,
            failure: None,
            slot: Slot::default(),
            branch: None,
            parts,
        }
    }

    pub(super) fn many(&self) -> Option<&Many> {
        match &self.parts {
            Parts::Many(many) => Some(many),
            _ => None,
        }
    }

    pub(super) fn many_mut(&mut self) -> Option<&mut Many> {
        match &mut self.parts {
            Parts::Many(many) => Some(many),
            _ => None,
        }
    }

    pub(super) fn slot(&self, item: Option<u32>) -> Option<&Slot> {
        match (&self.parts, item) {
            (Parts::Sparse(places), item) => places.get(&item).map(|hidden| &hidden.slot),
            (_, None) => Some(&self.slot),
            (Parts::Many(many), Some(item)) => many.slots.get(item as usize),
            (Parts::None, Some(_)) => None,
        }
    }

    pub(super) fn slot_mut(&mut self, item: Option<u32>) -> Option<&mut Slot> {
        match (&mut self.parts, item) {
            (Parts::Sparse(places), item) => places.get_mut(&item).map(|hidden| &mut hidden.slot),
            (_, None) => Some(&mut self.slot),
            (Parts::Many(many), Some(item)) => many.slots.get_mut(item as usize),
            (Parts::None, Some(_)) => None,
        }
    }

    pub(super) fn hidden_mut(&mut self, item: Option<u32>) -> Option<&mut Hidden> {
        match &mut self.parts {
            Parts::Sparse(places) => places.get_mut(&item),
            _ => None,
        }
    }
}

impl Many {
    /// How many parts have ended.
    pub(super) fn ended(&self) -> usize {
        self.done as usize + self.failed as usize + self.cancelled as usize
    }

    /// The next part that has not begun, or that has to begin again.
    pub(super) fn first(&self) -> Option<u32> {
        let fresh = || (self.next < self.slots.len()).then(|| u32::try_from(self.next).unwrap_or(u32::MAX));
        self.again.first().copied().or_else(fresh)
    }
}
