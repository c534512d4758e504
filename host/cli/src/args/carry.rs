//! Words of the commands that compare runs and carry them from place to place.

use std::path::PathBuf;

use clap::Args;
use jackfield_flow::run::RunId;

use super::run::run_id;

/// Show what is different between two runs: plan, plugins, inputs, steps, results, outputs.
///
/// Times are shown and make no difference.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jackfield runs diff 7 9
  jackfield runs diff 7 9 --json | jq '.steps[].results'

Exit codes: 0 no difference, 1 there are some.")]
pub(crate) struct DiffArgs {
    /// One run
    #[arg(value_name = "A", value_parser = run_id)]
    pub(crate) left: RunId,
    /// The other one
    #[arg(value_name = "B", value_parser = run_id)]
    pub(crate) right: RunId,
}

/// Write a run into a file that opens elsewhere: its plan, its history, payloads, logs, savepoints and labels.
///
/// The file names its plugins and does not have them in it. It carries its own checksum.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jackfield runs export 7 -o run-7.jackfield\n  jackfield runs export 7 | ssh there jackfield runs import -"
)]
pub(crate) struct ExportArgs {
    /// The run
    #[arg(value_parser = run_id)]
    pub(crate) run: RunId,
    /// Write it to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Read a run from a file that `runs export` wrote. It gets a new number; a run is imported once.
///
/// The data directory must not be in use by an engine.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  jackfield runs import run-7.jackfield\n  jackfield --data elsewhere runs import run-7.jackfield")]
pub(crate) struct ImportArgs {
    /// The file; `-` is standard input
    pub(crate) file: PathBuf,
}
