//! Words of the commands that tell a run something.

use clap::{Args, ValueEnum};
use jackfield_flow::run::RunId;

use super::run::run_id;

/// Send a signal to a run.
///
/// A step waits for it by its name; one that comes early is kept. An engine that has the run is told at once. Without one it is
/// recorded, and the run goes on with `jackfield resume`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jackfield runs signal 7 go
  jackfield runs signal 7 paid '{\"amount\": 120}' --id payment-4711
  jackfield runs signal 7 letter @letter.json --by anna --note 'as agreed'

Exit codes: 0 accepted, 2 no such run, 3 refused: no step waits for it, the payload is of another type, the run has ended.")]
pub(crate) struct SignalArgs {
    /// The run
    #[arg(value_parser = run_id)]
    pub(crate) run: RunId,
    /// The signal's name
    pub(crate) name: String,
    /// What it carries, as JSON; `@FILE` reads it from a file, `@-` from standard input
    #[arg(value_name = "JSON", default_value = "null")]
    pub(crate) payload: String,
    /// A name of this one signal: sent again under the same name, it changes nothing
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) word: WordArgs,
}

/// Who says it, and what they add.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct WordArgs {
    /// Who says so [default: your login name]
    #[arg(long, value_name = "WHO")]
    pub(crate) by: Option<String>,
    /// A word to it, kept with the run
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) note: String,
}

/// Approve, or deny, what a step of a run asks.
///
/// A denial fails the step with the code `approval.denied`. What was decided stays decided.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jackfield runs approve 7 ship --note 'looked at it'
  jackfield runs approve 7 'check[3]' --deny --by anna

Exit codes: 0 decided, 2 no such run or step, 3 refused: it asks for nothing, was decided before, the run has ended.")]
pub(crate) struct ApproveArgs {
    /// The run
    #[arg(value_parser = run_id)]
    pub(crate) run: RunId,
    /// The step that asks; of a `for-each` with the item, as `STEP[ITEM]`
    #[arg(value_name = "STEP")]
    pub(crate) step: String,
    /// Say no
    #[arg(long)]
    pub(crate) deny: bool,
    #[command(flatten)]
    pub(crate) word: WordArgs,
}

/// Say what became of an attempt whose outcome nobody knows, or of an undoing that failed.
///
/// Such a run is blocked: nothing is repeated that must not be, until somebody has looked what really happened.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jackfield runs resolve 7 pay --as done --result '{\"id\": 4711}'
  jackfield runs resolve 7 'save[3]/compensate' --as retry
  jackfield runs resolve 7 pay --as failed

Exit codes: 0 resolved, 2 no such run or step, 3 refused: nothing is to be resolved there, 4 something else is to be resolved now.")]
pub(crate) struct ResolveArgs {
    /// The run
    #[arg(value_parser = run_id)]
    pub(crate) run: RunId,
    /// The step that is blocked; of a `for-each` with the item, as `STEP[ITEM]`
    #[arg(value_name = "STEP")]
    pub(crate) step: String,
    /// What it is: done, with the result; failed; or to be tried again
    #[arg(long = "as", value_name = "HOW")]
    pub(crate) how: HowArg,
    /// The result, as JSON, when it is done; `@FILE` reads it from a file, `@-` from standard input
    #[arg(long, value_name = "JSON")]
    pub(crate) result: Option<String>,
}

/// What an attempt of unknown outcome is held for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HowArg {
    /// It happened
    Done,
    /// It did not happen, and does not
    Failed,
    /// It did not happen, and is tried again
    Retry,
}
