//! Going through an archive, entry by entry, whatever its format.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use tar::EntryType;
use zip::ZipArchive;

use crate::budget::{Budget, ENTRIES_MAX};
use crate::error::{Action, ArchiveError};
use crate::file::open;
use crate::name::{Names, checked, refused};
use crate::stream::Opened;

/// The shortest tar, in bytes: a block that says that nothing follows.
const TAR_BYTES_MIN: u64 = 512;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file.
    File,
    /// A directory.
    Directory,
}

/// What is done with an entry: its name, what it is, and its content.
pub(crate) type Visit<'a> = &'a mut dyn FnMut(&str, Kind, &mut dyn Read) -> Result<(), ArchiveError>;

/// An archive that may be gone through more than once.
pub(crate) struct Archive {
    path: String,
    budget: Budget,
}

impl Archive {
    /// An archive at a path, with its limits.
    pub(crate) fn new(path: &str, max_bytes: Option<u64>, max_ratio: Option<u32>) -> Result<Self, ArchiveError> {
        let (_, bytes) = open(path)?;
        Ok(Self { path: path.to_owned(), budget: Budget::new(bytes, max_bytes, max_ratio) })
    }

    /// The error for an entry whose content cannot be read.
    pub(crate) fn broken(&self, error: &io::Error) -> ArchiveError {
        self.budget.failed(&self.path, "an archive", error)
    }

    /// Goes through all entries. Names are checked before an entry is visited; what is read of them is counted.
    pub(crate) fn walk(&mut self, visit: Visit<'_>) -> Result<(), ArchiveError> {
        self.budget = self.budget.again();
        let (mut file, _) = open(&self.path)?;
        let mut start = [0; 4];
        let length = read_start(&mut file, &mut start).map_err(|error| Action::Reading.failed(&self.path, &error))?;
        // A local header, or the end of an archive without entries.
        if length == 4 && (start == *b"PK\x03\x04" || start == *b"PK\x05\x06") {
            self.walk_zip(file, visit)
        } else {
            self.walk_tar(file, visit)
        }
    }

    fn walk_zip(&self, file: File, visit: Visit<'_>) -> Result<(), ArchiveError> {
        let bad = |error: &dyn std::fmt::Display| self.budget.failed(&self.path, "zip", error);
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| bad(&error))?;
        let mut counted = Counted::new(&self.path);
        for index in 0..archive.len() {
            let entry = archive.by_index(index).map_err(|error| bad(&error))?;
            let name = std::str::from_utf8(entry.name_raw()).map_err(|_| bad(&"a name is not UTF-8"))?.to_owned();
            let link = entry.unix_mode().is_some_and(|mode| !matches!(mode & 0o170_000, 0 | 0o100_000 | 0o040_000));
            let kind = if name.ends_with('/') { Kind::Directory } else { Kind::File };
            counted.entry(&name, (!link).then_some(kind))?;
            visit(&checked(&name)?.join("/"), kind, &mut self.budget.bound(entry))?;
        }
        Ok(())
    }

    fn walk_tar(&self, file: File, visit: Visit<'_>) -> Result<(), ArchiveError> {
        let bad = |error: &io::Error| self.budget.failed(&self.path, "zip, tar, tar.gz or tar.zst", error);
        let stream: Box<dyn Read> = match Opened::new(BufReader::new(file)).map_err(|error| bad(&error))? {
            Opened::Gzip(reader) => Box::new(reader),
            Opened::Zstd(reader) => reader,
            Opened::Plain(reader) => Box::new(reader),
        };
        // The whole stream is counted, so that neither long names nor what is skipped come free.
        let mut archive = tar::Archive::new(self.budget.bound(stream));
        let mut counted = Counted::new(&self.path);
        for entry in archive.entries().map_err(|error| bad(&error))? {
            let mut entry = entry.map_err(|error| bad(&error))?;
            let name = String::from_utf8(entry.path_bytes().into_owned());
            let name = name.map_err(|_| bad(&io::Error::other("a name is not UTF-8")))?;
            let kind = match entry.header().entry_type() {
                EntryType::Regular | EntryType::Continuous if !name.ends_with('/') => Some(Kind::File),
                EntryType::Regular | EntryType::Directory => Some(Kind::Directory),
                // What is said of all entries after it is nothing that is unpacked.
                EntryType::XGlobalHeader => continue,
                _ => None,
            };
            // What many tools write first.
            if kind == Some(Kind::Directory) && matches!(name.as_str(), "." | "./") {
                continue;
            }
            counted.entry(&name, kind)?;
            visit(&checked(&name)?.join("/"), kind.unwrap_or(Kind::File), &mut entry)?;
        }
        // What comes after the last entry belongs to the file as well: checksums are there.
        crate::file::drain(&mut archive.into_inner()).map_err(|error| bad(&error))?;
        if self.budget.used() < TAR_BYTES_MIN {
            return Err(bad(&io::Error::other("there is nothing in it")));
        }
        Ok(())
    }
}

/// The first bytes of a file, which is then at its beginning again.
fn read_start(file: &mut File, start: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < start.len() {
        match file.read(&mut start[length..])? {
            0 => break,
            read => length += read,
        }
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(length)
}

/// What is looked at before an entry is.
struct Counted<'a> {
    path: &'a str,
    names: Names,
    entries: usize,
}

impl<'a> Counted<'a> {
    fn new(path: &'a str) -> Self {
        Self { path, names: Names::default(), entries: 0 }
    }

    fn entry(&mut self, name: &str, kind: Option<Kind>) -> Result<(), ArchiveError> {
        self.entries += 1;
        if self.entries > ENTRIES_MAX {
            let reason = format!("it has more than {ENTRIES_MAX} entries, and that is the most");
            return Err(ArchiveError::BadArchive { path: self.path.to_owned(), format: "an archive", reason });
        }
        match kind {
            Some(Kind::File) => self.names.file(name),
            Some(Kind::Directory) => self.names.directory(name),
            None => Err(refused(name, "it is a link, a device, or something else that is neither file nor directory")),
        }
    }
}
