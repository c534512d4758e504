//! `hash`, `hmac` and `verify-hmac`.

use hmac::{Hmac, Mac as _};
use jackfield_sdk::prelude::*;
use sha2::{Digest as _, Sha256, Sha512};

use crate::content::{decoded, hex, one};
use crate::error::CryptoError;
use crate::key;

#[cfg(test)]
mod tests;

/// A hash function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) enum Algorithm {
    /// SHA-256: 32 bytes.
    #[default]
    #[serde(rename = "sha-256")]
    Sha256,
    /// SHA-512: 64 bytes.
    #[serde(rename = "sha-512")]
    Sha512,
}

/// A hash or a message authentication code.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Digest {
    /// In hexadecimal digits.
    pub(crate) hex: String,
    /// In base64.
    pub(crate) base64: Bytes,
}

/// What becomes of something that is not authentic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Otherwise {
    /// The error `not-authentic`.
    #[default]
    Fail,
    /// `valid` is false.
    Tell,
}

/// Whether something is authentic.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Verdict {
    /// Whether it is.
    pub(crate) valid: bool,
}

impl Otherwise {
    /// The verdict, or the error.
    pub(crate) fn judge(self, valid: bool, message: &'static str) -> Result<Verdict, CryptoError> {
        if valid || self == Self::Tell { Ok(Verdict { valid }) } else { Err(CryptoError::NotAuthentic(message)) }
    }
}

/// Hashes a text or bytes.
#[task(
    title = "Hash content",
    example_input = r#"{"text":"abc"}"#,
    example_output = r#"{"hex":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","base64":"ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn hash(
    /// The content as text; either this or `bytes`.
    text: Option<String>,
    /// The content as bytes; either this or `text`.
    bytes: Option<Bytes>,
    /// The hash function.
    #[serde(default)]
    algorithm: Algorithm,
) -> Result<Digest, CryptoError> {
    let content = one(text, bytes)?;
    Ok(digest(match algorithm {
        Algorithm::Sha256 => Sha256::digest(content).to_vec(),
        Algorithm::Sha512 => Sha512::digest(content).to_vec(),
    }))
}

/// Computes a message authentication code (HMAC).
#[task(
    effect = reads,
    asks(config),
    title = "Authenticate content",
    example_input = r#"{"text":"abc","key":"webhook-key"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn hmac(
    /// The content as text; either this or `bytes`.
    text: Option<String>,
    /// The content as bytes; either this or `text`.
    bytes: Option<Bytes>,
    /// The name of the configuration value with the key: `hex:…`, `base64:…`, or a text of at least 8 bytes.
    key: String,
    /// The hash function.
    #[serde(default)]
    algorithm: Algorithm,
) -> Result<Digest, CryptoError> {
    let content = one(text, bytes)?;
    let key = key::any(&key)?;
    Ok(digest(code(&key, &content, algorithm)))
}

/// Checks a message authentication code (HMAC), in a time that does not depend on where it differs.
#[task(
    effect = reads,
    asks(config),
    title = "Check a message authentication code",
    example_input = r#"{"text":"abc","key":"webhook-key","code":"9c196e32dc0175f86f4b1cb89289d6619de6bee699e4c378e68309ed97a1a6ab"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn verify_hmac(
    /// The content as text; either this or `bytes`.
    text: Option<String>,
    /// The content as bytes; either this or `text`.
    bytes: Option<Bytes>,
    /// The name of the configuration value with the key.
    key: String,
    /// The code, in hexadecimal digits or base64. A word with `=` before it, such as `sha256=`, is left out.
    code: String,
    /// The hash function.
    #[serde(default)]
    algorithm: Algorithm,
    /// What becomes of content that is not authentic.
    #[serde(default)]
    otherwise: Otherwise,
) -> Result<Verdict, CryptoError> {
    let content = one(text, bytes)?;
    let key = key::any(&key)?;
    let (word, length) = match algorithm {
        Algorithm::Sha256 => ("sha256=", 32),
        Algorithm::Sha512 => ("sha512=", 64),
    };
    let given = decoded(code.strip_prefix(word).unwrap_or(&code), length);
    let valid = given.is_some_and(|given| match algorithm {
        Algorithm::Sha256 => mac::<Hmac<Sha256>>(&key, &content).verify_slice(&given).is_ok(),
        Algorithm::Sha512 => mac::<Hmac<Sha512>>(&key, &content).verify_slice(&given).is_ok(),
    });
    otherwise.judge(valid, "the code is not that of this content and key")
}

/// The HMAC of content.
pub(crate) fn code(key: &[u8], content: &[u8], algorithm: Algorithm) -> Vec<u8> {
    match algorithm {
        Algorithm::Sha256 => mac::<Hmac<Sha256>>(key, content).finalize().into_bytes().to_vec(),
        Algorithm::Sha512 => mac::<Hmac<Sha512>>(key, content).finalize().into_bytes().to_vec(),
    }
}

fn mac<M: hmac::Mac + hmac::digest::KeyInit>(key: &[u8], content: &[u8]) -> M {
    let mut mac = <M as hmac::Mac>::new_from_slice(key).expect("an HMAC takes a key of any length");
    mac.update(content);
    mac
}

fn digest(bytes: Vec<u8>) -> Digest {
    Digest { hex: hex(&bytes), base64: bytes.into() }
}
