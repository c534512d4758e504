//! `jackfield plugin build [DIR]`.

use std::path::PathBuf;

use jackfield_build::{BuildOptions, Step, build_plugin};
use serde::Serialize;

use crate::args::PluginBuildArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::output::{Format, escape};

/// A component that was built, for programs.
#[derive(Debug, Serialize)]
struct Component {
    package: String,
    path: PathBuf,
}

/// Builds the component, into the plugin's directory.
pub(crate) fn run(home: &Home, args: &PluginBuildArgs) -> Result<Exit, CliError> {
    let output = &home.output;
    let options = BuildOptions { output_dir: Some(args.dir.clone()), ..BuildOptions::default() };
    let built = build_plugin(&args.dir, &options, &mut |step| match &step {
        // What a tool writes is its own talk; its last lines are in the error if it fails.
        Step::Output(_) => output.detail(&escape::line(&step.to_string())),
        Step::Note(_) | Step::Started(_) | Step::Finished { .. } => output.say(&escape::line(&step.to_string())),
    })?;
    let built: Vec<Component> = built.into_iter().map(|built| Component { package: built.package, path: built.path }).collect();
    if output.format() == Format::Json {
        output.json(&built)?;
    } else {
        built.iter().try_for_each(|built| output.data(&built.path.display().to_string()))?;
    }
    Ok(Exit::Done)
}
