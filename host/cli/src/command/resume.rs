//! `jackfield resume RUN`.

use jackfield_worker::Started;

use crate::args::ResumeArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, engine_runtime};

use super::run::{operator, to_the_end};

/// Takes the run over and drives it to its end.
pub(crate) fn run(home: &Home, args: &ResumeArgs) -> Result<Exit, CliError> {
    let operator = operator(&args.operator)?;
    // A store that is not there is not made by asking for a run in it.
    drop(home.reader()?);
    engine_runtime()?.block_on(async {
        let engine = home.engine(operator).await?;
        let exit = match engine.worker.resume(args.run).await {
            Ok(watch) => {
                home.output.say(&format!("run {}: resumed", args.run));
                to_the_end(home, &engine, Started { run: args.run, watch: Some(watch) }, &args.watch).await
            }
            Err(error) => Err(error.into()),
        };
        engine.close().await;
        exit
    })
}
