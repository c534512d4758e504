//! The laws, on hundreds of small record sets. Keys, values and markers are drawn from few, so that the sides meet often
//! and ties are common; a failure names the seed.

use jackfield_sdk::prelude::*;

use crate::canonical::text;
use crate::clock::{Stamp, clock};
use crate::compare::{Drift, apply, compare};
use crate::compare_and_set::compare_and_set;
use crate::merge::{Merged, RemovedAndChanged, merge};
use crate::record::Record;
use crate::record::testing::names;
use crate::resolve::{last_writer, priority};
use crate::rules::{ResolveBy, Side};
use crate::summary::{compare_summaries, pick, summary};
use crate::upsert::upsert;

const SEEDS: u64 = 200;

/// A generator of numbers: SplitMix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    fn value(&mut self) -> Value {
        match self.below(7) {
            0 => Value::Null,
            1 => json!(1.0),
            2 => json!("x"),
            3 => json!({"b": 1, "a": [self.below(2)]}),
            other => json!(other % 3),
        }
    }

    fn records(&mut self) -> Vec<Record> {
        let ids: Vec<u64> = (0..6).filter(|_| self.below(3) > 0).collect();
        let mut records: Vec<Record> = ids.into_iter().map(|id| self.record(id)).collect();
        if self.below(2) == 0 {
            records.reverse();
        }
        records
    }

    fn record(&mut self, id: u64) -> Record {
        let clock = match self.below(3) {
            0 => json!(self.below(3)),
            1 => json!(format!("000000000000{}-0000{}-{}", self.below(3), self.below(2), ["a", "b"][usize::from(self.below(2) == 0)])),
            _ => json!(format!("1970-01-01T00:00:00.00{}Z", self.below(3))),
        };
        let source = ["crm", "web", "mail"][usize::try_from(self.below(3)).unwrap()];
        let fields = [
            ("id", json!(id)),
            ("a", self.value()),
            ("b", self.value()),
            ("clock", clock),
            ("version", json!(self.below(3))),
            ("source", json!(source)),
        ];
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

fn for_all(law: impl Fn(&mut Chance)) {
    for seed in 0..SEEDS {
        let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| law(&mut Chance(seed.wrapping_mul(0x1234_5678_9abc_def1)))));
        assert!(told.is_ok(), "seed {seed}");
    }
}

/// Records as a text that is the same exactly when the record sets are: fields without a value are none.
fn same(records: &[Record]) -> String {
    let mut records: Vec<Record> = records.to_vec();
    records.sort_by_key(|record| record["id"].as_u64());
    for record in &mut records {
        record.retain(|_, value| !value.is_null());
    }
    text(&json!(records))
}

fn id() -> Vec<String> {
    names(&["id"])
}

type Join = fn(&[Record], &[Record]) -> Vec<Record>;

fn by_clock(left: &[Record], right: &[Record]) -> Vec<Record> {
    last_writer(left.to_vec(), right.to_vec(), id(), "clock".into()).unwrap().records
}

fn by_source(left: &[Record], right: &[Record]) -> Vec<Record> {
    priority(left.to_vec(), right.to_vec(), id(), names(&["crm", "web", "mail"]), "source".into()).unwrap().records
}

const JOINS: [Join; 2] = [by_clock, by_source];

#[test]
fn joins_are_commutative_associative_and_idempotent() {
    for_all(|chance| {
        let (a, b, c) = (chance.records(), chance.records(), chance.records());
        for join in JOINS {
            assert_eq!(same(&join(&a, &b)), same(&join(&b, &a)), "commutative");
            assert_eq!(same(&join(&join(&a, &b), &c)), same(&join(&a, &join(&b, &c))), "associative");
            assert_eq!(same(&join(&a, &a)), same(&a), "idempotent");
            let joined = join(&a, &b);
            assert_eq!(same(&join(&joined, &b)), same(&joined), "absorbing: what was taken in once changes nothing again");
        }
    });
}

#[test]
fn joins_are_monotone() {
    for_all(|chance| {
        let (a, b) = (chance.records(), chance.records());
        let stamp = |records: &[Record], id: &Value| {
            records.iter().find(|record| record["id"] == *id).and_then(|record| Stamp::read(&record["clock"]))
        };
        let joined = by_clock(&a, &b);
        for record in a.iter().chain(&b) {
            assert!(stamp(&joined, &record["id"]) >= Stamp::read(&record["clock"]), "{record:?}");
        }
        let rank = |record: &Record| ["crm", "web", "mail"].iter().position(|source| record["source"] == *source);
        let joined = by_source(&a, &b);
        for record in a.iter().chain(&b) {
            assert!(joined.iter().any(|other| other["id"] == record["id"] && rank(other) <= rank(record)), "{record:?}");
        }
    });
}

#[test]
fn what_a_join_tells_each_side_brings_it_there() {
    for_all(|chance| {
        let (a, b) = (chance.records(), chance.records());
        let answer = last_writer(a.clone(), b.clone(), id(), "clock".into()).unwrap();
        for (side, changes) in [(a, answer.to_left), (b, answer.to_right)] {
            assert_eq!(same(&apply(side, changes, id(), vec![], Drift::Fail).unwrap().records), same(&answer.records));
        }
    });
}

#[test]
fn what_compare_found_applied_to_a_gives_b() {
    for_all(|chance| {
        let (a, b) = (chance.records(), chance.records());
        let changes = compare(a.clone(), b.clone(), id(), vec![]).unwrap();
        let once = apply(a.clone(), changes.clone(), id(), vec![], Drift::Fail).unwrap();
        assert_eq!(same(&once.records), same(&b));
        assert_eq!((once.made, once.made_before), (changes.count, 0));
        let twice = apply(once.records, changes.clone(), id(), vec![], Drift::Fail).unwrap();
        assert_eq!((same(&twice.records), twice.made, twice.made_before), (same(&b), 0, changes.count));
        assert_eq!(compare(b.clone(), b, id(), vec![]).unwrap().count, 0);
        // And back: what is added one way is removed the other way.
        let turned = compare(twice.records, a, id(), vec![]).unwrap();
        assert_eq!((turned.added.len(), turned.removed.len(), turned.same), (changes.removed.len(), changes.added.len(), changes.same));
    });
}

#[test]
fn summaries_differ_exactly_where_the_records_do() {
    for_all(|chance| {
        let (a, b) = (chance.records(), chance.records());
        let of = |records: &[Record]| summary(records.to_vec(), id(), vec![], 1).unwrap();
        let answer = compare_summaries(of(&a), of(&b)).unwrap();
        assert_eq!(answer.same, same(&a) == same(&b));
        let within = |records: &[Record]| pick(records.to_vec(), id(), answer.buckets.clone()).unwrap().records;
        let (all, part) = (compare(a.clone(), b.clone(), id(), vec![]).unwrap(), compare(within(&a), within(&b), id(), vec![]).unwrap());
        assert_eq!((all.added, all.removed, all.changed), (part.added, part.removed, part.changed));
    });
}

fn merged(base: &[Record], left: &[Record], right: &[Record], by: ResolveBy) -> Merged {
    let order = if by == ResolveBy::Priority { names(&["crm", "web", "mail"]) } else { vec![] };
    merge(base.to_vec(), left.to_vec(), right.to_vec(), id(), vec![], by, None, order, RemovedAndChanged::Report).unwrap()
}

const RULES: [(ResolveBy, ResolveBy); 6] = [
    (ResolveBy::Report, ResolveBy::Report),
    (ResolveBy::Left, ResolveBy::Right),
    (ResolveBy::Right, ResolveBy::Left),
    (ResolveBy::LastWriter, ResolveBy::LastWriter),
    (ResolveBy::Version, ResolveBy::Version),
    (ResolveBy::Priority, ResolveBy::Priority),
];

#[test]
fn a_merge_is_symmetric() {
    for_all(|chance| {
        let (base, left, right) = (chance.records(), chance.records(), chance.records());
        for (by, turned_by) in RULES {
            let (straight, turned) = (merged(&base, &left, &right, by), merged(&base, &right, &left, turned_by));
            assert_eq!(same(&straight.records), same(&turned.records), "{by:?}");
            assert_eq!((straight.to_left.count, straight.to_right.count), (turned.to_right.count, turned.to_left.count), "{by:?}");
            let other = |side: Option<Side>| side.map(|side| if side == Side::Left { Side::Right } else { Side::Left });
            let key = |conflict: &crate::merge::Conflict| (conflict.key["id"].as_u64(), conflict.field.clone());
            let mut told: Vec<_> = turned.resolved.iter().map(|conflict| (key(conflict), other(conflict.taken))).collect();
            let mut found: Vec<_> = straight.resolved.iter().map(|conflict| (key(conflict), conflict.taken)).collect();
            told.sort_by_key(|entry| entry.0.clone());
            found.sort_by_key(|entry| entry.0.clone());
            assert_eq!((told, straight.conflicts.len()), (found, turned.conflicts.len()), "{by:?}");
        }
    });
}

#[test]
fn a_merge_takes_what_one_side_alone_changed() {
    for_all(|chance| {
        let (base, side) = (chance.records(), chance.records());
        for (by, _) in RULES {
            // Without what decides, which is no content and may come from either side.
            let content = |records: &[Record]| {
                let strip = |record: &Record| {
                    record
                        .iter()
                        .filter(|(name, _)| !["clock", "version", "source"].contains(&name.as_str()))
                        .map(|(name, value)| (name.clone(), value.clone()))
                        .collect()
                };
                same(&records.iter().map(strip).collect::<Vec<Record>>())
            };
            assert_eq!(content(&merged(&base, &base, &base, by).records), content(&base), "{by:?}");
            for answer in [merged(&base, &side, &base, by), merged(&base, &base, &side, by), merged(&base, &side, &side, by)] {
                assert_eq!((content(&answer.records), answer.conflicts.len()), (content(&side), 0), "{by:?}");
            }
        }
    });
}

/// After both sides applied what they were told, the merge finds nothing more to do: the same result when run twice.
#[test]
fn a_merge_brings_both_sides_there_and_is_then_at_rest() {
    for_all(|chance| {
        let (base, left, right) = (chance.records(), chance.records(), chance.records());
        for (by, _) in RULES {
            let answer = merged(&base, &left, &right, by);
            let left = apply(left.clone(), answer.to_left, id(), vec![], Drift::Fail).unwrap().records;
            let right = apply(right.clone(), answer.to_right, id(), vec![], Drift::Fail).unwrap().records;
            let again = merged(&answer.records, &left, &right, by);
            assert_eq!((again.to_left.count, again.to_right.count), (0, 0), "{by:?}");
            assert_eq!(again.conflicts, answer.conflicts, "{by:?}");
            assert_eq!(same(&again.records), same(&answer.records), "{by:?}");
            // With one side told alone, as after a crash between the two, and the old base: the same end.
            let resumed = merged(&base, &left, &right, by);
            assert_eq!((same(&resumed.records), resumed.to_left.count, resumed.to_right.count), (same(&answer.records), 0, 0), "{by:?}");
        }
    });
}

#[test]
fn compare_and_set_is_idempotent_and_versions_never_go_back() {
    for_all(|chance| {
        let (records, writes) = (chance.records(), chance.records());
        let ask = |records: &[Record]| compare_and_set(records.to_vec(), writes.clone(), id(), "version".into()).unwrap();
        let once = ask(&records);
        let twice = ask(&once.records);
        assert_eq!((same(&twice.records), twice.written.len()), (same(&once.records), 0));
        for record in &records {
            let after = once.records.iter().find(|after| after["id"] == record["id"]).unwrap();
            assert!(after["version"].as_i64() >= record["version"].as_i64());
        }
        assert_eq!(once.written.len() + once.conflicts.len() + usize::try_from(once.made_before).unwrap(), writes.len());
    });
}

#[test]
fn any_batches_again_in_any_order_change_nothing() {
    for_all(|chance| {
        let (mut records, mut seen) = (chance.records(), vec![]);
        let batches: Vec<(Vec<Record>, &str)> = vec![(chance.records(), "a"), (chance.records(), "b"), (chance.records(), "a")];
        let ask = |records: &[Record], batch: &(Vec<Record>, &str), seen: &[String]| {
            upsert(records.to_vec(), batch.0.clone(), id(), batch.1.into(), vec![], seen.to_vec(), 1_000).unwrap()
        };
        for batch in &batches {
            let answer = ask(&records, batch, &seen);
            (records, seen) = (answer.records, answer.seen);
        }
        for _ in 0..3 {
            let batch = &batches[usize::try_from(chance.below(3)).unwrap()];
            let again = ask(&records, batch, &seen);
            assert_eq!((same(&again.records), again.written.len(), &again.seen), (same(&records), 0, &seen));
        }
    });
}

#[test]
fn a_clock_is_later_than_everything_it_saw() {
    for_all(|chance| {
        let mut last: Option<String> = None;
        let mut received: Option<String> = None;
        for _ in 0..8 {
            let node = ["a", "b"][usize::from(chance.below(2) == 0)];
            let wall = json!(1_767_225_600_000_u64 + chance.below(5));
            let next = clock(node.into(), wall.clone(), last.clone(), received.clone(), 60_000).unwrap();
            let read = |text: &str| Stamp::read(&json!(text)).unwrap();
            for seen in [&last, &received].into_iter().flatten() {
                assert!(read(&next.clock) > read(seen) && next.clock > *seen, "{seen} {}", next.clock);
            }
            assert!(Some(next.wall_ms) >= wall.as_i64());
            if chance.below(2) == 0 { last = Some(next.clock) } else { received = Some(next.clock) }
        }
    });
}
