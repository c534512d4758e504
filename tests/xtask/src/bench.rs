//! The benchmarks, optimized.

use crate::plugins;
use crate::report::{Failure, Report};
use crate::repository::Repository;

pub(crate) fn run(repository: &Repository, arguments: &[&str], report: &mut Report) -> Result<(), Failure> {
    plugins::build(repository, report)?;
    let mut cargo = repository.cargo(&["bench", "--package", "jackfield-tests", "--bench", "bench", "--"]);
    report.run("the benchmarks", cargo.args(arguments))
}
