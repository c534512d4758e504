//! Signatures, as cosign keeps them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jackfield_flow::plan::Digest;
use serde::{Deserialize, Serialize};

use super::key::{PublicKey, SecretKey};
use crate::artifact::{Descriptor, Manifest};

/// The type of the text that is signed.
const LAYER: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// The type of the configuration beside it.
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// The annotation with the signature.
const ANNOTATION: &str = "dev.cosignproject.cosign/signature";
/// What the text calls itself.
const TYPE: &str = "cosign container image signature";
/// How many signatures of one version are looked at.
const SIGNATURES_MAX: usize = 64;
/// The largest text, in bytes.
pub(crate) const PAYLOAD_BYTES_MAX: u64 = 64 << 10;

/// A text and its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signature {
    /// The text, byte for byte.
    pub(crate) payload: String,
    /// The signature in base64.
    pub(crate) signature: String,
}

/// What is signed.
#[derive(Serialize, Deserialize)]
struct Payload {
    critical: Critical,
    #[serde(default)]
    optional: Option<serde_json::Value>,
}

#[derive(Serialize, Deserialize)]
struct Critical {
    identity: Identity,
    image: Image,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Serialize, Deserialize)]
struct Identity {
    #[serde(rename = "docker-reference")]
    reference: String,
}

#[derive(Serialize, Deserialize)]
struct Image {
    #[serde(rename = "docker-manifest-digest")]
    digest: Digest,
}

/// The tag that the signatures of a manifest have.
pub(crate) fn tag_of(manifest: Digest) -> String {
    format!("sha256-{}.sig", manifest.hex())
}

impl Signature {
    /// Signs a version of a package.
    pub(crate) fn new(key: &SecretKey, package: &str, manifest: Digest) -> Self {
        let critical =
            Critical { identity: Identity { reference: package.to_owned() }, image: Image { digest: manifest }, kind: TYPE.to_owned() };
        let payload = serde_json::to_string(&Payload { critical, optional: None }).expect("it has no map keys but texts");
        let signature = BASE64_STANDARD.encode(key.sign(payload.as_bytes()));
        Self { payload, signature }
    }

    /// Whether it is the signature of this key, for this manifest of the package with this name.
    pub(crate) fn is_by(&self, key: &PublicKey, name: &str, manifest: Digest) -> bool {
        let Ok(signature) = BASE64_STANDARD.decode(&self.signature) else { return false };
        // What is said is looked at only once it is known who says it.
        if !key.verifies(self.payload.as_bytes(), &signature) {
            return false;
        }
        let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
        let Ok(payload) = serde_json::from_str::<Payload>(&self.payload) else { return false };
        let said = payload.critical;
        // A package may be copied to another registry, but not be taken for one with another name.
        said.kind == TYPE && said.image.digest == manifest && last(&said.identity.reference) == last(name)
    }
}

/// A manifest of signatures.
pub(crate) struct SignatureManifest;

impl SignatureManifest {
    /// The texts that a manifest names, each with its signature.
    ///
    /// # Errors
    /// When it is no manifest of signatures, or has too many.
    pub(crate) fn read(bytes: &[u8]) -> Result<Vec<(Descriptor, String)>, String> {
        let manifest = Manifest::read(bytes)?;
        if manifest.layers.len() > SIGNATURES_MAX {
            return Err(format!("it has {} signatures; {SIGNATURES_MAX} are looked at", manifest.layers.len()));
        }
        let signed = manifest.layers.into_iter().filter(|layer| layer.media_type == LAYER);
        Ok(signed.filter_map(|layer| layer.annotations.get(ANNOTATION).cloned().map(|signature| (layer, signature))).collect())
    }

    /// A configuration and a manifest for signatures.
    pub(crate) fn write(signatures: &[Signature]) -> (Vec<u8>, Vec<u8>) {
        let layers: Vec<Descriptor> = signatures
            .iter()
            .map(|signature| {
                let mut layer = Descriptor::new(LAYER, signature.payload.as_bytes());
                layer.annotations.insert(ANNOTATION.to_owned(), signature.signature.clone());
                layer
            })
            .collect();
        let digests: Vec<Digest> = layers.iter().map(|layer| layer.digest).collect();
        let config = serde_json::json!({
            "architecture": "", "os": "", "config": {}, "created": "0001-01-01T00:00:00Z",
            "rootfs": { "type": "layers", "diff_ids": digests },
        });
        let config = config.to_string().into_bytes();
        let manifest = Manifest::new(Descriptor::new(CONFIG, &config), layers, []);
        (config, manifest.to_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SecretKey {
        SecretKey::from_seed(&[seed; 32])
    }

    #[test]
    fn the_text_is_the_one_that_cosign_signs() {
        let signature = Signature::new(&key(1), "r.example/acme/csv", Digest::of(b"manifest"));
        let expected = format!(
            r#"{{"critical":{{"identity":{{"docker-reference":"r.example/acme/csv"}},"image":{{"docker-manifest-digest":"{}"}},"type":"cosign container image signature"}},"optional":null}}"#,
            Digest::of(b"manifest")
        );
        assert_eq!(signature.payload, expected);
    }

    #[test]
    fn s02_a_signature_is_for_one_manifest_of_one_package_by_one_key() {
        let (manifest, public) = (Digest::of(b"manifest"), key(1).public());
        let signature = Signature::new(&key(1), "r.example/acme/csv", manifest);
        assert!(signature.is_by(&public, "acme/csv", manifest) && signature.is_by(&public, "mirror/csv", manifest));
        assert!(!signature.is_by(&key(2).public(), "acme/csv", manifest));
        assert!(!signature.is_by(&public, "acme/shop", manifest));
        assert!(!signature.is_by(&public, "acme/csv", Digest::of(b"other")));
        let edited = Signature { payload: signature.payload.replace("r.example", "x.example"), ..signature.clone() };
        assert!(!edited.is_by(&public, "acme/csv", manifest));
        let bare = Signature { signature: BASE64_STANDARD.encode(key(1).sign(b"{}")), payload: "{}".to_owned() };
        assert!(!bare.is_by(&public, "acme/csv", manifest));
    }

    #[test]
    fn a_manifest_of_signatures_comes_back() {
        let signatures = [1, 2].map(|seed| Signature::new(&key(seed), "a/b", Digest::of(b"m")));
        let (_, manifest) = SignatureManifest::write(&signatures);
        let read = SignatureManifest::read(&manifest).unwrap();
        assert_eq!(read.iter().map(|(_, signature)| signature).collect::<Vec<_>>(), [&signatures[0].signature, &signatures[1].signature]);
        assert_eq!(read[0].0.digest, Digest::of(signatures[0].payload.as_bytes()));
        let many: Vec<Signature> = (0..=64).map(|_| signatures[0].clone()).collect();
        assert!(SignatureManifest::read(&SignatureManifest::write(&many).1).unwrap_err().contains("64 are looked at"));
    }
}
