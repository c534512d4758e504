//! `jackfield runs export RUN`.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use jackfield_flow::run::RunId;
use jackfield_store::Store as _;
use serde::Serialize;

use crate::archive;
use crate::args::ExportArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, small_runtime};
use crate::output::Format;
use crate::output::time::bytes;

/// What was written, for programs.
#[derive(Debug, Serialize)]
struct Exported<'a> {
    run: RunId,
    file: &'a Path,
    bytes: usize,
}

/// Writes a run as one file.
pub(crate) fn run(home: &Home, args: &ExportArgs) -> Result<Exit, CliError> {
    let output = &home.output;
    if args.out.is_none() && (output.format() == Format::Json || io::stdout().is_terminal()) {
        return Err(CliError::Usage("an exported run is no text: name a file with `-o FILE`".to_owned()));
    }
    let store = home.reader()?;
    let exported = small_runtime()?.block_on(store.export(args.run))?;
    let file = archive::write(&exported).map_err(|error| CliError::System { what: "the run cannot be packed", error })?;
    let Some(path) = &args.out else {
        output.bytes(&file)?;
        return Ok(Exit::Done);
    };
    write(path, &file).map_err(|error| CliError::file(path, error))?;
    match output.format() {
        Format::Json => output.json(&Exported { run: args.run, file: path, bytes: file.len() })?,
        Format::Text => output.say(&format!("run {}: written to {} ({})", args.run, path.display(), bytes(file.len() as u64))),
    }
    Ok(Exit::Done)
}

/// Writes beside it, and puts it in its place when it is whole and durable.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A device or a pipe is written to, not replaced.
    if path.metadata().is_ok_and(|about| !about.is_file()) {
        return File::create(path)?.write_all(bytes);
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => PathBuf::from(parent),
        _ => PathBuf::from("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
