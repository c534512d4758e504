//! Drives one run to its end in this process, and shows it.

use std::sync::Arc;

use jackfield_flow::checkpoint::Batch;
use jackfield_flow::resume::resume;
use jackfield_flow::run::{Event, Millis, Run, RunId, Status, WakeSource};
use jackfield_worker::{LoadedRun, News, Watch, WorkerError};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Engine;
use crate::output::Output;
use crate::progress::{Display, Report, Tracker};

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

    /// Whether there has been a wish since the last one was heard.
    pub(crate) async fn was_wished(&mut self) -> bool {
        // Lets the runtime look for signals once, also when nothing else was waited for.
        tokio::task::yield_now().await;
        tokio::select! {
            biased;
            () = self.wished() => true,
            () = std::future::ready(()) => false,
        }
    }
}

/// Why a watch ended.
enum Left {
    /// The worker no longer has the run: it ended, is blocked, or was given back.
    Settled(Box<Run>),
    /// The display was too slow, and has to begin anew.
    Behind,
    /// Somebody wants this process to end.
    Stopped,
}

/// Shows a run until it ends, is blocked, or somebody stops this process; then it has been given back.
///
/// `first` watches it from where nothing has been told. Without it the run had been started before: its history is told,
/// and it is resumed.
///
/// # Errors
/// When the worker cannot go on with it, or the store fails.
pub(crate) async fn drive(
    engine: &Engine,
    run: RunId,
    first: Option<Watch>,
    output: &Output,
    display: &mut Display<'_>,
) -> Result<Driven, CliError> {
    let mut stop = Stop::listen()?;
    let mut watch = match first {
        Some(watch) => watch,
        None => {
            let stored = engine.load(run).await?;
            tell_history(&stored, display)?;
            if is_settled(&stored.run) {
                return Ok(Driven::Settled(Box::new(stored.run)));
            }
            engine.worker.resume(run).await?
        }
    };
    loop {
        match follow(watch, output, display, &mut stop).await? {
            Left::Settled(run) if is_settled(&run) => return Ok(Driven::Settled(run)),
            Left::Settled(run) => return Ok(Driven::Interrupted(run)),
            Left::Behind => {
                let stored = engine.load(run).await?.run;
                if is_settled(&stored) {
                    return Ok(Driven::Settled(Box::new(stored)));
                }
                watch = engine.worker.resume(run).await?;
            }
            Left::Stopped => {
                display.end();
                return interrupted(engine, run, output, &mut stop).await;
            }
        }
    }
}

/// Shows what became durable before anybody watched.
fn tell_history(stored: &LoadedRun, display: &mut Display<'_>) -> Result<(), CliError> {
    // A run has at least its first batch, and the first event of that tells nothing but that it began.
    let Some((first, batches)) = stored.batches.split_first() else { return Ok(()) };
    let (began, first_events) = first.events.split_at(first.events.len().min(1));
    let begun = Batch { at: first.at, events: began.to_vec() };
    let mut run = resume(stored.run.id(), Arc::clone(stored.run.plan()), &[begun]).map_err(WorkerError::from)?;
    let mut tracker = Tracker::new(&run);
    display.begin(&run, &tracker);
    show(&mut run, &mut tracker, first_events, first.at, display)?;
    for batch in batches {
        show(&mut run, &mut tracker, &batch.events, batch.at, display)?;
    }
    Ok(())
}

/// Applies events to a run, and shows what they tell.
fn show(run: &mut Run, tracker: &mut Tracker, events: &[Event], at: Millis, display: &mut Display<'_>) -> Result<(), CliError> {
    for event in events {
        run.apply(event, at).map_err(WorkerError::from)?;
        for notice in tracker.event(run, event, at) {
            display.notice(run, tracker, &notice);
        }
    }
    Ok(())
}

/// Whether nobody but a person moves a run.
fn rests(run: &Run) -> bool {
    // What a watcher applies takes no turns, and so does not know whether there is more to do at once.
    let told = |source: &WakeSource| matches!(source, WakeSource::Signal(_) | WakeSource::Approval(_));
    let sources = run.wake_sources();
    sources.iter().any(told) && sources.iter().all(|source| told(source) || *source == WakeSource::AtOnce)
}

fn is_settled(run: &Run) -> bool {
    run.status().is_end() || run.status() == Status::Blocked
}

/// Shows the news of a run until the worker lets it go.
async fn follow(mut watch: Watch, output: &Output, display: &mut Display<'_>, stop: &mut Stop) -> Result<Left, CliError> {
    let mut tracker = Tracker::new(&watch.run);
    display.begin(&watch.run, &tracker);
    // Whether the run that was found rests is known after its first turn here: it may have been told something meanwhile.
    let mut rested = false;
    loop {
        let news = tokio::select! {
            news = watch.next() => news,
            () = stop.wished() => return Ok(Left::Stopped),
        };
        match news {
            Some(News::Events { at, events }) => {
                show(&mut watch.run, &mut tracker, &events, at, display)?;
                let rests = rests(&watch.run);
                if rests && !rested {
                    display.rests(&watch.run);
                }
                rested = rests;
            }
            Some(News::Child { place, run }) => {
                if tracker.child(place, run) {
                    display.child(&watch.run, place, run);
                }
            }
            Some(News::Progress { place, done, total, message }) => {
                display.report(&watch.run, &tracker, place, &Report { done, total, message: &message });
            }
            Some(News::Log { place, line, .. }) => display.log(&watch.run, place, &line),
            Some(News::WaitingForDisk { detail }) => output.warn(&format!("the store has no room, and is tried again: {detail}")),
            Some(News::Left { error: Some(detail) }) => return Err(CliError::SetAside { run: watch.run.id(), detail }),
            Some(News::Left { error: None }) => return Ok(Left::Settled(Box::new(watch.run))),
            None => return Ok(Left::Behind),
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
