//! `last-writer` and `priority`: two record sets become one without a common ancestor.
//!
//! For every key the record with the greater (marker, content hash) stays. That is the maximum of a total order, so both
//! tasks are commutative, associative, idempotent and monotone: whatever the order in which any number of sides meet, and
//! however often, they come to the same records. A removal has to be a record too (`removed: true`), or it comes back.

use std::cmp::Ordering;

use jackfield_sdk::prelude::*;

use crate::canonical::{record_text, sha256};
use crate::compare::{Changes, difference};
use crate::error::SyncError;
use crate::record::{Entry, Fields, Key, Record, Set, records};
use crate::rules::{ResolveBy, Rules};

#[cfg(test)]
mod tests;

/// Two record sets as one.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Joined {
    /// The records, in the order of the keys.
    pub(crate) records: Vec<Record>,
    /// What the left side lacks, for `apply`.
    pub(crate) to_left: Changes,
    /// What the right side lacks, for `apply`.
    pub(crate) to_right: Changes,
    /// The keys of the records that nothing but the content hash could decide between.
    pub(crate) ties: Vec<Record>,
}

fn clock_default() -> String {
    "clock".to_owned()
}

fn source_default() -> String {
    "source".to_owned()
}

/// Brings two record sets together: of two versions of a record, the one that was written last stays.
///
/// Commutative, associative, idempotent and monotone. Of two records with the same stamp and different content the one with the
/// greater content hash stays, and the key is among the `ties`.
#[task(
    title = "Last writer wins",
    example_input = r#"{"left": [{"id": 1, "n": "a", "clock": 5}], "right": [{"id": 1, "n": "b", "clock": 6}], "key": ["id"]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn last_writer(
    /// The records of one side.
    left: Vec<Record>,
    /// The records of the other.
    right: Vec<Record>,
    /// The fields that say which record it is.
    key: Vec<String>,
    /// The field with the stamp: a hybrid logical clock, an instant, or milliseconds since 1970.
    #[serde(default = "clock_default")]
    clock: String,
) -> Result<Joined, SyncError> {
    join(left, right, &key, &Rules::new(ResolveBy::LastWriter, Some(clock), vec![])?)
}

/// Brings two record sets together: of two versions of a record, the one from the better source stays.
///
/// Commutative, associative, idempotent and monotone. Of two records of one source with different content the one with the
/// greater content hash stays, and the key is among the `ties`.
#[task(
    title = "Best source wins",
    example_input = r#"{"left": [{"id": 1, "n": "a", "source": "web"}], "right": [{"id": 1, "n": "b", "source": "crm"}], "key": ["id"], "order": ["crm", "web"]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn priority(
    /// The records of one side.
    left: Vec<Record>,
    /// The records of the other.
    right: Vec<Record>,
    /// The fields that say which record it is.
    key: Vec<String>,
    /// The sources, the best one first.
    order: Vec<String>,
    /// The field with the source.
    #[serde(default = "source_default")]
    source: String,
) -> Result<Joined, SyncError> {
    join(left, right, &key, &Rules::new(ResolveBy::Priority, Some(source), order)?)
}

fn join(left: Vec<Record>, right: Vec<Record>, key: &[String], rules: &Rules) -> Result<Joined, SyncError> {
    // The marker is content here: a newer stamp on the same content has to reach the other side.
    let fields = Fields::new(key, &[])?;
    fields.with_marker(rules.field())?;
    let (left, right) = (fields.keyed(left, "left")?, fields.keyed(right, "right")?);
    let mut joined = Set::new();
    let mut ties = Vec::new();
    for (key, entry) in left.iter().chain(&right) {
        // Also a record that stands alone has to bear a marker, or it could not be joined with the next side.
        rules.marker(key, &entry.record)?;
        match joined.get(key) {
            Some(there) => {
                let order = order(rules, key, there, entry)?;
                if order.tie {
                    ties.push(fields.key_record(&entry.record));
                }
                if order.by == Ordering::Less {
                    joined.insert(key.clone(), entry.clone());
                }
            }
            None => {
                joined.insert(key.clone(), entry.clone());
            }
        }
    }
    Ok(Joined {
        to_left: difference(&left, &joined, &fields),
        to_right: difference(&right, &joined, &fields),
        records: records(joined),
        ties,
    })
}

struct Order {
    by: Ordering,
    /// Whether nothing but the content decides.
    tie: bool,
}

fn order(rules: &Rules, key: &Key, left: &Entry, right: &Entry) -> Result<Order, SyncError> {
    let markers = rules.marker(key, &left.record)?.cmp(&rules.marker(key, &right.record)?);
    // One stamp may be written in several ways; the content without it decides first, so that no way is favoured.
    let content = |entry: &Entry| sha256(record_text(&entry.record, |name| rules.field() == Some(name)).as_bytes());
    let contents = content(left).cmp(&content(right));
    Ok(Order { tie: markers.is_eq() && contents.is_ne(), by: markers.then(contents).then(left.hash.cmp(&right.hash)) })
}
