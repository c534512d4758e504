//! What can go wrong with packages.

use std::io;
use std::path::{Path, PathBuf};

use jackfield_flow::plan::Digest;
use semver::Version;

use crate::folder::RegistryError;
use crate::reference::ReferenceError;

/// Why a package cannot be found, had, or published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// It is no reference.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// The registry has no such package, version or file.
    #[error("{source_name}: {what}")]
    Absent {
        /// Where it was looked for.
        source_name: String,
        /// What is not there, and what is.
        what: String,
    },
    /// The registry does not answer, or breaks off each time.
    #[error("{url}: {why}")]
    Unreachable {
        /// What was asked.
        url: String,
        /// What happened.
        why: String,
    },
    /// The registry wants to know who is asking, or does not like who is.
    #[error("{url}: {why}; sign in with `docker login`, whose config.json is read here as well")]
    Unauthorized {
        /// What was asked.
        url: String,
        /// What it said.
        why: String,
    },
    /// What the registry answers is not what it should be. Nothing of it was kept.
    #[error("{source_name}: {why}")]
    Wrong {
        /// What was asked.
        source_name: String,
        /// What is wrong with the answer.
        why: String,
    },
    /// Bytes that do not have the digest they should have. Nothing of them was kept.
    #[error("{what} should be {expected}, and is {found}: nothing was kept")]
    Digest {
        /// What they should be.
        what: String,
        /// The digest they should have.
        expected: Digest,
        /// The digest they have.
        found: Digest,
    },
    /// A published version never changes.
    #[error("{source_name}: version {version} already has digest {digest}; publish other bytes under another version")]
    Taken {
        /// The package.
        source_name: String,
        /// The version.
        version: Version,
        /// What it has.
        digest: Digest,
    },
    /// It may not be done, or not so.
    #[error("{0}")]
    Refused(String),
    /// The local store says no.
    #[error(transparent)]
    Store(#[from] RegistryError),
    /// The operating system says no.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
}

impl PackageError {
    /// What happened at a file.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { path, error }
    }

    /// An answer that is not what it should be.
    pub(crate) fn wrong(source: impl ToString, why: impl Into<String>) -> Self {
        Self::Wrong { source_name: source.to_string(), why: why.into() }
    }

    /// Something that is not there.
    pub(crate) fn absent(source: impl ToString, what: impl Into<String>) -> Self {
        Self::Absent { source_name: source.to_string(), what: what.into() }
    }
}
