use super::*;

fn patch(target: Value, patch: Value) -> Value {
    merge(vec![target, patch], Arrays::Replace, None, Nulls::Remove).unwrap()
}

/// The examples of RFC 7396, appendix A.
#[test]
fn is_merge_patch_by_default() {
    let rows = [
        (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
        (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
        (json!({"a":"b"}), json!({"a":null}), json!({})),
        (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
        (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
        (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
        (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
        (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
        (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
        (json!({"a":"b"}), json!(["c"]), json!(["c"])),
        (json!({"a":"foo"}), json!(null), json!(null)),
        (json!({"a":"foo"}), json!("bar"), json!("bar")),
        (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
        (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
        (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
    ];
    for (target, change, expected) in rows {
        assert_eq!(patch(target.clone(), change.clone()), expected, "{target} and {change}");
    }
}

#[test]
fn removing_keeps_the_order_of_the_others() {
    let merged = patch(json!({"a": 1, "b": 2, "c": 3}), json!({"a": null}));
    assert_eq!(merged.to_string(), r#"{"b":2,"c":3}"#);
}

#[test]
fn nulls_can_be_kept() {
    let merged = merge(vec![json!({"a": 1, "b": {"c": 2}}), json!({"a": null, "b": {"d": null}})], Arrays::Replace, None, Nulls::Keep);
    assert_eq!(merged.unwrap(), json!({"a": null, "b": {"c": 2, "d": null}}));
}

#[test]
fn lists_can_be_joined() {
    let merged = merge(vec![json!({"l": [1]}), json!({"l": [1, 2]}), json!({"l": []})], Arrays::Concat, None, Nulls::Remove);
    assert_eq!(merged.unwrap(), json!({"l": [1, 1, 2]}));
}

fn by_key(values: Vec<Value>) -> Result<Value, MergeError> {
    merge(values, Arrays::ByKey, Some("id".to_owned()), Nulls::Remove)
}

#[test]
fn lists_can_be_merged_by_key() {
    let first = json!([{"id": 1, "n": "a", "deep": {"x": 1}}, {"id": "1"}]);
    let second = json!([{"id": 3}, {"id": 1, "n": "b", "deep": {"y": 2}}]);
    let expected = json!([{"id": 1, "n": "b", "deep": {"x": 1, "y": 2}}, {"id": "1"}, {"id": 3}]);
    assert_eq!(by_key(vec![first, second]).unwrap(), expected);
}

#[test]
fn merging_by_key_removes_doubles_within_one_list() {
    assert_eq!(by_key(vec![json!([{"id": 1}, {"id": 1, "a": 2}])]).unwrap(), json!([{"id": 1, "a": 2}]));
}

#[test]
fn nested_lists_are_merged_by_key_too() {
    let merged = by_key(vec![json!({"rows": [{"id": 1}]}), json!({"rows": [{"id": 1, "x": true}]})]);
    assert_eq!(merged.unwrap(), json!({"rows": [{"id": 1, "x": true}]}));
}

#[test]
fn elements_without_the_key_are_named() {
    let error = by_key(vec![json!({"rows": [{"id": 1}]}), json!({"rows": [{"id": 2}, {"id": null}]})]).unwrap_err();
    let MergeError::BadElement { value, place, .. } = &error else { panic!("{error}") };
    assert_eq!((*value, place.as_str()), (1, "/rows/1"));
    assert!(matches!(by_key(vec![json!([5])]), Err(MergeError::BadElement { value: 0, .. })));
}

#[test]
fn options_must_fit_together() {
    assert!(matches!(merge(vec![json!(1)], Arrays::ByKey, None, Nulls::Remove), Err(MergeError::NoKey)));
    assert!(matches!(merge(vec![], Arrays::Replace, None, Nulls::Remove), Err(MergeError::NoValues)));
    assert_eq!(merge(vec![json!(1)], Arrays::Replace, None, Nulls::Remove).unwrap(), json!(1));
}
