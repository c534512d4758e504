//! The worker: owns runs, and is what the outside talks to.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_flow::checkpoint::{self, Batch};
use jackfield_flow::plan::Plan;
use jackfield_flow::resume::resume;
use jackfield_flow::run::{Beginning, Fence, Input, Run, RunId, RunUid, Status};
use jackfield_store::{Blob, ClientKey, Commit, Created, Label, NewRun, Store, Summary, Wake};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet};

use crate::ask::{Ask, no_step};
use crate::clock::Clock;
use crate::error::WorkerError;
use crate::inspect::{LoadedRun, load_run};
use crate::locks::Locks;
use crate::news::{News, Teller, Watch};
use crate::plugins::Plugins;
use crate::run_task::{INBOX_MAX, Left, Message, RunTask, summary};
use crate::slots::Slots;
use crate::start::{Start, Started};
use crate::timers::{Sleeper, Timers};

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
    timers: Timers,
    active: Mutex<Active>,
    /// The plan that was started last, as it is stored: many runs of one workflow hash it once.
    last_plan: Mutex<Option<(Arc<Plan>, Blob)>>,
}

#[derive(Default)]
struct Active {
    inboxes: BTreeMap<RunId, mpsc::Sender<Message>>,
    /// Who watches runs that sleep.
    watched: BTreeMap<RunId, Teller>,
    tasks: JoinSet<()>,
    waker: Option<AbortHandle>,
    stopping: bool,
}

/// The place of a run in this worker. Taken before the run is loaded, so that nobody else activates it meanwhile.
struct Seat {
    run: RunId,
    sender: mpsc::Sender<Message>,
    inbox: mpsc::Receiver<Message>,
    teller: Teller,
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

    fn active(&self) -> MutexGuard<'_, Active> {
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
        let beginning = Beginning::new(new_uid(), inputs, start.directory.to_string_lossy());
        self.begin(&start, beginning).await
    }

    /// Repeats an ended or unfinished run from some of its steps on: a new run that takes over every result that does not depend on them.
    pub async fn rerun(&self, run: RunId, from: &[String]) -> Result<Started, WorkerError> {
        let LoadedRun { run: old, .. } = load_run(self.shared.store.as_ref(), run).await?;
        let plan = Arc::clone(old.plan());
        let index = |name: &String| plan.step_named(name).ok_or_else(|| no_step(run, &plan, name));
        let from = from.iter().map(index).collect::<Result<Vec<_>, _>>()?;
        let adopted = old.adoptable(&from);
        let beginning = Beginning {
            rerun_of: Some(run),
            adopted,
            scheduled: old.scheduled(),
            ..Beginning::new(new_uid(), old.inputs().clone(), Arc::clone(old.directory()))
        };
        let start =
            Start { plan, inputs: old.inputs().clone(), directory: (**old.directory()).into(), client_key: None, labels: Vec::new() };
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
        match self.shared.store.create(new).await? {
            Created::Existing { run } => Ok(Started { run, watch: None }),
            Created::New { run: id, fence } => {
                // A worker that stops starts nothing more; the run is durable, and whoever comes next has it.
                let Some(seat) = self.seat(id) else { return Ok(Started { run: id, watch: None }) };
                let watch = seat.watch_from_the_beginning(&start.plan, batch)?;
                self.activate(seat, run.named(id), fence, 1, Vec::new());
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
                return self.take_over(seat, Vec::new()).await;
            }
            match self.watch(run).await {
                // It has left just now.
                Err(WorkerError::NotActive { .. }) if !self.shared.active().stopping => {}
                watched => return watched,
            }
        }
    }

    /// Takes over every unfinished run of the store: those that sleep stay out of memory until they are due.
    ///
    /// Answers how many were taken over, and the runs that could not be, each with the reason.
    pub async fn resume_all(&self) -> Result<(usize, Vec<(RunId, WorkerError)>), WorkerError> {
        let mut refused = Vec::new();
        let wakeups = self.shared.store.wakeups().await?;
        let mut taken = 0;
        for wakeup in wakeups {
            let row = self.shared.store.row(wakeup.run).await?;
            if row.summary.state == jackfield_store::RunState::Blocked {
                continue;
            }
            let Some(seat) = self.seat(wakeup.run) else { continue };
            match self.take_over(seat, Vec::new()).await {
                Ok(_) => taken += 1,
                Err(error) => refused.push((wakeup.run, error)),
            }
        }
        Ok((taken, refused))
    }

    /// Takes over a run that no worker has. What it is told comes before what was lost is taken up again, so that nothing starts in
    /// between. A blocked run that is told nothing is unblocked.
    async fn take_over(&self, seat: Seat, told: Vec<Message>) -> Result<Watch, WorkerError> {
        let (id, name, now) = (seat.run, Arc::clone(&self.shared.name), self.shared.clock.now());
        let loaded = async {
            let claimed = self.shared.store.claim(id, name, now).await?;
            self.shared.timers.take(id);
            Ok((claimed.fence, load_run(self.shared.store.as_ref(), id).await?))
        };
        let (fence, LoadedRun { run, row, .. }) = match loaded.await {
            Ok(loaded) => loaded,
            Err(error) => {
                self.give_up(seat);
                return Err(ended_or(id, error));
            }
        };
        // All in the first turn: a run that is still blocked after it leaves at once.
        let unblock = told.is_empty() && run.blocked().is_some();
        let mut first = told;
        first.push(Message::Input(Input::Recovered));
        first.extend(unblock.then_some(Message::Input(Input::Unblock)));
        let watch = seat.teller.listen(run.clone());
        self.activate(seat, run, fence, row.seq, first);
        Ok(watch)
    }

    /// Asks a run to stop. When it returns, the wish is durable: no new step will start.
    pub async fn cancel(&self, run: RunId, reason: &str) -> Result<(), WorkerError> {
        self.ask(run, Ask::Cancel { reason: reason.to_owned() }).await
    }

    /// Asks something of a run, and takes it over if nobody has it. When it returns, the wish is durable.
    pub async fn ask(&self, run: RunId, ask: Ask) -> Result<(), WorkerError> {
        loop {
            let (reply, answer) = oneshot::channel();
            let message = Message::Ask { ask: ask.clone(), reply };
            match self.seat(run) {
                Some(seat) => drop(self.take_over(seat, vec![message]).await?),
                None => match self.send(run, message).await {
                    // It has left just now.
                    Err(WorkerError::NotActive { .. }) if !self.shared.active().stopping => continue,
                    sent => sent?,
                },
            }
            return match answer.await {
                Ok(answer) => answer,
                Err(_) if self.shared.active().stopping => Err(WorkerError::NotActive { run }),
                // It left without having heard; whatever has ended says so.
                Err(_) => continue,
            };
        }
    }

    /// Records what is asked of a run that nobody has, and leaves it where it is: it goes on when somebody resumes it.
    pub async fn record(&self, run: RunId, ask: Ask) -> Result<(), WorkerError> {
        let Some(seat) = self.seat(run) else { return self.ask(run, ask).await };
        let recorded = async {
            let (name, now) = (Arc::clone(&self.shared.name), self.shared.clock.now());
            let claimed = self.shared.store.claim(run, name, now).await.map_err(|error| ended_or(run, WorkerError::Store(error)))?;
            let LoadedRun { run: mut loaded, row, .. } = load_run(self.shared.store.as_ref(), run).await?;
            let input = ask.input(&loaded)?;
            let events = loaded.record(input, now)?;
            if events.is_empty() {
                return Ok(());
            }
            let encoded = checkpoint::encode(&Batch { at: now, events });
            let commit = Commit {
                run,
                fence: claimed.fence,
                seq: row.seq + 1,
                events: encoded.bytes,
                blobs: encoded.blobs,
                // Ready: what was recorded has to be looked at by whoever takes the run over.
                summary: Summary { wake: Some(Wake::Ready), ..summary(&loaded) },
                logs: Vec::new(),
                savepoint: None,
                drop_savepoints: Vec::new(),
                release: loaded.take_releases().into_iter().map(|release| release.place).collect(),
                cache: Vec::new(),
                at: now,
            };
            self.shared.store.commit(commit).await.map_err(WorkerError::Store)
        };
        let recorded = recorded.await;
        self.give_up(seat);
        recorded
    }

    /// Tells a run something, if it is active here. One that is not finds out by itself when it comes back.
    pub(crate) async fn tell(&self, run: RunId, input: Input) {
        // A run that left meanwhile needs no telling.
        let _ = self.send(run, Message::Input(input)).await;
    }

    /// Tells a run something, wherever it is: one that nobody has is taken over.
    pub(crate) async fn deliver(&self, run: RunId, input: Input) {
        loop {
            let told = match self.seat(run) {
                Some(seat) => self.take_over(seat, vec![Message::Input(input.clone())]).await.map(drop),
                None => self.send(run, Message::Input(input.clone())).await,
            };
            match told {
                Err(WorkerError::NotActive { .. }) if !self.shared.active().stopping => {}
                Ok(()) | Err(WorkerError::Ended { .. } | WorkerError::NotActive { .. }) => return,
                Err(error) => {
                    return tracing::error!(%run, %error, "a run cannot be told what it waits for; it finds out when it is resumed");
                }
            }
        }
    }

    async fn send(&self, run: RunId, message: Message) -> Result<(), WorkerError> {
        let inbox = self.shared.active().inboxes.get(&run).cloned().ok_or(WorkerError::NotActive { run })?;
        inbox.send(message).await.map_err(|_| WorkerError::NotActive { run })
    }

    /// Watches an active run.
    pub async fn watch(&self, run: RunId) -> Result<Watch, WorkerError> {
        let (reply, answer) = oneshot::channel();
        self.send(run, Message::Watch { reply }).await?;
        answer.await.map_err(|_| WorkerError::NotActive { run })
    }

    /// How many runs are in memory, and how many sleep.
    pub fn load(&self) -> (usize, usize) {
        (self.shared.active().inboxes.len(), self.shared.timers.len())
    }

    /// Stops in good order: attempts are interrupted and given back, and every run can be resumed.
    pub async fn stop(&self) {
        let inboxes: Vec<_> = {
            let mut active = self.shared.active();
            active.stopping = true;
            if let Some(waker) = active.waker.take() {
                waker.abort();
            }
            for (_, teller) in std::mem::take(&mut active.watched) {
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

    fn any_active(&self) -> bool {
        !self.shared.active().inboxes.is_empty()
    }

    /// The place for a run that has none; nothing when it is active, on its way to be, or the worker stops.
    fn seat(&self, run: RunId) -> Option<Seat> {
        let mut active = self.shared.active();
        if active.stopping || active.inboxes.contains_key(&run) {
            return None;
        }
        let (sender, inbox) = mpsc::channel(INBOX_MAX);
        active.inboxes.insert(run, sender.clone());
        let teller = active.watched.remove(&run).unwrap_or_default();
        Some(Seat { run, sender, inbox, teller })
    }

    /// Gives back the place of a run that could not be loaded. Whoever watches it goes on watching.
    fn give_up(&self, seat: Seat) {
        let mut active = self.shared.active();
        active.inboxes.remove(&seat.run);
        if seat.teller.is_heard() {
            active.watched.insert(seat.run, seat.teller);
        }
    }

    fn activate(&self, seat: Seat, run: Run, fence: Fence, seq: u64, first: Vec<Message>) {
        let Seat { run: id, sender, inbox, teller } = seat;
        let task = RunTask {
            shared: Arc::clone(&self.shared),
            run,
            fence,
            seq,
            teller,
            inbox,
            sender,
            attempts: BTreeMap::new(),
            children: BTreeMap::new(),
            outside: std::collections::BTreeSet::new(),
            saved: std::collections::BTreeSet::new(),
        };
        let worker = self.clone();
        let mut active = self.shared.active();
        if active.stopping {
            active.inboxes.remove(&id);
            task.teller.tell(0, || News::Left { error: None });
            return;
        }
        while active.tasks.try_join_next().is_some() {}
        active.tasks.spawn(async move {
            let (task, left) = task.drive(first).await;
            worker.left(task, left);
        });
    }

    /// A run's task ended.
    fn left(&self, task: RunTask, left: Left) {
        let RunTask { run, fence, teller, .. } = task;
        let id = run.id();
        self.shared.locks.forget(id);
        {
            let mut active = self.shared.active();
            active.inboxes.remove(&id);
            if let (Left::Sleeps(at), false) = (&left, active.stopping) {
                if let Some(at) = at {
                    self.shared.timers.add(Sleeper { at: *at, run: id, fence });
                }
                if teller.is_heard() {
                    active.watched.insert(id, teller);
                }
                return;
            }
        }
        let error = match left {
            Left::Settled | Left::Sleeps(_) | Left::Stopped => None,
            Left::Failed(error) => {
                tracing::error!(run = %id, %error, "the run is set aside");
                Some(error.to_string())
            }
        };
        if run.status().is_end() {
            self.remove_scratch(id);
            self.tell_parent(run);
        }
        teller.tell(0, || News::Left { error });
    }

    fn tell_parent(&self, run: Run) {
        if run.parent().is_some() {
            let worker = self.clone();
            let mut active = self.shared.active();
            if !active.stopping {
                active.tasks.spawn(async move { worker.report_to_parent(&run).await });
            }
        }
    }

    fn remove_scratch(&self, run: RunId) {
        let folder = self.shared.scratch_of(run);
        if folder.exists()
            && let Err(error) = std::fs::remove_dir_all(&folder)
        {
            tracing::warn!(%run, %error, "the scratch directory cannot be removed");
        }
    }

    async fn wake_sleepers(&self) {
        loop {
            let sleeper = self.shared.timers.next(self.shared.clock.as_ref()).await;
            // One that somebody else takes over at this moment is woken by that.
            let Some(seat) = self.seat(sleeper.run) else { continue };
            let worker = self.clone();
            self.shared.active().tasks.spawn(async move {
                match load_run(worker.shared.store.as_ref(), sleeper.run).await {
                    Ok(loaded) => worker.activate(seat, loaded.run, sleeper.fence, loaded.row.seq, vec![Message::Input(Input::WakeUp)]),
                    Err(error) => {
                        tracing::error!(run = %sleeper.run, %error, "a sleeping run cannot be woken");
                        seat.teller.tell(0, || News::Left { error: Some(error.to_string()) });
                        worker.give_up(seat);
                    }
                }
            });
        }
    }
}

impl Seat {
    /// Watches a run that was created and not yet activated: it has begun, and its first events are the first news.
    fn watch_from_the_beginning(&self, plan: &Arc<Plan>, batch: Batch) -> Result<Watch, WorkerError> {
        let Batch { at, mut events } = batch;
        let first = events.split_off(1);
        let begun = resume(self.run, Arc::clone(plan), &[Batch { at, events }])?;
        let watch = self.teller.listen(begun);
        self.teller.tell(0, || News::Events { at, events: first.into() });
        Ok(watch)
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
