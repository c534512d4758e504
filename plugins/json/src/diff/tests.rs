use super::*;

fn lines(before: Value, after: Value) -> Vec<String> {
    let show = |side: &Option<Value>| side.as_ref().map_or("-".to_owned(), Value::to_string);
    let line = |change: &Change| format!("{:?} {} {} {}", change.kind, change.path, show(&change.before), show(&change.after));
    diff(before, after).changes.iter().map(line).collect()
}

#[test]
fn equal_values_have_no_changes() {
    let answer = diff(json!({"a": [1, {"b": null}], "c": 2}), json!({"c": 2, "a": [1, {"b": null}]}));
    assert!(answer.equal && answer.count == 0 && answer.changes.is_empty());
}

#[test]
fn changes_have_places_and_both_sides() {
    let before = json!({"a": 1, "b/c": {"d": [1, 2, 3]}, "gone": null});
    let after = json!({"new": {}, "a": "1", "b/c": {"d": [1, 5]}});
    let expected = ["Changed /a 1 \"1\"", "Changed /b~1c/d/1 2 5", "Removed /b~1c/d/2 3 -", "Removed /gone null -", "Added /new - {}"];
    assert_eq!(lines(before, after), expected);
}

#[test]
fn another_kind_of_value_is_one_change() {
    assert_eq!(lines(json!({"a": 1}), json!([1])), ["Changed  {\"a\":1} [1]"]);
    assert_eq!(lines(json!([]), json!([1, 2])), ["Added /0 - 1", "Added /1 - 2"]);
}

#[test]
fn changes_are_bounded_and_counted() {
    let answer = diff(json!([]), Value::Array(vec![json!(0); CHANGES_MAX + 5]));
    assert_eq!((answer.count, answer.changes.len()), (CHANGES_MAX + 5, CHANGES_MAX));
}
