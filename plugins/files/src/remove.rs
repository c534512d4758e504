//! `remove`: takes a file away.

use jackfield_sdk::prelude::*;

use crate::error::{Action, FilesError, check_path};

/// What a file that is not there means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Missing {
    /// It has been removed already, perhaps by an earlier attempt: that is what was wanted.
    #[default]
    Accept,
    /// The error `not-found`.
    Fail,
}

/// What became of a file.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Removed {
    /// The path as given.
    pub(crate) path: String,
    /// Whether this attempt removed it; false when it was not there.
    pub(crate) removed: bool,
}

/// Removes a file; a directory is never removed.
#[task(
    effect = effects,
    asks(files_write),
    title = "Remove a file",
    example_input = r#"{"path":"out/old.csv"}"#,
    example_output = r#"{"path":"out/old.csv","removed":true}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn remove(
    /// The file.
    path: String,
    /// What a file that is not there means.
    #[serde(default)]
    missing: Missing,
) -> Result<Removed, FilesError> {
    check_path(&path)?;
    match std::fs::remove_file(&path) {
        Ok(()) => Ok(Removed { path, removed: true }),
        Err(error) => match Action::Removing.failed(&path, &error) {
            FilesError::NotFound { .. } if missing == Missing::Accept => Ok(Removed { path, removed: false }),
            other => Err(other),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removing_twice_is_removing_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f").display().to_string();
        std::fs::write(&path, "x").unwrap();
        assert!(remove(path.clone(), Missing::Accept).unwrap().removed);
        assert!(!remove(path.clone(), Missing::Accept).unwrap().removed);
        assert!(matches!(remove(path, Missing::Fail), Err(FilesError::NotFound { .. })));
    }

    #[test]
    fn directories_stay() {
        let folder = tempfile::tempdir().unwrap();
        assert!(remove(folder.path().display().to_string(), Missing::Accept).is_err());
        assert!(folder.path().is_dir());
    }
}
