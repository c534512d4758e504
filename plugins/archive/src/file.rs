//! Files: opened, hashed, and written whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use jackfield_sdk::context;
use sha2::{Digest as _, Sha256};

use crate::error::{Action, ArchiveError};

/// How much is copied at once, in bytes.
const CHUNK_BYTES: usize = 64 << 10;
/// How much of a file's name stands in the name of the temporary file beside it, in characters.
const NAME_CHARS_KEPT: usize = 50;

/// Opens a file, and tells its size.
pub(crate) fn open(path: &str) -> Result<(File, u64), ArchiveError> {
    let failed = |error| Action::Reading.failed(path, &error);
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(ArchiveError::BadRequest(format!("`{path}` is a directory")));
    }
    Ok((file, metadata.len()))
}

/// A new file, beside the place where it belongs. Removed when it does not get there.
pub(crate) struct Temporary {
    path: PathBuf,
    target: PathBuf,
    writer: BufWriter<File>,
    digest: Sha256,
    bytes: u64,
}

/// A file in its place.
pub(crate) struct Placed {
    /// Its size in bytes.
    pub(crate) bytes: u64,
    /// Its SHA-256 in 64 hexadecimal digits.
    pub(crate) sha256: String,
}

impl Temporary {
    /// Makes the file, and directories above it where they are missing.
    pub(crate) fn create(target: &Path) -> Result<Self, ArchiveError> {
        let shown = target.display().to_string();
        let failed = |error| Action::Writing.failed(&shown, &error);
        let Some(name) = target.file_name() else {
            return Err(ArchiveError::BadRequest(format!("`{shown}` names a directory, not a file")));
        };
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(failed)?;
        // The same for all attempts of a step: what a crashed attempt left is overwritten by the next one.
        let key = context::idempotency_key();
        let start: String = name.to_string_lossy().chars().take(NAME_CHARS_KEPT).collect();
        let path = parent.join(format!(".{start}.{}.part", key.get(..12).unwrap_or(&key)));
        let writer = BufWriter::new(File::create(&path).map_err(failed)?);
        Ok(Self { path, target: target.to_owned(), writer, digest: Sha256::new(), bytes: 0 })
    }

    /// Copies all of a reader. `broken` makes the error for what cannot be read.
    pub(crate) fn copy(&mut self, reader: &mut dyn Read, broken: impl Fn(&io::Error) -> ArchiveError) -> Result<(), ArchiveError> {
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            match reader.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(read) => self.write_all(&chunk[..read]).map_err(|error| self.failed(&error))?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(broken(&error)),
            }
        }
    }

    /// Brings the file to the disk and to its place, whatever is there.
    pub(crate) fn place(mut self) -> Result<Placed, ArchiveError> {
        let done = self.writer.flush().and_then(|()| self.writer.get_ref().sync_all());
        done.and_then(|()| fs::rename(&self.path, &self.target)).map_err(|error| self.failed(&error))?;
        if let Some(directory) = self.path.parent() {
            // Not every system can bring a directory's names to the disk; those keep them in order by themselves.
            let _ = File::open(directory).and_then(|directory| directory.sync_all());
        }
        let sha256 = self.digest.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Placed { bytes: self.bytes, sha256 })
    }

    /// The path of the place where it belongs.
    pub(crate) fn target_shown(&self) -> String {
        self.target.display().to_string()
    }

    /// The error for what went wrong while writing.
    pub(crate) fn failed(&self, error: &io::Error) -> ArchiveError {
        Action::Writing.failed(&self.target_shown(), error)
    }
}

impl Write for Temporary {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.writer.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After a rename there is nothing left to remove; after an error nothing more can be done about this one.
        let _ = fs::remove_file(&self.path);
    }
}

/// Reads to the end of a reader, and counts.
pub(crate) fn drain(reader: &mut dyn Read) -> io::Result<u64> {
    io::copy(reader, &mut io::sink())
}
