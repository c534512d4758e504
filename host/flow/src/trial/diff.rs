//! Where two values differ.

use crate::types::{JsonLimits, Type, Value};

use super::answer::shown;

/// One place at which two values differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The place inside of the value, such as `orders[3].id`; empty for the value itself.
    pub path: String,
    /// What is expected there, as JSON text; nothing when nothing should be there.
    pub expected: Option<String>,
    /// What is there, as JSON text; nothing when nothing is.
    pub found: Option<String>,
}

/// The differences of which all are told.
const DIFFERENCES_MAX: usize = 10;
/// Deeper than this, values are compared as wholes.
const DEPTH_MAX: usize = 64;

/// The places at which a value of a type is not what is expected: the first ones, and how many there are in all.
pub(super) fn differences(expected: &Value, found: &Value, ty: &Type) -> (Vec<Difference>, usize) {
    // What was written has no word for instants and the like: it is compared as the JSON text of both would be.
    let expected = ty.check(expected).unwrap_or_else(|_| expected.clone());
    let (expected, found) = (plain(&expected), plain(found));
    let mut all = Differences { list: Vec::new(), count: 0 };
    all.compare(&expected, &found, &mut String::new(), 0);
    (all.list, all.count)
}

/// A value as its JSON text would be read back.
fn plain(value: &Value) -> Value {
    let unlimited = JsonLimits { bytes: usize::MAX, nodes: usize::MAX, ..JsonLimits::default() };
    Value::from_json(&value.to_json(), unlimited).unwrap_or_else(|_| value.clone())
}

struct Differences {
    list: Vec<Difference>,
    count: usize,
}

impl Differences {
    fn compare(&mut self, expected: &Value, found: &Value, path: &mut String, depth: usize) {
        match (expected, found) {
            (Value::Map(wanted), Value::Map(there)) if depth < DEPTH_MAX => {
                for (name, value) in wanted.iter() {
                    let dot = if path.is_empty() { "" } else { "." };
                    self.within(path, &format!("{dot}{name}"), |all, path| match there.get(name) {
                        Some(found) => all.compare(value, found, path, depth + 1),
                        None => all.differs(path, Some(value), None),
                    });
                }
                for (name, value) in there.iter().filter(|(name, _)| wanted.get(name).is_none()) {
                    let dot = if path.is_empty() { "" } else { "." };
                    self.within(path, &format!("{dot}{name}"), |all, path| all.differs(path, None, Some(value)));
                }
            }
            (Value::List(wanted), Value::List(there)) if depth < DEPTH_MAX => {
                for at in 0..wanted.len().max(there.len()) {
                    self.within(path, &format!("[{at}]"), |all, path| match (wanted.get(at), there.get(at)) {
                        (Some(expected), Some(found)) => all.compare(expected, found, path, depth + 1),
                        (expected, found) => all.differs(path, expected, found),
                    });
                }
            }
            _ if expected == found => {}
            _ => self.differs(path, Some(expected), Some(found)),
        }
    }

    fn within(&mut self, path: &mut String, part: &str, compare: impl FnOnce(&mut Self, &mut String)) {
        let before = path.len();
        path.push_str(part);
        compare(self, path);
        path.truncate(before);
    }

    fn differs(&mut self, path: &str, expected: Option<&Value>, found: Option<&Value>) {
        self.count += 1;
        if self.list.len() < DIFFERENCES_MAX {
            self.list.push(Difference { path: path.to_owned(), expected: expected.map(shown), found: found.map(shown) });
        }
    }
}
