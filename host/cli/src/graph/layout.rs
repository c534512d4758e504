//! Where things stand: layers, their order, and places across.
//!
//! The layered method of Sugiyama, Tagawa, Toda, "Methods for visual understanding of hierarchical system structures" (1981):
//!
//! 1. layers by the longest path from a start, so that a layer is what can run at the same time at the earliest;
//! 2. an edge over several layers becomes a chain of *bends*; all edges out of one node share their chain (as in confluent
//!    drawings), so there are at most as many bends as nodes × layers, and fewer than [`BENDS_MAX`];
//! 3. order in each layer by barycentres, in sweeps down and up, keeping the order with the fewest crossings, which are
//!    counted as in Barth, Jünger, Mutzel, "Simple and efficient bilayer cross counting" (2002);
//! 4. places across: each layer in turn comes as near to its neighbours as order and sizes allow, in the sense of least
//!    squares. With fixed distances taken out this is isotonic regression, solved exactly in linear time by pooling adjacent
//!    violators (Ayer and others, 1955). Chains of bends weigh more, so that long edges run straight.
//!
//! Across and along: for a picture from top to bottom across is x, for one from left to right it is y. All lengths are whole
//! units of the picture (columns, pixels).

use super::model::Graph;

/// More bends are not made: edges of further nodes run straight, behind the boxes.
const BENDS_MAX: usize = 60_000;

/// What crossing reduction may cost: sweeps × (vertices + segments).
const UNTANGLE_WORK_MAX: usize = 2_000_000;
const UNTANGLE_SWEEPS_MAX: usize = 32;

/// What placing may cost: rounds × (vertices + segments).
const PLACE_WORK_MAX: usize = 2_000_000;
const PLACE_ROUNDS_MAX: usize = 40;

/// Places are found in fractions of a unit and rounded at the end.
const FINE: i64 = 16;

/// For each node the longest way from a start to it, in edges.
pub(super) fn layers(graph: &Graph) -> Vec<usize> {
    let mut layer = vec![0; graph.nodes.len()];
    // The edges are in topological order.
    for (from, to) in &graph.edges {
        layer[*to] = layer[*to].max(layer[*from] + 1);
    }
    layer
}

/// The sizes that a picture gives to things.
pub(super) struct Sizes<'a> {
    /// Across, for each node.
    pub(super) nodes: &'a [i64],
    /// Across, for a bend.
    pub(super) bend: i64,
    /// Between two neighbours.
    pub(super) gap: i64,
}

/// Where things stand. A *vertex* is a node (by its index in the graph), or a bend (numbers from there on).
pub(super) struct Layout {
    /// For each layer its vertices, in order.
    pub(super) rows: Vec<Vec<usize>>,
    /// For each vertex its layer.
    pub(super) row_of: Vec<usize>,
    /// For each vertex the node that the edges through it come from; a node's own index for a node.
    pub(super) origin: Vec<usize>,
    /// The pieces of the edges, from vertex to vertex: one layer down, but for those that found no bends.
    pub(super) segments: Vec<(usize, usize)>,
    /// For each vertex its middle, across. No two vertices of a layer overlap.
    pub(super) middle: Vec<i64>,
    /// How much room all take across; the least edge is at 0.
    pub(super) breadth: i64,
}

impl Layout {
    /// The layout of a graph.
    pub(super) fn new(graph: &Graph, sizes: &Sizes<'_>) -> Self {
        let mut layout = skeleton(graph);
        let near = Neighbours::of(&layout);
        untangle(&mut layout, &near);
        place(&mut layout, &near, sizes);
        layout
    }

    /// Whether every edge has its own way between the boxes.
    pub(super) fn is_routed(&self) -> bool {
        self.segments.iter().all(|(from, to)| self.row_of[*to] == self.row_of[*from] + 1)
    }
}

/// Layers, bends and segments, in an order to begin with.
fn skeleton(graph: &Graph) -> Layout {
    let nodes = graph.nodes.len();
    let mut row_of = layers(graph);
    let mut origin: Vec<usize> = (0..nodes).collect();
    let mut furthest = row_of.clone();
    for (from, to) in &graph.edges {
        furthest[*from] = furthest[*from].max(row_of[*to]);
    }
    let mut segments = Vec::new();
    let mut first_bend = vec![None; nodes];
    for node in 0..nodes {
        let bends = (furthest[node] - row_of[node]).saturating_sub(1);
        if bends == 0 || origin.len() - nodes + bends > BENDS_MAX {
            continue;
        }
        first_bend[node] = Some(origin.len());
        for bend in 0..bends {
            segments.push((if bend == 0 { node } else { origin.len() - 1 }, origin.len()));
            row_of.push(row_of[node] + bend + 1);
            origin.push(node);
        }
    }
    for (from, to) in &graph.edges {
        let before = (row_of[*to] - row_of[*from]).checked_sub(2).zip(first_bend[*from]).map(|(bend, first)| first + bend);
        segments.push((before.unwrap_or(*from), *to));
    }
    let mut layout = Layout { rows: Vec::new(), middle: vec![0; row_of.len()], breadth: 0, row_of, origin, segments };
    layout.rows = first_order(&layout);
    layout
}

/// The vertices of each layer in the order in which a walk in depth from the starts meets them: trees come out untangled.
fn first_order(layout: &Layout) -> Vec<Vec<usize>> {
    let mut rows = vec![Vec::new(); layout.row_of.iter().max().map_or(0, |last| last + 1)];
    let mut below = vec![Vec::new(); layout.row_of.len()];
    for (from, to) in &layout.segments {
        below[*from].push(*to);
    }
    let mut seen = vec![false; layout.row_of.len()];
    let mut stack: Vec<usize> = (0..layout.row_of.len()).rev().filter(|vertex| layout.row_of[*vertex] == 0).collect();
    while let Some(vertex) = stack.pop() {
        if !std::mem::replace(&mut seen[vertex], true) {
            rows[layout.row_of[vertex]].push(vertex);
            stack.extend(below[vertex].iter().rev());
        }
    }
    rows
}

/// For each vertex its neighbours one layer up and one layer down.
struct Neighbours {
    up: Vec<Vec<usize>>,
    down: Vec<Vec<usize>>,
    /// Vertices and segments: the cost of looking at everything once.
    work: usize,
}

impl Neighbours {
    fn of(layout: &Layout) -> Self {
        let mut near = Self { up: vec![Vec::new(); layout.row_of.len()], down: vec![Vec::new(); layout.row_of.len()], work: 1 };
        near.work += layout.row_of.len() + layout.segments.len();
        for (from, to) in &layout.segments {
            if layout.row_of[*to] == layout.row_of[*from] + 1 {
                near.up[*to].push(*from);
                near.down[*from].push(*to);
            }
        }
        near
    }
}

/// Orders each layer so that few segments cross.
fn untangle(layout: &mut Layout, near: &Neighbours) {
    let sweeps = (UNTANGLE_WORK_MAX / near.work).clamp(2, UNTANGLE_SWEEPS_MAX);
    let mut at = vec![0; layout.row_of.len()];
    layout.rows.iter().for_each(|row| number(row, &mut at));
    let mut best = (crossings(&layout.rows, near, &at), layout.rows.clone());
    for sweep in 0..sweeps {
        if best.0 == 0 {
            break;
        }
        let rows = layout.rows.len();
        for step in 1..rows {
            let (row, side) = if sweep % 2 == 0 { (step, &near.up) } else { (rows - 1 - step, &near.down) };
            layout.rows[row].sort_by_key(|vertex| barycentre(*vertex, side, &at));
            number(&layout.rows[row], &mut at);
        }
        let crossings = crossings(&layout.rows, near, &at);
        if crossings < best.0 {
            best = (crossings, layout.rows.clone());
        }
    }
    layout.rows = best.1;
}

fn number(row: &[usize], at: &mut [usize]) {
    row.iter().enumerate().for_each(|(place, vertex)| at[*vertex] = place);
}

/// The mean place of the neighbours on one side, in 1/1024; its own place for a vertex that has none there.
fn barycentre(vertex: usize, side: &[Vec<usize>], at: &[usize]) -> usize {
    let near = &side[vertex];
    let sum: usize = near.iter().map(|other| at[*other]).sum();
    if near.is_empty() { at[vertex] * 1024 } else { sum * 1024 / near.len() }
}

fn crossings(rows: &[Vec<usize>], near: &Neighbours, at: &[usize]) -> u64 {
    let mut total = 0;
    for pair in rows.windows(2) {
        // A Fenwick tree over the lower row: how many segments end at or before a place.
        let mut tree = vec![0_u64; pair[1].len() + 1];
        let mut seen = 0;
        for vertex in &pair[0] {
            let ends = || near.down[*vertex].iter().map(|other| at[*other] + 1);
            for end in ends() {
                let mut before = 0;
                let mut node = end;
                while node > 0 {
                    before += tree[node];
                    node &= node - 1;
                }
                total += seen - before;
            }
            for end in ends() {
                seen += 1;
                let mut node = end;
                while node < tree.len() {
                    tree[node] += 1;
                    node += node & node.wrapping_neg();
                }
            }
        }
    }
    total
}

/// Finds the place of each vertex across.
fn place(layout: &mut Layout, near: &Neighbours, sizes: &Sizes<'_>) {
    let size = |vertex: usize| sizes.nodes.get(vertex).copied().unwrap_or(sizes.bend);
    // The least distances of the middles in each row, summed up from its first vertex, in fractions of a unit.
    let offsets: Vec<Vec<i64>> = layout.rows.iter().map(|row| offsets(row, &size, sizes.gap)).collect();
    let mut middle = vec![0; layout.row_of.len()];
    for (row, offsets) in layout.rows.iter().zip(&offsets) {
        let half = offsets.last().copied().unwrap_or(0) / 2;
        row.iter().zip(offsets).for_each(|(vertex, offset)| middle[*vertex] = offset - half);
    }
    let rounds = (PLACE_WORK_MAX / near.work).clamp(2, PLACE_ROUNDS_MAX);
    // The last round goes down: edges leave straight and turn once, before their end.
    for round in (0..=rounds / 2 * 2).rev() {
        let rows = layout.rows.len();
        for step in 0..rows {
            let (row, side) = if round % 2 == 0 { (step, &near.up) } else { (rows - 1 - step, &near.down) };
            let wants: Vec<Want> = layout.rows[row].iter().map(|vertex| want(*vertex, side, &middle, sizes.nodes.len())).collect();
            settle(&layout.rows[row], &wants, &offsets[row], 1, &mut middle);
        }
    }
    for (row, offsets) in layout.rows.iter().zip(&offsets) {
        let wants: Vec<Want> = row.iter().map(|vertex| Want { middle: middle[*vertex], weight: 1 }).collect();
        settle(row, &wants, offsets, FINE, &mut middle);
    }
    let edge = |vertex: &usize, sign: i64| middle[*vertex] / FINE + sign * size(*vertex).div_euclid(2);
    let least = layout.rows.iter().filter_map(|row| row.first()).map(|vertex| edge(vertex, -1)).min().unwrap_or(0);
    let most = layout.rows.iter().filter_map(|row| row.last()).map(|vertex| edge(vertex, 1) + size(*vertex) % 2).max().unwrap_or(0);
    layout.breadth = most - least;
    layout.middle = middle.iter().map(|place| place / FINE - least).collect();
}

/// Sums of the least distances between the middles of a row. Where both sizes are odd or both are even, a distance is whole.
fn offsets(row: &[usize], size: &dyn Fn(usize) -> i64, gap: i64) -> Vec<i64> {
    let steps = row.windows(2).map(|pair| (size(pair[0]) + size(pair[1]) + 2 * gap).div_euclid(2) * FINE);
    std::iter::once(0)
        .chain(steps)
        .scan(0, |sum, step| {
            *sum += step;
            Some(*sum)
        })
        .take(row.len())
        .collect()
}

/// Where a vertex would like its middle to be, and how much it matters.
struct Want {
    middle: i64,
    weight: i64,
}

/// The mean of the neighbours' places; segments between bends weigh most, so that long edges are straight.
fn want(vertex: usize, side: &[Vec<usize>], middle: &[i64], nodes: usize) -> Want {
    let (mut sum, mut weight) = (0, 0);
    for other in &side[vertex] {
        let this = match (vertex >= nodes, *other >= nodes) {
            (true, true) => 16,
            (false, false) => 2,
            _ => 4,
        };
        sum += this * middle[*other];
        weight += this;
    }
    if weight == 0 { Want { middle: middle[vertex], weight: 1 } } else { Want { middle: rounded(sum, weight), weight } }
}

/// Places a row: as near to what is wanted as the distances allow, on multiples of `grain` from its offsets.
fn settle(row: &[usize], wants: &[Want], offsets: &[i64], grain: i64, middle: &mut [i64]) {
    struct Block {
        sum: i64,
        weight: i64,
        count: usize,
    }
    let mut blocks: Vec<Block> = Vec::new();
    for (want, offset) in wants.iter().zip(offsets) {
        let mut block = Block { sum: (want.middle - offset) * want.weight, weight: want.weight, count: 1 };
        while let Some(last) = blocks.pop_if(|last| rounded(last.sum, last.weight) >= rounded(block.sum, block.weight)) {
            block = Block { sum: last.sum + block.sum, weight: last.weight + block.weight, count: last.count + block.count };
        }
        blocks.push(block);
    }
    let places = blocks.iter().flat_map(|block| std::iter::repeat_n(rounded(block.sum, block.weight), block.count));
    for ((vertex, offset), place) in row.iter().zip(offsets).zip(places) {
        middle[*vertex] = rounded(place, grain) * grain + offset;
    }
}

/// `sum / count`, to the nearest whole.
fn rounded(sum: i64, count: i64) -> i64 {
    (2 * sum + count).div_euclid(2 * count)
}
