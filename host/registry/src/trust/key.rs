//! Keys, in the files that everybody has them in: PEM.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jackfield_flow::plan::Digest;
use ring::signature::{ECDSA_P256_SHA256_ASN1, ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey, VerificationAlgorithm};

/// What an Ed25519 public key begins with, as `SubjectPublicKeyInfo`; 32 bytes follow.
const ED25519_PUBLIC: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// What an Ed25519 secret key begins with, as PKCS #8; 32 bytes follow.
const ED25519_SECRET: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
/// What a public key on the curve P-256 begins with, as `SubjectPublicKeyInfo`; 65 bytes follow.
const P256_PUBLIC: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01,
    0x07, 0x03, 0x42, 0x00,
];

/// A key that signatures are checked with: Ed25519, or ECDSA on P-256, which cosign makes.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    der: Vec<u8>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ed25519,
    P256,
}

/// A key to sign with: Ed25519.
pub struct SecretKey {
    pair: Ed25519KeyPair,
}

impl PublicKey {
    /// Reads `-----BEGIN PUBLIC KEY-----`.
    ///
    /// # Errors
    /// What it is instead.
    pub fn from_pem(text: &str) -> Result<Self, String> {
        let der = pem(text, "PUBLIC KEY")?;
        let is = |prefix: &[u8], length: usize| der.len() == prefix.len() + length && der.starts_with(prefix);
        let kind = match () {
            () if is(&ED25519_PUBLIC, 32) => Kind::Ed25519,
            () if is(&P256_PUBLIC, 65) => Kind::P256,
            () => return Err("it is neither an Ed25519 key nor one on the curve P-256".to_owned()),
        };
        Ok(Self { der, kind })
    }

    /// The key as a PEM file.
    pub fn to_pem(&self) -> String {
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", BASE64_STANDARD.encode(&self.der))
    }

    /// What it is called: the digest of its bytes.
    pub fn id(&self) -> Digest {
        Digest::of(&self.der)
    }

    /// Whether a text was signed by whoever has the secret key.
    pub(crate) fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        let (algorithm, prefix): (&'static dyn VerificationAlgorithm, _) = match self.kind {
            Kind::Ed25519 => (&ED25519, ED25519_PUBLIC.len()),
            Kind::P256 => (&ECDSA_P256_SHA256_ASN1, P256_PUBLIC.len()),
        };
        UnparsedPublicKey::new(algorithm, &self.der[prefix..]).verify(text, signature).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id())
    }
}

impl SecretKey {
    /// The key that is made of 32 bytes nobody else knows.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self { pair: Ed25519KeyPair::from_seed_unchecked(seed).expect("a seed of 32 bytes makes a key") }
    }

    /// Reads `-----BEGIN PRIVATE KEY-----`, as `openssl genpkey -algorithm ed25519` writes it.
    ///
    /// # Errors
    /// Why it cannot be used. The key itself is never shown.
    pub fn from_pem(text: &str) -> Result<Self, String> {
        let der = pem(text, "PRIVATE KEY")?;
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map_err(|error| format!("it is no Ed25519 key ({error})"))?;
        Ok(Self { pair })
    }

    /// The key of a seed as a PEM file.
    pub fn seed_to_pem(seed: &[u8; 32]) -> String {
        let der = [&ED25519_SECRET[..], seed].concat();
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", BASE64_STANDARD.encode(der))
    }

    /// The key that everybody may know.
    pub fn public(&self) -> PublicKey {
        PublicKey { der: [&ED25519_PUBLIC[..], self.pair.public_key().as_ref()].concat(), kind: Kind::Ed25519 }
    }

    pub(crate) fn sign(&self, text: &[u8]) -> Vec<u8> {
        self.pair.sign(text).as_ref().to_vec()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.public().id())
    }
}

/// The bytes of a PEM text with one part.
fn pem(text: &str, label: &str) -> Result<Vec<u8>, String> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let inner = text.split_once(&begin).and_then(|(_, rest)| rest.split_once(&end)).map(|(inner, _)| inner);
    let inner: String = inner.ok_or_else(|| format!("`{begin}` is not in it"))?.split_whitespace().collect();
    BASE64_STANDARD.decode(inner).map_err(|_| "it is no base64".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_being_files() {
        let secret = SecretKey::from_pem(&SecretKey::seed_to_pem(&[7; 32])).unwrap();
        let public = PublicKey::from_pem(&secret.public().to_pem()).unwrap();
        assert_eq!(public, SecretKey::from_seed(&[7; 32]).public());
        let signature = secret.sign(b"text");
        assert!(public.verifies(b"text", &signature));
        assert!(!public.verifies(b"texT", &signature) && !public.verifies(b"text", &signature[1..]) && !public.verifies(b"text", b""));
        assert!(!SecretKey::from_seed(&[8; 32]).public().verifies(b"text", &signature));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let public = SecretKey::from_seed(&[7; 32]).public().to_pem();
        assert!(SecretKey::from_pem(&public).unwrap_err().contains("BEGIN PRIVATE KEY"));
        assert!(PublicKey::from_pem("").is_err());
        assert!(PublicKey::from_pem(&public.replace("MCow", "MCox")).unwrap_err().contains("neither an Ed25519"));
        assert!(PublicKey::from_pem(&public.replace('=', "!")).unwrap_err().contains("no base64"));
        let error = SecretKey::from_pem("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----").unwrap_err();
        assert!(!error.contains("c2VjcmV0"), "{error}");
    }
}
