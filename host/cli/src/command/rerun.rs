//! `jackfield runs rerun RUN`.

use std::sync::Arc;

use jackfield_flow::types::Value;
use jackfield_worker::{Again, Rerun, Started};

use crate::args::RerunArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Engine, Home, engine_runtime};
use crate::inputs;

use super::run::{operator, to_the_end};

/// Starts a new run from an old one, and drives it to its end.
pub(crate) fn run(home: &Home, args: &RerunArgs) -> Result<Exit, CliError> {
    let again = again(args)?;
    let operator = operator(&args.operator)?;
    drop(home.reader()?);
    engine_runtime()?.block_on(async {
        let engine = home.engine(operator).await?;
        let exit = match start(&engine, args, again).await {
            Ok(started) => {
                home.output.say(&format!("run {}: repeats run {}{}", started.run, args.run, words(args)));
                to_the_end(home, &engine, started, &args.watch).await
            }
            Err(error) => Err(error),
        };
        engine.close().await;
        exit
    })
}

async fn start(engine: &Engine, args: &RerunArgs, again: Again) -> Result<Started, CliError> {
    let old = engine.load(args.run).await?.run;
    let inputs = match inputs::gather(old.plan(), &args.inputs, args.inputs_file.as_deref())? {
        Value::Map(fields) => fields,
        _ => Arc::default(),
    };
    Ok(engine.worker.rerun(args.run, &Rerun { again, inputs }).await?)
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
