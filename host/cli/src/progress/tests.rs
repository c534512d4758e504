use std::sync::Arc;

use jackfield_flow::checkpoint::Batch;
use jackfield_flow::definition::{Backoff, Jitter};
use jackfield_flow::plan::{
    Action, Call, Digest, Effect, Grant, OnItemError, PLAN_FORMAT, PinnedPlugin, Plan, PlanStep, PlanTask, PlanTemplate, Retry, StepKind,
};
use jackfield_flow::resume::resume;
use jackfield_flow::run::{Beginning, Event, Input, Millis, Place, Platform, Receipt, Run, RunUid};
use jackfield_flow::types::{Type, Value};

use super::live::bar;
use super::*;
use crate::args::Global;
use crate::settings::Settings;

fn settings() -> Settings {
    Settings::new(&Global::default(), &|_| None, None)
}

/// `fetch`, and `save` for each of three items, which needs it. Each is tried twice.
pub(crate) fn plan() -> Plan {
    let action = Action::Task(Call { task: 0, with: PlanTemplate::Map(Vec::new()), grant: Grant::default(), effect: Effect::Pure });
    let items = PlanTemplate::Value(Value::list((0..3).map(Value::Int)));
    let step = |name: &str, needs: Vec<usize>, kind| PlanStep {
        needs,
        retry: Retry { attempts: 2, backoff: Backoff::Fixed, first_ms: 500, max_ms: 500, jitter: Jitter::None, on: Vec::new() },
        ..PlanStep::new(name, kind, Type::Json)
    };
    Plan {
        format: PLAN_FORMAT,
        workflow: "w".into(),
        inputs: Vec::new(),
        plugins: vec![PinnedPlugin { name: "p".into(), digest: Digest::of(b"p") }],
        tasks: vec![PlanTask { plugin: 0, name: "t".into(), input: Type::record(Vec::new()), output: Type::Json }],
        steps: vec![
            step("fetch", Vec::new(), StepKind::One(action.clone())),
            step("save", vec![0], StepKind::ForEach { items, max_parallel: 3, on_item_error: OnItemError::Fail, action }),
        ],
        flows: Vec::new(),
        outputs: Vec::new(),
        labels: Vec::new(),
        concurrency: None,
        priority: 0,
        retain_ms: None,
        schedules: Vec::new(),
    }
}

/// A run of [`plan`] that begins at time 0, and its first events.
pub(crate) fn begun() -> (Run, Vec<Event>) {
    let inputs = Value::map::<&str>([]);
    let beginning = Beginning::new(RunUid([7; 16]), inputs, "/");
    Run::begin(Arc::new(plan()), beginning, Millis(0)).unwrap()
}

/// A run, what is shown of it as plain lines, and the time.
struct World {
    run: Run,
    /// The run as whoever watches it knows it.
    seen: Run,
    settings: Settings,
    tracker: Tracker,
    now: i64,
    shown: Vec<String>,
}

impl World {
    fn new() -> Self {
        Self::of(plan())
    }

    fn of(plan: Plan) -> Self {
        let beginning = Beginning::new(RunUid([7; 16]), Value::map::<&str>([]), "/");
        let (run, events) = Run::begin(Arc::new(plan), beginning, Millis(0)).unwrap();
        // A run that has begun, and nothing more.
        let begun = Batch { at: Millis(0), events: events[..1].to_vec() };
        let fresh = resume(run.id(), Arc::clone(run.plan()), &[begun]).unwrap();
        let mut world = Self { tracker: Tracker::new(&fresh), seen: fresh, run, now: 0, shown: Vec::new(), settings: settings() };
        world.tell(&events[1..]);
        world
    }

    fn input(&mut self, input: Input) -> &mut Self {
        self.now += 1_000;
        let events = self.run.turn(input, Millis(self.now)).unwrap();
        self.tell(&events);
        self
    }

    fn ends(&mut self, step: u32, item: Option<u32>, attempt: u32, result: Result<&str, Platform>) -> &mut Self {
        let result = result.map(Arc::from).map_err(|platform| platform.failure("why\x1b[2J"));
        self.input(Input::AttemptEnded { place: Place { step, item }, attempt, result, receipt: Receipt::default() })
    }

    fn tell(&mut self, events: &[Event]) {
        for event in events {
            self.seen.apply(event, Millis(self.now)).unwrap();
            for notice in self.tracker.event(&self.seen, event, Millis(self.now)) {
                self.shown.extend(notice.line(&self.seen, &self.tracker, &self.settings));
            }
        }
    }
}

#[test]
fn a_run_is_told_in_lines() {
    let mut world = World::new();
    world.ends(0, None, 1, Err(Platform::GuestTrap)).input(Input::WakeUp).ends(0, None, 2, Ok("{}"));
    world.ends(1, Some(1), 1, Ok("1")).ends(1, Some(0), 1, Ok("0")).ends(1, Some(2), 1, Ok("2"));
    let expected = [
        "step fetch: started",
        "step fetch: attempt 1 failed, guest.trap: why\\x1b[2J; next in 500ms",
        "step fetch: attempt 2 started",
        "step fetch: done in 3.0s",
        "step save: started, 3 items",
        "step save: 1/3 items",
        "step save: 2/3 items",
        "step save: done in 3.0s",
    ];
    assert_eq!(world.shown, expected);
    assert_eq!(world.run.status(), jackfield_flow::run::Status::Done);
}

#[test]
fn a_failed_item_fails_its_step_once() {
    let mut world = World::new();
    world.ends(0, None, 1, Ok("{}"));
    world.shown.clear();
    world.ends(1, Some(1), 1, Err(Platform::ValueInput)).ends(1, Some(0), 1, Err(Platform::ValueInput)).ends(1, Some(2), 1, Ok("2"));
    let expected = [
        "step save: attempt 1 failed, value.input: why\\x1b[2J; it is not tried again",
        "step save: 1/3 items, 1 failed",
        "step save: attempt 1 failed, value.input: why\\x1b[2J; it is not tried again",
        "step save: 2/3 items, 2 failed",
        "step save: failed after 3.0s, value.input: why\\x1b[2J",
    ];
    let shown: Vec<String> = world.shown.iter().map(|line| line.replace("save[1]", "save").replace("save[0]", "save")).collect();
    assert_eq!(shown, expected);
    assert!(world.shown[0].starts_with("step save[1]:"));
}

#[test]
fn a_tracker_that_begins_late_knows_the_same() {
    let mut world = World::new();
    world.ends(0, None, 1, Ok("{}")).ends(1, Some(1), 1, Ok("1"));
    let late = Tracker::new(&world.run);
    for step in 0..2 {
        assert_eq!((late.step(step).items, late.step(step).status), (world.tracker.step(step).items, world.tracker.step(step).status));
    }
    assert_eq!(late.running().collect::<Vec<_>>(), [1]);
}

#[test]
fn many_failures_are_counted_and_not_told() {
    let mut plan = plan();
    let StepKind::ForEach { items, on_item_error, max_parallel, .. } = &mut plan.steps[1].kind else { panic!("a for-each") };
    (*items, *on_item_error, *max_parallel) = (PlanTemplate::Value(Value::list((0..100).map(Value::Int))), OnItemError::Skip, 100);
    let mut world = World::of(plan);
    world.ends(0, None, 1, Ok("{}"));
    world.shown.clear();
    for item in 0..100 {
        world.ends(1, Some(item), 1, Err(Platform::HostLost));
    }
    assert_eq!(world.shown.len(), 11, "{:?}", world.shown);
    assert_eq!(world.shown[10], "step save: more about its items is shown by `runs show`");
}

#[test]
fn bars_are_full_when_all_is_done_and_not_before() {
    assert_eq!(bar(0, 100), "░".repeat(16));
    assert_eq!(bar(99, 100), format!("{}░", "█".repeat(15)));
    assert_eq!(bar(100, 100), "█".repeat(16));
    assert_eq!(bar(7, 0), "█".repeat(16));
    assert_eq!(bar(u64::MAX, 3), "█".repeat(16));
}
