//! What stands in a box of the SVG picture, and how much room it takes.

use jackfield_flow::run::Status;

use super::super::label::{elide, wrap};
use super::super::model::{Mark, Node, Part, Saying};
use super::frame::count;

/// Between the text and the border of a card.
pub(super) const PAD: i64 = 14;
/// How far each card of a stack stands out.
pub(super) const STACK: i64 = 5;
/// A status, effect or kind mark.
pub(super) const MARK: i64 = 14;
/// From a mark to its words.
pub(super) const BESIDE: i64 = MARK + 5;
/// The first line of a card, and the others.
pub(super) const NAME_LINE: i64 = 18;
pub(super) const LINE: i64 = 16;
/// A badge and what belongs to a step: its height, and with the gap below it.
pub(super) const CHIP: i64 = 18;
pub(super) const CHIP_LINE: i64 = 22;
/// Left and right of the text of a badge, and between two badges.
const CHIP_PAD: i64 = 6;
const CHIP_GAP: i64 = 6;

/// Characters of a monospace face at 13 and 11 pixels, and of a proportional one at 11, in 1/10 pixel: the widest of those
/// in common use, so that no text leaves its card.
const NAME_TENTHS: i64 = 80;
const TASK_TENTHS: i64 = 67;
const NOTE_TENTHS: i64 = 64;

const NAME_COLUMNS: usize = 26;
const TASK_COLUMNS: usize = 32;
const NOTE_COLUMNS: usize = 34;
const INNER_COLUMNS: usize = 40;

/// A line of a card.
pub(super) struct CardLine {
    /// `call` or `note`.
    pub(super) class: &'static str,
    /// In front of the words; a task, and a line that goes on, have none.
    pub(super) mark: Option<Mark>,
    /// Where the mark, or else the words, begin.
    pub(super) left: i64,
    pub(super) words: String,
}

/// A badge, or what belongs to a step: a small box in the card.
pub(super) struct Chip {
    /// From the card's left upper corner.
    pub(super) left: i64,
    pub(super) top: i64,
    pub(super) width: i64,
    pub(super) mark: Mark,
    pub(super) words: String,
    /// Its state, drawn at its right end.
    pub(super) status: Option<Status>,
    /// Whether it is a badge or belongs to the step.
    pub(super) class: &'static str,
}

/// The texts of a box and its size.
pub(super) struct Card {
    pub(super) name: Vec<String>,
    pub(super) lines: Vec<CardLine>,
    pub(super) chips: Vec<Chip>,
    /// Of the front card.
    pub(super) width: i64,
    pub(super) height: i64,
    /// Where the bar of the items is, from the top.
    pub(super) bar: i64,
    /// How far the cards behind it stand out, to the right and to the bottom.
    pub(super) behind: i64,
}

impl Card {
    pub(super) fn of(node: &Node) -> Self {
        let name = wrap(&node.name, NAME_COLUMNS, 4);
        let lines = lines(node);
        let marks = if node.status.is_some() { 2 * (MARK + 6) } else { MARK + 8 };
        let mut text = longest(&name, NAME_TENTHS) + marks;
        for line in &lines {
            let tenths = if line.class == "note" { NOTE_TENTHS } else { TASK_TENTHS };
            let mark = if line.mark.is_some() { BESIDE } else { 0 };
            text = text.max(line.left - PAD + mark + wide(&line.words, tenths));
        }
        let (badges, parts) = (badges(node), parts(node));
        text = badges.iter().chain(&parts).map(|chip| chip.width).fold(text, i64::max);
        let width = even((text + 2 * PAD).max(120));
        let mut top = PAD - 3 + NAME_LINE * count(&name) + LINE * count(&lines);
        let bar = top + 2;
        top += if node.items.is_some() { 10 } else { 0 };
        let mut chips = Vec::new();
        top = flow(badges, width, top, &mut chips);
        for part in parts {
            chips.push(Chip { left: PAD - 4, top: top + 3, width: width - 2 * (PAD - 4), ..part });
            top += CHIP_LINE;
        }
        let behind = if node.is_many() { 2 * STACK } else { 0 };
        Self { name, lines, chips, width, height: even(top + PAD - 3), bar, behind }
    }
}

/// The lines below the name.
fn lines(node: &Node) -> Vec<CardLine> {
    let mut lines = Vec::new();
    for saying in &node.does {
        let mark = (saying.mark != Mark::Task).then_some(saying.mark);
        let wrapped = wrap(&saying.words, TASK_COLUMNS, 3);
        for (at, words) in wrapped.into_iter().enumerate() {
            let left = if at > 0 && mark.is_some() { PAD + BESIDE } else { PAD };
            lines.push(CardLine { class: "call", mark: mark.filter(|_| at == 0), left, words });
        }
    }
    for inner in &node.inner {
        let mark = (inner.does.mark != Mark::Task).then_some(inner.does.mark);
        let words = elide(&format!("{}: {}", inner.label, inner.does.words), INNER_COLUMNS);
        // Those without a mark begin below the words of the others.
        let left = if mark.is_some() { PAD + 6 } else { PAD + 6 + BESIDE };
        lines.push(CardLine { class: "call", mark, left, words });
    }
    if !node.note.is_empty() {
        let note = wrap(&node.note, NOTE_COLUMNS, 2);
        lines.extend(note.into_iter().map(|words| CardLine { class: "note", mark: None, left: PAD, words }));
    }
    lines
}

fn badges(node: &Node) -> Vec<Chip> {
    let badge = |badge: &Saying| {
        let words = elide(&badge.words, NOTE_COLUMNS);
        let width = 2 * CHIP_PAD + BESIDE - 2 + wide(&words, NOTE_TENTHS);
        Chip { left: 0, top: 0, width, mark: badge.mark, words, status: None, class: "badge" }
    };
    node.badges.iter().map(badge).collect()
}

fn parts(node: &Node) -> Vec<Chip> {
    let part = |part: &Part| {
        let words = elide(&part.text(&part.does.words), INNER_COLUMNS);
        let state = if part.status.is_some() { BESIDE } else { 0 };
        // Parts stand out a little to both sides of the text.
        let width = 2 * CHIP_PAD - 8 + BESIDE + wide(&words, NOTE_TENTHS) + state;
        Chip { left: 0, top: 0, width, mark: part.mark, words, status: part.status, class: "part" }
    };
    node.parts.iter().map(part).collect()
}

/// Badges from left to right, in as many lines as they need; answers where the last line ends.
fn flow(badges: Vec<Chip>, width: i64, top: i64, chips: &mut Vec<Chip>) -> i64 {
    if badges.is_empty() {
        return top;
    }
    let (mut left, mut top) = (PAD - 2, top + 3);
    for badge in badges {
        if left > PAD && left + badge.width > width - PAD + 2 {
            (left, top) = (PAD - 2, top + CHIP_LINE);
        }
        let next = left + badge.width + CHIP_GAP;
        chips.push(Chip { left, top, ..badge });
        left = next;
    }
    top + CHIP_LINE - 3
}

/// Sizes are even, so that middles are whole.
fn even(size: i64) -> i64 {
    size + size.rem_euclid(2)
}

fn longest(lines: &[String], tenths: i64) -> i64 {
    lines.iter().map(|line| wide(line, tenths)).max().unwrap_or(0)
}

fn wide(words: &str, tenths: i64) -> i64 {
    i64::try_from(words.chars().count()).unwrap_or(0) * tenths / 10 + 1
}
