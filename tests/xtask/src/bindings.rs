//! The SDK's bindings. They are written by a test of the SDK, so that this program need not be built with the generator.

use std::process::Command;

use crate::report::{Failure, Report};
use crate::repository::Repository;

pub(crate) fn write(repository: &Repository, report: &mut Report) -> Result<(), Failure> {
    report.run("writing sdk/rust/src/bindings.rs", test(repository).env("JACKFIELD_BINDINGS", "write"))
}

pub(crate) fn check(repository: &Repository, report: &mut Report) -> Result<(), Failure> {
    report.run("comparing sdk/rust/src/bindings.rs with wit/", test(repository).env_remove("JACKFIELD_BINDINGS"))
}

fn test(repository: &Repository) -> Command {
    repository.cargo(&["test", "--quiet", "--package", "jackfield-sdk", "--test", "bindings"])
}
