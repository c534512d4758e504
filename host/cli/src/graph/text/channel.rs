//! The lines between two layers of boxes.
//!
//! Sources that lead to the same targets share one *bus*: a horizontal line that all of them meet. Every source of a bus leads
//! to every target of it, so a junction never lies. Buses lie on tracks as in channel routing (Hashimoto, Stevens, "Wire routing
//! by optimizing channel assignment within large apertures", 1971); where two buses cross without a meeting, the horizontal
//! one is interrupted.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::canvas::{Ink, Line, put};

/// Where lines may leave or enter a vertex: `reach` columns to each side of `middle`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pin {
    pub(super) middle: usize,
    pub(super) reach: usize,
}

/// One horizontal line with what it connects, by columns.
#[derive(Debug)]
struct Bus {
    exits: Vec<usize>,
    entries: Vec<usize>,
    /// Counted from the top; `None` for a line that only goes straight down.
    track: Option<usize>,
}

/// All lines of one channel.
#[derive(Debug)]
pub(super) struct Channel {
    buses: Vec<Bus>,
    tracks: usize,
    /// For each source the column at which its line leaves.
    pub(super) exits: BTreeMap<usize, usize>,
}

impl Channel {
    /// Finds ways for all segments between two layers; `None` when lines would have to lie on each other.
    pub(super) fn route(segments: &[(usize, usize)], pin: &dyn Fn(usize) -> Pin) -> Option<Self> {
        let mut targets_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        segments.iter().for_each(|(from, to)| targets_of.entry(*from).or_default().push(*to));
        let mut groups: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        for (from, mut targets) in targets_of {
            targets.sort_unstable();
            groups.entry(targets).or_default().push(from);
        }
        let groups: Vec<(Vec<usize>, Vec<usize>)> = groups.into_iter().collect();
        let entries = entries(&groups, pin)?;
        let mut exits = BTreeMap::new();
        let mut buses = Vec::with_capacity(groups.len());
        for (index, (_, sources)) in groups.iter().enumerate() {
            let taken = |column: usize| entries.iter().enumerate().any(|(other, entries)| other != index && entries.contains(&column));
            let columns: Vec<usize> = sources.iter().map(|source| exit(pin(*source), &entries[index], sources.len(), &taken)).collect();
            exits.extend(sources.iter().copied().zip(columns.iter().copied()));
            buses.push(Bus { exits: columns, entries: entries[index].clone(), track: None });
        }
        let tracks = assign(&mut buses)?;
        Some(Self { buses, tracks, exits })
    }

    /// Lines that the channel takes: its tracks, and one for the arrow heads.
    pub(super) fn height(&self) -> usize {
        self.tracks + 1
    }

    /// Draws the channel; `is_box` is whether a line that ends in a column enters a box there.
    pub(super) fn draw(&self, canvas: &mut [Line], top: usize, is_box: &dyn Fn(usize) -> bool) {
        let mut cells: BTreeMap<(usize, usize), u8> = BTreeMap::new();
        for (bus, track) in self.buses.iter().filter_map(|bus| Some((bus, bus.track?))) {
            let span = bus.span();
            for column in span.clone() {
                let left = if column > *span.start() { LEFT } else { 0 };
                let right = if column < *span.end() { RIGHT } else { 0 };
                cells.insert((track, column), left | right);
            }
        }
        // Lines down come last: they interrupt what they cross. The cells at a bus' ends on its track are its own.
        for bus in &self.buses {
            let Some(track) = bus.track else {
                cells.extend((0..self.height()).map(|row| ((row, *bus.span().start()), UP | DOWN)));
                continue;
            };
            for column in &bus.exits {
                cells.extend((0..track).map(|row| ((row, *column), UP | DOWN)));
                *cells.entry((track, *column)).or_default() |= UP;
            }
            for column in &bus.entries {
                cells.extend((track + 1..self.height()).map(|row| ((row, *column), UP | DOWN)));
                *cells.entry((track, *column)).or_default() |= DOWN;
            }
        }
        for ((row, column), mask) in cells {
            put(&mut canvas[top + row], column, GLYPHS[usize::from(mask)], Ink::Dim);
        }
        for column in self.buses.iter().flat_map(|bus| &bus.entries).filter(|column| is_box(**column)) {
            put(&mut canvas[top + self.tracks], *column, "▼", Ink::Dim);
        }
    }
}

const UP: u8 = 1;
const DOWN: u8 = 2;
const LEFT: u8 = 4;
const RIGHT: u8 = 8;

/// Lines by the sides they lead to.
const GLYPHS: [&str; 16] = [" ", "│", "│", "│", "─", "╯", "╮", "┤", "─", "╰", "╭", "├", "─", "┴", "┬", "┼"];

impl Bus {
    fn span(&self) -> RangeInclusive<usize> {
        let columns = || self.exits.iter().chain(&self.entries).copied();
        columns().min().unwrap_or(0)..=columns().max().unwrap_or(0)
    }

    /// Whether it needs no horizontal line.
    fn is_straight(&self) -> bool {
        self.span().start() == self.span().end()
    }

    fn overlaps(&self, other: &Self) -> bool {
        // One free column between two lines on a track keeps them apart.
        self.span().start() <= &(other.span().end() + 1) && other.span().start() <= &(self.span().end() + 1)
    }

    /// Whether a line that leaves this bus' source ends in the column in which the other's line begins, so that it must lie above.
    fn must_precede(&self, other: &Self) -> bool {
        self.exits.iter().any(|column| other.entries.contains(column))
    }

    /// Crossings when this bus lies above the other.
    fn cost_above(&self, other: &Self) -> usize {
        let inside = |columns: &[usize], span: &RangeInclusive<usize>| columns.iter().filter(|column| span.contains(column)).count();
        inside(&self.entries, &other.span()) + inside(&other.exits, &self.span())
    }

    fn prefers_above(&self, other: &Self) -> bool {
        self.overlaps(other) && self.cost_above(other) < other.cost_above(self)
    }
}

/// For each group the columns in which its line enters its targets: next to each other where several lines enter one box.
fn entries(groups: &[(Vec<usize>, Vec<usize>)], pin: &dyn Fn(usize) -> Pin) -> Option<Vec<Vec<usize>>> {
    let mut entered: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    for (index, (targets, sources)) in groups.iter().enumerate() {
        let centre = sources.iter().map(|source| pin(*source).middle).sum::<usize>() * 16 / sources.len().max(1);
        targets.iter().for_each(|target| entered.entry(*target).or_default().push((centre, index)));
    }
    let mut entries = vec![Vec::new(); groups.len()];
    for (target, mut lines) in entered {
        lines.sort_unstable();
        let Pin { middle, reach } = pin(target);
        let gaps = lines.len() - 1;
        let step = if gaps <= reach { 2 } else { 1 };
        if gaps * step > 2 * reach {
            return None;
        }
        for (at, (_, index)) in lines.into_iter().enumerate() {
            entries[index].push(middle - gaps * step / 2 + at * step);
        }
    }
    Some(entries)
}

/// Where a line leaves a source: in its middle; straight above its only end if that is near; off the columns of other lines.
fn exit(pin: Pin, ends: &[usize], sources: usize, taken: &dyn Fn(usize) -> bool) -> usize {
    let Pin { middle, reach } = pin;
    if let ([end], 1) = (ends, sources)
        && end.abs_diff(middle) <= reach.min(3)
    {
        return *end;
    }
    // One column aside is the last choice: two lines so close look like one.
    let shifts = std::iter::once(0).chain(2..=reach).chain((reach > 0).then_some(1));
    let mut near = shifts.flat_map(|shift| [middle + shift, middle - shift]);
    near.find(|column| !taken(*column)).unwrap_or(middle)
}

/// Gives every bus a track, from the top; `None` when the buses form a circle of which must lie above which.
fn assign(buses: &mut [Bus]) -> Option<usize> {
    let matrix = |relation: &dyn Fn(&Bus, &Bus) -> bool| -> Vec<Vec<bool>> {
        let row = |(at, bus): (usize, &Bus)| buses.iter().enumerate().map(|(other, below)| other != at && relation(bus, below)).collect();
        buses.iter().enumerate().map(row).collect()
    };
    let (must, prefers) = (matrix(&Bus::must_precede), matrix(&Bus::prefers_above));
    let mut open: Vec<usize> = (0..buses.len()).filter(|bus| !buses[*bus].is_straight()).collect();
    // Who crosses least when above comes first.
    open.sort_by_cached_key(|bus| {
        let above = prefers.iter().filter(|row| row[*bus]).count();
        let below = prefers[*bus].iter().filter(|prefers| **prefers).count();
        (above, usize::MAX - below, *buses[*bus].span().start())
    });
    let mut tracks = 0;
    while !open.is_empty() {
        let first = |relation: &[Vec<bool>], bus: usize| open.iter().all(|other| !relation[*other][bus]);
        let may: Vec<usize> = open.iter().copied().filter(|bus| first(&must, *bus)).collect();
        let wanted: Vec<usize> = may.iter().copied().filter(|bus| first(&prefers, *bus)).collect();
        let mut placed: Vec<usize> = Vec::new();
        for bus in if wanted.is_empty() { may.into_iter().take(1).collect() } else { wanted } {
            if placed.iter().all(|other| !buses[*other].overlaps(&buses[bus])) {
                placed.push(bus);
            }
        }
        if placed.is_empty() {
            return None;
        }
        placed.iter().for_each(|bus| buses[*bus].track = Some(tracks));
        open.retain(|bus| !placed.contains(bus));
        tracks += 1;
    }
    Some(tracks)
}

#[cfg(test)]
mod tests;
