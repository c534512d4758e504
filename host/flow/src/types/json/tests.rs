use std::sync::Arc;

use proptest::prelude::*;

use super::super::Value;
use super::JsonLimits;

fn read(text: &str) -> Result<String, String> {
    Value::from_json(text, JsonLimits { bytes: 200, depth: 4, nodes: 20 }).map(|value| value.to_json()).map_err(|error| error.to_string())
}

#[test]
fn what_is_read_is_written() {
    let cases = [
        (" null ", "null"),
        ("[ true , false ]", "[true,false]"),
        (r#"{ "b" : 1 , "a" : [ ] , "" : { } }"#, r#"{"b":1,"a":[],"":{}}"#),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("18446744073709551615", "18446744073709551615"),
        ("9007199254740993", "9007199254740993"),
        ("-0", "0"),
        ("-0.0", "-0.0"),
        ("3.0", "3.0"),
        ("1e2", "100.0"),
        ("0.1", "0.1"),
        ("1E+300", "1e300"),
        ("5e-324", "5e-324"),
        (r#""\u00e9\ud83d\ude00\/\b\f\n\r\t\"\\""#, "\"é😀/\\b\\f\\n\\r\\t\\\"\\\\\""),
        ("\"\u{7f}\\u0001\"", "\"\u{7f}\\u0001\""),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    let long = "1".repeat(100);
    let cases = [
        ("", "expected a value, found the end of the text (line 1, column 1)"),
        ("tru", "expected a value, found 't' (line 1, column 1)"),
        ("[1,]", "expected a value, found ']' (line 1, column 4)"),
        ("[1 2]", "expected `,` or `]`, found '2' (line 1, column 4)"),
        ("{\n \"é\": 1,\n \"é\": 2}", "the name \"é\" stands twice in one object (line 3, column 2)"),
        ("{a: 1}", "expected a name in double quotes, found 'a' (line 1, column 2)"),
        ("{\"a\" 1}", "expected `:`, found '1' (line 1, column 6)"),
        ("01", "expected the end of the text, found '1' (line 1, column 2)"),
        ("1.", "expected a digit, found the end of the text (line 1, column 3)"),
        ("-", "expected a digit, found the end of the text (line 1, column 2)"),
        ("+1", "expected a value, found '+' (line 1, column 1)"),
        ("NaN", "expected a value, found 'N' (line 1, column 1)"),
        ("1e999", "the number 1e999 is beyond the largest double: write it as text (line 1, column 1)"),
        ("\"\\x\"", "expected one of the escapes"),
        ("\"\\ud800\"", "expected both halves of a surrogate pair"),
        ("\"\\u12g4\"", "expected four hexadecimal digits"),
        ("\"a\nb\"", "an escape such as \\n instead of a control character"),
        ("\"abc", "expected `\"` at the end of the text value, found the end of the text (line 1, column 5)"),
        ("[18446744073709551616]", "the whole number 18446744073709551616 is outside -9223372036854775808 to 18446744073709551615"),
        ("-9223372036854775809", "is never rounded: write it as text (line 1, column 1)"),
        (long.as_str(), "the whole number 1111111111111111111111111111111111111111… is outside"),
        ("[[[[[1]]]]]", "deeper in each other than the limit of 4 (line 1, column 5)"),
        ("[0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9]", "more values than the limit of 20"),
    ];
    for (text, expected) in cases {
        let error = read(text).expect_err(text);
        assert!(error.contains(expected), "{text}: {error}");
    }
    assert!(read(&" ".repeat(201)).expect_err("too long").contains("has 201 bytes, and the limit is 200"));
}

#[test]
fn no_limit_goes_past_the_hard_depth() {
    let text = "[".repeat(100_000);
    let limits = JsonLimits { bytes: usize::MAX, depth: usize::MAX, nodes: usize::MAX };
    assert!(Value::from_json(&text, limits).expect_err("too deep").to_string().contains("limit of 256"));
}

#[test]
fn names_that_come_again_are_shared() {
    let rows = Value::from_json(r#"[{"id": 1, "é": 2, "a\nb": 3, "": 4}, {"id": 5, "é": 6, "a\nb": 7, "": 8}]"#, JsonLimits::default());
    let Ok(Value::List(rows)) = rows else { panic!("a list") };
    let names = |row: &Value| match row {
        Value::Map(fields) => fields.iter().map(|(name, _)| Arc::clone(name)).collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    let (first, second) = (names(&rows[0]), names(&rows[1]));
    assert_eq!(first.iter().map(|name| &**name).collect::<Vec<_>>(), ["id", "é", "a\nb", ""]);
    assert_eq!(first, second);
    assert!(Arc::ptr_eq(&first[0], &second[0]) && Arc::ptr_eq(&first[1], &second[1]));
}

#[test]
fn canonical_text_sorts_names_and_keeps_number_kinds_apart() {
    let canonical = |text: &str| Value::from_json(text, JsonLimits::default()).map(|value| value.to_canonical_json());
    assert_eq!(canonical(r#"{"b":{"z":1,"a":2},"a":[{"y":1,"x":1}]}"#).as_deref(), Ok(r#"{"a":[{"x":1,"y":1}],"b":{"a":2,"z":1}}"#));
    assert_eq!(canonical("[1,1.0]").as_deref(), Ok("[1,1.0]"));
}

#[test]
fn what_json_has_no_word_for_is_text() {
    let value = Value::map([
        ("bytes", Value::Bytes(Arc::from(&b"\x00\xffab"[..]))),
        ("at", Value::Timestamp("2024-05-01T12:00:00Z".parse().unwrap())),
        ("for", Value::Duration(jiff::SignedDuration::from_millis(1500))),
    ]);
    let text = r#"{"bytes":"AP9hYg==","at":"2024-05-01T12:00:00Z","for":"PT1.5S"}"#;
    assert_eq!(value.to_json(), text);
    assert_eq!(serde_json::to_string(&value).unwrap(), text);
}

#[test]
fn a_bounded_text_stops_at_its_bound() {
    let value = Value::list([Value::string("abc"), Value::Int(12)]);
    assert_eq!(value.to_json_within(10).as_deref(), Some(r#"["abc",12]"#));
    assert_eq!(value.to_json_within(8), None);
}

#[test]
fn a_duplicate_name_is_refused_through_serde_too() {
    let error = serde_json::from_str::<Value>(r#"{"a":1,"a":2}"#).expect_err("duplicate");
    assert!(error.to_string().contains("stands twice"), "{error}");
}

/// Values that JSON can write, so that reading gives the same value back.
pub(in super::super) fn json_values() -> impl Strategy<Value = Value> {
    let float = proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::ZERO;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<u64>().prop_map(Value::uint),
        float.prop_map(Value::Float),
        ".{0,12}".prop_map(Value::string),
    ];
    leaf.prop_recursive(4, 64, 16, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::list),
            prop::collection::vec((".{0,6}", inner), 0..20).prop_map(Value::map),
        ]
    })
}

/// Equality that tells `1` from `1.0`, and one order of names from another.
fn identical(a: &Value, b: &Value) -> bool {
    format!("{a:?}") == format!("{b:?}")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_round_trip(value in json_values()) {
        let text = value.to_json();
        let back = Value::from_json(&text, JsonLimits::default()).expect("what we write is JSON");
        prop_assert!(identical(&back, &value), "{text}");
        let through_serde: Value = serde_json::from_str(&text).expect("what we write is JSON for others");
        prop_assert_eq!(&through_serde, &value);
        prop_assert_eq!(serde_json::to_string(&through_serde).map(|t| Value::from_json(&t, JsonLimits::default())).ok(), Some(Ok(value)));
    }

    #[test]
    fn reading_agrees_with_another_reader(text in "[\\[\\]{},:\"0-9eE.+\\-a-z \\\\]{0,24}") {
        let ours = Value::from_json(&text, JsonLimits::default());
        let theirs = serde_json::from_str::<Value>(&text);
        // Ours refuses what it would have to round; nothing else may differ.
        let rounded = ours.as_ref().is_err_and(|error| matches!(error.problem, super::JsonProblem::IntRange { .. }));
        prop_assert!(rounded || ours.is_ok() == theirs.is_ok(), "{text}: {ours:?} {theirs:?}");
    }
}
