//! The graph as a list: where it is too wide for boxes, or too large.

use super::super::label::elide;
use super::super::layout::layers as layers_of;
use super::super::model::{Graph, Node, Saying};
use super::canvas::{Ink, Line};
use super::entry::{Entry, more};
use super::{gem, ink, line, mark, tally};

/// Layers shown of a large graph: so many from the start and so many from the end.
const FIRST_SHOWN: usize = 100;
const LAST_SHOWN: usize = 20;

/// Names of steps that a step waits for, before the rest is only counted.
const NEEDS_SHOWN: usize = 3;

/// Every step on its line; a bracket holds what can run at the same time.
pub(super) fn steps(graph: &Graph, width: usize) -> Vec<Line> {
    let rows = rows(graph);
    let mut parents = vec![Vec::new(); graph.nodes.len()];
    graph.edges.iter().for_each(|(from, to)| parents[*to].push(*from));
    let mut lines = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let last = at + 1 == rows.len();
        for (place, node) in row.iter().enumerate() {
            let rail = match (place, last) {
                (0, false) => "├",
                (0, true) => "╰",
                (_, false) => "│",
                (_, true) => " ",
            };
            let branch = match (place, place + 1 == row.len()) {
                (0, true) => "──",
                (0, false) => "─┬",
                (_, false) => " ├",
                (_, true) => " ╰",
            };
            let before = if at == 0 { &[][..] } else { &rows[at - 1] };
            let needs = needs(graph, &parents[*node], before);
            step(&mut lines, graph, *node, width, &format!("{rail}{branch} "), &needs);
        }
    }
    lines
}

/// One step: its name always, and as much of the rest as there is room for. What it waits for gets a line of its own if need
/// be; branches, badges and what belongs to it always do.
fn step(lines: &mut Vec<Line>, graph: &Graph, node: usize, width: usize, rail: &str, needs: &str) {
    let node = &graph.nodes[node];
    let (gem, tone) = node.effect.map_or((" ", Ink::Plain), gem);
    let mut head = line(&[(rail, Ink::Dim)]);
    if let Some(status) = node.status {
        head.extend(line(&[(mark(status), ink(node)), (" ", Ink::Plain)]));
    }
    head.extend(line(&[(gem, tone), (" ", Ink::Plain)]));
    let name = elide(&node.name, width.saturating_sub(head.len()));
    head.extend(line(&[(&name, Ink::Bold)]));
    let mut room = width.saturating_sub(head.len());
    let mut fits = |text: &str| {
        let need = text.chars().count() + 2;
        let fits = !text.is_empty() && need <= room;
        room -= if fits { need } else { 0 };
        fits
    };
    let (action, details) = (node.does.last().map(Saying::text), details(node));
    let beside = fits(needs);
    let details = details.filter(|details| fits(details));
    let action = action.filter(|action| fits(action));
    for (text, ink) in [(action.as_deref(), Ink::Dim), (details.as_deref(), ink(node)), (beside.then_some(needs), Ink::Dim)] {
        if let Some(text) = text {
            head.extend(line(&[("  ", Ink::Plain), (text, ink)]));
        }
    }
    lines.push(head);
    let rail: String = rail.chars().map(|c| if matches!(c, '├' | '│' | '┬') { '│' } else { ' ' }).collect();
    let mut below = |text: &str, tone: Ink| {
        let text = elide(text, width.saturating_sub(rail.chars().count() + 4));
        lines.push(line(&[(&rail, Ink::Dim), ("    ", Ink::Plain), (&text, tone)]));
    };
    if !beside && !needs.is_empty() {
        below(needs, Ink::Dim);
    }
    for entry in more(node) {
        match &entry {
            Entry::Words(text) => below(text, Ink::Dim),
            Entry::Part(text, tone) => below(text, *tone),
            Entry::Rule => {}
        }
    }
}

/// What is to be said beside the action: the condition's mark, the structure, the note.
fn details(node: &Node) -> Option<String> {
    let structure = (node.does.len() > 1).then(|| node.does[0].text());
    let condition = node.condition.as_ref().map(|_| "if".to_owned());
    let note = (!node.note.is_empty()).then(|| node.note.clone());
    let words: Vec<String> = [condition, structure, note].into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// What a step waits for, unless it is the one step above it.
fn needs(graph: &Graph, parents: &[usize], before: &[usize]) -> String {
    if parents.is_empty() || (parents == before && before.len() == 1) {
        return String::new();
    }
    if parents.len() == before.len() && before.iter().all(|node| parents.contains(node)) {
        return "← all above".to_owned();
    }
    let names: Vec<&str> = parents.iter().take(NEEDS_SHOWN).map(|node| graph.nodes[*node].name.as_str()).collect();
    let more = parents.len().saturating_sub(NEEDS_SHOWN);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("← {}{more}", names.join(", "))
}

/// The nodes of each layer, in the order of the plan.
fn rows(graph: &Graph) -> Vec<Vec<usize>> {
    let layers = layers_of(graph);
    let mut rows = vec![Vec::new(); layers.iter().max().map_or(0, |last| last + 1)];
    layers.iter().enumerate().for_each(|(node, layer)| rows[*layer].push(node));
    rows
}

/// One line for each layer of a large graph.
pub(super) fn layers(graph: &Graph, width: usize) -> Vec<Line> {
    let rows = rows(graph);
    let summary = format!("{} steps in {} layers, {} edges", graph.nodes.len(), rows.len(), graph.edges.len());
    let mut lines = vec![line(&[(&elide(&summary, width), Ink::Plain)])];
    for (status, steps) in tally(graph) {
        lines.push(line(&[(mark(status), Ink::Status(status)), (&format!(" {steps} {status}"), Ink::Plain)]));
    }
    let hidden = FIRST_SHOWN..rows.len().saturating_sub(LAST_SHOWN).max(FIRST_SHOWN);
    for (at, row) in rows.iter().enumerate() {
        if !hidden.contains(&at) {
            lines.push(layer(graph, at, row, width));
        } else if at == hidden.start {
            let text = format!("… {} layers more …", hidden.len());
            lines.push(line(&[(&elide(&text, width), Ink::Dim)]));
        }
    }
    let hint = "Too many steps to draw here: --format svg draws them all.";
    lines.extend(super::super::label::wrap(hint, width, 4).into_iter().map(|text| line(&[(text.trim_end(), Ink::Dim)])));
    lines
}

/// The number of a layer, how many steps it has, and their names as far as they fit.
fn layer(graph: &Graph, at: usize, row: &[usize], width: usize) -> Line {
    let steps = if row.len() == 1 { "step " } else { "steps" };
    let mut out = line(&[(&format!("{:>5} ", at + 1), Ink::Dim), (&format!("{:>5} {steps} ", row.len()), Ink::Plain)]);
    for (place, node) in row.iter().enumerate() {
        let node = &graph.nodes[*node];
        // Room must be left for the count of those that are not named.
        let count = format!(" +{}", row.len() - place);
        let rest = if place + 1 == row.len() { 0 } else { count.len() };
        if out.len() + 1 + node.name.len() + rest > width {
            let room = width.saturating_sub(out.len());
            out.extend(line(&[(&elide(&count, room), Ink::Dim)]));
            break;
        }
        out.extend(line(&[(" ", Ink::Plain), (&node.name, ink(node))]));
    }
    out.truncate(width);
    out
}
