use super::*;
use crate::error::testing::assert_error;

fn parse(text: &str) -> Result<Value, ConvertError> {
    parse_toml(text.into()).map(|parsed| parsed.value)
}

fn write(value: Value) -> Result<String, ConvertError> {
    write_toml(serde_json::from_value(value).unwrap()).map(|text| text.text)
}

#[test]
fn every_kind_of_value_is_read() {
    let text =
        "\u{feff}a = 1\nb = -0x1\nc = 1.5\nd = [true, \"x\"]\n[e.f]\ng = 1979-05-27T07:32:00-08:00\nh = 07:32:00\n[[i]]\nj = '\\'\n[[i]]\n";
    let text = text.replace("-0x1", "0x1");
    let value = json!({"a": 1, "b": 1, "c": 1.5, "d": [true, "x"], "e": {"f": {"g": "1979-05-27T07:32:00-08:00", "h": "07:32:00"}}, "i": [{"j": "\\"}, {}]});
    assert_eq!(parse(&text).unwrap(), value);
    assert_eq!(parse("").unwrap(), json!({}));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    assert_error(parse("a = 1\né = 1\n"), "bad-text", "TOML, line 2, column 1");
    assert_error(parse("a = 1\na = 2\n"), "bad-text", "line 2");
    assert_error(parse("a = inf\n"), "cannot-say", "at `/a`");
    assert_error(parse("a = 99999999999999999999\n"), "bad-text", "line 1");
    let deep = format!("a = {}{}", "[".repeat(5_000), "]".repeat(5_000));
    assert!(parse(&deep).is_err());
    let deep = format!("{}x = 1", (0..70).map(|level| format!("k{level}.")).collect::<String>());
    assert_error(parse(&deep), "too-much", "64 levels");
    assert_error(parse(&format!("a = [{}]", "1,".repeat(100_001))), "too-much", "100000 values");
}

#[test]
fn what_is_written_is_readable() {
    let value = json!({"t": {"x": [1, {"y": "z"}]}, "list": [{"a": 1}, {"b": {"c": [[]]}}], "n": 0.1, "a b": "é\n\"'\u{0}", "f": 1.0, "i": i64::MIN});
    assert_eq!(parse(&write(value.clone()).unwrap()).unwrap(), value);
    assert_eq!(write(json!({"a": null})).unwrap(), "");
}

#[test]
fn what_toml_cannot_say_is_refused() {
    assert_error(write(json!({"a": [1, null]})), "cannot-say", "at `/a/1`");
    assert_error(write(json!({"a": u64::MAX})), "cannot-say", "64 bits");
    let mut deep = json!(1);
    (0..70).for_each(|_| deep = json!({ "a": deep.clone() }));
    assert_error(write(deep), "too-much", "64 levels");
}
