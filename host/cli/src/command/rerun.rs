//! `jackfield runs rerun RUN`, or of all that are meant.

use std::sync::Arc;

use jackfield_flow::run::{Run, RunId};
use jackfield_flow::types::Value;
use jackfield_store::RunState;
use jackfield_worker::{Again, Rerun, Started};

use crate::args::{OperatorArgs, RerunArgs, WatchArgs, WhichArgs};
use crate::bulk;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Engine, Home, engine_runtime};
use crate::inputs;

use super::run::{operator, to_the_end};

/// Runs that are meant when no state is named.
const ENDED: [RunState; 3] = [RunState::Done, RunState::Failed, RunState::Cancelled];

/// Starts new runs from old ones, and drives them to their ends.
pub(crate) fn run(home: &Home, args: &RerunArgs) -> Result<Exit, CliError> {
    let again = again(args)?;
    let how = |old: &Run| Ok((rerun(old, args, again.clone())?, words(args)));
    let repeat = Repeat { verb: "repeat", fit: &RunState::ALL, usual: &ENDED, how: &how };
    repeat.run(home, &args.which, &args.watch, &args.operator)
}

/// How runs are repeated.
pub(super) struct Repeat<'a> {
    /// What it is called.
    pub(super) verb: &'a str,
    /// States of runs for which it makes sense.
    pub(super) fit: &'a [RunState],
    /// States of runs that are meant when none is named.
    pub(super) usual: &'a [RunState],
    /// What of a run is done again.
    pub(super) how: &'a bulk::How<'a>,
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
                    Ok((started, words)) => {
                        home.output.say(&format!("run {}: repeats run {run}{words}", started.run));
                        to_the_end(home, &engine, started, watch).await
                    }
                    Err(error) => Err(error),
                },
                None => match bulk::repeat(home, &engine, &runs, self.how).await {
                    Ok(outcomes) => bulk::conclude(&home.output, &outcomes),
                    Err(error) => Err(error),
                },
            };
            engine.close().await;
            exit
        })
    }

    async fn start(&self, engine: &Engine, run: RunId) -> Result<(Started, String), CliError> {
        let (rerun, words) = (self.how)(&engine.load(run).await?.run)?;
        Ok((engine.worker.rerun(run, &rerun).await?, words))
    }
}

fn rerun(old: &Run, args: &RerunArgs, again: Again) -> Result<Rerun, CliError> {
    let inputs = match inputs::gather(old.plan(), &args.inputs, args.inputs_file.as_deref())? {
        Value::Map(fields) => fields,
        _ => Arc::default(),
    };
    Ok(Rerun { again, inputs })
}

fn again(args: &RerunArgs) -> Result<Again, CliError> {
    match (&args.from[..], &args.items[..]) {
        (_, []) if args.failed => Ok(Again::Failed),
        ([], _) => Ok(Again::Changed),
        (from, []) => Ok(Again::From(from.to_vec())),
        ([step], items) => Ok(Again::Items { step: step.clone(), items: items.to_vec() }),
        _ => Err(CliError::Usage("items are those of one step: give `--from` once".to_owned())),
    }
}

/// What is done again, in words.
fn words(args: &RerunArgs) -> String {
    let items: Vec<String> = args.items.iter().map(ToString::to_string).collect();
    let what = match (args.failed, &args.from[..], &items[..]) {
        (true, ..) => ", what was not done".to_owned(),
        (false, [], _) => String::new(),
        (false, from, []) => format!(" from {}", from.join(", ")),
        (false, from, items) => format!(" from {}, items {}", from.join(", "), items.join(", ")),
    };
    let changed = !args.inputs.is_empty() || args.inputs_file.is_some();
    if changed { format!("{what} with other inputs") } else { what }
}
