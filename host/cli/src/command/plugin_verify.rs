//! `jackfield plugin verify PACKAGE:VERSION --key FILE`.

use std::path::Path;

use jackfield_registry::PublicKey;

use crate::args::PluginVerifyArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::output::Format;
use crate::{inputs, packages};

/// Shows which of some keys signed a version.
pub(crate) fn run(home: &Home, args: &PluginVerifyArgs) -> Result<Exit, CliError> {
    let (source, version) = packages::exactly(&args.package)?;
    let keys = args.keys.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    let by = packages::open(&home.settings)?.signed_by(&source, Path::new("."), &version, &keys)?;
    let by: Vec<String> = by.iter().map(ToString::to_string).collect();
    match home.output.format() {
        Format::Json => home.output.json(&by)?,
        Format::Text => by.iter().try_for_each(|key| home.output.data(key))?,
    }
    if by.is_empty() {
        return Err(CliError::Refused(format!("{source} {version} is not signed by any of these keys")));
    }
    Ok(Exit::Done)
}

fn read(path: &Path) -> Result<PublicKey, CliError> {
    let shown = path.display().to_string();
    let key = PublicKey::from_pem(&inputs::utf8(&shown, inputs::read(path)?)?);
    key.map_err(|why| CliError::Usage(format!("{shown}: {why}")))
}
