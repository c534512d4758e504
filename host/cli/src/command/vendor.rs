//! `jackfield vendor [DIR]`.

use jackfield_registry::VENDOR_NAME;

use crate::args::VendorArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::output::time::bytes;
use crate::packages;

/// Copies all locked packages beside the lock file.
pub(crate) fn run(home: &Home, args: &VendorArgs) -> Result<Exit, CliError> {
    let (lock, packages) = (packages::lock_of(&args.dir)?, packages::open(&home.settings)?);
    let mut size = 0;
    for locked in lock.locked() {
        size += packages.vendor(&locked.parsed_source()?, lock.folder(), &locked.release())?;
    }
    let folder = lock.folder().join(VENDOR_NAME);
    let count = lock.locked().len();
    home.output.say(&format!("{}: {count} package{}, {}", folder.display(), if count == 1 { "" } else { "s" }, bytes(size)));
    Ok(Exit::Done)
}
