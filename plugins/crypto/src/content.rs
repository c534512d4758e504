//! What tasks work on, and how bytes are written.

use std::fmt::Write as _;

use jackfield_sdk::prelude::*;

use crate::error::CryptoError;

/// The one content that is given.
pub(crate) fn one(text: Option<String>, bytes: Option<Bytes>) -> Result<Vec<u8>, CryptoError> {
    match (text, bytes) {
        (Some(text), None) => Ok(text.into_bytes()),
        (None, Some(bytes)) => Ok(bytes.0),
        (Some(_), Some(_)) => Err(CryptoError::BadRequest("give `text` or `bytes`, not both".to_owned())),
        (None, None) => Err(CryptoError::BadRequest("give the content as `text` or as `bytes`".to_owned())),
    }
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes of hexadecimal digits, large or small.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

/// The bytes of base64.
pub(crate) fn unbase64(text: &str) -> Option<Vec<u8>> {
    serde_json::from_value::<Bytes>(text.into()).ok().map(|bytes| bytes.0)
}

/// Bytes of a known length that may be written either way: the length tells which.
pub(crate) fn decoded(text: &str, length: usize) -> Option<Vec<u8>> {
    let bytes = if text.len() == length * 2 { unhex(text) } else { unbase64(text) };
    bytes.filter(|bytes| bytes.len() == length)
}
