//! A folder for the files of one build, below the cache; gone when the build is over.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::BuildError;

/// The folder.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// A new one, empty.
    pub(crate) fn new(cache: &Path) -> Result<Self, BuildError> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let dir = cache.join("build").join(name);
        // A process of the same number may have been killed here.
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).map_err(BuildError::file("cannot make", &dir))?;
        Ok(Self(dir))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is in the cache, where it may be removed at any time.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Makes the folder `place` once: `make` fills a folder beside it, which then takes its name. What another process made in the meantime
/// is as good.
///
/// # Errors
/// Those of `make`, and of the disk.
pub(crate) fn once(place: &Path, make: impl FnOnce(&Path) -> Result<(), BuildError>) -> Result<(), BuildError> {
    // Two threads of this process would make the same half; the second one waits, and finds it made.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    if place.is_dir() {
        return Ok(());
    }
    let beside = place.with_extension(format!("{}.half", process::id()));
    let _ = fs::remove_dir_all(&beside);
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent).map_err(BuildError::file("cannot make", parent))?;
    }
    let made = make(&beside).and_then(|()| match fs::rename(&beside, place) {
        Err(_) if place.is_dir() => Ok(()),
        result => result.map_err(BuildError::file("cannot make", place)),
    });
    let _ = fs::remove_dir_all(&beside);
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_once_and_whole() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("a/tool-1.2");
        let error = once(&place, |half| {
            fs::create_dir_all(half).unwrap();
            Err(BuildError::NoCacheDir)
        });
        assert!(error.is_err() && !place.exists());
        once(&place, |half| {
            fs::create_dir_all(half).unwrap();
            fs::write(half.join("x"), "1").map_err(BuildError::file("cannot write", half))
        })
        .unwrap();
        once(&place, |_| panic!("it is there")).unwrap();
        assert!(place.join("x").is_file());
        assert_eq!(fs::read_dir(dir.path().join("a")).unwrap().count(), 1, "no half is left");
    }

    #[test]
    fn the_files_of_a_build_are_gone_after_it() {
        let dir = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(dir.path()).unwrap();
        let path = scratch.path().to_owned();
        fs::write(path.join("x"), "1").unwrap();
        drop(scratch);
        assert!(!path.exists());
    }
}
