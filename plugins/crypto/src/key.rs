//! Keys, from the configuration that the step is granted.

use jackfield_sdk::config;
use zeroize::Zeroizing;

use crate::content::{unbase64, unhex};
use crate::error::CryptoError;

#[cfg(test)]
mod tests;

/// The length of keys for signing and encrypting, in bytes.
const KEY_BYTES: usize = 32;
/// The shortest key of a message authentication code, in bytes: a shorter one is found by trying.
const CODE_KEY_BYTES_MIN: usize = 8;

/// A key of 32 bytes: `hex:` and 64 digits, or `base64:` and 44 characters; either may stand without its word.
pub(crate) fn exact(name: &str) -> Result<Zeroizing<[u8; KEY_BYTES]>, CryptoError> {
    let text = text(name)?;
    let bytes = match prefixed(name, &text)? {
        Some(bytes) => Some(bytes),
        None => crate::content::decoded(text.trim(), KEY_BYTES).map(Zeroizing::new),
    };
    let length = bytes.as_ref().map(|bytes| bytes.len());
    let key = bytes.and_then(|bytes| bytes.as_slice().try_into().ok()).map(Zeroizing::new);
    key.ok_or_else(|| {
        let found = length.map_or("it is neither hexadecimal digits nor base64".to_owned(), |length| format!("it has {length} bytes"));
        bad(name, &format!("{found}; {KEY_BYTES} bytes are needed, such as `openssl rand -hex 32` makes"))
    })
}

/// A key of any length: `hex:` or `base64:` and the bytes, or the text itself.
pub(crate) fn any(name: &str) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let text = text(name)?;
    let key = prefixed(name, &text)?.unwrap_or_else(|| Zeroizing::new(text.as_bytes().to_vec()));
    if key.len() < CODE_KEY_BYTES_MIN {
        return Err(bad(name, &format!("it has {} bytes, and {CODE_KEY_BYTES_MIN} are the least", key.len())));
    }
    Ok(key)
}

fn text(name: &str) -> Result<Zeroizing<String>, CryptoError> {
    match config::get(name)? {
        Some(text) => Ok(Zeroizing::new(text)),
        None => Err(CryptoError::NoKey { name: name.to_owned() }),
    }
}

/// The bytes that a text with `hex:` or `base64:` before it stands for.
fn prefixed(name: &str, text: &str) -> Result<Option<Zeroizing<Vec<u8>>>, CryptoError> {
    let text = text.trim();
    let bytes = match (text.strip_prefix("hex:"), text.strip_prefix("base64:")) {
        (Some(digits), _) => unhex(digits).ok_or_else(|| bad(name, "after `hex:` stand pairs of hexadecimal digits"))?,
        (_, Some(characters)) => unbase64(characters).ok_or_else(|| bad(name, "after `base64:` stands base64"))?,
        _ => return Ok(None),
    };
    Ok(Some(Zeroizing::new(bytes)))
}

fn bad(name: &str, reason: &str) -> CryptoError {
    CryptoError::BadKey { name: name.to_owned(), reason: reason.to_owned() }
}
