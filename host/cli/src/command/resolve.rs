//! `jackfield runs resolve RUN STEP --as HOW`.

use jackfield_worker::{Ask, How};

use super::ask::{json_text, tell};
use crate::args::{HowArg, ResolveArgs};
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::output::escape;

/// Says what became of an attempt whose outcome nobody knows, or of an undoing that failed.
pub(crate) fn run(home: &Home, args: &ResolveArgs) -> Result<Exit, CliError> {
    let (how, words) = match (args.how, &args.result) {
        (HowArg::Done, result) => (How::Done(json_text("the result", result.as_deref().unwrap_or("null"))?), "done"),
        (_, Some(_)) => return Err(CliError::Usage("only what is done has a result: `--result` stands with `--as done`".to_owned())),
        (HowArg::Failed, None) => (How::Failed, "failed"),
        (HowArg::Retry, None) => (How::Retry, "to be tried again"),
    };
    let ask = Ask::Resolve { step: args.step.clone(), how };
    tell(home, args.run, ask, &format!("{} resolved as {words}", escape::line(&args.step)))
}
