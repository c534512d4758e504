//! One package where it is kept: its tags, manifests and blobs.
//!
//! A folder, a plain web server and an OCI registry have the same three things. The first two are the OCI image layout
//! (`oci-layout`, `index.json`, `blobs/sha256/…`), which tools such as `skopeo` and `oras` read as it is.

mod layout;
mod remote;

use std::fs::File;
use std::path::{Path, PathBuf};

use jackfield_flow::plan::Digest;
use url::Url;

use crate::artifact::{Descriptor, MANIFEST_BYTES_MAX};
use crate::error::PackageError;
use crate::http::Client;
use crate::reference::Source;
pub(crate) use layout::{packages as packages_in, read as read_file};
use remote::Remote;
pub(crate) use remote::catalogue;

/// How many tags of a package are looked at.
const TAGS_MAX: usize = 20_000;

/// A package where it is kept.
#[derive(Debug)]
pub(crate) struct Repository<'a> {
    source: &'a Source,
    place: Place<'a>,
}

#[derive(Debug)]
enum Place<'a> {
    Folder(PathBuf),
    Web(&'a Client, Url),
    Oci(Remote<'a>),
}

/// What a manifest is asked for by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum By<'a> {
    Tag(&'a str),
    Digest(Digest),
}

impl<'a> Repository<'a> {
    /// A package; a relative folder starts in `base`.
    pub(crate) fn open(source: &'a Source, base: &Path, client: &'a Client) -> Result<Self, PackageError> {
        let place = match source {
            Source::Folder(path) => Place::Folder(base.join(path)),
            Source::Web(url) => {
                let mut url = url.clone();
                url.set_path(&format!("{}/", url.path().trim_end_matches('/')));
                Place::Web(client, url)
            }
            Source::Oci { host, repository } => Place::Oci(Remote::new(client, host, repository)?),
        };
        Ok(Self { source, place })
    }

    /// Its tags, in no order; nothing when there is no such package.
    pub(crate) fn tags(&self) -> Result<Option<Vec<String>>, PackageError> {
        let tags = match &self.place {
            Place::Oci(remote) => remote.tags()?,
            _ => self.index()?.map(|index| index.tags().map(str::to_owned).collect()),
        };
        match tags {
            Some(tags) if tags.len() > TAGS_MAX => Err(self.wrong(format!("it has {} tags; {TAGS_MAX} are looked at", tags.len()))),
            tags => Ok(tags),
        }
    }

    /// The bytes of a manifest, which have the digest they are asked for by; nothing when there is none.
    pub(crate) fn manifest(&self, by: By<'_>) -> Result<Option<Vec<u8>>, PackageError> {
        let bytes = match &self.place {
            Place::Oci(remote) => remote.manifest(by)?,
            _ => self.index()?.and_then(|index| index.find(by)).map(|found| self.blob(&found, MANIFEST_BYTES_MAX)).transpose()?,
        };
        match (&bytes, by) {
            (Some(bytes), By::Digest(expected)) if Digest::of(bytes) != expected => {
                Err(PackageError::Digest { what: format!("a manifest of {}", self.source), expected, found: Digest::of(bytes) })
            }
            _ => Ok(bytes),
        }
    }

    /// A small blob, whole. Its digest is the one that is said.
    pub(crate) fn blob(&self, blob: &Descriptor, bytes_max: u64) -> Result<Vec<u8>, PackageError> {
        if blob.size > bytes_max {
            return Err(self.wrong(format!("{} has {} bytes; {bytes_max} are read", blob.digest, blob.size)));
        }
        let bytes = match &self.place {
            Place::Folder(folder) => layout::read(&layout::blob_path(folder, blob.digest), bytes_max)?,
            Place::Web(client, url) => layout::ask(client, url, &layout::blob_name(blob.digest), bytes_max)?,
            Place::Oci(remote) => remote.blob(blob.digest, bytes_max)?,
        };
        let bytes = bytes.ok_or_else(|| self.lost(blob.digest))?;
        match Digest::of(&bytes) {
            found if found == blob.digest => Ok(bytes),
            found => Err(PackageError::Digest { what: format!("a file of {}", self.source), expected: blob.digest, found }),
        }
    }

    /// Writes a blob of any size into a file. It has this digest and size, or it is an error.
    pub(crate) fn fetch(&self, digest: Digest, size: u64, file: &mut File) -> Result<(), PackageError> {
        match &self.place {
            Place::Folder(folder) => match layout::copy(&layout::blob_path(folder, digest), size, file)? {
                Some(found) if found == digest => Ok(()),
                Some(found) => Err(PackageError::Digest { what: self.source.to_string(), expected: digest, found }),
                None => Err(self.lost(digest)),
            },
            Place::Web(client, url) => client.download(&layout::call(url, &layout::blob_name(digest))?, digest, size, file),
            Place::Oci(remote) => remote.fetch(digest, size, file),
        }
    }

    /// Keeps a blob.
    pub(crate) fn put_blob(&self, bytes: &[u8]) -> Result<(), PackageError> {
        match &self.place {
            Place::Folder(folder) => layout::put_blob(folder, bytes),
            Place::Web(..) => Err(self.read_only()),
            Place::Oci(remote) => remote.put_blob(bytes),
        }
    }

    /// Keeps a manifest under a tag. Its blobs must be there.
    pub(crate) fn put_manifest(&self, tag: &str, bytes: &[u8]) -> Result<(), PackageError> {
        match &self.place {
            Place::Folder(folder) => layout::put_manifest(folder, tag, bytes),
            Place::Web(..) => Err(self.read_only()),
            Place::Oci(remote) => remote.put_manifest(tag, bytes),
        }
    }

    /// An answer of this package that is not what it should be.
    pub(crate) fn wrong(&self, why: impl Into<String>) -> PackageError {
        PackageError::wrong(self.source, why)
    }

    fn index(&self) -> Result<Option<layout::Index>, PackageError> {
        let bytes = match &self.place {
            Place::Folder(folder) => layout::read(&folder.join(layout::INDEX_NAME), layout::INDEX_BYTES_MAX)?,
            Place::Web(client, url) => layout::ask(client, url, layout::INDEX_NAME, layout::INDEX_BYTES_MAX)?,
            Place::Oci(_) => None,
        };
        bytes.map(|bytes| layout::Index::read(&bytes).map_err(|why| self.wrong(why))).transpose()
    }

    fn lost(&self, digest: Digest) -> PackageError {
        self.wrong(format!("it names {digest}, which is not there"))
    }

    fn read_only(&self) -> PackageError {
        PackageError::Refused(format!("{} is a plain web server: publish into the folder that it serves", self.source))
    }
}
