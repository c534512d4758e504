//! Words of `test` and `schema`.

use std::path::PathBuf;

use clap::Args;

/// Test workflows without the world: made-up answers in place of tasks, and a clock that skips all waits.
///
/// A test file lies beside its workflow: `orders.test.yaml` beside `orders.yaml`. The state machine that runs for real
/// decides what happens; no task is called, no request sent, no file written.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jackfield test                              all test files below the current directory
  jackfield test orders.yaml --filter undone
  jackfield test --json | jq '.files[].tests[] | select(.passed | not)'

Exit codes: 0 all passed, 1 some failed, 2 a file is wrong, or there is no test.")]
pub(crate) struct TestArgs {
    /// Test files, workflows with a test file beside them, or directories to look in [default: the current directory]
    #[arg(value_name = "FILE|DIR")]
    pub(crate) files: Vec<PathBuf>,
    /// Only tests with this text in their name
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
}

/// Print the JSON Schema of the workflow file, or of the test file.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  jackfield schema > workflow.schema.json\n  jackfield schema --tests > test.schema.json")]
pub(crate) struct SchemaArgs {
    /// That of the test file
    #[arg(long)]
    pub(crate) tests: bool,
}
