use super::Type;
use crate::types::{JsonLimits, Value};

fn json(text: &str) -> Value {
    Value::from_json(text, JsonLimits::default()).expect("the test's JSON is good")
}

/// A type from its notation.
fn ty(notation: &str) -> Type {
    Type::from_notation(&json(notation)).unwrap_or_else(|error| panic!("{notation}: {error}"))
}

#[test]
fn notations_are_read() {
    let cases = [
        (r#""string""#, "string"),
        (r#""integer""#, "int"),
        (r#"{"type": "number"}"#, "float"),
        (r#"{"type": "boolean", "optional": true}"#, "option<bool>"),
        (r#"{"type": "string", "enum": ["eu", "us"]}"#, r#""eu" | "us""#),
        (r#"{"enum": ["eu"]}"#, r#""eu""#),
        (r#"{"type": "list"}"#, "list<json>"),
        (r#"{"items": "timestamp"}"#, "list<timestamp>"),
        (r#"{"items": {"type": "int", "optional": true}}"#, "list<option<int>>"),
        (r#"{"type": "map", "values": "duration"}"#, "map<duration>"),
        (r#"{"fields": {"id": "int", "name": {"type": "string", "optional": true, "description": "x"}}}"#, "{id: int, name?: string}"),
        (r#"{"type": "object", "properties": {"raw": "bytes"}, "open": true}"#, "{raw: bytes, ...}"),
        (r#"{"type": "record", "open": true}"#, "{...}"),
        (r#"{"type": "record", "fields": {}}"#, "{}"),
        (r#""json""#, "json"),
    ];
    for (notation, expected) in cases {
        assert_eq!(ty(notation).to_string(), expected, "{notation}");
    }
}

#[test]
fn wrong_notations_say_where_and_what() {
    let deep = format!("{}\"int\"{}", r#"{"items": "#.repeat(40), "}".repeat(40));
    let cases = [
        (r#""strin""#, "", "there is no type `strin`", "did you mean `string`?"),
        (r#"{"type": "flaot"}"#, "type", "there is no type `flaot`", "did you mean `float`?"),
        (r#"{"tpye": "int"}"#, "tpye", "a type has no key `tpye`", "did you mean `type`?"),
        (r#"{"type": 5}"#, "type", "`type` is one word; this is int 5", ""),
        (r#"{"items": {"fields": {"a": "strin"}}}"#, "items fields a", "there is no type `strin`", "did you mean `string`?"),
        (r#"{"enum": []}"#, "enum", "an enum without texts has no values", ""),
        (r#"{"enum": ["a", "a"]}"#, "enum", "\"a\" stands twice", ""),
        (r#"{"enum": [true]}"#, "enum", "an enum has texts only; this is bool true: put it in quotes", ""),
        (r#"{"enum": "a"}"#, "enum", "`enum` is a list of texts", ""),
        (r#"{"type": "int", "enum": ["a"]}"#, "enum", "`enum` does not go with type `int`", ""),
        (r#"{"type": "list", "values": "int"}"#, "values", "`values` does not go with type `list`", ""),
        (r#"{"type": "record"}"#, "type", "a record needs `fields:`", ""),
        (r#"{"fields": ["a"]}"#, "fields", "`fields` is a mapping", ""),
        (r#"{"fields": {}, "properties": {}}"#, "properties", "two words for one thing", ""),
        (r#"{"type": "int", "optional": "yes"}"#, "optional", "`optional` is `true` or `false`; this is string \"yes\"", ""),
        (r#"{}"#, "", "the type is missing", ""),
        (r#"[]"#, "", "a type is a word such as `string`, or a mapping; this is a list of 0", ""),
        (deep.as_str(), "items", "types lie deeper in each other than 32", ""),
    ];
    for (notation, path, message, help) in cases {
        let error = Type::from_notation(&json(notation)).expect_err(notation);
        assert!(error.path.join(" ").starts_with(path) && (path.is_empty() == error.path.is_empty()), "{notation}: {:?}", error.path);
        assert!(error.message.contains(message), "{notation}: {}", error.message);
        assert_eq!(error.help.unwrap_or_default(), help, "{notation}");
    }
}

#[test]
fn what_may_stand_where() {
    let record = r#"{"fields": {"id": "int", "note": {"type": "string", "optional": true}}}"#;
    let open = r#"{"fields": {"id": "int"}, "open": true}"#;
    let good = [
        (r#""int""#, r#""int""#),
        (r#"{"type": "int", "optional": true}"#, r#""int""#),
        (r#"{"type": "list", "items": {"type": "int", "optional": true}}"#, r#"{"items": "int"}"#),
        (r#""json""#, record),
        (r#"{"items": "json"}"#, r#"{"items": "int"}"#),
        (r#""string""#, r#"{"enum": ["a"]}"#),
        (r#"{"enum": ["a", "b"]}"#, r#"{"enum": ["b"]}"#),
        (record, record),
        (record, r#"{"fields": {"id": "int"}}"#),
        (record, r#"{"fields": {"id": "int", "note": "string"}}"#),
        (open, record),
        (r#"{"values": "int"}"#, r#"{"fields": {"a": "int", "b": {"type": "int", "optional": true}}}"#),
        (r#"{"type": "map"}"#, open),
    ];
    for (to, from) in good {
        assert_eq!(ty(to).assignable(&ty(from)), Ok(()), "{from} → {to}");
    }
    let bad = [
        (r#""float""#, r#""int""#, "expected float, found int", "write it with a point"),
        (r#""int""#, r#""float""#, "expected int, found float", "drops the fraction"),
        (r#""int""#, r#""json""#, "expected int, found json", "asInt"),
        (r#""int""#, r#"{"type": "int", "optional": true}"#, "expected int, found option<int>", "orValue"),
        (r#"{"enum": ["eu", "us"]}"#, r#"{"enum": ["uss"]}"#, r#"expected "eu" | "us", found "uss""#, "did you mean \"us\"?"),
        (r#"{"enum": ["eu"]}"#, r#""string""#, r#"expected "eu", found string"#, ""),
        (r#"{"items": "int"}"#, r#"{"items": "string"}"#, "`[]`: expected int, found string", ""),
        (
            r#"{"items": {"fields": {"id": "int"}}}"#,
            r#"{"items": {"fields": {"id": "string"}}}"#,
            "`[].id`: expected int, found string",
            "",
        ),
        (
            r#"{"fields": {"orders": {"items": {"fields": {"id": "int"}}}}}"#,
            r#"{"fields": {"orders": {"items": {"fields": {"id": "json"}}}}}"#,
            "`orders[].id`: expected int, found json",
            "asInt",
        ),
        (
            record,
            r#"{"fields": {"id": "int", "ntoe": "string"}}"#,
            "expected one of the fields id, note, found `ntoe`",
            "did you mean `note`?",
        ),
        (record, r#"{"fields": {"note": "string"}}"#, "`id`: expected int that is always there, found no such field", ""),
        (
            record,
            r#"{"fields": {"id": {"type": "int", "optional": true}}}"#,
            "`id`: expected int that is always there, found a field that may be left out",
            "",
        ),
        (record, open, "`note`: expected string, found a record that may have more fields, of any type", ""),
        (r#"{"fields": {"id": "int"}}"#, open, "expected a record with no other fields, found a record that may have more fields", ""),
        (record, r#"{"values": "int"}"#, "expected {id: int, note?: string}, found map<int>", ""),
        (r#"{"values": "int"}"#, r#"{"fields": {"a": "string"}}"#, "`a`: expected int, found string", ""),
        (r#"{"values": "int"}"#, open, "expected map<int>, found a record that may have more fields, of any type", ""),
    ];
    for (to, from, message, help) in bad {
        let mismatch = ty(to).assignable(&ty(from)).expect_err(from);
        assert_eq!(mismatch.to_string(), message, "{from} → {to}");
        let found = mismatch.help.unwrap_or_default();
        assert!(found.contains(help) && help.is_empty() == found.is_empty(), "{from} → {to}: {found}");
    }
}

#[test]
fn variants_and_literals() {
    let variant = Type::from_schema(
        r#"{"oneOf": [{"const": "none"}, {"type": "object", "properties": {"ok": {"type": "integer"}}, "required": ["ok"]},
            {"type": "object", "properties": {"err": {"type": "string"}}, "required": ["err"]}]}"#,
    )
    .unwrap();
    assert_eq!(variant.to_string(), "variant<none, ok(int), err(string)>");
    for good in [r#""none""#, r#"{"ok": 1}"#, r#"{"err": "x"}"#] {
        let value = json(good);
        assert_eq!(variant.check(&value).as_ref(), Ok(&value), "{good}");
        assert_eq!(variant.assignable(&Type::of(&value)), Ok(()), "{good}");
    }
    for bad in [r#""ok""#, r#"{"none": 1}"#, r#"{"ok": "x"}"#, r#"{"ok": 1, "err": "x"}"#, r#"{}"#, "1"] {
        let value = json(bad);
        assert!(variant.check(&value).is_err(), "{bad}");
        assert!(variant.assignable(&Type::of(&value)).is_err(), "{bad}");
    }
    assert_eq!(variant.check(&json(r#"{"ok": "x"}"#)).unwrap_err().to_string(), "`ok`: expected int, found string \"x\"");
}

#[test]
fn values_are_checked_and_converted() {
    let good = [
        (r#""int""#, "18446744073709551615", "18446744073709551615"),
        (r#""int""#, "3.0", "3"),
        (r#""float""#, "3", "3.0"),
        (r#""float""#, "9007199254740992", "9007199254740992.0"),
        (r#""timestamp""#, r#""2024-01-01T02:00:00+02:00""#, r#""2024-01-01T00:00:00Z""#),
        (r#""duration""#, r#""90s""#, r#""PT1M30S""#),
        (r#""duration""#, r#""PT90S""#, r#""PT1M30S""#),
        (r#""bytes""#, r#""YWI=""#, r#""YWI=""#),
        (r#"{"items": "float"}"#, "[1.5, 2, 3]", "[1.5,2.0,3.0]"),
        (r#"{"values": "float"}"#, r#"{"a": 1.5, "b": 2}"#, r#"{"a":1.5,"b":2.0}"#),
        (r#"{"fields": {"a": "float", "b": {"type": "int", "optional": true}}}"#, r#"{"a": 1}"#, r#"{"a":1.0}"#),
        (r#"{"fields": {"a": "float", "b": {"type": "int", "optional": true}}}"#, r#"{"b": null, "a": 1}"#, r#"{"a":1.0}"#),
        (r#"{"fields": {"a": "int"}, "open": true}"#, r#"{"z": [1], "a": 1.0}"#, r#"{"z":[1],"a":1}"#),
        (r#"{"type": "int", "optional": true}"#, "null", "null"),
        (r#""json""#, r#"{"a": [1.0, null]}"#, r#"{"a":[1.0,null]}"#),
    ];
    for (notation, value, expected) in good {
        let checked = ty(notation).check(&json(value)).unwrap_or_else(|error| panic!("{notation} {value}: {error}"));
        assert_eq!(checked.to_json(), expected, "{notation} {value}");
        assert_eq!(
            format!("{:?}", ty(notation).check(&checked)),
            format!("{:?}", Ok::<_, ()>(&checked)),
            "{notation}: checking twice changes nothing"
        );
    }
    let order = r#"{"fields": {"orders": {"items": {"fields": {"id": "int", "region": {"enum": ["eu", "us"]}}}}}}"#;
    let bad = [
        (r#""int""#, "3.5", "expected int, found float 3.5; a fraction is never dropped without being asked for"),
        (r#""int""#, "1e300", "expected int, found float 1e300"),
        (r#""int""#, r#""3""#, "expected int, found string \"3\""),
        (r#""float""#, "9007199254740993", "expected float, found int 9007199254740993; no double is exactly this number"),
        (r#""string""#, "null", "expected string, found null"),
        (r#""timestamp""#, r#""now""#, "expected timestamp, found string \"now\"; write it as RFC 3339 text"),
        (r#""duration""#, r#""5""#, "expected duration, found string \"5\"; write it as text with units"),
        (r#""bytes""#, r#""a""#, "expected bytes, found string \"a\"; write it as base64 text with padding"),
        (
            order,
            r#"{"orders": [{"id": 1, "region": "eu"}, {"id": 2, "region": "uss"}]}"#,
            "`orders[1].region`: expected \"eu\" | \"us\", found string \"uss\"; did you mean \"us\"?",
        ),
        (order, r#"{"orders": [{"region": "eu"}]}"#, "`orders[0].id`: expected int, found no such field"),
        (order, r#"{"order": []}"#, "`orders`: expected list<{id: int, region: \"eu\" | \"us\"}>, found no such field"),
        (order, r#"{"orders": [], "oders": 1}"#, "`oders`: expected only the fields orders, found int 1; did you mean `orders`?"),
        (order, "[]", "expected {orders: list<{id: int, region: \"eu\" | \"us\"}>}, found a list of 0"),
        (r#"{"values": "int"}"#, r#"{"a b": "x"}"#, "`[\"a b\"]`: expected int, found string \"x\""),
    ];
    for (notation, value, expected) in bad {
        let error = ty(notation).check(&json(value)).expect_err(value).to_string();
        assert!(error.starts_with(expected), "{notation} {value}: {error}");
    }
}

#[test]
fn what_needs_no_change_is_shared() {
    let value = json(r#"{"a": [1, 2], "b": [1, 2]}"#);
    let (Value::Map(before), Ok(Value::Map(after))) = (&value, ty(r#"{"values": {"items": "int"}}"#).check(&value)) else { panic!("maps") };
    assert!(std::sync::Arc::ptr_eq(before, &after));
}

#[test]
fn errors_stay_short() {
    let long = Type::one_of((0..1000).map(|n| format!("text-{n}")));
    assert!(long.brief().len() < 200 && long.brief().ends_with('…'));
    let value = Value::string("é".repeat(100_000));
    assert!(Type::Int.check(&value).unwrap_err().to_string().len() < 300);
}

#[test]
fn joins() {
    let cases = [
        (r#""int""#, r#""int""#, "int"),
        (r#""int""#, r#""float""#, "json"),
        (r#"{"enum": ["a"]}"#, r#"{"enum": ["b"]}"#, r#""a" | "b""#),
        (r#"{"enum": ["a"]}"#, r#""string""#, "string"),
        (r#"{"type": "int", "optional": true}"#, r#""int""#, "option<int>"),
        (r#"{"fields": {"a": "int"}}"#, r#"{"fields": {"a": "int", "b": "string"}}"#, "{a: int, b?: string}"),
        (r#"{"fields": {"a": "int"}, "open": true}"#, r#"{"fields": {"a": "int", "b": "string"}}"#, "{a: int, b?: json, ...}"),
        (r#"{"fields": {"a": "int"}}"#, r#"{"values": "int"}"#, "map<int>"),
        (r#"{"items": "int"}"#, r#"{"items": "string"}"#, "list<json>"),
    ];
    for (a, b, expected) in cases {
        assert_eq!(ty(a).join(&ty(b)).to_string(), expected, "{a} {b}");
        assert_eq!(ty(b).join(&ty(a)).assignable(&ty(a)), Ok(()), "{a} {b}");
    }
    let many = Type::one_of((0..40).map(|n| n.to_string()));
    assert_eq!(many.join(&Type::one_of(["x"])), Type::String);
}
