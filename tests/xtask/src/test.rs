//! All tests, with everything that they need built first.

use crate::plugins;
use crate::report::{Failure, Report};
use crate::repository::Repository;

pub(crate) fn run(repository: &Repository, filters: &[&str], report: &mut Report) -> Result<(), Failure> {
    plugins::build(repository, report)?;
    if std::env::var_os("CI").is_some_and(|value| value == "true") {
        check_style(repository, report)?;
    }
    // One after the other to the end: a person wants to see all that is broken, not the first of it.
    let mut failures = Vec::new();
    let mut arguments = vec!["test", "--workspace", "--no-fail-fast", "--"];
    arguments.extend(filters);
    failures.extend(report.run("the tests of the workspace", &mut repository.cargo(&arguments)).err());
    let mut plugins = repository.cargo_in("plugins", &["test", "--workspace", "--no-fail-fast"]);
    plugins.arg("--").args(filters);
    failures.extend(report.run("the tests of the plugins", &mut plugins).err());
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\nxtask: ")) }
}

fn check_style(repository: &Repository, report: &mut Report) -> Result<(), Failure> {
    report.run("rustfmt", &mut repository.cargo(&["fmt", "--all", "--check"]))?;
    let clippy = ["clippy", "--workspace", "--all-targets"];
    report.run("clippy", repository.cargo(&clippy).args(["--", "--deny", "warnings"]))?;
    for workspace in ["plugins", "tests/guests"].into_iter().filter(|workspace| repository.has(workspace)) {
        report.run(&format!("rustfmt of {workspace}"), repository.cargo_in(workspace, &["fmt", "--all"]).arg("--check"))?;
        report.run(&format!("clippy of {workspace}"), repository.cargo_in(workspace, &clippy).args(["--", "--deny", "warnings"]))?;
    }
    Ok(())
}
