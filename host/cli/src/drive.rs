//! Drives one run to its end in this process, and shows it.

use std::sync::Arc;
use std::time::Duration;

use jackfield_flow::resume::resume;
use jackfield_flow::run::{Event, Millis, Run, RunId, Status};
use jackfield_worker::{Clock as _, LoadedRun, News, SystemClock, Watch, WorkerError};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::broadcast::error::RecvError;

use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Engine;
use crate::output::Output;
use crate::progress::{Display, Report, Told, Tracker};

/// How long a run that is due may take until it is in memory again, before it is claimed anew.
const WAKING: Duration = Duration::from_secs(2);
/// Between two looks whether it is.
const LOOK: Duration = Duration::from_millis(20);

/// How driving ended.
#[derive(Debug)]
pub(crate) enum Driven {
    /// The run ended, or is blocked.
    Settled(Box<Run>),
    /// Somebody stopped this process; the run stands where it was.
    Interrupted(Box<Run>),
}

/// Wishes of whoever started this process that it end.
#[derive(Debug)]
pub(crate) struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    /// From now on Ctrl-C and SIGTERM are wishes and no longer the end.
    pub(crate) fn listen() -> Result<Self, CliError> {
        let listen = |kind| signal(kind).map_err(|error| CliError::System { what: "signals cannot be received", error });
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    /// Ends at the next wish.
    pub(crate) async fn wished(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Why a watch ended.
enum Left {
    /// The worker no longer has the run: it ended, is blocked, or sleeps.
    Settled(Box<Run>),
    /// The display was too slow, and has to begin anew.
    Behind,
    /// Somebody wants this process to end.
    Stopped,
}

/// Shows a run until it ends, is blocked, or somebody stops this process; then it has been given back.
///
/// # Errors
/// When the worker cannot go on with it, or the store fails.
pub(crate) async fn drive(engine: &Engine, run: RunId, output: &Output, display: &mut Display<'_>, told: Told) -> Result<Driven, CliError> {
    let mut stop = Stop::listen()?;
    let mut told = told;
    // How many stored batches had been shown when the run went to sleep.
    let mut asleep: Option<usize> = None;
    loop {
        let watch = match engine.worker.watch(run).await {
            Ok(watch) => watch,
            Err(WorkerError::NotActive { .. }) => {
                let stored = engine.load(run).await?;
                catch_up(&stored, asleep.unwrap_or(if told == Told::Nothing { 0 } else { stored.batches.len() }), display)?;
                if is_settled(&stored.run) {
                    return Ok(Driven::Settled(Box::new(stored.run)));
                }
                if !wait_for(engine, &stored.run, &mut stop, asleep.is_some()).await? {
                    display.end();
                    return interrupted(engine, run, output, &mut stop).await;
                }
                asleep = Some(stored.batches.len());
                told = Told::Ended;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        match follow(watch, output, display, &mut stop, told).await? {
            Left::Settled(stored) if is_settled(&stored) => return Ok(Driven::Settled(stored)),
            Left::Settled(_) => {
                asleep = Some(engine.load(run).await?.batches.len());
                told = Told::Ended;
            }
            Left::Behind => told = Told::Everything,
            Left::Stopped => {
                display.end();
                return interrupted(engine, run, output, &mut stop).await;
            }
        }
    }
}

/// Shows what became durable while nobody watched: the stored batches from number `seen` on.
fn catch_up(stored: &LoadedRun, seen: usize, display: &mut Display<'_>) -> Result<(), CliError> {
    // A run has at least its first batch, and that one tells nothing but that it began.
    let (known, missed) = stored.batches.split_at(seen.clamp(1, stored.batches.len()));
    if missed.is_empty() && seen > 0 {
        return Ok(());
    }
    let mut run = resume(stored.run.id(), Arc::clone(stored.run.plan()), known).map_err(WorkerError::from)?;
    let mut tracker = Tracker::new(&run);
    if seen == 0 {
        display.begin(&run, &tracker, Told::Nothing);
    }
    for batch in missed {
        show(&mut run, &mut tracker, &batch.events, batch.at, display)?;
    }
    Ok(())
}

/// Applies events to a run, and shows what they tell.
fn show(run: &mut Run, tracker: &mut Tracker, events: &[Event], at: Millis, display: &mut Display<'_>) -> Result<(), CliError> {
    for event in events {
        run.apply(event, at).map_err(WorkerError::from)?;
        for notice in tracker.event(event, at) {
            display.notice(run, tracker, &notice);
        }
    }
    Ok(())
}

fn is_settled(run: &Run) -> bool {
    run.status().is_end() || run.status() == Status::Blocked
}

/// Waits until a run that is not in memory should be there. Says whether nobody stopped this process meanwhile.
///
/// A run that this worker let go to `sleeps` wakes by itself when it is due. Any other is claimed.
async fn wait_for(engine: &Engine, run: &Run, stop: &mut Stop, sleeps: bool) -> Result<bool, CliError> {
    if let (true, Some(due)) = (sleeps, run.next_wakeup()) {
        tokio::select! {
            () = SystemClock.sleep_until(due) => {}
            () = stop.wished() => return Ok(false),
        }
        let patience = tokio::time::Instant::now() + WAKING;
        while tokio::time::Instant::now() < patience {
            let stored = engine.load(run.id()).await?.run;
            let slept_on = stored.next_wakeup().is_some_and(|later| later > due);
            if engine.worker.watch(run.id()).await.is_ok() || is_settled(&stored) || slept_on {
                return Ok(true);
            }
            tokio::time::sleep(LOOK).await;
        }
    }
    engine.worker.resume(run.id()).await?;
    Ok(true)
}

/// Shows the news of a run until the worker lets it go.
async fn follow(mut watch: Watch, output: &Output, display: &mut Display<'_>, stop: &mut Stop, told: Told) -> Result<Left, CliError> {
    let mut tracker = Tracker::new(&watch.run);
    display.begin(&watch.run, &tracker, told);
    loop {
        let news = tokio::select! {
            news = watch.news.recv() => news,
            () = stop.wished() => return Ok(Left::Stopped),
        };
        match news {
            Ok(News::Events { at, events }) => show(&mut watch.run, &mut tracker, &events, at, display)?,
            Ok(News::Progress { place, done, total, message }) => {
                display.report(&watch.run, &tracker, place, &Report { done, total, message: &message });
            }
            Ok(News::Log { place, line, .. }) => display.log(&watch.run, place, &line),
            Ok(News::WaitingForDisk { detail }) => output.warn(&format!("the store has no room, and is tried again: {detail}")),
            Ok(News::Left { error: Some(detail) }) => return Err(CliError::SetAside { run: watch.run.id(), detail }),
            Ok(News::Left { error: None }) | Err(RecvError::Closed) => return Ok(Left::Settled(Box::new(watch.run))),
            Err(RecvError::Lagged(_)) => return Ok(Left::Behind),
        }
    }
}

/// Gives the run back in good order; a second wish ends the process at once, which loses no more than a crash would.
async fn interrupted(engine: &Engine, run: RunId, output: &Output, stop: &mut Stop) -> Result<Driven, CliError> {
    output.say("stopping; once more ends at once");
    tokio::select! {
        () = engine.worker.stop() => {}
        () = stop.wished() => {
            output.say(&format!("run {run} can be resumed all the same"));
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
    }
    let stored = engine.load(run).await?.run;
    // It may have ended just then.
    if is_settled(&stored) { Ok(Driven::Settled(Box::new(stored))) } else { Ok(Driven::Interrupted(Box::new(stored))) }
}
