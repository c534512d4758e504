//! `jackfield lsp`.

use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::lsp::{End, serve};

/// Serves an editor; the protocol says how to end.
pub(crate) fn run(home: &Home) -> Result<Exit, CliError> {
    Ok(match serve(home)? {
        End::Farewell => Exit::Done,
        End::Gone => Exit::RunFailed,
    })
}
