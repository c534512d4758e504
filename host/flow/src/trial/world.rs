//! The world of a test: a worker, its tasks and its clock, all made up.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::answer::{Answers, Spot, end_of, outputs_of};
use super::names;
use super::outside::Books;
use super::played::{Played, PlayedCall, PlayedStep};
use crate::definition::{Answer, Code, Diagnostic, Jitter, Problems, Trial};
use crate::plan::{Plan, StepKind};
use crate::run::{
    Beginning, ChildEnd, Command, Event, Failure, IllegalEvent, Input, Millis, Parent, Place, Platform, Receipt, Run, RunId, RunUid,
    Status, WakeSource,
};
use crate::types::Value;

/// Bounds of one test: what goes beyond them does not end, or is no test.
pub(super) const EVENTS_MAX: usize = 1_000_000;
const TURNS_MAX: usize = 200_000;
const CALLS_MAX: usize = 20_000;
const RUNS_MAX: usize = 1_000;
/// Steps of all runs together.
const STEPS_MAX: usize = 200_000;
/// Inputs of all calls together, in bytes.
const INPUT_BYTES_MAX: usize = 256 << 20;
/// How far the made-up clock may go: 100 years, in milliseconds.
const CLOCK_MS_MAX: u64 = 100 * 366 * 24 * 3_600_000;
/// What is told of what a run waits for.
const WAITS_MAX: usize = 20;

/// The name in the world of every run of a test: chance, where there is any, is always the same.
const UID: RunUid = RunUid(*b"jackfield test  ");

/// Plays a test of a plan: the run goes on until it has ended, or until nothing more can happen.
pub fn play(plan: &Arc<Plan>, trial: &Trial) -> Played {
    let mut problems = Problems::default();
    names::check(plan, trial, &mut problems);
    let inputs = names::inputs(plan, trial, &mut problems);
    let Some(inputs) = inputs.filter(|_| !problems.has_errors()) else { return Played::unplayed(problems.into_sorted()) };
    let began = Millis(trial.started_at_ms);
    let mut world = World {
        trial,
        began,
        now: began,
        runs: Vec::new(),
        inbox: VecDeque::new(),
        due: BTreeMap::new(),
        count: 0,
        books: Books::default(),
        answers: Answers::new(trial),
        calls: Vec::new(),
        problems,
        spent: Spent { sound: true, turns: 0, events: 0, steps: 0, input_bytes: 0 },
    };
    world.expect_signals();
    world.begin(plan, Beginning::new(UID, inputs, "/"), Path::default(), None);
    world.play();
    world.played()
}

/// Everything there is.
pub(super) struct World<'t> {
    pub(super) trial: &'t Trial,
    pub(super) began: Millis,
    pub(super) now: Millis,
    /// The run of the test, then those of its sub-workflows.
    pub(super) runs: Vec<Playing>,
    /// What runs are told at once, in order.
    pub(super) inbox: VecDeque<(usize, Input)>,
    /// What happens at an instant, in the order in which it was arranged.
    pub(super) due: BTreeMap<(Millis, u64), Due>,
    count: u64,
    books: Books,
    answers: Answers<'t>,
    calls: Vec<PlayedCall>,
    pub(super) problems: Problems,
    spent: Spent,
}

/// A run that is played.
pub(super) struct Playing {
    pub(super) run: Run,
    /// What stands before the names of its steps.
    pub(super) path: Path,
    /// Who waits for its end: a run, the place in it, and which attempt.
    parent: Option<(usize, Place, u32)>,
    /// Attempts that run, and when their ends are due; nothing for one without an answer.
    attempts: BTreeMap<Place, (u32, Option<(Millis, u64)>)>,
    children: BTreeMap<(Place, u32), Child>,
}

/// What stands before the names of the steps of a run: nothing, or the way through the steps that started it.
#[derive(Clone, Default)]
pub(super) struct Path {
    /// Without items: `archive/`.
    plain: String,
    /// With items: `archive[2]/`.
    pub(super) shown: String,
}

/// A sub-workflow that was started.
enum Child {
    /// It is played.
    Played(usize),
    /// The test says what it answers, at an instant.
    Answered((Millis, u64)),
}

/// What happens at an instant.
pub(super) enum Due {
    /// An attempt ends.
    Attempt { run: usize, place: Place, attempt: u32, result: Result<String, Failure> },
    /// A sub-workflow ends that is not played.
    Child { run: usize, place: Place, attempt: u32, end: ChildEnd },
    /// A signal or a decision comes, by its number in the test.
    Signal(usize),
    /// Somebody cancels the run.
    Cancel,
}

/// What was used of the bounds.
struct Spent {
    /// Whether the engine has refused nothing that it should have taken.
    sound: bool,
    turns: usize,
    events: usize,
    steps: usize,
    input_bytes: usize,
}

impl<'t> World<'t> {
    fn play(&mut self) {
        while self.spent.sound && self.runs.first().is_some_and(|main| !main.run.status().is_end()) && self.is_bounded() {
            if let Some((run, input)) = self.inbox.pop_front() {
                self.turn(run, input);
                continue;
            }
            let wakes = self.runs.iter().enumerate().filter_map(|(index, playing)| Some((playing.run.next_wakeup()?, index)));
            let (wake, due) = (wakes.min(), self.due.first_key_value().map(|(at, _)| *at));
            match (wake, due) {
                (Some((at, run)), due) if due.is_none_or(|(due, _)| at < due) => {
                    self.now = self.now.max(at);
                    self.turn(run, Input::WakeUp);
                }
                (_, Some(at)) => {
                    self.now = self.now.max(at.0);
                    if let Some(due) = self.due.remove(&at) {
                        self.happen(due);
                    }
                }
                (_, None) => return,
            }
        }
    }

    /// Whether the test may go on; says why not.
    fn is_bounded(&mut self) -> bool {
        let over = [
            (self.spent.turns > TURNS_MAX, format!("{TURNS_MAX} turns")),
            (self.spent.events > EVENTS_MAX, format!("{EVENTS_MAX} events")),
            (self.calls.len() > CALLS_MAX, format!("{CALLS_MAX} calls of tasks")),
            (self.runs.len() > RUNS_MAX, format!("{RUNS_MAX} sub-workflows")),
            (self.spent.steps > STEPS_MAX, format!("{STEPS_MAX} steps of all sub-workflows")),
            (self.spent.input_bytes > INPUT_BYTES_MAX, format!("{INPUT_BYTES_MAX} bytes of inputs")),
            (self.now.since(self.began) > CLOCK_MS_MAX, "100 years of the made-up clock".to_owned()),
        ];
        let Some((_, limit)) = over.into_iter().find(|(over, _)| *over) else { return true };
        let message = format!("the run has not ended after {limit}: a test may have no more");
        let help = "give it less to do, or an answer that lets it end";
        self.problem(Diagnostic::new(Code::OutOfRange, self.trial.name.span, message).help(help));
        false
    }

    pub(super) fn problem(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// The engine refused what it should have taken.
    fn defect(&mut self, error: &IllegalEvent) {
        let message = format!("{error}: this is a defect of jackfield");
        self.problem(Diagnostic::new(Code::BadValue, self.trial.name.span, message));
        self.spent.sound = false;
    }

    /// Arranges for something to happen.
    pub(super) fn arrange(&mut self, after_ms: u64, due: Due) -> (Millis, u64) {
        self.count += 1;
        let at = (self.now.after(after_ms), self.count);
        self.due.insert(at, due);
        at
    }

    fn happen(&mut self, due: Due) {
        match due {
            Due::Attempt { run, place, attempt, result } => {
                self.runs[run].attempts.remove(&place);
                let (result, receipt) = (result.map(Arc::from), Receipt::default());
                self.turn(run, Input::AttemptEnded { place, attempt, result, receipt });
            }
            Due::Child { run, place, attempt, end } => {
                self.runs[run].children.remove(&(place, attempt));
                self.turn(run, Input::ChildEnded { place, attempt, end });
            }
            Due::Signal(number) => self.signal(number),
            Due::Cancel => self.turn(0, Input::Cancel { reason: "cancelled by the test".into() }),
        }
    }

    fn begin(&mut self, plan: &Arc<Plan>, beginning: Beginning, path: Path, parent: Option<(usize, Place, u32)>) {
        self.spent.steps += plan.steps.len();
        // One turn may start many, and the bound is looked at after it.
        if self.spent.steps > STEPS_MAX && !self.runs.is_empty() {
            return;
        }
        let index = self.runs.len();
        match Run::begin(without_chance(plan), beginning, self.now) {
            Ok((run, events)) => {
                let run = run.named(run_id(index));
                self.runs.push(Playing { run, path, parent, attempts: BTreeMap::new(), children: BTreeMap::new() });
                self.carry_out(index, &events);
            }
            Err(error) => self.defect(&error),
        }
    }

    fn turn(&mut self, run: usize, input: Input) {
        self.spent.turns += 1;
        let Some(playing) = self.runs.get_mut(run) else { return };
        match playing.run.turn(input, self.now) {
            Ok(events) => self.carry_out(run, &events),
            Err(error) => self.defect(&error),
        }
    }

    /// Does what a run wants after a turn, and tells its parent when it has ended.
    fn carry_out(&mut self, run: usize, events: &[Event]) {
        self.spent.events += events.len();
        for release in self.runs[run].run.take_releases() {
            self.books.release(run, &release);
        }
        for command in self.runs[run].run.take_commands() {
            match command {
                Command::Start { place, attempt } => self.start(run, place, attempt),
                Command::Interrupt { place } => self.interrupt(run, place),
                Command::StartChild { place, attempt } => self.start_child(run, place, attempt),
                Command::CancelChild { place, attempt } => self.cancel_child(run, place, attempt),
                Command::Acquire { place, name, permits, when_busy, .. } => self.books.ask((run, place), name, permits, when_busy),
                Command::Reserve { place, rate } => {
                    let at = self.books.reserve(&rate, self.now);
                    self.inbox.push_back((run, Input::RateGranted { place, at }));
                }
            }
        }
        self.inbox.extend(self.books.grant());
        let playing = &mut self.runs[run];
        if let Some(end) = end_of_run(&playing.run)
            && let Some((parent, place, attempt)) = playing.parent.take()
        {
            self.inbox.push_back((parent, Input::ChildEnded { place, attempt, end }));
        }
    }

    fn start(&mut self, run: usize, place: Place, attempt: u32) {
        let Self { runs, answers, problems, calls, spent, trial, .. } = self;
        let playing = &mut runs[run];
        // Started, and ended within the same turn.
        if !playing.run.is_running(place, attempt) {
            return;
        }
        let plan = Arc::clone(playing.run.plan());
        let step = &plan.steps[place.index()];
        let input = match playing.run.input_of(place) {
            Ok(input) => input,
            Err(failure) => {
                let (result, receipt) = (Err(failure), Receipt::default());
                return self.inbox.push_back((run, Input::AttemptEnded { place, attempt, result, receipt }));
            }
        };
        let Some(task) = playing.run.call_of(place).map(|call| &plan.tasks[call.task]) else { return };
        let name = Named::new(playing, place);
        let answer = answers.of(&name.spot(place), attempt);
        let end = match answer {
            None => {
                answers.missing(trial, &name.shown, &name.spot(place), &input, &task.output, problems);
                None
            }
            Some(answer) => {
                answers.check(&name.plain, answer, &task.output, problems);
                Some(ending(answer, step.timeout.attempt_ms))
            }
        };
        spent.input_bytes += input.len();
        calls.push(PlayedCall {
            place: name.shown.into(),
            numbered: name.numbered.into(),
            attempt,
            after_ms: self.now.since(self.began),
            input: input.into(),
            ty: task.input.clone(),
        });
        let at = end.map(|(takes_ms, result)| self.arrange(takes_ms, Due::Attempt { run, place, attempt, result }));
        self.runs[run].attempts.insert(place, (attempt, at));
    }

    fn interrupt(&mut self, run: usize, place: Place) {
        let Some((attempt, at)) = self.runs[run].attempts.remove(&place) else { return };
        if let Some(at) = at {
            self.due.remove(&at);
        }
        let (result, receipt) = (Err(Platform::Cancelled.failure("interrupted")), Receipt::default());
        self.inbox.push_back((run, Input::AttemptEnded { place, attempt, result, receipt }));
    }

    fn start_child(&mut self, run: usize, place: Place, attempt: u32) {
        let Self { runs, answers, problems, .. } = self;
        let playing = &runs[run];
        let Some(plan) = playing.run.flow_of(place).cloned() else { return };
        let inputs = match playing.run.child_inputs(place) {
            Ok(inputs) => inputs,
            Err(failure) => {
                let end = ChildEnd::Failed(failure);
                return self.inbox.push_back((run, Input::ChildEnded { place, attempt, end }));
            }
        };
        let name = Named::new(playing, place);
        if let Some(answer) = answers.of(&name.spot(place), attempt) {
            answers.check(&name.plain, answer, &outputs_of(&plan), problems);
            let end = match end_of(answer) {
                Ok(text) => ChildEnd::Done(text.into()),
                Err(failure) if *failure.code == *Platform::FlowCancelled.code() => ChildEnd::Cancelled,
                Err(failure) => ChildEnd::Failed(failure),
            };
            let at = self.arrange(answer.takes_ms, Due::Child { run, place, attempt, end });
            self.runs[run].children.insert((place, attempt), Child::Answered(at));
            return;
        }
        let depth = playing.run.parent().map_or(1, |parent| parent.depth + 1);
        let parent = Parent { run: playing.run.id(), uid: playing.run.uid(), place, attempt, depth };
        let beginning = Beginning { parent: Some(parent), ..Beginning::new(playing.run.child_uid(place, attempt), inputs, "/") };
        let path = Path { plain: format!("{}/", name.plain), shown: format!("{}/", name.shown) };
        let child = Child::Played(self.runs.len());
        self.runs[run].children.insert((place, attempt), child);
        self.begin(&plan, beginning, path, Some((run, place, attempt)));
    }

    fn cancel_child(&mut self, run: usize, place: Place, attempt: u32) {
        match self.runs[run].children.remove(&(place, attempt)) {
            Some(Child::Played(child)) => {
                let reason = "the run that started it was cancelled or has ended".into();
                self.inbox.push_back((child, Input::Cancel { reason }));
            }
            Some(Child::Answered(at)) => {
                self.due.remove(&at);
                self.inbox.push_back((run, Input::ChildEnded { place, attempt, end: ChildEnd::Cancelled }));
            }
            None => {}
        }
    }

    fn played(mut self) -> Played {
        if !self.problems.has_errors() {
            self.answers.unused(self.trial, &mut self.problems);
            self.unheard();
        }
        let problems = self.problems.into_sorted();
        let Some(main) = self.runs.first().map(|main| &main.run) else { return Played::unplayed(problems) };
        let plan = main.plan();
        let outputs = main.outputs().map(|outputs| {
            let value = |name: &str| outputs.get(name).cloned().unwrap_or_default();
            plan.outputs.iter().map(|output| (output.name.clone(), value(&output.name), output.ty.clone())).collect()
        });
        let failure = main.failure().map(|(step, failure)| (step.map(|step| plan.steps[step].name.clone()), failure.clone()));
        Played {
            status: main.status(),
            failure,
            outputs,
            steps: self.runs.iter().flat_map(Playing::steps).collect(),
            calls: self.calls,
            took_ms: main.ended().unwrap_or(self.now).since(self.began),
            waits_for: self.runs.iter().flat_map(Playing::waits_for).take(WAITS_MAX).collect(),
            problems,
        }
    }
}

impl Playing {
    fn steps(&self) -> impl Iterator<Item = PlayedStep> {
        let plan = self.run.plan();
        self.run.steps().into_iter().enumerate().map(|(index, view)| PlayedStep {
            name: format!("{}{}", self.path.shown, view.name).into(),
            status: view.status,
            attempts: view.attempts,
            result: self.run.result(index).or_else(|| self.run.item_result(Place::step(index))).cloned(),
            ty: plan.steps[index].output.clone(),
        })
    }

    /// What a run that has not ended waits for, in words; not for what others of the test do.
    fn waits_for(&self) -> Vec<String> {
        let named = |place: Place| Named::new(self, place).shown;
        let asks = self.run.to_resolve().into_iter().map(|place| format!("somebody who says what became of `{}`", named(place)));
        let waits = self.run.wake_sources().into_iter().filter_map(|source| match source {
            WakeSource::Signal(place) => Some(format!("a signal for `{}`", named(place))),
            WakeSource::Approval(place) => Some(format!("somebody to approve or deny `{}`", named(place))),
            WakeSource::Lock(Some(place)) => Some(format!("the lock of `{}`", named(place))),
            WakeSource::Lock(None) => Some("room among the runs with the same key".to_owned()),
            _ => None,
        });
        asks.chain(waits).collect()
    }
}

/// A place with its names.
struct Named {
    /// The step without items.
    plain: String,
    /// With the item, a contender by name.
    shown: String,
    /// With the item by number.
    numbered: String,
    contender: Option<Arc<str>>,
}

impl Named {
    fn new(playing: &Playing, place: Place) -> Self {
        let step = &playing.run.plan().steps[place.index()];
        let contender = match (&step.kind, place.item) {
            (StepKind::Race(contenders), Some(item)) => contenders.get(item as usize).map(|contender| Arc::clone(&contender.name)),
            _ => None,
        };
        let number = place.item.map_or_else(String::new, |item| format!("[{item}]"));
        let item = contender.as_ref().map_or_else(|| number.clone(), |name| format!("[{name}]"));
        let Path { plain, shown } = &playing.path;
        Self {
            plain: format!("{plain}{}", step.name),
            shown: format!("{shown}{}{item}", step.name),
            numbered: format!("{shown}{}{number}", step.name),
            contender,
        }
    }

    fn spot(&self, place: Place) -> Spot<'_> {
        Spot { step: &self.plain, item: place.item, contender: self.contender.as_deref() }
    }
}

/// How long an attempt takes, and how it ends: its time may be over before it answers.
fn ending(answer: &Answer, timeout_ms: u64) -> (u64, Result<String, Failure>) {
    if timeout_ms > 0 && answer.takes_ms > timeout_ms {
        return (timeout_ms, Err(Platform::LimitTime.failure(format!("it takes longer than {timeout_ms} ms"))));
    }
    (answer.takes_ms, end_of(answer))
}

/// How a run ended, as its parent hears it.
fn end_of_run(run: &Run) -> Option<ChildEnd> {
    match run.status() {
        Status::Done => Some(ChildEnd::Done(run.outputs().map_or_else(String::new, Value::to_json).into())),
        Status::Failed => run.failure().map(|(_, failure)| ChildEnd::Failed(failure.clone())),
        Status::Cancelled => Some(ChildEnd::Cancelled),
        _ => None,
    }
}

fn run_id(index: usize) -> RunId {
    RunId(index as u64 + 1)
}

/// The plan with waits between attempts that nothing is left to chance of: what a test takes can be foreseen.
fn without_chance(plan: &Arc<Plan>) -> Arc<Plan> {
    let mut plan = Plan::clone(plan);
    for step in &mut plan.steps {
        step.retry.jitter = Jitter::None;
    }
    Arc::new(plan)
}
