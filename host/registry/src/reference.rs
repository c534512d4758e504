//! What a workflow writes where a plugin is named: a file of the project, or a package with the versions that are wanted of it.
//!
//! A reference names its registry in full, always. So there is no list of registries to try one after the other, and nobody
//! can put a package of the same name where it would be found first.

use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use jackfield_flow::plan::Digest;
use semver::{Version, VersionReq};
use url::Url;

/// Where a plugin of a workflow is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A component file of the project, by path.
    File(PathBuf),
    /// A package of a registry.
    Package(Reference),
}

/// A package and the versions that are wanted of it: `oci://registry.example/acme/csv:^1.2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where the package is.
    pub source: Source,
    /// Which versions of it will do.
    pub wanted: Wanted,
}

/// Where a package is: one repository, with all its versions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A repository of an OCI registry: `oci://host[:port]/acme/csv`.
    Oci {
        /// The host, with its port if it has one.
        host: String,
        /// The path of the repository.
        repository: String,
    },
    /// A folder: `file:registry/acme/csv`, or `file:///srv/registry/acme/csv`.
    Folder(PathBuf),
    /// A folder of a plain web server: `https://host/registry/acme/csv`.
    Web(Url),
}

/// Which versions will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All that a requirement such as `^1.2` matches.
    Matching(VersionReq),
    /// This one: `1.2.0`.
    Exactly(Version),
    /// The one whose component, or whose manifest, has this digest.
    Digest(Digest),
}

/// A text that is no reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}`: {why}")]
pub struct ReferenceError {
    /// What was written, cut short.
    text: String,
    /// Why, and what to write.
    why: String,
}

/// The longest reference that is looked at, in bytes.
const REFERENCE_BYTES_MAX: usize = 2_048;
/// The longest repository name, in bytes, as registries have it.
const REPOSITORY_BYTES_MAX: usize = 255;

impl Location {
    /// Reads what a workflow has under `plugins`.
    ///
    /// # Errors
    /// When it looks like a package and is none.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        match scheme(text) {
            None => Ok(Self::File(PathBuf::from(text))),
            Some(_) => Reference::parse(text).map(Self::Package),
        }
    }
}

impl Reference {
    /// Reads a package with the versions that are wanted.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let (source, wanted) = split(text);
        let source = source.parse()?;
        let wanted = wanted.ok_or_else(|| {
            refused(text, "it does not say which version: add a requirement such as `:^1.2`, a version such as `:1.2.0`, or `@sha256:…`")
        })?;
        Ok(Self { source, wanted: Wanted::parse(wanted).map_err(|why| refused(text, why))? })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if matches!(self.wanted, Wanted::Digest(_)) { '@' } else { ':' };
        write!(f, "{}{mark}{}", self.source, self.wanted)
    }
}

impl Wanted {
    /// Reads what stands behind the name of a package: after `:`, or a digest after `@`.
    ///
    /// # Errors
    /// Why it says nothing about versions.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with("sha256:") {
            return text.parse().map(Self::Digest).map_err(|error: jackfield_flow::plan::NotADigest| error.to_string());
        }
        if let Ok(version) = Version::parse(text) {
            return Ok(Self::Exactly(version));
        }
        if text.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(format!(
                "`{text}` is half a version: write `^{text}` for all that are compatible with it, or a whole one such as `1.2.0`"
            ));
        }
        VersionReq::parse(text)
            .map(Self::Matching)
            .map_err(|error| format!("`{text}` is no requirement on versions ({error}): write one such as `^1.2`"))
    }

    /// Whether a version will do. What is wanted by digest is not found by version.
    pub fn fits(&self, version: &Version) -> bool {
        match self {
            Self::Matching(requirement) => requirement.matches(version),
            Self::Exactly(exact) => exact == version,
            Self::Digest(_) => false,
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Matching(requirement) => requirement.fmt(f),
            Self::Exactly(version) => version.fmt(f),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

impl Source {
    /// What people call the package: `acme/csv`.
    pub fn name(&self) -> String {
        let last_two = |parts: Vec<String>| parts[parts.len().saturating_sub(2)..].join("/");
        match self {
            Self::Oci { repository, .. } => repository.clone(),
            Self::Folder(path) => {
                let plain = |part: Component<'_>| match part {
                    Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
                    _ => None,
                };
                last_two(path.components().filter_map(plain).collect())
            }
            Self::Web(url) => last_two(url.path().split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()),
        }
    }

    /// The same source with a relative folder seen from elsewhere: what `from` calls it is what `to` should call it.
    pub fn seen_from(self, from: &Path, to: &Path) -> Self {
        match self {
            Self::Folder(path) if path.is_relative() && from != to => Self::Folder(tidy(&from.join(path))),
            other => other,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Oci { host, repository } => write!(f, "oci://{host}/{repository}"),
            Self::Folder(path) if path.is_absolute() => write!(f, "file://{}", path.display()),
            Self::Folder(path) => write!(f, "file:{}", path.display()),
            Self::Web(url) => f.write_str(url.as_str().trim_end_matches('/')),
        }
    }
}

impl FromStr for Source {
    type Err = ReferenceError;

    /// Reads where a package is, without a version.
    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let refused = |why: String| refused(text, why);
        if text.len() > REFERENCE_BYTES_MAX {
            return Err(refused(format!("it has {} bytes; a reference may have {REFERENCE_BYTES_MAX}", text.len())));
        }
        match scheme(text) {
            Some("oci") => oci(text).map_err(refused),
            Some("file") => folder(text).map_err(refused),
            Some("https" | "http") => web(text).map_err(refused),
            Some(other) => Err(refused(format!("packages are found by `oci://`, `file:` or `https://`; `{other}:` is not known"))),
            None => Err(refused("it names no registry: write `oci://HOST/NAME`, `file:FOLDER` or `https://HOST/FOLDER`".to_owned())),
        }
    }
}

fn oci(text: &str) -> Result<Source, String> {
    let rest = text.strip_prefix("oci://").ok_or("write `oci://HOST/NAME`")?;
    let (host, repository) = rest.split_once('/').ok_or("it has no name after the host: write `oci://HOST/NAME`")?;
    let whole = Url::parse(&format!("https://{host}/")).map_err(|error| format!("the host `{host}`: {error}"))?;
    if !whole.username().is_empty()
        || whole.password().is_some()
        || whole.host_str().is_none_or(str::is_empty)
        || host != host.to_lowercase()
    {
        return Err(format!(
            "`{host}` is no host: write it in small letters, with its port if it has one; passwords belong in docker's config.json"
        ));
    }
    check_repository(repository)?;
    Ok(Source::Oci { host: host.to_owned(), repository: repository.to_owned() })
}

/// The names that registries take: small letters, digits, and `.`, `_`, `-` between them.
fn check_repository(repository: &str) -> Result<(), String> {
    if repository.len() > REPOSITORY_BYTES_MAX {
        return Err(format!("the name has {} bytes; it may have {REPOSITORY_BYTES_MAX}", repository.len()));
    }
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let good = |part: &str| {
        part.starts_with(plain) && part.ends_with(plain) && part.chars().all(|letter| plain(letter) || matches!(letter, '.' | '_' | '-'))
    };
    match repository.split('/').find(|part| !good(part)) {
        None => Ok(()),
        Some(part) => Err(format!("`{part}` is no part of a name: small letters and digits, with `.`, `_` or `-` between them")),
    }
}

fn folder(text: &str) -> Result<Source, String> {
    let rest = text.strip_prefix("file:").ok_or("write `file:FOLDER`")?;
    let path = match rest.strip_prefix("//") {
        Some(absolute) if absolute.starts_with('/') => absolute,
        Some(_) => return Err("`file://` is followed by a path from the root, as in `file:///srv/plugins/acme/csv`".to_owned()),
        None => rest,
    };
    let path = tidy(Path::new(path));
    match path.components().next_back() {
        Some(Component::Normal(_)) => Ok(Source::Folder(path)),
        _ => Err("it names no folder: write `file:FOLDER/NAME`".to_owned()),
    }
}

fn web(text: &str) -> Result<Source, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err("write host and path alone, without a user, a query or a fragment".to_owned());
    }
    if url.scheme() == "http" && !is_loopback(url.host_str().unwrap_or_default()) {
        return Err("without TLS anybody on the way could answer: write `https://`".to_owned());
    }
    if url.path().trim_matches('/').is_empty() {
        return Err("it has no path: write `https://HOST/FOLDER/NAME`".to_owned());
    }
    Ok(Source::Web(url))
}

/// Whether a host is this machine itself.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What stands before the first `:`, when it looks like the scheme of a URL.
fn scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(':')?;
    let known = scheme == "file" || rest.starts_with("//");
    (known && scheme.starts_with(|first: char| first.is_ascii_alphabetic())).then_some(scheme)
}

/// Where the package is, and what is said of its version: what follows the first `@` or `:` of the last part of the path.
fn split(text: &str) -> (&str, Option<&str>) {
    let last = text.rfind('/').map_or_else(|| text.find(':').map_or(0, |colon| colon + 1), |slash| slash + 1);
    match text[last..].find(['@', ':']) {
        Some(at) => (&text[..last + at], Some(text[last + at + 1..].trim())),
        None => (text, None),
    }
}

/// The same path without `.` and double slashes.
fn tidy(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

fn refused(text: &str, why: impl Into<String>) -> ReferenceError {
    ReferenceError { text: text.chars().take(120).collect(), why: why.into() }
}

#[cfg(test)]
mod tests;
