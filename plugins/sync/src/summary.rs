//! `summary`, `compare-summaries` and `pick`: finding out what differs without sending everything.
//!
//! A summary is a Merkle tree over the record set, with sixteen branches at each level: a record lies in the bucket that
//! the first hexadecimal digits of its key's hash name. With SHA-256 for H, and key and content hashes as in `canonical`:
//!
//! - a bucket is H(00 ‖ key hash ‖ content hash ‖ key hash ‖ content hash …), in the order of the key hashes;
//! - a node above is H(01 ‖ its sixteen children), where 32 zero bytes stand for one without records;
//! - the root is the node above all; 32 zero bytes for no records at all.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_sdk::prelude::*;

use crate::canonical::{Hash, hex, sha256};
use crate::error::SyncError;
use crate::record::{Fields, Record};

#[cfg(test)]
mod tests;

/// The most digits that name a bucket: 4,096 buckets.
const DIGITS_MAX: u8 = 3;

fn digits_default() -> u8 {
    2
}

/// What a record set comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Summary {
    /// How the summary was made. Only summaries that were made alike can be compared.
    pub(crate) shape: Shape,
    /// How many records there are.
    pub(crate) records: u64,
    /// The hash over everything, in 64 hexadecimal digits.
    pub(crate) root: String,
    /// The buckets that have records, by the digits that name them.
    pub(crate) buckets: BTreeMap<String, Bucket>,
}

/// How a summary was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Shape {
    /// The fields that say which record it is.
    pub(crate) key: Vec<String>,
    /// The fields that are no content, sorted.
    pub(crate) ignore: Vec<String>,
    /// How many hexadecimal digits name a bucket.
    pub(crate) digits: u8,
}

/// The records whose key hashes begin alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Bucket {
    /// How many records it has.
    pub(crate) records: u64,
    /// The hash over them, in 64 hexadecimal digits.
    pub(crate) hash: String,
}

/// Where two record sets differ.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Differing {
    /// Whether they are the same.
    pub(crate) same: bool,
    /// The buckets that differ, sorted.
    pub(crate) buckets: Vec<String>,
    /// How many records `left` has in them.
    pub(crate) left_records: u64,
    /// How many records `right` has in them.
    pub(crate) right_records: u64,
}

/// The records of some buckets.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Picked {
    /// The records, in the order in which they were given.
    pub(crate) records: Vec<Record>,
}

/// Makes a Merkle summary of a record set: a root, and a hash for every bucket of keys.
///
/// Two sides that are far apart send each other summaries first. Where the roots are the same nothing else need be sent;
/// otherwise `compare-summaries` tells the buckets, and `pick` the records that are in them.
#[task(
    title = "Summarize a record set",
    example_input = r#"{"records": [{"id": 1, "n": "a"}], "key": ["id"], "digits": 1}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn summary(
    /// The records.
    records: Vec<Record>,
    /// The fields that say which record it is.
    key: Vec<String>,
    /// Fields that are no content.
    #[serde(default)]
    ignore: Vec<String>,
    /// How many hexadecimal digits name a bucket, from 1 to 3: 16, 256 or 4,096 buckets. 2 unless given.
    #[serde(default = "digits_default")]
    digits: u8,
) -> Result<Summary, SyncError> {
    check_digits(digits)?;
    let fields = Fields::new(&key, &ignore)?;
    let set = fields.keyed(records, "records")?;
    let count = set.len() as u64;
    let mut leaves: Vec<(Hash, Hash)> = set.into_iter().map(|(key, entry)| (key.hash(), entry.hash)).collect();
    leaves.sort_unstable();
    let mut contents: BTreeMap<String, (u64, Vec<u8>)> = BTreeMap::new();
    for (key, content) in leaves {
        let (records, bytes) = contents.entry(bucket_name(&key, digits)).or_insert_with(|| (0, vec![0]));
        *records += 1;
        bytes.extend_from_slice(&key);
        bytes.extend_from_slice(&content);
    }
    let hashed: BTreeMap<String, (u64, Hash)> =
        contents.into_iter().map(|(name, (records, bytes))| (name, (records, sha256(&bytes)))).collect();
    let root = root(hashed.iter().map(|(name, (_, hash))| (name.clone(), *hash)).collect());
    let buckets = hashed.into_iter().map(|(name, (records, hash))| (name, Bucket { records, hash: hex(&hash) })).collect();
    let mut ignore = ignore;
    ignore.sort();
    ignore.dedup();
    Ok(Summary { shape: Shape { key, ignore, digits }, records: count, root: hex(&root), buckets })
}

/// Tells in which buckets two record sets differ.
#[task(
    title = "Compare summaries",
    example_input = r#"{"left": {"shape": {"key": ["id"], "ignore": [], "digits": 1}, "records": 1, "root": "a1", "buckets": {"8": {"records": 1, "hash": "b1"}}}, "right": {"shape": {"key": ["id"], "ignore": [], "digits": 1}, "records": 2, "root": "a2", "buckets": {"8": {"records": 2, "hash": "b2"}}}}"#,
    example_output = r#"{"same": false, "buckets": ["8"], "left_records": 1, "right_records": 2}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn compare_summaries(
    /// What `summary` answered on one side.
    left: Summary,
    /// What it answered on the other.
    right: Summary,
) -> Result<Differing, SyncError> {
    if left.shape != right.shape {
        let told = |shape: &Shape| format!("key {:?}, ignore {:?}, digits {}", shape.key, shape.ignore, shape.digits);
        return Err(SyncError::DifferentShape { left: told(&left.shape), right: told(&right.shape) });
    }
    let names: BTreeSet<&String> = left.buckets.keys().chain(right.buckets.keys()).collect();
    let differ: Vec<&String> = names.into_iter().filter(|name| left.buckets.get(*name) != right.buckets.get(*name)).collect();
    if differ.is_empty() != (left.root == right.root) {
        return Err(SyncError::BadRequest("the roots and the buckets of the summaries do not fit together: one was changed".to_owned()));
    }
    let count = |summary: &Summary| {
        differ.iter().filter_map(|name| summary.buckets.get(*name)).fold(0_u64, |sum, bucket| sum.saturating_add(bucket.records))
    };
    Ok(Differing {
        same: differ.is_empty(),
        left_records: count(&left),
        right_records: count(&right),
        buckets: differ.into_iter().cloned().collect(),
    })
}

/// Keeps the records that lie in some buckets of a summary.
#[task(
    title = "Pick records by bucket",
    example_input = r#"{"records": [{"id": 1}, {"id": 2}, {"id": 3}], "key": ["id"], "buckets": ["03"]}"#,
    example_output = r#"{"records": [{"id": 2}]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn pick(
    /// The records.
    records: Vec<Record>,
    /// The fields that say which record it is.
    key: Vec<String>,
    /// The buckets, as `compare-summaries` tells them.
    buckets: Vec<String>,
) -> Result<Picked, SyncError> {
    let fields = Fields::new(&key, &[])?;
    let wanted: BTreeSet<String> = buckets.into_iter().collect();
    for name in &wanted {
        check_digits(u8::try_from(name.len()).unwrap_or(u8::MAX))?;
    }
    let mut picked = Vec::new();
    for (at, record) in records.into_iter().enumerate() {
        let hash = fields.key_of(&record, "records", at)?.hash();
        if (1..=DIGITS_MAX).any(|digits| wanted.contains(&bucket_name(&hash, digits))) {
            picked.push(record);
        }
    }
    Ok(Picked { records: picked })
}

fn check_digits(digits: u8) -> Result<(), SyncError> {
    if (1..=DIGITS_MAX).contains(&digits) {
        return Ok(());
    }
    Err(SyncError::BadRequest(format!("1 to {DIGITS_MAX} hexadecimal digits name a bucket, not {digits}")))
}

fn bucket_name(hash: &Hash, digits: u8) -> String {
    hex(&hash[..2])[..usize::from(digits)].to_owned()
}

/// The root above nodes that have names of one length.
fn root(mut level: BTreeMap<String, Hash>) -> Hash {
    while level.keys().any(|name| !name.is_empty()) {
        let mut above: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (name, hash) in level {
            let (parent, digit) = name.split_at(name.len() - 1);
            let place = 1 + 32 * usize::from_str_radix(digit, 16).unwrap_or_default();
            let bytes = above.entry(parent.to_owned()).or_insert_with(|| {
                let mut bytes = vec![0; 1 + 16 * 32];
                bytes[0] = 1;
                bytes
            });
            bytes[place..place + 32].copy_from_slice(&hash);
        }
        level = above.into_iter().map(|(name, bytes)| (name, sha256(&bytes))).collect();
    }
    level.into_values().next().unwrap_or_default()
}
