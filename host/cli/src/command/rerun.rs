//! `jackfield runs rerun RUN --from STEP`.

use crate::args::RerunArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, engine_runtime};

use super::run::{operator, to_the_end};

/// Starts a new run from an old one, and drives it to its end.
pub(crate) fn run(home: &Home, args: &RerunArgs) -> Result<Exit, CliError> {
    let operator = operator(&args.operator)?;
    drop(home.reader()?);
    engine_runtime()?.block_on(async {
        let engine = home.engine(operator).await?;
        let exit = match engine.worker.rerun(args.run, &args.from).await {
            Ok(started) => {
                home.output.say(&format!("run {}: repeats run {} from {}", started.run, args.run, args.from.join(", ")));
                to_the_end(home, &engine, started, &args.watch).await
            }
            Err(error) => Err(error.into()),
        };
        engine.close().await;
        exit
    })
}
