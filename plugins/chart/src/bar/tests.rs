use super::*;

/// The bars as left, top, width and height in pixels, with their tooltips.
fn draw(rows: Value, y: &[&str], mode: Mode) -> Vec<([f64; 4], String)> {
    let figure = Figure { y_min: Some(-10.0), y_max: Some(10.0), ..Figure::default() };
    let y = y.iter().map(|column| (*column).to_owned()).collect();
    let svg = bar(serde_json::from_value(rows).unwrap(), "x".into(), y, None, mode, BTreeMap::new(), figure).unwrap().svg;
    let document = roxmltree::Document::parse(&svg).unwrap();
    let bars = document.descendants().filter(|node| node.has_tag_name("rect") && node.has_children());
    let number = |node: roxmltree::Node<'_, '_>, name: &str| node.attribute(name).unwrap().parse().unwrap();
    bars.map(|node| {
        (["x", "y", "width", "height"].map(|name| number(node, name)), node.first_element_child().unwrap().text().unwrap().to_owned())
    })
    .collect()
}

#[test]
fn bars_stand_on_zero() {
    let bars = draw(json!([{"x": "p", "a": 5}, {"x": "q", "a": -5}, {"x": "r", "a": null}, {"x": "s", "a": 0}]), &["a"], Mode::Grouped);
    let [([_, up_top, _, up], up_name), ([_, down_top, _, down], _), ([_, _, _, none], _)] = &bars[..] else { panic!("{bars:?}") };
    assert!((up - down).abs() < 0.2 && (up_top + up - down_top).abs() < 0.2 && *none == 0.0, "{bars:?}");
    assert_eq!(up_name, "a, p: 5");
}

#[test]
fn groups_stand_side_by_side() {
    let bars = draw(json!([{"x": "p", "a": 1, "b": 2}, {"x": "q", "a": 3, "b": 4}]), &["a", "b"], Mode::Grouped);
    let mut edges: Vec<(f64, f64)> = bars.iter().map(|([left, _, width, _], _)| (*left, left + width)).collect();
    edges.sort_by(|one, other| one.0.total_cmp(&other.0));
    assert!(edges.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{edges:?}");
}

#[test]
fn stacks_grow_from_zero_up_and_down() {
    let bars = draw(json!([{"x": "p", "a": 4, "b": -3, "c": 2, "d": -1}]), &["a", "b", "c", "d"], Mode::Stacked);
    let [([left_a, a, ..], _), ([left_b, b, _, b_high], _), ([_, c, _, c_high], name), ([_, d, ..], _)] = &bars[..] else {
        panic!("{bars:?}")
    };
    assert_eq!(left_a, left_b);
    assert!((c + c_high - a).abs() < 0.2, "c stands on a");
    assert!((b + b_high - d).abs() < 0.2, "d hangs under b");
    assert_eq!(name, "c, p: 2");
}

#[test]
fn values_of_one_place_are_added() {
    let bars = draw(json!([{"x": "p", "a": 1}, {"x": "q", "a": 2}, {"x": "p", "a": 4}]), &["a"], Mode::Grouped);
    assert_eq!(bars.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["a, p: 5", "a, q: 2"]);
}
