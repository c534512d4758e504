use super::*;
use crate::record::testing::{assert_error, from, names};

fn ask(base: Value, left: Value, right: Value, options: Value) -> Result<Merged, SyncError> {
    fn option<T: serde::de::DeserializeOwned + Default>(options: &Value, name: &str) -> T {
        options.get(name).map(|value| from(value.clone())).unwrap_or_default()
    }
    merge(
        from(base),
        from(left),
        from(right),
        names(&["id"]),
        option(&options, "ignore"),
        option(&options, "resolve_by"),
        option(&options, "field"),
        option(&options, "order"),
        option(&options, "removed_and_changed"),
    )
}

/// Compares the records, the fields in conflict, and the sides taken of those that were decided.
#[track_caller]
fn check(answer: Result<Merged, SyncError>, records: Value, conflicts: &[&str], resolved: Value) {
    let answer = answer.unwrap();
    assert_eq!(json!(answer.records), records);
    assert_eq!(answer.conflicts.iter().map(|conflict| conflict.field.as_str()).collect::<Vec<_>>(), conflicts);
    let taken: Vec<Value> = answer.resolved.iter().map(|conflict| json!([conflict.field, conflict.taken])).collect();
    assert_eq!(json!(taken), resolved);
}

#[test]
fn what_one_side_changed_is_taken() {
    let answer = ask(
        json!([{"id": 1, "n": "a"}, {"id": 2, "n": "b"}, {"id": 3, "n": "c"}, {"id": 4, "n": "d"}]),
        json!([{"id": 1, "n": "A"}, {"id": 2, "n": "b"}, {"id": 4, "n": "d"}, {"id": 5}]),
        json!([{"id": 1, "n": "a"}, {"id": 3, "n": "c"}, {"id": 4, "n": "D"}, {"id": 6}]),
        json!({}),
    );
    check(answer, json!([{"id": 1, "n": "A"}, {"id": 4, "n": "D"}, {"id": 5}, {"id": 6}]), &[], json!([]));
}

#[test]
fn fields_are_merged_one_by_one() {
    let answer = ask(
        json!([{"id": 1, "a": 1, "b": 1, "c": 1, "d": 1}]),
        json!([{"id": 1, "a": 2, "b": 1, "c": 3, "x": 1}]),
        json!([{"id": 1, "a": 1, "b": 2, "c": 3, "d": 1, "y": 1}]),
        json!({}),
    )
    .unwrap();
    let merged: Record = from(json!({"id": 1, "a": 2, "b": 2, "c": 3, "x": 1, "y": 1}));
    assert_eq!(text(&json!(answer.records)), text(&json!([merged])));
    assert_eq!(answer.to_left.changed[0].fields, ["b", "y"]);
    assert_eq!(answer.to_right.changed[0].fields, ["a", "d", "x"]);
}

#[test]
fn an_undecided_record_stays_as_it_was_everywhere() {
    let (base, left, right) = (json!([{"id": 1, "a": 1, "b": 1}]), json!([{"id": 1, "a": 2, "b": 2}]), json!([{"id": 1, "a": 3, "b": 1}]));
    let answer = ask(base.clone(), left, right, json!({})).unwrap();
    assert_eq!((json!(answer.records), answer.to_left.count, answer.to_right.count), (base, 0, 0));
    let conflict = json!([{"key": {"id": 1}, "field": "a", "base": 1, "left": 2, "right": 3, "taken": null}]);
    assert_eq!(json!(answer.conflicts), conflict);
}

#[test]
fn rules_decide_between_fields() {
    let base = || json!([{"id": 1, "a": 1, "b": 1, "c": 1}]);
    let left = |marker: Value| json!([{"id": 1, "a": 2, "b": 2, "c": 1, "m": marker}]);
    let right = |marker: Value| json!([{"id": 1, "a": 3, "b": 1, "c": 2, "m": marker}]);
    let decided = |one: Value, other: Value, options: Value, a: i32, marker: Value, side: &str| {
        let merged = json!([{"id": 1, "a": a, "b": 2, "c": 2, "m": marker}]);
        check(ask(base(), left(one), right(other), options), merged, &[], json!([["a", side]]));
    };
    decided(json!(1), json!(1), json!({"resolve_by": "left", "ignore": ["m"]}), 2, json!(1), "left");
    decided(json!(1), json!(1), json!({"resolve_by": "right", "ignore": ["m"]}), 3, json!(1), "right");
    decided(json!(8), json!(7), json!({"resolve_by": "last-writer", "field": "m"}), 2, json!(8), "left");
    decided(
        json!(7),
        json!("2026-01-01T00:00:00Z"),
        json!({"resolve_by": "last-writer", "field": "m"}),
        3,
        json!("2026-01-01T00:00:00Z"),
        "right",
    );
    decided(json!(8), json!(7), json!({"resolve_by": "version", "field": "m"}), 2, json!(8), "left");
    let by_source = json!({"resolve_by": "priority", "field": "m", "order": ["crm", "web"]});
    decided(json!("web"), json!("crm"), by_source.clone(), 3, json!("crm"), "right");
    let undecided =
        |one: Value, other: Value, options: Value| check(ask(base(), left(one), right(other), options), base(), &["a"], json!([]));
    undecided(json!(7), json!(7), json!({"resolve_by": "version", "field": "m"}));
    undecided(json!("web"), json!("web"), by_source);
}

#[test]
fn writers_at_one_instant_are_decided_alike_from_both_sides() {
    let (base, one, other) = (json!([]), json!([{"id": 1, "a": 2, "clock": 5}]), json!([{"id": 1, "a": 3, "clock": 5}]));
    let by = json!({"resolve_by": "last-writer"});
    let straight = ask(base.clone(), one.clone(), other.clone(), by.clone()).unwrap();
    let turned = ask(base, other, one, by).unwrap();
    assert_eq!(straight.records, turned.records);
    assert_eq!((straight.conflicts.len(), straight.resolved.len()), (0, 1));
}

#[test]
fn removed_here_and_changed_there() {
    let base = || json!([{"id": 1, "a": 1}]);
    let changed = || json!([{"id": 1, "a": 2}]);
    check(ask(base(), json!([]), changed(), json!({})), base(), &[""], json!([]));
    check(ask(base(), json!([]), changed(), json!({"resolve_by": "left"})), json!([]), &[], json!([["", "left"]]));
    check(ask(base(), json!([]), changed(), json!({"resolve_by": "right"})), changed(), &[], json!([["", "right"]]));
    check(ask(base(), changed(), json!([]), json!({"removed_and_changed": "keep"})), changed(), &[], json!([["", "left"]]));
    check(ask(base(), changed(), json!([]), json!({"removed_and_changed": "remove"})), json!([]), &[], json!([["", "right"]]));
    check(ask(base(), json!([]), json!([]), json!({})), json!([]), &[], json!([]));
}

#[test]
fn what_is_no_content_changes_nothing() {
    let answer = ask(
        json!([{"id": 1, "a": 1, "t": 1}]),
        json!([{"id": 1, "a": 1, "t": 2}]),
        json!([{"id": 1, "a": 1, "t": 3}]),
        json!({"ignore": ["t"]}),
    );
    let answer = answer.unwrap();
    assert_eq!((answer.conflicts.len(), answer.to_left.count, answer.to_right.count), (0, 0, 0));
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let none = || json!([]);
    let refused = |options: Value, part: &str| assert_error(ask(none(), none(), none(), options), "bad-request", part);
    refused(json!({"field": "m"}), "`field`");
    refused(json!({"resolve_by": "priority"}), "`order`");
    refused(json!({"resolve_by": "version", "order": ["a"]}), "`order`");
    refused(json!({"resolve_by": "version", "field": "id"}), "`id`");
    let (left, right) = (json!([{"id": 1, "a": 1}]), json!([{"id": 1, "a": 2, "clock": 1}]));
    assert_error(ask(none(), left, right, json!({"resolve_by": "last-writer"})), "bad-marker", "`clock` is `null`");
}
