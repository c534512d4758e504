//! A reader for the XML that the SVG pictures use, and what must hold for every picture.

use std::collections::{BTreeMap, BTreeSet};

use super::super::model::Graph;
use super::kit::{fan, graph, random, running_diamond};

/// One opening tag: its name, its attributes, and how deep it stands.
pub(crate) struct Tag<'a> {
    pub(crate) name: &'a str,
    pub(crate) attributes: BTreeMap<&'a str, &'a str>,
    depth: usize,
}

impl Tag<'_> {
    pub(crate) fn number(&self, name: &str) -> i64 {
        self.attributes.get(name).map_or(0, |value| value.parse().expect("a number"))
    }

    pub(crate) fn has_class(&self, class: &str) -> bool {
        self.attributes.get("class").is_some_and(|classes| classes.split(' ').any(|word| word == class))
    }

    /// The two numbers of `translate(x y)`.
    fn moved(&self) -> (i64, i64) {
        let inner = self.attributes.get("transform").and_then(|text| text.strip_prefix("translate(")?.strip_suffix(')'));
        let (x, y) = inner.and_then(|inner| inner.split_once(' ')).expect("a translation");
        (x.parse().expect("a number"), y.parse().expect("a number"))
    }
}

/// All tags of a document, which must be well-formed.
pub(crate) fn read(svg: &str) -> Vec<Tag<'_>> {
    let (mut tags, mut open, mut rest) = (Vec::new(), Vec::new(), svg);
    while let Some(start) = rest.find('<') {
        check_text(&rest[..start]);
        let end = rest[start..].find('>').expect("a tag ends") + start;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
            continue;
        }
        let (body, closed) = tag.strip_suffix('/').map_or((tag, false), |body| (body, true));
        let (name, mut words) = body.split_once(' ').unwrap_or((body, ""));
        let mut attributes = BTreeMap::new();
        while let Some((key, after)) = words.split_once("=\"") {
            let (value, after) = after.split_once('"').expect("a value ends");
            assert!(!value.contains('<'));
            check_text(value);
            assert!(attributes.insert(key, value).is_none(), "{key} twice");
            words = after.trim_start();
        }
        assert_eq!(words, "");
        tags.push(Tag { name, attributes, depth: open.len() });
        if !closed {
            open.push(name);
        }
    }
    assert_eq!((open.len(), rest.trim()), (0, ""));
    tags
}

fn check_text(text: &str) {
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
    for after in text.split('&').skip(1) {
        assert!(["amp;", "lt;", "gt;", "quot;"].iter().any(|entity| after.starts_with(entity)), "&{after}");
    }
}

/// The boxes of a picture with their stacks, as left, top, right, bottom.
fn boxes(tags: &[Tag<'_>]) -> Vec<[i64; 4]> {
    let mut boxes: Vec<[i64; 4]> = Vec::new();
    // Boxes stand directly in the document; the legend's marks are deeper.
    let (mut x, mut y, mut inside) = (0, 0, false);
    for tag in tags {
        if tag.depth == 1 {
            inside = tag.has_class("node");
            if inside {
                (x, y) = tag.moved();
                boxes.push([x, y, x, y]);
            }
        } else if let (true, true, Some(frame)) = (inside, tag.name == "rect", boxes.last_mut()) {
            frame[2] = frame[2].max(x + tag.number("x") + tag.number("width"));
            frame[3] = frame[3].max(y + tag.number("y") + tag.number("height"));
        }
    }
    boxes
}

/// Points along a path of `M`, `L` and `C`.
fn points(path: &str) -> Vec<(f64, f64)> {
    let pair = |text: &str| -> (f64, f64) {
        let (x, y) = text.split_once(',').expect("x,y");
        (x.parse().expect("a number"), y.parse().expect("a number"))
    };
    let mut points: Vec<(f64, f64)> = Vec::new();
    for part in path.trim_start_matches('M').split(['L', 'C']) {
        let ends: Vec<(f64, f64)> = part.split(' ').map(pair).collect();
        match (points.last().copied(), ends.as_slice()) {
            (None, [start]) => points.push(*start),
            (Some(from), [to]) => {
                let mix = |t: f64| (from.0 + (to.0 - from.0) * t, from.1 + (to.1 - from.1) * t);
                points.extend((1..=20).map(|t| mix(f64::from(t) / 20.0)));
            }
            (Some(a), [b, c, d]) => points.extend((1..=40).map(|t| f64::from(t) / 40.0).map(|t| {
                let mix = |a: f64, b: f64, c: f64, d: f64| {
                    let u = 1.0 - t;
                    u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d
                };
                (mix(a.0, b.0, c.0, d.0), mix(a.1, b.1, c.1, d.1))
            })),
            _ => panic!("not a path of ours: {path}"),
        }
    }
    points
}

pub(super) fn check(graph: &Graph) {
    let svg = graph.to_svg();
    let tags = read(&svg);
    let (width, height) = (tags[0].number("width"), tags[0].number("height"));
    let boxes = boxes(&tags);
    assert_eq!(boxes.len(), graph.nodes.len());
    for node in &graph.nodes {
        assert!(svg.contains(&format!("<title>{} (", node.name)), "{} is missing", node.name);
    }
    for (at, [left, top, right, bottom]) in boxes.iter().enumerate() {
        assert!(*left >= 0 && *top >= 0 && *right <= width && *bottom <= height, "a box leaves the picture");
        assert!(left < right && top < bottom);
        for [l, t, r, b] in &boxes[at + 1..] {
            assert!(right < l || r < left || bottom < t || b < top, "boxes overlap in {}", graph.title);
        }
    }
    check_chips(&tags);
    check_edges(graph, &tags, &boxes);
    let arrows = tags.iter().filter(|tag| tag.name == "path" && tag.has_class("to")).count();
    assert!(arrows >= graph.edges.iter().map(|(_, to)| to).collect::<BTreeSet<_>>().len());
    for path in tags.iter().filter(|tag| tag.name == "path" && tag.depth == 2).filter_map(|tag| tag.attributes.get("d")) {
        check_path(path, &boxes, [width, height]);
    }
}

/// Badges and what belongs to a step lie in its front card, and not on each other.
fn check_chips(tags: &[Tag<'_>]) {
    let (mut card, mut chips): ([i64; 2], Vec<[i64; 4]>) = ([0; 2], Vec::new());
    for tag in tags.iter().filter(|tag| tag.depth == 2 && tag.name == "rect") {
        let (x, y, width, height) = (tag.number("x"), tag.number("y"), tag.number("width"), tag.number("height"));
        if tag.has_class("card") {
            (card, chips) = ([width, height], Vec::new());
        } else if tag.has_class("badge") || tag.has_class("part") {
            assert!(x >= 0 && y >= 0 && x + width <= card[0] && y + height <= card[1], "a chip leaves its card");
            assert!(chips.iter().all(|[l, t, r, b]| x > *r || x + width < *l || y > *b || y + height < *t), "chips overlap");
            chips.push([x, y, x + width, y + height]);
        }
    }
}

/// Each line begins at the border of a box and, over bends, ends at one: and these pairs are the edges.
fn check_edges(graph: &Graph, tags: &[Tag<'_>], boxes: &[[i64; 4]]) {
    let ends = |path: &str| -> [(i64, i64); 2] {
        let pair = |text: &str| text.split_once(',').map(|(x, y)| (x.parse().expect("a number"), y.parse().expect("a number")));
        let mut points = path.trim_start_matches('M').split(['L', 'C', ' ']).filter_map(pair);
        let first = points.next().expect("a start");
        [first, points.next_back().expect("an end")]
    };
    let at = |(x, y): (i64, i64)| {
        let touches = |[l, t, r, b]: &[i64; 4]| {
            let inside = (l - 1..=r + 1).contains(&x) && (t - 1..=b + 1).contains(&y);
            inside && ((x - l).abs() <= 1 || (x - r).abs() <= 1 || (y - t).abs() <= 1 || (y - b).abs() <= 1)
        };
        boxes.iter().position(touches)
    };
    let paths = tags.iter().filter(|tag| tag.name == "path" && tag.depth == 2).filter_map(|tag| tag.attributes.get("d"));
    let pieces: Vec<[(i64, i64); 2]> = paths.map(|path| ends(path)).collect();
    let mut found = BTreeSet::new();
    for [start, end] in &pieces {
        let Some(from) = at(*start) else { continue };
        let mut open = vec![*end];
        while let Some(point) = open.pop() {
            match at(point) {
                Some(to) => drop(found.insert((from, to))),
                None => {
                    let further: Vec<_> = pieces.iter().filter(|[next, _]| *next == point).map(|[_, end]| *end).collect();
                    assert!(!further.is_empty(), "a line of {} ends in nothing", graph.title);
                    open.extend(further);
                }
            }
        }
    }
    assert_eq!(found, graph.edges.iter().copied().collect::<BTreeSet<_>>(), "{}", graph.title);
}

/// A line stays in the picture and out of all boxes; only its first pixel may lie in the one it comes from.
#[expect(clippy::cast_precision_loss, reason = "pictures of tests are small")]
fn check_path(path: &str, boxes: &[[i64; 4]], size: [i64; 2]) {
    for (x, y) in points(path).into_iter().skip(1) {
        assert!(x >= 0.0 && y >= 0.0 && x <= size[0] as f64 && y <= size[1] as f64, "{path} leaves the picture");
        let hit = boxes.iter().any(|[l, t, r, b]| x > *l as f64 + 1.0 && x < *r as f64 - 1.0 && y > *t as f64 + 1.0 && y < *b as f64 - 1.0);
        assert!(!hit, "{path} runs through a box");
    }
}

#[test]
fn every_svg_is_whole() {
    check(&running_diamond());
    check(&fan());
    check(&graph("one", "alone"));
    check(&graph("empty", ""));
    check(&graph("chain", &(0..60).map(|n| format!("s{n}")).collect::<Vec<_>>().join(" -> ")));
    check(&graph("long", &["a", "b", "c", "d"].map(|name| name.repeat(64)).join(" -> ")));
    for seed in 0..120 {
        check(&random(seed, 2 + usize::try_from(seed).expect("small") % 70, 3, 12));
    }
}

#[test]
fn what_a_stored_name_says_stays_text() {
    let mut graph = graph("a <b> & \"c\"", "x");
    graph.nodes[0].does[0].words = "<script>&amp;\"'".to_owned();
    let svg = graph.to_svg();
    read(&svg);
    assert!(svg.contains("&lt;script&gt;&amp;amp;&quot;'"));
    assert!(svg.contains("<title id=\"jf-title\">a &lt;b&gt; &amp; &quot;c&quot;</title>"));
}
