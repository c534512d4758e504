//! Names of entries: paths that lead below a directory, on every system.

use std::collections::BTreeSet;

use crate::error::ArchiveError;

/// The longest name, in bytes.
const NAME_BYTES_MAX: usize = 1_024;

/// The names of an archive, each once.
#[derive(Default)]
pub(crate) struct Names {
    files: BTreeSet<String>,
    /// Directories, those above files among them.
    directories: BTreeSet<String>,
}

impl Names {
    /// Takes the name of a file, or tells why it is refused.
    pub(crate) fn file(&mut self, name: &str) -> Result<(), ArchiveError> {
        let parts = checked(name)?;
        // Some systems do not tell large letters from small ones.
        let folded = parts.join("/").to_lowercase();
        if !self.files.insert(folded.clone()) || self.directories.contains(&folded) {
            return Err(refused(name, "another entry has this name"));
        }
        self.above(&folded, name)
    }

    /// Takes the name of a directory.
    pub(crate) fn directory(&mut self, name: &str) -> Result<(), ArchiveError> {
        let folded = checked(name)?.join("/").to_lowercase();
        if self.files.contains(&folded) {
            return Err(refused(name, "another entry has this name"));
        }
        self.directories.insert(folded.clone());
        self.above(&folded, name)
    }

    fn above(&mut self, folded: &str, name: &str) -> Result<(), ArchiveError> {
        for (at, _) in folded.match_indices('/') {
            if self.files.contains(&folded[..at]) {
                return Err(refused(name, "a file has the name of a directory above it"));
            }
            self.directories.insert(folded[..at].to_owned());
        }
        Ok(())
    }
}

/// The parts of a name that leads below the directory that it is unpacked into.
pub(crate) fn checked(name: &str) -> Result<Vec<&str>, ArchiveError> {
    let whole = name.strip_suffix('/').unwrap_or(name);
    let whole = whole.strip_prefix("./").unwrap_or(whole);
    let parts: Vec<&str> = whole.split('/').collect();
    let reason = if name.len() > NAME_BYTES_MAX {
        "its name is longer than 1,024 bytes"
    } else if name.starts_with('/') || name.contains(':') {
        "its name begins at the top of a disk, or could on another system"
    } else if name.contains('\\') || name.chars().any(char::is_control) {
        "its name has a backslash or a control character"
    } else if parts.iter().any(|part| matches!(*part, "" | "." | "..")) {
        "its name has an empty part, `.` or `..`"
    } else {
        return Ok(parts);
    };
    Err(refused(name, reason))
}

/// An entry that is refused.
pub(crate) fn refused(name: &str, reason: &'static str) -> ArchiveError {
    ArchiveError::UnsafeEntry { name: name.escape_debug().take(100).collect(), reason }
}
