//! JSON for programs, in a form that is also safe to print.

use std::fmt::Write as _;

use serde::Serialize;

use super::escape::is_harmless;
use crate::error::CliError;
use crate::exit::kind_of;
use crate::problems::Problem;

/// JSON text on one line.
pub(crate) fn line(value: &impl Serialize) -> String {
    harmless(serde_json::to_string(value).expect("what is printed has text keys and no NaN"))
}

/// JSON text over several lines.
pub(crate) fn indented(value: &impl Serialize) -> String {
    harmless(serde_json::to_string_pretty(value).expect("what is printed has text keys and no NaN"))
}

/// JSON escapes what lies below a space; here the other characters that must not reach a terminal are escaped as well.
/// They can only stand inside strings, where `\u` means the same.
fn harmless(text: String) -> String {
    let dangerous = |letter: char| letter != '\n' && !is_harmless(letter);
    if !text.chars().any(dangerous) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        if dangerous(letter) {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(letter);
        }
    }
    out
}

/// An error as programs see it.
#[derive(Debug, Serialize)]
pub(crate) struct ErrorObject<'a> {
    error: ErrorBody<'a>,
}

#[derive(Debug, Serialize)]
struct ErrorBody<'a> {
    /// A stable word.
    code: &'static str,
    /// Sentences for a person.
    message: String,
    /// The exit code of the process.
    exit: u8,
    /// The problems of a workflow file.
    #[serde(skip_serializing_if = "<[Problem]>::is_empty")]
    problems: &'a [Problem],
    /// How the task failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'a jackfield_flow::run::Failure>,
}

impl<'a> ErrorObject<'a> {
    /// The error for programs.
    pub(crate) fn new(error: &'a CliError) -> Self {
        let kind = kind_of(error);
        let problems = match error {
            CliError::Workflow { problems, .. } => &problems[..],
            _ => &[],
        };
        let failure = match error {
            CliError::TaskFailed(failure) => Some(&**failure),
            _ => None,
        };
        Self { error: ErrorBody { code: kind.word, message: error.to_string(), exit: kind.exit.code(), problems, failure } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_json_and_moves_no_cursor() {
        let text = line(&["a\u{9b}\u{202e}\x1b\u{e0041}\n✓"]);
        assert_eq!(text, "[\"a\\u009b\\u202e\\u001b\\udb40\\udc41\\n✓\"]");
        let back: Vec<String> = serde_json::from_str(&text).unwrap();
        assert_eq!(back, ["a\u{9b}\u{202e}\x1b\u{e0041}\n✓"]);
    }

    #[test]
    fn an_error_says_its_word_and_exit_code() {
        let error = CliError::Usage("no".into());
        assert_eq!(line(&ErrorObject::new(&error)), r#"{"error":{"code":"usage","message":"no","exit":2}}"#);
    }
}
