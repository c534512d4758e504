//! `match`, `replace` and `split`.

use std::collections::BTreeMap;

use jackfield_sdk::prelude::*;
use regex::{Captures, NoExpand, Regex, RegexBuilder};

use crate::shortened;

#[cfg(test)]
mod tests;

/// The most matches or parts one call answers with, and how many it does unless told otherwise.
const RESULTS_MAX: u32 = 100_000;
/// Largest compiled pattern in bytes: `\w{1000}{1000}` would otherwise fill the memory.
const PATTERN_BYTES_MAX: usize = 4 << 20;

/// Longest message about a pattern that shows the whole pattern, in bytes.
const PATTERN_MESSAGE_BYTES_MAX: usize = 600;

/// How a pattern is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Syntax {
    /// As a regular expression. Options stand at its beginning: `(?i)` any case, `(?m)` lines, `(?s)` dot is anything, `(?x)` with spaces.
    #[default]
    Regex,
    /// As the text itself.
    Literal,
}

/// What becomes of a text without a match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WithoutMatch {
    /// It is an answer like any other.
    #[default]
    Accept,
    /// It is the error `no-match`.
    Fail,
}

/// Why a pattern has no answer.
#[derive(Debug, thiserror::Error, TaskErrors)]
pub(crate) enum PatternError {
    /// The pattern is not a regular expression, or it is too large; the message shows the place.
    #[error("the pattern cannot be used: {message}")]
    #[error_code("bad-pattern", permanent)]
    BadPattern { message: String },
    /// The replacement names a group that the pattern does not have.
    #[error("the replacement uses the group `{group}`, which the pattern does not have; it has {known}; write `$$` for a dollar sign")]
    #[error_code("no-such-group", permanent, data(group))]
    NoSuchGroup { group: String, known: String },
    /// The text has no match, and `without_match: fail` is given.
    #[error("nothing in the text ({bytes} bytes) matches the pattern `{pattern}`")]
    #[error_code("no-match", permanent)]
    NoMatch { bytes: usize, pattern: String },
    /// There are more matches or parts than `limit`.
    #[error("there are more than {limit} results: raise `limit` (at most {RESULTS_MAX}) or divide the text")]
    #[error_code("too-many-results", permanent, data(limit))]
    TooManyResults { limit: u32 },
}

/// One match.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Match {
    /// The matched text.
    pub(crate) text: String,
    /// Where it begins, in characters from 0.
    pub(crate) start: usize,
    /// The groups in the order of their opening brackets; null for one that took no part.
    pub(crate) groups: Vec<Option<String>>,
    /// The named groups; null for one that took no part.
    pub(crate) names: BTreeMap<String, Option<String>>,
}

/// All matches of a pattern.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Matches {
    /// Whether there is any.
    pub(crate) found: bool,
    /// The matches from left to right; they never overlap.
    pub(crate) matches: Vec<Match>,
}

/// A text after a replacement.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Replaced {
    /// The text.
    pub(crate) text: String,
    /// How many matches were replaced.
    pub(crate) count: usize,
}

/// Finds all matches of a pattern, with their groups.
#[task(
    name = "match",
    title = "Match a regular expression",
    example_input = r#"{"text":"x=1, y=22","pattern":"(?<name>\\w)=(\\d+)"}"#,
    example_output = r#"{"found":true,"matches":[{"text":"x=1","start":0,"groups":["x","1"],"names":{"name":"x"}},{"text":"y=22","start":5,"groups":["y","22"],"names":{"name":"y"}}]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn find(
    /// The text to look in.
    text: String,
    /// The pattern.
    pattern: String,
    /// How the pattern is read.
    #[serde(default)]
    syntax: Syntax,
    /// What becomes of a text without a match.
    #[serde(default)]
    without_match: WithoutMatch,
    /// The most matches to answer with; more are the error `too-many-results`. 100,000 unless given, and at most.
    limit: Option<u32>,
) -> Result<Matches, PatternError> {
    let regex = compile(&pattern, syntax)?;
    let limit = limit.unwrap_or(RESULTS_MAX).min(RESULTS_MAX);
    let mut matches = Vec::new();
    // Characters are counted on from the last match, so that the whole takes one walk over the text.
    let (mut byte, mut start) = (0, 0);
    for captures in regex.captures_iter(&text) {
        if matches.len() >= limit as usize {
            return Err(PatternError::TooManyResults { limit });
        }
        let at = captures.get_match().start();
        start += text[byte..at].chars().count();
        byte = at;
        matches.push(described(&regex, &captures, start));
    }
    if matches.is_empty() && without_match == WithoutMatch::Fail {
        return Err(no_match(&text, &pattern));
    }
    Ok(Matches { found: !matches.is_empty(), matches })
}

/// Replaces matches of a pattern.
#[task(
    title = "Replace by regular expression",
    example_input = r#"{"text":"Lovelace, Ada","pattern":"(\\w+), (\\w+)","replacement":"$2 $1"}"#,
    example_output = r#"{"text":"Ada Lovelace","count":1}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn replace(
    /// The text to change.
    text: String,
    /// The pattern.
    pattern: String,
    /// What takes a match's place: `$1`, `$name` and `${name}` are groups, `$0` is the match, `$$` a dollar sign. With `syntax: literal` it is taken as it is.
    replacement: String,
    /// How the pattern is read.
    #[serde(default)]
    syntax: Syntax,
    /// The most matches to replace, from the left; all unless given.
    limit: Option<u32>,
    /// What becomes of a text without a match.
    #[serde(default)]
    without_match: WithoutMatch,
) -> Result<Replaced, PatternError> {
    let regex = compile(&pattern, syntax)?;
    if syntax == Syntax::Regex {
        check_groups(&regex, &replacement)?;
    }
    let limit = limit.map_or(usize::MAX, |limit| limit as usize);
    let count = regex.find_iter(&text).take(limit).count();
    if count == 0 {
        return match without_match {
            WithoutMatch::Accept => Ok(Replaced { text, count }),
            WithoutMatch::Fail => Err(no_match(&text, &pattern)),
        };
    }
    // `count` is never 0 here, which `replacen` would take for "all".
    let text = match syntax {
        Syntax::Regex => regex.replacen(&text, count, replacement.as_str()),
        Syntax::Literal => regex.replacen(&text, count, NoExpand(&replacement)),
    };
    Ok(Replaced { text: text.into_owned(), count })
}

/// Splits a text at the matches of a pattern.
///
/// The answer is the list of the parts between the matches; n matches make n + 1 parts, some of which may be empty.
#[task(
    title = "Split by regular expression",
    example_input = r#"{"text":"a, b;c","pattern":"[,;]\\s*"}"#,
    example_output = r#"["a","b","c"]"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn split(
    /// The text to split.
    text: String,
    /// Where to split it.
    pattern: String,
    /// How the pattern is read.
    #[serde(default)]
    syntax: Syntax,
    /// The most parts; the last one is the rest, unsplit. All unless given.
    parts: Option<u32>,
    /// Leave empty parts out.
    #[serde(default)]
    skip_empty: bool,
) -> Result<Vec<String>, PatternError> {
    let regex = compile(&pattern, syntax)?;
    let parts = parts.map_or(usize::MAX, |parts| parts as usize);
    let mut list = Vec::new();
    for part in regex.splitn(&text, parts).filter(|part| !(skip_empty && part.is_empty())) {
        if list.len() >= RESULTS_MAX as usize {
            return Err(PatternError::TooManyResults { limit: RESULTS_MAX });
        }
        list.push(part.to_owned());
    }
    Ok(list)
}

fn compile(pattern: &str, syntax: Syntax) -> Result<Regex, PatternError> {
    let pattern = match syntax {
        Syntax::Regex => pattern.to_owned(),
        Syntax::Literal => regex::escape(pattern),
    };
    let built = RegexBuilder::new(&pattern).size_limit(PATTERN_BYTES_MAX).build();
    built.map_err(|error| PatternError::BadPattern { message: syntax_message(&error) })
}

fn no_match(text: &str, pattern: &str) -> PatternError {
    PatternError::NoMatch { bytes: text.len(), pattern: shortened(pattern) }
}

/// What is wrong with a pattern. The error shows the pattern with a mark below the place; of a long one, only what is wrong.
fn syntax_message(error: &regex::Error) -> String {
    let message = error.to_string();
    match message.rsplit_once("error: ") {
        Some((_, end)) if message.len() > PATTERN_MESSAGE_BYTES_MAX => shortened(end),
        _ => message,
    }
}

fn described(regex: &Regex, captures: &Captures<'_>, start: usize) -> Match {
    let owned = |group: Option<regex::Match<'_>>| group.map(|group| group.as_str().to_owned());
    Match {
        text: captures[0].to_owned(),
        start,
        groups: captures.iter().skip(1).map(owned).collect(),
        names: regex.capture_names().flatten().map(|name| (name.to_owned(), owned(captures.name(name)))).collect(),
    }
}

/// An unknown group would silently be the empty text: `$1th` means the group `1th`, which surprises everybody once.
fn check_groups(regex: &Regex, replacement: &str) -> Result<(), PatternError> {
    let mut rest = replacement;
    while let Some(at) = rest.find('$') {
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            rest = after;
            continue;
        }
        let name = match rest.strip_prefix('{') {
            Some(braced) => braced.split_once('}').map_or("", |(name, _)| name),
            None => &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len())],
        };
        let known = match name.parse::<usize>() {
            Ok(index) => index < regex.captures_len(),
            // A dollar sign before anything else stands for itself.
            Err(_) => name.is_empty() || regex.capture_names().flatten().any(|known| known == name),
        };
        if !known {
            return Err(PatternError::NoSuchGroup { group: shortened(name), known: known_groups(regex) });
        }
    }
    Ok(())
}

fn known_groups(regex: &Regex) -> String {
    let name = |(index, name): (usize, Option<&str>)| name.map_or(format!("`{index}`"), |name| format!("`{name}`"));
    regex.capture_names().enumerate().map(name).collect::<Vec<_>>().join(", ")
}
