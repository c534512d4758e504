//! `jackfield runs approve RUN STEP`.

use jackfield_worker::Ask;

use super::ask::{author, new_id, tell};
use crate::args::ApproveArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::output::escape;

/// Approves or denies what a step asks.
pub(crate) fn run(home: &Home, args: &ApproveArgs) -> Result<Exit, CliError> {
    let ask =
        Ask::Approve { id: new_id()?, step: args.step.clone(), approved: !args.deny, by: author(&args.word), note: args.word.note.clone() };
    let decided = if args.deny { "denied" } else { "approved" };
    tell(home, args.run, ask, &format!("{} {decided}", escape::line(&args.step)))
}
