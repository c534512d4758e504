//! Edges that add nothing to a picture.

use std::collections::VecDeque;

/// Ancestors are looked at so many at a time: 128 bytes for each node.
const WORDS: usize = 16;
const BLOCK: usize = WORDS * 64;

/// Word operations that the reduction may cost, about a second. A graph beyond it keeps all its edges.
const WORK_MAX: usize = 1 << 30;

/// The edges without those that longer ways make needless, each edge once, ordered so that all edges into a node come before
/// those out of it.
///
/// Aho, Garey, Ullman, "The transitive reduction of a directed graph" (1972): an edge u → v can go if u is an ancestor of
/// another parent of v. Edges that close a circle, which a checked plan does not have, are left out.
pub(super) fn reduce(nodes: usize, mut edges: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let position = positions(nodes, &edges);
    edges.retain(|(from, to)| position[*from] < position[*to]);
    edges.sort_unstable_by_key(|(from, to)| (position[*to], position[*from]));
    edges.dedup();
    if edges.len().saturating_mul(nodes.div_ceil(64)) > WORK_MAX {
        return edges;
    }
    let mut needless = vec![false; edges.len()];
    for start in (0..nodes).step_by(BLOCK) {
        mark(&edges, &position, start, &mut needless);
    }
    let mut marks = needless.iter();
    edges.retain(|_| marks.next() != Some(&true));
    edges
}

/// Marks the needless edges out of the nodes at `start..start + BLOCK`.
fn mark(edges: &[(usize, usize)], position: &[usize], start: usize, needless: &mut [bool]) {
    let bit = |node: usize| position[node].checked_sub(start).filter(|at| *at < BLOCK).map(|at| (at / 64, 1_u64 << (at % 64)));
    let mut ancestors = vec![[0_u64; WORDS]; position.len()];
    let mut first = 0;
    for group in edges.chunk_by(|a, b| a.1 == b.1) {
        let mut above = [0_u64; WORDS];
        for (from, _) in group {
            above.iter_mut().zip(&ancestors[*from]).for_each(|(word, more)| *word |= more);
        }
        let parents = group.iter().enumerate().filter_map(|(index, (from, _))| Some((index, bit(*from)?)));
        for (index, (word, mask)) in parents.clone() {
            needless[first + index] = above[word] & mask != 0;
        }
        parents.for_each(|(_, (word, mask))| above[word] |= mask);
        ancestors[group[0].1] = above;
        first += group.len();
    }
}

/// For each node its place in an order in which parents come first (Kahn, 1962); nodes of a circle come last.
fn positions(nodes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut children = vec![Vec::new(); nodes];
    let mut unmet = vec![0_usize; nodes];
    for (from, to) in edges {
        children[*from].push(*to);
        unmet[*to] += 1;
    }
    let mut free: VecDeque<usize> = (0..nodes).filter(|node| unmet[*node] == 0).collect();
    let mut position = vec![usize::MAX; nodes];
    let mut next = 0;
    while let Some(node) = free.pop_front() {
        position[node] = next;
        next += 1;
        for child in &children[node] {
            unmet[*child] -= 1;
            if unmet[*child] == 0 {
                free.push_back(*child);
            }
        }
    }
    for place in position.iter_mut().filter(|place| **place == usize::MAX) {
        *place = next;
        next += 1;
    }
    position
}
