//! Words that the contract restricts: task names and error codes.

use syn::{Error, LitStr, Result};

/// Refuses a text that is not 1 to 64 characters of `a-z`, `0-9` and `-`.
pub(crate) fn check_code(code: &LitStr) -> Result<()> {
    let text = code.value();
    if is_word(&text) {
        return Ok(());
    }
    Err(Error::new(code.span(), format!("an error code is 1 to 64 characters of `a-z`, `0-9` and `-`; `{text}` is not")))
}

/// Refuses a text that is not a task's name: as a code, and beginning with a letter.
pub(crate) fn check_name(name: &LitStr) -> Result<()> {
    let text = name.value();
    if is_word(&text) && text.starts_with(|first: char| first.is_ascii_lowercase()) {
        return Ok(());
    }
    let rule = "a task's name is 1 to 64 characters of `a-z`, `0-9` and `-`, beginning with a letter";
    Err(Error::new(name.span(), format!("{rule}; `{text}` is not")))
}

fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}
