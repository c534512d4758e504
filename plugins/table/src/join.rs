//! `join`: the columns of two tables side by side.

use std::collections::{HashMap, HashSet};

use jackfield_sdk::prelude::*;

use crate::cell::Key;
use crate::error::TableError;
use crate::rows::{Row, Rows, cell, require_column};

/// Which rows the answer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum JoinKind {
    /// Every pair of a left and a right row that agree.
    #[default]
    Inner,
    /// The same, and every left row that agrees with none, once, with `null` in the columns of the right.
    Left,
}

fn suffix_default() -> String {
    "_right".into()
}

fn max_rows_default() -> u64 {
    1_000_000
}

/// Puts rows of two tables together that agree in their keys.
///
/// The answer is in the order of the left rows and, for one left row, in the order of the right ones. A row has all the
/// columns of the left, then those of the right without its keys. Rows without a value in a key agree with none.
#[task(
    title = "Join tables",
    example_input = r#"{"left": [{"city": "Rome", "rain": 1}, {"city": "Oslo", "rain": 5}], "right": [{"city": "Rome", "country": "IT"}], "on": ["city"], "kind": "left"}"#,
    example_output = r#"{"rows": [{"city": "Rome", "rain": 1, "country": "IT"}, {"city": "Oslo", "rain": 5, "country": null}]}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn join(
    /// The rows on the left.
    left: Vec<Row>,
    /// The rows on the right.
    right: Vec<Row>,
    /// The key columns.
    on: Vec<String>,
    /// The names of the key columns on the right, in the order of `on`, where they are others.
    right_on: Option<Vec<String>>,
    /// Which rows the answer has.
    #[serde(default)]
    kind: JoinKind,
    /// What is added to the name of a right column when the left has one of the same name.
    #[serde(default = "suffix_default")]
    suffix: String,
    /// How many rows the answer may have: keys that come often on both sides multiply.
    #[serde(default = "max_rows_default")]
    max_rows: u64,
) -> Result<Rows, TableError> {
    let right_on = right_on.unwrap_or_else(|| on.clone());
    if on.is_empty() || on.len() != right_on.len() {
        return Err(TableError::BadRequest(format!(
            "`on` has {} columns and `right_on` {}: give at least one, and as many",
            on.len(),
            right_on.len()
        )));
    }
    on.iter().try_for_each(|column| require_column(&left, column))?;
    right_on.iter().try_for_each(|column| require_column(&right, column))?;
    let added = added_columns(&left, &right, &right_on, &suffix)?;

    let mut by_key: HashMap<Vec<Key>, Vec<&Row>> = HashMap::new();
    for row in &right {
        if let Some(key) = key(row, &right_on) {
            by_key.entry(key).or_default().push(row);
        }
    }
    let mut rows: Vec<Row> = Vec::new();
    for row in &left {
        let partners = key(row, &on).and_then(|key| by_key.get(&key)).map_or(&[][..], Vec::as_slice);
        let alone = partners.is_empty() && kind == JoinKind::Left;
        for partner in partners.iter().copied().map(Some).chain(alone.then_some(None)) {
            if u64::try_from(rows.len()).is_ok_and(|rows| rows >= max_rows) {
                return Err(TableError::TooManyRows { max: max_rows });
            }
            rows.push(pair(row, partner, &added));
        }
    }
    Ok(Rows { rows })
}

/// The key of a row, unless a part of it has no value.
fn key(row: &Row, columns: &[String]) -> Option<Vec<Key>> {
    columns.iter().map(|column| Some(cell(row, column)).filter(|cell| !cell.is_null()).map(Key::of)).collect()
}

/// A column of the right, and its name in the answer.
struct Added {
    column: String,
    name: String,
}

/// The columns that the right adds, in the order in which its rows first name them.
fn added_columns(left: &[Row], right: &[Row], right_on: &[String], suffix: &str) -> Result<Vec<Added>, TableError> {
    let on_the_left: HashSet<&str> = left.iter().flat_map(Row::keys).map(String::as_str).collect();
    let mut seen: HashSet<&str> = right_on.iter().map(String::as_str).collect();
    let columns = right.iter().flat_map(Row::keys).filter(|name| seen.insert(name.as_str()));
    let name = |column: &String| if on_the_left.contains(column.as_str()) { format!("{column}{suffix}") } else { column.clone() };
    let added: Vec<Added> = columns.map(|column| Added { name: name(column), column: column.clone() }).collect();

    let mut taken = on_the_left.clone();
    match added.iter().find(|added| !taken.insert(added.name.as_str())) {
        Some(twice) => Err(TableError::ColumnTwice { column: twice.name.clone() }),
        None => Ok(added),
    }
}

fn pair(left: &Row, right: Option<&Row>, added: &[Added]) -> Row {
    let mut row = left.clone();
    for Added { column, name } in added {
        row.insert(name.clone(), right.map_or(Value::Null, |right| cell(right, column).clone()));
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::testing::{assert_error, assert_rows, rows};

    fn ask(left: Value, right: Value, options: Value) -> Result<Rows, TableError> {
        fn option<T: serde::de::DeserializeOwned>(options: &Value, name: &str) -> Option<T> {
            options.get(name).map(|value| serde_json::from_value(value.clone()).unwrap())
        }
        join(
            rows(left),
            rows(right),
            option(&options, "on").unwrap_or_else(|| vec!["k".to_owned()]),
            option(&options, "right_on"),
            option(&options, "kind").unwrap_or_default(),
            option(&options, "suffix").unwrap_or_else(suffix_default),
            option(&options, "max_rows").unwrap_or_else(max_rows_default),
        )
    }

    #[test]
    fn inner_and_left() {
        let left = || json!([{"k": 2, "a": "x"}, {"k": 1, "a": "y"}, {"k": 3, "a": "z"}]);
        let right = || json!([{"k": 1.0, "b": "p"}, {"k": 2, "b": "q"}, {"k": 1, "b": "r", "c": true}]);
        let inner = json!([{"k": 2, "a": "x", "b": "q", "c": null}, {"k": 1, "a": "y", "b": "p", "c": null}, {"k": 1, "a": "y", "b": "r", "c": true}]);
        assert_rows(ask(left(), right(), json!({})), inner);
        let answer = ask(left(), right(), json!({"kind": "left"})).unwrap().rows;
        assert_eq!(answer.len(), 4);
        assert_eq!(Value::Object(answer[3].clone()), json!({"k": 3, "a": "z", "b": null, "c": null}));
    }

    #[test]
    fn no_value_agrees_with_none() {
        let (left, right) = (|| json!([{"k": null, "a": 1}, {"a": 2}]), || json!([{"k": null, "b": 1}]));
        assert_rows(ask(left(), right(), json!({})), json!([]));
        assert_rows(ask(left(), right(), json!({"kind": "left"})), json!([{"k": null, "a": 1, "b": null}, {"a": 2, "b": null}]));
    }

    #[test]
    fn other_names_and_several_keys() {
        let left = json!([{"y": 2012, "m": 1, "a": 1}, {"y": 2012, "m": 2, "a": 2}]);
        let right = json!([{"year": 2012, "month": 2, "b": 3}]);
        let options = json!({"on": ["y", "m"], "right_on": ["year", "month"]});
        assert_rows(ask(left, right, options), json!([{"y": 2012, "m": 2, "a": 2, "b": 3}]));
    }

    #[test]
    fn the_same_name_on_both_sides() {
        let (left, right) = (|| json!([{"k": 1, "v": 1}]), || json!([{"k": 1, "v": 2}]));
        assert_rows(ask(left(), right(), json!({})), json!([{"k": 1, "v": 1, "v_right": 2}]));
        assert_rows(ask(left(), right(), json!({"suffix": "2"})), json!([{"k": 1, "v": 1, "v2": 2}]));
        assert_error(ask(left(), right(), json!({"suffix": ""})), "column-twice", "`v`");
        assert_error(ask(left(), json!([{"k": 1, "v": 2, "v_right": 3}]), json!({})), "column-twice", "`v_right`");
    }

    #[test]
    fn what_cannot_be_asked() {
        let table = || json!([{"k": 1}]);
        assert_error(ask(table(), table(), json!({"on": []})), "bad-request", "at least one");
        assert_error(ask(table(), table(), json!({"right_on": ["k", "k"]})), "bad-request", "as many");
        assert_error(ask(table(), table(), json!({"on": ["z"]})), "no-such-column", "`z`");
        let many = json!(vec![json!({"k": 1}); 10]);
        assert_error(ask(many.clone(), many, json!({"max_rows": 99})), "too-many-rows", "more than 99 rows");
    }

    #[test]
    fn an_empty_side() {
        assert_rows(ask(json!([]), json!([{"k": 1}]), json!({})), json!([]));
        assert_rows(ask(json!([{"k": 1}]), json!([]), json!({"kind": "left"})), json!([{"k": 1}]));
    }
}
