//! A timeline as an SVG picture: names, bars over time, notes.

use std::collections::BTreeSet;

use super::density::{FULL, Load, density};
use super::model::{End, Row, RowKind, Span, Timeline, What, grouped};
use super::scale::Scale;
use crate::graph::label::{elide, xml};
use crate::output::time::{span, utc};

/// More rows are not drawn; the picture says so.
const ROWS_SHOWN: usize = 400;

/// Shared by all pictures. Only plain rules: not every viewer knows custom properties.
const STYLE: &str = include_str!("style.css");

/// Around the picture.
const MARGIN: usize = 24;
/// Columns from left to right: names, how long it took, bars, notes.
const NAMES: usize = 190;
const TOOK: usize = 62;
const BARS: usize = 680;
const NOTES: usize = 240;
const WIDTH: usize = MARGIN + NAMES + TOOK + GAP + BARS + GAP + NOTES + MARGIN;
const GAP: usize = 12;
/// Where the bars begin.
const LEFT: usize = MARGIN + NAMES + TOOK + GAP;

/// A row and the bar in it.
const ROW: usize = 22;
const BAR: usize = 12;
/// From the top to the axis.
const HEAD: usize = 72;

/// Pixels between two ticks at least.
const TICK: usize = 76;
/// Pixels of one column of a bar of many items.
const CELL: usize = 2;

const NAME_COLUMNS: usize = 25;
const NOTE_COLUMNS: usize = 40;

impl Timeline {
    /// The picture as an SVG document.
    pub(crate) fn to_svg(&self) -> String {
        let (rows, left_out) = self.shown(ROWS_SHOWN);
        let scale = Scale::new(self.began, self.length(), BARS);
        let bottom = HEAD + 10 + ROW * rows.len();
        let legend = legend(&rows, left_out, bottom + 14);
        let mut out = String::with_capacity(4_096 + rows.len() * 400);
        self.open(&mut out, legend.bottom + MARGIN);
        axis(&mut out, &scale, bottom);
        for (at, row) in rows.iter().enumerate() {
            draw(&mut out, row, &scale, HEAD + 10 + ROW * at);
        }
        if let Some((at, reason)) = &self.cancelled {
            let x = LEFT + scale.column(*at);
            out.push_str(&format!(
                "<g class=\"cancel\"><title>cancel asked for: {}</title><path d=\"M{x},{HEAD}V{bottom}\"/></g>\n",
                xml(reason)
            ));
        }
        out.push_str(&legend.svg);
        out.push_str("</svg>\n");
        out
    }

    /// Everything before the axis.
    fn open(&self, out: &mut String, height: usize) {
        let title = xml(&self.heading());
        let cancel = self
            .cancelled
            .as_ref()
            .map_or_else(String::new, |(at, reason)| format!("; cancel asked for after {}: {}", span(at.since(self.began)), xml(reason)));
        out.push_str(&format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"jackfield-timeline\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
             role=\"img\" aria-labelledby=\"jt-title jt-desc\">\n<title id=\"jt-title\">{title}</title>\n<desc id=\"jt-desc\">{}</desc>\n\
             <style>\n{STYLE}</style>\n<text class=\"title\" x=\"{MARGIN}\" y=\"{}\">{title}</text>\n\
             <text class=\"note\" x=\"{MARGIN}\" y=\"{}\">from {}{cancel}</text>\n",
            xml(&self.description()),
            MARGIN + 8,
            MARGIN + 26,
            utc(self.began),
        ));
    }

    /// The picture in words, for those who do not see it.
    fn description(&self) -> String {
        let (rows, left_out) = self.shown(TOLD_MAX);
        let mut text = format!("{} rows over {}.", grouped(self.rows.len()), span(self.length()));
        for row in rows {
            text.push_str(&format!(" {}.", self.spoken(row)));
        }
        if left_out > 0 {
            text.push_str(&format!(" {} rows more.", grouped(left_out)));
        }
        text
    }

    fn spoken(&self, row: &Row) -> String {
        let time = row
            .time
            .map_or_else(String::new, |(from, to)| format!(", after {} for {}", span(from.since(self.began)), span(to.since(from))));
        let note = if row.note.is_empty() { String::new() } else { format!(", {}", row.note) };
        format!("{}: {}{time}{note}", row.name, row.status)
    }
}

/// Rows that are told one by one in the description.
const TOLD_MAX: usize = 60;

/// Times at the top, and lines down from them.
fn axis(out: &mut String, scale: &Scale, bottom: usize) {
    out.push_str("<g class=\"axis\">\n");
    out.push_str(&format!("<path d=\"M{LEFT},{HEAD}H{}\"/>\n", LEFT + BARS));
    for (column, time) in scale.ticks(TICK) {
        let x = LEFT + column;
        out.push_str(&format!("<path class=\"grid\" d=\"M{x},{HEAD}V{bottom}\"/>\n<text x=\"{x}\" y=\"{}\">{time}</text>\n", HEAD - 6));
    }
    out.push_str("</g>\n");
}

/// One row: its name, how long it took, its bars, its note.
fn draw(out: &mut String, row: &Row, scale: &Scale, top: usize) {
    let kind = if row.kind == RowKind::Item { "row item" } else { "row" };
    let (indent, baseline) = (if row.kind == RowKind::Item { 14 } else { 0 }, top + 15);
    out.push_str(&format!("<g class=\"{kind} {}\">\n<title>{}</title>\n", row.status, xml(&said(row))));
    let name = elide(&row.name, NAME_COLUMNS - indent / 7);
    out.push_str(&format!("<circle class=\"dot\" cx=\"{}\" cy=\"{}\" r=\"4\"/>\n", MARGIN + 4 + indent, top + 11));
    text(out, "name", MARGIN + 16 + indent, baseline, &name);
    if let Some((from, to)) = row.time {
        text(out, "took", LEFT - GAP, baseline, &span(to.since(from)));
    }
    if row.kind == RowKind::Items {
        area(out, row, scale, top + 3);
    } else {
        bars(out, row, scale, top + (ROW - BAR) / 2);
    }
    if !row.note.is_empty() {
        text(out, "note", LEFT + BARS + GAP, baseline, &elide(&row.note, NOTE_COLUMNS));
    }
    out.push_str("</g>\n");
}

fn said(row: &Row) -> String {
    let took = row.time.map_or_else(String::new, |(from, to)| format!(", {}", span(to.since(from))));
    let note = if row.note.is_empty() { String::new() } else { format!(", {}", row.note) };
    format!("{}: {}{took}{note}", row.name, row.status)
}

/// Each stretch of time as its own bar. Of those that would lie in one pixel, one is drawn.
fn bars(out: &mut String, row: &Row, scale: &Scale, top: usize) {
    let mut drawn = BTreeSet::new();
    for is_work in [false, true] {
        for span in row.spans.iter().filter(|span| (span.what == What::Work) == is_work) {
            let columns = scale.columns_of(span.from, span.to);
            if columns.len() > 1 || drawn.insert((columns.start, span.what, span.end)) {
                bar(out, span, LEFT + columns.start, columns.len(), top);
            }
        }
    }
}

fn bar(out: &mut String, span: &Span, x: usize, width: usize, top: usize) {
    let (what, end) = (what_word(span.what), end_word(span.end));
    let middle = top + BAR / 2;
    if matches!(span.what, What::Work | What::Blocked) {
        let width = width.max(2);
        out.push_str(&format!("<rect class=\"{what} {end}\" x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{BAR}\" rx=\"2\"/>\n"));
    } else {
        out.push_str(&format!("<path class=\"wait {what} {end}\" d=\"M{x},{middle}H{}\"/>\n", x + width));
    }
}

/// How many items worked at a time, as an area, with red where one failed.
fn area(out: &mut String, row: &Row, scale: &Scale, top: usize) {
    let scale = Scale { columns: BARS / CELL, ..*scale };
    let loads = density(&row.spans, &scale);
    let (height, bottom) = (ROW - 6, top + ROW - 6);
    let mut path = String::new();
    let rise = |load: &Load| bottom - load.level * height / FULL;
    let mut at = 0;
    for group in loads.chunk_by(|a, b| a.level == b.level) {
        if let Some(load) = group.first().filter(|load| load.level > 0) {
            let (left, right) = (LEFT + at * CELL, LEFT + (at + group.len()) * CELL);
            path.push_str(&format!("M{left},{bottom}V{}H{right}V{bottom}Z", rise(load)));
        }
        at += group.len();
    }
    out.push_str(&format!("<path class=\"area\" d=\"{path}\"/>\n"));
    for (class, wanted) in [("open", (false, true)), ("failed", (true, false))] {
        let mut path = String::new();
        for (at, load) in loads.iter().enumerate().filter(|(_, load)| load.failed == wanted.0 && (load.open || wanted.0)) {
            let left = LEFT + at * CELL;
            path.push_str(&format!("M{left},{bottom}V{}H{}V{bottom}Z", rise(load), left + CELL));
        }
        if !path.is_empty() {
            out.push_str(&format!("<path class=\"area {class}\" d=\"{path}\"/>\n"));
        }
    }
}

fn text(out: &mut String, class: &str, x: usize, y: usize, words: &str) {
    out.push_str(&format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>\n", xml(words)));
}

fn what_word(what: What) -> &'static str {
    match what {
        What::Work => "work",
        What::Retry => "retry",
        What::Time => "time",
        What::Signal => "signal",
        What::Approval => "approval",
        What::Lock => "signal",
        What::Blocked => "blocked",
    }
}

fn end_word(end: End) -> &'static str {
    match end {
        End::Done => "done",
        End::Failed => "failed",
        End::Open => "open",
        End::Lost => "lost",
        End::Released => "released",
        End::Cancelled => "cancelled",
    }
}

/// What the bars mean, as far as the picture has them.
struct Legend {
    svg: String,
    bottom: usize,
}

fn legend(rows: &[&Row], left_out: usize, top: usize) -> Legend {
    let spans = || rows.iter().filter(|row| row.kind != RowKind::Items).flat_map(|row| &row.spans);
    let mut entries: Vec<(Option<Span>, String)> = Vec::new();
    for what in What::ALL.into_iter().filter(|what| spans().any(|span| span.what == *what)) {
        entries.push((Some(Span::example(what, End::Done)), what.meaning().to_owned()));
    }
    for (end, meaning) in End::TOLD.into_iter().filter(|(end, _)| spans().any(|span| span.end == *end)) {
        entries.push((Some(Span::example(What::Work, end)), meaning.to_owned()));
    }
    if rows.iter().any(|row| row.kind == RowKind::Items) {
        entries.push((None, "height: how many items at work".to_owned()));
    }
    if left_out > 0 {
        entries.push((None, format!("{} rows are left out: what went well and took less time", grouped(left_out))));
    }
    let (mut svg, mut x, mut y) = ("<g class=\"legend\">\n".to_owned(), MARGIN, top);
    for (example, words) in entries {
        let mark = if example.is_some() { 30 } else { 0 };
        let room = mark + words.len() * 64 / 10 + 18;
        if x + room > WIDTH - MARGIN && x > MARGIN {
            (x, y) = (MARGIN, y + ROW);
        }
        if let Some(example) = example {
            bar(&mut svg, &example, x, 24, y);
        }
        text(&mut svg, "note", x + mark, y + 10, &words);
        x += room;
    }
    svg.push_str("</g>\n");
    Legend { svg, bottom: y + BAR }
}
