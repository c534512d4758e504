//! Asking before much is changed.

use crate::error::CliError;
use crate::output::Output;

/// Goes on when it was said beforehand (`--yes`), or when whoever sits at the terminal says so.
///
/// # Errors
/// When the answer is no, or nobody can be asked. Nothing has been changed then.
pub(crate) fn confirm(output: &Output, said: bool, question: &str) -> Result<(), CliError> {
    if said {
        return Ok(());
    }
    if !output.hears_somebody() {
        return Err(CliError::Refused(
            "nothing was changed: this is not a terminal, so nobody can be asked; to go on, say `--yes`".to_owned(),
        ));
    }
    match output.ask(&format!("{question} [y/N]")).to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(CliError::Refused("nothing was changed".to_owned())),
    }
}
