//! Builds the components: the standard plugins, and the guests of the tests.

use std::time::Instant;

use jackfield_build::{BuildOptions, build_rust_plugin};

use crate::report::{Failure, Report};
use crate::repository::Repository;

pub(crate) fn build(repository: &Repository, report: &mut Report) -> Result<(), Failure> {
    build_workspace(repository, "plugins", report)?;
    if repository.has("tests/guests") {
        build_workspace(repository, "tests/guests", report)?;
    }
    Ok(())
}

/// Builds the standard plugins alone.
pub(crate) fn build_standard(repository: &Repository, report: &mut Report) -> Result<(), Failure> {
    build_workspace(repository, "plugins", report)
}

/// The components come to lie in `WORKSPACE/build`, wherever the compiler works: workflows of the repository name them there.
fn build_workspace(repository: &Repository, workspace: &str, report: &mut Report) -> Result<(), Failure> {
    let start = Instant::now();
    let output = repository.root.join(workspace).join("build");
    let options = BuildOptions { target_dir: Some(repository.target.clone()), output_dir: Some(output.clone()), ..BuildOptions::default() };
    let built = build_rust_plugin(&repository.root.join(workspace), &options, &mut |step| report.step(&step))
        .map_err(|error| format!("the components of {workspace} cannot be built: {error}"))?;
    report.done(&format!("{} components in {}", built.len(), output.display()), start.elapsed());
    Ok(())
}
