use super::*;
use crate::parse::{Parsed, parse};

fn rows(rows: Value) -> Vec<Row> {
    serde_json::from_value(rows).unwrap()
}

fn text(of: Value) -> String {
    write(rows(of), None, Dialect::default(), Quoting::default(), LineEnd::default()).unwrap().text
}

#[track_caller]
fn check_error(of: Value, dialect: Dialect, columns: Option<Vec<String>>, code: &str) {
    let error = write(rows(of), columns, dialect, Quoting::default(), LineEnd::default()).unwrap_err();
    assert_eq!(TaskError::from(error).code(), code);
}

#[test]
fn a_plain_table() {
    assert_eq!(text(json!([{"b": 1, "a": "x"}, {"b": 2.5, "a": true}])), "b,a\n1,x\n2.5,true\n");
}

#[test]
fn columns_are_those_of_all_rows_in_order_of_appearance() {
    assert_eq!(text(json!([{"a": 1}, {"b": 2, "a": 3}])), "a,b\n1,\n3,2\n");
}

#[test]
fn columns_that_are_given_choose_and_order() {
    let columns = Some(vec!["c".to_owned(), "a".to_owned()]);
    let written = write(rows(json!([{"a": 1, "b": 2}])), columns, Dialect::default(), Quoting::default(), LineEnd::default()).unwrap();
    assert_eq!(written.text, "c,a\n,1\n");
}

#[test]
fn quotes_where_they_are_needed() {
    assert_eq!(text(json!([{"a": "x,y", "b": "say \"hi\"", "c": "1\n2"}])), "a,b,c\n\"x,y\",\"say \"\"hi\"\"\",\"1\n2\"\n");
    let written = |quoting| write(rows(json!([{"a": 1, "b": "x"}])), None, Dialect::default(), quoting, LineEnd::Crlf).unwrap().text;
    assert_eq!(written(Quoting::NonNumeric), "\"a\",\"b\"\r\n1,\"x\"\r\n");
    assert_eq!(written(Quoting::Always), "\"a\",\"b\"\r\n\"1\",\"x\"\r\n");
}

#[test]
fn a_row_of_one_missing_cell_is_still_a_row() {
    assert_eq!(text(json!([{"a": null}, {"a": 1}])), "a\n\"\"\n1\n");
}

#[test]
fn nothing_is_an_empty_text() {
    assert_eq!(text(json!([])), "");
    assert_eq!(text(json!([{}, {}])), "");
}

#[test]
fn what_csv_cannot_hold_is_refused() {
    check_error(json!([{"a": [1]}]), Dialect::default(), None, "not-a-cell");
    check_error(json!([{"a": {"b": 1}}]), Dialect::default(), None, "not-a-cell");
    check_error(json!([{"a": "x,y"}]), Dialect { quote: String::new(), ..Dialect::default() }, None, "needs-quotes");
    check_error(json!([{"a": 1}]), Dialect::default(), Some(vec!["a".into(), "a".into()]), "bad-header");
}

#[test]
fn what_was_written_is_read_back() {
    let original = rows(json!([
        {"name": "a \"b\"\r\n, c", "int": i64::MIN, "uint": u64::MAX, "float": 0.1, "bool": true, "none": null},
        {"name": "NA", "int": 0, "uint": 1, "float": -1e-300, "bool": false, "none": null},
    ]));
    for (delimiter, quoting, line_end) in
        [(",", Quoting::Necessary, LineEnd::Lf), ("\t", Quoting::Always, LineEnd::Crlf), (";", Quoting::NonNumeric, LineEnd::Lf)]
    {
        let dialect = Dialect { delimiter: delimiter.into(), ..Dialect::default() };
        let written = write(original.clone(), None, dialect.clone(), quoting, line_end).unwrap();
        let Parsed { rows, .. } = parse(written.text, dialect, None, [].into(), Default::default(), Default::default(), 10).unwrap();
        assert_eq!(rows, original);
    }
}
