//! `jackfield lock FILE…`.

use std::collections::BTreeMap;

use jackfield_registry::{LockFile, Locked};
use jackfield_worker::Locking;

use crate::args::LockArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, small_runtime};
use crate::operator::Operator;
use crate::output::{Format, escape};
use crate::workflow::{Written, planned};

/// Locks the packages of workflows, and shows all that their lock files have.
pub(crate) fn run(home: &Home, args: &LockArgs) -> Result<Exit, CliError> {
    // Whoever says `lock` means it, wherever that is.
    let mut settings = home.settings.clone();
    settings.locking = Locking::Grow;
    let locking = Home { settings, output: home.output.clone() };
    let (plugins, runtime) = (locking.plugins(Operator::default())?, small_runtime()?);
    let mut folders = BTreeMap::new();
    for file in &args.files {
        let written = Written::read(file)?;
        planned(home, runtime.block_on(written.check(&plugins)))?;
        let lock = LockFile::read(&written.directory)?;
        folders.insert(written.directory, lock);
    }
    let all: Vec<&Locked> = folders.values().flat_map(|lock| lock.locked()).collect();
    match home.output.format() {
        Format::Json => home.output.json(&all)?,
        Format::Text => all.iter().try_for_each(|locked| {
            home.output.data(&format!("{}  {}  {}", escape::line(&locked.title()), locked.component, escape::line(&locked.source)))
        })?,
    }
    Ok(Exit::Done)
}
