//! `pack`: a directory as an archive.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use jackfield_sdk::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::budget::{BYTES_DEFAULT, ENTRIES_MAX};
use crate::error::{Action, ArchiveError};
use crate::file::Temporary;
use crate::name::{checked, refused};
use crate::stream::{Compress, write_compressed};

/// Deepest nesting of directories.
const DEPTH_MAX: usize = 64;

/// The format of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) enum Format {
    /// Zip, deflated.
    #[serde(rename = "zip")]
    Zip,
    /// Tar.
    #[serde(rename = "tar")]
    Tar,
    /// Tar, compressed with gzip.
    #[serde(rename = "tar.gz")]
    TarGz,
    /// Tar, compressed with Zstandard.
    #[serde(rename = "tar.zst")]
    TarZst,
}

/// An archive that is now as wanted.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Packed {
    /// The path as given.
    pub(crate) path: String,
    /// The archive's size in bytes.
    pub(crate) bytes: u64,
    /// The SHA-256 of the archive in 64 hexadecimal digits.
    pub(crate) sha256: String,
    /// The names of the files in it, sorted.
    pub(crate) files: Vec<String>,
}

/// Packs the files of a directory into an archive.
///
/// Names are sorted, and times and permissions those of no file: the same files always give the same bytes. Links are refused, empty
/// directories are left out.
#[task(
    effect = effects,
    asks(files_read, files_write),
    title = "Pack an archive",
    example_input = r#"{"from":"out/report","path":"out/report.zip","format":"zip"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn pack(
    /// The directory, or one file.
    from: String,
    /// Where the archive goes, outside of the directory; what is there is replaced.
    path: String,
    /// The format of the archive.
    format: Format,
    /// The most bytes that may go into it; 256 MiB unless given.
    max_bytes: Option<u64>,
) -> Result<Packed, ArchiveError> {
    let mut found = Found { files: vec![], bytes: 0, limit: max_bytes.unwrap_or(BYTES_DEFAULT), from: &from };
    found.look(Path::new(&from), "", 0)?;
    let mut files = found.files;
    files.sort_unstable_by(|left, right| left.name.cmp(&right.name));
    let temporary = match format {
        Format::Zip => write_zip(&files, Temporary::create(Path::new(&path))?)?,
        Format::Tar => {
            let mut temporary = Temporary::create(Path::new(&path))?;
            write_tar(&files, &mut temporary).map_err(|error| error.of(&temporary))?;
            temporary
        }
        Format::TarGz => {
            let mut temporary = Temporary::create(Path::new(&path))?;
            let mut encoder = GzEncoder::new(&mut temporary, Compression::default());
            let written = write_tar(&files, &mut encoder).and_then(|()| encoder.finish().map(|_| ()).map_err(Failed::Writing));
            written.map_err(|error| error.of(&temporary))?;
            temporary
        }
        Format::TarZst => {
            // The encoder wants to draw, and an archive is pushed: it goes through a file.
            let plain = Path::new(&path).with_added_extension("tar");
            let mut tar = Temporary::create(&plain)?;
            write_tar(&files, &mut tar).map_err(|error| error.of(&tar))?;
            tar.place()?;
            let name = plain.display().to_string();
            let compressed = File::open(&plain)
                .map_err(|error| Action::Reading.failed(&name, &error))
                .and_then(|mut source| write_compressed(&mut source, Temporary::create(Path::new(&path))?, Some(Compress::Zstd), &name));
            let removed = fs::remove_file(&plain).map_err(|error| Action::Writing.failed(&name, &error));
            let temporary = compressed?;
            removed?;
            temporary
        }
    };
    let placed = temporary.place()?;
    Ok(Packed { path, bytes: placed.bytes, sha256: placed.sha256, files: files.into_iter().map(|file| file.name).collect() })
}

/// A file to be packed.
struct Packing {
    path: String,
    name: String,
    bytes: u64,
}

struct Found<'a> {
    files: Vec<Packing>,
    bytes: u64,
    limit: u64,
    from: &'a str,
}

impl Found<'_> {
    fn look(&mut self, path: &Path, name: &str, depth: usize) -> Result<(), ArchiveError> {
        let shown = path.display().to_string();
        let failed = |error| Action::Reading.failed(&shown, &error);
        let metadata = fs::symlink_metadata(path).map_err(failed)?;
        if metadata.is_dir() && depth <= DEPTH_MAX {
            for entry in fs::read_dir(path).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let Ok(part) = entry.file_name().into_string() else {
                    return Err(refused(&entry.file_name().to_string_lossy(), "its name is not UTF-8"));
                };
                let name = if name.is_empty() { part } else { format!("{name}/{part}") };
                self.look(&entry.path(), &name, depth + 1)?;
            }
            return Ok(());
        }
        if !metadata.is_file() {
            return Err(refused(&shown, "it is a link, a device, or nested too deep"));
        }
        let alone = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = if name.is_empty() { alone } else { name.to_owned() };
        checked(&name)?;
        self.bytes = self.bytes.saturating_add(metadata.len());
        self.files.push(Packing { path: shown, name, bytes: metadata.len() });
        let (path, option) = (self.from.to_owned(), "max_bytes");
        if self.files.len() > ENTRIES_MAX {
            let message = format!("`{path}` has more than {ENTRIES_MAX} files, and that is the most: pack its directories one by one");
            return Err(ArchiveError::BadRequest(message));
        }
        if self.bytes > self.limit {
            return Err(ArchiveError::TooLarge { path, what: format!("it has more than {} bytes", self.limit), option });
        }
        Ok(())
    }
}

/// What went wrong while an archive was written.
enum Failed {
    Reading(ArchiveError),
    Writing(io::Error),
}

impl Failed {
    fn of(self, temporary: &Temporary) -> ArchiveError {
        match self {
            Self::Reading(error) => error,
            Self::Writing(error) => temporary.failed(&error),
        }
    }
}

fn content(file: &Packing) -> Result<File, ArchiveError> {
    File::open(&file.path).map_err(|error| Action::Reading.failed(&file.path, &error))
}

fn write_tar(files: &[Packing], to: &mut dyn Write) -> Result<(), Failed> {
    let mut builder = tar::Builder::new(to);
    for file in files {
        let source = content(file).map_err(Failed::Reading)?;
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(file.bytes);
        header.set_mode(0o644);
        header.set_mtime(0);
        // The header has said how long it is.
        let mut source = Exactly { inner: source, left: file.bytes };
        builder.append_data(&mut header, &file.name, &mut source).map_err(Failed::Writing)?;
    }
    builder.finish().map_err(Failed::Writing)
}

/// As many bytes as a file had when it was looked at; an error when it has fewer by now.
struct Exactly {
    inner: File,
    left: u64,
}

impl io::Read for Exactly {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let want = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.inner.read(&mut buffer[..want])?;
        if read == 0 && want > 0 {
            return Err(io::Error::other("a file became shorter while it was packed"));
        }
        self.left -= read as u64;
        Ok(read)
    }
}

fn write_zip(files: &[Packing], temporary: Temporary) -> Result<Temporary, ArchiveError> {
    let target = temporary.target_shown();
    let failed = |error: zip::result::ZipError| Action::Writing.failed(&target, &error.into());
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).unix_permissions(0o644);
    let options = options.last_modified_time(zip::DateTime::default());
    let mut writer = ZipWriter::new_stream(temporary);
    for file in files {
        let mut source = content(file)?;
        writer.start_file(file.name.as_str(), options.large_file(file.bytes >= u64::from(u32::MAX))).map_err(failed)?;
        io::copy(&mut source, &mut writer).map_err(|error| Action::Writing.failed(&target, &error))?;
    }
    writer.finish().map(zip::write::StreamWriter::into_inner).map_err(failed)
}
