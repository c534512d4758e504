//! Words of `grants`.

use clap::{Args, Subcommand};
use jackfield_flow::run::RunId;

use super::run::run_id;

/// What to do about grants.
#[derive(Debug, Subcommand)]
pub(crate) enum GrantsCommand {
    /// Show the smallest grants that a run would have needed
    Suggest(SuggestArgs),
}

/// Show what the steps of a run used of their grants, and the smallest grants that would have been enough.
///
/// Every run is recorded: its requests, hosts of secrets, configuration values, directories and memory, over all attempts and
/// items. What a path through the workflow that the run did not take would need is not seen, and neither are attempts that were
/// cut off. Sub-workflows are runs of their own.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jackfield grants suggest 7
  jackfield grants suggest 7 --json | jq '.steps[] | select(.less) | .suggested'")]
pub(crate) struct SuggestArgs {
    /// The run
    #[arg(value_parser = run_id)]
    pub(crate) run: RunId,
}
