use super::*;

fn dots(rows: Value) -> Vec<String> {
    let svg =
        scatter(serde_json::from_value(rows).unwrap(), "x".into(), vec!["a".into()], None, BTreeMap::new(), Figure::default()).unwrap().svg;
    let document = roxmltree::Document::parse(&svg).unwrap();
    let circles = document.descendants().filter(|node| node.has_tag_name("circle"));
    circles.map(|node| node.first_element_child().and_then(|title| title.text()).unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_dot_for_every_row_with_both_values() {
    assert_eq!(dots(json!([{"x": 1, "a": 2.5}, {"x": null, "a": 1}, {"x": 1, "a": null}, {"x": 3, "a": 4}])), ["a: 1, 2.5", "a: 3, 4"]);
}

#[test]
fn very_many_dots_have_no_tooltips() {
    let rows: Vec<Value> = (0..=TOOLTIPS_MAX).map(|at| json!({"x": at, "a": at})).collect();
    let dots = dots(json!(rows));
    assert_eq!(dots.len(), TOOLTIPS_MAX + 1);
    assert!(dots.iter().all(String::is_empty));
}
