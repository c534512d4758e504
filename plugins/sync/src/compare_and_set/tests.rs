use super::*;
use crate::record::testing::{assert_error, from, names};

fn ask(records: Value, writes: Value) -> Result<Writes, SyncError> {
    compare_and_set(from(records), from(writes), names(&["id"]), version_default())
}

#[test]
fn a_write_based_on_what_there_is_raises_the_version() {
    let answer = ask(
        json!([{"id": 1, "n": "a", "version": 4}, {"id": 2, "n": "b"}, {"id": 3, "version": 9}]),
        json!([{"id": 1, "n": "A", "version": 4}, {"id": 2, "n": "B"}, {"id": 4, "n": "d"}]),
    );
    let answer = answer.unwrap();
    let written = json!([{"id": 1, "n": "A", "version": 5}, {"id": 2, "n": "B", "version": 1}, {"id": 4, "n": "d", "version": 1}]);
    assert_eq!((json!(answer.written), answer.conflicts.len(), answer.records.len()), (written, 0, 4));
}

#[test]
fn a_stale_write_is_reported_and_changes_nothing() {
    let records = json!([{"id": 1, "n": "a", "version": 4}]);
    for (write, expected, found) in [
        (json!({"id": 1, "n": "x", "version": 3}), 3, 4),
        (json!({"id": 1, "n": "x", "version": 5}), 5, 4),
        (json!({"id": 1, "n": "x"}), 0, 4),
        (json!({"id": 2, "n": "x", "version": 1}), 1, 0),
    ] {
        let answer = ask(records.clone(), json!([write])).unwrap();
        assert_eq!((json!(answer.records), answer.written.len()), (records.clone(), 0));
        assert_eq!((answer.conflicts[0].expected, answer.conflicts[0].found), (expected, found));
    }
}

#[test]
fn the_same_writes_again_change_nothing() {
    let writes = json!([{"id": 1, "n": "A", "version": 4}, {"id": 2, "n": "b"}, {"id": 3, "version": 7}]);
    let once = ask(json!([{"id": 1, "n": "a", "version": 4}]), writes.clone()).unwrap();
    let twice = ask(json!(once.records), writes).unwrap();
    assert_eq!((&twice.records, twice.written.len(), twice.made_before), (&once.records, 0, 2));
    assert_eq!((once.conflicts.len(), twice.conflicts.len()), (1, 1));
}

#[test]
fn what_is_no_version_is_refused() {
    for version in [json!(-1), json!(1.5), json!("1"), json!(i64::MAX)] {
        assert_error(ask(json!([]), json!([{"id": 1, "version": version}])), "bad-marker", "whole number from 0");
    }
    assert_error(ask(json!([{"id": 1, "version": "x"}]), json!([{"id": 1, "version": 1}])), "bad-marker", "`\"x\"`");
    assert_error(ask(json!([]), json!([{"id": 1}, {"id": 1}])), "key-twice", "writes");
}
