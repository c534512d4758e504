//! The OCI image layout: a package as a folder of files, here or on a plain web server.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use jackfield_flow::plan::Digest;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use ureq::http::StatusCode;
use url::Url;

use super::By;
use crate::artifact::{Descriptor, INDEX, MANIFEST};
use crate::error::PackageError;
use crate::folder::put;
use crate::http::{Call, Client};

/// The file that says what a folder is.
const MARK: &str = "oci-layout";
/// What it says.
const MARK_TEXT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;
/// The file that lists the manifests.
pub(super) const INDEX_NAME: &str = "index.json";
/// The largest list that is read, in bytes.
pub(super) const INDEX_BYTES_MAX: u64 = 8 << 20;
/// The annotation with the tag of a manifest.
const TAG: &str = "org.opencontainers.image.ref.name";
/// How deep packages are looked for.
const DEPTH_MAX: usize = 4;
/// How many folders are looked at for packages.
const FOLDERS_MAX: usize = 20_000;

/// The list of the manifests of a package.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Index {
    schema_version: u32,
    #[serde(default)]
    media_type: Option<String>,
    manifests: Vec<Descriptor>,
}

impl Index {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| format!("{INDEX_NAME}: {error}"))
    }

    fn empty() -> Self {
        Self { schema_version: 2, media_type: Some(INDEX.to_owned()), manifests: Vec::new() }
    }

    pub(super) fn tags(&self) -> impl Iterator<Item = &str> {
        self.manifests.iter().filter_map(|manifest| manifest.annotations.get(TAG)).map(String::as_str)
    }

    pub(super) fn find(&self, by: By<'_>) -> Option<Descriptor> {
        let wanted = |manifest: &&Descriptor| match by {
            By::Tag(tag) => manifest.annotations.get(TAG).is_some_and(|known| known == tag),
            By::Digest(digest) => manifest.digest == digest,
        };
        self.manifests.iter().find(wanted).cloned()
    }
}

/// The name of a blob within a package.
pub(super) fn blob_name(digest: Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}

/// The path of a blob of a folder.
pub(super) fn blob_path(folder: &Path, digest: Digest) -> PathBuf {
    folder.join(blob_name(digest))
}

/// A file, whole; nothing when there is none.
pub(crate) fn read(path: &Path, bytes_max: u64) -> Result<Option<Vec<u8>>, PackageError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(PackageError::io(path)(error)),
    };
    let mut bytes = Vec::new();
    file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(PackageError::io(path))?;
    if bytes.len() as u64 > bytes_max {
        return Err(PackageError::wrong(path.display(), format!("it has more than {bytes_max} bytes")));
    }
    Ok(Some(bytes))
}

/// Asks a web server for a file of a package.
pub(super) fn call(package: &Url, name: &str) -> Result<Call<'static>, PackageError> {
    let url = package.join(name).map_err(|error| PackageError::wrong(package, error.to_string()))?;
    Ok(Call::get(url, None))
}

/// A file of a web server, whole; nothing when there is none.
pub(super) fn ask(client: &Client, package: &Url, name: &str, bytes_max: u64) -> Result<Option<Vec<u8>>, PackageError> {
    let call = call(package, name)?;
    let answer = client.read(&call, bytes_max)?;
    match answer.status {
        StatusCode::OK => Ok(Some(answer.bytes)),
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
        status => Err(PackageError::wrong(&call.url, format!("the server answers {status}"))),
    }
}

/// Copies a file of this size; its digest, or nothing when there is none.
pub(super) fn copy(path: &Path, size: u64, to: &mut File) -> Result<Option<Digest>, PackageError> {
    let mut file = match File::open(path) {
        Ok(file) => file.take(size + 1),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(PackageError::io(path)(error)),
    };
    let (mut hash, mut buffer, mut copied) = (Sha256::new(), vec![0; 64 << 10], 0_u64);
    loop {
        let count = file.read(&mut buffer).map_err(PackageError::io(path))?;
        if count == 0 {
            break;
        }
        copied += count as u64;
        hash.update(&buffer[..count]);
        to.write_all(&buffer[..count]).map_err(PackageError::io(path))?;
    }
    if copied != size {
        let found = if copied > size { "more".to_owned() } else { copied.to_string() };
        return Err(PackageError::wrong(path.display(), format!("it should have {size} bytes, and has {found}")));
    }
    Ok(Some(Digest(hash.finalize().into())))
}

/// Keeps a blob in a folder.
pub(super) fn put_blob(folder: &Path, bytes: &[u8]) -> Result<(), PackageError> {
    let path = blob_path(folder, Digest::of(bytes));
    if path.is_file() {
        return Ok(());
    }
    put(&path, bytes).map_err(PackageError::io(&path))
}

/// Keeps a manifest in a folder, under a tag. Others that do the same meanwhile wait.
pub(super) fn put_manifest(folder: &Path, tag: &str, bytes: &[u8]) -> Result<(), PackageError> {
    let (mark, list) = (folder.join(MARK), folder.join(INDEX_NAME));
    if !mark.is_file() {
        put(&mark, MARK_TEXT).map_err(PackageError::io(&mark))?;
    }
    put_blob(folder, bytes)?;
    let lock = File::open(&mark).map_err(PackageError::io(&mark))?;
    lock.lock().map_err(PackageError::io(&mark))?;
    let known = read(&list, INDEX_BYTES_MAX)?.map(|bytes| Index::read(&bytes)).transpose();
    let mut index = known.map_err(|why| PackageError::wrong(folder.display(), why))?.unwrap_or_else(Index::empty);
    index.manifests.retain(|manifest| manifest.annotations.get(TAG).is_none_or(|known| known != tag));
    let mut descriptor = Descriptor::new(MANIFEST, bytes);
    descriptor.annotations.insert(TAG.to_owned(), tag.to_owned());
    index.manifests.push(descriptor);
    let text = serde_json::to_vec_pretty(&index).expect("it has no map keys but texts");
    put(&list, &text).map_err(PackageError::io(&list))
}

/// The packages below a folder, by their paths within it, in order.
pub(crate) fn packages(root: &Path) -> Result<Vec<String>, PackageError> {
    let (mut found, mut waiting, mut looked_at) = (Vec::new(), vec![(root.to_owned(), 0)], 0);
    while let Some((folder, depth)) = waiting.pop() {
        looked_at += 1;
        if looked_at > FOLDERS_MAX {
            return Err(PackageError::wrong(root.display(), format!("it has more than {FOLDERS_MAX} folders")));
        }
        if folder.join(MARK).is_file() {
            let name = folder.strip_prefix(root).unwrap_or(&folder);
            found.push(name.to_string_lossy().into_owned());
        } else if depth < DEPTH_MAX {
            for entry in fs::read_dir(&folder).map_err(PackageError::io(&folder))? {
                let entry = entry.map_err(PackageError::io(&folder))?;
                // A link could lead in a circle.
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    waiting.push((entry.path(), depth + 1));
                }
            }
        }
    }
    found.sort();
    Ok(found)
}
