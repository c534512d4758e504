//! `upsert`: batches that may come more than once, from several sources.

use std::collections::BTreeSet;

use jackfield_sdk::prelude::*;

use crate::canonical::{hex, sha256, text};
use crate::error::SyncError;
use crate::record::{Entry, Fields, Key, Record};

#[cfg(test)]
mod tests;

/// The most deliveries that are remembered, and how many are unless the task is told otherwise.
const REMEMBER_MAX: u32 = 50_000;

fn remember_default() -> u32 {
    REMEMBER_MAX
}

/// What became of a batch.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Upserted {
    /// All records, in the order of the keys.
    pub(crate) records: Vec<Record>,
    /// The records that are new or have another content, in the order of the keys.
    pub(crate) written: Vec<Record>,
    /// How many records of the batch were new.
    pub(crate) inserted: u64,
    /// How many changed a record.
    pub(crate) updated: u64,
    /// How many were there already with this content.
    pub(crate) unchanged: u64,
    /// How many had been delivered before and were left out.
    pub(crate) repeated: u64,
    /// What was delivered, the oldest first: `seen` of the next batch.
    pub(crate) seen: Vec<String>,
}

/// Takes a batch of records into a record set, each delivery once.
///
/// A delivery is a source, a key and a content. What was delivered before is left out, so that the same batch twice changes
/// nothing, also after newer ones. A source that goes back to an earlier content has to say so in a field, such as a version or
/// a time, because nothing else tells it from a repeat.
#[task(
    title = "Upsert once",
    example_input = r#"{"records": [{"id": 1, "n": "a"}], "batch": [{"id": 1, "n": "b"}, {"id": 2, "n": "c"}], "key": ["id"], "source": "shop"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn upsert(
    /// The records as they are.
    records: Vec<Record>,
    /// The records that came, in their order. A key may come more than once.
    batch: Vec<Record>,
    /// The fields that say which record it is.
    key: Vec<String>,
    /// The name of the source.
    source: String,
    /// Fields that are no content.
    #[serde(default)]
    ignore: Vec<String>,
    /// What was delivered before: `seen` of the answer to the last batch.
    #[serde(default)]
    seen: Vec<String>,
    /// How many deliveries to remember, the newest ones; 50,000 unless given, and at most.
    #[serde(default = "remember_default")]
    remember: u32,
) -> Result<Upserted, SyncError> {
    let fields = Fields::new(&key, &ignore)?;
    let mut set = fields.keyed(records, "records")?;
    let mut known: BTreeSet<String> = seen.iter().cloned().collect();
    let mut answer = Upserted { records: vec![], written: vec![], inserted: 0, updated: 0, unchanged: 0, repeated: 0, seen };
    let mut written = BTreeSet::new();
    for (at, record) in batch.into_iter().enumerate() {
        let key = fields.key_of(&record, "batch", at)?;
        let entry = fields.entry(record);
        let delivery = delivery(&source, &key, &entry);
        if !known.insert(delivery.clone()) {
            answer.repeated += 1;
            continue;
        }
        answer.seen.push(delivery);
        match set.get(&key) {
            Some(there) if there.hash == entry.hash => {
                answer.unchanged += 1;
                continue;
            }
            Some(_) => answer.updated += 1,
            None => answer.inserted += 1,
        }
        written.insert(key.clone());
        set.insert(key, entry);
    }
    answer.written = written.iter().filter_map(|key| set.get(key)).map(|entry| entry.record.clone()).collect();
    answer.records = crate::record::records(set);
    let forget = answer.seen.len().saturating_sub(remember.min(REMEMBER_MAX) as usize);
    answer.seen.drain(..forget);
    Ok(answer)
}

/// The name of a delivery: the first 32 digits of the SHA-256 over source, key and content.
fn delivery(source: &str, key: &Key, entry: &Entry) -> String {
    let parts = [&sha256(text(&Value::from(source)).as_bytes())[..], &key.hash(), &entry.hash].concat();
    hex(&sha256(&parts)[..16])
}
