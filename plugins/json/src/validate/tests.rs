use super::*;

fn check(value: Value, schema: Value) -> Validation {
    validate(value, schema, false, false).unwrap()
}

fn order_schema() -> Value {
    json!({
        "type": "object",
        "properties": {"id": {"type": "integer", "minimum": 1}, "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}}},
        "required": ["id"],
        "$defs": {"tag": {"type": "string", "maxLength": 3}}
    })
}

#[test]
fn a_fitting_value_has_no_problems() {
    let answer = check(json!({"id": 5, "tags": ["a"]}), order_schema());
    assert!(answer.valid && answer.errors.is_empty() && answer.count == 0);
    assert!(check(json!(5), json!(true)).valid);
    assert!(!check(json!(5), json!(false)).valid);
}

#[test]
fn every_problem_has_its_place() {
    let answer = check(json!({"id": 0, "tags": ["ok", "long"]}), order_schema());
    let mut places: Vec<_> = answer.errors.iter().map(|problem| (&*problem.instance_path, &*problem.schema_path)).collect();
    places.sort_unstable();
    assert_eq!(places, [("/id", "/properties/id/minimum"), ("/tags/1", "/$defs/tag/maxLength")]);
    assert!(!answer.valid);
    assert!(answer.errors.iter().any(|problem| problem.message.contains('0')));
}

#[test]
fn a_missing_name_is_a_problem_of_the_whole() {
    let answer = check(json!({}), order_schema());
    assert_eq!((answer.errors[0].instance_path.as_str(), answer.errors[0].schema_path.as_str()), ("", "/required"));
}

#[test]
fn problems_are_bounded_and_counted() {
    let answer = check(Value::Array(vec![json!("x"); 250]), json!({"items": {"type": "integer"}}));
    assert_eq!((answer.count, answer.errors.len()), (250, PROBLEMS_MAX));
}

#[test]
fn long_messages_are_cut() {
    let answer = check(json!("é".repeat(5_000)), json!({"type": "integer"}));
    assert!(answer.errors[0].message.len() <= MESSAGE_BYTES_MAX + '…'.len_utf8());
}

#[test]
fn failing_keeps_the_list() {
    let error = validate(json!({"id": "a"}), order_schema(), true, false).unwrap_err();
    let error = TaskError::from(error);
    assert_eq!(error.code(), "invalid");
    assert!(error.message().contains("/id"), "{}", error.message());
    assert!(validate(json!({"id": 1}), order_schema(), true, false).unwrap().valid);
}

#[test]
fn a_bad_schema_is_told_with_its_place() {
    let error = validate(json!(1), json!({"properties": {"a": {"type": "integr"}}}), false, false).unwrap_err();
    let ValidateError::BadSchema { place, .. } = &error else { panic!("{error}") };
    assert_eq!(place, "/properties/a/type");
    assert!(matches!(validate(json!(1), json!({"pattern": "("}), false, false), Err(ValidateError::BadSchema { .. })));
    assert!(matches!(validate(json!(1), json!("text"), false, false), Err(ValidateError::BadSchema { .. })));
}

#[test]
fn nothing_is_fetched() {
    for reference in ["https://example.com/schema.json", "file:///etc/passwd", "other.json"] {
        let outcome = validate(json!(1), json!({"$ref": reference}), false, false);
        assert!(matches!(outcome, Err(ValidateError::BadSchema { .. })), "{reference}");
    }
}

#[test]
fn formats_are_checked_when_asked() {
    let schema = json!({"format": "date"});
    assert!(validate(json!("2024-02-30"), schema.clone(), false, false).unwrap().valid);
    assert!(!validate(json!("2024-02-30"), schema, false, true).unwrap().valid);
}

#[test]
fn drafts_are_told_apart() {
    let old = json!({"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 5, "exclusiveMinimum": true});
    assert!(!check(json!(5), old).valid);
    assert!(check(json!(6), json!({"exclusiveMinimum": 5})).valid);
}
