//! Words of `run` and `resume`.

use std::path::PathBuf;

use clap::Args;
use jackfield_flow::run::RunId;

use super::{OperatorArgs, Pair};

/// A run by its number.
pub(super) fn run_id(text: &str) -> Result<RunId, String> {
    text.parse().map(RunId).map_err(|_| "a run is a number, as `jackfield runs list` shows it".to_owned())
}

/// Run a workflow to its end.
///
/// The file is checked, the run is recorded, and every step is recorded before the next one may begin. Ctrl-C stops in
/// good order; `jackfield resume` goes on. The outputs go to standard output, progress to standard error.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jackfield run orders.yaml --input region=eu --input 'limits={\"rows\": 10}'
  jackfield run orders.yaml --input text=@letter.txt --inputs-file rest.json
  jackfield run poll.yaml --allow-network 127.0.0.0/8 --watch
  jackfield run orders.yaml --key nightly-2026-03-01     the second time it is the same run
  jackfield run orders.yaml --label team=sales           `runs list --label team=sales` finds it
  jackfield run orders.yaml --priority 50                before others, also after a restart
  jackfield run orders.yaml --json --quiet | jq .outputs

Exit codes: 0 done, 1 failed, 2 bad file or input, 3 refused, 4 blocked, 5 interrupted, 74 storage.")]
pub(crate) struct RunArgs {
    /// The workflow file; `-` reads it from standard input
    pub(crate) file: PathBuf,
    /// Give an input: text as it is for texts, JSON for everything else, `@FILE` reads it from a file (`@@` is an `@`)
    #[arg(short, long = "input", value_name = "NAME=VALUE", value_parser = Pair::parse)]
    pub(crate) inputs: Vec<Pair>,
    /// Read inputs from a JSON object; `-` is standard input. Those of `--input` go first
    #[arg(long, value_name = "FILE")]
    pub(crate) inputs_file: Option<PathBuf>,
    /// A name under which starting happens once: with the same inputs it is the same run
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Give the run a label, to find it by
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = Pair::parse)]
    pub(crate) labels: Vec<Pair>,
    /// Which run gets a free slot or lock first, -100 to 100, instead of what the workflow says
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(i32).range(-100..=100))]
    pub(crate) priority: Option<i32>,
    #[command(flatten)]
    pub(crate) watch: WatchArgs,
    #[command(flatten)]
    pub(crate) operator: OperatorArgs,
}

/// How closely to watch.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct WatchArgs {
    /// Show the log lines of tasks as well
    #[arg(short, long, conflicts_with = "quiet")]
    pub(crate) watch: bool,
}

/// Go on with a run that was interrupted, or that was blocked and may go on now.
///
/// What is recorded does not run again. A blocked run is unblocked by this: to ask for it is the decision it waits for.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  jackfield resume 7 --watch")]
pub(crate) struct ResumeArgs {
    /// The run
    #[arg(value_parser = run_id)]
    pub(crate) run: RunId,
    #[command(flatten)]
    pub(crate) watch: WatchArgs,
    #[command(flatten)]
    pub(crate) operator: OperatorArgs,
}
