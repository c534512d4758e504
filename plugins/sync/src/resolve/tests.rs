use super::*;
use crate::record::testing::{assert_error, from, names};

fn check(answer: Result<Joined, SyncError>, records: Value, ties: Value) {
    let answer = answer.unwrap();
    assert_eq!((json!(answer.records), json!(answer.ties)), (records, ties));
}

fn latest(left: Value, right: Value) -> Result<Joined, SyncError> {
    last_writer(from(left), from(right), names(&["id"]), clock_default())
}

#[test]
fn the_later_record_stays() {
    check(
        latest(
            json!([{"id": 1, "n": "a", "clock": 5}, {"id": 2, "n": "b", "clock": "2026-01-01T00:00:00Z"}, {"id": 4, "clock": 1}]),
            json!([{"id": 1, "n": "A", "clock": 6}, {"id": 2, "n": "B", "clock": 1_767_225_599_999_i64}, {"id": 3, "clock": 1}]),
        ),
        json!([{"id": 1, "n": "A", "clock": 6}, {"id": 2, "n": "b", "clock": "2026-01-01T00:00:00Z"}, {"id": 3, "clock": 1}, {"id": 4, "clock": 1}]),
        json!([]),
    );
}

#[test]
fn the_node_breaks_a_tie_and_then_the_content() {
    let left = json!([{"id": 1, "n": "a", "clock": "1767225600000-00000-x"}]);
    let right = json!([{"id": 1, "n": "b", "clock": "1767225600000-00000-y"}]);
    check(latest(left, right.clone()), right, json!([]));
    let (a, b) = (json!([{"id": 1, "n": "a", "clock": 5}]), json!([{"id": 1, "n": "b", "clock": 5}]));
    let (one, other) = (latest(a.clone(), b.clone()).unwrap(), latest(b, a).unwrap());
    assert_eq!((one.records, json!(one.ties)), (other.records, json!([{"id": 1}])));
}

#[test]
fn each_side_is_told_what_it_lacks() {
    let answer = latest(json!([{"id": 1, "clock": 5}, {"id": 2, "clock": 1}]), json!([{"id": 1, "clock": 6}])).unwrap();
    assert_eq!((answer.to_left.changed.len(), answer.to_left.added.len(), answer.to_left.removed.len()), (1, 0, 0));
    assert_eq!((answer.to_right.changed.len(), answer.to_right.added.len(), answer.to_right.removed.len()), (0, 1, 0));
}

#[test]
fn the_better_source_stays() {
    let ask = |left: Value, right: Value| priority(from(left), from(right), names(&["id"]), names(&["crm", "web"]), source_default());
    let (web, crm) = (json!([{"id": 1, "n": "w", "source": "web"}]), json!([{"id": 1, "n": "c", "source": "crm"}]));
    check(ask(web.clone(), crm.clone()), crm.clone(), json!([]));
    check(ask(crm.clone(), web.clone()), crm, json!([]));
    assert_error(ask(web, json!([{"id": 1, "source": "mail"}])), "bad-marker", "`order` lists");
}

#[test]
fn a_record_without_a_stamp_is_refused_also_when_it_stands_alone() {
    assert_error(latest(json!([{"id": 1}]), json!([])), "bad-marker", "`clock` is `null`");
    assert_error(latest(json!([]), json!([{"id": 1, "clock": "soon"}])), "bad-marker", "`\"soon\"`");
    let key_is_clock = last_writer(vec![], vec![], names(&["id"]), "id".into());
    assert_error(key_is_clock, "bad-request", "`id` is in `key`");
    assert_error(priority(vec![], vec![], names(&["id"]), vec![], source_default()), "bad-request", "`order`");
    assert_error(priority(vec![], vec![], names(&["id"]), names(&["a", "a"]), source_default()), "bad-request", "twice");
}
