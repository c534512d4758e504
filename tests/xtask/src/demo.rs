//! The main example, from a fresh clone to its result.

use std::process::Command;

use crate::plugins;
use crate::report::{Failure, Report};
use crate::repository::Repository;

const WORKFLOW: &str = "plugins/examples/weather/workflow.yaml";

pub(crate) fn run(repository: &Repository, report: &mut Report) -> Result<(), Failure> {
    plugins::build_standard(repository, report)?;
    report.run("building jackfield", &mut repository.cargo(&["build", "--package", "jackfield-cli", "--bin", "jackfield"]))?;
    let mut jackfield = Command::new(repository.target.join("debug/jackfield"));
    jackfield.current_dir(&repository.root).args(["run", WORKFLOW]);
    report.run("running the main example", &mut jackfield)
}
