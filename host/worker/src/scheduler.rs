//! Starts runs when schedules say so: at most one for each instant, on any number of machines.
//!
//! Two rules keep that promise. An instant is the client key of the run that it starts, so that the store decides who is first
//! ([`key_of`]). And whatever was looked after once is not looked after again: what a schedule has missed is what came after its last run.

use std::path::PathBuf;
use std::sync::Arc;

use jackfield_flow::plan::{Overlap, Plan, Schedule, ScheduleError};
use jackfield_flow::run::{Beginning, Millis, RunId, Scheduled};
use jackfield_flow::schedule::{Timetable, due};
use jackfield_store::{Label, ListQuery, RunRow, RunState, StoreError};

use crate::error::WorkerError;
use crate::inspect::load_run;
use crate::start::{Start, Started};
use crate::worker::{Worker, new_uid};

/// The label of a run that a schedule started: its value is `WORKFLOW/N`. No label of a workflow can have this name.
pub const SCHEDULE_LABEL: &str = "jackfield.schedule";

/// How long a start that failed is left alone. It is tried again until it succeeds, or is no longer due.
const RETRY_MS: u64 = 10_000;

/// The client key of the run that a schedule starts for an instant.
fn key_of(schedule: &str, at: Millis) -> Arc<str> {
    Arc::from(format!("schedule/{schedule}/{}", at.timestamp()))
}

/// Looks after the schedules of some workflows.
pub struct Scheduler {
    worker: Worker,
    entries: Vec<Entry>,
}

/// One schedule.
struct Entry {
    name: Arc<str>,
    plan: Arc<Plan>,
    index: u32,
    directory: PathBuf,
    timetable: Timetable,
    /// Everything until here was looked after.
    seen: Option<Millis>,
    /// A start failed, and is tried again then.
    retry_at: Option<Millis>,
}

/// What came of an instant of a schedule.
#[derive(Debug)]
pub struct Occurrence {
    /// The schedule: `WORKFLOW/N`.
    pub schedule: Arc<str>,
    /// The instant.
    pub at: Millis,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of an instant.
#[derive(Debug)]
pub enum Outcome {
    /// It started a run.
    Started(Box<Started>),
    /// Its run had been started before: elsewhere, or before the clock was set back.
    Before(RunId),
    /// It was left out, because this run has not ended.
    Overlaps(RunId),
    /// Nothing could be started. It is tried again.
    Failed(WorkerError),
}

/// When a schedule fires next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upcoming {
    /// The schedule: `WORKFLOW/N`.
    pub schedule: Arc<str>,
    /// The instant.
    pub at: Millis,
    /// The time zone of the schedule.
    pub time_zone: Arc<str>,
}

impl Scheduler {
    /// A scheduler without schedules, which starts runs in this worker.
    pub fn new(worker: Worker) -> Self {
        Self { worker, entries: Vec::new() }
    }

    /// Takes on all schedules of a workflow, and finds out which of their instants were looked after before.
    ///
    /// # Errors
    /// When the store cannot be read, or a schedule was made by an engine that knew more.
    pub async fn add(&mut self, plan: &Arc<Plan>, directory: PathBuf) -> Result<(), SchedulerError> {
        for (at, schedule) in plan.schedules.iter().enumerate() {
            let name: Arc<str> = plan.schedule_name(at).into();
            let seen = self.last_of(&name).await?;
            self.entries.push(Entry {
                name,
                plan: Arc::clone(plan),
                index: u32::try_from(at).unwrap_or(u32::MAX),
                directory: directory.clone(),
                timetable: schedule.timetable()?,
                seen,
                retry_at: None,
            });
        }
        Ok(())
    }

    /// Runs of these schedules that have not ended and wait for no decision, oldest first: whoever ran them may be gone.
    pub async fn unfinished(&self) -> Result<Vec<RunId>, WorkerError> {
        let mut runs = Vec::new();
        for entry in &self.entries {
            let mut query = unfinished(&entry.name);
            query.states.retain(|state| *state != RunState::Blocked);
            loop {
                let page = self.worker.shared.store.list(query.clone()).await?;
                runs.extend(page.rows.iter().map(|row| row.run));
                let Some(next) = page.next else { break };
                query.before = Some(next);
            }
        }
        runs.sort_unstable();
        runs.dedup();
        Ok(runs)
    }

    /// When each schedule fires next, soonest first. One that the calendar has no more room for is left out.
    pub fn upcoming(&self) -> Vec<Upcoming> {
        let now = self.worker.shared.clock.now();
        let next = |entry: &Entry| {
            let at = entry.timetable.after(now)?;
            Some(Upcoming { schedule: Arc::clone(&entry.name), at, time_zone: Arc::clone(&entry.schedule().time_zone) })
        };
        let mut upcoming: Vec<Upcoming> = self.entries.iter().filter_map(next).collect();
        upcoming.sort_by_key(|next| next.at);
        upcoming
    }

    /// Waits until there may be something to do. Nothing is lost when the call is dropped before it ends.
    pub async fn wait(&self) {
        let clock = self.worker.shared.clock.as_ref();
        let now = clock.now();
        match self.entries.iter().filter_map(|entry| entry.next(now)).min() {
            Some(at) => tokio::select! {
                () = clock.sleep_until(at) => {}
                // What is next may now be sooner.
                () = clock.until_set_back(now) => {}
            },
            None => std::future::pending().await,
        }
    }

    /// Starts what is due, one after the other, each durable before the next.
    pub async fn fire(&mut self) -> Vec<Occurrence> {
        let Self { worker, entries } = self;
        let mut occurrences = Vec::new();
        for entry in entries {
            entry.fire(worker, &mut occurrences).await;
        }
        occurrences
    }

    /// The instant of the last run of a schedule.
    async fn last_of(&self, name: &str) -> Result<Option<Millis>, WorkerError> {
        let store = self.worker.shared.store.as_ref();
        let page = store.list(ListQuery { limit: 1, ..of_schedule(name) }).await?;
        let Some(&RunRow { run, created_at, .. }) = page.rows.first() else { return Ok(None) };
        match load_run(store, run).await {
            Ok(loaded) => Ok(Some(loaded.run.scheduled().map_or(created_at, |scheduled| scheduled.at))),
            Err(error) => {
                // One run that cannot be read must not keep the others from being started.
                tracing::warn!(%run, %error, "the last run of the schedule `{name}` cannot be read; its beginning counts");
                Ok(Some(created_at))
            }
        }
    }
}

impl Entry {
    fn schedule(&self) -> &Schedule {
        &self.plan.schedules[self.index as usize]
    }

    /// When there is something to do.
    fn next(&self, now: Millis) -> Option<Millis> {
        match (self.retry_at(now), self.seen) {
            (Some(at), _) => Some(at),
            // What was missed, or may have been, is looked at first.
            (None, None) => Some(now),
            (None, Some(seen)) => self.timetable.after(seen.min(now)),
        }
    }

    /// When a start is tried again. One that is further away is of a clock that was set back since: it is due when its instant is.
    fn retry_at(&self, now: Millis) -> Option<Millis> {
        self.retry_at.filter(|at| *at <= now.after(RETRY_MS))
    }

    async fn fire(&mut self, worker: &Worker, occurrences: &mut Vec<Occurrence>) {
        let now = worker.shared.clock.now();
        if self.retry_at(now).is_some_and(|at| at > now) {
            return;
        }
        self.retry_at = None;
        // When the clock was set back, time is lived through again: what it had started is known to the store, and not started again.
        let seen = self.seen.filter(|seen| *seen <= now);
        for at in due(&self.timetable, self.schedule().catch_up, seen, now) {
            let outcome = self.start(worker, at).await.unwrap_or_else(Outcome::Failed);
            let failed = matches!(outcome, Outcome::Failed(_));
            occurrences.push(Occurrence { schedule: Arc::clone(&self.name), at, outcome });
            if failed {
                self.seen = Some(Millis(at.0 - 1));
                self.retry_at = Some(now.after(RETRY_MS));
                return;
            }
        }
        self.seen = Some(now);
    }

    async fn start(&self, worker: &Worker, at: Millis) -> Result<Outcome, WorkerError> {
        let schedule = self.schedule();
        if schedule.overlap == Overlap::Skip {
            let page = worker.shared.store.list(ListQuery { limit: 1, ..unfinished(&self.name) }).await?;
            if let Some(busy) = page.rows.first() {
                return Ok(Outcome::Overlaps(busy.run));
            }
        }
        let start = Start {
            plan: Arc::clone(&self.plan),
            inputs: schedule.inputs.clone(),
            directory: self.directory.clone(),
            client_key: Some(key_of(&self.name, at)),
            priority: None,
            labels: vec![(SCHEDULE_LABEL.into(), Arc::clone(&self.name))],
        };
        match worker.start_scheduled(start, Scheduled { schedule: self.index, at }).await {
            Ok(Started { run, watch: None }) => Ok(Outcome::Before(run)),
            Ok(started) => Ok(Outcome::Started(Box::new(started))),
            // Another version of the workflow was there first; the instant is the same.
            Err(WorkerError::Store(StoreError::KeyConflict { run, .. })) => Ok(Outcome::Before(run)),
            Err(error) => Err(error),
        }
    }
}

impl Worker {
    /// Starts a run for an instant of one of the schedules of its workflow.
    async fn start_scheduled(&self, start: Start, scheduled: Scheduled) -> Result<Started, WorkerError> {
        let given = match &start.inputs {
            jackfield_flow::types::Value::Map(fields) => Arc::clone(fields),
            _ => Arc::default(),
        };
        let inputs = start.plan.inputs_from(&given).map_err(WorkerError::Inputs)?;
        let beginning = Beginning::new(new_uid(), inputs, start.directory.to_string_lossy());
        self.begin(&start, Beginning { scheduled: Some(scheduled), ..beginning }).await
    }
}

/// The runs of a schedule, newest first.
fn of_schedule(name: &str) -> ListQuery {
    let label: Label = (SCHEDULE_LABEL.into(), name.into());
    ListQuery { labels: vec![label], ..ListQuery::default() }
}

/// Those that have not ended.
fn unfinished(name: &str) -> ListQuery {
    let states = RunState::ALL.into_iter().filter(|state| !state.is_finished()).collect();
    ListQuery { states, ..of_schedule(name) }
}

/// Why schedules cannot be looked after.
#[derive(Debug, thiserror::Error)]
pub enum SchedulerError {
    /// The store failed, or a run in it cannot be read.
    #[error(transparent)]
    Worker(#[from] WorkerError),
    /// A schedule that this engine cannot keep.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
}
