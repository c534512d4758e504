//! `merge`: what two sides made of one base becomes one again.
//!
//! A record that one side alone changed is taken from it. A record that both changed is merged field by field; where both
//! changed the same field to different values there is a *conflict*, which the rules decide or which is reported. A record
//! with a conflict that nothing decided stays in the base as it was, and neither side is told anything about it: the next
//! merge finds it again.

use std::collections::BTreeSet;

use jackfield_sdk::prelude::*;

use crate::canonical::{record_text, text};
use crate::compare::{Changes, difference};
use crate::error::SyncError;
use crate::record::{Entry, Fields, Key, Record, Set, field, records};
use crate::rules::{ResolveBy, Rules, Side};

#[cfg(test)]
mod tests;

/// What becomes of a record that one side removed and the other changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RemovedAndChanged {
    /// A conflict is reported, unless `resolve_by` is `left` or `right`.
    #[default]
    Report,
    /// The changed record stays.
    Keep,
    /// The record is removed.
    Remove,
}

/// A field, or a whole record, that both sides changed to something else.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Conflict {
    /// The fields of the key.
    pub(crate) key: Record,
    /// The field; empty when one side removed the record.
    pub(crate) field: String,
    /// What it was; null for nothing.
    pub(crate) base: Value,
    /// What the left side made of it.
    pub(crate) left: Value,
    /// What the right side made of it.
    pub(crate) right: Value,
    /// The side that was taken; null when nothing decided.
    pub(crate) taken: Option<Side>,
}

/// Two sides as one.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Merged {
    /// The records, in the order of the keys: the base of the next merge.
    pub(crate) records: Vec<Record>,
    /// The conflicts that nothing decided; their records are left as they are everywhere.
    pub(crate) conflicts: Vec<Conflict>,
    /// The conflicts that the rules decided.
    pub(crate) resolved: Vec<Conflict>,
    /// What the left side lacks, for `apply`.
    pub(crate) to_left: Changes,
    /// What the right side lacks, for `apply`.
    pub(crate) to_right: Changes,
}

/// Merges two record sets that were changed apart from each other, by record and by field.
///
/// `base` is what both sides were when they were last in step: the `records` of the merge before, and nothing at first. Left and
/// right may change places: the answer is the same, with the sides exchanged.
#[task(
    title = "Merge three ways",
    example_input = r#"{"base": [{"id": 1, "n": "a", "p": 5}], "left": [{"id": 1, "n": "A", "p": 5}], "right": [{"id": 1, "n": "a", "p": 6}], "key": ["id"]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn merge(
    /// The records as both sides had them.
    base: Vec<Record>,
    /// The records of one side.
    left: Vec<Record>,
    /// The records of the other.
    right: Vec<Record>,
    /// The fields that say which record it is.
    key: Vec<String>,
    /// Fields that are no content: a change of them alone is none, and the merged record has those of one side.
    #[serde(default)]
    ignore: Vec<String>,
    /// What decides when both sides changed the same field.
    #[serde(default)]
    resolve_by: ResolveBy,
    /// The field of a record in which `last-writer`, `version` or `priority` look: `clock`, `version` or `source` unless given. It
    /// is no content; a merged record has the greater one.
    field: Option<String>,
    /// The sources for `priority`, the best one first.
    #[serde(default)]
    order: Vec<String>,
    /// What becomes of a record that one side removed and the other changed.
    #[serde(default)]
    removed_and_changed: RemovedAndChanged,
) -> Result<Merged, SyncError> {
    let rules = Rules::new(resolve_by, field, order)?;
    let fields = Fields::new(&key, &ignore)?.with_marker(rules.field())?;
    let sides = Sides { base: fields.keyed(base, "base")?, left: fields.keyed(left, "left")?, right: fields.keyed(right, "right")? };
    let keys: BTreeSet<&Key> = sides.base.keys().chain(sides.left.keys()).chain(sides.right.keys()).collect();
    let mut merging = Merging { fields, rules: &rules, removed_and_changed, conflicts: vec![], resolved: vec![] };
    let (mut merged, mut undecided) = (Set::new(), BTreeSet::new());
    for key in keys {
        let versions = Versions { base: sides.base.get(key), left: sides.left.get(key), right: sides.right.get(key) };
        let outcome = merging.record(key, &versions)?;
        if outcome == Outcome::Undecided {
            undecided.insert(key.clone());
        }
        let record = match outcome {
            Outcome::Undecided => versions.base.map(|entry| entry.record.clone()),
            Outcome::Decided(record) => record,
        };
        merged.extend(record.map(|record| (key.clone(), fields.entry(record))));
    }
    let lacks = |side: &Set| {
        let decided =
            |set: &Set| set.iter().filter(|(key, _)| !undecided.contains(key)).map(|(key, entry)| (key.clone(), entry.clone())).collect();
        difference(&decided(side), &decided(&merged), &fields)
    };
    let (to_left, to_right) = (lacks(&sides.left), lacks(&sides.right));
    Ok(Merged { to_left, to_right, records: records(merged), conflicts: merging.conflicts, resolved: merging.resolved })
}

struct Sides {
    base: Set,
    left: Set,
    right: Set,
}

/// One record as it is in each place.
struct Versions<'a> {
    base: Option<&'a Entry>,
    left: Option<&'a Entry>,
    right: Option<&'a Entry>,
}

#[derive(PartialEq)]
enum Outcome {
    /// The record, or that there is none.
    Decided(Option<Record>),
    Undecided,
}

struct Merging<'a> {
    fields: Fields<'a>,
    rules: &'a Rules,
    removed_and_changed: RemovedAndChanged,
    conflicts: Vec<Conflict>,
    resolved: Vec<Conflict>,
}

impl Merging<'_> {
    fn record(&mut self, key: &Key, versions: &Versions<'_>) -> Result<Outcome, SyncError> {
        let hash = |entry: Option<&Entry>| entry.map(|entry| entry.hash);
        let (base, left, right) = (hash(versions.base), hash(versions.left), hash(versions.right));
        let only = |entry: Option<&Entry>| Ok(Outcome::Decided(entry.map(|entry| entry.record.clone())));
        match (versions.left, versions.right) {
            (Some(one), Some(other)) if left == right => {
                let newer = if self.is_newer(key, one, other)? { one } else { other };
                // A stamp written in another way is no reason to change the base.
                let marker = |entry: &Entry| self.rules.marker(key, &entry.record);
                match versions.base {
                    Some(was) if base == left && marker(was)? >= marker(newer)? => only(Some(was)),
                    _ => only(Some(newer)),
                }
            }
            _ if left == base => only(versions.right),
            _ if right == base => only(versions.left),
            (Some(one), Some(other)) => self.both_changed(key, versions.base, one, other),
            // Not both are there, and both differ from the base: one was removed, the other changed.
            _ => Ok(self.one_removed(versions)),
        }
    }

    /// Whether one record rather than the other gives what is no content: a question that both sides answer alike.
    fn is_newer(&self, key: &Key, one: &Entry, other: &Entry) -> Result<bool, SyncError> {
        let ignored = |entry: &Entry| record_text(&entry.record, |name| !self.fields.is_ignored(name));
        let markers = self.rules.marker(key, &one.record)?.cmp(&self.rules.marker(key, &other.record)?);
        Ok(markers.then_with(|| ignored(one).cmp(&ignored(other))).is_gt())
    }

    fn both_changed(&mut self, key: &Key, base: Option<&Entry>, left: &Entry, right: &Entry) -> Result<Outcome, SyncError> {
        let winner = self.rules.winner(key, left, right)?;
        let left_is_newer = self.is_newer(key, left, right)?;
        let (newer, older) = if left_is_newer { (left, right) } else { (right, left) };
        let nothing = Record::new();
        let base = base.map_or(&nothing, |entry| &entry.record);
        let mut found = Vec::new();
        let mut record = Record::new();
        for name in names([base, &newer.record, &older.record]) {
            let (was, one, other) = (field(base, name), field(&left.record, name), field(&right.record, name));
            let (was_text, one_text, other_text) = (text(was), text(one), text(other));
            let taken = if self.fields.is_ignored(name) {
                newer
            } else if one_text == other_text || other_text == was_text {
                left
            } else if one_text == was_text {
                right
            } else {
                let key = self.fields.key_record(&left.record);
                let (base, of_left, of_right) = (was.clone(), one.clone(), other.clone());
                found.push(Conflict { key, field: name.clone(), base, left: of_left, right: of_right, taken: winner });
                if winner == Some(Side::Left) { left } else { right }
            };
            record.extend(taken.record.get(name).map(|value| (name.clone(), value.clone())));
        }
        let is_decided = found.is_empty() || winner.is_some();
        if is_decided { &mut self.resolved } else { &mut self.conflicts }.extend(found);
        Ok(if is_decided { Outcome::Decided(Some(record)) } else { Outcome::Undecided })
    }

    fn one_removed(&mut self, versions: &Versions<'_>) -> Outcome {
        let there = if versions.left.is_some() { Side::Left } else { Side::Right };
        let gone = if there == Side::Left { Side::Right } else { Side::Left };
        let taken = match (self.removed_and_changed, self.rules.side()) {
            (RemovedAndChanged::Keep, _) => Some(there),
            (RemovedAndChanged::Remove, _) => Some(gone),
            (RemovedAndChanged::Report, side) => side,
        };
        let Some(entry) = versions.left.or(versions.right) else {
            return Outcome::Decided(None);
        };
        let value = |entry: Option<&Entry>| entry.map_or(Value::Null, |entry| Value::Object(entry.record.clone()));
        let conflict = Conflict {
            key: self.fields.key_record(&entry.record),
            field: String::new(),
            base: value(versions.base),
            left: value(versions.left),
            right: value(versions.right),
            taken,
        };
        if taken.is_some() { &mut self.resolved } else { &mut self.conflicts }.push(conflict);
        match taken {
            None => Outcome::Undecided,
            Some(side) => Outcome::Decided((side == there).then(|| entry.record.clone())),
        }
    }
}

/// The names of all fields, in the order in which the records first have them.
fn names(records: [&Record; 3]) -> Vec<&String> {
    let mut seen = BTreeSet::new();
    records.into_iter().flat_map(Record::keys).filter(|name| seen.insert(name.as_str())).collect()
}
