//! The run: one value that holds all there is to know, changed by events alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::command::Command;
use super::event::{BlockReason, Event, Place};
use super::failure::Failure;
use super::ids::{Millis, RunId, RunUid};
use super::input::Input;
use super::state::{IllegalEvent, Phase, Slot, SlotState, Status};
use crate::plan::{Plan, StepKind};
use crate::types::{Fields, Value};

/// One execution of a plan.
///
/// [`Run::turn`] is the only way forward: an input becomes events, which have been applied when it returns and must be
/// made durable before the [`Run::take_commands`] that follow from them are carried out.
#[derive(Clone, Debug)]
pub struct Run {
    pub(super) id: RunId,
    pub(super) uid: RunUid,
    pub(super) plan: Arc<Plan>,
    pub(super) inputs: Value,
    pub(super) directory: Arc<str>,
    pub(super) rerun_of: Option<RunId>,
    pub(super) began: Millis,
    pub(super) ended: Option<Millis>,
    pub(super) phase: Phase,
    pub(super) cancel_reason: Option<Arc<str>>,
    pub(super) steps: Vec<Step>,
    /// For each step, the steps that wait for it.
    pub(super) dependents: Vec<Vec<u32>>,
    /// Results by the names that expressions know: what `steps` means there.
    pub(super) results: Fields,
    /// Steps whose needs are met and that were not looked at yet, in the order of the plan.
    pub(super) ready: BTreeSet<u32>,
    /// Opened `for-each` steps that have an item to start.
    pub(super) open: BTreeSet<u32>,
    /// Slots that wait for a time.
    pub(super) timers: BTreeSet<(Millis, Place)>,
    /// Attempts that are running.
    pub(super) running: BTreeSet<Place>,
    pub(super) steps_ended: u32,
    pub(super) commands: Vec<Command>,
}

/// One step of a run.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) status: Status,
    /// How many of its needs have not ended.
    pub(super) unmet: u32,
    pub(super) began: Option<Millis>,
    pub(super) ended: Option<Millis>,
    pub(super) work: Work,
    /// Why it failed.
    pub(super) failure: Option<Box<Failure>>,
}

/// What a step has to do.
#[derive(Clone, Debug)]
pub(super) enum Work {
    One(Slot),
    Many(Items),
}

/// The items of a `for-each` step; empty until it is opened.
#[derive(Clone, Debug, Default)]
pub(super) struct Items {
    pub(super) list: Arc<[Value]>,
    pub(super) slots: Vec<Slot>,
    /// Items before this one have been started at least once.
    pub(super) next: usize,
    /// Items that were started and came back without an end: lost or released, or due for another attempt.
    pub(super) again: BTreeSet<u32>,
    /// Items that were started and have not ended; one that waits for its next attempt counts, so that a service in
    /// trouble is not met by ever more items.
    pub(super) active: u32,
    pub(super) done: u32,
}

/// How many attempts of one run may be running at once.
pub(super) const RUNNING_MAX: usize = 256;

impl Run {
    /// A run that has not begun; [`Event::Began`] must be the first event applied.
    pub(crate) fn unborn(id: RunId, plan: Arc<Plan>) -> Self {
        let mut dependents = vec![Vec::new(); plan.steps.len()];
        for (step, planned) in plan.steps.iter().enumerate() {
            for need in &planned.needs {
                dependents[*need].push(Place::step(step).step);
            }
        }
        let steps = plan.steps.iter().map(|step| Step {
            status: Status::Waiting,
            unmet: Place::step(step.needs.len()).step,
            began: None,
            ended: None,
            work: match step.kind {
                StepKind::ForEach { .. } => Work::Many(Items::default()),
                _ => Work::One(Slot::default()),
            },
            failure: None,
        });
        Self {
            id,
            uid: RunUid([0; 16]),
            steps: steps.collect(),
            plan,
            inputs: Value::Null,
            directory: Arc::from(""),
            rerun_of: None,
            began: Millis(0),
            ended: None,
            phase: Phase::Unborn,
            cancel_reason: None,
            dependents,
            results: Fields::new(),
            ready: BTreeSet::new(),
            open: BTreeSet::new(),
            timers: BTreeSet::new(),
            running: BTreeSet::new(),
            steps_ended: 0,
            commands: Vec::new(),
        }
    }

    /// A new run and its first events. `adopted` are results taken over from another run, by index of their step.
    pub fn begin(plan: Arc<Plan>, beginning: Beginning, now: Millis) -> Result<(Self, Vec<Event>), IllegalEvent> {
        let mut run = Self::unborn(RunId(0), plan);
        let Beginning { uid, inputs, directory, rerun_of, adopted } = beginning;
        let mut events = vec![Event::Began { uid, inputs, directory, rerun_of, parent: None, labels: Vec::new() }];
        events.extend(adopted.into_iter().map(|(step, output)| Event::Adopted { step, output }));
        for event in &events {
            run.apply(event, now)?;
        }
        run.advance_all(now, &mut events)?;
        Ok((run, events))
    }

    /// One turn: decides what an input means, applies it, and everything that follows from it at once.
    ///
    /// The events that come back must be durable before any command is carried out or anything is shown. They are in order.
    pub fn turn(&mut self, input: Input, now: Millis) -> Result<Vec<Event>, IllegalEvent> {
        // What was given back is not started again by the one who gives it back.
        let stops = matches!(input, Input::Released);
        let mut events = self.decide(input, now);
        for event in &events {
            self.apply(event, now)?;
        }
        if !stops {
            self.advance_all(now, &mut events)?;
        }
        Ok(events)
    }

    fn advance_all(&mut self, now: Millis, events: &mut Vec<Event>) -> Result<(), IllegalEvent> {
        while let Some(event) = self.advance(now) {
            self.apply(&event, now)?;
            events.push(event);
        }
        Ok(())
    }

    /// The effects that the applied events want, each once, in order.
    pub fn take_commands(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.commands)
    }

    /// When the run wants to be woken, if time alone can move it.
    pub fn next_wakeup(&self) -> Option<Millis> {
        match self.phase {
            Phase::Running if self.running.len() < RUNNING_MAX => self.timers.first().map(|(at, _)| *at),
            _ => None,
        }
    }

    /// The run's name in the store.
    pub fn id(&self) -> RunId {
        self.id
    }

    /// Gives a new run the name that the store chose for it.
    pub fn named(mut self, id: RunId) -> Self {
        self.id = id;
        self
    }

    /// The run's name in the world.
    pub fn uid(&self) -> RunUid {
        self.uid
    }

    /// What it executes.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The directory that relative paths of grants start from.
    pub fn directory(&self) -> &Arc<str> {
        &self.directory
    }

    /// Its inputs.
    pub fn inputs(&self) -> &Value {
        &self.inputs
    }

    /// Its state as people see it.
    pub fn status(&self) -> Status {
        self.phase.status()
    }

    /// Whether attempts are running.
    pub fn is_busy(&self) -> bool {
        !self.running.is_empty()
    }

    /// How many steps have ended, of how many.
    pub fn progress(&self) -> (u32, u32) {
        (self.steps_ended, Place::step(self.steps.len()).step)
    }

    /// Its outputs, once it is done.
    pub fn outputs(&self) -> Option<&Value> {
        match &self.phase {
            Phase::Done(outputs) => Some(outputs),
            _ => None,
        }
    }

    /// Why it failed, and at which step.
    pub fn failure(&self) -> Option<(Option<usize>, &Failure)> {
        match &self.phase {
            Phase::Failed { step, failure } => Some((step.map(|step| step as usize), failure)),
            Phase::Failing { step, failure } => Some((Some(*step as usize), failure)),
            _ => None,
        }
    }

    /// Why it is blocked.
    pub fn blocked(&self) -> Option<&BlockReason> {
        match &self.phase {
            Phase::Blocked(reason) => Some(reason),
            _ => None,
        }
    }

    /// When it began.
    pub fn began(&self) -> Millis {
        self.began
    }

    /// The result of a step, when it has one; a `for-each` step's is the list of its items' results.
    pub fn result(&self, step: usize) -> Option<&Value> {
        self.results.get(&self.plan.steps.get(step)?.ident)
    }

    /// The slot of a place, when there is one.
    pub(super) fn slot(&self, place: Place) -> Option<&Slot> {
        match (&self.steps.get(place.index())?.work, place.item) {
            (Work::One(slot), None) => Some(slot),
            (Work::Many(items), Some(item)) => items.slots.get(item as usize),
            _ => None,
        }
    }

    /// Whether this attempt is the one that runs at its place.
    pub fn is_running(&self, place: Place, attempt: u32) -> bool {
        self.slot(place).is_some_and(|slot| slot.attempt == attempt && slot.state == SlotState::Running)
    }

    /// Results that another run may take over: of all steps but `from` and those that need it, however indirectly.
    pub fn adoptable(&self, from: &[usize]) -> Vec<(u32, Option<Value>)> {
        let mut again: BTreeSet<u32> = from.iter().map(|step| Place::step(*step).step).collect();
        let mut queue: Vec<u32> = again.iter().copied().collect();
        while let Some(step) = queue.pop() {
            for dependent in &self.dependents[step as usize] {
                if again.insert(*dependent) {
                    queue.push(*dependent);
                }
            }
        }
        let ended = self.steps.iter().enumerate().filter(|(_, step)| matches!(step.status, Status::Done | Status::Skipped));
        let kept = ended.map(|(step, _)| Place::step(step).step).filter(|step| !again.contains(step));
        kept.map(|step| (step, self.result(step as usize).cloned().filter(|_| self.steps[step as usize].status == Status::Done))).collect()
    }
}

/// How a run begins.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// Its name in the world: 16 random bytes.
    pub uid: RunUid,
    /// Its inputs, as [`Plan::inputs_from`] gives them.
    pub inputs: Value,
    /// The directory that relative paths of grants start from.
    pub directory: Arc<str>,
    /// The run that this one repeats, in part.
    pub rerun_of: Option<RunId>,
    /// Results taken over from that run.
    pub adopted: Vec<(u32, Option<Value>)>,
}
