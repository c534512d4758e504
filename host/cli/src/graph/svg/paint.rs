//! The parts of the SVG picture: its head with colours and marks, and boxes.

use jackfield_flow::plan::Effect;
use jackfield_flow::run::Status;

use super::super::label::xml;
use super::super::model::{Graph, Mark, Node};
use super::card::{BESIDE, CHIP, Card, Chip, LINE, MARK, NAME_LINE, PAD, STACK};
use super::frame::MARGIN;

/// Shared by all pictures. Only plain rules: not every viewer knows custom properties.
const STYLE: &str = include_str!("style.css");

/// Steps that are told one by one in the description.
const TOLD_MAX: usize = 100;

/// The marks, 14 × 14, drawn rather than written: fonts differ in what they have.
const MARKS: &str = r##"<marker id="jf-to" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path class="jf-head" d="M0,0.8L9.5,5L0,9.2L2.2,5Z"/></marker>
<marker id="jf-gone" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path class="jf-head gone" d="M0,0.8L9.5,5L0,9.2L2.2,5Z"/></marker>
<g id="jf-waiting"><circle class="ring" cx="7" cy="7" r="6"/></g>
<g id="jf-running"><circle class="disc" cx="7" cy="7" r="7"/><path class="glyph-fill" d="M5.3,3.8L10.6,7L5.3,10.2Z"/></g>
<g id="jf-done"><circle class="disc" cx="7" cy="7" r="7"/><path class="glyph" d="M3.8,7.3L6.1,9.6L10.3,4.8"/></g>
<g id="jf-failed"><circle class="disc" cx="7" cy="7" r="7"/><path class="glyph" d="M4.6,4.6L9.4,9.4M9.4,4.6L4.6,9.4"/></g>
<g id="jf-skipped"><circle class="disc" cx="7" cy="7" r="7"/><path class="glyph" d="M4,7L10,7"/></g>
<g id="jf-cancelled"><circle class="disc" cx="7" cy="7" r="7"/><path class="glyph-fill" d="M4.5,4.5H9.5V9.5H4.5Z"/></g>
<g id="jf-blocked"><circle class="disc" cx="7" cy="7" r="7"/><path class="glyph" d="M7,3.4V7.6M7,10.4V10.5"/></g>
<g id="jf-pure" class="pure"><path class="gem" d="M7,1.5L12.5,7L7,12.5L1.5,7Z"/></g>
<g id="jf-reads" class="reads"><path class="gem" d="M7,1.5L12.5,7L7,12.5L1.5,7Z"/><path class="full" d="M7,1.5V12.5L1.5,7Z"/></g>
<g id="jf-effects" class="effects"><path class="gem full" d="M7,1.5L12.5,7L7,12.5L1.5,7Z"/></g>
<g id="jf-flow" class="icon"><path d="M2.5,2.5H11.5V11.5H2.5ZM5,5H9V9H5Z"/></g>
<g id="jf-time" class="icon"><circle cx="7" cy="7" r="5"/><path d="M7,4V7L9.2,8.6"/></g>
<g id="jf-signal" class="icon"><path d="M2,3.5H12V10.5H2ZM2,3.5L7,7.5L12,3.5"/></g>
<g id="jf-approval" class="icon"><path d="M2.5,2.5H11.5V11.5H2.5ZM4.6,7.2L6.4,9L9.6,5"/></g>
<g id="jf-value" class="icon"><path d="M3.5,5.4H10.5M3.5,8.6H10.5"/></g>
<g id="jf-each" class="icon"><path d="M3.5,3V11M7,3V11M10.5,3V11"/></g>
<g id="jf-repeat" class="icon"><path d="M11,7A4,4 0 1 1 9.6,3.9M9.8,1.6V4.2H7.2"/></g>
<g id="jf-choose" class="icon"><path d="M7,12V8L3.5,4.5V2M7,8L10.5,4.5V2"/></g>
<g id="jf-race" class="icon"><path d="M4,12V2.5H10.5L8.8,4.8L10.5,7H4"/></g>
<g id="jf-lock" class="icon"><path d="M3.5,6.5H10.5V11.5H3.5ZM5,6.5V4.8A2,2 0 0 1 9,4.8V6.5"/></g>
<g id="jf-rate" class="icon"><path d="M2.8,10A4.7,4.7 0 1 1 11.2,10M7,9L9,5.5"/></g>
<g id="jf-deadline" class="icon"><path d="M4,2.5H10M4,11.5H10M4.7,2.5C4.7,6 9.3,8 9.3,11.5M9.3,2.5C9.3,6 4.7,8 4.7,11.5"/></g>
<g id="jf-cache" class="icon"><path d="M3,4A4,1.6 0 0 1 11,4A4,1.6 0 0 1 3,4V10A4,1.6 0 0 0 11,10V4"/></g>
<g id="jf-once" class="icon"><circle cx="7" cy="7" r="5"/><path d="M6,5.4L7.3,4.5V9.7"/></g>
<g id="jf-on-error" class="icon"><path d="M8,1.8L4,7.6H7L6,12.2L10,6.4H7Z"/></g>
<g id="jf-finally" class="icon"><path d="M2.5,7H9.5M7,4.5L9.5,7L7,9.5M11.5,3.5V10.5"/></g>
<g id="jf-compensate" class="icon"><path d="M5,3L2.5,5.5L5,8M2.5,5.5H8.5A3,3 0 0 1 8.5,11.5H6"/></g>
"##;

/// The drawing of a mark. A task has none.
pub(super) fn icon(mark: Mark) -> Option<&'static str> {
    Some(match mark {
        Mark::Task => return None,
        Mark::Flow => "flow",
        Mark::Time => "time",
        Mark::Signal => "signal",
        Mark::Approval => "approval",
        Mark::Value => "value",
        Mark::Each => "each",
        Mark::Repeat => "repeat",
        Mark::Choose => "choose",
        Mark::Race => "race",
        Mark::Lock => "lock",
        Mark::Rate => "rate",
        Mark::Deadline => "deadline",
        Mark::Cache => "cache",
        Mark::Once => "once",
        Mark::OnError => "on-error",
        Mark::Finally => "finally",
        Mark::Undo => "compensate",
    })
}

/// Everything before the first edge.
pub(super) fn open(out: &mut String, graph: &Graph, width: i64, height: i64) {
    out.push_str(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"jackfield-graph\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-labelledby=\"jf-title jf-desc\">\n<title id=\"jf-title\">{title}</title>\n<desc id=\"jf-desc\">{desc}</desc>\n\
         <style>\n{STYLE}</style>\n<defs>\n{MARKS}</defs>\n<text class=\"title\" x=\"{MARGIN}\" y=\"{}\">{title}</text>\n",
        MARGIN + 8,
        title = xml(&graph.title),
        desc = xml(&description(graph)),
    ));
}

/// The picture in words, for those who do not see it: every step as long as they are few, and how it stands.
fn description(graph: &Graph) -> String {
    let count = format!("{} steps, {} edges.", graph.nodes.len(), graph.edges.len());
    let mut text = count;
    for node in graph.nodes.iter().take(TOLD_MAX) {
        text.push_str(&format!(" {}.", spoken(node)));
    }
    text
}

/// A step in words.
fn spoken(node: &Node) -> String {
    let does: Vec<&str> = node.does.iter().map(|saying| saying.words.as_str()).collect();
    let mut text = format!("{} ({})", node.name, does.join(", "));
    if let Some(condition) = &node.condition {
        text.push_str(&format!(", if {condition}"));
    }
    let inner = node.inner.iter().map(|inner| format!("{}: {}", inner.label, inner.does.words));
    let badges = node.badges.iter().map(|badge| badge.words.clone());
    let parts = node.parts.iter().map(|part| part.text(&part.does.words));
    let state = node.status.map(|status| status.to_string());
    let note = Some(node.note.clone()).filter(|note| !note.is_empty());
    inner.chain(badges).chain(parts).chain(state).chain(note).for_each(|words| text.push_str(&format!("; {words}")));
    text
}

/// One box at the corner of its front card.
pub(super) fn node(out: &mut String, node: &Node, card: &Card, (x, y): (i64, i64)) {
    let state = node.status.map_or("plan", Status::as_str);
    let condition = if node.condition.is_some() { " if" } else { "" };
    let kind = node.does.first().and_then(|first| icon(first.mark)).unwrap_or("task");
    out.push_str(&format!("<g class=\"node {kind} {state}{condition}\" transform=\"translate({x} {y})\">\n"));
    out.push_str(&format!("<title>{}</title>\n", xml(&spoken(node))));
    let (width, height) = (card.width, card.height);
    if card.behind > 0 {
        for shift in [2 * STACK, STACK] {
            out.push_str(&format!(
                "<rect class=\"card back\" x=\"{shift}\" y=\"{shift}\" width=\"{width}\" height=\"{height}\" rx=\"9\"/>\n"
            ));
        }
    }
    out.push_str(&format!("<rect class=\"card\" width=\"{width}\" height=\"{height}\" rx=\"9\"/>\n"));
    head(out, node, card);
    let mut baseline = PAD - 3 + 13 + NAME_LINE * super::frame::count(&card.name) - 1;
    for line in &card.lines {
        let mut left = line.left;
        if let Some(name) = line.mark.and_then(icon) {
            used(out, name, left, baseline - 11);
            left += BESIDE;
        }
        text(out, line.class, left, baseline, &line.words);
        baseline += LINE;
    }
    if let Some((done, total)) = node.items {
        bar(out, card, done, total);
    }
    card.chips.iter().for_each(|part| chip(out, part));
    out.push_str("</g>\n");
}

/// The name, with the state in front and the effect behind.
fn head(out: &mut String, node: &Node, card: &Card) {
    let mut left = PAD;
    if let Some(status) = node.status {
        used(out, status.as_str(), PAD, PAD - 3 + 2);
        left += MARK + 6;
    }
    if let Some(effect) = node.effect {
        used(out, effect_word(effect), card.width - PAD - MARK + 2, PAD - 3 + 2);
    }
    for (line, baseline) in card.name.iter().zip((PAD - 3 + 13..).step_by(18)) {
        text(out, "name", left, baseline, line);
    }
}

/// A badge, or what belongs to the step.
fn chip(out: &mut String, chip: &Chip) {
    let (left, top) = (chip.left, chip.top);
    let mark = icon(chip.mark).unwrap_or("task");
    let state = chip.status.map_or_else(String::new, |status| format!(" {status}"));
    out.push_str(&format!(
        "<rect class=\"{} {mark}{state}\" x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{CHIP}\" rx=\"{}\"/>\n",
        chip.class,
        chip.width,
        if chip.class == "badge" { 9 } else { 4 },
    ));
    used(out, mark, left + 5, top + 2);
    text(out, "chip", left + 4 + BESIDE, top + 13, &chip.words);
    if let Some(status) = chip.status {
        out.push_str(&format!(
            "<g class=\"{status}\"><use href=\"#jf-{status}\" x=\"{}\" y=\"{}\"/></g>\n",
            left + chip.width - MARK - 4,
            top + 2
        ));
    }
}

fn used(out: &mut String, name: &str, x: i64, y: i64) {
    out.push_str(&format!("<use href=\"#jf-{name}\" x=\"{x}\" y=\"{y}\"/>\n"));
}

/// How many items are done, as a bar below the lines of the card.
fn bar(out: &mut String, card: &Card, done: u32, total: u32) {
    let room = card.width - 2 * PAD;
    let full = if total == 0 { room } else { room * i64::from(done.min(total)) / i64::from(total) };
    let y = card.bar;
    out.push_str(&format!("<rect class=\"track\" x=\"{PAD}\" y=\"{y}\" width=\"{room}\" height=\"4\" rx=\"2\"/>\n"));
    if full > 0 {
        out.push_str(&format!("<rect class=\"fill\" x=\"{PAD}\" y=\"{y}\" width=\"{full}\" height=\"4\" rx=\"2\"/>\n"));
    }
}

fn text(out: &mut String, class: &str, x: i64, y: i64, words: &str) {
    out.push_str(&format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>\n", xml(words)));
}

/// The drawing of an effect class.
pub(super) fn effect_word(effect: Effect) -> &'static str {
    match effect {
        Effect::Pure => "pure",
        Effect::Reads => "reads",
        Effect::Effects => "effects",
    }
}
