//! `public-key`, `sign` and `verify`: Ed25519 (RFC 8032).

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use jackfield_sdk::prelude::*;

use crate::content::{decoded, hex, one};
use crate::digest::{Otherwise, Verdict};
use crate::error::CryptoError;
use crate::key;

#[cfg(test)]
mod tests;

/// A signature.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Signed {
    /// The signature: 64 bytes, in base64.
    pub(crate) signature: Bytes,
    /// The public key that verifies it: 64 hexadecimal digits.
    pub(crate) public_key: String,
}

/// A public key.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct PublicKey {
    /// 64 hexadecimal digits. It may be shown to anybody.
    pub(crate) public_key: String,
}

/// Tells the public key of a signing key.
#[task(
    effect = reads,
    asks(config),
    title = "Tell the public key",
    example_input = r#"{"key":"signing-key"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn public_key(
    /// The name of the configuration value with the signing key: 32 bytes, as hexadecimal digits or base64.
    key: String,
) -> Result<PublicKey, CryptoError> {
    Ok(PublicKey { public_key: public(&signing(&key)?) })
}

/// Signs content with Ed25519.
#[task(
    effect = reads,
    asks(config),
    title = "Sign content",
    example_input = r#"{"text":"abc","key":"signing-key"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn sign(
    /// The content as text; either this or `bytes`.
    text: Option<String>,
    /// The content as bytes; either this or `text`.
    bytes: Option<Bytes>,
    /// The name of the configuration value with the signing key: 32 bytes, as hexadecimal digits or base64.
    key: String,
) -> Result<Signed, CryptoError> {
    let content = one(text, bytes)?;
    let key = signing(&key)?;
    Ok(Signed { signature: key.sign(&content).to_bytes().to_vec().into(), public_key: public(&key) })
}

/// Checks a signature of Ed25519, strictly: none of the keys and signatures that mean several things at once are accepted.
#[task(
    title = "Check a signature",
    example_input = r#"{"text":"","signature":"5VZDAMNgrHKQhuzMhG6CJIqC/h9eny1dl0BvitIJBRG20shgsVs500mYAicWEI49YWnhffBQHKfn6FgRjZlR2w==","public_key":"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a","otherwise":"tell"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn verify(
    /// The content as text; either this or `bytes`.
    text: Option<String>,
    /// The content as bytes; either this or `text`.
    bytes: Option<Bytes>,
    /// The signature: 64 bytes, in hexadecimal digits or base64.
    signature: String,
    /// The public key of who is said to have signed: 32 bytes, in hexadecimal digits or base64. It is no secret.
    public_key: String,
    /// What becomes of content that is not authentic.
    #[serde(default)]
    otherwise: Otherwise,
) -> Result<Verdict, CryptoError> {
    let content = one(text, bytes)?;
    let key = decoded(&public_key, 32).and_then(|bytes| VerifyingKey::from_bytes(&bytes.try_into().ok()?).ok());
    let key = key.ok_or_else(|| CryptoError::BadRequest("`public_key` is none of Ed25519: 64 hexadecimal digits, or base64".to_owned()))?;
    let signature = decoded(&signature, 64).and_then(|bytes| Signature::from_slice(&bytes).ok());
    let valid = signature.is_some_and(|signature| key.verify_strict(&content, &signature).is_ok());
    otherwise.judge(valid, "the signature is not that of this content and key")
}

fn signing(name: &str) -> Result<SigningKey, CryptoError> {
    key::exact(name).map(|key| SigningKey::from_bytes(&key))
}

fn public(key: &SigningKey) -> String {
    hex(key.verifying_key().as_bytes())
}
