//! Where two values differ, as JSON pointers (RFC 6901).

use jackfield_flow::types::Value;
use serde::Serialize;

/// Places that are told one by one; of more there is a number.
const TOLD_MAX: usize = 50;
/// A value with more bytes of JSON than this is cut.
const VALUE_BYTES_MAX: usize = 1_024;

/// The places where two values differ.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Differences {
    /// The first of them.
    pub(crate) told: Vec<Difference>,
    /// How many there are beside these.
    pub(crate) more: u64,
}

/// A place where two values differ.
#[derive(Debug, Serialize)]
pub(crate) struct Difference {
    /// Where, as a JSON pointer; empty for the whole value.
    pub(crate) path: String,
    /// What one of them has there; nothing when nothing is there.
    pub(crate) left: Option<Side>,
    /// What the other one has there.
    pub(crate) right: Option<Side>,
}

/// A value, whole or in part.
#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Side {
    /// All of it.
    Whole { value: Value },
    /// Its beginning, as JSON text, and how many bytes of JSON it has.
    Cut { begins: String, bytes: usize },
}

impl Side {
    fn new(value: &Value) -> Self {
        let json = value.to_json();
        if json.len() <= VALUE_BYTES_MAX {
            return Self::Whole { value: value.clone() };
        }
        Self::Cut { begins: json.chars().take(VALUE_BYTES_MAX / 8).collect(), bytes: json.len() }
    }
}

impl Differences {
    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.told.is_empty() && self.more == 0
    }

    fn add(&mut self, path: &str, left: Option<&Value>, right: Option<&Value>) {
        if self.told.len() < TOLD_MAX {
            self.told.push(Difference { path: path.to_owned(), left: left.map(Side::new), right: right.map(Side::new) });
        } else {
            self.more += 1;
        }
    }

    /// Goes as deep as the values, and those are bounded where they are read.
    fn compare(&mut self, path: &mut String, left: &Value, right: &Value) {
        match (left, right) {
            (Value::Map(left), Value::Map(right)) => {
                for (name, value) in left.iter() {
                    self.inside(path, name, Some(value), right.get(name));
                }
                for (name, value) in right.iter().filter(|(name, _)| left.get(name).is_none()) {
                    self.inside(path, name, None, Some(value));
                }
            }
            (Value::List(left), Value::List(right)) => {
                for at in 0..left.len().max(right.len()) {
                    self.inside(path, &at.to_string(), left.get(at), right.get(at));
                }
            }
            _ if left == right => {}
            _ => self.add(path, Some(left), Some(right)),
        }
    }

    fn inside(&mut self, path: &mut String, name: &str, left: Option<&Value>, right: Option<&Value>) {
        let before = path.len();
        path.push('/');
        path.push_str(&name.replace('~', "~0").replace('/', "~1"));
        match (left, right) {
            (Some(left), Some(right)) => self.compare(path, left, right),
            _ => self.add(path, left, right),
        }
        path.truncate(before);
    }
}

/// Where two values differ; either may not be there.
pub(crate) fn differences(left: Option<&Value>, right: Option<&Value>) -> Differences {
    let mut found = Differences::default();
    match (left, right) {
        (Some(left), Some(right)) => found.compare(&mut String::new(), left, right),
        (None, None) => {}
        _ => found.add("", left, right),
    }
    found
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use jackfield_flow::types::JsonLimits;

    use super::*;

    fn check(left: &str, right: &str, expected: Expect) {
        let value = |text: &str| (!text.is_empty()).then(|| Value::from_json(text, JsonLimits::default()).unwrap());
        let found = differences(value(left).as_ref(), value(right).as_ref());
        let lines: String = found.told.iter().map(|one| format!("{}\n", serde_json::to_string(one).unwrap())).collect();
        expected.assert_eq(&format!("{lines}{} more\n", found.more));
    }

    #[test]
    fn places_are_pointers() {
        check(
            r#"{"a": {"b/c": [1, 2, {"~": null}]}, "gone": 1, "same": "x"}"#,
            r#"{"same": "x", "a": {"b/c": [1, 3, {"~": 0}, 4]}, "new": {}}"#,
            expect![[r#"
                {"path":"/a/b~1c/1","left":{"value":2},"right":{"value":3}}
                {"path":"/a/b~1c/2/~0","left":{"value":null},"right":{"value":0}}
                {"path":"/a/b~1c/3","left":null,"right":{"value":4}}
                {"path":"/gone","left":{"value":1},"right":null}
                {"path":"/new","left":null,"right":{"value":{}}}
                0 more
            "#]],
        );
        check("1", "1", expect!["0 more\n"]);
        check(
            "[]",
            "{}",
            expect![[r#"
            {"path":"","left":{"value":[]},"right":{"value":{}}}
            0 more
        "#]],
        );
        check(
            "",
            "7",
            expect![[r#"
            {"path":"","left":null,"right":{"value":7}}
            0 more
        "#]],
        );
        check("", "", expect!["0 more\n"]);
        check(
            "18446744073709551615",
            "18446744073709551614",
            expect![[r#"
            {"path":"","left":{"value":18446744073709551615},"right":{"value":18446744073709551614}}
            0 more
        "#]],
        );
    }

    #[test]
    fn what_is_told_is_bounded() {
        let list = |from: u32| Value::list((from..from + 100_000).map(|at| Value::Int(at.into())));
        let found = differences(Some(&list(0)), Some(&list(1)));
        assert_eq!((found.told.len(), found.more), (50, 99_950));
        let long = Value::string("x".repeat(100_000));
        let found = differences(Some(&long), Some(&Value::Null));
        assert!(matches!(&found.told[0].left, Some(Side::Cut { begins, bytes: 100_002 }) if begins.len() < 200));
    }
}
