//! `jackfield schema`.

use jackfield_flow::definition;

use crate::args::SchemaArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;

/// Prints the JSON Schema of the workflow file, or of the test file.
pub(crate) fn run(home: &Home, args: &SchemaArgs) -> Result<Exit, CliError> {
    home.output.data(&if args.tests { definition::test_schema() } else { definition::schema() })?;
    Ok(Exit::Done)
}
