use super::*;

/// Reads a text with options given as JSON, and answers the rows as JSON text, one a line, or the error's code and message.
fn read(text: &str, options: Value) -> Result<Parsed, ParseError> {
    let option = |name: &str| options.get(name).cloned();
    fn or_default<T: serde::de::DeserializeOwned + Default>(value: Option<Value>) -> T {
        value.map(|value| serde_json::from_value(value).unwrap()).unwrap_or_default()
    }
    parse(
        text.to_owned(),
        or_default(option("dialect")),
        or_default(option("columns")),
        or_default(option("types")),
        or_default(option("default_type")),
        or_default(option("bad_rows")),
        option("max_rows").map_or_else(max_rows_default, |max| max.as_u64().unwrap()),
    )
}

#[track_caller]
fn check(text: &str, options: Value, rows: Value) {
    let parsed = read(text, options).unwrap();
    assert_eq!(serde_json::to_string(&parsed.rows).unwrap(), rows.to_string());
}

#[track_caller]
fn check_error(text: &str, options: Value, code: &str, part: &str) {
    let error = TaskError::from(read(text, options).unwrap_err());
    assert_eq!(error.code(), code);
    assert!(error.message().contains(part), "{}", error.message());
}

#[test]
fn a_plain_table() {
    check("b,a\n1,x\n2,y\n", json!({}), json!([{"b": 1, "a": "x"}, {"b": 2, "a": "y"}]));
}

#[test]
fn quotes_hold_delimiters_quotes_and_line_ends() {
    check("a,b\n\"x,\"\"y\"\"\",\"1\n2\"\n", json!({}), json!([{"a": "x,\"y\"", "b": "1\n2"}]));
}

#[test]
fn crlf_blank_lines_byte_order_mark_and_no_last_line_end() {
    check("\u{feff}a\r\n\r\n1\r\n\n2", json!({}), json!([{"a": 1}, {"a": 2}]));
}

#[test]
fn no_rows_and_nothing_at_all() {
    assert_eq!(read("a,b\n", json!({})).unwrap().columns, ["a", "b"]);
    let nothing = read("", json!({})).unwrap();
    assert!(nothing.columns.is_empty() && nothing.rows.is_empty());
}

#[test]
fn another_dialect() {
    check("a;b\n'1;5';2\n", json!({"dialect": {"delimiter": ";", "quote": "'"}}), json!([{"a": "1;5", "b": 2}]));
    check("a\tb\n\"1\t2\n", json!({"dialect": {"delimiter": "\t", "quote": ""}}), json!([{"a": "\"1", "b": 2}]));
    check("a , b\n 1 ,  x \n", json!({"dialect": {"trim": true}}), json!([{"a": 1, "b": "x"}]));
}

#[test]
fn names_without_a_header_and_instead_of_one() {
    check("1,2\n", json!({"dialect": {"header": false}}), json!([{"column_1": 1, "column_2": 2}]));
    check("1,2\n", json!({"dialect": {"header": false}, "columns": ["x", "y"]}), json!([{"x": 1, "y": 2}]));
    check("a,a\n1,2\n", json!({"columns": ["x", "y"]}), json!([{"x": 1, "y": 2}]));
    check(",b\n1,2\n", json!({}), json!([{"column_1": 1, "b": 2}]));
}

#[test]
fn types_are_of_whole_columns() {
    check(
        "a,b,c,d\n1,1,true,\n2,1.5,FALSE,\n",
        json!({}),
        json!([
        {"a": 1, "b": 1.0, "c": true, "d": null}, {"a": 2, "b": 1.5, "c": false, "d": null}]),
    );
    check("zip\n00123\n45678\n", json!({}), json!([{"zip": "00123"}, {"zip": "45678"}]));
}

#[test]
fn types_that_are_given() {
    check("a,b\n1,2\n", json!({"types": {"a": "float"}, "default_type": "string"}), json!([{"a": 1.0, "b": "2"}]));
    check_error("a\n1\n", json!({"types": {"A": "int"}}), "no-such-column", "`A`");
}

#[test]
fn no_value() {
    check("a,b\n,NA\n2,x\n", json!({"dialect": {"null": "NA"}}), json!([{"a": null, "b": null}, {"a": 2, "b": "x"}]));
    check("a\n\"\"\n", json!({"default_type": "string"}), json!([{"a": null}]));
}

#[test]
fn a_bad_row_fails_with_its_line() {
    check_error("a,b\n1,2\n\n\"x\ny\",4\n5\n6,7\n", json!({}), "bad-row", "line 6: 1 field where the columns are 2");
    check_error("a\r\n1\r\n\r\nx,y\r\n", json!({}), "bad-row", "line 4: 2 fields");
    check_error("a\n1\nx\n", json!({"types": {"a": "int"}}), "bad-row", "line 3: `x` in the column `a` is not a whole number");
}

#[test]
fn bad_rows_are_left_out_and_listed_by_line() {
    let text = "a,b\n1,x\n2\n3,4\n5,6,7\n";
    let options = |policy: &str| json!({"types": {"b": "int"}, "bad_rows": policy});
    let collected = read(text, options("collect")).unwrap();
    assert_eq!(serde_json::to_value(&collected.rows).unwrap(), json!([{"a": 3, "b": 4}]));
    assert_eq!(collected.skipped, 3);
    let lines: Vec<(u64, Option<&str>)> = collected.bad_rows.iter().map(|bad| (bad.line, bad.column.as_deref())).collect();
    assert_eq!(lines, [(2, Some("b")), (3, None), (5, None)]);
    let skipped = read(text, options("skip")).unwrap();
    assert_eq!((skipped.skipped, skipped.bad_rows.len(), skipped.rows.len()), (3, 0, 1));
}

#[test]
fn bad_rows_do_not_spoil_inference() {
    check("a\n1\nx,y\n2\n", json!({"bad_rows": "skip"}), json!([{"a": 1}, {"a": 2}]));
}

#[test]
fn a_quote_that_is_never_closed_is_told() {
    check_error("a,b\n1,2\n\"3,4\n5,6\n", json!({}), "bad-row", "line 3: a quote");
    check_error("\"a,b\n1,2\n", json!({}), "bad-header", "line 1: a quote");
    check("a\n\"x\"", json!({}), json!([{"a": "x"}]));
    check("a\n5\" disk\n", json!({}), json!([{"a": "5\" disk"}]));
}

#[test]
fn headers_that_cannot_be() {
    check_error("a,b,a\n", json!({}), "bad-header", "two columns are called `a`");
    check_error("a,b\n", json!({"columns": ["x"]}), "bad-header", "`columns` has 1 names");
    check_error(&format!("{}\n", ",".repeat(COLUMNS_MAX)), json!({}), "bad-header", "is the delimiter right?");
}

#[test]
fn limits() {
    check_error("a\n1\n2\n3\n", json!({"max_rows": 2}), "too-many-rows", "more than 2 rows (line 4)");
    let text = format!("a\n{}", "1,2\n".repeat(BAD_ROWS_MAX + 1));
    check_error(&text, json!({"bad_rows": "collect"}), "too-many-rows", "more than 10000 bad rows");
    assert_eq!(read(&text, json!({"bad_rows": "skip"})).unwrap().skipped, 10_001);
}
