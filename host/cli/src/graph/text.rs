//! A graph for the terminal.
//!
//! Boxes and lines from top to bottom where the width allows; a list that brackets what can run at the same time where it
//! does not; and above [`DRAWN_MAX`] steps, one line for each layer. No line is wider than asked for.

mod boxes;
mod canvas;
mod channel;
mod entry;
mod list;

use jackfield_flow::plan::Effect;
use jackfield_flow::run::Status;

use super::label::elide;
use super::model::{Graph, Node};

pub(crate) use self::canvas::{Ink, Line, print, put};

/// More steps than this are not shown one by one.
const DRAWN_MAX: usize = 300;

/// The narrowest and the widest terminal that is believed.
const WIDTH_MIN: usize = 16;
const WIDTH_MAX: usize = 1_000;

/// Whether the text may have colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paint {
    /// No escape sequences.
    Plain,
    /// With ANSI escape sequences.
    Coloured,
}

impl Graph {
    /// The picture as text in at most `width` columns, at least 16.
    pub(crate) fn to_text(&self, width: usize, paint: Paint) -> String {
        let width = width.clamp(WIDTH_MIN, WIDTH_MAX);
        let mut lines = vec![line(&[(&elide(&self.title, width), Ink::Bold)])];
        if self.nodes.len() > DRAWN_MAX {
            lines.extend(list::layers(self, width));
        } else {
            match boxes::draw(self, width) {
                Some(picture) => lines.extend(picture.into_iter().chain(legend(self, borders(self), width))),
                None => lines.extend(list::steps(self, width).into_iter().chain(legend(self, Vec::new(), width))),
            }
        }
        print(&lines, paint)
    }
}

/// A line of texts, each with its ink.
pub(crate) fn line(spans: &[(&str, Ink)]) -> Line {
    spans.iter().flat_map(|(text, ink)| text.chars().map(|c| (c, *ink))).collect()
}

/// The mark of a state.
pub(crate) fn mark(status: Status) -> &'static str {
    match status {
        Status::Waiting => "○",
        Status::Running => "●",
        Status::Done => "✓",
        Status::Failed => "✗",
        Status::Skipped => "–",
        Status::Cancelled => "■",
        Status::Blocked => "!",
    }
}

fn gem(effect: Effect) -> (&'static str, Ink) {
    match effect {
        Effect::Pure => ("◇", Ink::Effect(Effect::Pure)),
        Effect::Reads => ("◈", Ink::Effect(Effect::Reads)),
        Effect::Effects => ("◆", Ink::Effect(Effect::Effects)),
    }
}

fn ink(node: &Node) -> Ink {
    node.status.map_or(Ink::Plain, Ink::Status)
}

/// A mark and what it means.
type Meaning = (&'static str, Ink, String);

/// What the borders of boxes mean, as far as the picture has them.
fn borders(graph: &Graph) -> Vec<Meaning> {
    let each = graph.nodes.iter().any(Node::is_many).then(|| ("═", Ink::Plain, "for each".to_owned()));
    let conditional = graph.nodes.iter().any(|node| node.condition.is_some()).then(|| ("┆", Ink::Plain, "if".to_owned()));
    each.into_iter().chain(conditional).collect()
}

/// What the marks mean, as far as the picture has them, in as many lines as they need.
fn legend(graph: &Graph, borders: Vec<Meaning>, width: usize) -> Vec<Line> {
    let mut entries: Vec<Meaning> = Vec::new();
    for (effect, meaning) in [(Effect::Pure, "pure"), (Effect::Reads, "reads"), (Effect::Effects, "effects")] {
        if graph.nodes.iter().any(|node| node.effect == Some(effect)) {
            let (mark, ink) = gem(effect);
            entries.push((mark, ink, meaning.to_owned()));
        }
    }
    entries.extend(borders);
    for (status, steps) in tally(graph) {
        entries.push((mark(status), Ink::Status(status), format!("{steps} {status}")));
    }
    let mut lines = vec![Line::new()];
    for (mark, ink, meaning) in entries {
        let entry = line(&[(mark, ink), (" ", Ink::Plain), (&meaning, Ink::Dim)]);
        let last = lines.last().map_or(0, Vec::len);
        if last == 0 || last + 3 + entry.len() > width {
            lines.push(entry);
        } else if let Some(last) = lines.last_mut() {
            last.extend(line(&[("   ", Ink::Plain)]));
            last.extend(entry);
        }
    }
    lines
}

/// How many steps have which state; nothing for a plan.
fn tally(graph: &Graph) -> Vec<(Status, usize)> {
    let all = [Status::Done, Status::Running, Status::Waiting, Status::Failed, Status::Skipped, Status::Cancelled, Status::Blocked];
    let count = |status: Status| graph.nodes.iter().filter(|node| node.status == Some(status)).count();
    all.into_iter().map(|status| (status, count(status))).filter(|(_, steps)| *steps > 0).collect()
}
