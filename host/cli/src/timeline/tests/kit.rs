//! Plans and events for tests.

use jackfield_flow::checkpoint::Batch;
use jackfield_flow::plan::{
    Action, Call, Digest, Effect, Grant, OnItemError, PLAN_FORMAT, PinnedPlugin, Plan, PlanStep, PlanTask, PlanTemplate, StepKind,
};
use jackfield_flow::run::{BlockReason, Event, Failure, FailureKind, Millis, Place, Receipt, RunUid};
use jackfield_flow::types::{Type, Value};

pub(super) fn task() -> Action {
    Action::Task(Call { task: 0, with: PlanTemplate::Map(Vec::new()), grant: Grant::default(), effect: Effect::Pure })
}

pub(super) fn one(name: &str, action: Action) -> PlanStep {
    PlanStep::new(name, StepKind::One(action), Type::Json)
}

pub(super) fn each(name: &str) -> PlanStep {
    let items = PlanTemplate::List(Vec::new());
    let kind = StepKind::ForEach { items, max_parallel: 32, on_item_error: OnItemError::Fail, action: task() };
    PlanStep::new(name, kind, Type::Json)
}

pub(super) fn plan(steps: Vec<PlanStep>) -> Plan {
    Plan {
        format: PLAN_FORMAT,
        workflow: "orders".into(),
        inputs: Vec::new(),
        plugins: vec![PinnedPlugin { name: "shop".into(), digest: Digest::of(b"shop") }],
        tasks: vec![PlanTask { plugin: 0, name: "list".into(), input: Type::Json, output: Type::Json }],
        steps,
        flows: Vec::new(),
        outputs: Vec::new(),
        labels: Vec::new(),
        concurrency: None,
        priority: 0,
        retain_ms: None,
        schedules: Vec::new(),
    }
}

/// When all runs of these tests begin: 2026-03-01 02:15:00Z.
pub(super) const START: i64 = 1_772_331_300_000;

/// Events at milliseconds after the start.
pub(super) fn at(ms: i64, events: Vec<Event>) -> Batch {
    Batch { at: Millis(START + ms), events }
}

pub(super) fn began() -> Event {
    Event::Began {
        uid: RunUid([7; 16]),
        inputs: Value::Null,
        directory: "/".into(),
        rerun_of: None,
        parent: None,
        labels: Vec::new(),
        scheduled: None,
    }
}

pub(super) fn started(step: u32, item: Option<u32>, attempt: u32) -> Event {
    Event::Started { place: Place { step, item }, attempt }
}

pub(super) fn done(step: u32, item: Option<u32>) -> Event {
    Event::Done { place: Place { step, item }, attempt: 1, output: Value::Null, receipt: Receipt::default() }
}

/// An attempt failed; `retry` is when it is tried again, in milliseconds after the start.
pub(super) fn failed(step: u32, item: Option<u32>, retry: Option<i64>) -> Event {
    let retry_at = retry.map(|ms| Millis(START + ms));
    Event::AttemptFailed { place: Place { step, item }, attempt: 1, failure: failure(), retry_at, receipt: Receipt::default() }
}

pub(super) fn failure() -> Failure {
    Failure { kind: FailureKind::Permanent, code: "http-timeout".into(), message: "m".into(), data: None, trace: None }
}

pub(super) fn blocked() -> Event {
    Event::Blocked { reason: BlockReason::KilledWorker { place: Place { step: 0, item: None }, times: 3 } }
}
