//! The content-addressed folder.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use jackfield_flow::plan::{Digest, TaskSignature};
use serde::{Deserialize, Serialize};

/// The largest component, in bytes.
pub const FILE_BYTES_MAX: u64 = 64 << 20;

/// The form of the signatures beside a component. A file of another form is written anew.
const SIGNATURES_FORMAT: u32 = 1;

/// A folder of components, named by the digest of their bytes.
#[derive(Clone, Debug)]
pub struct Registry {
    folder: PathBuf,
}

/// What a registry cannot do.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// No component has this digest.
    #[error("no plugin with the digest {digest} is in {}: install it again with `jackfield check` on a workflow that uses it", folder.display())]
    Missing {
        /// The digest.
        digest: Digest,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// The bytes under a digest have another one.
    #[error("{} does not have the digest it is named by ({found}): the file was changed; remove it and install the plugin again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// The digest of what is in it.
        found: Digest,
    },
    /// A file is larger than a component may be.
    #[error("{} has {bytes} bytes; a component may have {FILE_BYTES_MAX}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// The operating system said no.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
}

/// Signatures as they are kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    format: u32,
    tasks: Vec<TaskSignature>,
}

impl Registry {
    /// A registry in a folder, which is made when the first plugin is added.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Reads a component file of anywhere, within the size a component may have. Blocks on the disk.
    pub fn read_file(path: &Path) -> Result<Vec<u8>, RegistryError> {
        let io = |error| RegistryError::Io { path: path.to_owned(), error };
        let file = fs::File::open(path).map_err(io)?;
        let about = file.metadata().map_err(io)?;
        if !about.is_file() {
            return Err(io(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
        }
        if about.len() > FILE_BYTES_MAX {
            return Err(RegistryError::TooLarge { path: path.to_owned(), bytes: about.len() });
        }
        let mut bytes = Vec::new();
        // One byte more than allowed, so that a file that grows meanwhile is noticed.
        file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err(RegistryError::TooLarge { path: path.to_owned(), bytes: bytes.len() as u64 });
        }
        Ok(bytes)
    }

    /// Whether a component is here.
    pub fn has(&self, digest: Digest) -> bool {
        self.component(digest).is_file()
    }

    /// The bytes of a component, checked against their name. Blocks on the disk.
    pub fn bytes(&self, digest: Digest) -> Result<Vec<u8>, RegistryError> {
        let path = self.component(digest);
        let bytes = Self::read_file(&path).map_err(|error| match error {
            RegistryError::Io { error, .. } if error.kind() == io::ErrorKind::NotFound => {
                RegistryError::Missing { digest, folder: self.folder.clone() }
            }
            other => other,
        })?;
        match Digest::of(&bytes) {
            found if found == digest => Ok(bytes),
            found => Err(RegistryError::Changed { path, found }),
        }
    }

    /// Keeps a component and what is known of its tasks. Blocks on the disk.
    pub fn add(&self, digest: Digest, bytes: &[u8], tasks: &[TaskSignature]) -> Result<(), RegistryError> {
        assert_eq!(Digest::of(bytes), digest, "a component is kept under its own digest");
        if !self.has(digest) {
            self.write(&self.component(digest), bytes)?;
        }
        let kept = Kept { format: SIGNATURES_FORMAT, tasks: tasks.to_vec() };
        let json = serde_json::to_vec(&kept).expect("signatures have no map keys but texts");
        self.write(&self.signatures_path(digest), &json)
    }

    /// The signatures of a component's tasks, when it is here. Blocks on the disk.
    pub fn signatures(&self, digest: Digest) -> Option<Vec<TaskSignature>> {
        let json = fs::read(self.signatures_path(digest)).ok()?;
        let kept: Kept = serde_json::from_slice(&json).ok()?;
        (kept.format == SIGNATURES_FORMAT && self.has(digest)).then_some(kept.tasks)
    }

    fn component(&self, digest: Digest) -> PathBuf {
        self.folder.join(format!("sha256-{}.wasm", digest.hex()))
    }

    fn signatures_path(&self, digest: Digest) -> PathBuf {
        self.folder.join(format!("sha256-{}.tasks.json", digest.hex()))
    }

    /// Keeps a component that something writes, under the digest it turns out to have. Blocks on the disk.
    pub(crate) fn keep<E: From<RegistryError>>(&self, digest: Digest, fill: impl FnOnce(&mut fs::File) -> Result<(), E>) -> Result<(), E> {
        let path = self.component(digest);
        let failed = |error| RegistryError::Io { path: path.clone(), error };
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).map_err(failed)?;
        fill(file.as_file_mut())?;
        finish(file, &path).map_err(failed)?;
        Ok(())
    }

    /// A file beside the components, when it is here.
    pub(crate) fn beside(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.folder.join(name)).ok()
    }

    /// Keeps a file beside the components.
    pub(crate) fn put_beside(&self, name: &str, bytes: &[u8]) -> Result<(), RegistryError> {
        self.write(&self.folder.join(name), bytes)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), RegistryError> {
        put(path, bytes).map_err(|error| RegistryError::Io { path: path.to_owned(), error })
    }
}

/// Writes a file: beside, made durable, then given its name, so that nobody ever sees half of it.
///
/// # Errors
/// When the disk says no; then the file is as it was.
pub fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    finish(file, path)
}

/// Makes a file durable and gives it its name.
fn finish(file: tempfile::NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder).and_then(|folder| folder.sync_all())
}

#[cfg(test)]
mod tests;
