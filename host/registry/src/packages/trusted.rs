//! Signing versions, and asking who did.

use std::path::Path;

use jackfield_flow::plan::Digest;
use semver::Version;

use super::{Packages, Release, manifest_name, release, vendored};
use crate::artifact::Manifest;
use crate::error::PackageError;
use crate::reference::Source;
use crate::repository::{By, Repository};
use crate::trust::{PAYLOAD_BYTES_MAX, POLICY_NAME, Policy, PublicKey, SecretKey, Signature, SignatureManifest, Signers, tag_of};

impl Packages {
    /// The same with a policy of the operator, which holds beside that of each project.
    pub fn with_policy(self, policy: Option<Policy>) -> Self {
        Self { policy, ..self }
    }

    /// Whether something must not be used any more, as the operator says.
    pub fn is_revoked(&self, digest: Digest) -> bool {
        self.policy.as_ref().is_some_and(|policy| policy.is_revoked(digest))
    }

    /// Who signed a version, of those who have to; nobody when nobody has to. Nothing of the component is read for it.
    ///
    /// # Errors
    /// When a policy does not allow it: that of the operator, or that of the project in `base`.
    pub fn trusted(&self, source: &Source, base: &Path, release: &Release) -> Result<Vec<String>, PackageError> {
        let mut signers = Vec::new();
        for policy in self.policies(base)? {
            let wanted = policy.signers(source, release)?;
            if wanted.threshold > 0 {
                self.signed(source, base, release, &policy, wanted, &mut signers)?;
            }
        }
        signers.sort();
        signers.dedup();
        Ok(signers)
    }

    /// Whether a package's tasks may ask for all that they ask for.
    ///
    /// # Errors
    /// When a policy does not allow it.
    pub fn allowed(&self, source: &Source, base: &Path, capabilities: &[String]) -> Result<(), PackageError> {
        self.policies(base)?.iter().try_for_each(|policy| policy.allows(source, capabilities))
    }

    /// Signs a version, beside the signatures that it has. Whether it is a new one.
    pub fn sign(&self, source: &Source, base: &Path, version: &Version, key: &SecretKey) -> Result<bool, PackageError> {
        let repository = Repository::open(source, base, self.client()?)?;
        let found = release(&repository, version)?.ok_or_else(|| PackageError::absent(source, format!("there is no version {version}")))?;
        let mut signatures = published(&repository, found.manifest)?;
        if signatures.iter().any(|signature| signature.is_by(&key.public(), &source.name(), found.manifest)) {
            return Ok(false);
        }
        let named = source.to_string();
        let reference = named.strip_prefix("oci://").map_or_else(|| source.name(), str::to_owned);
        signatures.push(Signature::new(key, &reference, found.manifest));
        let (config, manifest) = SignatureManifest::write(&signatures);
        signatures.iter().try_for_each(|signature| repository.put_blob(signature.payload.as_bytes()))?;
        repository.put_blob(&config)?;
        repository.put_manifest(&tag_of(found.manifest), &manifest)?;
        Ok(true)
    }

    /// Which of these keys signed a version, as its registry has it now.
    pub fn signed_by(&self, source: &Source, base: &Path, version: &Version, keys: &[PublicKey]) -> Result<Vec<Digest>, PackageError> {
        let repository = Repository::open(source, base, self.client()?)?;
        let found = release(&repository, version)?.ok_or_else(|| PackageError::absent(source, format!("there is no version {version}")))?;
        let signatures = published(&repository, found.manifest)?;
        Ok(valid(&signatures, keys, &source.name(), found.manifest))
    }

    fn policies(&self, base: &Path) -> Result<Vec<Policy>, PackageError> {
        let of_project = Policy::read(&base.join(POLICY_NAME))?;
        Ok(self.policy.clone().into_iter().chain(of_project).collect())
    }

    fn signed(
        &self,
        source: &Source,
        base: &Path,
        release: &Release,
        policy: &Policy,
        wanted: Signers<'_>,
        signers: &mut Vec<String>,
    ) -> Result<(), PackageError> {
        let said = self.manifest(source, base, release.manifest)?;
        let version = Manifest::read(&said).ok().and_then(|manifest| manifest.version().map(str::to_owned));
        // Otherwise whoever keeps the registry could give an old version, signed in its day, for the newest.
        if release.version.is_some() && version.is_none() {
            return Err(
                policy.refused(format!("{source}: its manifest does not say which version it is, so a signature says nothing about it"))
            );
        }
        let keys: Vec<PublicKey> = wanted.keys.iter().filter(|key| !policy.is_revoked(key.id())).cloned().collect();
        let count = |signatures: &[Signature]| valid(signatures, &keys, &source.name(), release.manifest);
        let kept = self.kept_signatures(base, release.manifest);
        let mut by = count(&kept);
        let mut all = kept.len();
        if by.len() < wanted.threshold && !self.network.offline {
            let asked = published(&Repository::open(source, base, self.client()?)?, release.manifest)?;
            (by, all) = (count(&asked), asked.len());
            if by.len() >= wanted.threshold {
                self.keep_signatures(release.manifest, &asked)?;
            }
        }
        if by.len() < wanted.threshold {
            return Err(policy.refused(not_enough(source, release, all, &by, wanted)));
        }
        signers.extend(by.iter().map(Digest::to_string));
        Ok(())
    }

    /// The signatures that are kept with a manifest, here or in the project.
    fn kept_signatures(&self, base: &Path, manifest: Digest) -> Vec<Signature> {
        let name = signatures_name(manifest);
        let read = |bytes: Option<Vec<u8>>| serde_json::from_slice::<Vec<Signature>>(&bytes?).ok();
        // What cannot be read says nothing, and then it is asked for.
        read(self.store.beside(&name)).or_else(|| read(vendored(base).beside(&name))).unwrap_or_default()
    }

    fn keep_signatures(&self, manifest: Digest, signatures: &[Signature]) -> Result<(), PackageError> {
        let json = serde_json::to_vec(signatures).expect("it has no map keys but texts");
        Ok(self.store.put_beside(&signatures_name(manifest), &json)?)
    }

    /// Copies the signatures that are kept into the project.
    pub(super) fn vendor_signatures(&self, base: &Path, manifest: Digest) -> Result<(), PackageError> {
        match self.store.beside(&signatures_name(manifest)) {
            Some(kept) => Ok(vendored(base).put_beside(&signatures_name(manifest), &kept)?),
            None => Ok(()),
        }
    }
}

fn signatures_name(manifest: Digest) -> String {
    manifest_name(manifest).replace(".manifest.json", ".signatures.json")
}

/// The signatures that a registry has for a manifest.
fn published(repository: &Repository<'_>, manifest: Digest) -> Result<Vec<Signature>, PackageError> {
    let Some(bytes) = repository.manifest(By::Tag(&tag_of(manifest)))? else { return Ok(Vec::new()) };
    let named = SignatureManifest::read(&bytes).map_err(|why| repository.wrong(format!("its signatures: {why}")))?;
    let read = |(layer, signature)| {
        let payload = String::from_utf8(repository.blob(&layer, PAYLOAD_BYTES_MAX)?);
        Ok(Signature { payload: payload.map_err(|_| repository.wrong("its signatures are no text"))?, signature })
    };
    named.into_iter().map(read).collect()
}

/// The keys that signed.
fn valid(signatures: &[Signature], keys: &[PublicKey], name: &str, manifest: Digest) -> Vec<Digest> {
    let signed = keys.iter().filter(|key| signatures.iter().any(|signature| signature.is_by(key, name, manifest)));
    signed.map(PublicKey::id).collect()
}

fn not_enough(source: &Source, release: &Release, signatures: usize, by: &[Digest], wanted: Signers<'_>) -> String {
    let version = release.version.as_ref().map_or_else(String::new, |version| format!(" {version}"));
    let has = match signatures {
        0 => "it is not signed".to_owned(),
        1 => format!("it has 1 signature, and {} by those who may sign", by.len()),
        count => format!("it has {count} signatures, and {} by those who may sign", by.len()),
    };
    format!("{source}{version}: {has}; {} of {} must", wanted.threshold, wanted.keys.len())
}
