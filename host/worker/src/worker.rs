//! The worker: owns runs, and is what the outside talks to.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_flow::checkpoint::{self, Batch};
use jackfield_flow::plan::Plan;
use jackfield_flow::run::{Beginning, Fence, Input, Run, RunId, RunUid, Status};
use jackfield_store::{Blob, ClientKey, Created, NewRun, Store};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::error::WorkerError;
use crate::inspect::{LoadedRun, load_run};
use crate::news::{News, Teller, Watch};
use crate::plugins::Plugins;
use crate::run_task::{INBOX_MAX, Left, Message, RunTask, summary};
use crate::start::Start;
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
    timers: Timers,
    active: Mutex<Active>,
    /// The plan that was started last, as it is stored: many runs of one workflow hash it once.
    last_plan: Mutex<Option<(Arc<Plan>, Blob)>>,
}

#[derive(Default)]
struct Active {
    inboxes: BTreeMap<RunId, mpsc::Sender<Message>>,
    tasks: JoinSet<()>,
    stopping: bool,
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
    shared: Arc<Shared>,
}

impl Worker {
    /// A worker that owns nothing yet. Must be called within a Tokio runtime.
    pub fn new(config: WorkerConfig) -> Self {
        let WorkerConfig { name, store, plugins, clock, scratch } = config;
        let shared = Shared {
            name,
            store,
            plugins,
            clock,
            scratch,
            timers: Timers::default(),
            active: Mutex::default(),
            last_plan: Mutex::default(),
        };
        let worker = Self { shared: Arc::new(shared) };
        let waker = worker.clone();
        worker.shared.active().tasks.spawn(async move { waker.wake_sleepers().await });
        worker
    }

    /// Starts a run. When it returns, the run is durable and its first steps are on their way.
    pub async fn start(&self, start: Start) -> Result<RunId, WorkerError> {
        let given = match &start.inputs {
            jackfield_flow::types::Value::Map(fields) => Arc::clone(fields),
            _ => Arc::default(),
        };
        let inputs = start.plan.inputs_from(&given).map_err(WorkerError::Inputs)?;
        let beginning =
            Beginning { uid: new_uid(), inputs, directory: start.directory.to_string_lossy().into(), rerun_of: None, adopted: Vec::new() };
        self.begin(&start, beginning).await
    }

    /// Repeats an ended or unfinished run from some of its steps on: a new run that takes over every result that does not depend on them.
    pub async fn rerun(&self, run: RunId, from: &[String]) -> Result<RunId, WorkerError> {
        let LoadedRun { run: old, .. } = load_run(self.shared.store.as_ref(), run).await?;
        let plan = Arc::clone(old.plan());
        let index = |name: &String| {
            plan.step_named(name).ok_or_else(|| {
                let near = jackfield_flow::types::did_you_mean(name, plan.steps.iter().map(|step| &*step.name));
                WorkerError::NoStep { run, step: name.clone(), help: near.map(|near| format!("did you mean `{near}`?")) }
            })
        };
        let from = from.iter().map(index).collect::<Result<Vec<_>, _>>()?;
        let adopted = old.adoptable(&from);
        let beginning = Beginning {
            uid: new_uid(),
            inputs: old.inputs().clone(),
            directory: Arc::clone(old.directory()),
            rerun_of: Some(run),
            adopted,
        };
        let start = Start { plan, inputs: old.inputs().clone(), directory: (**old.directory()).into(), client_key: None };
        self.begin(&start, beginning).await
    }

    async fn begin(&self, start: &Start, beginning: Beginning) -> Result<RunId, WorkerError> {
        let now = self.shared.clock.now();
        let uid = beginning.uid;
        let (mut run, events) = Run::begin(Arc::clone(&start.plan), beginning, now)?;
        let encoded = checkpoint::encode(&Batch { at: now, events });
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
            labels: Vec::new(),
            parent: None,
            retain_ms: None,
        };
        match self.shared.store.create(new).await? {
            Created::Existing { run } => Ok(run),
            Created::New { run: id, fence } => {
                run = run.named(id);
                self.activate(run, fence, 1, Vec::new());
                Ok(id)
            }
        }
    }

    /// Takes over an unfinished run and goes on with it; a run that is already active here stays as it is.
    ///
    /// A blocked run is unblocked: to ask for it is the decision it waits for.
    pub async fn resume(&self, run: RunId) -> Result<(), WorkerError> {
        if self.shared.active().inboxes.contains_key(&run) {
            return Ok(());
        }
        self.shared.timers.take(run);
        let claimed = self.shared.store.claim(run, Arc::clone(&self.shared.name), self.shared.clock.now()).await;
        let claimed = claimed.map_err(|error| match error {
            jackfield_store::StoreError::AlreadyFinished { state, .. } => WorkerError::Ended { run, status: status_of(state) },
            other => WorkerError::Store(other),
        })?;
        let loaded = load_run(self.shared.store.as_ref(), run).await?;
        let seq = loaded.row.seq;
        if loaded.run.blocked().is_none() {
            self.activate(loaded.run, claimed.fence, seq, vec![Input::Recovered]);
            return Ok(());
        }
        // Both in the first turn: a run that is still blocked after it would leave before anybody could ask.
        self.activate(loaded.run, claimed.fence, seq, vec![Input::Recovered, Input::Unblock]);
        self.settled(run).await
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
            match self.take_over(wakeup.run, vec![Input::Recovered]).await {
                Ok(()) => taken += 1,
                Err(error) => refused.push((wakeup.run, error)),
            }
        }
        Ok((taken, refused))
    }

    /// Takes over a run that no worker has, with more inputs for its first turn.
    async fn take_over(&self, run: RunId, first: Vec<Input>) -> Result<(), WorkerError> {
        let claimed = self.shared.store.claim(run, Arc::clone(&self.shared.name), self.shared.clock.now()).await?;
        let loaded = load_run(self.shared.store.as_ref(), run).await?;
        self.activate(loaded.run, claimed.fence, loaded.row.seq, first);
        Ok(())
    }

    /// Asks a run to stop. When it returns, the wish is durable: no new step will start.
    pub async fn cancel(&self, run: RunId, reason: &str) -> Result<(), WorkerError> {
        let cancel = Input::Cancel { reason: Arc::from(reason) };
        if !self.shared.active().inboxes.contains_key(&run) {
            self.shared.timers.take(run);
            // The cancel comes before what was lost is taken up again, so that nothing starts in between.
            self.take_over(run, vec![cancel, Input::Recovered]).await.map_err(|error| match error {
                WorkerError::Store(jackfield_store::StoreError::AlreadyFinished { state, .. }) => {
                    WorkerError::Ended { run, status: status_of(state) }
                }
                other => other,
            })?;
            return self.settled(run).await;
        }
        self.request(run, cancel).await
    }

    /// Waits until an active run's first turn is durable.
    async fn settled(&self, run: RunId) -> Result<(), WorkerError> {
        // A watch is answered after the turn before it; a run that has left by then has ended, which is durable too.
        match self.watch(run).await {
            Ok(_) | Err(WorkerError::NotActive { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn request(&self, run: RunId, input: Input) -> Result<(), WorkerError> {
        let (reply, answer) = oneshot::channel();
        self.send(run, Message::Request { input, reply }).await?;
        answer.await.map_err(|_| WorkerError::NotActive { run })?
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

    fn activate(&self, run: Run, fence: Fence, seq: u64, first: Vec<Input>) {
        let (sender, inbox) = mpsc::channel(INBOX_MAX);
        let id = run.id();
        let task = RunTask {
            shared: Arc::clone(&self.shared),
            run,
            fence,
            seq,
            teller: Teller::new(),
            inbox,
            sender: sender.clone(),
            attempts: BTreeMap::new(),
            saved: std::collections::BTreeSet::new(),
        };
        let worker = self.clone();
        let mut active = self.shared.active();
        if active.stopping {
            return;
        }
        active.inboxes.insert(id, sender);
        while active.tasks.try_join_next().is_some() {}
        active.tasks.spawn(async move {
            let (task, left) = task.drive(first).await;
            worker.left(&task, left);
        });
    }

    /// A run's task ended.
    fn left(&self, task: &RunTask, left: Left) {
        let run = task.run.id();
        self.shared.active().inboxes.remove(&run);
        let error = match left {
            Left::Sleeps(at) => {
                self.shared.timers.add(Sleeper { at, run, fence: task.fence });
                None
            }
            Left::Settled | Left::Stopped => None,
            Left::Failed(error) => {
                tracing::error!(%run, %error, "the run is set aside");
                Some(error.to_string())
            }
        };
        if task.run.status().is_end() {
            self.remove_scratch(run);
        }
        task.teller.tell(|| News::Left { error });
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
            let worker = self.clone();
            self.shared.active().tasks.spawn(async move {
                match load_run(worker.shared.store.as_ref(), sleeper.run).await {
                    Ok(loaded) => worker.activate(loaded.run, sleeper.fence, loaded.row.seq, vec![Input::WakeUp]),
                    Err(error) => tracing::error!(run = %sleeper.run, %error, "a sleeping run cannot be woken"),
                }
            });
        }
    }
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
fn new_uid() -> RunUid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has random bytes");
    RunUid(bytes)
}
