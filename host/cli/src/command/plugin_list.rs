//! `jackfield plugin list PACKAGE`.

use std::path::Path;

use jackfield_registry::{PackageError, Source};
use serde::Serialize;

use crate::args::PluginListArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::output::Format;
use crate::packages;

/// A version, for programs.
#[derive(Debug, Serialize)]
struct VersionReport {
    version: String,
    yanked: bool,
}

/// Shows the versions of a package, newest first.
pub(crate) fn run(home: &Home, args: &PluginListArgs) -> Result<Exit, CliError> {
    let source: Source = args.package.parse().map_err(PackageError::from)?;
    let versions = packages::open(&home.settings)?.versions(&source, Path::new("."))?;
    let report: Vec<VersionReport> =
        versions.iter().map(|offered| VersionReport { version: offered.version.to_string(), yanked: offered.yanked }).collect();
    match home.output.format() {
        Format::Json => home.output.json(&report)?,
        Format::Text => report.iter().try_for_each(|one| {
            let mark = if one.yanked { "  withdrawn" } else { "" };
            home.output.data(&format!("{}{mark}", one.version))
        })?,
    }
    Ok(Exit::Done)
}
