use super::*;

fn read(rows: Value, y: &[&str], series: Option<&str>, placing: Placing) -> Result<Data, ChartError> {
    let rows: Vec<Row> = serde_json::from_value(rows).unwrap();
    let y: Vec<String> = y.iter().map(|column| (*column).to_owned()).collect();
    let labels = BTreeMap::from([("a".to_owned(), "Label of a".to_owned())]);
    Data::new(Request { rows: &rows, x: "x", y: &y, series, labels: &labels }, placing)
}

/// Name, then `x:y` of every point.
fn shown(data: &Data) -> Vec<String> {
    let point = |point: &Point| format!(" {}:{}", point.x, point.y.map_or("–".to_owned(), |y| y.to_string()));
    data.series.iter().map(|series| series.name.clone() + &series.points.iter().map(point).collect::<String>()).collect()
}

#[track_caller]
fn check_error(answer: Result<Data, ChartError>, code: &str, part: &str) {
    let error = TaskError::from(answer.unwrap_err());
    assert_eq!(error.code(), code);
    assert!(error.message().contains(part), "{}", error.message());
}

#[test]
fn what_the_x_axis_shows() {
    let domain = |x: Value| {
        let rows: Vec<Value> = x.as_array().unwrap().iter().map(|x| json!({"x": x, "a": 1})).collect();
        read(json!(rows), &["a"], None, Placing::Measured).unwrap().domain
    };
    assert_eq!(domain(json!([3, null, -1])), Domain::Numbers { min: -1.0, max: 3.0, whole: true });
    assert_eq!(domain(json!([0.5, 1])), Domain::Numbers { min: 0.5, max: 1.0, whole: false });
    assert_eq!(domain(json!(["1970-01-02", "1970-01"])), Domain::Dates { min: 0, max: 86_400 });
    assert_eq!(domain(json!(["1970-01-02", "x", 1, "x"])), Domain::Categories(vec!["1970-01-02".into(), "x".into(), "1".into()]));
    assert_eq!(domain(json!([null])), Domain::Categories(vec![]));
    assert_eq!(domain(json!([])), Domain::Categories(vec![]));
}

#[test]
fn a_series_for_every_column() {
    let data =
        read(json!([{"x": 1, "a": 1, "b": null}, {"x": 2, "b": 4.5}, {"x": null, "a": 7, "b": 7}]), &["a", "b"], None, Placing::Measured)
            .unwrap();
    assert_eq!(shown(&data), ["Label of a 1:1 2:–", "b 1:– 2:4.5"]);
}

#[test]
fn a_series_for_every_value_of_a_column() {
    let rows = json!([{"x": 1, "v": 1, "s": "b"}, {"x": 1, "v": 2, "s": "a"}, {"x": 2, "v": 3, "s": "b"}, {"x": 3, "v": 4}]);
    assert_eq!(shown(&read(rows, &["v"], Some("s"), Placing::Measured).unwrap()), ["b 1:1 2:3", "Label of a 1:2", "– 3:4"]);
}

#[test]
fn side_by_side_even_when_they_are_numbers() {
    let data = read(json!([{"x": 2, "a": 1}, {"x": 1, "a": 2}, {"x": 2, "a": 3}]), &["a"], None, Placing::SideBySide).unwrap();
    assert_eq!(data.domain, Domain::Categories(vec!["2".into(), "1".into()]));
    assert_eq!(shown(&data), ["Label of a 0:1 1:2 0:3"]);
}

#[test]
fn what_cannot_be_drawn() {
    let one = || json!([{"x": 1, "a": 1, "t": "1", "h": 1e301}]);
    check_error(read(one(), &["z"], None, Placing::Measured), "no-such-column", "`a`, `h`, `t`, `x`");
    check_error(read(one(), &["t"], None, Placing::Measured), "not-a-number", "row 1, column `t`: `\"1\"`");
    check_error(read(one(), &["h"], None, Placing::Measured), "out-of-range", "column `h`");
    check_error(read(one(), &[], None, Placing::Measured), "bad-request", "`y` names no column");
    check_error(read(one(), &["a", "h"], Some("t"), Placing::Measured), "bad-request", "only one column");
    let many: Vec<Value> = (0..=CATEGORIES_MAX).map(|at| json!({"x": format!("n{at}"), "a": 1})).collect();
    check_error(read(json!(many), &["a"], None, Placing::Measured), "too-much", "1001 different names");
}
