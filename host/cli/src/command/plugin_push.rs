//! `jackfield plugin push FILE PACKAGE:VERSION`.

use std::path::Path;

use jackfield_registry::{About, Registry};
use jackfield_worker::{Clock as _, SystemClock};
use serde::Serialize;

use crate::args::PluginPushArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, engine_runtime};
use crate::operator::Operator;
use crate::output::Format;
use crate::output::time::rfc3339;
use crate::packages;

/// What was published, for programs.
#[derive(Debug, Serialize)]
struct PushReport {
    package: String,
    version: String,
    component: String,
    manifest: String,
    bytes: u64,
    /// Whether the same bytes had been there before.
    known: bool,
}

/// Publishes a component, once it is known to be a plugin.
pub(crate) fn run(home: &Home, args: &PluginPushArgs) -> Result<Exit, CliError> {
    let (source, version) = packages::exactly(&args.package)?;
    let packages = packages::open(&home.settings)?;
    let imports = engine_runtime()?.block_on(async {
        let plugins = home.plugins(Operator::default())?;
        let installed = plugins.install(&args.file).await?;
        let plugin = plugins.load(installed.info.digest).await?;
        Ok::<_, CliError>(plugin.imports().to_vec())
    })?;
    let bytes = Registry::read_file(&args.file).map_err(jackfield_registry::PackageError::from)?;
    let created = rfc3339(SystemClock.now()).unwrap_or_default();
    let about = About { version, created, exports: vec![TASKS.to_owned()], imports };
    let pushed = packages.push(&source, Path::new("."), &bytes, &about)?;
    let report = PushReport {
        package: source.to_string(),
        version: about.version.to_string(),
        component: pushed.release.component.to_string(),
        manifest: pushed.release.manifest.to_string(),
        bytes: pushed.release.size,
        known: pushed.known,
    };
    match home.output.format() {
        Format::Json => home.output.json(&report)?,
        Format::Text => home.output.data(&report.component)?,
    }
    let what = if pushed.known { "was there already" } else { "is published" };
    home.output.say(&format!("{} {} {what}", report.package, report.version));
    Ok(Exit::Done)
}

/// What every plugin exports.
const TASKS: &str = "jackfield:task/tasks@0.1.0";
