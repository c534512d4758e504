//! `diff`: what changed between two values.

use jackfield_sdk::prelude::*;
use serde_json::Map;

use crate::pointer::Pointer;

#[cfg(test)]
mod tests;

/// The most changes one answer lists; the others are only counted.
const CHANGES_MAX: usize = 10_000;

/// What happened at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// The place is new.
    Added,
    /// The place is gone.
    Removed,
    /// The place has another value.
    Changed,
}

/// One change.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Change {
    /// What happened.
    pub(crate) kind: Kind,
    /// Where, as JSON pointer; empty for the whole value.
    pub(crate) path: String,
    /// The value before; absent when the place is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Value>,
    /// The value after; absent when the place is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<Value>,
}

/// All changes between two values.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Diff {
    /// Whether there is no change.
    pub(crate) equal: bool,
    /// How many changes there are.
    pub(crate) count: usize,
    /// The first 10,000 changes, in the order of the values before and then of what is new.
    pub(crate) changes: Vec<Change>,
}

/// Lists what changed from one value to another.
///
/// Objects are compared name by name, lists index by index; the order of names means nothing, and `1` and `1.0` differ.
#[task(
    title = "Compare JSON values",
    example_input = r#"{"before":{"a":1,"b":2},"after":{"a":1,"b":3}}"#,
    example_output = r#"{"equal":false,"count":1,"changes":[{"kind":"changed","path":"/b","before":2,"after":3}]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn diff(
    /// The value before.
    before: Value,
    /// The value after.
    after: Value,
) -> Diff {
    let mut diff = Diff::default();
    diff.compare(&before, &after, Pointer::default());
    diff.equal = diff.count == 0;
    diff
}

impl Diff {
    fn compare(&mut self, before: &Value, after: &Value, place: Pointer) {
        match (before, after) {
            (Value::Object(before), Value::Object(after)) => self.compare_objects(before, after, &place),
            (Value::Array(before), Value::Array(after)) => self.compare_lists(before, after, &place),
            (before, after) if before == after => {}
            (before, after) => self.tell(Kind::Changed, place, Some(before), Some(after)),
        }
    }

    fn compare_objects(&mut self, before: &Map<String, Value>, after: &Map<String, Value>, place: &Pointer) {
        for (name, value) in before {
            let here = place.child(name);
            match after.get(name) {
                Some(other) => self.compare(value, other, here),
                None => self.tell(Kind::Removed, here, Some(value), None),
            }
        }
        for (name, value) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
            self.tell(Kind::Added, place.child(name), None, Some(value));
        }
    }

    fn compare_lists(&mut self, before: &[Value], after: &[Value], place: &Pointer) {
        for index in 0..before.len().max(after.len()) {
            let here = place.child(index);
            match (before.get(index), after.get(index)) {
                (Some(value), Some(other)) => self.compare(value, other, here),
                (Some(value), None) => self.tell(Kind::Removed, here, Some(value), None),
                (None, other) => self.tell(Kind::Added, here, None, other),
            }
        }
    }

    fn tell(&mut self, kind: Kind, place: Pointer, before: Option<&Value>, after: Option<&Value>) {
        self.count += 1;
        if self.changes.len() < CHANGES_MAX {
            self.changes.push(Change { kind, path: place.into_text(), before: before.cloned(), after: after.cloned() });
        }
    }
}
