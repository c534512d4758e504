//! The parts of the SVG picture: its head with colours and marks, boxes, the legend.

use jackfield_flow::plan::Effect;
use jackfield_flow::run::Status;

use super::super::model::{Graph, Kind, Node};
use super::frame::{Card, LINE, MARGIN, MARK, NAME_LINE, PAD, STACK};
use super::kind_class;

/// Shared by all pictures. Only plain rules: not every viewer knows custom properties.
const STYLE: &str = include_str!("style.css");

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
"##;

/// Everything before the first edge.
pub(super) fn open(out: &mut String, graph: &Graph, width: i64, height: i64) {
    out.push_str(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"jackfield-graph\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n<defs>\n{MARKS}</defs>\n\
         <text class=\"title\" x=\"{MARGIN}\" y=\"{}\">{title}</text>\n",
        MARGIN + 8,
        title = escaped(&graph.title),
    ));
}

/// One box at the corner of its front card.
pub(super) fn node(out: &mut String, node: &Node, card: &Card, (x, y): (i64, i64)) {
    let state = node.status.map_or("plan", Status::as_str);
    let condition = if node.conditional { " if" } else { "" };
    let kind = kind_class(node.kind);
    out.push_str(&format!("<g class=\"node {kind} {state}{condition}\" transform=\"translate({x} {y})\">\n"));
    out.push_str(&format!("<title>{} ({})</title>\n", escaped(&node.name), escaped(&node.task)));
    let (width, height) = (card.width, card.height);
    if card.behind > 0 {
        for shift in [2 * STACK, STACK] {
            out.push_str(&format!(
                "<rect class=\"card back\" x=\"{shift}\" y=\"{shift}\" width=\"{width}\" height=\"{height}\" rx=\"9\"/>\n"
            ));
        }
    }
    out.push_str(&format!("<rect class=\"card\" width=\"{width}\" height=\"{height}\" rx=\"9\"/>\n"));
    let mut baseline = PAD - 3 + 13;
    let mut left = PAD;
    if node.status.is_some() {
        out.push_str(&format!("<use href=\"#jf-{state}\" x=\"{PAD}\" y=\"{}\"/>\n", PAD - 3 + 2));
        left += MARK + 6;
    }
    out.push_str(&format!("<use href=\"#jf-{}\" x=\"{}\" y=\"{}\"/>\n", effect_word(node.effect), width - PAD - MARK + 2, PAD - 3 + 2));
    for line in &card.name {
        text(out, "name", left, baseline, line);
        baseline += NAME_LINE;
    }
    for (class, lines) in [("call", &card.task), ("note", &card.note)] {
        for line in lines {
            text(out, class, PAD, baseline - 1, line);
            baseline += LINE;
        }
    }
    if let Kind::ForEach { items: Some((done, total)), .. } = node.kind {
        bar(out, card, done, total);
    }
    out.push_str("</g>\n");
}

/// How many items are done, as a bar along the bottom of the card.
fn bar(out: &mut String, card: &Card, done: u32, total: u32) {
    let room = card.width - 2 * PAD;
    let full = if total == 0 { room } else { room * i64::from(done.min(total)) / i64::from(total) };
    let y = card.height - 13;
    out.push_str(&format!("<rect class=\"track\" x=\"{PAD}\" y=\"{y}\" width=\"{room}\" height=\"4\" rx=\"2\"/>\n"));
    if full > 0 {
        out.push_str(&format!("<rect class=\"fill\" x=\"{PAD}\" y=\"{y}\" width=\"{full}\" height=\"4\" rx=\"2\"/>\n"));
    }
}

fn text(out: &mut String, class: &str, x: i64, y: i64, words: &str) {
    out.push_str(&format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>\n", escaped(words)));
}

fn effect_word(effect: Effect) -> &'static str {
    match effect {
        Effect::Pure => "pure",
        Effect::Reads => "reads",
        Effect::Effects => "effects",
    }
}

/// What the marks mean, as far as the picture has them.
pub(super) struct Legend {
    pub(super) svg: String,
    pub(super) height: i64,
}

pub(super) fn legend(graph: &Graph, width: i64, left_out: usize) -> Legend {
    let mut entries: Vec<(String, String)> = Vec::new();
    let mark = |class: &str, word: &str| format!("<g class=\"node {class}\"><use href=\"#jf-{word}\"/></g>");
    for (effect, meaning) in [(Effect::Pure, "pure"), (Effect::Reads, "reads"), (Effect::Effects, "has effects")] {
        if graph.nodes.iter().any(|node| node.effect == effect) {
            entries.push((mark("plan", effect_word(effect)), meaning.to_owned()));
        }
    }
    if graph.nodes.iter().any(|node| node.kind != Kind::Task) {
        let card = |x: u8, y: u8| format!("<rect class=\"card\" x=\"{x}\" y=\"{y}\" width=\"11\" height=\"8\" rx=\"2\"/>");
        entries.push((format!("<g class=\"node plan\">{}{}</g>", card(4, 5), card(1, 2)), "for each item".to_owned()));
    }
    if graph.nodes.iter().any(|node| node.conditional) {
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

/// Text as XML character data.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}
