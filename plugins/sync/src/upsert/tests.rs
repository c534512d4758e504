use super::*;
use crate::record::testing::{assert_error, from, names};

fn ask(records: Value, batch: Value, source: &str, seen: Vec<String>, remember: u32) -> Upserted {
    upsert(from(records), from(batch), names(&["id"]), source.into(), names(&["at"]), seen, remember).unwrap()
}

fn counts(answer: &Upserted) -> [u64; 4] {
    [answer.inserted, answer.updated, answer.unchanged, answer.repeated]
}

#[test]
fn each_record_is_taken_once() {
    let batch =
        json!([{"id": 2, "n": "b"}, {"id": 1, "n": "A"}, {"id": 3, "n": "c", "at": 1}, {"id": 3, "n": "c", "at": 2}, {"id": 4, "n": "d"}]);
    let answer = ask(json!([{"id": 1, "n": "a"}, {"id": 4, "n": "d"}]), batch.clone(), "shop", vec![], 10);
    assert_eq!(counts(&answer), [2, 1, 1, 1]);
    assert_eq!(json!(answer.written), json!([{"id": 1, "n": "A"}, {"id": 2, "n": "b"}, {"id": 3, "n": "c", "at": 1}]));
    let again = ask(json!(answer.records), batch, "shop", answer.seen.clone(), 10);
    assert_eq!((counts(&again), &again.records, &again.seen), ([0, 0, 0, 5], &answer.records, &answer.seen));
}

#[test]
fn an_old_batch_does_not_undo_a_newer_one() {
    let (old, new) = (json!([{"id": 1, "n": "old"}]), json!([{"id": 1, "n": "new"}]));
    let first = ask(json!([]), old.clone(), "shop", vec![], 10);
    let second = ask(json!(first.records), new.clone(), "shop", first.seen, 10);
    let late = ask(json!(second.records), old.clone(), "shop", second.seen.clone(), 10);
    assert_eq!((json!(late.records), late.repeated), (new, 1));
    let elsewhere = ask(json!(second.records), old.clone(), "web", second.seen, 10);
    assert_eq!(json!(elsewhere.records), old);
}

#[test]
fn one_batch_may_change_a_record_more_than_once() {
    let batch = json!([{"id": 1, "n": "a"}, {"id": 1, "n": "b"}]);
    let answer = ask(json!([]), batch.clone(), "shop", vec![], 10);
    assert_eq!((counts(&answer), json!(answer.written)), ([1, 1, 0, 0], json!([{"id": 1, "n": "b"}])));
    assert_eq!(ask(json!(answer.records), batch, "shop", answer.seen, 10).records, answer.records);
}

#[test]
fn memory_is_bounded_and_the_oldest_goes_first() {
    let batch: Vec<Value> = (0..5).map(|id| json!({"id": id})).collect();
    let whole = ask(json!([]), json!(batch), "shop", vec![], u32::MAX);
    let bounded = ask(json!([]), json!(batch), "shop", vec![], 2);
    assert_eq!((whole.seen.len(), &bounded.seen[..]), (5, &whole.seen[3..]));
    assert_eq!(ask(json!([]), json!(batch), "shop", vec![], 0).seen.len(), 0);
}

#[test]
fn what_has_no_key_is_named() {
    let answer = upsert(vec![], from(json!([{"id": 1}, {}])), names(&["id"]), "s".into(), vec![], vec![], 1);
    assert_error(answer, "no-key", "batch, record 2");
}
