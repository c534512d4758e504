//! The layout: whatever the data and the size are, nothing leaves the picture and no two labels touch.

use super::*;

/// A text and the box it takes: left, right, top, bottom.
type Label = (String, [f64; 4]);

fn draw(figure: &Figure, domain: &Domain, y: (f64, f64), names: &[&str]) -> Result<String, ChartError> {
    let names = names.iter().enumerate().map(|(at, name)| ((*name).to_owned(), at)).collect();
    Frame::new(Parts { figure, domain, extent: Some(y), zero: Zero::IfNear, names, swatch: Swatch::Line, free: 0.012 })
        .map(|frame| frame.finish().svg)
}

/// The upright texts of a picture.
fn labels(svg: &str) -> Vec<Label> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let upright = |node: &roxmltree::Node<'_, '_>| node.ancestors().all(|above| above.attribute("transform").is_none());
    let number = |node: &roxmltree::Node<'_, '_>, name: &str| node.attribute(name).unwrap().parse::<f64>().unwrap();
    let texts = document.descendants().filter(|node| node.has_tag_name("text") && upright(node));
    let label = |node: roxmltree::Node<'_, '_>| {
        let text = node.text().unwrap().to_owned();
        let (x, y, size) = (number(&node, "x"), number(&node, "y"), number(&node, "font-size"));
        let width = text::width(&text, size);
        let left = match node.attribute("text-anchor") {
            Some("middle") => x - width / 2.0,
            Some("end") => x - width,
            _ => x,
        };
        (text, [left, left + width, y - size * 0.75, y])
    };
    texts.map(label).collect()
}

fn figure(width: u32, height: u32) -> Figure {
    Figure {
        title: "A title & <more>".into(),
        subtitle: "A subtitle".into(),
        x_label: "x in units".into(),
        y_label: "y in units".into(),
        width,
        height,
        ..Figure::default()
    }
}

fn domains() -> Vec<Domain> {
    let names = |count: usize| (0..count).map(|at| format!("category {at}")).collect();
    let day = 86_400;
    vec![
        Domain::Numbers { min: 0.0, max: 11.0, whole: true },
        Domain::Numbers { min: -0.000_123, max: 0.000_2, whole: false },
        Domain::Numbers { min: -123_456_789.0, max: 987_654_321.0, whole: true },
        Domain::Numbers { min: 5.0, max: 5.0, whole: true },
        Domain::Dates { min: 0, max: 0 },
        Domain::Dates { min: 0, max: 5_000 },
        Domain::Dates { min: 20 * day, max: 75 * day },
        Domain::Dates { min: 300 * day, max: 700 * day },
        Domain::Dates { min: 0, max: 20_000 * day },
        Domain::Categories(vec![]),
        Domain::Categories(names(3)),
        Domain::Categories(names(12)),
        Domain::Categories(names(200)),
    ]
}

#[test]
fn labels_stay_inside_and_apart() {
    for (width, height) in [(340, 300), (500, 300), (800, 450), (1600, 900)] {
        for domain in domains() {
            for y in [(0.0, 1.0), (-7.3, 41.9), (-1e6, 1e6), (1e9, 7e12), (3.0, 3.0)] {
                let svg = draw(&figure(width, height), &domain, y, &["One", "Another one", "A third with a long name that is shortened"])
                    .unwrap();
                let labels = labels(&svg);
                let case = format!("{width}×{height} {domain:?} {y:?}");
                for (at, (text, [left, right, top, bottom])) in labels.iter().enumerate() {
                    let inside = *left >= 0.0 && *right <= f64::from(width) && *top >= 0.0 && *bottom <= f64::from(height);
                    assert!(inside, "`{text}` leaves the picture: {case}");
                    let touches = |[l, r, t, b]: &[f64; 4]| left < r && l < right && top < b && t < bottom;
                    let touched = labels[at + 1..].iter().find(|(_, other)| touches(other));
                    assert!(touched.is_none(), "`{text}` touches {touched:?}: {case}");
                }
            }
        }
    }
}

#[test]
fn a_picture_that_is_too_small_is_refused() {
    let names = ["A rather long name"; 30];
    let error = draw(&figure(300, 200), &Domain::Categories(vec![]), (0.0, 1.0), &names).unwrap_err();
    assert!(error.to_string().contains("300 × 200 pixels"), "{error}");
}

#[test]
fn titles_are_text_and_not_markup() {
    let figure = Figure { title: "</title><script>x()</script>".into(), ..Figure::default() };
    let svg = draw(&figure, &Domain::Categories(vec!["<b>&\"".into()]), (0.0, 1.0), &["<i>", "'"]).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    assert!(document.descendants().all(|node| !matches!(node.tag_name().name(), "script" | "b" | "i")));
    for text in ["</title><script>x()</script>", "<b>&\"", "<i>", "'"] {
        assert!(document.descendants().any(|node| node.is_text() && node.text() == Some(text)), "{text}");
    }
}

#[test]
fn one_name_needs_no_legend() {
    let texts = |names: &[&str]| labels(&draw(&figure(800, 450), &Domain::Categories(vec![]), (0.0, 1.0), names).unwrap());
    assert!(!texts(&["alone"]).iter().any(|(text, _)| text == "alone"));
    assert!(texts(&["one", "two"]).iter().any(|(text, _)| text == "two"));
}
