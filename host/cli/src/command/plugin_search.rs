//! `jackfield plugin search REGISTRY [TEXT]`.

use std::path::Path;

use crate::args::PluginSearchArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::output::{Format, escape};
use crate::packages;

/// Shows the packages whose names have a text in them.
pub(crate) fn run(home: &Home, args: &PluginSearchArgs) -> Result<Exit, CliError> {
    let found = packages::open(&home.settings)?.search(&args.registry, Path::new("."), &args.text)?;
    match home.output.format() {
        Format::Json => home.output.json(&found)?,
        Format::Text => found.iter().try_for_each(|name| home.output.data(&escape::line(name)))?,
    }
    Ok(Exit::Done)
}
