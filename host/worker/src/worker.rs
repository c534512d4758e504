//! The worker: owns runs, and is what the outside talks to.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_flow::checkpoint::{self, Batch};
use jackfield_flow::plan::Plan;
use jackfield_flow::run::{Beginning, Input, Run, RunId, RunUid, Status};
use jackfield_store::{Blob, ClientKey, Commit, Created, Label, NewRun, Store, StoreError, Summary, Wake};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::again::Again;
use crate::ask::Ask;
use crate::clock::Clock;
use crate::error::WorkerError;
use crate::inspect::{LoadedRun, Plans, load_run_with};
use crate::locks::Locks;
use crate::news::{News, Watch};
use crate::plugins::Plugins;
use crate::run_task::{First, Message, summary};
use crate::seat::{Active, Seat};
use crate::slots::Slots;
use crate::start::{Start, Started};
use crate::timers::Timers;

/// How many runs are taken over at once when a worker begins.
const TAKEN_OVER_AT_ONCE: usize = 64;

/// What becomes of a blocked run that is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IfBlocked {
    /// It stays blocked.
    Stays,
    /// Somebody who wants it to go on has decided.
    GoesOn,
}

/// What becomes of a run that nobody has when something is asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IfNobodys {
    /// It goes on here.
    TakenOver,
    /// It is recorded, and goes on where somebody resumes it.
    Recorded,
}

/// Who has a run that something was asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// This worker: the run goes on here.
    Here,
    /// Nobody: it is recorded, and goes on when somebody resumes it.
    Recorded,
}

/// A run that goes on here.
struct TakenOver {
    /// Tells all that comes of it.
    watch: Watch,
    /// Ends when its first turn is durable, or cannot be.
    begun: oneshot::Receiver<()>,
}

/// Whether a run was taken over.
enum Taken {
    Over,
    No,
}

/// What a worker is made of.
pub struct WorkerConfig {
    /// Its name, as owners of runs are shown.
    pub name: Arc<str>,
    /// Where runs are kept.
    pub store: Arc<dyn Store>,
    /// Where plugins are found.
    pub plugins: Plugins,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where the scratch directories of runs are.
    pub scratch: PathBuf,
}

/// What all tasks of a worker share.
pub(crate) struct Shared {
    pub(crate) name: Arc<str>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) plugins: Plugins,
    pub(crate) clock: Arc<dyn Clock>,
    scratch: PathBuf,
    pub(crate) locks: Locks,
    pub(crate) slots: Arc<Slots>,
    pub(crate) timers: Timers,
    active: Mutex<Active>,
    /// The plan that was started last, as it is stored: many runs of one workflow hash it once.
    last_plan: Mutex<Option<(Arc<Plan>, Blob)>>,
    plans: Plans,
}

impl Shared {
    /// The scratch directory of a run.
    pub(crate) fn scratch_of(&self, run: RunId) -> PathBuf {
        self.scratch.join(run.to_string())
    }

    /// A plan as it is stored.
    fn stored(&self, plan: &Arc<Plan>) -> Blob {
        let mut last = self.last_plan.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((known, blob)) if Arc::ptr_eq(known, plan) => blob.clone(),
            _ => {
                let blob = Blob::new(plan.to_bytes().0);
                *last = Some((Arc::clone(plan), blob.clone()));
                blob
            }
        }
    }

    pub(crate) fn active(&self) -> MutexGuard<'_, Active> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Owns runs. Cheap to clone; all clones are the same worker.
#[derive(Clone)]
pub struct Worker {
    pub(crate) shared: Arc<Shared>,
}

impl Worker {
    /// A worker that owns nothing yet. Must be called within a Tokio runtime.
    pub fn new(config: WorkerConfig) -> Self {
        let WorkerConfig { name, store, plugins, clock, scratch } = config;
        let places = plugins.sandbox().attempts_max();
        let shared = Shared {
            name,
            store,
            plugins,
            clock,
            scratch,
            locks: Locks::default(),
            slots: Slots::new(places),
            timers: Timers::default(),
            active: Mutex::default(),
            last_plan: Mutex::default(),
            plans: Plans::default(),
        };
        let worker = Self { shared: Arc::new(shared) };
        let waker = worker.clone();
        let waker = tokio::spawn(async move { waker.wake_sleepers().await });
        worker.shared.active().waker = Some(waker.abort_handle());
        worker
    }

    /// Starts a run. When it returns, the run is durable and its first steps are on their way.
    pub async fn start(&self, start: Start) -> Result<Started, WorkerError> {
        let given = match &start.inputs {
            jackfield_flow::types::Value::Map(fields) => Arc::clone(fields),
            _ => Arc::default(),
        };
        let inputs = start.plan.inputs_from(&given).map_err(WorkerError::Inputs)?;
        let beginning = Beginning { priority: start.priority, ..Beginning::new(new_uid(), inputs, start.directory.to_string_lossy()) };
        self.begin(&start, beginning).await
    }

    pub(crate) async fn begin(&self, start: &Start, beginning: Beginning) -> Result<Started, WorkerError> {
        let now = self.shared.clock.now();
        let uid = beginning.uid;
        let (run, events) = Run::begin(Arc::clone(&start.plan), beginning, now)?;
        let batch = Batch { at: now, events };
        let encoded = checkpoint::encode(&batch);
        let plan = self.shared.stored(&start.plan);
        let client_key = start.client_key.as_ref().map(|key| ClientKey { key: Arc::clone(key), input: start.key_digest(plan.digest()) });
        let new = NewRun {
            uid,
            workflow: Arc::clone(&start.plan.workflow),
            plan,
            events: encoded.bytes,
            blobs: encoded.blobs,
            summary: summary(&run),
            at: now,
            worker: Some(Arc::clone(&self.shared.name)),
            client_key,
            labels: labels_of(&run, &start.labels),
            parent: run.parent().map(|parent| parent.run),
            retain_ms: start.plan.retain_ms,
        };
        let parent = new.parent;
        let created = match self.shared.store.create(new.clone()).await {
            // Nobody knows whether it was stored: its names tell. What is there now, nobody has.
            Err(StoreError::Unknown { .. }) => match self.shared.store.create(new).await {
                Ok(Created::Existing { run }) | Err(StoreError::UidTaken { run }) if parent.is_none() => {
                    self.see_to(run).await?;
                    return Ok(Started { run, watch: self.watch(run).await.ok() });
                }
                created => created,
            },
            created => created,
        };
        match created {
            Ok(Created::Existing { run }) => Ok(Started { run, watch: None }),
            Err(error) => Err(error.into()),
            Ok(Created::New { run: id, fence }) => {
                // A worker that stops starts nothing more; the run is durable, and whoever comes next has it.
                let Some(seat) = self.seat(id) else { return Ok(Started { run: id, watch: None }) };
                let watch = seat.watch_from_the_beginning(&start.plan, batch)?;
                drop(self.activate(seat, run.named(id), fence, 1, First::Created));
                Ok(Started { run: id, watch: Some(watch) })
            }
        }
    }

    /// Takes over an unfinished run and goes on with it; a run that is already active here stays as it is.
    ///
    /// A blocked run is unblocked: to ask for it is the decision it waits for. The watch tells all that comes of it.
    pub async fn resume(&self, run: RunId) -> Result<Watch, WorkerError> {
        loop {
            if let Some(seat) = self.seat(run) {
                return Ok(self.take_over(seat, Vec::new(), IfBlocked::GoesOn).await?.watch);
            }
            match self.watch(run).await {
                // It has left just now.
                Err(WorkerError::NotActive { .. }) if !self.is_stopping() => {}
                watched => return watched,
            }
        }
    }

    /// Takes over every unfinished run of the store: those that sleep stay out of memory until they are due. When it returns,
    /// it is recorded what became of the attempts that were lost.
    ///
    /// Answers how many were taken over, and the runs that could not be, each with the reason.
    pub async fn resume_all(&self) -> Result<(usize, Vec<(RunId, WorkerError)>), WorkerError> {
        let mut rest = self.shared.store.wakeups().await?.into_iter().map(|wakeup| wakeup.run);
        let (mut taken, mut refused) = (0, Vec::new());
        // Many at once: each is a write, and writes that wait together cost as much as one.
        let mut taking = JoinSet::new();
        loop {
            for run in rest.by_ref().take(TAKEN_OVER_AT_ONCE - taking.len()) {
                let worker = self.clone();
                taking.spawn(async move { (run, worker.take_up(run).await) });
            }
            match taking.join_next().await {
                None => return Ok((taken, refused)),
                Some(Ok((_, Ok(Taken::Over)))) => taken += 1,
                Some(Ok((_, Ok(Taken::No)))) => {}
                Some(Ok((run, Err(error)))) => refused.push((run, error)),
                Some(Err(broken)) => tracing::error!(%broken, "a run could not be taken over"),
            }
        }
    }

    /// Takes over one of all unfinished runs. One that is blocked waits for a person, and one that is here for nobody.
    async fn take_up(&self, run: RunId) -> Result<Taken, WorkerError> {
        if self.shared.active().is_parked(run) || self.shared.store.row(run).await?.summary.state == jackfield_store::RunState::Blocked {
            return Ok(Taken::No);
        }
        let Some(seat) = self.seat(run) else {
            // Somebody else takes it over at this moment. It answers once its first turn is durable.
            let _ = self.watch(run).await;
            return Ok(Taken::No);
        };
        match self.take_over(seat, Vec::new(), IfBlocked::Stays).await {
            Ok(taken) => {
                // One that cannot be written is set aside, and says so itself.
                let _ = taken.begun.await;
                Ok(Taken::Over)
            }
            // It was cancelled, or its parent was here before us.
            Err(WorkerError::Ended { .. }) => Ok(Taken::No),
            Err(error) => Err(error),
        }
    }

    /// Sees to it that a run goes on: nothing is to be done when it is here, or only waits. A blocked one stays blocked.
    pub(crate) async fn see_to(&self, run: RunId) -> Result<(), WorkerError> {
        if self.shared.active().has(run) {
            return Ok(());
        }
        match self.seat(run) {
            Some(seat) => self.take_over(seat, Vec::new(), IfBlocked::Stays).await.map(drop),
            None if self.is_stopping() => Err(WorkerError::NotActive { run }),
            // Somebody else sees to it at this moment.
            None => Ok(()),
        }
    }

    /// Takes over a run that no worker has, or wakes one that only waits. What it is told is taken down before what was lost is
    /// taken up again, so that nothing starts in between.
    async fn take_over(&self, seat: Seat, told: Vec<Message>, if_blocked: IfBlocked) -> Result<TakenOver, WorkerError> {
        let (id, name, now) = (seat.run, Arc::clone(&self.shared.name), self.shared.clock.now());
        let loaded = async {
            let fence = match seat.fence() {
                Some(fence) => fence,
                None => self.shared.store.claim(id, name, now).await?.fence,
            };
            Ok((fence, self.load_run(id).await?))
        };
        let (fence, LoadedRun { run, row, .. }) = match loaded.await {
            Ok(loaded) => loaded,
            Err(error) => {
                self.give_up(seat);
                return Err(ended_or(id, error));
            }
        };
        let first = match (seat.fence(), run.blocked()) {
            (Some(_), _) => First::Woken(told),
            (None, Some(_)) if if_blocked == IfBlocked::GoesOn => First::TakenOver { told, then: vec![Message::Input(Input::Unblock)] },
            (None, _) => First::TakenOver { told, then: Vec::new() },
        };
        let watch = seat.teller.listen(run.clone());
        let begun = self.activate(seat, run, fence, row.seq, first);
        Ok(TakenOver { watch, begun })
    }

    /// Asks a run to stop. When it returns, the wish is durable: no new step will start.
    pub async fn cancel(&self, run: RunId, reason: &str) -> Result<(), WorkerError> {
        self.ask(run, Ask::Cancel { reason: reason.to_owned() }).await
    }

    /// Asks something of a run, and takes it over if nobody has it. When it returns, the wish is durable.
    pub async fn ask(&self, run: RunId, ask: Ask) -> Result<(), WorkerError> {
        self.ask_heard(run, &ask, IfNobodys::TakenOver).await.map(drop)
    }

    /// Asks something of a run that is here, and records it for one that nobody has: that goes on when somebody resumes it, and
    /// nothing of it is executed here. When it returns, the wish is durable.
    ///
    /// A sub-workflow of a run that is here belongs here too.
    pub async fn record(&self, run: RunId, ask: Ask) -> Result<Heard, WorkerError> {
        self.ask_heard(run, &ask, IfNobodys::Recorded).await
    }

    async fn ask_heard(&self, run: RunId, ask: &Ask, if_nobodys: IfNobodys) -> Result<Heard, WorkerError> {
        match self.ask_unended(run, ask, if_nobodys).await {
            Err(ended @ WorkerError::Ended { .. }) if self.had_heard(run, ask).await => {
                tracing::debug!(%run, %ended, "it had been accepted before");
                Ok(Heard::Recorded)
            }
            asked => asked,
        }
    }

    /// Whether a run that has ended had accepted this: a signal or a decision under the same name.
    async fn had_heard(&self, run: RunId, ask: &Ask) -> bool {
        let named = matches!(ask, Ask::Signal { .. } | Ask::Approve { .. });
        named && self.load_run(run).await.is_ok_and(|loaded| ask.input(&loaded.run).is_ok())
    }

    async fn ask_unended(&self, run: RunId, ask: &Ask, if_nobodys: IfNobodys) -> Result<Heard, WorkerError> {
        loop {
            let records = if_nobodys == IfNobodys::Recorded && !self.has_above(run).await?;
            let (reply, answer) = oneshot::channel();
            let message = Message::Ask { ask: ask.clone(), reply };
            match self.seat(run) {
                Some(seat) if records && seat.fence().is_none() => {
                    let recorded = self.write_down(run, ask).await;
                    self.give_up(seat);
                    return recorded.map(|()| Heard::Recorded);
                }
                Some(seat) => drop(self.take_over(seat, vec![message], IfBlocked::Stays).await?),
                None => match self.send(run, message).await {
                    // It has left just now.
                    Err(WorkerError::NotActive { .. }) if !self.is_stopping() => continue,
                    sent => sent?,
                },
            }
            return match answer.await {
                Ok(answer) => answer.map(|()| Heard::Here),
                Err(_) if self.is_stopping() => Err(WorkerError::NotActive { run }),
                // It left without having heard; whatever has ended says so.
                Err(_) => continue,
            };
        }
    }

    /// Whether a run that this one belongs to is here: the run that started it, or one above that.
    async fn has_above(&self, run: RunId) -> Result<bool, WorkerError> {
        let mut below = run;
        loop {
            // Whoever starts a run is stored before it; so the way up has an end, whatever is stored.
            let parent = self.shared.store.row(below).await?.parent.filter(|parent| *parent < below);
            match parent {
                None => return Ok(false),
                Some(parent) if self.shared.active().has(parent) => return Ok(true),
                Some(parent) => below = parent,
            }
        }
    }

    /// Records what is asked of a run that nobody has. One that nothing is left to do for ends with a cancel.
    async fn write_down(&self, run: RunId, ask: &Ask) -> Result<(), WorkerError> {
        // Under a name of its own: the run is nobody's before and after.
        let (name, now) = (Arc::from(format!("{}/records", self.shared.name)), self.shared.clock.now());
        let claimed = self.shared.store.claim(run, name, now).await.map_err(|error| ended_or(run, WorkerError::Store(error)))?;
        let LoadedRun { run: mut loaded, row, .. } = self.load_run(run).await?;
        let input = ask.input(&loaded)?;
        let mut events = loaded.record(input, now)?;
        if matches!(ask, Ask::Cancel { .. }) {
            let mut ended = loaded.clone();
            let rest = ended.turn(Input::Recovered, now)?;
            if ended.status().is_end() {
                events.extend(rest);
                loaded = ended;
            }
        }
        if events.is_empty() {
            return Ok(());
        }
        let releases = loaded.take_releases();
        let encoded = checkpoint::encode(&Batch { at: now, events });
        // Ready: what was recorded has to be looked at by whoever takes the run over.
        let wake = (!loaded.status().is_end()).then_some(Wake::Ready);
        let commit = Commit {
            run,
            fence: claimed.fence,
            seq: row.seq + 1,
            events: encoded.bytes,
            blobs: encoded.blobs,
            summary: Summary { wake, ..summary(&loaded) },
            logs: Vec::new(),
            savepoint: None,
            drop_savepoints: Vec::new(),
            release: releases.iter().map(|release| release.place).collect(),
            cache: Vec::new(),
            at: now,
        };
        self.shared.store.commit(commit).await?;
        for release in releases {
            let worker = self.clone();
            tokio::spawn(async move { worker.serve_lock(release.name).await });
        }
        if loaded.status().is_end() {
            self.remove_scratch(run);
        }
        Ok(())
    }

    /// Tells a run something, if it is active here. One that is not finds out by itself when it comes back.
    pub(crate) async fn tell(&self, run: RunId, message: Message) {
        // A run that left meanwhile needs no telling.
        let _ = self.send(run, message).await;
    }

    /// Tells a run something, wherever it is: one that nobody has is taken over.
    pub(crate) async fn deliver(&self, run: RunId, input: Input) {
        let mut again = Again::default();
        loop {
            let told = match self.seat(run) {
                Some(seat) => self.take_over(seat, vec![Message::Input(input.clone())], IfBlocked::Stays).await.map(drop),
                None => self.send(run, Message::Input(input.clone())).await,
            };
            match told {
                Ok(()) | Err(WorkerError::Ended { .. }) => return,
                Err(_) if self.is_stopping() => return,
                Err(WorkerError::NotActive { .. }) => {}
                Err(error) if error.passes() => again.wait().await,
                Err(error) => {
                    return tracing::error!(%run, %error, "a run cannot be told what it waits for; it finds out when it is resumed");
                }
            }
        }
    }

    async fn send(&self, run: RunId, message: Message) -> Result<(), WorkerError> {
        let inbox = self.shared.active().inboxes.get(&run).cloned().ok_or(WorkerError::NotActive { run })?;
        inbox.send(message).await.map_err(|_| {
            // A task that broke could not clear its place: whoever comes next takes the run over.
            let mut active = self.shared.active();
            if active.inboxes.get(&run).is_some_and(mpsc::Sender::is_closed) {
                active.inboxes.remove(&run);
            }
            WorkerError::NotActive { run }
        })
    }

    /// Watches an active run.
    pub async fn watch(&self, run: RunId) -> Result<Watch, WorkerError> {
        let (reply, answer) = oneshot::channel();
        self.send(run, Message::Watch { reply }).await?;
        answer.await.map_err(|_| WorkerError::NotActive { run })
    }

    /// How many runs are in memory, and how many only wait.
    pub fn load(&self) -> (usize, usize) {
        let active = self.shared.active();
        (active.inboxes.len(), active.parked())
    }

    /// Stops in good order: attempts are interrupted and given back, and every run can be resumed.
    pub async fn stop(&self) {
        let inboxes: Vec<_> = {
            let mut active = self.shared.active();
            active.stopping = true;
            if let Some(waker) = active.waker.take() {
                waker.abort();
            }
            for (_, teller) in active.take_watched() {
                teller.tell(0, || News::Left { error: None });
            }
            active.inboxes.values().cloned().collect()
        };
        for inbox in inboxes {
            // A run that left meanwhile needs no telling.
            let _ = inbox.send(Message::Stop).await;
        }
        loop {
            let mut tasks = std::mem::take(&mut self.shared.active().tasks);
            if tasks.is_empty() {
                return;
            }
            while self.any_active() && tasks.join_next().await.is_some() {}
            tasks.shutdown().await;
        }
    }

    pub(crate) async fn load_run(&self, run: RunId) -> Result<LoadedRun, WorkerError> {
        load_run_with(self.shared.store.as_ref(), run, &self.shared.plans).await
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.shared.active().stopping
    }

    fn any_active(&self) -> bool {
        !self.shared.active().inboxes.is_empty()
    }
}

/// What the store says of a run that has ended, in the worker's words.
fn ended_or(run: RunId, error: WorkerError) -> WorkerError {
    match error {
        WorkerError::Store(jackfield_store::StoreError::AlreadyFinished { state, .. }) => {
            WorkerError::Ended { run, status: status_of(state) }
        }
        other => other,
    }
}

/// The labels of a run: those of its workflow, and over them those that its starter gives it.
fn labels_of(run: &Run, given: &[(Arc<str>, Arc<str>)]) -> Vec<Label> {
    let both: BTreeMap<_, _> = run.labels().iter().chain(given).map(|(key, value)| (Arc::clone(key), Arc::clone(value))).collect();
    both.into_iter().collect()
}

fn status_of(state: jackfield_store::RunState) -> Status {
    use jackfield_store::RunState;
    match state {
        RunState::Waiting => Status::Waiting,
        RunState::Running => Status::Running,
        RunState::Blocked => Status::Blocked,
        RunState::Done => Status::Done,
        RunState::Failed => Status::Failed,
        RunState::Cancelled => Status::Cancelled,
    }
}

/// 16 random bytes: a name that no other run anywhere has.
pub(crate) fn new_uid() -> RunUid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has random bytes");
    RunUid(bytes)
}
