//! Why an archive is refused, or a file not written.

use std::io;

use jackfield_sdk::prelude::*;

/// Why a task of this plugin could not do its work.
#[derive(Debug, thiserror::Error, TaskErrors)]
pub(crate) enum ArchiveError {
    /// The file is no archive of this format, or it is damaged.
    #[error("`{path}` cannot be read as {format}: {reason}")]
    #[error_code("bad-archive", permanent, data(path))]
    BadArchive { path: String, format: &'static str, reason: String },
    /// An entry would not be a file below the directory: its name leads out of it, it comes twice, or it is a link or a device.
    #[error("the entry `{name}`: {reason}; nothing of the archive was unpacked")]
    #[error_code("unsafe-entry", permanent, data(name))]
    UnsafeEntry { name: String, reason: &'static str },
    /// The archive has more in it than a limit allows.
    #[error("`{path}`: {what}; where that is meant, raise `{option}`")]
    #[error_code("too-large", permanent, data(path))]
    TooLarge { path: String, what: String, option: &'static str },
    /// There is no such file or directory, or no directory that the step grants contains it.
    #[error("{action} `{path}`: there is no such file, or none that the step grants (`grant: {{ files: [\"{mode} DIR\"] }}`)")]
    #[error_code("not-found", permanent, data(path))]
    NotFound { path: String, action: &'static str, mode: &'static str },
    /// The step's grant does not allow it, or the path leads out of the granted directory.
    #[error("{action} `{path}` was denied: {reason}")]
    #[error_code("denied", permanent, data(path))]
    Denied { path: String, action: &'static str, reason: String },
    /// The disk is full, or a quota is used up.
    #[error("{action} `{path}`: {reason}")]
    #[error_code("no-space", transient, data(path))]
    NoSpace { path: String, action: &'static str, reason: String },
    /// Another failure of the system below.
    #[error("{action} `{path}`: {reason}")]
    #[error_code("io", transient, data(path))]
    Io { path: String, action: &'static str, reason: String },
    /// What is asked for does not fit together; the message says what.
    #[error("{0}")]
    #[error_code("bad-request", permanent)]
    BadRequest(String),
}

/// What is done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Reading it.
    Reading,
    /// Making or changing it.
    Writing,
}

impl Action {
    /// The error for what went wrong with this action on a path.
    pub(crate) fn failed(self, path: &str, error: &io::Error) -> ArchiveError {
        use io::ErrorKind as Kind;
        let (action, mode) = match self {
            Self::Reading => ("reading", "read"),
            Self::Writing => ("writing", "write"),
        };
        let (path, reason) = (path.to_owned(), error.to_string());
        // `ENOTCAPABLE`, with which WASI answers what a directory's rights do not cover; the standard library has no name for it.
        let is_not_capable = cfg!(target_family = "wasm") && error.raw_os_error() == Some(76);
        match error.kind() {
            Kind::NotFound => ArchiveError::NotFound { path, action, mode },
            Kind::PermissionDenied | Kind::ReadOnlyFilesystem => ArchiveError::Denied { path, action, reason },
            Kind::StorageFull | Kind::QuotaExceeded => ArchiveError::NoSpace { path, action, reason },
            Kind::IsADirectory | Kind::NotADirectory | Kind::InvalidInput | Kind::InvalidFilename => {
                ArchiveError::BadRequest(format!("{action} `{path}`: {reason}"))
            }
            _ if is_not_capable => ArchiveError::Denied { path, action, reason },
            _ => ArchiveError::Io { path, action, reason },
        }
    }
}
