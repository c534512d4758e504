//! Versions of packages: finding, having and publishing them.
//!
//! A package has a tag for each version, which names a manifest, which names the component. A yanked version keeps all that and
//! has one more tag, `yanked-1.2.0`: who has it locked can still have it, and nobody new gets it.

mod trusted;

use std::io::Write as _;
use std::path::Path;
use std::sync::OnceLock;

use jackfield_flow::plan::Digest;
use semver::Version;
use url::Url;

use crate::artifact::{About, Artifact, Manifest};
use crate::error::PackageError;
use crate::folder::{FILE_BYTES_MAX, Registry};
use crate::http::{Client, Network};
use crate::reference::{Reference, Source, Wanted};
use crate::repository::{By, Repository, catalogue, packages_in};
use crate::trust::Policy;

/// What the tag of a yanked version begins with. No version does, so other tools pass it over.
const YANKED: &str = "yanked-";
/// The folder of packages that a project brings with it.
pub const VENDOR_NAME: &str = "jackfield.vendor";
/// How many versions a message names.
const SHOWN_MAX: usize = 8;

/// Packages, as they are reached from this process.
#[derive(Debug)]
pub struct Packages {
    store: Registry,
    network: Network,
    /// Made when it is first needed: most commands ask nobody.
    client: OnceLock<Client>,
    /// What the operator of this process allows.
    policy: Option<Policy>,
}

/// A version that a package has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// The version.
    pub version: Version,
    /// Whether it is withdrawn: nobody new gets it.
    pub yanked: bool,
}

/// A version of a package: which bytes it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The version; nothing when it was asked for by digest and does not say.
    pub version: Option<Version>,
    /// The digest of its manifest.
    pub manifest: Digest,
    /// The digest of its component, which is that of the plugin.
    pub component: Digest,
    /// The size of its component, in bytes.
    pub size: u64,
}

/// What publishing came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// The version as it is there now.
    pub release: Release,
    /// Whether the same bytes had been there before.
    pub known: bool,
}

impl Packages {
    /// Packages that are kept in a local store once they have been downloaded.
    pub fn new(store: Registry, network: Network) -> Self {
        Self { store, network, client: OnceLock::new(), policy: None }
    }

    /// What asks web servers.
    ///
    /// # Errors
    /// When the certificates that are named cannot be read.
    fn client(&self) -> Result<&Client, PackageError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::new(self.network.clone())?;
        Ok(self.client.get_or_init(|| client))
    }

    /// The local store.
    pub fn store(&self) -> &Registry {
        &self.store
    }

    /// The versions of a package, newest first. A relative folder starts in `base`, here and everywhere.
    pub fn versions(&self, source: &Source, base: &Path) -> Result<Vec<Offered>, PackageError> {
        let repository = Repository::open(source, base, self.client()?)?;
        let tags = repository.tags()?.ok_or_else(|| PackageError::absent(source, "there is no such package"))?;
        Ok(offered(&tags))
    }

    /// The newest version that will do.
    ///
    /// # Errors
    /// When there is none, or it is not what it should be.
    pub fn find(&self, reference: &Reference, base: &Path) -> Result<Release, PackageError> {
        let repository = Repository::open(&reference.source, base, self.client()?)?;
        if let Wanted::Digest(digest) = reference.wanted {
            return by_digest(&repository, reference, digest);
        }
        let versions = self.versions(&reference.source, base)?;
        let best = versions.iter().find(|offered| !offered.yanked && reference.wanted.fits(&offered.version));
        let best = best.ok_or_else(|| PackageError::absent(&reference.source, none_fits(&reference.wanted, &versions)))?;
        release(&repository, &best.version)?
            .ok_or_else(|| repository.wrong(format!("it lists version {}, which is not there", best.version)))
    }

    /// The component of a release: from the local store, from what the project brought with it, or downloaded. Its digest and size
    /// are what the release says, and so is its manifest.
    pub fn bytes(&self, source: &Source, base: &Path, release: &Release) -> Result<Vec<u8>, PackageError> {
        if release.size > FILE_BYTES_MAX {
            return Err(PackageError::wrong(source, format!("its component has {} bytes; one may have {FILE_BYTES_MAX}", release.size)));
        }
        let said = self.manifest(source, base, release.manifest)?;
        let said = Manifest::read(&said).and_then(|manifest| manifest.component(release.version.as_ref()).cloned());
        let said = said.map_err(|why| PackageError::wrong(source, why))?;
        if (said.digest, said.size) != (release.component, release.size) {
            let what = format!("the component of {source} with {} bytes", release.size);
            return Err(PackageError::Digest { what, expected: release.component, found: said.digest });
        }
        if !self.store.has(release.component) {
            let vendored = vendored(base);
            if vendored.has(release.component) {
                let bytes = vendored.bytes(release.component)?;
                self.store.keep(release.component, |file| file.write_all(&bytes).map_err(PackageError::io(base)))?;
            } else {
                let repository = Repository::open(source, base, self.client()?)?;
                self.store.keep(release.component, |file| repository.fetch(release.component, release.size, file))?;
            }
        }
        Ok(self.store.bytes(release.component)?)
    }

    /// A manifest by its digest: from where components are kept, or asked for.
    fn manifest(&self, source: &Source, base: &Path, digest: Digest) -> Result<Vec<u8>, PackageError> {
        let name = manifest_name(digest);
        if let Some(kept) = self.store.beside(&name).filter(|kept| Digest::of(kept) == digest) {
            return Ok(kept);
        }
        let here = vendored(base).beside(&name).filter(|kept| Digest::of(kept) == digest);
        let bytes = match here {
            Some(bytes) => bytes,
            None => {
                let asked = Repository::open(source, base, self.client()?)?.manifest(By::Digest(digest))?;
                asked.ok_or_else(|| PackageError::absent(source, format!("there is no version with the manifest {digest}")))?
            }
        };
        self.store.put_beside(&name, &bytes)?;
        Ok(bytes)
    }

    /// Keeps a release in the project itself, so that it is had without any network. The number of bytes.
    pub fn vendor(&self, source: &Source, base: &Path, release: &Release) -> Result<u64, PackageError> {
        let (bytes, manifest) = (self.bytes(source, base, release)?, self.manifest(source, base, release.manifest)?);
        let vendored = vendored(base);
        vendored.keep(release.component, |file| file.write_all(&bytes).map_err(PackageError::io(base)))?;
        vendored.put_beside(&manifest_name(release.manifest), &manifest)?;
        self.vendor_signatures(base, release.manifest)?;
        Ok(bytes.len() as u64)
    }

    /// Publishes a component as a version of a package. The same bytes once more change nothing.
    ///
    /// # Errors
    /// When the version has other bytes already.
    pub fn push(&self, source: &Source, base: &Path, component: &[u8], about: &About) -> Result<Pushed, PackageError> {
        if !about.version.build.is_empty() {
            return Err(PackageError::Refused(format!("{}: registries have no versions with a `+`", about.version)));
        }
        let repository = Repository::open(source, base, self.client()?)?;
        if let Some(there) = release(&repository, &about.version)? {
            if there.component == Digest::of(component) {
                return Ok(Pushed { release: there, known: true });
            }
            let (source_name, version) = (source.to_string(), about.version.clone());
            return Err(PackageError::Taken { source_name, version, digest: there.component });
        }
        let artifact = Artifact::new(component, &source.name(), about);
        repository.put_blob(&artifact.config)?;
        repository.put_blob(component)?;
        repository.put_manifest(&about.version.to_string(), &artifact.manifest)?;
        let made = release_of(&repository, &artifact.manifest, Some(&about.version))?;
        Ok(Pushed { release: made, known: false })
    }

    /// Withdraws a version: who has it keeps it, and nobody new gets it.
    pub fn yank(&self, source: &Source, base: &Path, version: &Version) -> Result<(), PackageError> {
        let repository = Repository::open(source, base, self.client()?)?;
        match repository.manifest(By::Tag(&version.to_string()))? {
            Some(manifest) => repository.put_manifest(&format!("{YANKED}{version}"), &manifest),
            None => Err(PackageError::absent(source, format!("there is no version {version}"))),
        }
    }

    /// The packages of a registry whose names have a text in them: `oci://HOST` or `file:FOLDER`.
    pub fn search(&self, registry: &str, base: &Path, text: &str) -> Result<Vec<String>, PackageError> {
        let (names, start) = if let Some(host) = registry.strip_prefix("oci://") {
            let host = host.trim_end_matches('/');
            (catalogue(self.client()?, host)?, format!("oci://{host}/"))
        } else if let Some(folder) = registry.strip_prefix("file:") {
            let folder = folder.strip_prefix("//").unwrap_or(folder);
            (packages_in(&base.join(folder))?, format!("{}/", registry.trim_end_matches('/')))
        } else if Url::parse(registry).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
            return Err(PackageError::Refused(format!("{registry} is a plain web server, which does not tell what it has")));
        } else {
            return Err(PackageError::Refused(format!("`{registry}` is no registry: write `oci://HOST` or `file:FOLDER`")));
        };
        Ok(names.into_iter().filter(|name| name.contains(text)).map(|name| format!("{start}{name}")).collect())
    }
}

/// What a project brings with it, beside its lock file.
fn vendored(base: &Path) -> Registry {
    Registry::new(base.join(VENDOR_NAME))
}

fn manifest_name(digest: Digest) -> String {
    format!("sha256-{}.manifest.json", digest.hex())
}

/// The versions among tags, newest first.
fn offered(tags: &[String]) -> Vec<Offered> {
    let yanked = |version: &Version| tags.iter().any(|tag| tag.strip_prefix(YANKED).is_some_and(|rest| rest == version.to_string()));
    let versions = tags.iter().filter_map(|tag| Version::parse(tag).ok());
    let mut offered: Vec<Offered> = versions.map(|version| Offered { yanked: yanked(&version), version }).collect();
    offered.sort_by(|one, other| other.version.cmp(&one.version));
    offered
}

/// The version with a tag; nothing when there is none.
fn release(repository: &Repository<'_>, version: &Version) -> Result<Option<Release>, PackageError> {
    let manifest = repository.manifest(By::Tag(&version.to_string()))?;
    manifest.map(|bytes| release_of(repository, &bytes, Some(version))).transpose()
}

/// What a manifest says.
fn release_of(repository: &Repository<'_>, bytes: &[u8], version: Option<&Version>) -> Result<Release, PackageError> {
    let manifest = Manifest::read(bytes).map_err(|why| repository.wrong(why))?;
    let component = manifest.component(version).map_err(|why| repository.wrong(why))?;
    let version = version.cloned().or_else(|| Version::parse(manifest.version()?).ok());
    Ok(Release { version, manifest: Digest::of(bytes), component: component.digest, size: component.size })
}

/// The version with a digest: its manifest is asked for by it, and of those that have versions, the component may have it.
fn by_digest(repository: &Repository<'_>, reference: &Reference, digest: Digest) -> Result<Release, PackageError> {
    if let Some(bytes) = repository.manifest(By::Digest(digest))? {
        return release_of(repository, &bytes, None);
    }
    for offered in offered(&repository.tags()?.unwrap_or_default()) {
        if let Some(found) = release(repository, &offered.version)?.filter(|found| found.component == digest) {
            return Ok(found);
        }
    }
    Err(PackageError::absent(&reference.source, format!("no version has the digest {digest}")))
}

fn none_fits(wanted: &Wanted, versions: &[Offered]) -> String {
    let fitting: Vec<String> =
        versions.iter().filter(|offered| wanted.fits(&offered.version)).map(|offered| offered.version.to_string()).collect();
    if !fitting.is_empty() {
        return format!("no version that matches {wanted} is left: {} withdrawn", join(&fitting));
    }
    let all: Vec<String> = versions.iter().filter(|offered| !offered.yanked).map(|offered| offered.version.to_string()).collect();
    if all.is_empty() { "it has no versions".to_owned() } else { format!("no version matches {wanted}; there is {}", join(&all)) }
}

fn join(versions: &[String]) -> String {
    let more = if versions.len() > SHOWN_MAX { format!(" and {} more", versions.len() - SHOWN_MAX) } else { String::new() };
    format!("{}{more}", versions[..versions.len().min(SHOWN_MAX)].join(", "))
}

#[cfg(test)]
mod tests;
