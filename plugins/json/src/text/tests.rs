use super::*;

fn read(text: &str, format: Format) -> Result<Value, TextError> {
    parse(text.to_owned(), format)
}

fn write(value: Value, layout: Layout, names: Names) -> String {
    stringify(value, layout, names).unwrap().text
}

#[test]
fn reads_one_value() {
    assert_eq!(read("\u{feff} [1, \"\\u00e9\", 1e2] ", Format::Json).unwrap(), json!([1, "é", 100.0]));
    assert_eq!(read("18446744073709551615", Format::Json).unwrap(), json!(u64::MAX));
}

#[test]
fn reads_lines() {
    assert_eq!(read("1\r\n\n  \n{\"a\":2}\n", Format::Lines).unwrap(), json!([1, {"a": 2}]));
    assert_eq!(read("", Format::Lines).unwrap(), json!([]));
}

#[test]
fn says_where_a_text_breaks() {
    let rows = [
        ("{\n \"a\": nope}", Format::Json, 2, 8),
        ("", Format::Json, 1, 0),
        ("1\n\n[2,]\n", Format::Lines, 3, 4),
        ("1 2", Format::Json, 1, 3),
    ];
    for (text, format, at_line, at_column) in rows {
        let error = read(text, format).unwrap_err();
        let TextError::NotJson { line, column, message } = &error else { panic!("{error}") };
        assert_eq!((*line, *column), (at_line, at_column), "{text}: {error}");
        assert!(!message.contains("line"), "{message}");
    }
}

#[test]
fn deep_texts_are_refused_not_crashed_on() {
    assert!(read(&"[".repeat(100_000), Format::Json).is_err());
}

#[test]
fn writes_in_three_layouts() {
    let value = json!([{"b": 1, "a": []}, 2]);
    assert_eq!(write(value.clone(), Layout::Compact, Names::AsIs), r#"[{"b":1,"a":[]},2]"#);
    assert_eq!(write(value.clone(), Layout::Lines, Names::Sorted), "{\"a\":[],\"b\":1}\n2\n");
    assert_eq!(write(value, Layout::Pretty, Names::AsIs), "[\n  {\n    \"b\": 1,\n    \"a\": []\n  },\n  2\n]\n");
}

#[test]
fn sorting_reaches_every_depth() {
    let value = json!({"z": [{"y": 1, "x": {"b": 1, "a": 2}}], "a": 0});
    assert_eq!(write(value, Layout::Compact, Names::Sorted), r#"{"a":0,"z":[{"x":{"a":2,"b":1},"y":1}]}"#);
}

#[test]
fn only_lists_have_lines() {
    let error = stringify(json!({}), Layout::Lines, Names::AsIs).unwrap_err();
    assert!(error.to_string().contains("an object"), "{error}");
}
