//! `jackfield update [NAME…]`.

use std::path::Path;

use jackfield_registry::{LockFile, Locked};
use jackfield_worker::Plugins;
use serde::Serialize;

use crate::args::UpdateArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, small_runtime};
use crate::operator::Operator;
use crate::output::{Format, escape};
use crate::packages;

/// What became of a locked package, for programs.
#[derive(Debug, Serialize)]
struct Change {
    name: String,
    from: String,
    to: String,
    /// What the new version asks for and the old one did not.
    asks_newly: Vec<String>,
}

/// Locks newer versions: all that there are, or none.
pub(crate) fn run(home: &Home, args: &UpdateArgs) -> Result<Exit, CliError> {
    let mut lock = packages::lock_of(&args.dir)?;
    if let Some(unknown) = args.names.iter().find(|name| !lock.locked().iter().any(|locked| locked.is_named(name))) {
        return Err(CliError::Usage(format!("{} has nothing named `{unknown}`", lock.path().display())));
    }
    let plugins = home.plugins(Operator::default())?;
    let newer = small_runtime()?.block_on(newer(&plugins, &lock, args))?;
    let changes: Vec<Change> = newer.iter().map(|(old, new)| change(old, new)).collect();
    show(home, &changes)?;
    let asking: Vec<&Change> = changes.iter().filter(|change| !change.asks_newly.is_empty()).collect();
    if let (Some(first), false) = (asking.first(), args.approve) {
        let asks = format!("{} {} newly asks for {}", first.name, first.to, first.asks_newly.join(", "));
        return Err(CliError::Undecided(format!("{}; nothing was changed: say yes with `--approve`", escape::line(&asks))));
    }
    for (_, new) in newer {
        lock.put(new)?;
    }
    lock.save()?;
    if changes.is_empty() {
        home.output.say("everything is as new as it may be");
    }
    Ok(Exit::Done)
}

/// What is locked, each with its newer version, of those that are meant and have one.
async fn newer(plugins: &Plugins, lock: &LockFile, args: &UpdateArgs) -> Result<Vec<(Locked, Locked)>, CliError> {
    let mut newer = Vec::new();
    for old in lock.locked().iter().filter(|locked| args.names.is_empty() || args.names.iter().any(|name| locked.is_named(name))) {
        let (new, _) = plugins.newest(&old.reference()?, lock.folder()).await?;
        if new.version < old.version && !args.allow_downgrade {
            return Err(CliError::Refused(backwards(old, &new, lock.path())));
        }
        if new.signers.is_empty() && !old.signers.is_empty() {
            return Err(CliError::Refused(format!("{} is signed, and {} would not be; nothing was changed", old.title(), new.title())));
        }
        if new != *old {
            newer.push((old.clone(), new));
        }
    }
    Ok(newer)
}

fn backwards(old: &Locked, new: &Locked, lock: &Path) -> String {
    let found = format!("{} is in {}, and the newest that is offered now is {}", old.title(), lock.display(), new.title());
    format!("{}; nothing was changed: `--allow-downgrade` goes back to it", escape::line(&found))
}

fn change(old: &Locked, new: &Locked) -> Change {
    let version = |locked: &Locked| locked.version.as_ref().map_or_else(|| locked.component.short(), ToString::to_string);
    let asks_newly = new.capabilities.iter().filter(|asked| !old.capabilities.contains(asked)).cloned().collect();
    Change { name: new.name.clone(), from: version(old), to: version(new), asks_newly }
}

fn show(home: &Home, changes: &[Change]) -> Result<(), CliError> {
    if home.output.format() == Format::Json {
        return home.output.json(&changes);
    }
    changes.iter().try_for_each(|change| {
        let asks = if change.asks_newly.is_empty() { String::new() } else { format!("  newly asks for {}", change.asks_newly.join(", ")) };
        home.output.data(&escape::line(&format!("{}  {} → {}{asks}", change.name, change.from, change.to)))
    })
}
