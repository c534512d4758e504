//! Results taken over from another run of the same plan.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::apply::illegal;
use super::event::{Event, Place};
use super::ids::Millis;
use super::machine::Run;
use super::state::{IllegalEvent, Origin, SlotState, Status};
use crate::plan::{Action, PlanStep, PlanTemplate, RepeatTest, StepKind, Then};
use crate::types::Value;

/// Which items of a `for-each` are done again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemsAgain {
    /// Those that are not done.
    Failed,
    /// These, and those that are not done.
    These(Vec<u32>),
}

impl Run {
    /// Results that another run may take over: of all steps but `from` and those that need it, however indirectly.
    ///
    /// What was undone, or may have been, is not among them, nor what needs it.
    pub fn adoptable(&self, from: &[usize]) -> Vec<(u32, Option<Value>)> {
        let again = self.with_dependents(from.iter().map(|step| Place::step(*step).step).chain(self.undone_steps()));
        let ended = self.steps.iter().enumerate().filter(|(_, step)| matches!(step.status, Status::Done | Status::Skipped));
        let kept = ended.map(|(step, _)| Place::step(step).step).filter(|step| !again.contains(step));
        kept.map(|step| (step, self.result(step as usize).cloned().filter(|_| self.steps[step as usize].status == Status::Done))).collect()
    }

    /// The same for a run with other inputs: what read an input that is different now is not taken over either.
    pub fn adoptable_with(&self, from: &[usize], inputs: &Value) -> Vec<(u32, Option<Value>)> {
        let differs = |name: &str| self.inputs.get(name) != inputs.get(name);
        let all_differ = self.inputs != *inputs;
        let reads = |step: &PlanStep| {
            let mut found = false;
            references(&self.plan.steps, step, &mut |path| found |= path.first().map_or(all_differ, |name| differs(name)));
            found
        };
        let main = self.plan.steps.iter().enumerate().filter(|(_, step)| step.is_main() && reads(step));
        let from: Vec<usize> = from.iter().copied().chain(main.map(|(step, _)| step)).collect();
        self.adoptable(&from)
    }

    /// Results of single items of a `for-each` step that another run may take over, while it does the others again.
    ///
    /// The steps before it must be taken over as well ([`Run::adoptable`]), or its items may be others.
    pub fn adoptable_items(&self, step: usize, again: &ItemsAgain) -> Vec<(Place, Value)> {
        let (Some(state), Some(planned)) = (self.steps.get(step), self.plan.steps.get(step)) else { return Vec::new() };
        let (Some(many), StepKind::ForEach { .. }) = (state.many(), &planned.kind) else { return Vec::new() };
        let undone: BTreeSet<Option<u32>> = match planned.compensate {
            Some(compensate) => self.undone_items(compensate),
            None => BTreeSet::new(),
        };
        let places = many.slots.iter().zip(0..).filter_map(|(slot, item)| match &slot.state {
            SlotState::Done(value) => Some((Place::item(Place::step(step).step, item), value.clone())),
            _ => None,
        });
        let wanted = |item: Option<u32>| match (again, item) {
            (ItemsAgain::These(items), Some(item)) => items.contains(&item),
            _ => false,
        };
        places.filter(|(place, _)| !undone.contains(&place.item) && !wanted(place.item)).collect()
    }

    /// Places whose undoing has at least begun.
    fn undone_items(&self, compensate: usize) -> BTreeSet<Option<u32>> {
        match &self.steps[compensate].parts {
            super::step::Parts::Sparse(places) => places.keys().copied().collect(),
            _ => BTreeSet::new(),
        }
    }

    fn undone_steps(&self) -> impl Iterator<Item = u32> {
        let undone = |step: &PlanStep| step.compensate.is_some_and(|compensate| !self.undone_items(compensate).is_empty());
        self.plan.steps.iter().enumerate().filter(move |(_, step)| undone(step)).map(|(step, _)| Place::step(step).step)
    }

    /// Steps, and those that need them, however indirectly.
    fn with_dependents(&self, steps: impl Iterator<Item = u32>) -> BTreeSet<u32> {
        let mut all: BTreeSet<u32> = steps.collect();
        let mut queue: Vec<u32> = all.iter().copied().collect();
        while let Some(step) = queue.pop() {
            for dependent in self.dependents.get(step as usize).into_iter().flatten() {
                if all.insert(*dependent) {
                    queue.push(*dependent);
                }
            }
        }
        all
    }

    pub(super) fn adopt(&mut self, event: &Event, step: u32, output: Option<&Value>, at: Millis) -> Result<(), IllegalEvent> {
        let state = &self.steps[step as usize];
        if state.status != Status::Waiting || state.slot.state != SlotState::Waiting {
            return Err(illegal(event));
        }
        let status = match output {
            Some(output) => {
                let output = self.typed_as(&self.plan.steps[step as usize].output, output);
                let slot = &mut self.steps[step as usize].slot;
                (slot.state, slot.origin) = (SlotState::Done(output), Origin::Adopted);
                Status::Done
            }
            None => Status::Skipped,
        };
        self.end_step(step, status, at);
        Ok(())
    }

    pub(super) fn adopt_item(&mut self, event: &Event, place: Place, output: &Value) -> Result<(), IllegalEvent> {
        let output = self.typed(place, output);
        let state = &mut self.steps[place.index()];
        let fresh = state.status == Status::Waiting && state.slot.state == SlotState::Waiting;
        let is_for_each = matches!(self.plan.steps[place.index()].kind, StepKind::ForEach { .. });
        match (state.many_mut(), place.item) {
            (Some(many), Some(item)) if fresh && is_for_each => {
                many.adopted.insert(item, output);
                Ok(())
            }
            _ => Err(illegal(event)),
        }
    }
}

/// What a step, and what handles its failures, reads of the inputs: the names after `inputs`.
fn references(steps: &[PlanStep], step: &PlanStep, found: &mut dyn FnMut(&[Arc<str>])) {
    let mut templates: Vec<&PlanTemplate> = step.condition.iter().chain(step.lock.iter().map(|lock| &lock.name)).collect();
    match &step.kind {
        StepKind::ForEach { items, .. } => templates.push(items),
        StepKind::Repeat { start, test, .. } => {
            let (RepeatTest::While(test) | RepeatTest::Until(test)) = test;
            templates.extend([start, test]);
        }
        StepKind::Choose(branches) => templates.extend(branches.iter().filter_map(|branch| branch.condition.as_ref())),
        StepKind::One(_) | StepKind::Race(_) => {}
    }
    for action in step.actions() {
        match action {
            Action::Task(call) => templates.push(&call.with),
            Action::Flow { with, .. } => templates.push(with),
            Action::Sleep(template) | Action::Until(template) | Action::Value(template) => templates.push(template),
            Action::Approval { question } => templates.push(question),
            Action::Signal { .. } => {}
        }
    }
    for remedy in &step.on_error {
        match &remedy.then {
            Then::Value(template) => templates.push(template),
            Then::Step(handler) if steps[*handler].on_error.is_empty() => references(steps, &steps[*handler], found),
            Then::Step(_) | Then::Fail => {}
        }
    }
    templates.into_iter().for_each(|template| of_template(template, found));
}

fn of_template(template: &PlanTemplate, found: &mut dyn FnMut(&[Arc<str>])) {
    match template {
        PlanTemplate::Value(_) => {}
        PlanTemplate::Expr(expr) => {
            expr.references().iter().filter(|reference| &*reference.root == "inputs").for_each(|reference| found(&reference.path));
        }
        PlanTemplate::List(items) => items.iter().for_each(|item| of_template(item, found)),
        PlanTemplate::Map(entries) => entries.iter().for_each(|(_, value)| of_template(value, found)),
    }
}
