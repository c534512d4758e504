//! Doing the same to many runs: which ones, asking, and what came of each.

use jackfield_flow::run::{Run, RunId, Status};
use jackfield_store::{RunRow, RunState};
use jackfield_worker::{Clock as _, News, Rerun, Started, SystemClock, Worker};
use serde::Serialize;
use tokio::task::JoinSet;

use crate::args::{FilterArgs, WhichArgs};
use crate::command::runs_table;
use crate::confirm::confirm;
use crate::drive::Stop;
use crate::error::CliError;
use crate::exit::{Exit, kind_of};
use crate::filter;
use crate::home::{Engine, Home, small_runtime};
use crate::output::style::{BAD, of_status, paint, sign};
use crate::output::{Format, Output, escape};
use crate::progress::failure_line;

/// Runs that one command changes at most.
const RUNS_MAX: u32 = 10_000;
/// Runs that are shown before it is asked.
const SHOWN_MAX: usize = 20;
/// Runs that are repeated at the same time.
const AT_ONCE: usize = 8;

/// What came of one run.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    /// The run that was meant.
    pub(crate) run: RunId,
    /// How it stands now, or how the new run does; nothing when it was refused.
    status: Option<Status>,
    /// The run that repeats it.
    #[serde(skip_serializing_if = "Option::is_none")]
    repeated_by: Option<RunId>,
    /// Why it did not come to what was wished.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
}

/// Why a run did not come to what was wished.
#[derive(Debug, Serialize)]
struct Problem {
    /// A stable word: the kind of the error, or `run`.
    code: &'static str,
    /// Sentences for a person.
    message: String,
}

/// All that came of it, for programs.
#[derive(Debug, Serialize)]
struct Report<'a> {
    runs: &'a [Outcome],
    failed: usize,
}

impl Outcome {
    /// What was wished has happened.
    pub(crate) fn good(run: RunId, status: Status) -> Self {
        Self { run, status: Some(status), repeated_by: None, error: None }
    }

    /// It was refused, or failed.
    pub(crate) fn refused(run: RunId, error: &CliError) -> Self {
        Self { run, status: None, repeated_by: None, error: Some(Problem { code: kind_of(error).word, message: error.to_string() }) }
    }

    /// Another run repeats it, and ended so.
    fn repeated(run: RunId, new: &Run) -> Self {
        let problem = |message: String| Problem { code: "run", message };
        let error = match (new.status(), new.failure()) {
            (Status::Done, _) => None,
            (_, Some((_, failure))) => Some(problem(failure_line(failure))),
            (status, None) => Some(problem(format!("it is {status}"))),
        };
        Self { run, status: Some(new.status()), repeated_by: Some(new.id()), error }
    }

    fn line(&self) -> String {
        let status = self.status.unwrap_or(Status::Failed);
        let new = self.repeated_by.map_or_else(String::new, |new| format!(" run {new}"));
        let words = match (&self.error, self.status) {
            (Some(error), Some(status)) => format!("{new} {status}: {}", escape::line(&error.message)),
            (Some(error), None) => format!(" {}", escape::line(&error.message)),
            (None, _) => format!("{new} {status}"),
        };
        let mark = if self.error.is_some() { paint(BAD, "✗") } else { paint(of_status(status), sign(status)) };
        format!("{mark} run {}:{words}", self.run)
    }
}

/// The runs that are meant, after they were shown and it was asked. None are meant when nobody is left to ask about.
///
/// `fit` are the states that make sense; those that were typed must be among them.
///
/// # Errors
/// When a state makes no sense, too many runs are meant, or the answer is no.
pub(crate) fn choose(home: &Home, which: &WhichArgs, fit: &[RunState], usual: &[RunState], verb: &str) -> Result<Vec<RunRow>, CliError> {
    let now = SystemClock.now();
    let mut query = filter::query(&which.filter, now)?;
    if let Some(odd) = query.states.iter().find(|state| !fit.contains(state)) {
        let names: Vec<&str> = fit.iter().map(|state| state.name()).collect();
        return Err(CliError::Usage(format!(
            "one cannot {verb} runs that are {}; it is for those that are {}",
            odd.name(),
            names.join(", ")
        )));
    }
    if query.states.is_empty() {
        query.states = usual.to_vec();
    }
    let store = home.reader()?;
    let (rows, next) = small_runtime()?.block_on(filter::gather(&store, query, RUNS_MAX))?;
    if next.is_some() {
        return Err(CliError::Refused(format!("more than {RUNS_MAX} runs are meant; that is the limit, so say more precisely which")));
    }
    let output = &home.output;
    if rows.is_empty() {
        output.say("no runs");
        return Ok(rows);
    }
    let shown = &rows[..rows.len().min(SHOWN_MAX)];
    output.say(&runs_table(shown, nested(&which.filter)).render(output));
    if rows.len() > SHOWN_MAX {
        output.say(&format!("… and {} more", rows.len() - SHOWN_MAX));
    }
    let many = if rows.len() == 1 { "this run".to_owned() } else { format!("these {} runs", rows.len()) };
    confirm(output, which.yes, &format!("{} {many}?", capital(verb)))?;
    Ok(rows)
}

fn nested(filter: &FilterArgs) -> bool {
    filter.all || filter.children_of.is_some()
}

fn capital(verb: &str) -> String {
    let mut letters = verb.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Shows what came of one run; for programs all come at the end.
pub(crate) fn tell(output: &Output, outcome: &Outcome) -> Result<(), CliError> {
    match output.format() {
        Format::Json => Ok(()),
        Format::Text => output.data(&outcome.line()),
    }
}

/// Says what came of all of them.
pub(crate) fn conclude(output: &Output, outcomes: &[Outcome]) -> Result<Exit, CliError> {
    let failed = outcomes.iter().filter(|outcome| outcome.error.is_some()).count();
    match output.format() {
        Format::Json => output.json(&Report { runs: outcomes, failed })?,
        Format::Text if outcomes.len() > 1 => output.say(&format!("{} of {} went well", outcomes.len() - failed, outcomes.len())),
        Format::Text => {}
    }
    Ok(if failed == 0 { Exit::Done } else { Exit::RunFailed })
}

/// Repeats runs, a few at a time, until all have ended or somebody stops it. `from` says of a run from which of its steps on.
///
/// # Errors
/// When it was stopped, or the store fails; what came of runs until then has been told.
pub(crate) async fn repeat(home: &Home, engine: &Engine, runs: &[RunRow], how: &How<'_>) -> Result<Vec<Outcome>, CliError> {
    let mut stop = Stop::listen()?;
    let (mut under_way, mut outcomes) = (JoinSet::new(), Vec::new());
    // Oldest first, as they began.
    let mut left = runs.iter().rev().peekable();
    while left.peek().is_some() || !under_way.is_empty() {
        while under_way.len() < AT_ONCE
            && let Some(row) = left.next()
        {
            match begin(engine, row.run, how).await {
                Ok(started) => {
                    under_way.spawn(follow(engine.worker.clone(), row.run, started));
                }
                Err(error) => outcomes.push(told(&home.output, Outcome::refused(row.run, &error))?),
            }
        }
        let ended = tokio::select! {
            biased;
            () = stop.wished() => return Err(stopped(home, engine, (outcomes.len(), runs.len()), &mut stop).await),
            ended = under_way.join_next() => ended,
        };
        // Nothing is under way when all that were left have been refused.
        let Some(ended) = ended else { continue };
        let Followed { run, new, set_aside } = ended.map_err(|error| CliError::Panic(error.to_string()))?;
        let outcome = match set_aside {
            None => Outcome::repeated(run, &engine.load(new).await?.run),
            Some(detail) => Outcome::refused(run, &CliError::SetAside { run: new, detail }),
        };
        outcomes.push(told(&home.output, outcome)?);
    }
    Ok(outcomes)
}

/// What of a run is done again, and the same in words.
pub(crate) type How<'a> = dyn Fn(&Run) -> Result<(Rerun, String), CliError> + 'a;

async fn begin(engine: &Engine, run: RunId, how: &How<'_>) -> Result<Started, CliError> {
    let (rerun, _) = how(&engine.load(run).await?.run)?;
    Ok(engine.worker.rerun(run, &rerun).await?)
}

/// A run that the worker no longer has.
struct Followed {
    run: RunId,
    new: RunId,
    set_aside: Option<String>,
}

/// Waits until the worker lets a run go.
async fn follow(worker: Worker, run: RunId, started: Started) -> Followed {
    let new = started.run;
    let mut watch = started.watch;
    while let Some(watched) = &mut watch {
        match watched.next().await {
            Some(News::Left { error }) => return Followed { run, new, set_aside: error },
            Some(_) => {}
            // So much happened at once that the watch ended.
            None => watch = worker.watch(new).await.ok(),
        }
    }
    Followed { run, new, set_aside: None }
}

fn told(output: &Output, outcome: Outcome) -> Result<Outcome, CliError> {
    tell(output, &outcome)?;
    Ok(outcome)
}

/// Gives everything back in good order; a second wish ends the process at once, which loses no more than a crash would.
async fn stopped(home: &Home, engine: &Engine, (ended, meant): (usize, usize), stop: &mut Stop) -> CliError {
    home.output.say("stopping; once more ends at once");
    tokio::select! {
        () = engine.worker.stop() => {}
        () = stop.wished() => std::process::exit(i32::from(Exit::Interrupted.code())),
    }
    let list = home.settings.hint("runs list --state running");
    CliError::Stopped(format!("stopped: {ended} of {meant} runs have been repeated; those that were under way can be resumed: {list}"))
}
