//! Words of the commands that look.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use clap_complete::Shell;
use jackfield_flow::run::RunId;
use jackfield_store::RunState;

use super::run::run_id;
use super::{
    ApproveArgs, CancelArgs, DiffArgs, ExportArgs, FilterArgs, ImportArgs, LabelArgs, Pair, PruneArgs, RerunArgs, ResolveArgs, ResumeArgs,
    RetryArgs, SignalArgs,
};

/// Show all problems of a workflow: its text, its types, its plugins, its grants.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jackfield check orders.yaml
  jackfield check orders.yaml --json | jq '.[].message'

Exit codes: 0 no errors (there may be warnings), 2 errors.")]
pub(crate) struct CheckArgs {
    /// The workflow file; `-` reads it from standard input
    pub(crate) file: PathBuf,
}

/// Show what a workflow would do.
///
/// For each step: what it does, what it needs, what it may touch, and what it can do to the world: PURE (nothing), READS
/// (it reads the world) or EFFECTS (it may change it). With `--dry`: what a run with these inputs would do, as far as they tell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jackfield plan orders.yaml
  jackfield plan orders.yaml --json | jq '.steps[] | {name, effect}'
  jackfield plan orders.yaml --dry --input region=eu")]
pub(crate) struct PlanArgs {
    /// The workflow file; `-` reads it from standard input
    pub(crate) file: PathBuf,
    /// Show what a run would do, in which order and with which values; nothing is run
    #[arg(long)]
    pub(crate) dry: bool,
    /// Give an input, as for `jackfield run`
    #[arg(short, long = "input", value_name = "NAME=VALUE", value_parser = Pair::parse, requires = "dry")]
    pub(crate) inputs: Vec<Pair>,
    /// Read inputs from a JSON object
    #[arg(long, value_name = "FILE", requires = "dry")]
    pub(crate) inputs_file: Option<PathBuf>,
}

/// Draw a workflow, or a run with the states of its steps.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jackfield graph orders.yaml
  jackfield graph 7 --format svg -o run-7.svg
  jackfield graph orders.yaml --format mermaid")]
pub(crate) struct GraphArgs {
    /// A workflow file, or the number of a run
    #[arg(value_name = "FILE|RUN")]
    pub(crate) of: PathBuf,
    /// What to draw it as
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: GraphFormat,
    /// Write it to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// What to draw a graph as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// Lines and boxes of text
    Text,
    /// A Mermaid flowchart
    Mermaid,
    /// A picture
    Svg,
}

/// Print completions for a shell.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jackfield completions bash > ~/.local/share/bash-completion/completions/jackfield\n  jackfield completions fish | source"
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: Shell,
}

/// Explain the code of a problem of a workflow file, or of a failure of a run.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  jackfield explain E012\n  jackfield explain limit.time")]
pub(crate) struct ExplainArgs {
    /// The code, such as E012 or limit.time; without one, all of them are listed
    pub(crate) code: Option<String>,
}

/// What to do with runs.
#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// List runs, newest first
    List(ListArgs),
    /// Show a run: steps, times, failures, outputs
    Show(ShowArgs),
    /// Show what the tasks of a run logged
    Logs(LogsArgs),
    /// Show what a run waits for
    Why(WhyArgs),
    /// Show what is different between two runs
    Diff(DiffArgs),
    /// Stop a run, or all that are meant, for good
    Cancel(CancelArgs),
    /// Go on with a run (the same as `jackfield resume`)
    Resume(ResumeArgs),
    /// Repeat what did not end well of a run, or of all that are meant
    Retry(RetryArgs),
    /// Repeat a run, or all that are meant, from some of their steps on
    Rerun(RerunArgs),
    /// Send a signal to a run
    Signal(SignalArgs),
    /// Approve, or deny, what a step of a run asks
    Approve(ApproveArgs),
    /// Say what became of an attempt whose outcome nobody knows
    Resolve(ResolveArgs),
    /// Give a run labels, or take them away
    Label(LabelArgs),
    /// Forget runs that ended long ago
    Prune(PruneArgs),
    /// Write a run into a file that opens elsewhere
    Export(ExportArgs),
    /// Read a run from a file
    Import(ImportArgs),
}

/// List runs, newest first.
///
/// Runs that other runs started are not listed unless `--all` or `--children-of` asks for them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jackfield runs list --state failed,blocked --since 2d
  jackfield runs list --workflow daily-orders --label region=eu --limit 100 --json
  jackfield runs list --children-of 7")]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Only what is listed after this run: the next page
    #[arg(long, value_name = "RUN", value_parser = run_id)]
    pub(crate) before: Option<RunId>,
    /// How many at most
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) limit: u32,
}

/// A state to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StateArg {
    Waiting,
    Running,
    Blocked,
    Done,
    Failed,
    Cancelled,
}

impl From<StateArg> for RunState {
    fn from(state: StateArg) -> Self {
        match state {
            StateArg::Waiting => Self::Waiting,
            StateArg::Running => Self::Running,
            StateArg::Blocked => Self::Blocked,
            StateArg::Done => Self::Done,
            StateArg::Failed => Self::Failed,
            StateArg::Cancelled => Self::Cancelled,
        }
    }
}

/// Show a run.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jackfield runs show 7\n  jackfield runs show 7 --attempts --json | jq '.attempts[] | select(.failure)'\n  jackfield runs show 7 --timeline\n  jackfield runs show 7 --timeline --svg run-7.svg"
)]
pub(crate) struct ShowArgs {
    /// The run
    #[arg(value_parser = run_id)]
    pub(crate) run: RunId,
    /// Show every attempt, with what it used
    #[arg(long)]
    pub(crate) attempts: bool,
    /// Draw when each step worked and waited
    #[arg(long, conflicts_with = "attempts")]
    pub(crate) timeline: bool,
    /// Write the timeline as a picture to a file
    #[arg(long, value_name = "FILE", requires = "timeline")]
    pub(crate) svg: Option<PathBuf>,
}

/// Show what the tasks of a run logged. With --json, one object a line.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jackfield runs logs 7 --step save --item 12\n  jackfield runs logs 7 --json | jq 'select(.source == \"error\")'"
)]
pub(crate) struct LogsArgs {
    /// The run
    #[arg(value_parser = run_id)]
    pub(crate) run: RunId,
    /// Only this step
    #[arg(long, value_name = "STEP")]
    pub(crate) step: Option<String>,
    /// Only this item of the step, from 0
    #[arg(long, value_name = "INDEX", requires = "step")]
    pub(crate) item: Option<u32>,
}

/// Show what a run waits for.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  jackfield runs why 7")]
pub(crate) struct WhyArgs {
    /// The run
    #[arg(value_parser = run_id)]
    pub(crate) run: RunId,
}
