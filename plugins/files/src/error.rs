//! From an I/O error to one that says what was refused, where, and which grant is missing.

use std::io;
use std::path::Path;

use jackfield_sdk::prelude::*;

/// Why a task could not do its work.
#[derive(Debug, thiserror::Error, TaskErrors)]
pub(crate) enum FilesError {
    /// The path is empty, contains a NUL, or is too long.
    #[error("`{path}` is not a path: {reason}")]
    #[error_code("bad-path", permanent, data(path))]
    BadPath { path: String, reason: String },
    /// No directory that the step grants contains the path.
    #[error("`{path}` is in no directory that this step was granted: add `grant: {{ files: [\"{mode} {directory}\"] }}` to it")]
    #[error_code("not-granted", permanent, data(path))]
    NotGranted { path: String, mode: &'static str, directory: String },
    /// The directory is granted, but the path leads out of it, or it is granted for reading only.
    #[error("{action} `{path}` was denied ({reason}): {hint}")]
    #[error_code("denied", permanent, data(path))]
    Denied { path: String, action: &'static str, reason: String, hint: String },
    /// There is no such file or directory.
    #[error("{action} `{path}`: there is no such file or directory")]
    #[error_code("not-found", permanent, data(path))]
    NotFound { path: String, action: &'static str },
    /// There is a file already, and the task was told not to replace it.
    #[error("`{path}` exists already: use `overwrite: replace` or `if-changed` where that is meant")]
    #[error_code("exists", permanent, data(path))]
    Exists { path: String },
    /// The path is a directory where a file is needed, or the other way round.
    #[error("{action} `{path}`: {reason}")]
    #[error_code("wrong-kind", permanent, data(path))]
    WrongKind { path: String, action: &'static str, reason: String },
    /// The file is larger, or the directory has more entries, than the limit.
    #[error("`{path}` has more than {limit} {unit}: raise `limit` (at most {most}), or {instead}")]
    #[error_code("too-large", permanent, data(path, limit))]
    TooLarge { path: String, limit: u64, most: u64, unit: &'static str, instead: &'static str },
    /// The file is not UTF-8 text.
    #[error("`{path}` is not UTF-8 text: byte {at} breaks it; use `read-bytes`")]
    #[error_code("not-text", permanent, data(path, at))]
    NotText { path: String, at: usize },
    /// Neither or both of `text` and `bytes` are given, or a pattern is not one.
    #[error("{reason}")]
    #[error_code("bad-request", permanent)]
    BadRequest { reason: String },
    /// The disk is full, or a quota is used up.
    #[error("{action} `{path}`: no space is left ({reason})")]
    #[error_code("no-space", transient, data(path))]
    NoSpace { path: String, action: &'static str, reason: String },
    /// Anything else that the system reports; it may go well the next time.
    #[error("{action} `{path}` failed: {reason}")]
    #[error_code("io", transient, data(path))]
    Io { path: String, action: &'static str, reason: String },
}

/// What a task was about to do, for its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Reading a file or directory.
    Reading,
    /// Making or changing a file or directory.
    Writing,
    /// Removing a file.
    Removing,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Writing => "writing",
            Self::Removing => "removing",
        }
    }

    /// The word of the grant that allows it.
    fn mode(self) -> &'static str {
        match self {
            Self::Reading => "read",
            Self::Writing | Self::Removing => "write",
        }
    }

    /// What a denial may come from, as far as the path tells.
    fn hint(self, path: &str) -> String {
        let leads_out = "the path, or a link in it, leads out of the granted directory";
        if self == Self::Reading || path.split('/').any(|part| part == "..") {
            return leads_out.to_owned();
        }
        format!("the directory may be granted for reading only, where `write {}` would allow this, or {leads_out}", directory_of(path))
    }

    /// The error for what went wrong with this action on a path.
    pub(crate) fn failed(self, path: &str, error: &io::Error) -> FilesError {
        use io::ErrorKind as Kind;
        let (path, action, reason) = (path.to_owned(), self.name(), error.to_string());
        // Without a preopened directory WASI says "not found" or has an error without a kind of its own; only a look
        // at the directories above tells a missing file from a missing grant.
        let grant_matters = !matches!(error.kind(), Kind::InvalidInput | Kind::InvalidFilename | Kind::StorageFull | Kind::QuotaExceeded);
        if grant_matters && !is_granted(Path::new(&path)) {
            return FilesError::NotGranted { directory: directory_of(&path), mode: self.mode(), path };
        }
        match error.kind() {
            Kind::NotFound => FilesError::NotFound { path, action },
            Kind::PermissionDenied | Kind::ReadOnlyFilesystem => FilesError::Denied { hint: self.hint(&path), path, action, reason },
            Kind::AlreadyExists => FilesError::Exists { path },
            Kind::IsADirectory | Kind::NotADirectory | Kind::DirectoryNotEmpty => FilesError::WrongKind { path, action, reason },
            Kind::InvalidInput | Kind::InvalidFilename => FilesError::BadPath { path, reason },
            Kind::StorageFull | Kind::QuotaExceeded => FilesError::NoSpace { path, action, reason },
            _ if is_not_capable(error) => FilesError::Denied { hint: self.hint(&path), path, action, reason },
            _ => FilesError::Io { path, action, reason },
        }
    }
}

/// Longest path, in bytes: what Linux takes.
const PATH_BYTES_MAX: usize = 4_096;
/// How much of a path that is none is shown, in characters.
const PATH_CHARS_SHOWN: usize = 100;

/// Refuses paths that would surprise further down.
pub(crate) fn check_path(path: &str) -> Result<(), FilesError> {
    let reason = match path {
        "" => "it is empty".to_owned(),
        _ if path.contains('\0') => "it contains a NUL".to_owned(),
        _ if path.len() > PATH_BYTES_MAX => format!("it has {} bytes, and {PATH_BYTES_MAX} are the most", path.len()),
        _ => return Ok(()),
    };
    let shown: String = path.escape_debug().take(PATH_CHARS_SHOWN).collect();
    Err(FilesError::BadPath { path: shown, reason })
}

/// Whether a granted directory contains the path: it, or a directory above it, can be seen.
fn is_granted(path: &Path) -> bool {
    let here = |above: &Path| if above.as_os_str().is_empty() { Path::new(".").to_owned() } else { above.to_owned() };
    path.ancestors().any(|above| here(above).metadata().is_ok())
}

/// `ENOTCAPABLE`, with which WASI answers what a directory's rights do not cover; the standard library has no name for it.
fn is_not_capable(error: &io::Error) -> bool {
    cfg!(target_family = "wasm") && error.raw_os_error() == Some(76)
}

fn directory_of(path: &str) -> String {
    match Path::new(path).parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.display().to_string(),
        _ => ".".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_told_from_a_missing_grant() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("no/such").display().to_string();
        let error = Action::Reading.failed(&path, &io::ErrorKind::NotFound.into());
        assert!(matches!(error, FilesError::NotFound { .. }), "{error}");
    }

    #[test]
    fn kinds_become_codes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f").display().to_string();
        let code = |kind: io::ErrorKind| TaskError::from(Action::Writing.failed(&path, &kind.into())).code().to_owned();
        assert_eq!(code(io::ErrorKind::PermissionDenied), "denied");
        assert_eq!(code(io::ErrorKind::ReadOnlyFilesystem), "denied");
        assert_eq!(code(io::ErrorKind::AlreadyExists), "exists");
        assert_eq!(code(io::ErrorKind::NotADirectory), "wrong-kind");
        assert_eq!(code(io::ErrorKind::StorageFull), "no-space");
        assert_eq!(code(io::ErrorKind::InvalidInput), "bad-path");
        assert_eq!(code(io::ErrorKind::Other), "io");
    }

    #[test]
    fn a_denial_names_the_grant_that_would_help() {
        let folder = tempfile::tempdir().unwrap();
        let denied = |action: Action, name: &str| {
            let path = folder.path().join(name).display().to_string();
            action.failed(&path, &io::ErrorKind::PermissionDenied.into()).to_string()
        };
        let grant = format!("`write {}`", folder.path().display());
        assert!(denied(Action::Writing, "report.csv").contains(&grant));
        assert!(denied(Action::Removing, "report.csv").contains(&grant));
        for elsewhere in [denied(Action::Reading, "report.csv"), denied(Action::Writing, "../report.csv")] {
            assert!(!elsewhere.contains("`write") && elsewhere.contains("leads out of"), "{elsewhere}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        assert!(matches!(check_path(""), Err(FilesError::BadPath { .. })));
        assert!(check_path("a\0b").unwrap_err().to_string().contains(r"a\0b"));
        assert!(check_path("a b/ü").is_ok());
        let error = check_path(&"é".repeat(3_000)).unwrap_err().to_string();
        assert!(error.contains("6000 bytes") && error.len() < 400, "{error}");
    }

    #[test]
    fn the_directory_of_a_bare_name_is_here() {
        assert_eq!(directory_of("a.txt"), ".");
        assert_eq!(directory_of("out/x/a.txt"), "out/x");
    }
}
