//! Patterns for relative paths.

use crate::error::FilesError;

/// A pattern: `*` is any text without `/`, `?` any character but `/`, and `**` as a whole part any number of directories.
#[derive(Debug)]
pub(crate) struct Glob {
    parts: Vec<Part>,
}

#[derive(Debug, PartialEq)]
enum Part {
    /// `**`.
    AnyDepth,
    /// One name, with `*` and `?`.
    Name(Vec<char>),
}

impl Glob {
    /// Reads a pattern.
    pub(crate) fn parse(pattern: &str) -> Result<Self, FilesError> {
        let refuse = |why: &str| Err(FilesError::BadRequest { reason: format!("the pattern `{pattern}` cannot be used: {why}") });
        if pattern.is_empty() || pattern.starts_with('/') || pattern.ends_with('/') || pattern.contains("//") {
            return refuse("write names with `*` and `?` between single slashes, relative to the directory");
        }
        let mut parts = Vec::new();
        for part in pattern.split('/') {
            match part {
                "." | ".." => return refuse("`.` and `..` match nothing"),
                "**" if parts.last() == Some(&Part::AnyDepth) => {}
                "**" => parts.push(Part::AnyDepth),
                name if name.contains("**") => return refuse("`**` must stand alone between slashes"),
                name => parts.push(Part::Name(name.chars().collect())),
            }
        }
        Ok(Self { parts })
    }

    /// Whether it matches a relative path whose parts are separated by `/`.
    pub(crate) fn matches(&self, path: &str) -> bool {
        // Row by row over the pattern: `reached[n]` says whether the parts so far match the first n names. The time is
        // the product of both lengths, whatever the pattern.
        let names: Vec<Vec<char>> = path.split('/').map(|name| name.chars().collect()).collect();
        let mut reached = vec![false; names.len() + 1];
        reached[0] = true;
        for part in &self.parts {
            reached = match part {
                Part::AnyDepth => {
                    let first = reached.iter().position(|&here| here).unwrap_or(reached.len());
                    (0..reached.len()).map(|n| n >= first).collect()
                }
                Part::Name(pattern) => {
                    (0..reached.len()).map(|n| n > 0 && reached[n - 1] && name_matches(pattern, &names[n - 1])).collect()
                }
            };
        }
        reached[names.len()]
    }
}

/// Matches one name: on a mismatch the last `*` takes one character more (the usual linear-space algorithm).
fn name_matches(pattern: &[char], name: &[char]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&c) if c == '?' || c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    n = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_people_expect() {
        let rows = [
            ("*.csv", "a.csv", true),
            ("*.csv", "d/a.csv", false),
            ("**/*.csv", "a.csv", true),
            ("**/*.csv", "x/y/a.csv", true),
            ("**", "x/y", true),
            ("x/**", "x", true),
            ("x/**/z", "x/z", true),
            ("x/**/**/z", "x/a/b/z", true),
            ("x/**/z", "x/a/b/c", false),
            ("a?c", "abc", true),
            ("a?c", "aéc", true),
            ("a?c", "ac", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*ab", "aab", true),
            ("*", "", true),
            ("a*", "b", false),
            ("[a]", "[a]", true),
        ];
        for (pattern, path, expected) in rows {
            assert_eq!(Glob::parse(pattern).unwrap().matches(path), expected, "{pattern} and {path}");
        }
    }

    #[test]
    fn hard_patterns_take_no_longer() {
        let pattern = "a*".repeat(200) + "b";
        assert!(!Glob::parse(&pattern).unwrap().matches(&"a".repeat(2_000)));
    }

    #[test]
    fn what_cannot_match_is_refused() {
        for pattern in ["", "/a", "a/", "a//b", "../a", "a/./b", "a**"] {
            assert!(Glob::parse(pattern).is_err(), "{pattern}");
        }
    }
}
