//! Words of `plugin`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jackfield_build::Language;

use super::{
    PluginKeygenArgs, PluginListArgs, PluginPullArgs, PluginPushArgs, PluginSearchArgs, PluginSignArgs, PluginVerifyArgs, PluginYankArgs,
};

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
    /// Show what another version of a plugin changes, and for whom
    Diff(PluginDiffArgs),
    /// Publish a component as a version of a package
    Push(PluginPushArgs),
    /// Download a plugin
    Pull(PluginPullArgs),
    /// List the versions of a package
    List(PluginListArgs),
    /// Find packages of a registry
    Search(PluginSearchArgs),
    /// Withdraw a version
    Yank(PluginYankArgs),
    /// Make a pair of keys to sign with
    Keygen(PluginKeygenArgs),
    /// Sign a version of a package
    Sign(PluginSignArgs),
    /// Show which keys signed a version
    Verify(PluginVerifyArgs),
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

/// Show what another version of a plugin changes: types, errors, effects, what it newly asks for; and which workflows that touches.
///
/// `+` is additive: what was right stays right. `?` asks for more, which somebody has to allow. `!` is breaking: what was right may be
/// wrong now. Workflows that use the old version are found below the current directory and checked with the new one.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  jackfield plugin diff csv-1.wasm csv-2.wasm\n  jackfield plugin diff old.wasm new.wasm --workflow shop.yaml --json\n\n\
    Exit codes: 0 nobody has to decide anything, 4 it asks for more or breaks something."
)]
pub(crate) struct PluginDiffArgs {
    /// The component in use
    pub(crate) old: PathBuf,
    /// The component that would take its place
    pub(crate) new: PathBuf,
    /// A workflow to check with it; may be given more than once [default: all below the current directory]
    #[arg(long, value_name = "FILE")]
    pub(crate) workflow: Vec<PathBuf>,
}
