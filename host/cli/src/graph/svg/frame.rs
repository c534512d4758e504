//! Sizes and places in the SVG picture, in pixels.

use std::ops::Range;

use super::super::layout::{Layout, Sizes, layers};
use super::super::model::Graph;
use super::card::Card;

/// Around the picture.
pub(super) const MARGIN: i64 = 28;
/// The title's line.
const HEAD: i64 = 30;
pub(super) fn count<T>(things: &[T]) -> i64 {
    i64::try_from(things.len()).unwrap_or(i64::MAX)
}

/// Which way the picture runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Down,
    Right,
}

impl Direction {
    pub(super) fn point(self, along: i64, across: i64) -> String {
        match self {
            Self::Down => format!("{across},{along}"),
            Self::Right => format!("{along},{across}"),
        }
    }

    /// A card's size across and along, with room for its stack on both sides across, so that its middle is the middle.
    fn size(self, card: &Card) -> (i64, i64) {
        let (across, along) = match self {
            Self::Down => (card.width, card.height),
            Self::Right => (card.height, card.width),
        };
        (across + 2 * card.behind, along + card.behind)
    }

    fn gap(self) -> i64 {
        match self {
            Self::Down => 28,
            Self::Right => 20,
        }
    }

    fn channel(self) -> i64 {
        match self {
            Self::Down => 40,
            Self::Right => 56,
        }
    }
}

/// Where everything stands.
pub(super) struct Frame<'a> {
    pub(super) layout: Layout,
    pub(super) direction: Direction,
    /// For each layer where it begins and ends, along.
    pub(super) bands: Vec<Range<i64>>,
    /// Where the layout's 0 is, across.
    pub(super) shift: i64,
    /// Of the picture without its legend.
    pub(super) width: i64,
    pub(super) height: i64,
    cards: &'a [Card],
}

impl<'a> Frame<'a> {
    pub(super) fn new(graph: &Graph, cards: &'a [Card]) -> Self {
        let direction = direction(graph, cards);
        let across: Vec<i64> = cards.iter().map(|card| direction.size(card).0).collect();
        let layout = Layout::new(graph, &Sizes { nodes: &across, bend: 8, gap: direction.gap() });
        let first = if direction == Direction::Down { MARGIN + HEAD } else { MARGIN };
        let bands = bands(&layout, cards, direction, first);
        let along = bands.last().map_or(first, |band| band.end) + MARGIN;
        let title = i64::try_from(graph.title.len()).unwrap_or(0).min(200) * 10 + 2 * MARGIN;
        let (width, height) = match direction {
            Direction::Down => ((layout.breadth + 2 * MARGIN).max(title).max(320), along),
            Direction::Right => (along.max(title).max(320), layout.breadth + 2 * MARGIN + HEAD),
        };
        let shift = match direction {
            Direction::Down => (width - layout.breadth) / 2,
            Direction::Right => MARGIN + HEAD,
        };
        Self { layout, direction, bands, shift, width, height, cards }
    }

    /// Where a node begins and ends along: in the middle of its band.
    pub(super) fn along(&self, node: usize) -> Range<i64> {
        let band = &self.bands[self.layout.row_of[node]];
        let size = self.direction.size(&self.cards[node]).1;
        let start = band.start + (band.end - band.start - size) / 2;
        start..start + size
    }

    /// The left upper corner of a node's front card.
    pub(super) fn corner(&self, node: usize) -> (i64, i64) {
        let (card, along, middle) = (&self.cards[node], self.along(node).start, self.layout.middle[node] + self.shift);
        match self.direction {
            Direction::Down => (middle - card.width / 2, along),
            Direction::Right => (along, middle - card.height / 2),
        }
    }
}

/// The layers along: each as thick as its thickest card, and between two of them a channel that is wider when edges go far.
fn bands(layout: &Layout, cards: &[Card], direction: Direction, first: i64) -> Vec<Range<i64>> {
    let mut far = vec![0; layout.rows.len()];
    for (from, to) in &layout.segments {
        let row = layout.row_of[*from];
        far[row] = (layout.middle[*to] - layout.middle[*from]).abs().max(far[row]);
    }
    let mut start = first;
    let mut bands = Vec::with_capacity(layout.rows.len());
    for (row, far) in layout.rows.iter().zip(far) {
        let thick = row.iter().filter_map(|vertex| cards.get(*vertex)).map(|card| direction.size(card).1).max().unwrap_or(0);
        bands.push(start..start + thick);
        start += thick + direction.channel() + (far / 7).min(64);
    }
    bands
}

/// The direction in which the picture comes nearer to 7:5, by a first guess of its size.
fn direction(graph: &Graph, cards: &[Card]) -> Direction {
    let layers = layers(graph);
    let stretched = |direction: Direction| {
        let mut sums = vec![(0, 0); layers.iter().max().map_or(0, |last| last + 1)];
        for (layer, card) in layers.iter().zip(cards) {
            let (across, along) = direction.size(card);
            let (sum, most): &mut (i64, i64) = &mut sums[*layer];
            *sum += across + direction.gap();
            *most = along.max(*most);
        }
        let across = sums.iter().map(|(sum, _)| *sum).max().unwrap_or(0).max(1);
        let along: i64 = sums.iter().map(|(_, most)| most + direction.channel()).sum::<i64>().max(1);
        let (wide, high) = if direction == Direction::Down { (across * 5, along * 7) } else { (along * 5, across * 7) };
        wide.max(high) * 100 / wide.min(high)
    };
    if stretched(Direction::Right) < stretched(Direction::Down) { Direction::Right } else { Direction::Down }
}
