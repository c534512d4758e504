//! A graph as an SVG picture.
//!
//! Rounded boxes, from top to bottom or from left to right, whichever fills a page better. Cards are opaque, and lines and
//! free text have a tone between light and dark, so that the picture reads on any background; where the viewer says that it
//! is dark, the cards are too.

mod card;
mod frame;
mod legend;
mod paint;

use jackfield_flow::run::Status;

use self::card::Card;
use self::frame::Frame;
use super::layout::Layout;
use super::model::Graph;

/// More pieces of edges than this are not drawn; the picture says so.
const SEGMENTS_MAX: usize = 100_000;

/// The length of an arrow head.
const ARROW: i64 = 9;

impl Graph {
    /// The picture as an SVG document.
    pub(crate) fn to_svg(&self) -> String {
        let cards: Vec<Card> = self.nodes.iter().map(Card::of).collect();
        let frame = Frame::new(self, &cards);
        let legend = legend::legend(self, frame.width, frame.left_out());
        let height = frame.height + legend.height;
        let mut out = String::with_capacity(4_096 + self.nodes.len() * 700 + frame.layout.segments.len() * 90);
        paint::open(&mut out, self, frame.width, height);
        edges(&mut out, self, &frame);
        for (index, node) in self.nodes.iter().enumerate() {
            paint::node(&mut out, node, &cards[index], frame.corner(index));
        }
        out.push_str(&format!("<g transform=\"translate(0 {})\">\n{}</g>\n</svg>\n", frame.height, legend.svg));
        out
    }
}

impl Frame<'_> {
    /// How many pieces of edges find no room.
    fn left_out(&self) -> usize {
        self.layout.segments.len().saturating_sub(SEGMENTS_MAX)
    }
}

/// The edges, below the boxes: in a run, the ways that have been gone stand out.
fn edges(out: &mut String, graph: &Graph, frame: &Frame<'_>) {
    let gone = |from: usize| graph.nodes[frame.layout.origin[from]].status == Some(Status::Done);
    for (class, wanted) in [("edges", false), ("edges gone", true)] {
        let mut pieces = frame.layout.segments.iter().take(SEGMENTS_MAX).filter(|(from, _)| gone(*from) == wanted).peekable();
        if pieces.peek().is_none() {
            continue;
        }
        out.push_str(&format!("<g class=\"{class}\">\n"));
        for (from, to) in pieces {
            let path = piece(graph, frame, *from, *to);
            let arrow = if *to < graph.nodes.len() { " class=\"to\"" } else { "" };
            out.push_str(&format!("<path{arrow} d=\"{path}\"/>\n"));
        }
        out.push_str("</g>\n");
    }
}

/// One piece of an edge: straight out of its band, a curve through the channel, straight to its end. A bend's piece goes on
/// to the far side of the band, so that no curve comes near a box.
fn piece(graph: &Graph, frame: &Frame<'_>, from: usize, to: usize) -> String {
    let Frame { layout: Layout { row_of, middle, .. }, bands, direction, .. } = frame;
    let (leaves, enters) = (&bands[row_of[from]], &bands[row_of[to]]);
    let begin = if from < graph.nodes.len() { frame.along(from).end - 1 } else { leaves.end };
    let end = if to < graph.nodes.len() { frame.along(to).start } else { enters.end };
    let stop = if to < graph.nodes.len() { enters.start - ARROW } else { enters.start };
    let point = |along: i64, vertex: usize| direction.point(along, middle[vertex] + frame.shift);
    let half = (leaves.end + stop) / 2;
    let mut path = format!("M{}", point(begin, from));
    if middle[from] == middle[to] {
        path.push_str(&format!("L{}", point(end, to)));
        return path;
    }
    if begin != leaves.end {
        path.push_str(&format!("L{}", point(leaves.end, from)));
    }
    path.push_str(&format!("C{} {} {}", point(half, from), point(half, to), point(stop, to)));
    if end != stop {
        path.push_str(&format!("L{}", point(end, to)));
    }
    path
}
