//! A worker without a world: it keeps batches as bytes, runs made-up tasks and sub-workflows, keeps the books of locks, and
//! can be killed after any batch.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::*;
use crate::checkpoint::{Batch, decode, encode};
use crate::plan::{Digest, Plan, tests::plan_of};
use crate::resume::resume;
use crate::types::Fields;

/// What a made-up task does with the name of its step, its input and its attempt. A failure with the code `hang` never ends.
pub(super) type Task<'a> = dyn Fn(&str, &str, u32) -> Result<String, Failure> + 'a;

pub(super) struct Bench<'a> {
    pub(super) plan: Arc<Plan>,
    pub(super) task: &'a Task<'a>,
    pub(super) run: Run,
    pub(super) batches: Vec<Batch>,
    pub(super) now: Millis,
    pub(super) pending: BTreeMap<Place, u32>,
    pub(super) started: Vec<(Place, u32)>,
    pub(super) running_max: usize,
    pub(super) world: World,
    /// Turns a number of choices into the one that is made.
    pub(super) choice: u64,
}

/// What is outside, and outlives a worker.
#[derive(Clone, Default)]
pub(super) struct World {
    /// Sub-workflows that run: started once each, however often that is asked for.
    pub(super) children: BTreeMap<(Place, u32), RunUid>,
    pub(super) children_started: Vec<RunUid>,
    pub(super) cancelled_children: BTreeSet<(Place, u32)>,
    /// Ends of sub-workflows, which are told again until the run has ended.
    pub(super) ended_children: BTreeMap<(Place, u32), ChildEnd>,
    /// Locks that are held, and by whom.
    pub(super) held: BTreeMap<Arc<str>, Vec<(Option<Place>, LockToken)>>,
    pub(super) wanted: Vec<(Option<Place>, Arc<str>, u32)>,
    pub(super) rates: BTreeMap<Place, Millis>,
    pub(super) tokens: u64,
    pub(super) held_max: usize,
    /// Whether children end by themselves, or only when the test says so.
    pub(super) children_hang: bool,
    /// Everything that tasks did to the world: step, input.
    pub(super) effects: Vec<(Arc<str>, String)>,
}

impl<'a> Bench<'a> {
    /// A workflow as text.
    pub(super) fn new(workflow: &str, task: &'a Task<'a>) -> Self {
        Self::of(plan_of(workflow), task)
    }

    pub(super) fn of(plan: Plan, task: &'a Task<'a>) -> Self {
        let plan = Arc::new(plan);
        let inputs = plan.inputs_from(&Fields::new()).expect("defaults");
        Self::begin(plan, Beginning::new(RunUid([7; 16]), inputs, "/w"), task)
    }

    pub(super) fn begin(plan: Arc<Plan>, beginning: Beginning, task: &'a Task<'a>) -> Self {
        let (run, events) = Run::begin(Arc::clone(&plan), beginning, Millis(1_000)).expect("legal");
        let mut bench = Self {
            plan,
            task,
            run: run.named(RunId(1)),
            batches: Vec::new(),
            now: Millis(1_000),
            pending: BTreeMap::new(),
            started: Vec::new(),
            running_max: 0,
            world: World::default(),
            choice: 0,
        };
        bench.keep(events);
        bench
    }

    /// Stores events the way a worker does: through bytes.
    pub(super) fn keep(&mut self, events: Vec<Event>) {
        if !events.is_empty() {
            let batch = Batch { at: self.now, events };
            let encoded = encode(&batch);
            let blobs: BTreeMap<Digest, Arc<[u8]>> = encoded.blobs.iter().map(|blob| (blob.digest(), Arc::clone(blob.bytes()))).collect();
            assert_eq!(decode(&encoded.bytes, &mut |digest| blobs.get(digest).cloned()).expect("decodes").events.len(), batch.events.len());
            self.batches.push(decode(&encoded.bytes, &mut |digest| blobs.get(digest).cloned()).expect("decodes"));
        }
        for release in self.run.take_releases() {
            self.world.wanted.retain(|(place, name, _)| *place != release.place || *name != release.name);
            if let Some(holders) = self.world.held.get_mut(&release.name) {
                holders.retain(|(place, _)| *place != release.place);
            }
        }
        for command in self.run.take_commands() {
            self.carry_out(command);
        }
        self.running_max = self.running_max.max(self.pending.len());
        let held = self.world.held.values().map(Vec::len).max().unwrap_or(0);
        self.world.held_max = self.world.held_max.max(held);
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Start { place, attempt } => {
                if self.run.is_running(place, attempt) {
                    self.started.push((place, attempt));
                    self.pending.insert(place, attempt);
                }
            }
            Command::Interrupt { place } => {
                if let Some(attempt) = self.pending.remove(&place) {
                    let result = Err(Platform::Cancelled.failure("interrupted"));
                    self.input(Input::AttemptEnded { place, attempt, result, receipt: Receipt::default() });
                }
            }
            Command::StartChild { place, attempt } => {
                let uid = self.run.child_uid(place, attempt);
                if !self.world.children_started.contains(&uid) {
                    self.world.children_started.push(uid);
                    self.world.children.insert((place, attempt), uid);
                }
            }
            Command::CancelChild { place, attempt } => {
                self.world.cancelled_children.insert((place, attempt));
            }
            Command::Acquire { place, name, permits, .. } => {
                let held = self.world.held.get(&name).is_some_and(|holders| holders.iter().any(|(holder, _)| *holder == place));
                let asked = self.world.wanted.iter().any(|(asker, ..)| *asker == place);
                if held || !asked {
                    self.world.wanted.push((place, name, permits));
                }
            }
            Command::Reserve { place, rate } => {
                let next = self.world.rates.len() as u64 * rate.per_ms / u64::from(rate.limit);
                let at = Millis(1_000).after(next);
                self.world.rates.entry(place).or_insert(at);
            }
        }
    }

    pub(super) fn input(&mut self, input: Input) {
        if let Input::AttemptEnded { place, .. } = &input {
            self.pending.remove(place);
        }
        let events = self.run.turn(input, self.now).expect("legal");
        self.audit();
        self.keep(events);
    }

    /// What must be true of a run after every turn.
    pub(super) fn audit(&self) {
        let ended = self.run.status().is_end();
        assert_eq!(ended, self.run.wake_sources().is_empty(), "an unfinished run can be moved: {:?}", self.run);
        assert_eq!(ended, self.run.why(Ownership::Worker).is_empty());
        if let (Some(at), true) = (self.run.next_wakeup(), self.run.pace == machine::Pace::Rests) {
            assert!(at > self.now, "what is due was done: {at:?} at {:?}", self.now);
        }
        if ended {
            assert!(self.run.active.is_empty() && self.run.locks.is_empty() && self.run.running.is_empty());
        }
    }

    fn result(&mut self, place: Place, attempt: u32) -> Result<Arc<str>, Failure> {
        let input = self.run.input_of(place)?;
        let name = Arc::clone(&self.plan.steps[place.index()].name);
        self.world.effects.push((Arc::clone(&name), input.clone()));
        (self.task)(&name, &input, attempt).map(Arc::from)
    }

    fn pick(&mut self, choices: usize) -> usize {
        if self.choice == 0 {
            return 0;
        }
        self.choice = self.choice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.choice >> 33).unwrap_or(0) % choices
    }

    /// One thing happens: an attempt or a sub-workflow ends, something is granted, or time passes. Says whether anything could.
    pub(super) fn step(&mut self) -> bool {
        self.step_outside() || self.step_attempt() || self.step_time()
    }

    fn step_attempt(&mut self) -> bool {
        let ready: Vec<(Place, u32)> = self.pending.iter().map(|(place, attempt)| (*place, *attempt)).collect();
        let hangs = |bench: &Self, place: Place, attempt: u32| {
            let Ok(input) = bench.run.input_of(place) else { return false };
            matches!((bench.task)(&bench.plan.steps[place.index()].name, &input, attempt), Err(failure) if &*failure.code == "hang")
        };
        let ready: Vec<(Place, u32)> = ready.into_iter().filter(|(place, attempt)| !hangs(self, *place, *attempt)).collect();
        if ready.is_empty() {
            return false;
        }
        let (place, attempt) = ready[self.pick(ready.len())];
        let result = self.result(place, attempt);
        self.input(Input::AttemptEnded { place, attempt, result, receipt: Receipt::default() });
        true
    }

    fn step_outside(&mut self) -> bool {
        let wanted = self.world.wanted.iter().position(|(place, name, permits)| {
            let holders = self.world.held.get(name).map_or(&[][..], |holders| holders);
            holders.len() < *permits as usize || holders.iter().any(|(holder, _)| holder == place)
        });
        if let Some(at) = wanted {
            let (place, name, _) = self.world.wanted.remove(at);
            self.world.tokens += 1;
            let token = LockToken(self.world.tokens);
            let holders = self.world.held.entry(name).or_default();
            holders.retain(|(holder, _)| *holder != place);
            holders.push((place, token));
            self.input(Input::LockGranted { place, token });
            return true;
        }
        let rated = self.world.rates.iter().map(|(place, at)| (*place, *at)).find(|(place, _)| self.run.is_rating(*place));
        if let Some((place, at)) = rated {
            self.input(Input::RateGranted { place, at });
            return true;
        }
        let child =
            self.world.children.keys().copied().find(|child| !self.world.children_hang || self.world.cancelled_children.contains(child));
        if let Some((place, attempt)) = child {
            self.world.children.remove(&(place, attempt));
            let end = if self.world.cancelled_children.contains(&(place, attempt)) {
                ChildEnd::Cancelled
            } else {
                match (self.task)(&self.plan.steps[place.index()].name, "child", attempt) {
                    Ok(text) => ChildEnd::Done(text.into()),
                    Err(failure) => ChildEnd::Failed(failure),
                }
            };
            self.world.ended_children.insert((place, attempt), end.clone());
            self.input(Input::ChildEnded { place, attempt, end });
            return true;
        }
        false
    }

    fn step_time(&mut self) -> bool {
        let Some(at) = self.run.next_wakeup() else { return false };
        self.now = self.now.max(at);
        self.input(Input::WakeUp);
        true
    }

    pub(super) fn finish(mut self) -> Self {
        for _ in 0..1_000_000 {
            if !self.step() {
                return self;
            }
            self.now = self.now.after(1);
        }
        panic!("it never ends: {:?}", self.run);
    }

    /// Kills the worker: only the first batches are left, and another worker takes over.
    pub(super) fn killed_after(&self, batches: usize) -> Self {
        let kept = self.batches[..batches].to_vec();
        let run = resume(RunId(1), Arc::clone(&self.plan), &kept).expect("resumes");
        let mut bench = Self {
            plan: Arc::clone(&self.plan),
            task: self.task,
            run,
            now: kept.last().map_or(self.now, |batch| batch.at.after(10)),
            batches: kept,
            pending: BTreeMap::new(),
            started: Vec::new(),
            running_max: 0,
            world: World { children_hang: self.world.children_hang, ..World::default() },
            choice: self.choice,
        };
        bench.input(Input::Recovered);
        bench
    }

    pub(super) fn outcome(&self) -> String {
        match (self.run.outputs(), self.run.failure()) {
            (Some(outputs), _) => outputs.to_json(),
            (None, Some((step, failure))) => format!("{step:?} {failure}"),
            (None, None) => self.run.status().to_string(),
        }
    }

    /// What tasks of steps whose names end like this did.
    pub(super) fn effects(&self, end: &str) -> Vec<String> {
        self.world.effects.iter().filter(|(step, _)| step.ends_with(end)).map(|(_, input)| input.clone()).collect()
    }

    /// All kinds of events that were kept, in order.
    pub(super) fn kinds(&self) -> Vec<&'static str> {
        self.batches.iter().flat_map(|batch| batch.events.iter().map(Event::kind)).collect()
    }
}

pub(super) fn transient() -> Failure {
    failure("busy", FailureKind::Transient)
}

pub(super) fn permanent() -> Failure {
    failure("busy", FailureKind::Permanent)
}

pub(super) fn failure(code: &str, kind: FailureKind) -> Failure {
    Failure { kind, code: code.into(), message: "try later".into(), data: None, trace: None }
}

/// The input is the answer.
pub(super) fn echo(_step: &str, input: &str, _attempt: u32) -> Result<String, Failure> {
    Ok(if input == "child" { "{}".to_owned() } else { input.to_owned() })
}
