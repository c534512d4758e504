//! The run: one value that holds all there is to know, changed by events alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::command::{Command, Release};
use super::event::{BlockReason, Event, Parent, Place, Scheduled};
use super::failure::Failure;
use super::ids::{Millis, RunId, RunUid};
use super::input::Input;
use super::phase::{Cause, Phase};
use super::queue::Queue;
use super::signal::Mailbox;
use super::state::{IllegalEvent, Slot, SlotState, Status};
use super::step::Step;
use crate::plan::{Action, Plan};
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
    pub(super) parent: Option<Parent>,
    pub(super) priority_given: Option<i32>,
    pub(super) labels: Vec<(Arc<str>, Arc<str>)>,
    pub(super) scheduled: Option<Scheduled>,
    pub(super) began: Millis,
    pub(super) ended: Option<Millis>,
    pub(super) phase: Phase,
    pub(super) blocked: Option<BlockReason>,
    pub(super) cancel_reason: Option<Arc<str>>,
    pub(super) steps: Vec<Step>,
    /// For each step, the steps that wait for it.
    pub(super) dependents: Vec<Vec<u32>>,
    /// Results by the names that expressions know: what `steps` means there.
    pub(super) results: Fields,
    /// Places that can go on by themselves.
    pub(super) queue: Queue,
    /// Places that want to start at an instant.
    pub(super) starts: BTreeSet<(Millis, Place)>,
    /// Places whose sleep, or whose time, is over at an instant.
    pub(super) alarms: BTreeSet<(Millis, Place)>,
    /// Places where something is under way.
    pub(super) active: BTreeSet<Place>,
    /// Those of them where an attempt of a task runs.
    pub(super) running: BTreeSet<Place>,
    /// Those of them where a sub-workflow runs.
    pub(super) children: BTreeSet<Place>,
    /// How many sub-workflows were started so far.
    pub(super) children_started: u32,
    /// Those of them where nobody knows what an attempt did.
    pub(super) undecided: BTreeSet<Place>,
    /// Sub-workflows whose end is waited for although nobody needs their result.
    pub(super) leaving: BTreeSet<(Place, u32)>,
    /// Places whose worker died while they ran.
    pub(super) lossy: BTreeSet<Place>,
    /// Steps of the file that have begun and not ended.
    pub(super) underway: BTreeSet<u32>,
    /// What was done and can be undone, in the order of completion.
    pub(super) undo: Vec<Place>,
    /// Locks held or asked for.
    pub(super) locks: BTreeMap<Option<Place>, Release>,
    pub(super) mailbox: Mailbox,
    /// How many steps the file has.
    pub(super) main_steps: u32,
    pub(super) steps_ended: u32,
    pub(super) commands: Vec<Command>,
    pub(super) releases: Vec<Release>,
    /// Whether the last turn left something that can be done at once.
    pub(super) pace: Pace,
}

/// Whether there is more to do at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// No.
    Rests,
    /// Yes: the turn was long enough.
    GoesOn,
    /// Yes, for the worker that takes the run over next.
    HandedOver,
}

/// How many attempts of tasks of one run may be running at once.
pub(super) const RUNNING_MAX: usize = 256;
/// How many events one turn may have that follow from the state alone: what is kept in one piece has a bound.
const TURN_EVENTS_MAX: usize = 4_096;

impl Run {
    /// A run that has not begun; [`Event::Began`] must be the first event applied.
    pub(crate) fn unborn(id: RunId, plan: Arc<Plan>) -> Self {
        let mut dependents = vec![Vec::new(); plan.steps.len()];
        for (step, planned) in plan.steps.iter().enumerate().filter(|(_, planned)| planned.is_main()) {
            for need in &planned.needs {
                dependents[*need].push(Place::step(step).step);
            }
        }
        let main_steps = plan.steps.iter().filter(|step| step.is_main()).count();
        Self {
            id,
            uid: RunUid([0; 16]),
            steps: plan.steps.iter().map(Step::new).collect(),
            plan,
            inputs: Value::Null,
            directory: Arc::from(""),
            rerun_of: None,
            parent: None,
            priority_given: None,
            labels: Vec::new(),
            scheduled: None,
            began: Millis(0),
            ended: None,
            phase: Phase::Unborn,
            blocked: None,
            cancel_reason: None,
            dependents,
            results: Fields::new(),
            queue: Queue::default(),
            starts: BTreeSet::new(),
            alarms: BTreeSet::new(),
            active: BTreeSet::new(),
            running: BTreeSet::new(),
            children: BTreeSet::new(),
            children_started: 0,
            undecided: BTreeSet::new(),
            leaving: BTreeSet::new(),
            lossy: BTreeSet::new(),
            underway: BTreeSet::new(),
            undo: Vec::new(),
            locks: BTreeMap::new(),
            mailbox: Mailbox::default(),
            main_steps: Place::step(main_steps).step,
            steps_ended: 0,
            commands: Vec::new(),
            releases: Vec::new(),
            pace: Pace::Rests,
        }
    }

    /// A new run and its first events.
    pub fn begin(plan: Arc<Plan>, beginning: Beginning, now: Millis) -> Result<(Self, Vec<Event>), IllegalEvent> {
        let mut run = Self::unborn(RunId(0), plan);
        let Beginning { uid, inputs, directory, rerun_of, parent, scheduled, priority, adopted, adopted_items } = beginning;
        let labels = run.labels_for(uid, &inputs, now);
        let mut events = vec![Event::Began { uid, inputs, directory, rerun_of, parent, labels, scheduled }];
        events.extend(priority.map(|priority| Event::Prioritized { priority }));
        events.extend(adopted.into_iter().map(|(step, output)| Event::Adopted { step, output }));
        events.extend(adopted_items.into_iter().map(|(place, output)| Event::ItemAdopted { place, output }));
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
        let taken_over = matches!(input, Input::Recovered);
        let mut events = self.decide(input, now);
        for event in &events {
            self.apply(event, now)?;
        }
        if taken_over && !self.status().is_end() {
            let wanted = self.wanted();
            self.commands.extend(wanted);
        }
        if stops {
            self.pace = Pace::HandedOver;
        } else {
            self.advance_all(now, &mut events)?;
        }
        Ok(events)
    }

    /// Records what an input means, and leaves everything that follows from it to whoever takes the run over next.
    pub fn record(&mut self, input: Input, now: Millis) -> Result<Vec<Event>, IllegalEvent> {
        let events = self.decide(input, now);
        for event in &events {
            self.apply(event, now)?;
        }
        self.pace = Pace::HandedOver;
        Ok(events)
    }

    fn advance_all(&mut self, now: Millis, events: &mut Vec<Event>) -> Result<(), IllegalEvent> {
        self.pace = Pace::GoesOn;
        for _ in 0..TURN_EVENTS_MAX {
            let Some(event) = self.advance(now) else {
                self.pace = Pace::Rests;
                break;
            };
            self.apply(&event, now)?;
            events.push(event);
        }
        Ok(())
    }

    /// What the applied events wanted was carried out, committed with them, or lost with the worker; none of it is wanted
    /// again. Whoever takes the run over goes on.
    pub(crate) fn hand_over(&mut self) {
        self.commands.clear();
        self.releases.clear();
        self.pace = Pace::HandedOver;
    }

    /// The effects that the applied events want, each once, in order.
    pub fn take_commands(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.commands)
    }

    /// The locks that the applied events no longer want. They are given up in the commit of those events.
    pub fn take_releases(&mut self) -> Vec<Release> {
        std::mem::take(&mut self.releases)
    }

    /// When the run wants to be woken, if time alone can move it. An instant that has passed means at once.
    pub fn next_wakeup(&self) -> Option<Millis> {
        if self.status().is_end() || self.blocked.is_some() {
            return None;
        }
        if self.pace == Pace::GoesOn {
            // Whatever the clock says.
            return Some(Millis(0));
        }
        let start = self.starts.first().filter(|_| self.has_room());
        let next = match (start, self.alarms.first()) {
            (Some(start), Some(alarm)) => Some(start.min(alarm)),
            (start, alarm) => start.or(alarm),
        };
        next.map(|(at, _)| *at)
    }

    /// Whether there is more to do at once for whoever takes the run over.
    pub fn is_handed_over(&self) -> bool {
        self.pace == Pace::HandedOver && self.blocked.is_none()
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

    /// The run that started it.
    pub fn parent(&self) -> Option<&Parent> {
        self.parent.as_ref()
    }

    /// The priority that whoever started it gave it.
    pub fn priority_given(&self) -> Option<i32> {
        self.priority_given
    }

    /// Which place goes first among those of all runs: the priority of the run, with that of the step. Without a place, that of
    /// the run.
    pub fn priority(&self, place: Option<Place>) -> i32 {
        let of_step = place.and_then(|place| self.plan.steps.get(place.index())).map_or(0, |step| step.priority);
        self.priority_given.unwrap_or(self.plan.priority).saturating_add(of_step)
    }

    /// Names with texts by which it is found.
    pub fn labels(&self) -> &[(Arc<str>, Arc<str>)] {
        &self.labels
    }

    /// The schedule that started it, or the run that it repeats.
    pub fn scheduled(&self) -> Option<Scheduled> {
        self.scheduled
    }

    /// Its state as people see it.
    pub fn status(&self) -> Status {
        match self.phase.status() {
            ended if ended.is_end() => ended,
            _ if self.blocked.is_some() => Status::Blocked,
            other => other,
        }
    }

    /// Whether attempts of tasks are running.
    pub fn is_busy(&self) -> bool {
        !self.running.is_empty()
    }

    /// How many steps of the file have ended, of how many.
    pub fn progress(&self) -> (u32, u32) {
        (self.steps_ended, self.main_steps)
    }

    /// Its outputs, once it is done.
    pub fn outputs(&self) -> Option<&Value> {
        match &self.phase {
            Phase::Done(outputs) => Some(outputs),
            _ => None,
        }
    }

    /// Why it failed, or will fail, and at which step.
    pub fn failure(&self) -> Option<(Option<usize>, &Failure)> {
        match &self.phase {
            Phase::Failed(Cause { step, failure })
            | Phase::Failing(Cause { step, failure })
            | Phase::Compensating(Some(Cause { step, failure })) => Some((step.map(|step| step as usize), failure)),
            _ => None,
        }
    }

    /// Why it is blocked.
    pub fn blocked(&self) -> Option<&BlockReason> {
        self.blocked.as_ref()
    }

    /// When it began.
    pub fn began(&self) -> Millis {
        self.began
    }

    /// When it ended.
    pub fn ended(&self) -> Option<Millis> {
        self.ended
    }

    /// Whether somebody asked for the run to stop, and why.
    pub fn cancel_reason(&self) -> Option<&Arc<str>> {
        self.cancel_reason.as_ref()
    }

    /// The run that this one repeats, in part.
    pub fn rerun_of(&self) -> Option<RunId> {
        self.rerun_of
    }

    /// The result of a step, when it has one; a `for-each` step's is the list of its items' results.
    pub fn result(&self, step: usize) -> Option<&Value> {
        let planned = self.plan.steps.get(step)?;
        if planned.is_main() { self.results.get(&planned.ident) } else { None }
    }

    /// The slot of a place, when there is one.
    pub(super) fn slot(&self, place: Place) -> Option<&Slot> {
        self.steps.get(place.index())?.slot(place.item)
    }

    /// Whether this attempt, of a task or of a sub-workflow, is the one that runs at its place.
    pub fn is_running(&self, place: Place, attempt: u32) -> bool {
        self.slot(place).is_some_and(|slot| slot.attempt == attempt && slot.state == SlotState::Running)
    }

    /// What is done at a place now: of a `choose` nothing until its branch is known.
    pub fn action_of(&self, place: Place) -> Option<&Action> {
        use crate::plan::StepKind;
        let planned = self.plan.steps.get(place.index())?;
        match (&planned.kind, place.item) {
            (StepKind::One(action), None) => Some(action),
            (StepKind::ForEach { action, .. } | StepKind::Repeat { action, .. }, Some(_)) => Some(action),
            (StepKind::Race(contenders), Some(item)) => contenders.get(item as usize).map(|contender| &contender.action),
            (StepKind::Choose(branches), None) => {
                let branch = self.steps[place.index()].branch?;
                branches.get(branch as usize).map(|branch| &branch.action)
            }
            // What belongs to an item does one action, for that item.
            (StepKind::One(action), Some(_)) if !planned.is_main() => Some(action),
            _ => None,
        }
    }
}

/// How a run begins.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// Its name in the world: 16 random bytes, or for a sub-workflow what [`Run::child_uid`] says.
    pub uid: RunUid,
    /// Its inputs, as [`Plan::inputs_from`] gives them.
    pub inputs: Value,
    /// The directory that relative paths of grants start from.
    pub directory: Arc<str>,
    /// The run that this one repeats, in part.
    pub rerun_of: Option<RunId>,
    /// The run that starts it as a sub-workflow.
    pub parent: Option<Parent>,
    /// The schedule that starts it; for one that repeats another run, what started that.
    pub scheduled: Option<Scheduled>,
    /// Its priority, −100 to 100, when it is not to be that of its workflow.
    pub priority: Option<i32>,
    /// Results of steps taken over from the run that this one repeats: see [`Run::adoptable`].
    pub adopted: Vec<(u32, Option<Value>)>,
    /// Results of items taken over: see [`Run::adoptable_items`].
    pub adopted_items: Vec<(Place, Value)>,
}

impl Beginning {
    /// A run that repeats none and that nobody started but a person.
    pub fn new(uid: RunUid, inputs: Value, directory: impl Into<Arc<str>>) -> Self {
        Self {
            uid,
            inputs,
            directory: directory.into(),
            rerun_of: None,
            parent: None,
            scheduled: None,
            priority: None,
            adopted: Vec::new(),
            adopted_items: Vec::new(),
        }
    }
}
