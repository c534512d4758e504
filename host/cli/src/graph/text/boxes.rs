//! The graph as boxes and lines.

use std::collections::BTreeMap;

use super::super::label::{elide, wrap};
use super::super::layout::{Layout, Sizes, layers};
use super::super::model::{Graph, Node};
use super::canvas::{Ink, Line, put};
use super::channel::{Channel, Pin};
use super::entry::{Entry, entries};
use super::{gem, ink, mark};

/// How long the texts in a box may be: the first that lets everything fit is taken. Shorter ones would no longer tell names apart.
const COLUMNS: [usize; 4] = [130, 48, 32, 22];

/// Between two boxes.
const GAP: i64 = 3;

/// The picture, or `None` when it does not fit into so many columns.
pub(super) fn draw(graph: &Graph, width: usize) -> Option<Vec<Line>> {
    let rows = layers(graph);
    let mut tried = None;
    for columns in COLUMNS {
        let columns = columns.min(width.saturating_sub(5));
        let boxes: Vec<Panel> = graph.nodes.iter().map(|node| Panel::of(node, columns)).collect();
        let sizes: Vec<i64> = boxes.iter().map(|drawn| i64::try_from(drawn.width).unwrap_or(i64::MAX)).collect();
        if tried.as_ref() == Some(&sizes) || !may_fit(&rows, &sizes, width) {
            continue;
        }
        let layout = Layout::new(graph, &Sizes { nodes: &sizes, bend: 1, gap: GAP });
        if layout.is_routed() && usize::try_from(layout.breadth).is_ok_and(|breadth| breadth <= width) {
            // Other widths may find a way for the lines where these do not.
            if let Some(picture) = paint(graph, &layout, &boxes) {
                return Some(picture);
            }
        }
        tried = Some(sizes);
    }
    None
}

/// Whether the boxes of each layer fit next to each other.
fn may_fit(rows: &[usize], sizes: &[i64], width: usize) -> bool {
    let mut sums: BTreeMap<usize, i64> = BTreeMap::new();
    rows.iter().zip(sizes).for_each(|(row, size)| *sums.entry(*row).or_insert(-GAP) += size + GAP);
    sums.values().all(|sum| usize::try_from(*sum).is_ok_and(|sum| sum <= width))
}

/// One box: its lines of text and its size with its border. The width is odd, so that it has a middle.
struct Panel {
    name: String,
    below: Vec<Entry>,
    width: usize,
}

impl Panel {
    fn of(node: &Node, columns: usize) -> Self {
        let marks = if node.status.is_some() { 2 } else { 0 } + if node.effect.is_some() { 2 } else { 0 };
        let name = elide(&node.name, columns.saturating_sub(marks));
        let below: Vec<Entry> = entries(node).into_iter().flat_map(|entry| broken(entry, columns)).collect();
        let longest = below.iter().map(|entry| entry.text().chars().count().min(columns)).max().unwrap_or(0);
        let text = longest.max(name.chars().count() + marks);
        Self { name, below, width: (text + 4).max(9) | 1 }
    }

    /// Lines with the border.
    fn height(&self) -> usize {
        self.below.len() + 3
    }

    fn draw(&self, canvas: &mut [Line], node: &Node, left: usize) {
        let (ink, border) = (ink(node), Border::of(node));
        let inner = border.across.repeat(self.width - 2);
        put(&mut canvas[0], left, &format!("{}{inner}{}", border.corners[0], border.corners[1]), ink);
        put(&mut canvas[self.height() - 1], left, &format!("{}{inner}{}", border.corners[2], border.corners[3]), ink);
        for line in &mut canvas[1..self.height() - 1] {
            put(line, left, border.down, ink);
            put(line, left + self.width - 1, border.down, ink);
        }
        let mut text = left + 2;
        if let Some(status) = node.status {
            put(&mut canvas[1], text, mark(status), ink);
            text += 2;
        }
        put(&mut canvas[1], text, &self.name, Ink::Bold);
        if let Some((gem, tone)) = node.effect.map(gem) {
            put(&mut canvas[1], left + self.width - 3, gem, tone);
        }
        for (line, entry) in canvas[2..].iter_mut().zip(&self.below) {
            let tone = match entry {
                Entry::Words(_) => Ink::Dim,
                Entry::Part(_, tone) => *tone,
                Entry::Rule => {
                    put(line, left, &format!("{}{}{}", border.rule[0], "╌".repeat(self.width - 2), border.rule[1]), ink);
                    continue;
                }
            };
            put(line, left + 2, &elide(entry.text(), self.width - 4), tone);
        }
    }
}

/// A long line of words as two.
fn broken(entry: Entry, columns: usize) -> Vec<Entry> {
    match entry {
        Entry::Words(text) if text.chars().count() > columns && !text.starts_with(['├', '╰']) => {
            wrap(&text, columns, 2).into_iter().map(Entry::Words).collect()
        }
        entry => vec![entry],
    }
}

/// The lines around a box: double for each item, broken on a condition.
struct Border {
    across: &'static str,
    down: &'static str,
    corners: [&'static str; 4],
    /// Where the line above what belongs to a step begins and ends.
    rule: [&'static str; 2],
    /// Where a line leaves.
    exit: &'static str,
}

impl Border {
    fn of(node: &Node) -> Self {
        let (light, double) = (["┌", "┐", "└", "┘"], ["╔", "╗", "╚", "╝"]);
        match (node.is_many(), node.condition.is_some()) {
            (false, false) => Self { across: "─", down: "│", corners: light, rule: ["├", "┤"], exit: "┬" },
            (false, true) => Self { across: "╌", down: "┆", corners: light, rule: ["├", "┤"], exit: "┬" },
            (true, false) => Self { across: "═", down: "║", corners: double, rule: ["╟", "╢"], exit: "╤" },
            (true, true) => Self { across: "═", down: "┆", corners: double, rule: ["├", "┤"], exit: "╤" },
        }
    }
}

fn paint(graph: &Graph, layout: &Layout, boxes: &[Panel]) -> Option<Vec<Line>> {
    let middle: Vec<usize> = layout.middle.iter().map(|place| usize::try_from(*place).unwrap_or(0)).collect();
    let pin = |vertex: usize| Pin { middle: middle[vertex], reach: boxes.get(vertex).map_or(0, |drawn| drawn.width / 2 - 1) };
    let mut segments = vec![Vec::new(); layout.rows.len()];
    layout.segments.iter().for_each(|segment| segments[layout.row_of[segment.0]].push(*segment));
    let mut canvas: Vec<Line> = Vec::new();
    for (row, vertices) in layout.rows.iter().enumerate() {
        let channel = Channel::route(&segments[row], &pin)?;
        let top = canvas.len();
        let band = vertices.iter().filter_map(|vertex| boxes.get(*vertex)).map(Panel::height).max().unwrap_or(0);
        let last = row + 1 == layout.rows.len();
        canvas.resize(top + band + if last { 0 } else { channel.height() }, Line::new());
        for vertex in vertices {
            let exit = channel.exits.get(vertex).copied();
            let mut from = top;
            if let Some(drawn) = boxes.get(*vertex) {
                let node = &graph.nodes[*vertex];
                drawn.draw(&mut canvas[top..], node, middle[*vertex] - drawn.width / 2);
                from += drawn.height();
                if let Some(exit) = exit {
                    put(&mut canvas[from - 1], exit, Border::of(node).exit, ink(node));
                }
            }
            if let Some(exit) = exit {
                canvas[from..top + band].iter_mut().for_each(|line| put(line, exit, "│", Ink::Dim));
            }
        }
        if !last {
            let below = &layout.rows[row + 1];
            let boxed =
                |column: usize| below.iter().any(|vertex| *vertex < boxes.len() && middle[*vertex].abs_diff(column) <= pin(*vertex).reach);
            channel.draw(&mut canvas, top + band, &boxed);
        }
    }
    Some(canvas)
}
