//! The places of runs in a worker: taken before a run is loaded, so that nobody else activates it meanwhile, and given back
//! when it leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jackfield_flow::checkpoint::Batch;
use jackfield_flow::plan::Plan;
use jackfield_flow::resume::resume;
use jackfield_flow::run::{Fence, Input, Millis, Run, RunId};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet};

use crate::error::WorkerError;
use crate::news::{News, Teller, Watch};
use crate::run_task::{First, INBOX_MAX, Left, Message, RunTask};
use crate::timers::Sleeper;
use crate::worker::Worker;

/// How long a store that cannot be read is left alone before a run is woken again, in milliseconds.
const WAKE_AGAIN_MS: u64 = 1_000;

/// The runs of a worker.
#[derive(Default)]
pub(crate) struct Active {
    pub(crate) inboxes: BTreeMap<RunId, mpsc::Sender<Message>>,
    /// Runs that only wait: no longer in memory, and still ours.
    parked: BTreeMap<RunId, Parked>,
    /// Who watches them.
    watched: BTreeMap<RunId, Teller>,
    pub(crate) tasks: JoinSet<()>,
    pub(crate) waker: Option<AbortHandle>,
    pub(crate) stopping: bool,
}

/// A run that only waits. Nothing of it runs or is wanted by it, so it comes back as it left.
#[derive(Clone, Copy, Debug)]
struct Parked {
    fence: Fence,
    /// When it wakes by itself.
    at: Option<Millis>,
}

/// The place of a run in this worker.
pub(crate) struct Seat {
    pub(crate) run: RunId,
    sender: mpsc::Sender<Message>,
    inbox: mpsc::Receiver<Message>,
    pub(crate) teller: Teller,
    parked: Option<Parked>,
}

impl Active {
    /// Who watches runs that only wait.
    pub(crate) fn take_watched(&mut self) -> BTreeMap<RunId, Teller> {
        std::mem::take(&mut self.watched)
    }

    /// Whether a run is in memory, or waits out of it.
    pub(crate) fn has(&self, run: RunId) -> bool {
        self.inboxes.contains_key(&run) || self.is_parked(run)
    }

    /// Whether a run waits out of memory.
    pub(crate) fn is_parked(&self, run: RunId) -> bool {
        self.parked.contains_key(&run)
    }

    /// How many wait out of memory.
    pub(crate) fn parked(&self) -> usize {
        self.parked.len()
    }
}

impl Seat {
    /// The fence of a run that only waited, under which it is still ours.
    pub(crate) fn fence(&self) -> Option<Fence> {
        self.parked.map(|parked| parked.fence)
    }

    /// Watches a run that was created and not yet activated: it has begun, and its first events are the first news.
    pub(crate) fn watch_from_the_beginning(&self, plan: &Arc<Plan>, batch: Batch) -> Result<Watch, WorkerError> {
        let Batch { at, mut events } = batch;
        let first = events.split_off(1);
        let begun = resume(self.run, Arc::clone(plan), &[Batch { at, events }])?;
        let watch = self.teller.listen(begun);
        self.teller.tell(0, || News::Events { at, events: first.into() });
        Ok(watch)
    }
}

impl Worker {
    /// The place for a run that has none; nothing when it is active, on its way to be, or the worker stops.
    pub(crate) fn seat(&self, run: RunId) -> Option<Seat> {
        let mut active = self.shared.active();
        if active.stopping || active.inboxes.contains_key(&run) {
            return None;
        }
        let (sender, inbox) = mpsc::channel(INBOX_MAX);
        active.inboxes.insert(run, sender.clone());
        let teller = active.watched.remove(&run).unwrap_or_default();
        let parked = active.parked.remove(&run);
        if let Some(at) = parked.and_then(|parked| parked.at) {
            self.shared.timers.remove(Sleeper { at, run });
        }
        Some(Seat { run, sender, inbox, teller, parked })
    }

    /// Gives back the place of a run that could not be loaded. Whoever watches it goes on watching, and one that only waited
    /// goes on waiting.
    pub(crate) fn give_up(&self, seat: Seat) {
        let Seat { run, inbox, teller, parked, .. } = seat;
        {
            let mut active = self.shared.active();
            active.inboxes.remove(&run);
            if let (Some(parked), false) = (parked, active.stopping) {
                self.park(&mut active, run, parked);
            }
            if teller.is_heard() {
                active.watched.insert(run, teller);
            }
        }
        self.pass_on(run, inbox);
    }

    fn park(&self, active: &mut Active, run: RunId, parked: Parked) {
        active.parked.insert(run, parked);
        if let Some(at) = parked.at {
            self.shared.timers.add(Sleeper { at, run });
        }
    }

    /// What reached a run when it had just left. Whoever asked something asks again by themselves.
    fn pass_on(&self, run: RunId, mut inbox: mpsc::Receiver<Message>) {
        inbox.close();
        while let Ok(message) = inbox.try_recv() {
            if let Message::Input(input @ Input::ChildEnded { .. }) = message {
                let worker = self.clone();
                tokio::spawn(async move { worker.deliver(run, input).await });
            }
        }
    }

    /// A run goes on in this worker. What comes back ends when its first turn is durable, or cannot be.
    pub(crate) fn activate(&self, seat: Seat, run: Run, fence: Fence, seq: u64, first: First) -> oneshot::Receiver<()> {
        let (begun, has_begun) = oneshot::channel();
        let Seat { run: id, sender, inbox, teller, .. } = seat;
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
            outside: BTreeSet::new(),
            saved: BTreeSet::new(),
        };
        let worker = self.clone();
        let mut active = self.shared.active();
        if active.stopping {
            active.inboxes.remove(&id);
            task.teller.tell(0, || News::Left { error: None });
            return has_begun;
        }
        while active.tasks.try_join_next().is_some() {}
        active.tasks.spawn(async move {
            let (task, left) = task.drive(first, begun).await;
            worker.left(task, left);
        });
        has_begun
    }

    /// A run's task ended.
    fn left(&self, task: RunTask, left: Left) {
        let RunTask { run, fence, teller, inbox, .. } = task;
        let id = run.id();
        self.shared.locks.forget(id);
        {
            let mut active = self.shared.active();
            active.inboxes.remove(&id);
            if let (Left::Sleeps(at), false) = (&left, active.stopping) {
                self.park(&mut active, id, Parked { fence, at: *at });
                if teller.is_heard() {
                    active.watched.insert(id, teller);
                }
                drop(active);
                return self.pass_on(id, inbox);
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
        } else if error.is_none() {
            self.pass_on(id, inbox);
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

    /// Wakes runs that sleep, for as long as the worker lives.
    pub(crate) async fn wake_sleepers(&self) {
        loop {
            let sleeper = self.shared.timers.next(self.shared.clock.as_ref()).await;
            // One that somebody else wakes at this moment looks at the clock itself.
            let Some(seat) = self.seat(sleeper.run) else { continue };
            let worker = self.clone();
            self.shared.active().tasks.spawn(async move { worker.wake(seat).await });
        }
    }

    async fn wake(&self, mut seat: Seat) {
        // Somebody else woke it, and it has left for good.
        let Some(fence) = seat.fence() else { return self.give_up(seat) };
        match self.load_run(seat.run).await {
            Ok(loaded) => drop(self.activate(seat, loaded.run, fence, loaded.row.seq, First::Woken(vec![Message::Input(Input::WakeUp)]))),
            Err(error) => {
                tracing::error!(run = %seat.run, %error, "a sleeping run cannot be woken");
                let again = Parked { fence, at: Some(self.shared.clock.now().after(WAKE_AGAIN_MS)) };
                seat.parked = error.passes().then_some(again);
                if seat.parked.is_none() {
                    seat.teller.tell(0, || News::Left { error: Some(error.to_string()) });
                }
                self.give_up(seat);
            }
        }
    }
}
