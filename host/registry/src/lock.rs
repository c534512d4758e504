//! `jackfield.lock`: which version of each package a project uses, and its exact bytes.
//!
//! It lies beside the workflows of a project and belongs under version control. A requirement that is in it is never looked up
//! again, so that a workflow uses the same bytes everywhere until somebody says `jackfield update`.

use std::path::{Path, PathBuf};

use jackfield_flow::plan::Digest;
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::error::PackageError;
use crate::folder::put;
use crate::packages::Release;
use crate::reference::{Reference, Source, Wanted};

/// The name of the file.
pub const LOCK_NAME: &str = "jackfield.lock";
/// The largest one that is read, in bytes.
const LOCK_BYTES_MAX: u64 = 4 << 20;
/// The form of the file.
const FORMAT: u32 = 1;
/// What it begins with.
const HEAD: &str = "# Which bytes each package of a plugin is. Written by jackfield: keep it under version control, and change it with\n# `jackfield lock WORKFLOW` and `jackfield update`.\n";

/// A locked package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locked {
    /// What people call it: `acme/csv`.
    pub name: String,
    /// Where it is.
    pub source: String,
    /// Which versions were wanted.
    pub requirement: String,
    /// The version that was found.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "version_as_text")]
    pub version: Option<Version>,
    /// The digest of the component.
    pub component: Digest,
    /// The size of the component, in bytes.
    pub size: u64,
    /// The digest of the manifest.
    pub manifest: Digest,
    /// The digest of what it says of its tasks: names, types, effects.
    pub tasks: Digest,
    /// What its tasks ask for.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Who signed it: the keys, by their digests.
    #[serde(default)]
    pub signers: Vec<String>,
}

/// The file as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    format: u32,
    #[serde(default)]
    plugin: Vec<Locked>,
}

/// A version as it is written.
mod version_as_text {
    use semver::Version;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(version: &Option<Version>, to: S) -> Result<S::Ok, S::Error> {
        match version {
            Some(version) => to.collect_str(version),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Version>, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map(Some).map_err(|error| D::Error::custom(format!("`{text}` is no version: {error}")))
    }
}

/// The lock file of a folder.
#[derive(Clone, Debug)]
pub struct LockFile {
    path: PathBuf,
    folder: PathBuf,
    locked: Vec<Locked>,
    /// What was put into it since it was read.
    new: Vec<Locked>,
}

impl Locked {
    /// Where it is.
    ///
    /// # Errors
    /// When what is written is no source.
    pub fn parsed_source(&self) -> Result<Source, PackageError> {
        Ok(self.source.parse()?)
    }

    /// What was asked for.
    ///
    /// # Errors
    /// When what is written is no reference.
    pub fn reference(&self) -> Result<Reference, PackageError> {
        let wanted = Wanted::parse(&self.requirement).map_err(|why| PackageError::wrong(&self.source, why))?;
        Ok(Reference { source: self.parsed_source()?, wanted })
    }

    /// Which bytes it is.
    pub fn release(&self) -> Release {
        Release { version: self.version.clone(), manifest: self.manifest, component: self.component, size: self.size }
    }

    /// Whether this is what a name means: the name of the package, or its last part.
    pub fn is_named(&self, name: &str) -> bool {
        self.name == name || self.name.rsplit('/').next() == Some(name)
    }

    /// As people read it: `acme/csv 1.2.0`.
    pub fn title(&self) -> String {
        self.version.as_ref().map_or_else(|| format!("{} {}", self.name, self.component), |version| format!("{} {version}", self.name))
    }

    fn key(&self) -> (&str, &str) {
        (&self.source, &self.requirement)
    }

    /// Why an entry cannot be as somebody wrote it.
    fn problem(&self) -> Option<String> {
        let reference = match self.reference() {
            Ok(reference) => reference,
            Err(error) => return Some(error.to_string()),
        };
        match (&reference.wanted, &self.version) {
            (Wanted::Digest(digest), _) if *digest != self.component && *digest != self.manifest => {
                Some(format!("{}: {digest} is wanted, and {} is locked", self.source, self.component))
            }
            (Wanted::Digest(_), _) => None,
            (wanted, Some(version)) if wanted.fits(version) => None,
            (wanted, Some(version)) => Some(format!("{}: {version} is locked, which does not match {wanted}", self.source)),
            (_, None) => Some(format!("{}: it has no version", self.source)),
        }
    }
}

impl LockFile {
    /// Reads the lock file of a folder; one that is not there is empty.
    ///
    /// # Errors
    /// When it cannot be read, or says what cannot be.
    pub fn read(folder: &Path) -> Result<Self, PackageError> {
        let path = folder.join(LOCK_NAME);
        let locked = read(&path)?;
        Ok(Self { path, folder: folder.to_owned(), locked, new: Vec::new() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder it lies in, where relative sources start.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All that is locked, by name.
    pub fn locked(&self) -> &[Locked] {
        &self.locked
    }

    /// What was put into it since it was read.
    pub fn new_ones(&self) -> &[Locked] {
        &self.new
    }

    /// What is locked for a reference.
    pub fn find(&self, reference: &Reference) -> Option<&Locked> {
        let key = (reference.source.to_string(), reference.wanted.to_string());
        self.locked.iter().find(|locked| locked.key() == (&*key.0, &*key.1))
    }

    /// Puts a package into it, instead of what was locked for the same reference. Nothing is written yet.
    ///
    /// # Errors
    /// When the same version is locked with other bytes.
    pub fn put(&mut self, new: Locked) -> Result<(), PackageError> {
        let other =
            self.locked.iter().find(|known| known.source == new.source && known.version == new.version && known.component != new.component);
        // A version that has none is known by its digest alone.
        if let Some(other) = other.filter(|_| new.version.is_some()) {
            let why = format!(
                "{} is locked as {}, and is {} now; a published version never changes, so nothing was changed here either",
                new.title(),
                other.component,
                new.component
            );
            return Err(PackageError::wrong(&new.source, why));
        }
        self.locked.retain(|known| known.key() != new.key());
        self.new.retain(|known| known.key() != new.key());
        self.locked.push(new.clone());
        self.new.push(new);
        self.locked.sort_by(|one, another| (&one.name, one.key()).cmp(&(&another.name, another.key())));
        Ok(())
    }

    /// Writes what was put into it. What somebody else wrote meanwhile stays.
    ///
    /// # Errors
    /// When it cannot be written, or somebody else locked the same version with other bytes.
    pub fn save(&mut self) -> Result<(), PackageError> {
        if self.new.is_empty() {
            return Ok(());
        }
        let mut now = Self::read(&self.folder)?;
        for new in std::mem::take(&mut self.new) {
            now.put(new)?;
        }
        let text = Text { format: FORMAT, plugin: now.locked };
        let body = toml::to_string(&text).map_err(|error| PackageError::wrong(self.path.display(), error.to_string()))?;
        put(&self.path, format!("{HEAD}{body}").as_bytes()).map_err(PackageError::io(&self.path))?;
        self.locked = text.plugin;
        Ok(())
    }
}

fn read(path: &Path) -> Result<Vec<Locked>, PackageError> {
    let Some(bytes) = crate::repository::read_file(path, LOCK_BYTES_MAX)? else { return Ok(Vec::new()) };
    let wrong = |why: String| PackageError::wrong(path.display(), why);
    let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8 text".to_owned()))?;
    // The form is looked at first: a newer one may have other keys.
    let form = toml::from_str::<toml::Table>(&text).map_err(|error| wrong(error.to_string().trim().to_owned()))?;
    match form.get("format").and_then(toml::Value::as_integer) {
        Some(format) if format == i64::from(FORMAT) => {}
        Some(format) => return Err(wrong(format!("it has the form {format}; this version of jackfield reads {FORMAT}"))),
        None => return Err(wrong("it does not say which form it has: `format = 1` is missing".to_owned())),
    }
    let text: Text = toml::from_str(&text).map_err(|error| wrong(error.to_string().trim().to_owned()))?;
    match text.plugin.iter().find_map(Locked::problem) {
        Some(problem) => Err(wrong(problem)),
        None => Ok(text.plugin),
    }
}

#[cfg(test)]
mod tests;
