//! What the marks of the SVG picture mean.

use std::collections::BTreeSet;

use jackfield_flow::plan::Effect;
use jackfield_flow::run::Status;

use super::super::model::{Graph, Mark, Node};
use super::frame::MARGIN;
use super::paint::{effect_word, icon};

/// What the marks mean, as far as the picture has them.
pub(super) struct Legend {
    pub(super) svg: String,
    pub(super) height: i64,
}

pub(super) fn legend(graph: &Graph, width: i64, left_out: usize) -> Legend {
    let mut entries: Vec<(String, String)> = Vec::new();
    let mark = |class: &str, word: &str| format!("<g class=\"node {class}\"><use href=\"#jf-{word}\"/></g>");
    for (effect, meaning) in [(Effect::Pure, "pure"), (Effect::Reads, "reads"), (Effect::Effects, "has effects")] {
        if graph.nodes.iter().any(|node| node.effect == Some(effect)) {
            entries.push((mark("plan", effect_word(effect)), meaning.to_owned()));
        }
    }
    let marks: BTreeSet<Mark> = graph.nodes.iter().flat_map(Node::marks).collect();
    for mark in Mark::ALL.into_iter().filter(|mark| marks.contains(mark)) {
        if let Some(name) = icon(mark) {
            entries.push((format!("<use href=\"#jf-{name}\"/>"), mark.meaning().to_owned()));
        }
    }
    if graph.nodes.iter().any(|node| node.condition.is_some()) {
        let card = "<g class=\"node plan if\"><rect class=\"card\" x=\"0.5\" y=\"2\" width=\"14\" height=\"10\" rx=\"2\"/></g>";
        entries.push((card.to_owned(), "on a condition".to_owned()));
    }
    for status in [Status::Waiting, Status::Running, Status::Done, Status::Failed, Status::Skipped, Status::Cancelled, Status::Blocked] {
        let steps = graph.nodes.iter().filter(|node| node.status == Some(status)).count();
        if steps > 0 {
            entries.push((mark(status.as_str(), status.as_str()), format!("{steps} {status}")));
        }
    }
    if left_out > 0 {
        entries.push((String::new(), format!("{left_out} pieces of edges are not drawn")));
    }
    flow(&entries, width)
}

/// Entries from left to right, in as many lines as they need.
fn flow(entries: &[(String, String)], width: i64) -> Legend {
    let (mut svg, mut x, mut y) = (String::new(), MARGIN, 0);
    for (mark, words) in entries {
        let room = 20 + i64::try_from(words.len()).unwrap_or(0) * 64 / 10 + 16;
        if x + room > width - MARGIN / 2 && x > MARGIN {
            (x, y) = (MARGIN, y + 22);
        }
        svg.push_str(&format!("<g transform=\"translate({x} {y})\">{mark}<text class=\"legend\" x=\"20\" y=\"11\">{words}</text></g>\n"));
        x += room;
    }
    Legend { svg, height: y + 14 + MARGIN }
}
