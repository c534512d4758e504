//! `jackfield plugin pull PACKAGE:REQUIREMENT`.

use std::path::Path;

use jackfield_registry::{PackageError, Reference};
use serde::Serialize;

use crate::args::PluginPullArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::output::{Format, escape};
use crate::packages;

/// What was downloaded, for programs.
#[derive(Debug, Serialize)]
struct PullReport {
    package: String,
    version: Option<String>,
    component: String,
    bytes: u64,
}

/// Downloads the newest version that will do.
pub(crate) fn run(home: &Home, args: &PluginPullArgs) -> Result<Exit, CliError> {
    let reference = Reference::parse(&args.package).map_err(PackageError::from)?;
    let packages = packages::open(&home.settings)?;
    let here = Path::new(".");
    let release = packages.find(&reference, here)?;
    let bytes = packages.bytes(&reference.source, here, &release)?;
    if let Some(out) = &args.out {
        jackfield_registry::write_whole(out, &bytes).map_err(|error| CliError::file(out, error))?;
    }
    let report = PullReport {
        package: reference.source.to_string(),
        version: release.version.as_ref().map(ToString::to_string),
        component: release.component.to_string(),
        bytes: release.size,
    };
    match home.output.format() {
        Format::Json => home.output.json(&report)?,
        Format::Text => home.output.data(&report.component)?,
    }
    let version = report.version.unwrap_or_else(|| "without a version".to_owned());
    home.output.say(&escape::line(&format!("{} {version}", report.package)));
    Ok(Exit::Done)
}
