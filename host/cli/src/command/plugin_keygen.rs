//! `jackfield plugin keygen NAME`.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use jackfield_registry::SecretKey;

use crate::args::PluginKeygenArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;

/// Makes a pair of keys; files that are there already stay as they are.
pub(crate) fn run(home: &Home, args: &PluginKeygenArgs) -> Result<Exit, CliError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|error| CliError::System { what: "no random numbers can be had", error: io::Error::other(error) })?;
    let public = SecretKey::from_seed(&seed).public();
    let (secret_file, public_file) = (args.name.with_added_extension("key"), args.name.with_added_extension("pub"));
    write(&secret_file, &SecretKey::seed_to_pem(&seed), 0o600)?;
    write(&public_file, &public.to_pem(), 0o644)?;
    home.output.data(&public.id().to_string())?;
    home.output.say(&format!("{} is yours alone; {} is for everybody", secret_file.display(), public_file.display()));
    Ok(Exit::Done)
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), CliError> {
    let failed = |error| CliError::file(path, error);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
}
