//! `compare`, and `apply`, which is its other half: the changes from a to b, applied to a, give b.

use jackfield_sdk::prelude::*;

use crate::canonical::text;
use crate::error::SyncError;
use crate::record::{Entry, Fields, Key, Record, Set, field, records};

#[cfg(test)]
mod tests;

/// What makes one record set of another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Changes {
    /// The records that are new, in the order of the keys.
    pub(crate) added: Vec<Record>,
    /// The records that are gone, as they were.
    pub(crate) removed: Vec<Record>,
    /// The records whose content is another.
    pub(crate) changed: Vec<Changed>,
    /// How many records are the same.
    pub(crate) same: u64,
    /// How many records are added, removed or changed.
    pub(crate) count: u64,
}

/// A record whose content is another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Changed {
    /// The fields of the key.
    pub(crate) key: Record,
    /// The record as it was.
    pub(crate) before: Record,
    /// The record as it is.
    pub(crate) after: Record,
    /// The fields that differ, sorted.
    pub(crate) fields: Vec<String>,
}

/// What became of records to which changes were applied.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Applied {
    /// The records, in the order of the keys.
    pub(crate) records: Vec<Record>,
    /// How many changes were made now.
    pub(crate) made: u64,
    /// How many had been made before.
    pub(crate) made_before: u64,
}

/// What becomes of a record that is neither as it was nor as it shall be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Drift {
    /// The error `drifted`: nothing is changed.
    #[default]
    Fail,
    /// The change is made all the same.
    Overwrite,
}

/// Finds what makes the record set `after` of `before`.
///
/// Records are brought together by their key and compared by their content. The order of records and of fields does not count.
#[task(
    title = "Compare record sets",
    example_input = r#"{"before": [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}], "after": [{"id": 2, "n": "c"}, {"id": 3, "n": "d"}], "key": ["id"]}"#,
    example_output = r#"{"added": [{"id": 3, "n": "d"}], "removed": [{"id": 1, "n": "a"}], "changed": [{"key": {"id": 2}, "before": {"id": 2, "n": "b"}, "after": {"id": 2, "n": "c"}, "fields": ["n"]}], "same": 0, "count": 3}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn compare(
    /// The records as they were.
    before: Vec<Record>,
    /// The records as they are.
    after: Vec<Record>,
    /// The fields that say which record it is.
    key: Vec<String>,
    /// Fields that are no content, such as the time of the last look.
    #[serde(default)]
    ignore: Vec<String>,
) -> Result<Changes, SyncError> {
    let fields = Fields::new(&key, &ignore)?;
    Ok(difference(&fields.keyed(before, "before")?, &fields.keyed(after, "after")?, &fields))
}

/// Applies what `compare` or `merge` found.
///
/// It may be done twice: a change that has been made already is counted as such. A record that is neither as it was nor as it
/// shall be was changed by somebody else in the meantime.
#[task(
    title = "Apply changes",
    example_input = r#"{"records": [{"id": 1, "n": "a"}], "changes": {"added": [{"id": 2, "n": "b"}], "removed": [{"id": 1, "n": "a"}], "changed": [], "same": 0, "count": 2}, "key": ["id"]}"#,
    example_output = r#"{"records": [{"id": 2, "n": "b"}], "made": 2, "made_before": 0}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn apply(
    /// The records to change.
    records: Vec<Record>,
    /// The changes.
    changes: Changes,
    /// The fields that say which record it is.
    key: Vec<String>,
    /// Fields that are no content: they may differ from what they were.
    #[serde(default)]
    ignore: Vec<String>,
    /// What becomes of a record that is neither as it was nor as it shall be.
    #[serde(default)]
    drift: Drift,
) -> Result<Applied, SyncError> {
    let fields = Fields::new(&key, &ignore)?;
    let mut applying = Applying { set: fields.keyed(records, "records")?, fields, drift, made: 0, made_before: 0 };
    for (at, record) in changes.removed.into_iter().enumerate() {
        let key = fields.key_of(&record, "removed", at)?;
        applying.turn(key, Some(record), None)?;
    }
    for (at, Changed { before, after, .. }) in changes.changed.into_iter().enumerate() {
        let key = fields.key_of(&after, "changed", at)?;
        applying.turn(key, Some(before), Some(after))?;
    }
    for (at, record) in changes.added.into_iter().enumerate() {
        let key = fields.key_of(&record, "added", at)?;
        applying.turn(key, None, Some(record))?;
    }
    Ok(Applied { made: applying.made, made_before: applying.made_before, records: crate::record::records(applying.set) })
}

struct Applying<'a> {
    set: Set,
    fields: Fields<'a>,
    drift: Drift,
    made: u64,
    made_before: u64,
}

impl Applying<'_> {
    /// Makes of one record what it shall be.
    fn turn(&mut self, key: Key, before: Option<Record>, after: Option<Record>) -> Result<(), SyncError> {
        let (before, after) = (before.map(|record| self.fields.entry(record)), after.map(|record| self.fields.entry(record)));
        let now = hash(self.set.get(&key));
        if now == hash(after.as_ref()) {
            self.made_before += 1;
            return Ok(());
        }
        if now != hash(before.as_ref()) && self.drift == Drift::Fail {
            return Err(SyncError::Drifted { key: key.to_string() });
        }
        self.made += 1;
        match after {
            Some(entry) => self.set.insert(key, entry),
            None => self.set.remove(&key),
        };
        Ok(())
    }
}

fn hash(entry: Option<&Entry>) -> Option<crate::canonical::Hash> {
    entry.map(|entry| entry.hash)
}

/// What makes `after` of `before`.
pub(crate) fn difference(before: &Set, after: &Set, fields: &Fields<'_>) -> Changes {
    let mut changes = Changes::default();
    for (key, old) in before {
        match after.get(key) {
            None => changes.removed.push(old.record.clone()),
            Some(new) if new.hash == old.hash => changes.same += 1,
            Some(new) => changes.changed.push(Changed {
                key: fields.key_record(&new.record),
                before: old.record.clone(),
                after: new.record.clone(),
                fields: different_fields(&old.record, &new.record, fields),
            }),
        }
    }
    changes.added =
        records(after.iter().filter(|(key, _)| !before.contains_key(key)).map(|(key, entry)| (key.clone(), entry.clone())).collect());
    changes.count = (changes.added.len() + changes.removed.len() + changes.changed.len()) as u64;
    changes
}

/// The fields of content in which two records differ, sorted.
fn different_fields(left: &Record, right: &Record, fields: &Fields<'_>) -> Vec<String> {
    let mut names: Vec<&String> = left.keys().chain(right.keys()).collect();
    names.sort();
    names.dedup();
    names.retain(|name| !fields.is_ignored(name) && text(field(left, name)) != text(field(right, name)));
    names.into_iter().cloned().collect()
}
