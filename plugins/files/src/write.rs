//! `write`: the whole file or nothing.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jackfield_sdk::context;
use jackfield_sdk::prelude::*;

use crate::error::{Action, FilesError, check_path};
use crate::hash::{hash, sha256};

#[cfg(test)]
mod tests;

/// How much of a file's name stands in the name of the temporary file beside it, in characters.
const NAME_CHARS_KEPT: usize = 50;

/// What becomes of a file that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Overwrite {
    /// The new file takes its place.
    #[default]
    Replace,
    /// The new file takes its place only if the content differs; otherwise it stays untouched, with its time of change.
    IfChanged,
    /// The error `exists`, unless an earlier attempt of this step may have written just this content.
    Fail,
}

/// A file that is now as wanted.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Written {
    /// The path as given.
    pub(crate) path: String,
    /// The file's size in bytes.
    pub(crate) bytes: u64,
    /// The SHA-256 of the content in 64 hexadecimal digits.
    pub(crate) sha256: String,
    /// Whether this attempt wrote it; false when it was there with this content.
    pub(crate) written: bool,
}

/// Writes a file whole or not at all.
///
/// The content goes to a file beside it, is brought to the disk, and takes the path's place in one move: nobody ever
/// sees half of it, also after a crash. Directories above the file are made where they are missing, inside the granted one.
#[task(
    effect = effects,
    asks(files_write),
    title = "Write a file",
    example_input = r#"{"path":"out/report.txt","text":"done\n"}"#,
    example_output = r#"{"path":"out/report.txt","bytes":5,"sha256":"0263829989b6fd954f72baaf2fc64bc2e2f01d692d4de72986ea808f6e99813f","written":true}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn write(
    /// The file.
    path: String,
    /// The content as text; either this or `bytes`.
    text: Option<String>,
    /// The content as bytes; either this or `text`.
    bytes: Option<Bytes>,
    /// What becomes of a file that is there.
    #[serde(default)]
    overwrite: Overwrite,
) -> Result<Written, FilesError> {
    check_path(&path)?;
    let content = match (text, bytes) {
        (Some(text), None) => text.into_bytes(),
        (None, Some(bytes)) => bytes.0,
        (Some(_), Some(_)) => return Err(bad_request("give `text` or `bytes`, not both")),
        (None, None) => return Err(bad_request("give the content as `text` or as `bytes`")),
    };
    if path.ends_with('/') || Path::new(&path).file_name().is_none() {
        return Err(bad_request(&format!("`{path}` names a directory, not a file")));
    }
    let mut answer = Written { bytes: content.len() as u64, sha256: sha256(&content), written: true, path };
    let same = |answer: &Written| hash(answer.path.clone()).is_ok_and(|there| there.sha256 == answer.sha256);
    if overwrite == Overwrite::IfChanged && same(&answer) {
        answer.written = false;
        return Ok(answer);
    }
    let temporary = Temporary::create(&answer.path, &content)?;
    let placed = match overwrite {
        Overwrite::Replace | Overwrite::IfChanged => temporary.replace(),
        Overwrite::Fail => temporary.place_if_free(),
    };
    match placed {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && context::attempt() > 1 && same(&answer) => answer.written = false,
        Err(error) => return Err(Action::Writing.failed(&answer.path, &error)),
    }
    Ok(answer)
}

/// The new content, on the disk beside the place where it belongs. Removed when it does not get there.
struct Temporary<'a> {
    path: PathBuf,
    target: &'a Path,
}

impl<'a> Temporary<'a> {
    fn create(target: &'a str, content: &[u8]) -> Result<Self, FilesError> {
        let failed = |error| Action::Writing.failed(target, &error);
        let target_path = Path::new(target);
        let parent = target_path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = target_path.file_name().unwrap_or_default().to_string_lossy();
        fs::create_dir_all(parent).map_err(failed)?;
        // The idempotency key is the same for all attempts of a step: what a crashed attempt left is overwritten by
        // the next one, and no two steps meet.
        let key = context::idempotency_key();
        let own = key.get(..12).unwrap_or(&key);
        // Cut, so that a name of the longest allowed length still has one beside it.
        let start: String = name.chars().take(NAME_CHARS_KEPT).collect();
        let temporary = Self { path: parent.join(format!(".{start}.{own}.part")), target: target_path };
        let mut file = File::create(&temporary.path).map_err(failed)?;
        file.write_all(content).and_then(|()| file.sync_all()).map_err(failed)?;
        Ok(temporary)
    }

    /// Takes the target's place, whatever is there.
    fn replace(self) -> io::Result<()> {
        fs::rename(&self.path, self.target)?;
        self.sync_directory();
        Ok(())
    }

    /// Takes the target's place if it is free. A link is made only where nothing is, in one move; a rename would replace.
    fn place_if_free(self) -> io::Result<()> {
        fs::hard_link(&self.path, self.target)?;
        self.sync_directory();
        Ok(())
    }

    /// Brings the new name to the disk. Not every system can do that for a directory; those keep names in order by themselves.
    fn sync_directory(&self) {
        if let Some(directory) = self.path.parent() {
            let _ = File::open(directory).and_then(|directory| directory.sync_all());
        }
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        // After a rename there is nothing left to remove; after an error nothing more can be done about this one.
        let _ = fs::remove_file(&self.path);
    }
}

fn bad_request(reason: &str) -> FilesError {
    FilesError::BadRequest { reason: reason.to_owned() }
}
