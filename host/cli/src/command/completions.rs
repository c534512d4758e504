//! `jackfield completions SHELL`.

use clap::CommandFactory as _;

use crate::args::{Cli, CompletionsArgs};
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;

/// Prints the script.
pub(crate) fn run(home: &Home, args: &CompletionsArgs) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "jackfield", &mut script);
    home.output.bytes(&script)?;
    Ok(Exit::Done)
}
