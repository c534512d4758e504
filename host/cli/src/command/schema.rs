//! `jackfield schema`.

use jackfield_flow::definition;

use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;

/// Prints the JSON Schema of the workflow file.
pub(crate) fn run(home: &Home) -> Result<Exit, CliError> {
    home.output.data(&definition::schema())?;
    Ok(Exit::Done)
}
