//! `jackfield runs import FILE`.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use jackfield_flow::run::{Run, RunId, Status};
use jackfield_registry::Registry;
use jackfield_store::{ExportedRun, MemoryStore, RunState, Store as _, StoreError};
use jackfield_worker::load_run;
use serde::Serialize;

use crate::archive;
use crate::args::ImportArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, small_runtime};
use crate::output::Format;

/// What was stored, for programs.
#[derive(Debug, Serialize)]
struct Imported {
    run: RunId,
    workflow: Arc<str>,
    status: Status,
    /// Digests of plugins that it needs and that are not here.
    missing_plugins: Vec<String>,
}

/// Reads a run from a file, and stores it when everything in it is sound.
pub(crate) fn run(home: &Home, args: &ImportArgs) -> Result<Exit, CliError> {
    let refused = |error: archive::ArchiveError| CliError::Archive { path: args.file.clone(), error };
    let exported = archive::read(&contents(&args.file)?).map_err(refused)?;
    let runtime = small_runtime()?;
    let tried = runtime.block_on(tried(&exported)).map_err(|error| match error {
        // Its own number would be that of another run here.
        CliError::Store(StoreError::Damaged { .. } | StoreError::DamagedBlob { .. }) => {
            refused(archive::ArchiveError::Malformed(error.to_string()))
        }
        CliError::Store(error) => error.into(),
        error => refused(archive::ArchiveError::Malformed(error.to_string())),
    })?;
    // Only now is anything written, or even made.
    let store = home.writer()?;
    let run = runtime.block_on(store.import(exported))?;
    drop(store);
    tell(home, run, &tried)
}

/// All bytes of a file or of standard input; one more than may be read, so that what is too large is seen to be.
fn contents(path: &Path) -> Result<Vec<u8>, CliError> {
    let bounded = |from: &mut dyn Read| {
        let mut bytes = Vec::new();
        from.take(archive::FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map(|_| bytes)
    };
    let read =
        if path == Path::new("-") { bounded(&mut io::stdin().lock()) } else { File::open(path).and_then(|mut file| bounded(&mut file)) };
    read.map_err(|error| CliError::file(path, error))
}

/// Stores the run in memory and brings it back: so it will be done with the stored one, and what is wrong shows before.
async fn tried(exported: &ExportedRun) -> Result<Run, CliError> {
    let memory = MemoryStore::default();
    let run = memory.import(exported.clone()).await?;
    let loaded = load_run(&memory, run).await?;
    let said = exported.summary.state;
    if said.is_finished() != loaded.run.status().is_end() || (said == RunState::Blocked) != (loaded.run.status() == Status::Blocked) {
        return Err(CliError::Refused(format!(
            "it says that it is {}, and its events say that it is {}",
            said.name(),
            loaded.run.status()
        )));
    }
    if exported.uid != loaded.run.uid() || *exported.workflow != *loaded.run.plan().workflow {
        return Err(CliError::Refused("its name is not the one in its events".to_owned()));
    }
    Ok(loaded.run)
}

fn tell(home: &Home, run: RunId, tried: &Run) -> Result<Exit, CliError> {
    let registry = Registry::new(home.settings.data.join("plugins"));
    let pinned = tried.plan().plugins.iter();
    let missing: Vec<String> =
        pinned.filter(|plugin| !registry.has(plugin.digest)).map(|plugin| format!("{} {}", plugin.name, plugin.digest)).collect();
    let output = &home.output;
    if output.format() == Format::Json {
        let missing_plugins = missing.iter().filter_map(|line| line.split(' ').nth(1)).map(str::to_owned).collect();
        output.json(&Imported { run, workflow: Arc::clone(&tried.plan().workflow), status: tried.status(), missing_plugins })?;
        return Ok(Exit::Done);
    }
    output.say(&format!("run {run}: imported, {} {}", tried.plan().workflow, tried.status()));
    if !missing.is_empty() && !tried.status().is_end() {
        output.say(&format!(
            "its plugins are not in this data directory; `jackfield check` on its workflow installs them: {}",
            missing.join(", ")
        ));
    }
    Ok(Exit::Done)
}
