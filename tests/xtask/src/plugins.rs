//! Builds the components: the standard plugins, and the guests of the tests.

use std::path::PathBuf;
use std::time::Instant;

use jackfield_build::{BuildOptions, build_rust_plugin, guests_dir, plugins_dir};

use crate::report::{Failure, Report};
use crate::repository::Repository;

pub(crate) fn build(repository: &Repository, report: &mut Report) -> Result<(), Failure> {
    build_workspace(repository, "plugins", plugins_dir(&repository.target), report)?;
    if repository.has("tests/guests") {
        build_workspace(repository, "tests/guests", guests_dir(&repository.target), report)?;
    }
    Ok(())
}

/// Builds the standard plugins alone.
pub(crate) fn build_standard(repository: &Repository, report: &mut Report) -> Result<(), Failure> {
    build_workspace(repository, "plugins", plugins_dir(&repository.target), report)
}

fn build_workspace(repository: &Repository, workspace: &str, output: PathBuf, report: &mut Report) -> Result<(), Failure> {
    let start = Instant::now();
    let options = BuildOptions { target_dir: Some(repository.target.clone()), output_dir: Some(output.clone()), ..BuildOptions::default() };
    let built = build_rust_plugin(&repository.root.join(workspace), &options, &mut |step| report.step(&step))
        .map_err(|error| format!("the components of {workspace} cannot be built: {error}"))?;
    report.done(&format!("{} components in {}", built.len(), output.display()), start.elapsed());
    Ok(())
}
