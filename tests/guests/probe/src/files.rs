//! Files, honest and not: paths that lead out (F01), links (F02), opening for writing where only reading is granted (F04).
//!
//! Every task takes the path as it is and answers the system's error as the code `io`, with the kind as data.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::time::{Duration, UNIX_EPOCH};

use jackfield_sdk::prelude::*;

fn io_error(error: &io::Error) -> TaskError {
    TaskError::permanent("io", error.to_string()).with_data(&format!("{:?}", error.kind()))
}

/// Reads a file; bytes that are not UTF-8 become `\u{fffd}`.
#[task(effect = reads, asks(files_read(optional)))]
pub(crate) fn read(
    /// The path.
    path: String,
) -> Result<String, TaskError> {
    let content = fs::read(path).map_err(|error| io_error(&error))?;
    Ok(String::from_utf8_lossy(&content).into_owned())
}

/// Writes a file in place.
#[task(effect = effects, asks(files_write(optional)))]
pub(crate) fn write(
    /// The path.
    path: String,
    /// The content.
    text: String,
) -> Result<(), TaskError> {
    fs::write(path, text).map_err(|error| io_error(&error))
}

/// Appends one line to a file, in one write, and waits until it is on the disk: the log of effects outside of the engine,
/// from which tests see which steps ran, and how often (D01).
#[task(effect = effects, asks(files_write))]
pub(crate) fn append_line(
    /// The path.
    path: String,
    /// The line, without its end.
    line: String,
    /// Wait so many milliseconds before and after, so that a kill can meet the attempt.
    #[serde(default)]
    pause_ms: u64,
) -> Result<(), TaskError> {
    let pause = || std::thread::sleep(Duration::from_millis(pause_ms));
    pause();
    let append = || -> io::Result<()> {
        let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
        file.write_all(format!("{line}\n").as_bytes())?;
        file.sync_all()
    };
    append().map_err(|error| io_error(&error))?;
    pause();
    Ok(())
}

/// Lists a directory, sorted.
#[task(effect = reads, asks(files_read(optional)))]
pub(crate) fn list(
    /// The path.
    path: String,
) -> Result<Vec<String>, TaskError> {
    let entries = fs::read_dir(path).map_err(|error| io_error(&error))?;
    let names = entries.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<io::Result<Vec<_>>>().map_err(|error| io_error(&error))?;
    names.sort_unstable();
    Ok(names)
}

/// How to open a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum How {
    /// For reading.
    Read,
    /// For writing.
    Write,
    /// For writing, and emptied.
    Truncate,
    /// For reading and writing, and made if it is not there.
    Create,
    /// For writing, and only if it is not there.
    CreateNew,
    /// For appending.
    Append,
}

/// Opens a file and closes it again (F04).
#[task(effect = effects, asks(files_read(optional), files_write(optional)))]
pub(crate) fn open(
    /// The path.
    path: String,
    /// How.
    how: How,
) -> Result<(), TaskError> {
    let mut options = OpenOptions::new();
    match how {
        How::Read => options.read(true),
        How::Write => options.write(true),
        How::Truncate => options.write(true).truncate(true),
        How::Create => options.read(true).write(true).create(true).truncate(false),
        How::CreateNew => options.write(true).create_new(true),
        How::Append => options.append(true),
    };
    options.open(path).map(|_| ()).map_err(|error| io_error(&error))
}

/// Makes a symbolic link (F02).
#[task(effect = effects, asks(files_write(optional)))]
pub(crate) fn link(
    /// Where the link points.
    target: String,
    /// The link.
    path: String,
) -> Result<(), TaskError> {
    #[expect(deprecated, reason = "the only stable way to make a symbolic link on every target")]
    fs::soft_link(target, path).map_err(|error| io_error(&error))
}

/// Sets a file's time of change (F04: whatever the number, the host must live).
#[task(effect = effects, asks(files_write(optional)))]
pub(crate) fn set_time(
    /// The path.
    path: String,
    /// Seconds since the Unix epoch.
    seconds: u64,
) -> Result<(), TaskError> {
    let time = UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).ok_or_else(|| TaskError::permanent("io", "no such time"))?;
    let set = || -> io::Result<()> { File::options().write(true).open(path)?.set_modified(time) };
    set().map_err(|error| io_error(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_appended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log").display().to_string();
        append_line(path.clone(), "a".into(), 0).unwrap();
        append_line(path.clone(), "b".into(), 0).unwrap();
        assert_eq!(read(path).unwrap(), "a\nb\n");
    }

    #[test]
    fn errors_have_their_kind() {
        assert_eq!(read("no/such".into()).unwrap_err().data(), Some(&json!("NotFound")));
    }
}
