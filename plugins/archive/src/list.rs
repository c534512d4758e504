//! `list`: what is in an archive.

use jackfield_sdk::prelude::*;

use crate::error::ArchiveError;
use crate::file::drain;
use crate::walk::{Archive, Kind};

/// What is in an archive.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Listing {
    /// Its files, in their order there.
    pub(crate) files: Vec<Entry>,
    /// How many bytes they have in all.
    pub(crate) bytes: u64,
}

/// A file in an archive.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Entry {
    /// Its name, with `/` between its parts.
    pub(crate) name: String,
    /// Its size in bytes, as it was counted and not as the archive says.
    pub(crate) bytes: u64,
}

/// Lists the files of an archive, and checks the whole of it on the way.
#[task(
    effect = reads,
    asks(files_read),
    title = "List an archive",
    example_input = r#"{"path":"in/orders.zip"}"#,
    example_output = r#"{"files":[{"name":"orders.csv","bytes":12}],"bytes":12}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn list(
    /// The archive: zip, tar, tar.gz or tar.zst, told by its first bytes.
    path: String,
    /// The most bytes that may be in it; 256 MiB unless given, 4 GiB at most.
    max_bytes: Option<u64>,
    /// How many times larger than itself it may become; 200 unless given. 4 MiB may come out of any archive.
    max_ratio: Option<u32>,
) -> Result<Listing, ArchiveError> {
    checked(&mut Archive::new(&path, max_bytes, max_ratio)?)
}

/// The files of an archive that was read to its end.
pub(crate) fn checked(archive: &mut Archive) -> Result<Listing, ArchiveError> {
    let mut listing = Listing { files: vec![], bytes: 0 };
    let mut failed = None;
    let walked = archive.walk(&mut |name, kind, content| {
        match drain(content) {
            Ok(bytes) if kind == Kind::File => {
                listing.bytes += bytes;
                listing.files.push(Entry { name: name.to_owned(), bytes });
            }
            Ok(_) => {}
            Err(error) => {
                failed = Some(error);
                return Err(ArchiveError::BadRequest(String::new()));
            }
        }
        Ok(())
    });
    match failed {
        Some(error) => Err(archive.broken(&error)),
        None => walked.map(|()| listing),
    }
}
