//! `hash`: the SHA-256 of a file.

use std::fs::File;
use std::io::Read;

use jackfield_sdk::prelude::*;
use sha2::{Digest, Sha256};

use crate::error::{Action, FilesError, check_path};

/// How much is read at once, in bytes.
const CHUNK_BYTES: usize = 64 << 10;

/// A file's digest.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Hashed {
    /// The path as given.
    pub(crate) path: String,
    /// The file's size in bytes.
    pub(crate) bytes: u64,
    /// The SHA-256 in 64 hexadecimal digits.
    pub(crate) sha256: String,
}

/// Computes the SHA-256 of a file of any size.
#[task(
    effect = reads,
    asks(files_read),
    title = "Hash a file",
    example_input = r#"{"path":"data/orders.csv"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn hash(
    /// The file.
    path: String,
) -> Result<Hashed, FilesError> {
    check_path(&path)?;
    let failed = |error| Action::Reading.failed(&path, &error);
    let mut file = File::open(&path).map_err(failed)?;
    let mut digest = Sha256::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut bytes = 0;
    loop {
        let read = match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(error)),
        };
        digest.update(&chunk[..read]);
        bytes += read as u64;
    }
    Ok(Hashed { sha256: hex(&digest.finalize()), bytes, path })
}

/// The SHA-256 of bytes, in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_files_of_several_chunks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("big").display().to_string();
        let content = vec![7_u8; CHUNK_BYTES * 2 + 3];
        std::fs::write(&path, &content).unwrap();
        let answer = hash(path.clone()).unwrap();
        assert_eq!(answer, Hashed { path, bytes: content.len() as u64, sha256: sha256(&content) });
    }

    #[test]
    fn the_digest_is_the_known_one() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(sha256(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn a_directory_has_no_digest() {
        let folder = tempfile::tempdir().unwrap();
        let error = hash(folder.path().display().to_string()).unwrap_err();
        assert!(matches!(error, FilesError::WrongKind { .. }), "{error}");
    }
}
