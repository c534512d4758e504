//! Takes the values of secrets out of what an attempt says.
//!
//! A guest never has a secret, but a server may echo what it was sent. So every text that leaves an attempt is searched
//! for the values of the secrets its grant lists: as they are, and in the encodings they travel in (base64 with all three
//! alignments, hex, URL and JSON escapes).

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// Shorter values are not searched for: they would be found everywhere, and cannot be secret anyway.
const VALUE_BYTES_MIN: usize = 4;

/// Knows the values to take out.
#[derive(Default)]
pub(crate) struct Redactor {
    needles: Vec<(Zeroizing<String>, String)>,
    longest: usize,
}

impl Redactor {
    /// Looks for these secrets, given as name and value.
    pub(crate) fn new<'a>(secrets: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut needles = Vec::new();
        for (name, value) in secrets {
            let mark = format!("[secret {}]", name.replace(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'), "?"));
            needles.extend(forms(value).into_iter().map(|form| (Zeroizing::new(form), mark.clone())));
        }
        // Longer forms first, so that one inside another does not leave the rest behind.
        needles.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
        needles.dedup_by(|a, b| a.0 == b.0);
        let longest = needles.first().map_or(0, |(needle, _)| needle.len());
        Self { needles, longest }
    }

    /// The longest text that is searched for, in bytes.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// The text with every secret replaced by `[secret NAME]`.
    pub(crate) fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        for (needle, mark) in &self.needles {
            if text.contains(needle.as_str()) {
                text = Cow::Owned(text.replace(needle.as_str(), mark));
            }
        }
        text
    }
}

/// The forms a value may come back in.
fn forms(value: &str) -> Vec<String> {
    if value.len() < VALUE_BYTES_MIN {
        return Vec::new();
    }
    let mut forms = vec![value.to_owned(), json_escaped(value), hex(value), hex(value).to_ascii_uppercase()];
    forms.push(url_escaped(value, EscapeCase::Upper));
    forms.push(url_escaped(value, EscapeCase::Lower));
    for alignment in 0..3 {
        forms.extend(base64_forms(value.as_bytes(), alignment));
    }
    // A secret of several lines, such as a key file, is logged line by line.
    forms.extend(value.lines().map(str::trim).filter(|line| line.len() >= 16).map(str::to_owned));
    forms.retain(|form| form.len() >= VALUE_BYTES_MIN);
    forms
}

/// The part of the base64 text that depends on the value alone, when `alignment` bytes of something else stand before it.
fn base64_forms(value: &[u8], alignment: usize) -> [String; 2] {
    let padded = [&[0; 2][..alignment], value].concat();
    // The first characters mix with what stands before, the last one with what follows.
    let skip = (alignment * 8).div_ceil(6);
    let whole = padded.len() * 8 / 6;
    [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)].map(|text| text.get(skip..whole).unwrap_or_default().to_owned())
}

fn hex(value: &str) -> String {
    use std::fmt::Write as _;
    value.bytes().fold(String::with_capacity(value.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[derive(Clone, Copy)]
enum EscapeCase {
    Upper,
    Lower,
}

fn url_escaped(value: &str, case: EscapeCase) -> String {
    use std::fmt::Write as _;
    value.bytes().fold(String::with_capacity(value.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = match (byte, case) {
            (b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~', _) => write!(text, "{}", char::from(byte)),
            (_, EscapeCase::Upper) => write!(text, "%{byte:02X}"),
            (_, EscapeCase::Lower) => write!(text, "%{byte:02x}"),
        };
        text
    })
}

fn json_escaped(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, said: &str, expected: &str) {
        let redactor = Redactor::new([("shop-token", value)].into_iter());
        assert_eq!(redactor.clean(said), expected, "secret {value:?}");
    }

    #[test]
    fn every_form_is_taken_out() {
        check("hunter22!", "token=hunter22!", "token=[secret shop-token]");
        check("hunter22!", "plain text", "plain text");
        check("hunter22!", "68756e746572323221 68756E746572323221", "[secret shop-token] [secret shop-token]");
        check("p/ss w\"rd", "a=p%2Fss%20w%22rd&b=p%2fss%20w%22rd", "a=[secret shop-token]&b=[secret shop-token]");
        check("p/ss w\"rd", r#"{"echo":"p/ss w\"rd"}"#, r#"{"echo":"[secret shop-token]"}"#);
        check("abc", "abc is too short", "abc is too short");
    }

    #[test]
    fn base64_is_found_at_every_alignment() {
        for before in ["", "u", "us", "user:", "user1:"] {
            for after in ["", "x", "xy"] {
                let redactor = Redactor::new([("t", "hunter22!?>secret")].into_iter());
                let text = STANDARD_NO_PAD.encode(format!("{before}hunter22!?>secret{after}"));
                let clean = redactor.clean(&text);
                assert!(clean.contains("[secret t]"), "{text} stays {clean}");
                assert!(clean.len() < "[secret t]".len() + 14, "{text} keeps too much: {clean}");
            }
        }
    }

    #[test]
    fn one_secret_inside_another() {
        let redactor = Redactor::new([("short", "abcdefgh"), ("long", "abcdefghijklmnop")].into_iter());
        assert_eq!(redactor.clean("abcdefghijklmnop abcdefgh"), "[secret long] [secret short]");
    }
}
