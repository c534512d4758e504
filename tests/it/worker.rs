//! The worker in this process: faults of the store at every write, moved clocks, sleeping runs, cancels.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_flow::run::{Event, Millis, Ownership, Place, RunId, Status};
use jackfield_flow::types::Value;
use jackfield_store::{Fault, FaultStore, MemoryStore, Store, Then, When};
use jackfield_worker::{Ask, News, Start, SystemClock, WorkerError, load_run};
use kit::clock::TestClock;
use kit::engine::Engine;

/// Noon of some day.
const NOON: Millis = Millis(1_700_000_000_000);

fn steps() -> String {
    format!(
        "workflow: w\nplugins: {{ noop: {}, probe: {} }}\n{}",
        kit::guest("noop").display(),
        kit::guest("probe").display(),
        "
steps:
  a: { task: noop.inc, with: { v: 1 } }
  each: { for-each: \"${ range(0, steps.a.v + 4) }\", max-parallel: 2, task: noop.inc, with: { v: \"${ item * 10 }\" } }
  off: { if: \"${ steps.a.v > 5 }\", task: noop.inc, with: { v: 1 } }
  late: { task: probe.fail-until, with: { attempt: 2, kind: transient }, retry: { attempts: 3, first: 1ms, max: 1ms, jitter: none } }
  last: { task: noop.inc, needs: [late, off], with: { v: \"${ size(steps.each) }\" } }
outputs: { last: \"${ steps.last.v }\", each: \"${ steps.each.map(e, e.v) }\" }
"
    )
}

const EXPECTED: &str = r#"{"each":[1,11,21,31,41,51],"last":7}"#;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// What became of run 1, and that nothing was recorded twice.
async fn outcome(store: &dyn Store) -> String {
    let loaded = load_run(store, RunId(1)).await.expect("readable");
    let mut done: BTreeMap<Place, u32> = BTreeMap::new();
    for event in loaded.batches.iter().flat_map(|batch| &batch.events) {
        if let Event::Done { place, attempt, .. } = event {
            assert_eq!(done.insert(*place, *attempt), None, "{place:?} was recorded twice");
        }
    }
    let outputs = loaded.run.outputs().map(|outputs| outputs.to_canonical_json());
    outputs.unwrap_or_else(|| format!("{} {:?}", loaded.run.status(), loaded.run.failure()))
}

#[test]
fn without_a_fault_the_workflow_ends_well() {
    runtime().block_on(async {
        let memory = MemoryStore::new();
        let engine = Engine::on(Arc::new(memory.clone()), Arc::new(SystemClock));
        let plan = engine.plan(&steps()).await;
        let run = engine.start(&plan).await;
        engine.end_of(run).await;
        assert_eq!(outcome(&memory).await, EXPECTED);
    });
}

/// The process dies at write 1, 2, 3 … n, once before and once after the write was done; another one takes over.
#[test]
fn d01_a_crash_at_every_write_changes_nothing_of_the_end() {
    runtime().block_on(async {
        for when in [When::Before, When::After] {
            let mut crashed = 0;
            for nth in 1.. {
                let memory = MemoryStore::new();
                let faulty = Arc::new(FaultStore::new(Arc::new(memory.clone()), Some(Fault { nth, when, then: Then::Down })));
                let engine = Engine::on(Arc::clone(&faulty) as Arc<dyn Store>, Arc::new(SystemClock));
                let plan = engine.plan(&steps()).await;
                let start = Start {
                    plan: Arc::clone(&plan),
                    inputs: Value::map::<&str>([]),
                    directory: engine.path().into(),
                    client_key: Some("once".into()),
                    labels: Vec::new(),
                    priority: None,
                };
                let started = engine.worker.start(start.clone()).await;
                if let Ok(started) = started {
                    while engine.worker.watch(started.run).await.is_ok() {
                        tokio::task::yield_now().await;
                    }
                }
                engine.stop().await;
                let struck = faulty.struck();
                crashed += u32::from(struck);
                let next = Engine::on(Arc::new(memory.clone()), Arc::new(SystemClock));
                next.plan(&steps()).await;
                // The client asks again with its key, because it never heard; what runs already goes on.
                let run = next.worker.start(start).await.expect("started, or found").run;
                assert_eq!(run, RunId(1), "one run for one key");
                match next.worker.resume(run).await {
                    Ok(_) | Err(WorkerError::Ended { .. }) => {}
                    Err(error) => panic!("write {nth}: {error}"),
                }
                next.end_of(run).await;
                assert_eq!(outcome(&memory).await, EXPECTED, "crash {when:?} write {nth}");
                if !struck {
                    break;
                }
            }
            // Items that end at the same moment share a write; steps that wait for each other never do.
            assert!(crashed >= 6, "only {crashed} writes were tried");
        }
    });
}

/// The store fails once, or answers "unknown" although it was done, or has no room, and then works again: the same process goes on.
#[test]
fn d03_d05_a_store_that_stumbles_once_loses_nothing() {
    runtime().block_on(async {
        for when in [When::Before, When::After, When::Full] {
            for nth in 2..=8 {
                let memory = MemoryStore::new();
                let faulty = Arc::new(FaultStore::new(Arc::new(memory.clone()), Some(Fault { nth, when, then: Then::Up })));
                let engine = Engine::on(faulty, Arc::new(SystemClock));
                let plan = engine.plan(&steps()).await;
                let run = engine.start(&plan).await;
                engine.end_of(run).await;
                assert_eq!(outcome(&memory).await, EXPECTED, "fault {when:?} at write {nth}");
            }
        }
    });
}

fn sleepy() -> String {
    format!(
        "workflow: w\nplugins: {{ probe: {} }}\nsteps:\n  s: {{ task: probe.fail-until, with: {{ attempt: 2, kind: transient }}, retry: {{ attempts: 3, first: 1h, max: 1h, jitter: none }} }}\n",
        kit::guest("probe").display()
    )
}

#[test]
fn p3_a_timer_outlives_the_process_and_never_fires_early() {
    runtime().block_on(async {
        let memory = MemoryStore::new();
        let clock = Arc::new(TestClock::at(NOON));
        let engine = Engine::on(Arc::new(memory.clone()), Arc::clone(&clock) as Arc<_>);
        let plan = engine.plan(&sleepy()).await;
        let run = engine.start(&plan).await;
        engine.until_asleep(1).await;
        let row = memory.row(run).await.expect("there");
        assert_eq!(row.summary.wake, Some(jackfield_store::Wake::At(NOON.after(3_600_000))));
        engine.stop().await;

        // Half an hour later another process: still too early.
        clock.advance(1_800_000);
        let next = Engine::on(Arc::new(memory.clone()), Arc::clone(&clock) as Arc<_>);
        next.plan(&sleepy()).await;
        assert_eq!(next.worker.resume_all().await.expect("resumed").0, 1);
        next.until_asleep(1).await;
        assert_eq!(load_run(&memory, run).await.expect("readable").run.steps()[0].attempts, 1);

        // A clock that is set back fires nothing, and one that has jumped ahead fires what is due, once.
        clock.set(Millis(0));
        tokio::task::yield_now().await;
        assert_eq!(load_run(&memory, run).await.expect("readable").run.steps()[0].attempts, 1);
        clock.set(NOON.after(365 * 86_400_000));
        while memory.row(run).await.expect("there").summary.state != jackfield_store::RunState::Done {
            tokio::task::yield_now().await;
        }
        assert_eq!(load_run(&memory, run).await.expect("readable").run.steps()[0].attempts, 2);
    });
}

/// The first of these runs that was let in.
async fn first_admitted(store: &MemoryStore, runs: &[RunId]) -> RunId {
    loop {
        for run in runs {
            let batches = load_run(store, *run).await.expect("readable").batches;
            if batches.iter().flat_map(|batch| &batch.events).any(|event| matches!(event, Event::Admitted { .. })) {
                return *run;
            }
        }
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_run_with_a_priority_of_its_own_goes_first_also_after_a_restart() {
    let text = "workflow: w\nconcurrency: { key: k }\npriority: 10\nsteps:\n  go: { wait: { signal: go } }\n";
    // One thread: all stand in the queue before the first of them is let in.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let memory = MemoryStore::new();
        let engine = Engine::on(Arc::new(memory.clone()), Arc::new(SystemClock));
        let plan = engine.plan(text).await;
        let holder = engine.start(&plan).await;
        first_admitted(&memory, &[holder]).await;
        let mut waiting = Vec::new();
        for priority in [None, Some(9), Some(50), Some(-100)] {
            waiting.push(engine.start_with(&plan, priority).await);
        }
        engine.stop().await;
        let next = Engine::on(Arc::new(memory.clone()), Arc::new(SystemClock));
        next.worker.resume_all().await.expect("resumed");
        let mut order = Vec::new();
        let mut holds = holder;
        while !waiting.is_empty() {
            let go = Ask::Signal { id: "1".into(), name: "go".into(), payload: "null".into(), by: "me".into(), note: "".into() };
            next.worker.ask(holds, go).await.expect("heard");
            holds = first_admitted(&memory, &waiting).await;
            waiting.retain(|run| *run != holds);
            order.push(holds.0);
        }
        assert_eq!(order, [4, 2, 3, 5]);
    });
}

#[test]
fn p1_attempts_given_back_by_a_stopping_worker_are_made_again() {
    runtime().block_on(async {
        let memory = MemoryStore::new();
        let text = format!(
            "workflow: w\nplugins: {{ probe: {} }}\nsteps: {{ s: {{ task: probe.sleep, with: {{ ms: 3600000 }}, timeout: 2h }} }}\n",
            kit::guest("probe").display()
        );
        for attempt in 1..=5 {
            let engine = Engine::on(Arc::new(memory.clone()), Arc::new(SystemClock));
            let plan = engine.plan(&text).await;
            if attempt == 1 {
                engine.start(&plan).await;
            } else {
                engine.worker.resume(RunId(1)).await.expect("resumed");
            }
            let watch = engine.worker.watch(RunId(1)).await.expect("active");
            assert_eq!(watch.run.steps()[0].attempts, attempt);
            engine.stop().await;
            assert_eq!(load_run(&memory, RunId(1)).await.expect("readable").run.status(), Status::Running);
        }
    });
}

#[test]
fn p5_an_acknowledged_cancel_interrupts_what_runs_and_starts_nothing() {
    runtime().block_on(async {
        for task in ["probe.sleep, with: { ms: 3600000 }", "probe.spin-forever"] {
            let memory = MemoryStore::new();
            let engine = Engine::on(Arc::new(memory.clone()), Arc::new(SystemClock));
            let text = format!("workflow: w\nplugins: {{ probe: {} }}\nsteps:\n  s: {{ task: {task}, timeout: 2h }}\n  t: {{ task: probe.trap, needs: s }}\n", kit::guest("probe").display());
            let plan = engine.plan(&text).await;
            let run = engine.start(&plan).await;
            engine.worker.cancel(run, "enough").await.expect("accepted");
            let ended = engine.end_of(run).await;
            assert_eq!(ended.status(), Status::Cancelled, "{task}");
            assert_eq!(ended.steps()[1].attempts, 0, "{task}");
            assert!(matches!(engine.worker.cancel(run, "again").await, Err(WorkerError::Ended { .. })), "{task}");
            assert!(matches!(engine.worker.resume(run).await, Err(WorkerError::Ended { .. })), "{task}");
        }
    });
}

/// A run whose owner died is cancelled by another process: nothing starts on the way out.
#[test]
fn p5_a_run_that_nobody_has_is_cancelled_without_starting_anything() {
    runtime().block_on(async {
        let memory = MemoryStore::new();
        let faulty = Arc::new(FaultStore::new(Arc::new(memory.clone()), Some(Fault { nth: 3, when: When::After, then: Then::Down })));
        let engine = Engine::on(faulty, Arc::new(SystemClock));
        let plan = engine.plan(&steps()).await;
        let run = engine.start(&plan).await;
        while engine.worker.watch(run).await.is_ok() {
            tokio::task::yield_now().await;
        }
        let started = |loaded: &jackfield_worker::LoadedRun| {
            loaded.batches.iter().flat_map(|batch| &batch.events).filter(|event| matches!(event, Event::Started { .. })).count()
        };
        let before = load_run(&memory, run).await.expect("readable");
        assert_eq!(before.run.status(), Status::Running);
        let next = Engine::on(Arc::new(memory.clone()), Arc::new(SystemClock));
        next.worker.cancel(run, "enough").await.expect("accepted");
        let after = load_run(&memory, run).await.expect("readable");
        assert_eq!(after.run.status(), Status::Cancelled);
        assert_eq!(started(&after), started(&before));
    });
}

/// An old owner that comes back is refused, and the run is unharmed.
#[test]
fn d19_a_worker_that_lost_its_run_cannot_write() {
    runtime().block_on(async {
        let memory = MemoryStore::new();
        let text = format!(
            "workflow: w\nplugins: {{ probe: {} }}\nsteps: {{ s: {{ task: probe.sleep, with: {{ ms: 300 }} }} }}\n",
            kit::guest("probe").display()
        );
        let old = Engine::on(Arc::new(memory.clone()), Arc::new(SystemClock));
        let plan = old.plan(&text).await;
        let run = old.start(&plan).await;
        let mut watch = old.worker.watch(run).await.expect("active");
        let new = Engine::on(Arc::new(memory.clone()), Arc::new(SystemClock));
        new.plan(&text).await;
        new.worker.resume(run).await.expect("taken over");
        let left = loop {
            if let News::Left { error } = watch.next().await.expect("it is told") {
                break error;
            }
        };
        assert!(left.is_some_and(|error| error.contains("fence")), "the old owner is told why");
        assert_eq!(new.end_of(run).await.status(), Status::Done);
    });
}

#[test]
fn an_unfinished_run_always_has_something_that_wakes_it() {
    runtime().block_on(async {
        let memory = MemoryStore::new();
        let engine = Engine::on(Arc::new(memory.clone()), Arc::new(TestClock::at(NOON)));
        let plan = engine.plan(&sleepy()).await;
        let runs = engine.start_all(&plan, 50).await;
        engine.until_asleep(50).await;
        for run in runs {
            let loaded = load_run(&memory, run).await.expect("readable");
            assert!(loaded.run.next_wakeup().is_some());
            assert!(!loaded.run.why(Ownership::Worker).is_empty());
        }
        let before = engine.transactions().await;
        tokio::task::yield_now().await;
        assert_eq!(engine.transactions().await, before, "asleep is asleep");
    });
}

/// Who watches a run hears of it again when it wakes, by the same watch, also when somebody else woke it.
#[test]
fn a_watch_outlives_the_sleep_of_its_run() {
    runtime().block_on(async {
        for wake in ["time", "resume", "stop"] {
            let clock = Arc::new(TestClock::at(NOON));
            let engine = Engine::on(Arc::new(MemoryStore::new()), Arc::clone(&clock) as Arc<_>);
            let plan = engine.plan(&sleepy()).await;
            let start = Start {
                plan,
                inputs: Value::map::<&str>([]),
                directory: engine.path().into(),
                client_key: None,
                labels: Vec::new(),
                priority: None,
            };
            let started = engine.worker.start(start).await.expect("started");
            let mut watch = started.watch.expect("it is new");
            assert_eq!(watch.run.steps()[0].attempts, 0, "the watch begins before the first step");
            engine.until_asleep(1).await;
            match wake {
                "time" => clock.advance(3_600_000),
                "resume" => {
                    engine.worker.resume(started.run).await.expect("taken over");
                    engine.until_asleep(1).await;
                    clock.advance(3_600_000);
                }
                _ => engine.worker.stop().await,
            }
            let left = loop {
                match watch.next().await.expect("it keeps up") {
                    News::Events { at, events } => events.iter().for_each(|event| watch.run.apply(event, at).expect("legal")),
                    News::Left { error } => break error,
                    _ => {}
                }
            };
            assert_eq!(left, None, "{wake}");
            let (status, attempts) = if wake == "stop" { (Status::Running, 1) } else { (Status::Done, 2) };
            assert_eq!((watch.run.status(), watch.run.steps()[0].attempts), (status, attempts), "{wake}");
        }
    });
}
