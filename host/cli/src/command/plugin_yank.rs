//! `jackfield plugin yank PACKAGE:VERSION`.

use std::path::Path;

use crate::args::PluginYankArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::packages;

/// Withdraws a version.
pub(crate) fn run(home: &Home, args: &PluginYankArgs) -> Result<Exit, CliError> {
    let (source, version) = packages::exactly(&args.package)?;
    packages::open(&home.settings)?.yank(&source, Path::new("."), &version)?;
    home.output.say(&format!("{source} {version} is withdrawn: who has it locked keeps it"));
    Ok(Exit::Done)
}
