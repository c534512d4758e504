//! The main example, from a fresh clone to its result.

use std::process::Command;

use crate::plugins;
use crate::report::{Failure, Report};
use crate::repository::Repository;

const WORKFLOW: &str = "plugins/examples/weather/workflow.yaml";

pub(crate) fn run(repository: &Repository, report: &mut Report) -> Result<(), Failure> {
    plugins::build_standard(repository, report)?;
    // The whole workspace with examples, because cargo then chooses the same features as for the tests, and `cargo xtask test`
    // need not build them again.
    report.run("building jackfield", &mut repository.cargo(&["build", "--workspace", "--bins", "--examples"]))?;
    let mut jackfield = Command::new(repository.target.join("debug/jackfield"));
    jackfield.current_dir(&repository.root).args(["run", WORKFLOW]);
    report.run("running the main example", &mut jackfield)?;
    report.say("xtask: look at plugins/examples/weather/out; the command is at hand after");
    report.say(format_args!("       export PATH=\"{}:$PATH\"", repository.target.join("debug").display()));
    Ok(())
}
