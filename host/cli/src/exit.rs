//! Exit codes, and the one table from kinds of errors to them.

use jackfield_build::BuildError;
use jackfield_registry::{PackageError, RegistryError};
use jackfield_sandbox::{LoadError, SandboxError};
use jackfield_store::{Refusal, StoreError};
use jackfield_worker::{InstallError, WorkerError};

use crate::archive::ArchiveError;
use crate::error::CliError;

/// How the program ends. The numbers are promised: scripts depend on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// It did what was asked.
    Done = 0,
    /// The run failed or was cancelled; of many, some did; two that were compared differ.
    RunFailed = 1,
    /// The command line or a file is wrong.
    Usage = 2,
    /// Something was refused.
    Refused = 3,
    /// The run waits for somebody, or an update does.
    NeedsDecision = 4,
    /// Stopped on request; the run can be resumed.
    Interrupted = 5,
    /// A defect of this program.
    Internal = 70,
    /// The disk or the store failed.
    Storage = 74,
}

impl Exit {
    /// All of them, each with what it means.
    pub(crate) const ALL: [(Self, &str); 8] = [
        (Self::Done, "done"),
        (Self::RunFailed, "the run failed or was cancelled; of many, some did; two that were compared differ"),
        (Self::Usage, "the command line, a file or an input is wrong"),
        (Self::Refused, "refused: a limit, a grant, a lock, a schema, or a run that has ended"),
        (Self::NeedsDecision, "somebody has to decide: a run is blocked, or a plugin asks for more or breaks something"),
        (Self::Interrupted, "interrupted; what was under way can be gone on with"),
        (Self::Internal, "internal error: a defect of this program"),
        (Self::Storage, "storage: the disk is full, the store is damaged or unreadable, or a registry cannot be reached"),
    ];

    /// The number.
    pub(crate) const fn code(self) -> u8 {
        self as u8
    }

    /// The one with a number, if there is one.
    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().map(|(exit, _)| exit).find(|exit| exit.code() == code)
    }
}

/// The table as `--help` shows it.
pub(crate) fn overview() -> String {
    let line = |(exit, meaning): &(Exit, &str)| format!("  {:>2}  {meaning}\n", exit.code());
    format!("Exit codes:\n{}", Exit::ALL.iter().map(line).collect::<String>())
}

/// The kind of an error: a stable word for programs, and how the program ends with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// A stable word.
    pub(crate) word: &'static str,
    /// How the program ends.
    pub(crate) exit: Exit,
}

const fn kind(word: &'static str, exit: Exit) -> Kind {
    Kind { word, exit }
}

/// The table. Every kind of error is in it, and nothing else decides about an exit code.
pub(crate) fn kind_of(error: &CliError) -> Kind {
    match error {
        CliError::Usage(_) => kind("usage", Exit::Usage),
        CliError::File { .. } => kind("file", Exit::Usage),
        CliError::Workflow { .. } => kind("workflow", Exit::Usage),
        CliError::Archive { error: ArchiveError::Newer { .. }, .. } => kind("archive.newer", Exit::Refused),
        CliError::Archive { error: ArchiveError::TooLarge { .. }, .. } => kind("archive.too-large", Exit::Refused),
        CliError::Archive { .. } => kind("archive", Exit::Usage),
        CliError::NoStore(_) => kind("store.absent", Exit::Usage),
        CliError::Refused(_) => kind("refused", Exit::Refused),
        CliError::Undecided(_) => kind("undecided", Exit::NeedsDecision),
        CliError::TaskFailed(_) => kind("task.failed", Exit::RunFailed),
        CliError::BadPlugin { .. } => kind("plugin", Exit::Usage),
        CliError::Unhealthy(_) => kind("doctor", Exit::Storage),
        CliError::Interrupted { .. } | CliError::Stopped(_) => kind("interrupted", Exit::Interrupted),
        CliError::SetAside { .. } => kind("run.set-aside", Exit::Internal),
        CliError::Remote { exit, .. } => kind("engine", *exit),
        CliError::Disk { .. } | CliError::Stdout(_) => kind("disk", Exit::Storage),
        CliError::System { .. } => kind("system", Exit::Internal),
        CliError::Panic(_) => kind("internal", Exit::Internal),
        CliError::Store(error) => of_store(error),
        CliError::Worker(error) => of_worker(error),
        CliError::Install(error) => of_install(error),
        CliError::Package(error) => of_package(error),
        CliError::Build(error) => of_build(error),
        CliError::Sandbox(error) => match error {
            SandboxError::CacheDir { .. } => kind("cache", Exit::Refused),
            SandboxError::Certificate(_) => kind("certificate", Exit::Usage),
            SandboxError::Engine(_) | SandboxError::Ticker(_) => kind("sandbox", Exit::Internal),
        },
    }
}

fn of_store(error: &StoreError) -> Kind {
    match (error, error.refusal()) {
        (StoreError::Locked { .. }, _) => kind("store.locked", Exit::Refused),
        (StoreError::Newer { .. }, _) => kind("store.newer", Exit::Refused),
        (StoreError::NotFound { .. }, _) => kind("run.absent", Exit::Usage),
        (_, Refusal::Absent) => kind("store.absent", Exit::Usage),
        (_, Refusal::Conflict) => kind("store.conflict", Exit::Refused),
        (_, Refusal::Refused) => kind("store.refused", Exit::Refused),
        (_, Refusal::Full) => kind("store.full", Exit::Storage),
        (_, Refusal::Damaged) => kind("store.damaged", Exit::Storage),
        (_, Refusal::Storage) => kind("store.failed", Exit::Storage),
    }
}

fn of_worker(error: &WorkerError) -> Kind {
    match error {
        WorkerError::Inputs(_) => kind("inputs", Exit::Usage),
        WorkerError::NoStep { .. } => kind("step.absent", Exit::Usage),
        WorkerError::Ended { .. } => kind("run.ended", Exit::Refused),
        WorkerError::NotActive { .. } => kind("run.not-active", Exit::Refused),
        WorkerError::Refused { .. } => kind("run.refused", Exit::Refused),
        WorkerError::Store(error) => of_store(error),
        WorkerError::Checkpoint { .. } | WorkerError::Plan { .. } | WorkerError::Resume(_) => kind("store.damaged", Exit::Storage),
        // An illegal event of the engine's own, and whatever a later version adds.
        _ => kind("internal", Exit::Internal),
    }
}

fn of_install(error: &InstallError) -> Kind {
    match error {
        InstallError::Load { error: LoadError::TooLarge(_), .. } => kind("plugin.too-large", Exit::Refused),
        InstallError::Registry(error) => of_registry(error),
        InstallError::Package(error) => of_package(error),
        InstallError::Revoked(_) => kind("plugin.revoked", Exit::Refused),
        InstallError::NotLocked { .. } => kind("package.not-locked", Exit::Refused),
        InstallError::Load { .. } | InstallError::Describe { .. } | InstallError::Schema { .. } => kind("plugin", Exit::Usage),
    }
}

fn of_registry(error: &RegistryError) -> Kind {
    match error {
        RegistryError::TooLarge { .. } => kind("plugin.too-large", Exit::Refused),
        RegistryError::Changed { .. } => kind("plugin.changed", Exit::Storage),
        RegistryError::Missing { .. } => kind("plugin.missing", Exit::Refused),
        RegistryError::Io { .. } => kind("file", Exit::Usage),
    }
}

fn of_package(error: &PackageError) -> Kind {
    match error {
        PackageError::Reference(_) => kind("package.reference", Exit::Usage),
        PackageError::Absent { .. } => kind("package.absent", Exit::Usage),
        PackageError::Io { .. } => kind("file", Exit::Usage),
        PackageError::Unreachable { .. } => kind("registry.unreachable", Exit::Storage),
        PackageError::Unauthorized { .. } => kind("registry.unauthorized", Exit::Refused),
        PackageError::Digest { .. } => kind("package.digest", Exit::Refused),
        PackageError::Taken { .. } => kind("package.taken", Exit::Refused),
        PackageError::Store(error) => of_registry(error),
        // Answers that are not what they should be, what is not allowed, and whatever a later version adds.
        _ => kind("package.refused", Exit::Refused),
    }
}

fn of_build(error: &BuildError) -> Kind {
    match error {
        BuildError::TimedOut { .. } => kind("build.time", Exit::Refused),
        BuildError::Unreadable { .. } => kind("build.tool", Exit::Internal),
        BuildError::File { .. } => kind("disk", Exit::Storage),
        // The source does not build, or a tool is missing: both are for the person to mend.
        _ => kind("build", Exit::Usage),
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::PathBuf;

    use jackfield_flow::run::{RunId, Status};

    use super::*;

    fn check(error: impl Into<CliError>, word: &str, code: u8) {
        let error = error.into();
        let kind = kind_of(&error);
        assert_eq!((kind.word, kind.exit.code()), (word, code), "{error}");
    }

    #[test]
    fn the_numbers_are_those_that_are_promised() {
        let codes: Vec<u8> = Exit::ALL.iter().map(|(exit, _)| exit.code()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 70, 74]);
        assert_eq!(Exit::from_code(5), Some(Exit::Interrupted));
        assert_eq!(Exit::from_code(6), None);
        assert!(overview().contains("\n  74  storage"), "{}", overview());
    }

    #[test]
    fn errors_have_their_kinds() {
        let run = RunId(7);
        check(CliError::Usage(String::new()), "usage", 2);
        check(CliError::Refused(String::new()), "refused", 3);
        check(StoreError::NotFound { run }, "run.absent", 2);
        check(StoreError::Absent { path: PathBuf::new() }, "store.absent", 2);
        check(StoreError::Newer { path: PathBuf::new(), found: 9, supported: 1 }, "store.newer", 3);
        check(StoreError::Full { path: PathBuf::new(), detail: String::new() }, "store.full", 74);
        check(StoreError::Damaged { run, seq: 0 }, "store.damaged", 74);
        check(StoreError::Closed, "store.failed", 74);
        check(WorkerError::Inputs(Vec::new()), "inputs", 2);
        check(WorkerError::Ended { run, status: Status::Done }, "run.ended", 3);
        check(WorkerError::Refused { run, why: String::new() }, "run.refused", 3);
        check(WorkerError::Store(StoreError::Closed), "store.failed", 74);
        check(InstallError::Registry(RegistryError::TooLarge { path: PathBuf::new(), bytes: 1 }), "plugin.too-large", 3);
        check(CliError::Disk { what: "x".into(), error: io::ErrorKind::StorageFull.into() }, "disk", 74);
        check(CliError::Panic(String::new()), "internal", 70);
    }
}
