//! What the command line cannot do.

use std::io;
use std::path::{Path, PathBuf};

use jackfield_build::BuildError;
use jackfield_flow::run::{Failure, RunId};
use jackfield_registry::PackageError;
use jackfield_sandbox::SandboxError;
use jackfield_store::StoreError;
use jackfield_worker::{InstallError, WorkerError};

use crate::archive::ArchiveError;
use crate::exit::Exit;
use crate::problems::Problem;

/// Why a command ended without its result. What its kind means for the exit code is in [`crate::exit`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The command line says something that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// A file that was named cannot be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The workflow file has errors. They have been shown, or are shown with this one.
    #[error("{file} has {errors} error{}; nothing was run", if *errors == 1 { "" } else { "s" })]
    Workflow {
        /// The file, as it was named.
        file: String,
        /// How many of the problems are errors.
        errors: usize,
        /// All of them, for programs.
        problems: Vec<Problem>,
    },
    /// A file to import is not what it should be.
    #[error("{}: {error}; nothing was written", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        error: ArchiveError,
    },
    /// There is no store to look at.
    #[error("there are no runs in {}: run a workflow first, or name another directory with `--data`", .0.display())]
    NoStore(PathBuf),
    /// A rule of the command line's own says no.
    #[error("{0}")]
    Refused(String),
    /// Somebody has to say yes first.
    #[error("{0}")]
    Undecided(String),
    /// A task called by hand failed.
    #[error("{0}")]
    TaskFailed(Box<Failure>),
    /// A plugin has problems. They have been shown.
    #[error("{} has {problems} problem{}", path.display(), if *problems == 1 { "" } else { "s" })]
    BadPlugin {
        /// The file.
        path: PathBuf,
        /// How many.
        problems: usize,
    },
    /// The doctor found something. It has been shown.
    #[error("{0}")]
    Unhealthy(String),
    /// Somebody stopped this process.
    #[error("interrupted; run {run} stands where it was, go on with: {hint}")]
    Interrupted {
        /// The run.
        run: RunId,
        /// The command that goes on with it.
        hint: String,
    },
    /// Somebody stopped something that was about many runs.
    #[error("{0}")]
    Stopped(String),
    /// The worker could not go on with the run.
    #[error("run {run} is set aside: {detail}")]
    SetAside {
        /// The run.
        run: RunId,
        /// Why.
        detail: String,
    },
    /// The engine that has the data directory refused.
    #[error("{message}")]
    Remote {
        /// What it said.
        message: String,
        /// How it would end itself with that.
        exit: Exit,
    },
    /// The disk failed.
    #[error("{what}: {error}")]
    Disk {
        /// What was being done.
        what: String,
        /// Why.
        error: io::Error,
    },
    /// The result cannot be written.
    #[error("the result cannot be written to standard output: {0}")]
    Stdout(io::Error),
    /// The operating system refused something that it should not.
    #[error("{what}: {error}")]
    System {
        /// What was being done.
        what: &'static str,
        /// Why.
        error: io::Error,
    },
    /// A defect.
    #[error("internal error: {0}; this is a defect of jackfield, and what was durable before it is not lost")]
    Panic(String),
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The worker refused or failed.
    #[error(transparent)]
    Worker(#[from] WorkerError),
    /// A plugin cannot be had.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// A package cannot be had or published.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// A plugin cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// There is no sandbox.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
}

impl CliError {
    /// A file that cannot be read or written.
    pub(crate) fn file(path: &Path, error: io::Error) -> Self {
        Self::File { path: path.to_owned(), error }
    }
}
