//! `jackfield plugin sign PACKAGE:VERSION --key FILE`.

use std::path::Path;

use jackfield_registry::SecretKey;

use crate::args::PluginSignArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::{inputs, packages};

/// Signs a version.
pub(crate) fn run(home: &Home, args: &PluginSignArgs) -> Result<Exit, CliError> {
    let (source, version) = packages::exactly(&args.package)?;
    let shown = args.key.display().to_string();
    let key = SecretKey::from_pem(&inputs::utf8(&shown, inputs::read(&args.key)?)?);
    let key = key.map_err(|why| CliError::Usage(format!("{shown}: {why}")))?;
    let new = packages::open(&home.settings)?.sign(&source, Path::new("."), &version, &key)?;
    home.output.data(&key.public().id().to_string())?;
    home.output.say(&format!("{source} {version} {}", if new { "is signed" } else { "was signed with this key already" }));
    Ok(Exit::Done)
}
