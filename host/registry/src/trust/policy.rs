//! `jackfield.policy.toml`: whose packages may be used, and what they may ask for at most.

use std::path::{Path, PathBuf};

use jackfield_flow::plan::Digest;
use serde::Deserialize;

use super::key::PublicKey;
use crate::error::PackageError;
use crate::packages::Release;
use crate::reference::Source;
use crate::repository::read_file;

/// The name of a project's policy, beside its lock file.
pub const POLICY_NAME: &str = "jackfield.policy.toml";
/// The largest policy that is read, in bytes.
const POLICY_BYTES_MAX: u64 = 1 << 20;
/// The largest key file that is read, in bytes.
const KEY_BYTES_MAX: u64 = 64 << 10;
/// The form of the file.
const FORMAT: u32 = 1;

/// What is allowed of which packages.
#[derive(Clone, Debug)]
pub struct Policy {
    path: PathBuf,
    unlisted: Unlisted,
    revoked: Vec<Digest>,
    namespaces: Vec<Namespace>,
}

/// What becomes of packages that no namespace has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Unlisted {
    #[default]
    Refuse,
    Allow,
}

#[derive(Clone, Debug)]
struct Namespace {
    packages: String,
    keys: Vec<PublicKey>,
    threshold: usize,
    capabilities: Option<Vec<String>>,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    format: u32,
    #[serde(default)]
    unlisted: Unlisted,
    /// Components, manifests and keys that must not be used any more, by their digests.
    #[serde(default)]
    revoked: Vec<Digest>,
    #[serde(default)]
    namespace: Vec<NamespaceText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamespaceText {
    packages: String,
    #[serde(default)]
    keys: Vec<PathBuf>,
    threshold: Option<usize>,
    capabilities: Option<Vec<String>>,
}

/// What a policy wants of the signatures of a version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signers<'a> {
    /// Who may sign.
    pub(crate) keys: &'a [PublicKey],
    /// How many of them must have.
    pub(crate) threshold: usize,
}

impl Policy {
    /// Reads a policy, with the key files it names; nothing when there is none.
    ///
    /// # Errors
    /// When it cannot be read or makes no sense. A policy that is there is never passed over.
    pub fn read(path: &Path) -> Result<Option<Self>, PackageError> {
        let Some(bytes) = read_file(path, POLICY_BYTES_MAX)? else { return Ok(None) };
        let wrong = |why: String| PackageError::wrong(path.display(), why);
        let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8 text".to_owned()))?;
        let text: Text = toml::from_str(&text).map_err(|error| wrong(error.to_string().trim().to_owned()))?;
        if text.format != FORMAT {
            return Err(wrong(format!("it has the form {}; this version of jackfield reads {FORMAT}", text.format)));
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        let namespaces = text.namespace.into_iter().map(|namespace| Namespace::new(namespace, folder).map_err(wrong));
        Ok(Some(Self {
            path: path.to_owned(),
            unlisted: text.unlisted,
            revoked: text.revoked,
            namespaces: namespaces.collect::<Result<_, _>>()?,
        }))
    }

    /// Whether something must not be used any more.
    pub fn is_revoked(&self, digest: Digest) -> bool {
        self.revoked.contains(&digest)
    }

    /// What has to be signed by whom, so that a version may be used.
    ///
    /// # Errors
    /// When it may not be used, whoever signed it.
    pub(crate) fn signers(&self, source: &Source, release: &Release) -> Result<Signers<'_>, PackageError> {
        for digest in [release.component, release.manifest] {
            if self.is_revoked(digest) {
                return Err(self.refused(format!("{source}: {digest} is revoked")));
            }
        }
        match self.namespace(source) {
            Some(namespace) => Ok(Signers { keys: &namespace.keys, threshold: namespace.threshold }),
            None if self.unlisted == Unlisted::Allow => Ok(Signers { keys: &[], threshold: 0 }),
            None => Err(self.refused(format!("{source}: no namespace has it"))),
        }
    }

    /// Whether tasks may ask for all that they ask for.
    ///
    /// # Errors
    /// When there is something that they may not.
    pub(crate) fn allows(&self, source: &Source, capabilities: &[String]) -> Result<(), PackageError> {
        let Some(allowed) = self.namespace(source).and_then(|namespace| namespace.capabilities.as_ref()) else { return Ok(()) };
        let fits = |asked: &String| allowed.iter().any(|rule| covers(rule, asked));
        match capabilities.iter().find(|asked| !fits(asked)) {
            None => Ok(()),
            Some(asked) => {
                Err(self.refused(format!("{source}: it asks for `{asked}`, which is not among the capabilities of its namespace")))
            }
        }
    }

    /// A refusal that names this policy.
    pub(crate) fn refused(&self, why: String) -> PackageError {
        PackageError::Refused(format!("{why} ({})", self.path.display()))
    }

    /// The namespace of a package: the one that says most of its name.
    fn namespace(&self, source: &Source) -> Option<&Namespace> {
        let name = source.to_string();
        self.namespaces.iter().filter(|namespace| covers(&namespace.packages, &name)).max_by_key(|namespace| namespace.packages.len())
    }
}

impl Namespace {
    fn new(text: NamespaceText, folder: &Path) -> Result<Self, String> {
        let keys = text.keys.iter().map(|path| read_key(&folder.join(path))).collect::<Result<Vec<_>, _>>()?;
        let threshold = text.threshold.unwrap_or(usize::from(!keys.is_empty()));
        if threshold > keys.len() {
            return Err(format!("`{}` wants {threshold} signatures and names {} keys", text.packages, keys.len()));
        }
        if threshold == 0 && !keys.is_empty() {
            return Err(format!("`{}` names keys and wants no signature: remove the keys, or write `threshold = 1`", text.packages));
        }
        let twice = keys.iter().enumerate().any(|(at, key)| keys[..at].contains(key));
        if twice {
            return Err(format!("`{}` names one key twice", text.packages));
        }
        Ok(Self { packages: text.packages, keys, threshold, capabilities: text.capabilities })
    }
}

fn read_key(path: &Path) -> Result<PublicKey, String> {
    let bytes = read_file(path, KEY_BYTES_MAX).map_err(|error| error.to_string())?;
    let bytes = bytes.ok_or_else(|| format!("{}: there is no such key", path.display()))?;
    PublicKey::from_pem(&String::from_utf8_lossy(&bytes)).map_err(|why| format!("{}: {why}", path.display()))
}

/// Whether a rule is this text, or what it begins with up to a `*`, or its first word.
fn covers(rule: &str, text: &str) -> bool {
    match rule.strip_suffix('*') {
        Some(start) => text.starts_with(start),
        None => rule == text || text.split_once(' ').is_some_and(|(word, _)| word == rule),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::trust::SecretKey;

    /// A folder with two keys and a policy.
    fn policy(text: &str) -> Result<Policy, String> {
        let folder = tempfile::tempdir().unwrap();
        for seed in [1, 2] {
            std::fs::write(folder.path().join(format!("{seed}.pub")), SecretKey::from_seed(&[seed; 32]).public().to_pem()).unwrap();
        }
        let path = folder.path().join(POLICY_NAME);
        std::fs::write(&path, text).unwrap();
        let read = Policy::read(&path).map_err(|error| error.to_string().replace(&folder.path().display().to_string(), "HERE"));
        read.map(Option::unwrap)
    }

    fn release() -> Release {
        Release { version: None, manifest: Digest::of(b"manifest"), component: Digest::of(b"component"), size: 9 }
    }

    #[test]
    fn the_namespace_that_says_most_of_a_name_counts() {
        let text = "format = 1\n[[namespace]]\npackages = \"oci://r/*\"\n[[namespace]]\npackages = \"oci://r/acme/*\"\nkeys = [\"1.pub\", \"2.pub\"]\nthreshold = 2\ncapabilities = [\"log\", \"http GET https://a.example/*\"]\n";
        let policy = policy(text).unwrap();
        let wants = |source: &str| policy.signers(&source.parse().unwrap(), &release()).map(|signers| signers.threshold).ok();
        assert_eq!((wants("oci://r/acme/csv"), wants("oci://r/csv"), wants("oci://x/csv")), (Some(2), Some(0), None));
        let asks = |asked: &str| policy.allows(&"oci://r/acme/csv".parse().unwrap(), &[asked.to_owned()]).is_ok();
        assert!(asks("log") && asks("log info") && asks("http GET https://a.example/x") && !asks("http GET https://b.example/x"));
        assert!(!asks("secrets token") && !asks("http"));
    }

    #[test]
    fn what_is_revoked_is_refused_by_any_digest() {
        for digest in [release().component, release().manifest] {
            let policy = policy(&format!("format = 1\nunlisted = \"allow\"\nrevoked = [\"{digest}\"]\n")).unwrap();
            assert!(policy.signers(&"oci://r/csv".parse().unwrap(), &release()).unwrap_err().to_string().contains("is revoked"));
        }
    }

    #[track_caller]
    fn refused(text: &str, expected: Expect) {
        expected.assert_eq(&policy(text).unwrap_err());
    }

    #[test]
    fn a_policy_that_makes_no_sense_is_refused() {
        let namespace = |rest: &str| format!("format = 1\n[[namespace]]\npackages = \"oci://r/*\"\n{rest}\n");
        refused(
            &namespace("keys = [\"1.pub\"]\nthreshold = 2"),
            expect!["HERE/jackfield.policy.toml: `oci://r/*` wants 2 signatures and names 1 keys"],
        );
        refused(
            &namespace("keys = [\"1.pub\"]\nthreshold = 0"),
            expect!["HERE/jackfield.policy.toml: `oci://r/*` names keys and wants no signature: remove the keys, or write `threshold = 1`"],
        );
        refused(&namespace("keys = [\"1.pub\", \"1.pub\"]"), expect!["HERE/jackfield.policy.toml: `oci://r/*` names one key twice"]);
        refused(&namespace("keys = [\"3.pub\"]"), expect!["HERE/jackfield.policy.toml: HERE/3.pub: there is no such key"]);
        refused(
            &namespace("keys = [\"jackfield.policy.toml\"]"),
            expect!["HERE/jackfield.policy.toml: HERE/jackfield.policy.toml: `-----BEGIN PUBLIC KEY-----` is not in it"],
        );
        refused(
            &namespace("kyes = []"),
            expect![[r#"
            HERE/jackfield.policy.toml: TOML parse error at line 4, column 1
              |
            4 | kyes = []
              | ^^^^
            unknown field `kyes`, expected one of `packages`, `keys`, `threshold`, `capabilities`"#]],
        );
        refused("format = 2", expect!["HERE/jackfield.policy.toml: it has the form 2; this version of jackfield reads 1"]);
        refused(
            "",
            expect![[r#"
            HERE/jackfield.policy.toml: TOML parse error at line 1, column 1
              |
            1 | 
              | ^
            missing field `format`"#]],
        );
    }
}
