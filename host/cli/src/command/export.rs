//! stub

use crate::args::ExportArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;

pub(crate) fn run(_home: &Home, _args: &ExportArgs) -> Result<Exit, CliError> {
    Ok(Exit::Done)
}
