//! `unpack`: the files of an archive, into a directory.

use std::fs;
use std::path::Path;

use jackfield_sdk::prelude::*;

use crate::error::{Action, ArchiveError};
use crate::file::Temporary;
use crate::list::checked;
use crate::name;
use crate::walk::{Archive, Kind};

/// What was unpacked.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Unpacked {
    /// The files, in their order in the archive.
    pub(crate) files: Vec<File>,
    /// How many bytes they have in all.
    pub(crate) bytes: u64,
}

/// A file that was unpacked.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct File {
    /// Its path: the directory, and its name in the archive.
    pub(crate) path: String,
    /// Its size in bytes.
    pub(crate) bytes: u64,
    /// The SHA-256 of its content in 64 hexadecimal digits.
    pub(crate) sha256: String,
}

/// Unpacks an archive into a directory.
///
/// The archive is read whole first, so that one that is damaged, too large or up to something leaves nothing behind. Then its files are
/// written one by one, each whole or not at all; files that are there are replaced, others stay. Times and permissions are not kept.
#[task(
    effect = effects,
    asks(files_read, files_write),
    title = "Unpack an archive",
    example_input = r#"{"path":"in/orders.zip","into":"out/orders"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn unpack(
    /// The archive: zip, tar, tar.gz or tar.zst, told by its first bytes.
    path: String,
    /// The directory; made where it is missing.
    into: String,
    /// The most bytes that may come out; 256 MiB unless given, 4 GiB at most.
    max_bytes: Option<u64>,
    /// How many times larger than itself the archive may become; 200 unless given. 4 MiB may come out of any archive.
    max_ratio: Option<u32>,
) -> Result<Unpacked, ArchiveError> {
    let mut archive = Archive::new(&path, max_bytes, max_ratio)?;
    checked(&mut archive)?;
    let mut unpacked = Unpacked { files: vec![], bytes: 0 };
    archive.walk(&mut |entry, kind, content| {
        let target = name::checked(entry)?.into_iter().fold(Path::new(&into).to_owned(), |path, part| path.join(part));
        if kind == Kind::Directory {
            return fs::create_dir_all(&target).map_err(|error| Action::Writing.failed(&target.display().to_string(), &error));
        }
        let mut temporary = Temporary::create(&target)?;
        temporary.copy(content, |error| Action::Reading.failed(&path, error))?;
        let placed = temporary.place()?;
        unpacked.bytes += placed.bytes;
        unpacked.files.push(File { path: target.display().to_string(), bytes: placed.bytes, sha256: placed.sha256 });
        Ok(())
    })?;
    Ok(unpacked)
}
