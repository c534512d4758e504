//! `jackfield schedule FILE…`.

mod next;
mod told;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use jackfield_flow::plan::Plan;
use jackfield_flow::run::{Run, RunId, Status};
use jackfield_worker::{News, Occurrence, Outcome, Plugins, Scheduler, SchedulerError, Started, Watch};
use tokio::task::JoinSet;

use super::run::operator;
use crate::args::ScheduleArgs;
use crate::drive::Stop;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Engine, Home, engine_runtime, small_runtime};
use crate::workflow::{Written, planned};
use told::Told;

/// A workflow with schedules, and where its relative paths start.
type Workflow = (Arc<Plan>, PathBuf);

/// Looks after the schedules of some files, or shows when they fire.
pub(crate) fn run(home: &Home, args: &ScheduleArgs) -> Result<Exit, CliError> {
    let written = args.files.iter().map(|file| Written::read(file)).collect::<Result<Vec<_>, _>>()?;
    let operator = operator(&args.operator)?;
    if let Some(count) = args.next {
        let plugins = home.plugins(operator)?;
        let workflows = small_runtime()?.block_on(workflows(home, &written, &plugins))?;
        return next::print(home, &workflows, usize::from(count), args.from);
    }
    engine_runtime()?.block_on(async {
        if written.iter().any(Written::is_malformed) {
            // They cannot run whatever else is found, so no data directory is made for them.
            workflows(home, &written, &home.plugins(operator)?).await?;
            return Ok(Exit::Usage);
        }
        let mut stop = Stop::listen()?;
        let engine = home.engine(operator).await?;
        let exit = look_after(home, &engine, &written, args, &mut stop).await;
        engine.close().await;
        exit
    })
}

/// The plans of the files; each has schedules, and a name of its own.
async fn workflows(home: &Home, written: &[Written], plugins: &Plugins) -> Result<Vec<Workflow>, CliError> {
    let mut workflows: Vec<Workflow> = Vec::new();
    for file in written {
        let plan = planned(home, file.check(plugins).await)?;
        if plan.schedules.is_empty() {
            return Err(CliError::Usage(format!("{} has no schedules: say under `on:` when it starts", file.source.name)));
        }
        if workflows.iter().any(|(other, _)| other.workflow == plan.workflow) {
            let message =
                format!("two of the files are the workflow `{}`, and their schedules would be taken for each other", plan.workflow);
            return Err(CliError::Usage(message));
        }
        workflows.push((plan, file.directory.clone()));
    }
    Ok(workflows)
}

/// What is under way.
struct Desk<'a> {
    home: &'a Home,
    engine: &'a Engine,
    scheduler: Scheduler,
    /// One for each run: answers when the worker has let it go, or tells it no more.
    watching: JoinSet<(RunId, Option<String>)>,
    under_way: BTreeSet<RunId>,
    /// The worst end of a run so far.
    exit: Exit,
}

async fn look_after(home: &Home, engine: &Engine, written: &[Written], args: &ScheduleArgs, stop: &mut Stop) -> Result<Exit, CliError> {
    let mut scheduler = Scheduler::new(engine.worker.clone());
    for (plan, directory) in workflows(home, written, &engine.plugins).await? {
        scheduler.add(&plan, directory).await.map_err(refused)?;
    }
    let mut desk = Desk { home, engine, scheduler, watching: JoinSet::new(), under_way: BTreeSet::new(), exit: Exit::Done };
    desk.go_on().await?;
    if args.once {
        desk.fire().await?;
        return desk.until_all_have_ended(stop).await;
    }
    desk.tell_upcoming()?;
    loop {
        tokio::select! {
            () = stop.wished() => return desk.stop(stop).await,
            () = desk.scheduler.wait() => desk.fire().await?,
            Some(left) = desk.watching.join_next() => desk.left(left).await?,
        }
    }
}

fn refused(error: SchedulerError) -> CliError {
    match error {
        SchedulerError::Worker(error) => error.into(),
        SchedulerError::Schedule(error) => CliError::Refused(error.to_string()),
    }
}

impl Desk<'_> {
    /// Goes on with what an earlier process left.
    async fn go_on(&mut self) -> Result<(), CliError> {
        for run in self.scheduler.unfinished().await? {
            let watch = self.engine.worker.resume(run).await?;
            self.tell(&Told::Resumed { run })?;
            self.watch(run, watch);
        }
        Ok(())
    }

    /// Starts what is due.
    async fn fire(&mut self) -> Result<(), CliError> {
        for Occurrence { schedule, at, outcome } in self.scheduler.fire().await {
            match outcome {
                Outcome::Started(started) => {
                    let Started { run, watch } = *started;
                    self.tell(&Told::Started { schedule, at, run })?;
                    if let Some(watch) = watch {
                        self.watch(run, watch);
                    }
                }
                Outcome::Before(run) => self.tell(&Told::Before { schedule, at, run })?,
                Outcome::Overlaps(run) => self.tell(&Told::Overlaps { schedule, at, run })?,
                Outcome::Failed(error) => self.tell(&Told::Failed { schedule, at, error: error.to_string() })?,
            }
        }
        Ok(())
    }

    fn watch(&mut self, run: RunId, mut watch: Watch) {
        self.under_way.insert(run);
        self.watching.spawn(async move {
            loop {
                match watch.next().await {
                    Some(News::Left { error }) => return (run, error),
                    Some(_) => {}
                    None => return (run, None),
                }
            }
        });
    }

    /// A run is told of no more: it has ended, is blocked, or its watch fell behind.
    async fn left(&mut self, left: Result<(RunId, Option<String>), tokio::task::JoinError>) -> Result<(), CliError> {
        let (id, error) = left.map_err(|error| CliError::Panic(error.to_string()))?;
        if let Some(detail) = error {
            self.under_way.remove(&id);
            self.exit = Exit::Internal;
            return self.tell(&Told::SetAside { run: id, detail });
        }
        let run = self.engine.load(id).await?.run;
        if !run.status().is_end() && run.status() != Status::Blocked {
            let watch = self.engine.worker.resume(id).await?;
            self.watch(id, watch);
            return Ok(());
        }
        self.under_way.remove(&id);
        self.exit = worse(self.exit, &run);
        self.tell(&Told::Ended { run: &run })
    }

    fn tell_upcoming(&self) -> Result<(), CliError> {
        self.scheduler.upcoming().into_iter().try_for_each(|next| self.tell(&Told::Next { next }))
    }

    fn tell(&self, told: &Told<'_>) -> Result<(), CliError> {
        told.tell(self.home)
    }

    async fn until_all_have_ended(mut self, stop: &mut Stop) -> Result<Exit, CliError> {
        if self.under_way.is_empty() {
            self.home.output.say("nothing is due");
            self.tell_upcoming()?;
        }
        loop {
            tokio::select! {
                () = stop.wished() => return self.stop(stop).await,
                left = self.watching.join_next() => match left {
                    Some(left) => self.left(left).await?,
                    None => return Ok(self.exit),
                },
            }
        }
    }

    /// Gives the runs back in good order; a second wish ends the process at once, which loses no more than a crash would.
    async fn stop(self, stop: &mut Stop) -> Result<Exit, CliError> {
        if self.under_way.is_empty() {
            return Ok(Exit::Done);
        }
        self.home.output.say("stopping; once more ends at once");
        tokio::select! {
            () = self.engine.worker.stop() => {}
            () = stop.wished() => std::process::exit(i32::from(Exit::Interrupted.code())),
        }
        let runs: Vec<String> = self.under_way.iter().map(ToString::to_string).collect();
        let (noun, stands) = if runs.len() == 1 { ("run", "stands where it was") } else { ("runs", "stand where they were") };
        self.home.output.say(&format!("interrupted; {noun} {} {stands}, and the same command goes on", runs.join(", ")));
        Ok(Exit::Interrupted)
    }
}

/// The worse of an exit and of what the end of a run means: a failure is worse than a wait.
fn worse(exit: Exit, run: &Run) -> Exit {
    match (exit, run.status()) {
        (exit, Status::Done) => exit,
        (Exit::Done, Status::Blocked) => Exit::NeedsDecision,
        (exit, Status::Blocked) => exit,
        (Exit::Internal, _) => Exit::Internal,
        _ => Exit::RunFailed,
    }
}
