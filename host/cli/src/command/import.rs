//! stub

use crate::args::ImportArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;

pub(crate) fn run(_home: &Home, _args: &ImportArgs) -> Result<Exit, CliError> {
    Ok(Exit::Done)
}
