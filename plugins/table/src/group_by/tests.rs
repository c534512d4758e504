use super::*;
use crate::rows::testing::{assert_error, assert_rows, rows};

fn ask(table: Value, keys: &[&str], aggregates: Value) -> Result<Rows, TableError> {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    group_by(rows(table), keys, serde_json::from_value(aggregates).unwrap())
}

/// One aggregate over one group with these cells in the column `x`.
#[track_caller]
fn check(cells: Value, mut aggregate: Value, expected: Value) {
    aggregate["as"] = json!("answer");
    let table: Vec<Value> = cells.as_array().unwrap().iter().map(|cell| json!({"x": cell})).collect();
    assert_rows(ask(json!(table), &[], json!([aggregate])), json!([{"answer": expected}]));
}

#[track_caller]
fn check_error(cells: Value, aggregate: Value, code: &str, part: &str) {
    let table: Vec<Value> = cells.as_array().unwrap().iter().map(|cell| json!({"x": cell})).collect();
    assert_error(ask(json!(table), &[], json!([aggregate])), code, part);
}

fn over_x(function: &str) -> Value {
    json!({"function": function, "column": "x"})
}

#[test]
fn groups_come_in_order_of_appearance() {
    let table = json!([{"k": "b", "l": 1, "x": 1}, {"k": "a", "l": 1, "x": 2}, {"k": "b", "l": 1.0, "x": 3}, {"x": 4}, {"k": null, "l": null, "x": 5}]);
    let expected = json!([{"k": "b", "l": 1, "count": 2, "sum_x": 4}, {"k": "a", "l": 1, "count": 1, "sum_x": 2}, {"k": null, "l": null, "count": 2, "sum_x": 9}]);
    assert_rows(ask(table, &["k", "l"], json!([{"function": "count"}, over_x("sum")])), expected);
}

#[test]
fn without_rows() {
    assert_rows(ask(json!([]), &["k"], json!([{"function": "count"}])), json!([]));
    assert_rows(
        ask(json!([]), &[], json!([{"function": "count"}, over_x("sum"), over_x("mean"), over_x("first")])),
        json!([{"count": 0, "sum_x": 0, "mean_x": null, "first_x": null}]),
    );
}

#[test]
fn counts() {
    check(json!([1, null, 1.0, "1"]), json!({"function": "count"}), json!(4));
    check(json!([1, null, 1.0, "1"]), over_x("count"), json!(3));
    check(json!([1, null, 1.0, "1"]), over_x("count-distinct"), json!(2));
}

#[test]
fn sums_and_means() {
    check(json!([1, null, 2]), over_x("sum"), json!(3));
    check(json!([1, 0.5]), over_x("sum"), json!(1.5));
    check(json!([i64::MAX, i64::MAX, -1]), over_x("sum"), json!(18_446_744_073_709_551_613_u64));
    check(json!([1, 2, null]), over_x("mean"), json!(1.5));
    check(json!([null, 1]), over_x("mean"), json!(1.0));
    check_error(json!([u64::MAX, 1]), over_x("sum"), "out-of-range", "`x`");
    check_error(json!([f64::MAX, f64::MAX]), over_x("mean"), "out-of-range", "`x`");
    check_error(json!([1, "2"]), over_x("mean"), "not-a-number", "`\"2\"`");
}

#[test]
fn least_and_greatest() {
    check(json!([3, null, 1, 2.5]), over_x("min"), json!(1));
    check(json!([3, null, 1, 2.5]), over_x("max"), json!(3));
    check(json!(["b", "a"]), over_x("min"), json!("a"));
    check(json!([null]), over_x("max"), json!(null));
    check_error(json!([1, "a"]), over_x("min"), "not-comparable", "`1` cannot be compared");
    check_error(json!([[1]]), over_x("min"), "not-comparable", "`[1]`");
}

#[test]
fn quantiles_are_those_of_numpy_and_r() {
    let quantile = |q: f64| json!({"function": "quantile", "column": "x", "q": q});
    check(json!([4, 1, 3, 2]), quantile(0.25), json!(1.75));
    check(json!([4, 1, 3, 2]), quantile(0.0), json!(1.0));
    check(json!([4, 1, 3, 2]), quantile(1.0), json!(4.0));
    check(json!([7, null]), quantile(0.9), json!(7.0));
    check(json!([]), quantile(0.5), json!(null));
    check(json!([f64::MAX, -f64::MAX]), quantile(0.5), json!(0.0));
    check(json!([1, 2, 10]), over_x("median"), json!(2.0));
    check_error(json!([]), quantile(1.1), "bad-request", "from 0 to 1");
    check_error(json!([]), json!({"function": "quantile", "column": "x"}), "bad-request", "needs `q`");
    check_error(json!([]), json!({"function": "mean", "column": "x", "q": 0.5}), "bad-request", "takes no `q`");
}

#[test]
fn standard_deviation_of_a_sample() {
    check(json!([2, 4, 4, 4, 5, 5, 7, 9]), json!({"function": "stddev", "column": "x", "round": 6}), json!(2.13809));
    check(json!([1_000_000_001, 1_000_000_002, 1_000_000_003]), over_x("stddev"), json!(1.0));
    check(json!([1, null]), over_x("stddev"), json!(null));
}

#[test]
fn first_and_last_take_what_is_there() {
    check(json!([null, 2, [3]]), over_x("first"), json!(null));
    check(json!([null, 2, [3]]), over_x("last"), json!([3]));
}

#[test]
fn rounding() {
    check(json!([1, 1, 2]), json!({"function": "mean", "column": "x", "round": 2}), json!(1.33));
    check(json!([-0.001]), json!({"function": "mean", "column": "x", "round": 1}), json!(0.0));
    check(json!([7]), json!({"function": "sum", "column": "x", "round": 1}), json!(7));
    check_error(json!([1]), json!({"function": "mean", "column": "x", "round": 16}), "bad-request", "15 decimal places");
}

#[test]
fn conditions_choose_rows_of_the_group() {
    let aggregates = json!([
        {"function": "count", "where": [{"column": "w", "op": "eq", "value": "rain"}], "as": "rain_days"},
        {"function": "max", "column": "x", "where": [{"column": "w", "op": "eq", "value": "snow"}], "as": "snow_max"},
    ]);
    let table = json!([{"w": "rain", "x": 1}, {"w": "sun", "x": 9}, {"w": "rain", "x": 3}]);
    assert_rows(ask(table, &[], aggregates), json!([{"rain_days": 2, "snow_max": null}]));
}

#[test]
fn what_cannot_be_asked() {
    let table = || json!([{"k": 1, "x": 1}]);
    assert_error(ask(table(), &["K"], json!([])), "no-such-column", "`K`");
    assert_error(ask(table(), &["k"], json!([{"function": "sum", "column": "y"}])), "no-such-column", "`y`");
    assert_error(ask(table(), &["k"], json!([{"function": "sum"}])), "bad-request", "needs a `column`");
    assert_error(ask(table(), &["k"], json!([over_x("sum"), over_x("sum")])), "column-twice", "`sum_x`");
    assert_error(ask(table(), &["k"], json!([{"function": "count", "as": "k"}])), "column-twice", "`k`");
}
