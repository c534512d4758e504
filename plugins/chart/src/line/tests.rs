use super::*;

fn ask(rows: Value, y: &[&str], options: Value) -> Result<Chart, ChartError> {
    let option = |name: &str| options.get(name).cloned();
    line(
        serde_json::from_value(rows).unwrap(),
        "x".into(),
        y.iter().map(|column| (*column).to_owned()).collect(),
        option("series").map(|series| serde_json::from_value(series).unwrap()),
        option("bands").map(|bands| serde_json::from_value(bands).unwrap()).unwrap_or_default(),
        BTreeMap::new(),
        option("figure").map(|figure| serde_json::from_value(figure).unwrap()).unwrap_or_default(),
    )
}

/// The `d` of every path, one move or line a word.
fn paths(rows: Value, y: &[&str], options: Value) -> Vec<String> {
    let svg = ask(rows, y, options).unwrap().svg;
    let document = roxmltree::Document::parse(&svg).unwrap();
    document.descendants().filter_map(|node| node.attribute("d")).map(str::to_owned).collect()
}

/// How many pieces the path has, and how many points in all.
fn shape(path: &str) -> (usize, usize) {
    (path.matches('M').count(), path.matches(['M', 'L']).count())
}

#[track_caller]
fn check_error(answer: Result<Chart, ChartError>, code: &str, part: &str) {
    let error = TaskError::from(answer.unwrap_err());
    assert_eq!(error.code(), code);
    assert!(error.message().contains(part), "{}", error.message());
}

#[test]
fn a_line_for_every_column() {
    let rows = json!([{"x": 0, "a": 0, "b": 10}, {"x": 1, "a": 10, "b": 0}]);
    let paths = paths(rows, &["a", "b"], json!({}));
    assert_eq!(paths.iter().map(|path| shape(path)).collect::<Vec<_>>(), [(1, 2), (1, 2)]);
    let y = |path: &str| path.split([' ', 'L']).nth(1).unwrap().parse::<f64>().unwrap();
    assert!(y(&paths[0]) > y(&paths[1]), "SVG counts down: the line that begins at 0 begins below");
}

#[test]
fn gaps_interrupt_the_line_and_lone_values_are_dots() {
    let rows: Vec<Value> = (0..400).map(|x| json!({"x": x, "a": if x == 100 || x == 102 { None } else { Some(x) }})).collect();
    let svg = ask(json!(rows), &["a"], json!({})).unwrap().svg;
    let document = roxmltree::Document::parse(&svg).unwrap();
    let path = document.descendants().find_map(|node| node.attribute("d")).unwrap();
    assert_eq!(shape(path), (3, 398));
    assert_eq!(document.descendants().filter(|node| node.has_tag_name("circle")).count(), 1);
}

#[test]
fn points_are_joined_in_the_order_of_x() {
    let sorted = paths(json!([{"x": 1, "a": 1}, {"x": 2, "a": 2}, {"x": 3, "a": 5}]), &["a"], json!({}));
    let mixed = paths(json!([{"x": 3, "a": 5}, {"x": 1, "a": 1}, {"x": 2, "a": 2}]), &["a"], json!({}));
    assert_eq!(sorted, mixed);
}

#[test]
fn bands_are_interrupted_where_an_edge_lacks() {
    let rows = json!([{"x": 0, "a": 1, "l": 0, "h": 3}, {"x": 1, "a": 1, "l": 0, "h": 3}, {"x": 2, "a": 1, "l": null, "h": 3},
        {"x": 3, "a": 1, "l": 0, "h": 3}, {"x": 4, "a": 1, "l": -9, "h": 3}]);
    let paths = paths(rows, &["a"], json!({"bands": [{"low": "l", "high": "h"}]}));
    assert_eq!(paths.iter().map(|path| shape(path)).collect::<Vec<_>>(), [(1, 4), (1, 4), (1, 5)]);
}

#[test]
fn nothing_is_said_to_be_nothing() {
    assert!(ask(json!([]), &["a"], json!({})).unwrap().svg.contains(">no data</text>"));
    assert!(ask(json!([{"x": 1, "a": null}]), &["a"], json!({})).unwrap().svg.contains(">no data</text>"));
    assert!(!ask(json!([{"x": 1, "a": 0}]), &["a"], json!({})).unwrap().svg.contains(">no data</text>"));
}

#[test]
fn what_cannot_be_asked() {
    let rows = || json!([{"x": 1, "a": 1}]);
    check_error(ask(rows(), &["a"], json!({"figure": {"width": 100}})), "out-of-range", "`width` is 100");
    check_error(ask(rows(), &["a"], json!({"figure": {"y_min": 2, "y_max": 1}})), "bad-request", "`y_min` 2");
    let band = json!({"low": "a", "high": "a"});
    check_error(ask(rows(), &["a"], json!({"bands": [band, band]})), "bad-request", "2 bands for 1 lines");
    let many: Vec<Value> = (0..31).map(|at| json!({"x": 1, "a": 1, "s": at})).collect();
    check_error(ask(json!(many), &["a"], json!({"series": "s"})), "too-much", "31 series");
}

#[test]
fn the_same_input_gives_the_same_text() {
    let rows = || json!([{"x": "2012-01", "a": 1.5, "s": "p"}, {"x": "2012-02", "a": 2, "s": "q"}, {"x": "2012-03", "a": 3, "s": "p"}]);
    let ask = || ask(rows(), &["a"], json!({"series": "s", "figure": {"title": "T"}})).unwrap();
    assert_eq!(ask(), ask());
    assert_eq!(ask().title, "T");
}
