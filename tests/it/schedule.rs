//! Schedules in this process, on a clock that the test moves: catching up, overlaps, several workers on one store.

use std::sync::Arc;

use jackfield_flow::run::{Millis, RunId, Status};
use jackfield_store::{Fault, FaultStore, ListQuery, MemoryStore, Store, Then, When};
use jackfield_worker::{Again, Outcome, Rerun, SCHEDULE_LABEL, Scheduler, load_run};
use kit::clock::TestClock;
use kit::engine::Engine;

/// 1 June 2025, 10:00 UTC.
const TEN: Millis = Millis(1_748_772_000_000);
const MINUTE: u64 = 60_000;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// A workflow with these lines in its one schedule, whose runs end at once.
fn quick(schedule: &str) -> String {
    format!(
        "workflow: w\non: {{ {schedule} }}\nsteps: {{ a: {{ value: \"${{ run.scheduled_at }}\" }} }}\noutputs: {{ at: \"${{ steps.a }}\" }}\n"
    )
}

/// The same with runs that take an hour.
fn slow(schedule: &str) -> String {
    format!("workflow: w\non: {{ {schedule} }}\nsteps: {{ a: {{ sleep: 1h }} }}\n")
}

/// An engine that looks after the schedules of one workflow.
struct Desk {
    engine: Engine,
    scheduler: Scheduler,
}

impl Desk {
    async fn open(store: Arc<dyn Store>, clock: &Arc<TestClock>, text: &str) -> Self {
        let engine = Engine::on(store, Arc::clone(clock) as Arc<_>);
        let plan = engine.plan(text).await;
        let mut scheduler = Scheduler::new(engine.worker.clone());
        // The same everywhere, as it would be for workers that share a project.
        scheduler.add(&plan, "/project".into()).await.expect("readable");
        Self { engine, scheduler }
    }

    /// What comes of the instants that are due now, each in a few words.
    async fn fire(&mut self) -> Vec<String> {
        let mut told = Vec::new();
        for occurrence in self.scheduler.fire().await {
            let minute = (occurrence.at.0 - TEN.0) / 60_000;
            told.push(match occurrence.outcome {
                Outcome::Started(started) => format!("{minute}: run {}", started.run),
                Outcome::Before(run) => format!("{minute}: run {run} was before"),
                Outcome::Overlaps(run) => format!("{minute}: run {run} still runs"),
                Outcome::Failed(error) => format!("{minute}: {error}"),
            });
        }
        told
    }

    /// The same once the time has come.
    async fn next(&mut self) -> Vec<String> {
        self.scheduler.wait().await;
        self.fire().await
    }
}

async fn instants(store: &dyn Store) -> Vec<i64> {
    let mut instants = Vec::new();
    let mut query = ListQuery::default();
    loop {
        let page = store.list(query.clone()).await.expect("readable");
        for row in &page.rows {
            assert_eq!(row.labels, [(Arc::from(SCHEDULE_LABEL), Arc::from("w/1"))]);
            let run = load_run(store, row.run).await.expect("readable").run;
            instants.push((run.scheduled().expect("a schedule started it").at.0 - TEN.0) / 60_000);
        }
        let Some(next) = page.next else { break };
        query.before = Some(next);
    }
    instants.reverse();
    instants
}

#[test]
fn a_schedule_starts_its_runs_in_time_and_they_know_for_when() {
    runtime().block_on(async {
        let (store, clock) = (MemoryStore::new(), Arc::new(TestClock::at(TEN.after(2 * MINUTE))));
        let mut desk = Desk::open(Arc::new(store.clone()), &clock, &quick("cron: '*/10 * * * *'")).await;
        assert_eq!(desk.next().await, [""; 0], "nothing is due yet");
        assert_eq!(desk.scheduler.upcoming()[0].at, TEN.after(10 * MINUTE));
        for (moved, told) in [(8 * MINUTE + 3, vec!["10: run 1"]), (10 * MINUTE, vec!["20: run 2"])] {
            clock.advance(moved);
            assert_eq!(desk.next().await, told);
            assert_eq!(desk.fire().await, [""; 0], "once");
        }
        let run = desk.engine.end_of(RunId(2)).await;
        assert_eq!(run.outputs().map(|outputs| outputs.to_json()).as_deref(), Some(r#"{"at":"2025-06-01T10:20:00Z"}"#));
        // Repeated by hand, it is about the same instant.
        let again = Rerun { again: Again::From(vec!["a".to_owned()]), inputs: Arc::default() };
        let again = desk.engine.worker.rerun(RunId(2), &again).await.expect("started").run;
        let run = desk.engine.end_of(again).await;
        assert_eq!(run.outputs().map(|outputs| outputs.to_json()).as_deref(), Some(r#"{"at":"2025-06-01T10:20:00Z"}"#));
        // And yet it is none of the schedule's own, by which what was missed is known.
        assert_eq!(load_run(&store, again).await.expect("readable").row.labels, []);
    });
}

#[test]
fn nothing_is_done_before_it_is_time() {
    runtime().block_on(async {
        let (store, clock) = (MemoryStore::new(), Arc::new(TestClock::at(TEN.after(2 * MINUTE))));
        let mut desk = Desk::open(Arc::new(store.clone()), &clock, &quick("cron: '*/10 * * * *'")).await;
        assert_eq!(desk.next().await, [""; 0]);
        clock.advance(8 * MINUTE - 1);
        let waited = tokio::select! {
            biased;
            () = desk.scheduler.wait() => "too short",
            () = tokio::task::yield_now() => "on",
        };
        assert_eq!(waited, "on");
        clock.advance(1);
        assert_eq!(desk.next().await, ["10: run 1"]);
    });
}

#[test]
fn d18_down_for_three_days_with_a_schedule_of_every_minute() {
    let three_days = 3 * 24 * 60;
    for (catch_up, expected) in
        [("skip", vec![three_days]), ("last", vec![three_days]), ("all", (three_days - 99..=three_days).collect::<Vec<i64>>())]
    {
        runtime().block_on(async {
            let (store, clock) = (MemoryStore::new(), Arc::new(TestClock::at(TEN)));
            let text = quick(&format!("cron: '* * * * *', catch-up: {catch_up}"));
            let mut desk = Desk::open(Arc::new(store.clone()), &clock, &text).await;
            assert_eq!(desk.next().await, ["0: run 1"]);
            desk.engine.end_of(RunId(1)).await;
            desk.engine.stop().await;
            clock.advance(3 * 24 * 60 * MINUTE + 500);
            let mut desk = Desk::open(Arc::new(store.clone()), &clock, &text).await;
            assert_eq!(desk.next().await.len(), expected.len(), "{catch_up}");
            assert_eq!(desk.fire().await, [""; 0], "{catch_up}");
            assert_eq!(instants(&store).await[1..], expected, "{catch_up}");
            // And on it goes.
            clock.advance(MINUTE);
            assert_eq!(desk.next().await.len(), 1, "{catch_up}");
        });
    }
}

#[test]
fn what_was_missed_is_late_by_more_than_a_minute() {
    for (catch_up, expected) in [("skip", vec![0]), ("last", vec![0, 20]), ("all", vec![0, 10, 20])] {
        runtime().block_on(async {
            let (store, clock) = (MemoryStore::new(), Arc::new(TestClock::at(TEN)));
            let text = quick(&format!("cron: '*/10 * * * *', catch-up: {catch_up}"));
            let mut desk = Desk::open(Arc::new(store.clone()), &clock, &text).await;
            assert_eq!(desk.next().await, ["0: run 1"]);
            // The clock jumps ahead while somebody is there, which is no other thing than being away.
            clock.advance(25 * MINUTE);
            desk.next().await;
            assert_eq!(instants(&store).await, expected, "{catch_up}");
        });
    }
}

/// A crash in the middle of catching up: the next one goes on where it was.
#[test]
fn catching_up_is_resumed() {
    runtime().block_on(async {
        let (store, clock) = (MemoryStore::new(), Arc::new(TestClock::at(TEN)));
        let text = quick("cron: '* * * * *', catch-up: all");
        assert_eq!(Desk::open(Arc::new(store.clone()), &clock, &text).await.next().await, ["0: run 1"]);
        clock.advance(6 * MINUTE);
        let fault = Fault { nth: 4, when: When::Before, then: Then::Down };
        let mut desk = Desk::open(Arc::new(FaultStore::new(Arc::new(store.clone()), Some(fault))), &clock, &text).await;
        let told = desk.next().await;
        assert!(told.len() < 6 && told.last().is_some_and(|last| !last.contains("run")), "{told:?}");
        // What failed is not tried again at once.
        assert_eq!(desk.fire().await, [""; 0]);
        let mut next = Desk::open(Arc::new(store.clone()), &clock, &text).await;
        next.next().await;
        assert_eq!(instants(&store).await, [0, 1, 2, 3, 4, 5, 6]);
    });
}

#[test]
fn a_start_that_failed_is_tried_again() {
    runtime().block_on(async {
        let (store, clock) = (MemoryStore::new(), Arc::new(TestClock::at(TEN)));
        let fault = Fault { nth: 1, when: When::Full, then: Then::Up };
        let faulty = Arc::new(FaultStore::new(Arc::new(store.clone()), Some(fault)));
        let mut desk = Desk::open(faulty, &clock, &quick("cron: '0 * * * *', catch-up: skip")).await;
        let told = desk.next().await;
        assert!(told.len() == 1 && !told[0].contains("run 1"), "{told:?}");
        clock.advance(10_000);
        assert_eq!(desk.next().await, ["0: run 1"]);
        clock.advance(10_000);
        assert_eq!(desk.fire().await, [""; 0]);
    });
}

#[test]
fn a_start_that_failed_before_the_clock_was_set_back_delays_nothing() {
    runtime().block_on(async {
        let (store, clock) = (MemoryStore::new(), Arc::new(TestClock::at(TEN.after(24 * 60 * MINUTE))));
        let fault = Fault { nth: 1, when: When::Full, then: Then::Up };
        let faulty = Arc::new(FaultStore::new(Arc::new(store.clone()), Some(fault)));
        let mut desk = Desk::open(faulty, &clock, &quick("cron: '0 * * * *'")).await;
        let told = desk.next().await;
        assert!(told.len() == 1 && !told[0].contains("run 1"), "{told:?}");
        clock.set(Millis(TEN.0 - 1));
        assert_eq!(desk.fire().await, [""; 0]);
        clock.set(TEN);
        assert_eq!(desk.fire().await, ["0: run 1"]);
    });
}

#[test]
fn p3_a_clock_that_is_set_back_starts_nothing_again() {
    runtime().block_on(async {
        let (store, clock) = (MemoryStore::new(), Arc::new(TestClock::at(TEN)));
        let text = quick("cron: '*/10 * * * *'");
        let mut desk = Desk::open(Arc::new(store.clone()), &clock, &text).await;
        assert_eq!(desk.next().await, ["0: run 1"]);
        clock.advance(10 * MINUTE);
        assert_eq!(desk.next().await, ["10: run 2"]);
        // Back by a quarter of an hour: the same times are lived through again, here and in a new process.
        for mut desk in [desk, Desk::open(Arc::new(store.clone()), &clock, &text).await] {
            clock.set(Millis(TEN.0 - 300_000));
            assert_eq!(desk.fire().await, [""; 0]);
            clock.set(TEN);
            assert_eq!(desk.next().await, ["0: run 1 was before"]);
            clock.advance(10 * MINUTE);
            assert_eq!(desk.next().await, ["10: run 2 was before"]);
        }
        // What comes after is new.
        let mut desk = Desk::open(Arc::new(store.clone()), &clock, &text).await;
        clock.advance(10 * MINUTE);
        assert_eq!(desk.next().await, ["20: run 3"]);
        assert_eq!(instants(&store).await, [0, 10, 20]);
    });
}

/// A clock that was wrong by years, and has been corrected, does not silence a schedule until then.
#[test]
fn a_clock_that_was_far_ahead_silences_nothing() {
    runtime().block_on(async {
        let (store, clock) = (MemoryStore::new(), Arc::new(TestClock::at(TEN.after(50 * 365 * 24 * 60 * MINUTE))));
        let text = quick("cron: '*/10 * * * *'");
        let mut desk = Desk::open(Arc::new(store.clone()), &clock, &text).await;
        assert_eq!(desk.next().await.len(), 1);
        assert_eq!(desk.fire().await, [""; 0]);
        // It ends although the time for which it waits is years away.
        tokio::join!(desk.scheduler.wait(), async { clock.set(TEN.after(2 * MINUTE)) });
        for mut desk in [desk, Desk::open(Arc::new(store.clone()), &clock, &text).await] {
            assert_eq!(desk.fire().await, [""; 0]);
            clock.advance(10 * MINUTE);
            assert_eq!(desk.next().await.len(), 1);
        }
    });
}

#[test]
fn p3_two_workers_on_one_store_start_an_instant_once() {
    runtime().block_on(async {
        let (store, clock) = (MemoryStore::new(), Arc::new(TestClock::at(TEN)));
        let text = quick("cron: '* * * * *', catch-up: all");
        let mut desks = Vec::new();
        // The last one has another version of the workflow: an instant is an instant all the same.
        for text in [text.clone(), text.clone(), text.replace("steps:", "description: Changed.\nretention: 1d\nsteps:")] {
            desks.push(Desk::open(Arc::new(store.clone()), &clock, &text).await);
        }
        let mut told = Vec::new();
        for _ in 0..5 {
            let (mut one, mut two, mut three) = (desks.remove(0), desks.remove(0), desks.remove(0));
            let (first, second, third) =
                tokio::join!(async { (one.next().await, one) }, async { (two.next().await, two) }, async { (three.next().await, three) });
            for (lines, desk) in [first, second, third] {
                told.extend(lines);
                desks.push(desk);
            }
            clock.advance(2 * MINUTE);
        }
        assert_eq!(told.iter().filter(|line| !line.contains("was before")).count(), 9, "{told:?}");
        assert_eq!(instants(&store).await, (0..=8).collect::<Vec<i64>>());
    });
}

#[test]
fn overlaps_go_as_the_schedule_says() {
    let status = |store: MemoryStore| async move {
        let mut all = Vec::new();
        for row in store.list(ListQuery::default()).await.expect("readable").rows.iter().rev() {
            all.push(load_run(&store, row.run).await.expect("readable").run.status());
        }
        all
    };
    runtime().block_on(async {
        for (overlap, told, expected) in [
            ("allow", vec!["0: run 1", "1: run 2", "2: run 3"], vec![Status::Running; 3]),
            ("skip", vec!["0: run 1", "1: run 1 still runs", "2: run 1 still runs"], vec![Status::Running]),
            ("queue", vec!["0: run 1", "1: run 2", "2: run 3"], vec![Status::Running, Status::Waiting, Status::Waiting]),
            ("cancel-running", vec!["0: run 1", "1: run 2", "2: run 3"], vec![Status::Cancelled, Status::Cancelled, Status::Running]),
        ] {
            let (store, clock) = (MemoryStore::new(), Arc::new(TestClock::at(TEN)));
            let mut desk = Desk::open(Arc::new(store.clone()), &clock, &slow(&format!("cron: '* * * * *', overlap: {overlap}"))).await;
            let mut lines = Vec::new();
            for minute in 0..3 {
                lines.extend(desk.next().await);
                if overlap == "cancel-running" {
                    while load_run(&store, RunId(minute + 1)).await.expect("readable").run.status() != Status::Running {
                        tokio::task::yield_now().await;
                    }
                }
                clock.advance(MINUTE);
            }
            assert_eq!(lines, told, "{overlap}");
            assert_eq!(status(store.clone()).await, expected, "{overlap}");
            let unfinished = desk.scheduler.unfinished().await.expect("readable").len();
            assert_eq!(unfinished, expected.iter().filter(|status| !status.is_end()).count(), "{overlap}");
            if overlap == "skip" {
                clock.advance(60 * MINUTE);
                desk.engine.end_of(RunId(1)).await;
                assert_eq!(desk.next().await.len(), 1, "once it has ended the next one is due");
            }
        }
    });
}
