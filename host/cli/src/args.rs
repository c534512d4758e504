//! What can be typed. What it means is decided elsewhere: [`crate::settings`], [`crate::operator`], [`crate::inputs`], and
//! each command for itself.

mod ask;
mod carry;
mod change;
mod filter;
mod grants;
mod inspect;
mod operator;
mod package;
mod plugin;
mod run;
mod schedule;
mod task;
mod test;

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

pub(crate) use ask::{ApproveArgs, HowArg, ResolveArgs, SignalArgs, WordArgs};
pub(crate) use carry::{DiffArgs, ExportArgs, ImportArgs};
pub(crate) use change::{CancelArgs, LabelArgs, PruneArgs, RerunArgs, RetryArgs, WhichArgs};
pub(crate) use filter::FilterArgs;
#[cfg(test)]
pub(crate) use filter::TimeArg;
pub(crate) use grants::{GrantsCommand, SuggestArgs};
pub(crate) use inspect::{
    CheckArgs, CompletionsArgs, ExplainArgs, GraphArgs, GraphFormat, ListArgs, LogsArgs, PlanArgs, RunsCommand, ShowArgs, StateArg, WhyArgs,
};
pub(crate) use operator::{OperatorArgs, Pair};
pub(crate) use package::{
    LockArgs, PluginKeygenArgs, PluginListArgs, PluginPullArgs, PluginPushArgs, PluginSearchArgs, PluginSignArgs, PluginVerifyArgs,
    PluginYankArgs, UpdateArgs, VendorArgs,
};
pub(crate) use plugin::{
    DescribeFormat, PluginBuildArgs, PluginCheckArgs, PluginCommand, PluginDescribeArgs, PluginDiffArgs, PluginNewArgs,
};
pub(crate) use run::{ResumeArgs, RunArgs, WatchArgs};
pub(crate) use schedule::ScheduleArgs;
pub(crate) use task::{TaskCallArgs, TaskCommand};
pub(crate) use test::{SchemaArgs, TestArgs};

/// Runs workflows whose tasks are sandboxed WebAssembly components, durably.
///
/// A workflow is a YAML file of steps; each step calls a task of a plugin, and is recorded before the next one may begin.
/// A run that was interrupted, by Ctrl-C, a crash or a power cut, goes on where it was.
#[derive(Debug, Parser)]
#[command(
    name = "jackfield",
    version,
    max_term_width = 100,
    after_help = crate::exit::overview(),
    after_long_help = format!("{}\n{}", EXAMPLES, crate::exit::overview()),
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  jackfield check orders.yaml                          all problems of a workflow at once
  jackfield run orders.yaml --input region=eu          run it, and see it run
  jackfield resume 7                                   go on with run 7
  jackfield runs why 7                                 what run 7 waits for
  jackfield plugin new hello && jackfield plugin build hello
  jackfield task call csv.wasm parse --input '{\"text\": \"a,b\\n1,2\"}'

Files and environment:
  .jackfield/, --data DIR, JACKFIELD_DATA              where runs are kept
  JACKFIELD_CACHE, XDG_CACHE_HOME                      where compiled plugins are kept
  JACKFIELD_CONFIG_NAME, JACKFIELD_SECRET_NAME         configuration values and secrets that steps may be granted
  jackfield.lock                                       beside a workflow: the exact bytes of its packages
  jackfield.policy.toml, JACKFIELD_POLICY              whose packages may be used: for a project, for this machine
  DOCKER_CONFIG, ~/.docker/config.json                 names and passwords for registries, as `docker login` writes them
  JACKFIELD_INSECURE_REGISTRIES, SSL_CERT_FILE         HOST:PORT,… to ask without TLS; certificates to trust
  NO_COLOR                                             no colours
";

/// What can be said to every command.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The directory where runs are kept [default: JACKFIELD_DATA, or .jackfield in the current directory]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Print the result as JSON, and errors as JSON objects on standard error
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Use only the packages that jackfield.lock has, and add none to it [default where CI is set]
    #[arg(long, global = true)]
    pub(crate) locked: bool,
    /// Ask no registry for anything
    #[arg(long, global = true)]
    pub(crate) offline: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: When,
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a workflow to its end
    Run(RunArgs),
    /// Go on with a run
    Resume(ResumeArgs),
    /// Run workflows when their schedules say so
    Schedule(ScheduleArgs),
    /// Show all problems of a workflow
    Check(CheckArgs),
    /// Show what a workflow would do: steps, types, grants, effects
    Plan(PlanArgs),
    /// Draw a workflow or a run
    Graph(GraphArgs),
    /// Test workflows with made-up answers and a clock that skips all waits
    Test(TestArgs),
    /// Look at runs, stop and repeat them
    #[command(subcommand)]
    Runs(RunsCommand),
    /// Call tasks by hand
    #[command(subcommand)]
    Task(TaskCommand),
    /// Write, build and look at plugins
    #[command(subcommand)]
    Plugin(PluginCommand),
    /// Write the exact bytes of all packages of workflows into jackfield.lock
    Lock(LockArgs),
    /// Look for newer versions of locked packages
    Update(UpdateArgs),
    /// Copy all locked packages into the project, for where there is no network
    Vendor(VendorArgs),
    /// Find out how little steps need to be granted
    #[command(subcommand)]
    Grants(GrantsCommand),
    /// Look whether everything is in order
    #[command(after_help = "Exit code 74 when something is not. Example:\n  jackfield doctor --json")]
    Doctor,
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Explain the code of a problem, such as E012, or of a failure
    Explain(ExplainArgs),
    /// Help an editor to write workflows: a language server over standard input and output
    #[command(after_help = "\
Example (Helix, languages.toml):
  [language-server.jackfield]
  command = \"jackfield\"
  args = [\"lsp\"]

Exit codes: 0 when the editor said goodbye, 1 when it was gone without.")]
    Lsp,
    /// Print the JSON Schema of the workflow file, or of the test file
    Schema(SchemaArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example() {
        fn leaves(command: &clap::Command) -> Vec<&clap::Command> {
            if command.has_subcommands() { command.get_subcommands().flat_map(leaves).collect() } else { vec![command] }
        }
        let cli = Cli::command();
        let without: Vec<&str> = leaves(&cli)
            .into_iter()
            .filter(|command| command.get_after_help().is_none_or(|help| !help.to_string().contains("Example")))
            .map(clap::Command::get_name)
            .collect();
        assert_eq!(without, [""; 0]);
    }

    #[test]
    fn global_options_stand_anywhere() {
        let cli = Cli::try_parse_from(["jackfield", "runs", "list", "--json", "--data", "/d", "-v"]).unwrap();
        assert!(cli.global.json && cli.global.verbose == 1);
        assert!(Cli::try_parse_from(["jackfield", "-q", "-v", "doctor"]).is_err());
    }
}
