//! Records, their keys, and record sets.

use std::collections::BTreeMap;
use std::fmt;

use jackfield_sdk::prelude::*;
use serde_json::Map;

use crate::canonical::{Hash, record_text, sha256, text};
use crate::error::{SyncError, shown};

/// One record: field → value.
pub(crate) type Record = Map<String, Value>;

/// What says which record it is: the values of the key fields, in the order of the fields.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(Vec<Part>);

/// One value of a key. The text `1` and the number `1` are two keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Bool(bool),
    Whole(i128),
    Text(String),
}

/// A record with its content hash.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) record: Record,
    /// Over the fields that are not ignored.
    pub(crate) hash: Hash,
}

/// Records by their key.
pub(crate) type Set = BTreeMap<Key, Entry>;

/// Which fields are the key, and which are no content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    key: &'a [String],
    ignore: &'a [String],
    marker: Option<&'a str>,
}

impl<'a> Fields<'a> {
    /// The fields as a task was given them.
    pub(crate) fn new(key: &'a [String], ignore: &'a [String]) -> Result<Self, SyncError> {
        if key.is_empty() {
            return Err(SyncError::BadRequest("`key` is empty: name the fields that say which record it is".to_owned()));
        }
        if let Some(both) = key.iter().find(|name| ignore.contains(name)) {
            return Err(SyncError::BadRequest(format!("`{both}` is in `key` and in `ignore`")));
        }
        Ok(Self { key, ignore, marker: None })
    }

    /// The same, with one more field that is no content: the one by which conflicts are decided.
    pub(crate) fn with_marker(self, marker: Option<&'a str>) -> Result<Self, SyncError> {
        match marker {
            Some(name) if self.key.iter().any(|key| key == name) => {
                Err(SyncError::BadRequest(format!("`{name}` is in `key` and cannot decide conflicts")))
            }
            _ => Ok(Self { marker, ..self }),
        }
    }

    /// Whether a field is no content.
    pub(crate) fn is_ignored(&self, name: &str) -> bool {
        self.marker == Some(name) || self.ignore.iter().any(|ignored| ignored == name)
    }

    /// A record with its content hash.
    pub(crate) fn entry(&self, record: Record) -> Entry {
        let hash = sha256(record_text(&record, |name| self.is_ignored(name)).as_bytes());
        Entry { record, hash }
    }

    /// The key of the record at a place of a list.
    pub(crate) fn key_of(&self, record: &Record, set: &'static str, at: usize) -> Result<Key, SyncError> {
        self.key.iter().map(|field| part(record, field, set, at + 1)).collect::<Result<_, _>>().map(Key)
    }

    /// The fields of the key, as a record of their own.
    pub(crate) fn key_record(&self, record: &Record) -> Record {
        self.key.iter().map(|name| (name.clone(), record.get(name).cloned().unwrap_or_default())).collect()
    }

    /// Records by their key.
    pub(crate) fn keyed(&self, records: Vec<Record>, name: &'static str) -> Result<Set, SyncError> {
        let mut places = BTreeMap::new();
        let mut set = Set::new();
        for (at, record) in records.into_iter().enumerate() {
            let key = self.key_of(&record, name, at)?;
            if let Some(first) = places.insert(key.clone(), at) {
                return Err(SyncError::KeyTwice { set: name, key: key.to_string(), first: first + 1, second: at + 1 });
            }
            set.insert(key, self.entry(record));
        }
        Ok(set)
    }
}

fn part(record: &Record, field: &str, set: &'static str, at: usize) -> Result<Part, SyncError> {
    let value = record.get(field).unwrap_or(&Value::Null);
    let bad = || SyncError::BadKey { set, record: at, field: field.to_owned(), found: shown(value) };
    match value {
        Value::Null => Err(SyncError::NoKey { set, record: at, field: field.to_owned() }),
        Value::Bool(truth) => Ok(Part::Bool(*truth)),
        Value::String(text) => Ok(Part::Text(text.clone())),
        // The canonical text of a number has digits alone exactly when it is whole and exact.
        Value::Number(_) => text(value).parse().map(Part::Whole).map_err(|_| bad()),
        Value::Array(_) | Value::Object(_) => Err(bad()),
    }
}

impl Key {
    /// The SHA-256 of the canonical text of the list of the key's values.
    pub(crate) fn hash(&self) -> Hash {
        sha256(self.canonical().as_bytes())
    }

    fn canonical(&self) -> String {
        let texts = self.0.iter().map(|part| match part {
            Part::Bool(truth) => truth.to_string(),
            Part::Whole(whole) => whole.to_string(),
            Part::Text(string) => text(&Value::from(string.as_str())),
        });
        format!("[{}]", texts.collect::<Vec<_>>().join(","))
    }
}

/// The key for a message, shortened.
impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.canonical();
        let text: String = text[1..text.len() - 1].chars().take(80).collect();
        write!(formatter, "`{text}`")
    }
}

/// The value of a field; a missing one is null.
pub(crate) fn field<'a>(record: &'a Record, name: &str) -> &'a Value {
    static NULL: Value = Value::Null;
    record.get(name).unwrap_or(&NULL)
}

/// The records of a set, in the order of the keys.
pub(crate) fn records(set: Set) -> Vec<Record> {
    set.into_values().map(|entry| entry.record).collect()
}

/// What the tests of all tasks are written with.
#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// A value of any type from JSON.
    pub(crate) fn from<T: serde::de::DeserializeOwned>(value: Value) -> T {
        serde_json::from_value(value).unwrap()
    }

    /// Names.
    pub(crate) fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// Compares the code, and looks for a part of the message.
    #[track_caller]
    pub(crate) fn assert_error<T: fmt::Debug>(answer: Result<T, SyncError>, code: &str, part: &str) {
        let error = TaskError::from(answer.unwrap_err());
        assert_eq!(error.code(), code);
        assert!(error.message().contains(part), "{}", error.message());
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{assert_error, from, names};
    use super::*;

    fn keyed(records: Value, key: &[&str]) -> Result<Vec<String>, SyncError> {
        let (key, ignore) = (names(key), names(&[]));
        let set = Fields::new(&key, &ignore)?.keyed(from(records), "records")?;
        Ok(set.keys().map(ToString::to_string).collect())
    }

    #[test]
    fn keys_are_in_the_order_of_their_values() {
        let records = json!([{"id": "b"}, {"id": 10}, {"id": "a"}, {"id": 9}, {"id": true}, {"id": 9_007_199_254_740_993_i64}]);
        assert_eq!(keyed(records, &["id"]).unwrap(), ["`true`", "`9`", "`10`", "`9007199254740993`", "`\"a\"`", "`\"b\"`"]);
        let records = json!([{"y": 2, "m": 1}, {"y": 1, "m": 2}]);
        assert_eq!(keyed(records, &["y", "m"]).unwrap(), ["`1,2`", "`2,1`"]);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert_error(keyed(json!([{"id": 1}, {"id": null}]), &["id"]), "no-key", "record 2");
        assert_error(keyed(json!([{"id": 1.5}]), &["id"]), "bad-key", "`1.5`");
        assert_error(keyed(json!([{"id": 1e300}]), &["id"]), "bad-key", "whole number");
        assert_error(keyed(json!([{"id": [1]}]), &["id"]), "bad-key", "`[1]`");
        assert_error(keyed(json!([{"id": 1}, {"id": 2}, {"id": 1.0}]), &["id"]), "key-twice", "records 1 and 3");
        assert_error(keyed(json!([]), &[]), "bad-request", "`key` is empty");
        let (key, ignore) = (names(&["id"]), names(&["id"]));
        assert_error(Fields::new(&key, &ignore), "bad-request", "`id`");
    }
}
