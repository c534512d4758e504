//! Words of `plugin`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// What to do with plugins.
#[derive(Debug, Subcommand)]
pub(crate) enum PluginCommand {
    /// Begin a new plugin in Rust
    New(PluginNewArgs),
    /// Build a plugin's component from its source
    Build(PluginBuildArgs),
    /// Show what a plugin offers and asks for
    Describe(PluginDescribeArgs),
    /// Show what is wrong with a plugin
    Check(PluginCheckArgs),
}

/// Begin a new plugin in Rust, from a template that is a working plugin.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  jackfield plugin new hello && jackfield plugin build hello && jackfield plugin describe hello/hello.wasm"
)]
pub(crate) struct PluginNewArgs {
    /// The plugin's name: 1 to 64 characters of a-z, 0-9 and -, beginning with a letter
    pub(crate) name: String,
    /// Where to put it [default: a directory of its name]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

/// Build a plugin's component from its source.
///
/// The Wasm target is installed with `rustup` where that works, and built once otherwise.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  jackfield plugin build hello")]
pub(crate) struct PluginBuildArgs {
    /// The directory of the plugin's Cargo.toml
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
}

/// Show what a plugin offers and asks for: tasks, types, errors, effects, imports, size and digest.
///
/// A component with typed exports is read, not run: its tasks, types and docs are those of its WIT.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jackfield plugin describe csv.wasm\n  jackfield plugin describe csv.wasm --json | jq '.tasks[].name'\n  jackfield plugin describe csv.wasm --format markdown > csv.md"
)]
pub(crate) struct PluginDescribeArgs {
    /// The component
    pub(crate) file: PathBuf,
    /// What to write it as [default: text, or json with --json]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<DescribeFormat>,
}

/// What to write a plugin's description as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DescribeFormat {
    /// For people
    Text,
    /// For programs: all there is
    Json,
    /// The types alone, as one JSON Schema with a definition for each input and output
    JsonSchema,
    /// A page of documentation
    Markdown,
}

/// Show what is wrong with a plugin.
///
/// Is it a component of the right world; are its schemas well-formed; does it ask for what it imports; and do the examples
/// of tasks that call themselves pure run, twice with the same result.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  jackfield plugin check csv.wasm\n\nExit codes: 0 nothing is wrong, 2 something is.")]
pub(crate) struct PluginCheckArgs {
    /// The component
    pub(crate) file: PathBuf,
}
