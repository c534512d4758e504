//! What each command does: one file per command.

mod approve;
mod ask;
mod cancel;
mod check;
mod completions;
mod diff;
mod doctor;
mod explain;
mod export;
mod grants_suggest;
mod graph;
mod import;
mod label;
mod list;
mod lock;
mod logs;
mod lsp;
mod plan;
mod plugin_build;
mod plugin_check;
mod plugin_describe;
mod plugin_diff;
mod plugin_keygen;
mod plugin_list;
mod plugin_new;
mod plugin_pull;
mod plugin_push;
mod plugin_search;
mod plugin_sign;
mod plugin_verify;
mod plugin_yank;
mod prune;
mod rerun;
mod resolve;
mod resume;
mod retry;
mod run;
mod schedule;
mod schema;
mod show;
mod signal;
mod task_call;
mod test;
mod timeline;
mod update;
mod vendor;
mod why;

use crate::args::{Command, GrantsCommand, PluginCommand, RunsCommand, TaskCommand};
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;

pub(crate) use list::table as runs_table;

/// Does what was asked.
pub(crate) fn run(home: &Home, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::Run(args) => run::run(home, &args),
        Command::Resume(args) | Command::Runs(RunsCommand::Resume(args)) => resume::run(home, &args),
        Command::Schedule(args) => schedule::run(home, &args),
        Command::Check(args) => check::run(home, &args),
        Command::Plan(args) => plan::run(home, &args),
        Command::Graph(args) => graph::run(home, &args),
        Command::Test(args) => test::run(home, &args),
        Command::Runs(RunsCommand::List(args)) => list::run(home, &args),
        Command::Runs(RunsCommand::Show(args)) => show::run(home, &args),
        Command::Runs(RunsCommand::Logs(args)) => logs::run(home, &args),
        Command::Runs(RunsCommand::Why(args)) => why::run(home, &args),
        Command::Runs(RunsCommand::Cancel(args)) => cancel::run(home, &args),
        Command::Runs(RunsCommand::Rerun(args)) => rerun::run(home, &args),
        Command::Runs(RunsCommand::Signal(args)) => signal::run(home, &args),
        Command::Runs(RunsCommand::Approve(args)) => approve::run(home, &args),
        Command::Runs(RunsCommand::Resolve(args)) => resolve::run(home, &args),
        Command::Runs(RunsCommand::Retry(args)) => retry::run(home, &args),
        Command::Runs(RunsCommand::Diff(args)) => diff::run(home, &args),
        Command::Runs(RunsCommand::Label(args)) => label::run(home, &args),
        Command::Runs(RunsCommand::Prune(args)) => prune::run(home, &args),
        Command::Runs(RunsCommand::Export(args)) => export::run(home, &args),
        Command::Runs(RunsCommand::Import(args)) => import::run(home, &args),
        Command::Task(TaskCommand::Call(args)) => task_call::run(home, &args),
        Command::Plugin(PluginCommand::New(args)) => plugin_new::run(home, &args),
        Command::Plugin(PluginCommand::Build(args)) => plugin_build::run(home, &args),
        Command::Plugin(PluginCommand::Describe(args)) => plugin_describe::run(home, &args),
        Command::Plugin(PluginCommand::Check(args)) => plugin_check::run(home, &args),
        Command::Plugin(PluginCommand::Diff(args)) => plugin_diff::run(home, &args),
        Command::Plugin(PluginCommand::Push(args)) => plugin_push::run(home, &args),
        Command::Plugin(PluginCommand::Pull(args)) => plugin_pull::run(home, &args),
        Command::Plugin(PluginCommand::List(args)) => plugin_list::run(home, &args),
        Command::Plugin(PluginCommand::Search(args)) => plugin_search::run(home, &args),
        Command::Plugin(PluginCommand::Yank(args)) => plugin_yank::run(home, &args),
        Command::Plugin(PluginCommand::Keygen(args)) => plugin_keygen::run(home, &args),
        Command::Plugin(PluginCommand::Sign(args)) => plugin_sign::run(home, &args),
        Command::Plugin(PluginCommand::Verify(args)) => plugin_verify::run(home, &args),
        Command::Lock(args) => lock::run(home, &args),
        Command::Update(args) => update::run(home, &args),
        Command::Vendor(args) => vendor::run(home, &args),
        Command::Grants(GrantsCommand::Suggest(args)) => grants_suggest::run(home, &args),
        Command::Doctor => doctor::run(home),
        Command::Completions(args) => completions::run(home, &args),
        Command::Lsp => lsp::run(home),
        Command::Schema(args) => schema::run(home, &args),
        Command::Explain(args) => explain::run(home, &args),
    }
}
