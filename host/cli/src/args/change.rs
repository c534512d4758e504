//! Words of the commands that change runs: cancel, retry, rerun, label, prune.

use std::path::PathBuf;

use clap::Args;
use jackfield_flow::run::RunId;

use super::filter::span_ms;
use super::run::run_id;
use super::{FilterArgs, OperatorArgs, Pair, WatchArgs};

/// One run by its number, or all that are meant.
#[derive(Debug, Args)]
pub(crate) struct WhichArgs {
    /// The run; without one, all to which the filters apply
    #[arg(value_parser = run_id, required_unless_present = "FilterArgs", conflicts_with = "FilterArgs")]
    pub(crate) run: Option<RunId>,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Do not ask before many runs are changed
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// Stop a run for good, or all that are meant: what runs is interrupted, nothing new starts. It cannot be resumed.
///
/// When another process runs it, that process is asked. Of many runs those are meant that have not ended.
#[derive(Debug, Args)]
#[command(
    override_usage = "jackfield runs cancel [OPTIONS] <RUN>\n       jackfield runs cancel [OPTIONS] <FILTERS>",
    after_help = "\
Examples:
  jackfield runs cancel 7 --reason 'wrong region'
  jackfield runs cancel --workflow daily-orders --since 1h
  jackfield runs cancel --state blocked --label region=eu --yes

Exit codes of many: 0 all were cancelled, 1 some were not."
)]
pub(crate) struct CancelArgs {
    #[command(flatten)]
    pub(crate) which: WhichArgs,
    /// Who or why, for people
    #[arg(long, value_name = "TEXT", default_value = "cancelled from the command line")]
    pub(crate) reason: String,
}

/// Repeat what did not end well of a run, as a new run; or of all runs that are meant.
///
/// The new run has the same plan and the same inputs, and takes over the result of every step that is done. Of many runs those
/// are meant that failed, unless `--state` says otherwise; also those that were repeated before.
#[derive(Debug, Args)]
#[command(
    override_usage = "jackfield runs retry [OPTIONS] <RUN>\n       jackfield runs retry [OPTIONS] <FILTERS>",
    after_help = "\
Examples:
  jackfield runs retry 7
  jackfield runs retry --workflow daily-orders --since 1d
  jackfield runs retry --state failed,cancelled --label region=eu --yes

Exit codes of many: 0 all are done, 1 some are not, 5 interrupted."
)]
pub(crate) struct RetryArgs {
    #[command(flatten)]
    pub(crate) which: WhichArgs,
    #[command(flatten)]
    pub(crate) watch: WatchArgs,
    #[command(flatten)]
    pub(crate) operator: OperatorArgs,
}

/// Repeat a run, or a part of it, as a new run; or all runs that are meant.
///
/// The new run has the same plan, and takes over every result that does not depend on what is done again. With other inputs,
/// whatever reads them is done again, and all that needs it. Of many runs those are meant that have ended, unless `--state` says
/// otherwise.
#[derive(Debug, Args)]
#[command(
    override_usage = "jackfield runs rerun [OPTIONS] <RUN>\n       jackfield runs rerun [OPTIONS] <FILTERS>",
    after_help = "\
Examples:
  jackfield runs rerun 7 --from fetch --from save
  jackfield runs rerun 7 --from save --item 3 --item 17
  jackfield runs rerun 7 --failed
  jackfield runs rerun 7 --input region=us
  jackfield runs rerun --workflow daily-orders --state failed --from fetch --yes

Exit codes of many: 0 all are done, 1 some are not, 5 interrupted."
)]
pub(crate) struct RerunArgs {
    #[command(flatten)]
    pub(crate) which: WhichArgs,
    /// A step that runs again, and with it all that need it
    #[arg(long, value_name = "STEP", required_unless_present_any = ["failed", "inputs", "inputs_file"])]
    pub(crate) from: Vec<String>,
    /// An item of that step, from 0: of its items only these run again, and those that were not done
    #[arg(long = "item", value_name = "INDEX", requires = "from", conflicts_with_all = ["inputs", "inputs_file"])]
    pub(crate) items: Vec<u32>,
    /// Do again whatever was not done: steps, and items of steps
    #[arg(long, conflicts_with = "from")]
    pub(crate) failed: bool,
    /// Give an input another value; the others stay as they were
    #[arg(short, long = "input", value_name = "NAME=VALUE", value_parser = Pair::parse)]
    pub(crate) inputs: Vec<Pair>,
    /// Read inputs that are to be other ones from a JSON object; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) inputs_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) watch: WatchArgs,
    #[command(flatten)]
    pub(crate) operator: OperatorArgs,
}

/// Give a run labels, or take them away; without any, show them.
///
/// A key is made of a-z, 0-9 and -._/, and a run has at most 32 labels. A run that has ended can be labelled as well.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jackfield runs label 7 team=sales ticket=4711
  jackfield runs label 7 --remove ticket
  jackfield runs label 7")]
pub(crate) struct LabelArgs {
    /// The run
    #[arg(value_parser = run_id)]
    pub(crate) run: RunId,
    /// Labels that it gets; one with the same key is replaced
    #[arg(value_name = "KEY=VALUE", value_parser = Pair::parse)]
    pub(crate) set: Vec<Pair>,
    /// A label that it loses
    #[arg(long, value_name = "KEY")]
    pub(crate) remove: Vec<String>,
}

/// Forget runs that ended long ago, with all that they started, and give their space back.
///
/// With both `--older-than` and `--expired`, a run goes when either says so. It works in small bites while an engine runs, and
/// Ctrl-C stops it between two of them.
#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("when").required(true).multiple(true).args(["older_than", "expired"]),
    after_help = "\
Examples:
  jackfield runs prune --older-than 30d
  jackfield runs prune --expired --workflow daily-orders --yes
  jackfield runs prune --older-than 90d --dry-run --json

Exit codes: 0 done, 3 not confirmed, 5 stopped by Ctrl-C; what is forgotten stays forgotten."
)]
pub(crate) struct PruneArgs {
    /// Runs that ended longer ago than this, also when they want to be kept for longer
    #[arg(long, value_name = "SPAN", value_parser = span_ms)]
    pub(crate) older_than: Option<u64>,
    /// Runs whose own time to be kept is over
    #[arg(long)]
    pub(crate) expired: bool,
    /// Only runs of this workflow
    #[arg(long, value_name = "NAME")]
    pub(crate) workflow: Option<String>,
    /// Say what would go, and stop there
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}
