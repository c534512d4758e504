use super::*;
use crate::record::testing::{assert_error, from, names};

fn check(before: Value, after: Value, ignore: &[&str], expected: Value) {
    let answer = compare(from(before), from(after), names(&["id"]), names(ignore)).unwrap();
    assert_eq!(serde_json::to_value(&answer).unwrap(), expected);
}

#[test]
fn every_kind_of_change_is_told() {
    check(
        json!([{"id": 3, "n": "c"}, {"id": 1, "n": "a"}, {"id": 2, "n": "b", "x": 1}]),
        json!([{"id": 9, "n": "z"}, {"id": 10}, {"x": 2, "n": "b", "id": 2}, {"id": 1.0, "n": "a"}]),
        &[],
        json!({
            "added": [{"id": 9, "n": "z"}, {"id": 10}],
            "removed": [{"id": 3, "n": "c"}],
            "changed": [{"key": {"id": 2}, "before": {"id": 2, "n": "b", "x": 1}, "after": {"x": 2, "n": "b", "id": 2}, "fields": ["x"]}],
            "same": 1, "count": 4
        }),
    );
}

#[test]
fn null_and_missing_are_the_same_and_ignored_fields_do_not_count() {
    let none = json!({"added": [], "removed": [], "changed": [], "same": 1, "count": 0});
    check(json!([{"id": 1, "n": null, "seen": 1}]), json!([{"id": 1, "seen": 2}]), &["seen"], none.clone());
    check(json!([{"id": 1, "n": {"b": 1, "a": 2}}]), json!([{"n": {"a": 2.0, "b": 1}, "id": 1}]), &[], none);
    let null_within = compare(from(json!([{"id": 1, "n": {"a": null}}])), from(json!([{"id": 1, "n": {}}])), names(&["id"]), vec![]);
    assert_eq!(null_within.unwrap().changed[0].fields, ["n"]);
}

#[test]
fn a_key_that_comes_twice_names_its_list() {
    let twice = || from(json!([{"id": 1}, {"id": 1}]));
    assert_error(compare(twice(), vec![], names(&["id"]), vec![]), "key-twice", "before: the key `1`");
    assert_error(compare(vec![], twice(), names(&["id"]), vec![]), "key-twice", "after: the key `1`");
}

/// Changes, of which only those that are meant have to be named.
fn changes(named: Value) -> Changes {
    let list = |name: &str| named.get(name).cloned().unwrap_or_else(|| json!([]));
    let changed = |change: &Value| Changed {
        key: Record::new(),
        before: from(change["before"].clone()),
        after: from(change["after"].clone()),
        fields: vec![],
    };
    let all = list("changed").as_array().unwrap().iter().map(changed).collect();
    Changes { added: from(list("added")), removed: from(list("removed")), changed: all, same: 0, count: 0 }
}

fn applied(records: Value, named: Value, drift: Drift) -> Result<Applied, SyncError> {
    apply(from(records), changes(named), names(&["id"]), names(&["seen"]), drift)
}

#[test]
fn changes_are_made_once() {
    let changes = json!({
        "added": [{"id": 4, "n": "d"}], "removed": [{"id": 1, "n": "a"}],
        "changed": [{"before": {"id": 2, "n": "b"}, "after": {"id": 2, "n": "B"}}]
    });
    let once = applied(json!([{"id": 1, "n": "a", "seen": 7}, {"id": 2, "n": "b"}, {"id": 3}]), changes.clone(), Drift::Fail).unwrap();
    let expected: Vec<Record> = from(json!([{"id": 2, "n": "B"}, {"id": 3}, {"id": 4, "n": "d"}]));
    assert_eq!(once, Applied { records: expected.clone(), made: 3, made_before: 0 });
    let twice = applied(json!(once.records), changes, Drift::Fail).unwrap();
    assert_eq!(twice, Applied { records: expected, made: 0, made_before: 3 });
}

#[test]
fn what_somebody_else_changed_is_not_overwritten_unawares() {
    for changes in [
        json!({"removed": [{"id": 1, "n": "a"}]}),
        json!({"added": [{"id": 1, "n": "b"}]}),
        json!({"changed": [{"before": {"id": 1, "n": "a"}, "after": {"id": 1, "n": "b"}}]}),
    ] {
        assert_error(applied(json!([{"id": 1, "n": "c"}]), changes.clone(), Drift::Fail), "drifted", "`1`");
        assert_eq!(applied(json!([{"id": 1, "n": "c"}]), changes, Drift::Overwrite).unwrap().made, 1);
    }
    let gone = json!({"changed": [{"before": {"id": 1, "n": "a"}, "after": {"id": 1, "n": "b"}}]});
    assert_error(applied(json!([]), gone, Drift::Fail), "drifted", "`1`");
}
