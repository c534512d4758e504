use super::*;
use crate::record::testing::{assert_error, from, names};

fn of(records: Value, digits: u8) -> Summary {
    summary(from(records), names(&["id"]), names(&["seen"]), digits).unwrap()
}

fn numbered(count: u32) -> Vec<Value> {
    (0..count).map(|id| json!({"id": id, "n": format!("name {id}")})).collect()
}

#[test]
fn the_same_records_come_to_the_same_root() {
    let left = of(json!([{"id": 1, "n": "a", "seen": 1}, {"id": 2}]), 2);
    let right = of(json!([{"id": 2, "n": null}, {"seen": 2, "n": "a", "id": 1.0}]), 2);
    assert_eq!(left, right);
    assert_eq!((left.records, left.buckets.len(), left.root.len()), (2, 2, 64));
    assert_eq!(of(json!([]), 1).root, "0".repeat(64));
}

/// The tree worked out by hand, as another implementation would.
#[test]
fn the_root_is_as_documented() {
    let key = sha256(b"[1]");
    let content = sha256(br#"{"id":1}"#);
    let bucket = sha256(&[&[0_u8][..], &key, &content].concat());
    let mut above = vec![0; 513];
    above[0] = 1;
    let place = 1 + 32 * usize::from(key[0] >> 4);
    above[place..place + 32].copy_from_slice(&bucket);
    let answer = of(json!([{"id": 1}]), 1);
    assert_eq!(answer.root, hex(&sha256(&above)));
    assert_eq!(answer.buckets[&hex(&key)[..1]], Bucket { records: 1, hash: hex(&bucket) });
}

#[test]
fn a_difference_is_found_in_its_bucket_and_nowhere_else() {
    for digits in 1..=3 {
        let (left, mut right) = (numbered(1_000), numbered(1_000));
        right[77]["n"] = json!("other");
        right.remove(500);
        let answer = compare_summaries(of(json!(left), digits), of(json!(right), digits)).unwrap();
        assert!(!answer.same && (1..=2).contains(&answer.buckets.len()), "{:?}", answer.buckets);
        let picked = pick(from(json!(left)), names(&["id"]), answer.buckets.clone()).unwrap().records;
        let ids: Vec<u64> = picked.iter().filter_map(|record| record["id"].as_u64()).collect();
        assert!(ids.contains(&77) && ids.contains(&500) && ids.len() < 200);
        assert_eq!((picked.len() as u64, ids.len() as u64 - 1), (answer.left_records, answer.right_records));
    }
    let same = compare_summaries(of(json!(numbered(50)), 2), of(json!(numbered(50)), 2)).unwrap();
    assert_eq!(same, Differing { same: true, buckets: vec![], left_records: 0, right_records: 0 });
}

#[test]
fn what_was_made_differently_or_changed_is_refused() {
    let one = || of(json!([{"id": 1}]), 1);
    assert_error(compare_summaries(one(), of(json!([{"id": 1}]), 2)), "different-shape", "digits 2");
    let mut forged = one();
    forged.root = "0".repeat(64);
    assert_error(compare_summaries(one(), forged), "bad-request", "do not fit");
    assert_error(summary(vec![], names(&["id"]), vec![], 4), "bad-request", "not 4");
    assert_error(pick(vec![], names(&["id"]), names(&["abcd"])), "bad-request", "not 4");
}
