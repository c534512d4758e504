//! `encrypt` and `decrypt`: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha).
//!
//! The sealed bytes are nonce (24), encrypted content, tag (16): what libsodium's `crypto_aead_xchacha20poly1305_ietf` takes
//! apart. The nonce is not drawn by chance but computed, the first 24 bytes of an HMAC-SHA-256 under a key of its own over
//! the step's idempotency key, the associated text and the content. So another attempt of a step answers the same, and one
//! nonce never meets two contents, which would give both away.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use jackfield_sdk::context;
use jackfield_sdk::prelude::*;
use zeroize::Zeroizing;

use crate::content::one;
use crate::digest::{Algorithm, code};
use crate::error::CryptoError;
use crate::key;

#[cfg(test)]
mod tests;

/// Bytes of a nonce.
const NONCE_BYTES: usize = 24;

/// Encrypted content.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Sealed {
    /// Nonce, encrypted content and tag, in base64.
    pub(crate) sealed: Bytes,
}

/// Content in the clear.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Opened {
    /// The content as text, where it is UTF-8; empty otherwise.
    pub(crate) text: String,
    /// The content in base64.
    pub(crate) bytes: Bytes,
}

/// Encrypts content, so that it can neither be read nor changed without the key.
#[task(
    effect = reads,
    asks(config),
    title = "Encrypt content",
    example_input = r#"{"text":"abc","key":"storage-key","associated":"orders/7"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn encrypt(
    /// The content as text; either this or `bytes`.
    text: Option<String>,
    /// The content as bytes; either this or `text`.
    bytes: Option<Bytes>,
    /// The name of the configuration value with the key: 32 bytes, as hexadecimal digits or base64.
    key: String,
    /// What the content belongs to, such as a name. It is not encrypted and not in the answer; `decrypt` needs the same.
    #[serde(default)]
    associated: String,
) -> Result<Sealed, CryptoError> {
    let content = Zeroizing::new(one(text, bytes)?);
    let key = key::exact(&key)?;
    let nonce = nonce(&key, &context::idempotency_key(), &associated, &content);
    let payload = Payload { msg: &content, aad: associated.as_bytes() };
    let encrypted = cipher(&key).encrypt(XNonce::from_slice(&nonce), payload);
    let encrypted = encrypted.map_err(|_| CryptoError::BadRequest("the content is too large".to_owned()))?;
    Ok(Sealed { sealed: [nonce, encrypted].concat().into() })
}

/// Decrypts what `encrypt` answered.
#[task(
    effect = reads,
    asks(config),
    title = "Decrypt content",
    example_input = r#"{"sealed":"AAAA","key":"storage-key","associated":"orders/7"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn decrypt(
    /// What `encrypt` answered, in base64.
    sealed: Bytes,
    /// The name of the configuration value with the key.
    key: String,
    /// What the content belongs to, as it was given to `encrypt`.
    #[serde(default)]
    associated: String,
) -> Result<Opened, CryptoError> {
    let key = key::exact(&key)?;
    let refused = || CryptoError::NotAuthentic("it was not encrypted with this key and this `associated`, or it was changed");
    let (nonce, encrypted) = sealed.0.split_at_checked(NONCE_BYTES).ok_or_else(refused)?;
    let payload = Payload { msg: encrypted, aad: associated.as_bytes() };
    let content = cipher(&key).decrypt(XNonce::from_slice(nonce), payload).map_err(|_| refused())?;
    Ok(Opened { text: String::from_utf8(content.clone()).unwrap_or_default(), bytes: content.into() })
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.into())
}

fn nonce(key: &[u8; 32], step: &str, associated: &str, content: &[u8]) -> Vec<u8> {
    let own = Zeroizing::new(code(key, b"jackfield crypto: nonce of xchacha20-poly1305", Algorithm::Sha256));
    let mut all = Vec::with_capacity(content.len() + associated.len() + step.len() + 16);
    for part in [step.as_bytes(), associated.as_bytes()] {
        all.extend_from_slice(&(part.len() as u64).to_be_bytes());
        all.extend_from_slice(part);
    }
    all.extend_from_slice(content);
    let all = Zeroizing::new(all);
    code(&own, &all, Algorithm::Sha256)[..NONCE_BYTES].to_vec()
}
