//! `rustup target add wasm32-wasip2`, where there is a rustup and it answers.

use std::path::Path;
use std::time::Instant;

use super::TARGET;
use crate::command;
use crate::error::BuildError;
use crate::machine::Machine;
use crate::step::Step;

pub(super) fn add_target(machine: &Machine, dir: &Path, tell: &mut dyn FnMut(Step)) -> Result<(), BuildError> {
    if !machine.has("rustup") {
        return Err(BuildError::NoProgram { program: "rustup".to_owned(), advice: "it comes from https://rustup.rs" });
    }
    let what = format!("rustup target add {TARGET}");
    tell(Step::Started(what.clone()));
    let start = Instant::now();
    let mut rustup = machine.command("rustup");
    command::run(rustup.current_dir(dir).args(["target", "add", TARGET]), machine.rustup_limit, tell)?;
    tell(Step::Finished { what, took: start.elapsed() });
    Ok(())
}
