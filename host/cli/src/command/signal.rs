//! `jackfield runs signal RUN NAME`.

use jackfield_worker::Ask;

use super::ask::{author, json_text, new_id, tell};
use crate::args::SignalArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::output::escape;

/// Sends a signal to a run.
pub(crate) fn run(home: &Home, args: &SignalArgs) -> Result<Exit, CliError> {
    let ask = Ask::Signal {
        id: args.id.clone().map_or_else(new_id, Ok)?,
        name: args.name.clone(),
        payload: json_text("the payload", &args.payload)?,
        by: author(&args.word),
        note: args.word.note.clone(),
    };
    tell(home, args.run, ask, &format!("signal {} accepted", escape::line(&args.name)))
}
