//! Words of `task`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::OperatorArgs;

/// What to do with tasks.
#[derive(Debug, Subcommand)]
pub(crate) enum TaskCommand {
    /// Call one task of a plugin, without a workflow
    Call(TaskCallArgs),
}

/// Call one task of a plugin by hand: nothing is recorded.
///
/// The output goes to standard output as JSON, log lines to standard error. The task may touch what the options below
/// grant, and nothing else; relative directories start in the current directory.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jackfield task call csv.wasm parse --input '{\"text\": \"a,b\\n1,2\"}'
  jackfield task call hello.wasm greet --input name=Ada
  jackfield task call http.wasm request --input @request.json --http 'GET https://api.example/*' --verbose
  jackfield task call parse.wasm rows --wave --input '{text: \"a,b\", max-rows: some(3)}'
  echo '{\"path\": \"data\"}' | jackfield task call files.wasm list --input - --files 'read ./data as data'

Exit codes: 0 done, 1 the task failed, 2 bad plugin or input.")]
pub(crate) struct TaskCallArgs {
    /// The plugin's component
    #[arg(value_name = "PLUGIN.wasm")]
    pub(crate) plugin: PathBuf,
    /// The task's name
    pub(crate) task: String,
    /// The input: a JSON object, `@FILE` with one, or `-` for standard input; or NAME=VALUE for each field, as for `run`
    #[arg(short, long = "input", value_name = "JSON|NAME=VALUE")]
    pub(crate) inputs: Vec<String>,
    /// Read --input as WAVE, the text format of the component model: '{text: "a,b", max-rows: some(3)}', or NAME=VALUE
    #[arg(long)]
    pub(crate) wave: bool,
    /// Grant HTTP requests, as in a workflow: 'GET https://host/path/*'
    #[arg(long, value_name = "RULE", help_heading = "Grants")]
    pub(crate) http: Vec<String>,
    /// Grant a directory, as in a workflow: 'read DIR' or 'write DIR as NAME'
    #[arg(long, value_name = "RULE", help_heading = "Grants")]
    pub(crate) files: Vec<String>,
    /// Grant a configuration value
    #[arg(long, value_name = "NAME", help_heading = "Grants")]
    pub(crate) config_name: Vec<String>,
    /// Grant a secret, to all hosts that --http names
    #[arg(long, value_name = "NAME", help_heading = "Grants")]
    pub(crate) secret: Vec<String>,
    /// Grant an empty directory at /scratch, removed afterwards
    #[arg(long, help_heading = "Grants")]
    pub(crate) scratch: bool,
    /// Grant more memory, in MiB
    #[arg(long, value_name = "MIB", help_heading = "Grants", value_parser = clap::value_parser!(u64).range(1..=65_536))]
    pub(crate) memory: Option<u64>,
    /// How long it may take, such as 500ms or 2m
    #[arg(long, value_name = "TIME", default_value = "30s")]
    pub(crate) timeout: String,
    #[command(flatten)]
    pub(crate) operator: OperatorArgs,
}
