//! `compare-and-set`: writes that say which version they are based on.

use jackfield_sdk::prelude::*;

use crate::error::{SyncError, shown};
use crate::record::{Fields, Key, Record, Set, field};

#[cfg(test)]
mod tests;

/// A write that was based on another version than there is.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Stale {
    /// The fields of the key.
    pub(crate) key: Record,
    /// The version that the write is based on; 0 for a record that is not there yet.
    pub(crate) expected: i64,
    /// The version that there is; 0 for no record.
    pub(crate) found: i64,
    /// The record as it is, or null.
    pub(crate) record: Option<Record>,
    /// The write.
    pub(crate) write: Record,
}

/// What became of writes.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Writes {
    /// All records, in the order of the keys.
    pub(crate) records: Vec<Record>,
    /// The records that were written, with their new versions.
    pub(crate) written: Vec<Record>,
    /// The writes that were refused.
    pub(crate) conflicts: Vec<Stale>,
    /// How many writes had been made before: the record is as they want it, one version on.
    pub(crate) made_before: u64,
}

fn version_default() -> String {
    "version".to_owned()
}

/// Writes records where their version is still the one that the write is based on.
///
/// A write carries in its version field the version it saw, 0 or nothing for a record that should not be there yet. If that is
/// the version there is, the record is written with the next one; otherwise it is left alone and reported. Versions never go
/// back, and the same writes again change nothing.
#[task(
    title = "Compare and set by version",
    example_input = r#"{"records": [{"id": 1, "n": "a", "version": 4}], "writes": [{"id": 1, "n": "b", "version": 4}], "key": ["id"]}"#,
    example_output = r#"{"records": [{"id": 1, "n": "b", "version": 5}], "written": [{"id": 1, "n": "b", "version": 5}], "conflicts": [], "made_before": 0}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn compare_and_set(
    /// The records as they are.
    records: Vec<Record>,
    /// The records as they shall be.
    writes: Vec<Record>,
    /// The fields that say which record it is.
    key: Vec<String>,
    /// The field with the version, a whole number from 1.
    #[serde(default = "version_default")]
    version: String,
) -> Result<Writes, SyncError> {
    let fields = Fields::new(&key, &[])?.with_marker(Some(&version))?;
    let mut set = fields.keyed(records, "records")?;
    let mut answer = Writes { records: vec![], written: vec![], conflicts: vec![], made_before: 0 };
    for (key, entry) in fields.keyed(writes, "writes")? {
        write(&mut set, &fields, key, entry.record, &version, &mut answer)?;
    }
    answer.records = crate::record::records(set);
    Ok(answer)
}

fn write(set: &mut Set, fields: &Fields<'_>, key: Key, mut write: Record, name: &str, answer: &mut Writes) -> Result<(), SyncError> {
    let expected = version_of(&key, &write, name)?;
    let there = set.get(&key);
    let found = there.map_or(Ok(0), |entry| version_of(&key, &entry.record, name))?;
    let next = expected.checked_add(1).ok_or_else(|| bad(&key, &write, name))?;
    if found == expected {
        write.insert(name.to_owned(), next.into());
        answer.written.push(write.clone());
        set.insert(key, fields.entry(write));
    } else if there.is_some_and(|entry| found == next && entry.hash == fields.entry(write.clone()).hash) {
        answer.made_before += 1;
    } else {
        let record = there.map(|entry| entry.record.clone());
        answer.conflicts.push(Stale { key: fields.key_record(&write), expected, found, record, write });
    }
    Ok(())
}

fn version_of(key: &Key, record: &Record, name: &str) -> Result<i64, SyncError> {
    match field(record, name) {
        Value::Null => Ok(0),
        value => value.as_i64().filter(|version| *version >= 0).ok_or_else(|| bad(key, record, name)),
    }
}

fn bad(key: &Key, record: &Record, name: &str) -> SyncError {
    let found = shown(field(record, name));
    SyncError::BadMarker { key: key.to_string(), field: name.to_owned(), found, needed: "a whole number from 0" }
}
