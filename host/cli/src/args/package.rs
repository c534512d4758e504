//! Words of the commands about packages.

use std::path::PathBuf;

use clap::Args;

/// Publish a component as a version of a package.
///
/// A published version never changes: the same bytes once more are nothing new, others are refused. Who one is to a registry
/// comes from docker's config.json, which `docker login` writes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jackfield plugin push csv.wasm oci://registry.example/acme/csv:1.2.0
  jackfield plugin push csv.wasm file:/srv/plugins/acme/csv:1.2.0    a folder, which a web server may serve

Exit codes: 0 it is there, 2 it is no plugin, 3 refused, 74 the registry cannot be reached.")]
pub(crate) struct PluginPushArgs {
    /// The component
    pub(crate) file: PathBuf,
    /// The package with the new version
    #[arg(value_name = "PACKAGE:VERSION")]
    pub(crate) package: String,
}

/// Download a plugin, checked against its digest.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  jackfield plugin pull oci://registry.example/acme/csv:^1.2 -o csv.wasm")]
pub(crate) struct PluginPullArgs {
    /// The package with the versions that will do
    #[arg(value_name = "PACKAGE:REQUIREMENT")]
    pub(crate) package: String,
    /// Where to write it; without it, it is only kept for later
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// List the versions of a package, newest first.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  jackfield plugin list oci://registry.example/acme/csv")]
pub(crate) struct PluginListArgs {
    /// The package
    pub(crate) package: String,
}

/// Find packages of a registry by a part of their names.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  jackfield plugin search oci://registry.example csv\n  jackfield plugin search file:/srv/plugins")]
pub(crate) struct PluginSearchArgs {
    /// The registry: `oci://HOST` or `file:FOLDER`
    pub(crate) registry: String,
    /// What the name has in it
    #[arg(default_value = "")]
    pub(crate) text: String,
}

/// Withdraw a version: who has it locked keeps it, and nobody new gets it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  jackfield plugin yank oci://registry.example/acme/csv:1.2.0")]
pub(crate) struct PluginYankArgs {
    /// The package with the version
    #[arg(value_name = "PACKAGE:VERSION")]
    pub(crate) package: String,
}

/// Write the exact bytes of all packages of workflows into `jackfield.lock`, beside them.
///
/// What is locked already stays as it is; `jackfield update` looks for newer versions.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  jackfield lock orders.yaml && git add jackfield.lock\n\nExit codes: 0 locked, 2 a workflow has errors."
)]
pub(crate) struct LockArgs {
    /// The workflow files
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
}

/// Look for newer versions of locked packages that still match what workflows want.
///
/// All of them are locked anew, or none: one that went backwards, or has other bytes under the same version, or asks for more than
/// before, changes nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jackfield update
  jackfield update csv --approve

Exit codes: 0 done, 3 refused, 4 a new version asks for more and has to be approved.")]
pub(crate) struct UpdateArgs {
    /// Only these, by name: `acme/csv`, or `csv`
    pub(crate) names: Vec<String>,
    /// The folder of the lock file
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) dir: PathBuf,
    /// Say yes to what new versions ask for and old ones did not
    #[arg(long)]
    pub(crate) approve: bool,
    /// Take an older version when the registry has none that is newer
    #[arg(long)]
    pub(crate) allow_downgrade: bool,
}

/// Copy all locked packages into `jackfield.vendor`, beside the lock file, for where there is no network.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  jackfield vendor && jackfield check orders.yaml --locked --offline")]
pub(crate) struct VendorArgs {
    /// The folder of the lock file
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
}

/// Make a pair of Ed25519 keys: one to sign with, which nobody else may have, and one that everybody may know.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  jackfield plugin keygen acme    writes acme.key and acme.pub")]
pub(crate) struct PluginKeygenArgs {
    /// What the files begin with
    pub(crate) name: PathBuf,
}

/// Sign a version of a package, so that others can demand it in a policy.
///
/// The signature is kept beside the package, in the form and place of cosign's key signatures.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  jackfield plugin sign oci://registry.example/acme/csv:1.2.0 --key acme.key")]
pub(crate) struct PluginSignArgs {
    /// The package with the version
    #[arg(value_name = "PACKAGE:VERSION")]
    pub(crate) package: String,
    /// The key, as `jackfield plugin keygen` or `openssl genpkey -algorithm ed25519` writes it
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
}

/// Show which of some keys signed a version.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  jackfield plugin verify oci://registry.example/acme/csv:1.2.0 --key acme.pub

Exit codes: 0 one of them did, 3 none of them.")]
pub(crate) struct PluginVerifyArgs {
    /// The package with the version
    #[arg(value_name = "PACKAGE:VERSION")]
    pub(crate) package: String,
    /// A public key: Ed25519, or ECDSA on P-256 as cosign makes them
    #[arg(long = "key", value_name = "FILE", required = true)]
    pub(crate) keys: Vec<PathBuf>,
}
