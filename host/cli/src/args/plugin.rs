//! Words of `plugin`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jackfield_build::Language;

/// What to do with plugins.
#[derive(Debug, Subcommand)]
pub(crate) enum PluginCommand {
    /// Begin a new plugin
    New(PluginNewArgs),
    /// Build a plugin's component from its source
    Build(PluginBuildArgs),
    /// Show what a plugin offers and asks for
    Describe(PluginDescribeArgs),
    /// Show what is wrong with a plugin
    Check(PluginCheckArgs),
}

/// Begin a new plugin, from a template that is a working plugin with a test.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  jackfield plugin new hello && jackfield plugin build hello && jackfield plugin describe hello/hello.wasm"
)]
pub(crate) struct PluginNewArgs {
    /// The plugin's name: 1 to 64 characters of a-z, 0-9 and -, beginning with a letter
    pub(crate) name: String,
    /// The language: rust, python, javascript, typescript, c, cpp
    #[arg(long, value_name = "LANGUAGE", default_value = "rust")]
    pub(crate) lang: Language,
    /// Where to put it [default: a directory of its name]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

/// Build a plugin's component from its source.
///
/// The language is told by the files of the directory. What a build needs besides a compiler is fetched once: for Rust the
/// Wasm target, for other languages a tool from their registry, in a version that this program fixes.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  jackfield plugin build hello")]
pub(crate) struct PluginBuildArgs {
    /// The plugin's directory
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
}

/// Show what a plugin offers and asks for: tasks, types, errors, effects.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  jackfield plugin describe csv.wasm\n  jackfield plugin describe csv.wasm --json | jq '.tasks[].name'")]
pub(crate) struct PluginDescribeArgs {
    /// The component
    pub(crate) file: PathBuf,
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
