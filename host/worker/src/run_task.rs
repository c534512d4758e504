//! One active run: the loop of the whole engine, one turn at a time.

mod outside;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jackfield_flow::checkpoint::{self, Batch};
use jackfield_flow::plan::Digest;
use jackfield_flow::run::{Command, Event, Fence, Input, LockToken, Millis, Place, Release, Run, RunId, Status};
use jackfield_sandbox::{AttemptEnd, SaveError};
use jackfield_store::{CacheWrite, Commit, LogChunk, RunState, SavepointWrite, StoreError, Summary, Wake};
use tokio::sync::{mpsc, oneshot, watch};

use crate::ask::Ask;
use crate::dispatch::{Order, ended};
use crate::error::WorkerError;
use crate::news::{News, Teller, Watch};
use crate::worker::Shared;

/// What reaches a run's task.
pub(crate) enum Message {
    /// Something for the core.
    Input(Input),
    /// Something that somebody wants, acknowledged once it is durable.
    Ask { ask: Ask, reply: oneshot::Sender<Result<(), WorkerError>> },
    /// A lock is held; without a place, there is room among the runs with the same key.
    Granted { place: Option<Place>, name: Arc<str>, token: LockToken },
    /// What was wanted about a sub-workflow is done: it goes on, or will end, and its end comes by itself.
    ChildSeenTo { outside: Outside },
    /// An attempt ended; its result may be remembered under a key.
    Ended { place: Place, attempt: u32, end: AttemptEnd, cache: Option<Digest> },
    /// An attempt wants a savepoint kept.
    Save { place: Place, attempt: u32, data: Vec<u8>, reply: oneshot::Sender<Result<(), SaveError>> },
    /// Somebody wants to watch.
    Watch { reply: oneshot::Sender<Watch> },
    /// The worker stops: give back what runs.
    Stop,
}

/// How a run's task begins, in one turn.
pub(crate) enum First {
    /// The run has just been created.
    Created,
    /// It only waited, and something has come.
    Woken(Vec<Message>),
    /// Whoever had it has lost it. What it is told is taken down, then what was lost is taken up again, `then` the rest comes.
    TakenOver {
        /// What it is told.
        told: Vec<Message>,
        /// What comes after that.
        then: Vec<Message>,
    },
}

/// What follows at once from something that a run is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Follow {
    /// Everything that can.
    Up,
    /// Nothing, until what was lost is taken up again.
    Later,
}

/// Messages that wait for a run. More wait with whoever sends them.
pub(crate) const INBOX_MAX: usize = 1_024;
/// A run that nothing but a time this far away can move leaves the memory, in milliseconds.
const SLEEP_FROM_MS: u64 = 2_000;
/// How long a full disk is waited for before the run is given back, in milliseconds.
const DISK_WAIT_MS_MAX: u64 = 60_000;

/// An active run.
pub(crate) struct RunTask {
    pub(crate) shared: Arc<Shared>,
    pub(crate) run: Run,
    pub(crate) fence: Fence,
    /// Number of the last durable batch.
    pub(crate) seq: u64,
    pub(crate) teller: Teller,
    pub(crate) inbox: mpsc::Receiver<Message>,
    pub(crate) sender: mpsc::Sender<Message>,
    pub(crate) attempts: BTreeMap<Place, (u32, oneshot::Sender<()>)>,
    /// Sub-workflows that were started from here, as soon as they are known.
    pub(crate) children: BTreeMap<(Place, u32), watch::Receiver<Option<RunId>>>,
    /// What this worker does for the run beside attempts.
    pub(crate) outside: BTreeSet<Outside>,
    /// Places that have a savepoint from this task.
    pub(crate) saved: BTreeSet<Place>,
}

/// What a worker does for a run beside its attempts: as long as there is any of it, the run stays in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outside {
    /// Starts a sub-workflow, or finds it.
    ChildStart(Place, u32),
    /// Cancels a sub-workflow.
    ChildCancel(Place, u32),
    /// Waits for a lock, for a place or for the run as a whole.
    Lock(Option<Place>),
    /// Reserves a start.
    Rate(Place),
}

/// Why a run's task ended.
pub(crate) enum Left {
    /// The run ended, or is blocked until somebody decides.
    Settled,
    /// Nothing but time, or a message from outside, can move it.
    Sleeps(Option<Millis>),
    /// The worker stops.
    Stopped,
    /// The run could not go on here.
    Failed(WorkerError),
}

/// What one turn gathered.
#[derive(Default)]
struct Turn {
    events: Vec<Event>,
    logs: Vec<LogChunk>,
    savepoint: Option<SavepointWrite>,
    saved: Option<oneshot::Sender<Result<(), SaveError>>>,
    replies: Vec<oneshot::Sender<Result<(), WorkerError>>>,
    watchers: Vec<oneshot::Sender<Watch>>,
    cache: Vec<CacheWrite>,
    /// Locks that came too late: nobody wants them any more.
    strays: Vec<Release>,
}

impl RunTask {
    /// Runs until there is nothing to do here any more. `begun` is told, or dropped, when the first turn is over.
    pub(crate) async fn drive(mut self, first: First, begun: oneshot::Sender<()>) -> (Self, Left) {
        let left = match self.turns(first, begun).await {
            Ok(left) => left,
            Err(error) => Left::Failed(error),
        };
        for (_, cancel) in std::mem::take(&mut self.attempts).into_values() {
            // An attempt that ended meanwhile is not there to be told.
            let _ = cancel.send(());
        }
        (self, left)
    }

    async fn turns(&mut self, first: First, begun: oneshot::Sender<()>) -> Result<Left, WorkerError> {
        self.first_turn(first).await?;
        // Nobody may wait for it.
        let _ = begun.send(());
        loop {
            self.carry_out();
            if self.run.status().is_end() || self.run.status() == Status::Blocked && !self.run.is_busy() {
                return Ok(Left::Settled);
            }
            let wakeup = self.run.next_wakeup();
            let soon = wakeup.is_some_and(|at| at.since(self.shared.clock.now()) <= SLEEP_FROM_MS);
            if !soon && !self.run.is_busy() && self.outside.is_empty() && self.inbox.is_empty() {
                return Ok(Left::Sleeps(wakeup));
            }
            let message = self.next(wakeup).await;
            let stop = self.turn(message).await?;
            if stop {
                return Ok(Left::Stopped);
            }
        }
    }

    async fn first_turn(&mut self, first: First) -> Result<(), WorkerError> {
        let (mut turn, now) = (Turn::default(), self.shared.clock.now());
        let then = match first {
            First::Created => return Ok(()),
            First::Woken(told) => told,
            First::TakenOver { told, then } => {
                for message in told {
                    self.take(message, Follow::Later, &mut turn, now)?;
                }
                turn.events.extend(self.run.turn(Input::Recovered, now)?);
                then
            }
        };
        for message in then {
            self.take(message, Follow::Up, &mut turn, now)?;
        }
        self.finish(turn, now).await
    }

    async fn next(&mut self, wakeup: Option<Millis>) -> Message {
        let Some(at) = wakeup else {
            return self.inbox.recv().await.unwrap_or(Message::Stop);
        };
        tokio::select! {
            message = self.inbox.recv() => message.unwrap_or(Message::Stop),
            () = self.shared.clock.sleep_until(at) => Message::Input(Input::WakeUp),
        }
    }

    /// One turn: all messages that are there, one commit. Says whether the worker stops.
    async fn turn(&mut self, first: Message) -> Result<bool, WorkerError> {
        let now = self.shared.clock.now();
        let mut turn = Turn::default();
        let mut stop = matches!(first, Message::Stop);
        self.take(first, Follow::Up, &mut turn, now)?;
        // At most one savepoint a turn, since each is acknowledged by its own commit; and everything else that is there. Nothing
        // after a stop: it would begin something here.
        while !stop
            && turn.savepoint.is_none()
            && turn.events.len() < INBOX_MAX
            && let Ok(message) = self.inbox.try_recv()
        {
            stop = matches!(message, Message::Stop);
            self.take(message, Follow::Up, &mut turn, now)?;
        }
        self.finish(turn, now).await?;
        Ok(stop)
    }

    fn hear(&mut self, input: Input, follow: Follow, now: Millis) -> Result<Vec<Event>, WorkerError> {
        Ok(match follow {
            Follow::Up => self.run.turn(input, now)?,
            Follow::Later => self.run.record(input, now)?,
        })
    }

    fn take(&mut self, message: Message, follow: Follow, turn: &mut Turn, now: Millis) -> Result<(), WorkerError> {
        match message {
            Message::Input(input) => {
                self.came_in(&input);
                turn.events.extend(self.hear(input, follow, now)?);
            }
            Message::Granted { place, name, token } => {
                self.outside.remove(&Outside::Lock(place));
                if self.run.wants_lock(place) {
                    turn.events.extend(self.hear(Input::LockGranted { place, token }, follow, now)?);
                } else {
                    turn.strays.push(Release { place, name, token: Some(token), since: now });
                }
            }
            Message::ChildSeenTo { outside } => drop(self.outside.remove(&outside)),
            Message::Ask { ask, reply } => match ask.input(&self.run) {
                Ok(input) => {
                    turn.events.extend(self.hear(input, follow, now)?);
                    turn.replies.push(reply);
                }
                // Nobody may be there any more to hear it.
                Err(refusal) => drop(reply.send(Err(refusal))),
            },
            Message::Ended { place, attempt, end, cache } => {
                self.attempt_over(place, attempt);
                let answer = cache.zip(end.outcome.as_ref().ok().map(|result| Arc::from(result.as_bytes())));
                let (input, log) = ended(place, attempt, end);
                if !log.is_empty() && self.run.is_running(place, attempt) {
                    turn.logs.push(LogChunk { place, attempt, bytes: log });
                }
                let events = self.hear(input, follow, now)?;
                let done = matches!(events.first(), Some(Event::Done { .. }));
                turn.cache.extend(answer.filter(|_| done).map(|(key, value)| CacheWrite { key, value }));
                turn.events.extend(events);
            }
            Message::Save { place, attempt, data, reply } => {
                if self.run.is_running(place, attempt) {
                    turn.savepoint = Some(SavepointWrite { place, attempt, data });
                    turn.saved = Some(reply);
                } else {
                    let _ = reply.send(Err(SaveError::Stopped));
                }
            }
            // What is not durable is not shown: the watch begins once the events of this turn are.
            Message::Watch { reply } => turn.watchers.push(reply),
            Message::Stop => turn.events.extend(self.hear(Input::Released, follow, now)?),
        }
        Ok(())
    }

    /// Makes a turn durable, and only then tells of it.
    async fn finish(&mut self, mut turn: Turn, now: Millis) -> Result<(), WorkerError> {
        let saved = turn.saved.take();
        let (replies, watchers) = (std::mem::take(&mut turn.replies), std::mem::take(&mut turn.watchers));
        let nothing = turn.events.is_empty() && turn.logs.is_empty() && turn.savepoint.is_none() && turn.strays.is_empty();
        let written = if nothing { Ok(()) } else { self.commit(turn, now).await };
        if let Some(saved) = saved {
            let answer = written.clone().map_err(|error| SaveError::Storage(error.to_string()));
            let _ = saved.send(answer);
        }
        for reply in replies {
            let answer = written.clone().map_err(|error| WorkerError::Store(error.clone()));
            let _ = reply.send(answer);
        }
        for watcher in watchers {
            let _ = watcher.send(self.teller.listen(self.run.clone()));
        }
        written.map_err(WorkerError::Store)
    }

    async fn commit(&mut self, turn: Turn, at: Millis) -> Result<(), StoreError> {
        let Turn { events, logs, savepoint, cache, strays, .. } = turn;
        let releases: Vec<Release> = self.run.take_releases().into_iter().chain(strays).collect();
        if let Some(saved) = &savepoint {
            self.saved.insert(saved.place);
        }
        let batch = Batch { at, events };
        let encoded = checkpoint::encode(&batch);
        // Large values are not counted: the run itself has them in memory, and shares them with whoever watches.
        let bytes = encoded.bytes.len();
        let commit = Commit {
            run: self.run.id(),
            fence: self.fence,
            seq: self.seq + 1,
            events: encoded.bytes,
            blobs: encoded.blobs,
            summary: summary(&self.run),
            logs,
            savepoint,
            drop_savepoints: self.savepoints_to_drop(&batch.events),
            release: releases.iter().map(|release| release.place).collect(),
            cache,
            at,
        };
        self.write(commit).await?;
        self.seq += 1;
        self.let_go(&releases);
        self.teller.tell(bytes, || News::Events { at, events: batch.events.into() });
        Ok(())
    }

    /// Writes a commit. A full disk is waited for; an unknown outcome is looked up, never guessed.
    async fn write(&self, commit: Commit) -> Result<(), StoreError> {
        let mut waited_ms = 0;
        let mut wait_ms = 50;
        loop {
            match self.shared.store.commit(commit.clone()).await {
                Ok(()) => return Ok(()),
                // Nothing was written, and what is in memory is whole: the same commit may be tried again.
                Err(StoreError::Full { detail, .. } | StoreError::Io { detail, .. }) if waited_ms < DISK_WAIT_MS_MAX => {
                    self.teller.tell(detail.len(), || News::WaitingForDisk { detail });
                    tokio::time::sleep(Duration::from_millis(wait_ms)).await;
                    waited_ms += wait_ms;
                    wait_ms = (wait_ms * 2).min(5_000);
                }
                Err(StoreError::Busy { .. }) => {
                    tokio::time::sleep(Duration::from_millis(wait_ms)).await;
                }
                Err(StoreError::Unknown { .. }) if waited_ms < DISK_WAIT_MS_MAX => {
                    let row = self.shared.store.row(commit.run).await?;
                    if row.seq == commit.seq && row.fence == commit.fence {
                        return Ok(());
                    }
                    waited_ms += wait_ms;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Places whose attempts are over and that may have a savepoint: saved here, or perhaps by an earlier owner of the run.
    fn savepoints_to_drop(&mut self, events: &[Event]) -> Vec<Place> {
        let over = events.iter().filter_map(|event| match event {
            Event::Done { place, attempt, .. } | Event::AttemptFailed { place, attempt, retry_at: None, .. } => Some((*place, *attempt)),
            _ => None,
        });
        over.filter(|(place, attempt)| self.saved.remove(place) || *attempt > 1).map(|(place, _)| place).collect()
    }

    /// Carries out what the run wants, now that what led to it is durable.
    fn carry_out(&mut self) {
        let commands = self.run.take_commands();
        // A sub-workflow that is to stop at once, and perhaps was never started, is not started for that.
        let stopped: BTreeSet<(Place, u32)> = commands.iter().filter_map(stopped).collect();
        let mut starts = Vec::new();
        for command in commands {
            match command {
                Command::StartChild { place, attempt } if stopped.contains(&(place, attempt)) => {}
                Command::Start { place, attempt } => self.start(place, attempt),
                Command::Interrupt { place } => {
                    if let Some((_, cancel)) = self.attempts.remove(&place) {
                        let _ = cancel.send(());
                    }
                }
                Command::StartChild { place, attempt } => self.start_child(place, attempt),
                Command::CancelChild { place, attempt } => self.cancel_child(place, attempt),
                Command::Acquire { place, name, permits, when_busy, since } => self.acquire(&name, place, permits, when_busy, since),
                Command::Reserve { place, rate } => starts.push((place, rate)),
            }
        }
        self.reserve(starts);
    }

    /// An attempt has ended: nobody interrupts it any more.
    fn attempt_over(&mut self, place: Place, attempt: u32) {
        if self.attempts.get(&place).is_some_and(|(running, _)| *running == attempt) {
            self.attempts.remove(&place);
        }
    }

    fn start(&mut self, place: Place, attempt: u32) {
        // Started, and ended or given back within the same turn.
        if !self.run.is_running(place, attempt) {
            return;
        }
        let (cancel, cancelled) = oneshot::channel();
        let (shared, sender, teller) = (Arc::clone(&self.shared), self.sender.clone(), self.teller.clone());
        match Order::new(&self.shared, &self.run, place, attempt) {
            Ok(order) => {
                self.attempts.insert(place, (attempt, cancel));
                tokio::spawn(order.run(shared, sender, teller, cancelled));
            }
            Err(failure) => {
                let receipt = jackfield_flow::run::Receipt::default();
                let message = Message::Input(Input::AttemptEnded { place, attempt, result: Err(failure), receipt });
                // Sent by another task: the inbox may be full, and only this task empties it.
                tokio::spawn(async move {
                    let _ = sender.send(message).await;
                });
            }
        }
    }
}

/// The sub-workflow that a command stops.
fn stopped(command: &Command) -> Option<(Place, u32)> {
    match command {
        Command::CancelChild { place, attempt } => Some((*place, *attempt)),
        _ => None,
    }
}

/// What lists show of a run.
pub(crate) fn summary(run: &Run) -> Summary {
    let (steps_done, steps_total) = run.progress();
    let state = match run.status() {
        Status::Waiting => RunState::Waiting,
        Status::Running | Status::Skipped => RunState::Running,
        Status::Done => RunState::Done,
        Status::Failed => RunState::Failed,
        Status::Cancelled => RunState::Cancelled,
        Status::Blocked => RunState::Blocked,
    };
    let wake = match (run.status().is_end(), run.next_wakeup()) {
        (true, _) => None,
        (false, _) if run.is_busy() || run.is_handed_over() => Some(Wake::Ready),
        (false, Some(at)) => Some(Wake::At(at)),
        (false, None) => Some(Wake::Message),
    };
    Summary { state, wake, steps_done, steps_total }
}
