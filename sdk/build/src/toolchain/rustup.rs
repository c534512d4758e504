//! `rustup target add wasm32-wasip2`, where there is a rustup and it answers.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::TARGET;
use crate::command;
use crate::error::BuildError;
use crate::step::Step;

/// The target is 20 MB; where its server cannot be reached, waiting longer does not help.
const LIMIT: Duration = Duration::from_secs(60);

pub(super) fn add_target(dir: &Path, tell: &mut dyn FnMut(Step)) -> Result<(), BuildError> {
    let what = format!("rustup target add {TARGET}");
    let start = Instant::now();
    let mut rustup = Command::new("rustup");
    rustup.current_dir(dir);
    command::ask(rustup.arg("--version"))?;
    tell(Step::Started(what.clone()));
    command::run(Command::new("rustup").current_dir(dir).args(["target", "add", TARGET]), LIMIT, tell)?;
    tell(Step::Finished { what, took: start.elapsed() });
    Ok(())
}
