//! Compiled code on disk.
//!
//! Compiled code runs with all rights of this program, so nothing is loaded that someone else could have written: the
//! directory belongs to this user alone, and every file carries a BLAKE3 code under a key that never leaves the
//! directory. A file that is missing, cut, altered or for another machine or wasmtime is ignored and written again.

use std::fs::{self, File, OpenOptions, Permissions};
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::host::random::system_seed;

/// Bytes kept in all; the files that were not used for longest go first.
const CACHE_BYTES_MAX: u64 = 4 << 30;
/// The key's file.
const KEY_FILE: &str = "code.key";
/// Ending of a file of compiled code.
const CODE_ENDING: &str = "cwasm";
/// Ending of the file beside it with its code under the key.
const SEAL_ENDING: &str = "seal";
/// Separates file names and seals from every other use of BLAKE3.
const NAME_DOMAIN: &str = "jackfield 2026-11 name of a compiled plugin and its notes";

/// The cache of one engine.
pub(crate) struct CodeCache {
    directory: PathBuf,
    key: [u8; 32],
    /// What compiled code depends on besides the component: wasmtime, its configuration, the processor.
    engine_hash: blake3::Hash,
}

impl CodeCache {
    /// Opens the cache, making its directory and key where they are not there.
    ///
    /// # Errors
    /// With a sentence, when the directory is not this user's alone or cannot be used.
    pub(crate) fn open(directory: &Path, engine: &Engine) -> Result<Self, String> {
        private_directory(directory)?;
        let key = load_or_make_key(directory).map_err(|error| format!("its key file `{KEY_FILE}` cannot be used: {error}"))?;
        let mut hasher = Blake3Hasher(blake3::Hasher::new());
        env!("CARGO_PKG_VERSION").hash(&mut hasher);
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Ok(Self { directory: directory.to_owned(), key, engine_hash: hasher.0.finalize() })
    }

    /// The component of a digest and what was noted of it, when its code is here and genuine.
    pub(crate) fn get(&self, engine: &Engine, digest: &str) -> Option<(Component, Vec<u8>)> {
        let name = self.name(digest);
        let path = self.directory.join(format!("{name}.{CODE_ENDING}"));
        let sealed = fs::read(self.directory.join(format!("{name}.{SEAL_ENDING}"))).ok()?;
        let mut code = Vec::new();
        let mut file = File::open(&path).ok()?;
        file.read_to_end(&mut code).ok()?;
        let seal: [u8; 32] = sealed.try_into().ok()?;
        // Comparing hashes takes the same time whatever they are.
        if self.seal(&name, &code) != blake3::Hash::from_bytes(seal) {
            tracing::warn!(path = %path.display(), "compiled code in the cache is not as it was written; it is compiled anew");
            return None;
        }
        let notes = split_notes(&mut code)?;
        let component =
            deserialize(engine, &code).inspect_err(|error| tracing::debug!(path = %path.display(), %error, "cached code does not load"));
        // The time of last use, for the pruner.
        let _ = file.set_modified(SystemTime::now());
        Some((component.ok()?, notes))
    }

    /// Keeps a component's code, and notes of ours with it. A cache that cannot be written to is slow, not wrong.
    pub(crate) fn put(&self, digest: &str, component: &Component, notes: &[u8]) {
        let name = self.name(digest);
        let kept = component.serialize().map_err(|error| error.to_string()).and_then(|mut code| {
            join_notes(&mut code, notes);
            self.write(&format!("{name}.{CODE_ENDING}"), &code)
                .and_then(|()| self.write(&format!("{name}.{SEAL_ENDING}"), self.seal(&name, &code).as_bytes()))
                .and_then(|()| self.prune())
                .map_err(|error| error.to_string())
        });
        if let Err(error) = kept {
            tracing::warn!(directory = %self.directory.display(), %error, "compiled code could not be kept");
        }
    }

    fn name(&self, digest: &str) -> String {
        let mut hasher = blake3::Hasher::new_derive_key(NAME_DOMAIN);
        hasher.update(self.engine_hash.as_bytes()).update(digest.as_bytes());
        hasher.finalize().to_hex().to_string()
    }

    /// The name is part of it, so that one plugin's code cannot be put in the place of another's.
    fn seal(&self, name: &str, code: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(name.as_bytes()).update(code);
        hasher.finalize()
    }

    /// Writes a file whole or not at all.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let temporary = self.directory.join(format!("{name}.{}.new", crate::host::random::Random::from_the_system().hex(8)));
        let written = (|| {
            let mut file = private_file(&temporary)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&temporary, self.directory.join(name))?;
            File::open(&self.directory)?.sync_all()
        })();
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    fn prune(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            let path = entry.path();
            if path.extension().is_some_and(|ending| ending == CODE_ENDING || ending == "new") {
                let metadata = entry.metadata()?;
                files.push((metadata.modified()?, metadata.len(), path));
            }
        }
        let mut total: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        files.sort();
        for (_, bytes, path) in files {
            if total <= CACHE_BYTES_MAX {
                break;
            }
            // Another process may have been faster.
            let _ = fs::remove_file(path.with_extension(SEAL_ENDING));
            let _ = fs::remove_file(&path);
            total -= bytes;
        }
        Ok(())
    }
}

/// Puts notes behind the code: their bytes, then how many.
fn join_notes(code: &mut Vec<u8>, notes: &[u8]) {
    code.extend_from_slice(notes);
    code.extend_from_slice(&(notes.len() as u64).to_le_bytes());
}

/// Takes the notes from behind the code.
fn split_notes(code: &mut Vec<u8>) -> Option<Vec<u8>> {
    let length = u64::from_le_bytes(*code.last_chunk()?);
    let end = code.len().checked_sub(size_of::<u64>())?;
    let start = end.checked_sub(usize::try_from(length).ok()?)?;
    let notes = code[start..end].to_vec();
    code.truncate(start);
    Some(notes)
}

#[expect(unsafe_code, reason = "compiled code can only be loaded by an unsafe function, whose contract the seal keeps")]
fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the bytes were checked against a seal under a key that only this user can read, so they are what
    // `Component::serialize` gave; and they are in memory of our own, where nobody can change them any more.
    unsafe { Component::deserialize(engine, code) }
}

/// Makes the directory, or makes sure that it is this user's alone.
fn private_directory(directory: &Path) -> Result<(), String> {
    let failed = |error: io::Error| error.to_string();
    if !directory.exists() {
        if let Some(parent) = directory.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        match make_private(directory) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(error)),
            _ => {}
        }
    }
    check_private(directory)
}

#[cfg(unix)]
fn make_private(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(directory)
}

#[cfg(not(unix))]
fn make_private(directory: &Path) -> io::Result<()> {
    fs::create_dir(directory)
}

#[cfg(unix)]
fn check_private(directory: &Path) -> Result<(), String> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let metadata = fs::symlink_metadata(directory).map_err(|error| error.to_string())?;
    if !metadata.is_dir() {
        return Err("it is not a directory (a link is not followed)".to_owned());
    }
    let me = rustix::process::geteuid().as_raw();
    if metadata.uid() != me {
        return Err(format!("it belongs to user {}, not to user {me}: compiled code of others is never loaded", metadata.uid()));
    }
    if metadata.mode() & 0o077 != 0 {
        // What is in it was sealed by our key all along; from here on nobody else can even try.
        fs::set_permissions(directory, Permissions::from_mode(0o700)).map_err(|error| error.to_string())?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_private(directory: &Path) -> Result<(), String> {
    if directory.is_dir() { Ok(()) } else { Err("it is not a directory".to_owned()) }
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The key, which is made once: whoever comes first wins, and everyone uses that one.
fn load_or_make_key(directory: &Path) -> io::Result<[u8; 32]> {
    let path = directory.join(KEY_FILE);
    if !path.exists() {
        let temporary = directory.join(format!("{KEY_FILE}.{}.new", crate::host::random::Random::from_the_system().hex(8)));
        let mut file = private_file(&temporary)?;
        file.write_all(&system_seed())?;
        file.sync_all()?;
        // A link fails where a rename would replace the key of another process.
        let linked = fs::hard_link(&temporary, &path);
        fs::remove_file(&temporary)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    check_key_file(&path)?;
    let wrong = || io::Error::new(io::ErrorKind::InvalidData, "it does not have 32 bytes: remove it, and a new one is made");
    fs::read(&path)?.try_into().map_err(|_| wrong())
}

#[cfg(unix)]
fn check_key_file(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::symlink_metadata(path)?;
    let mine = metadata.is_file() && metadata.uid() == rustix::process::geteuid().as_raw();
    if !mine || metadata.mode() & 0o077 != 0 {
        let reason = "others can read it, or it is not this user's own file: remove it, and a new one is made";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_key_file(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// BLAKE3 behind the standard hasher's interface, which is how wasmtime tells what its code depends on.
struct Blake3Hasher(blake3::Hasher);

impl Hasher for Blake3Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let hash = self.0.finalize();
        u64::from_le_bytes(*hash.as_bytes().first_chunk().expect("a hash has 32 bytes"))
    }
}

#[cfg(test)]
mod tests;
