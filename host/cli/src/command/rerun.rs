//! `jackfield runs rerun RUN --from STEP`, or of all that are meant.

use jackfield_flow::run::RunId;
use jackfield_store::RunState;
use jackfield_worker::Started;

use crate::args::{OperatorArgs, RerunArgs, WatchArgs, WhichArgs};
use crate::bulk;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Engine, Home, engine_runtime};

use super::run::{operator, to_the_end};

/// Runs that are meant when no state is named.
const ENDED: [RunState; 3] = [RunState::Done, RunState::Failed, RunState::Cancelled];

/// Starts new runs from old ones, and drives them to their ends.
pub(crate) fn run(home: &Home, args: &RerunArgs) -> Result<Exit, CliError> {
    let how = Repeat { verb: "repeat", fit: &RunState::ALL, usual: &ENDED, from: &|_| Ok(args.from.clone()) };
    how.run(home, &args.which, &args.watch, &args.operator)
}

/// How runs are repeated.
pub(super) struct Repeat<'a> {
    /// What it is called.
    pub(super) verb: &'a str,
    /// States of runs for which it makes sense.
    pub(super) fit: &'a [RunState],
    /// States of runs that are meant when none is named.
    pub(super) usual: &'a [RunState],
    /// From which steps on.
    pub(super) from: &'a bulk::From<'a>,
}

impl Repeat<'_> {
    /// Repeats one run and shows it, or all that are meant.
    pub(super) fn run(&self, home: &Home, which: &WhichArgs, watch: &WatchArgs, typed: &OperatorArgs) -> Result<Exit, CliError> {
        let operator = operator(typed)?;
        drop(home.reader()?);
        let runs = match which.run {
            Some(_) => Vec::new(),
            None => bulk::choose(home, which, self.fit, self.usual, self.verb)?,
        };
        if which.run.is_none() && runs.is_empty() {
            return bulk::conclude(&home.output, &[]);
        }
        engine_runtime()?.block_on(async {
            let engine = home.engine(operator).await?;
            let exit = match which.run {
                Some(run) => match self.start(&engine, run).await {
                    Ok((started, from)) => {
                        let from = if from.is_empty() { String::new() } else { format!(" from {}", from.join(", ")) };
                        home.output.say(&format!("run {}: repeats run {run}{from}", started.run));
                        to_the_end(home, &engine, started, watch).await
                    }
                    Err(error) => Err(error),
                },
                None => match bulk::repeat(home, &engine, &runs, self.from).await {
                    Ok(outcomes) => bulk::conclude(&home.output, &outcomes),
                    Err(error) => Err(error),
                },
            };
            engine.close().await;
            exit
        })
    }

    async fn start(&self, engine: &Engine, run: RunId) -> Result<(Started, Vec<String>), CliError> {
        let from = (self.from)(&engine.load(run).await?.run)?;
        Ok((engine.worker.rerun(run, &from).await?, from))
    }
}
