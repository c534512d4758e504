//! What holds for graphs as large as a workflow may be, and for every width.

use super::super::model::Graph;
use super::super::reduce::reduce;
use super::super::text::Paint;
use super::kit::{Dice, graph, node, random};

/// As many steps as a workflow may have, in one of the shapes that are hard on one part or another.
fn large(shape: &str) -> Graph {
    let steps = 20_000;
    let mut dice = Dice(1);
    let edges: Vec<(usize, usize)> = match shape {
        "chain" => (1..steps).map(|step| (step - 1, step)).collect(),
        "fan" => (1..steps - 1).flat_map(|step| [(0, step), (step, steps - 1)]).collect(),
        // Each step of the chain in front also leads to one of many ends far away.
        "comb" => (1..steps / 2).flat_map(|step| [(step - 1, step), (step / 2, steps / 2 + step)]).collect(),
        "web" => {
            (1..steps).flat_map(|step| [step - 1 - dice.roll(step), step - 1 - dice.roll(step.min(300))].map(|from| (from, step))).collect()
        }
        _ => (0..steps * 10).map(|_| (dice.roll(steps / 2), steps / 2 + dice.roll(steps / 2))).collect(),
    };
    Graph::new(shape.to_owned(), (0..steps).map(|step| node(&format!("s{step}"))).collect(), edges)
}

#[test]
fn twenty_thousand_steps_are_drawn_within_bounds() {
    for shape in ["chain", "fan", "comb", "web", "bipartite"] {
        let graph = large(shape);
        let text = graph.to_text(80, Paint::Plain);
        assert!(text.lines().count() <= 140, "{shape}: {} lines", text.lines().count());
        assert!(text.contains("20000 steps in "));
        assert!(graph.to_mermaid().lines().count() <= graph.nodes.len() + graph.edges.len() + 20);
        let svg = graph.to_svg();
        assert_eq!(svg.matches("<g class=\"node task plan\"").count(), graph.nodes.len(), "{shape}");
        assert!(svg.len() < 40 << 20, "{shape}: {} bytes", svg.len());
    }
}

#[test]
fn no_line_is_wider_than_asked_for_and_every_step_has_one() {
    for seed in 0..60 {
        let graph = random(seed, 3 + usize::try_from(seed).expect("small"), 3, 9);
        for width in [0, 16, 20, 33, 40, 80, 200] {
            let text = graph.to_text(width, Paint::Plain);
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(widest <= width.max(16), "{widest} columns of {width}:\n{text}");
            for step in (0..graph.nodes.len()).filter(|_| width >= 40) {
                assert!(text.contains(&graph.nodes[step].name), "{} is missing:\n{text}", graph.nodes[step].name);
            }
        }
    }
}

#[test]
fn colours_change_nothing_but_colours() {
    for seed in 0..20 {
        let graph = random(seed, 12, 2, 6);
        let coloured = graph.to_text(120, Paint::Coloured);
        assert!(coloured.contains("\u{1b}["));
        let mut bare = String::new();
        for part in coloured.split("\u{1b}[") {
            bare.push_str(if bare.is_empty() { part } else { part.split_once('m').expect("a colour").1 });
        }
        assert_eq!(bare.trim_start_matches("1m"), graph.to_text(120, Paint::Plain));
    }
}

/// Whether a way of two edges or more leads from one to the other.
fn has_detour(edges: &[(usize, usize)], from: usize, to: usize) -> bool {
    let mut open: Vec<usize> = edges.iter().filter(|edge| edge.0 == from && edge.1 != to).map(|edge| edge.1).collect();
    let mut seen = std::collections::BTreeSet::new();
    while let Some(node) = open.pop() {
        if seen.insert(node) {
            open.extend(edges.iter().filter(|edge| edge.0 == node).map(|edge| edge.1));
        }
    }
    seen.contains(&to)
}

#[test]
fn only_edges_with_a_detour_are_dropped() {
    for seed in 0..100 {
        let mut dice = Dice(seed);
        let edges: Vec<(usize, usize)> = (0..60).map(|_| (dice.roll(12), 12 - dice.roll(11))).filter(|(from, to)| from < to).collect();
        let mut wanted: Vec<_> = edges.iter().copied().filter(|(from, to)| !has_detour(&edges, *from, *to)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut reduced = reduce(13, edges);
        reduced.sort_unstable();
        assert_eq!(reduced, wanted);
    }
    // Over the borders of the blocks in which ancestors are looked at.
    let steps = 3_000;
    let chain: Vec<(usize, usize)> = (1..steps).map(|step| (step - 1, step)).collect();
    let more = (5..steps).flat_map(|step| [(step - 3, step), (step % 5, step)]);
    assert_eq!(reduce(steps, chain.iter().copied().chain(more).collect()), chain);
}

#[test]
fn a_circle_is_cut_rather_than_followed() {
    let graph = graph("circle", "a -> b -> c -> a; c -> d; d -> d");
    assert_eq!(graph.edges.len(), 3);
    assert!(graph.to_text(80, Paint::Plain).contains('▼'));
    graph.to_svg();
}
