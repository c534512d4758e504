//! A timeline for the terminal: one line a row, no line wider than asked for.

use std::ffi::OsString;

use jackfield_flow::run::Status;

use super::density::{FULL, density};
use super::model::{End, Row, RowKind, Span, Timeline, What, grouped};
use super::scale::Scale;
use crate::graph::label::elide;
use crate::graph::{Ink, Line, Paint, line, mark, print, put};
use crate::output::time::{span, utc};

/// More rows are not shown.
const ROWS_SHOWN: usize = 100;

/// The narrowest and the widest terminal that is believed.
const WIDTH_MIN: usize = 16;
const WIDTH_MAX: usize = 1_000;

/// Below this width there is no column for how long a row took.
const WIDTH_OF_TIMES: usize = 56;

/// The widest column of names.
const NAME_COLUMNS: usize = 32;
const TOOK_COLUMNS: usize = 8;

/// Between two ticks.
const TICK_COLUMNS: usize = 10;

/// Columns with failures are marked when they are at most one in so many.
const MARKED_PART: usize = 4;

/// Which characters the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Glyphs {
    /// Blocks and lines.
    Unicode,
    /// Letters and signs of every terminal.
    Ascii,
}

impl Glyphs {
    /// What the locale says, as POSIX orders its variables. One that says nothing is believed to have all: in containers none is set.
    pub(crate) fn of(env: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| env(name).filter(|value| !value.is_empty()));
        let locale = locale.map(|locale| locale.to_string_lossy().to_lowercase().replace('-', ""));
        if locale.is_none_or(|locale| locale.contains("utf8")) { Self::Unicode } else { Self::Ascii }
    }

    /// What a stretch of time is filled with.
    fn fill(self, span: &Span) -> &'static str {
        let (unicode, ascii) = match (span.what, span.end) {
            (What::Work, End::Lost | End::Released) => ("░", "%"),
            (What::Work, End::Open) => ("▓", ">"),
            (What::Work, _) => ("█", "#"),
            (What::Retry, _) => ("╌", "."),
            (What::Time, _) => ("─", "-"),
            (What::Signal | What::Approval | What::Lock, _) => ("═", "="),
            (What::Blocked, _) => ("!", "!"),
        };
        self.pick(unicode, ascii)
    }

    /// What stands in the last column of a stretch of time, if that is not what fills it.
    fn end(self, end: End) -> Option<&'static str> {
        match end {
            End::Failed => Some(self.pick("✗", "x")),
            End::Cancelled => Some(self.pick("■", "/")),
            _ => None,
        }
    }

    fn level(self, level: usize) -> &'static str {
        let unicode = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
        let ascii = [" ", ".", ":", "-", "=", "+", "*", "%", "#"];
        self.pick(unicode[level.min(FULL)], ascii[level.min(FULL)])
    }

    fn sign(self, status: Status) -> &'static str {
        let ascii = match status {
            Status::Waiting => "o",
            Status::Running => ">",
            Status::Done => "+",
            Status::Failed => "x",
            Status::Skipped => "-",
            Status::Cancelled => "/",
            Status::Blocked => "!",
        };
        self.pick(mark(status), ascii)
    }

    fn pick(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self == Self::Unicode { unicode } else { ascii }
    }

    /// The text without the characters beyond ASCII that are ours.
    fn words(self, text: &str) -> String {
        if self == Self::Unicode { text.to_owned() } else { text.replace('…', "~") }
    }
}

/// Where the columns are.
struct Frame {
    names: usize,
    /// Where the bars begin.
    left: usize,
    scale: Scale,
    glyphs: Glyphs,
    width: usize,
}

impl Timeline {
    /// The picture as text in at most `width` columns, at least 16.
    pub(crate) fn to_text(&self, width: usize, paint: Paint, glyphs: Glyphs) -> String {
        let width = width.clamp(WIDTH_MIN, WIDTH_MAX);
        let (rows, left_out) = self.shown(ROWS_SHOWN);
        let longest = rows.iter().map(|row| indent(row) + row.name.chars().count()).max().unwrap_or(0);
        let names = longest.min(NAME_COLUMNS).min(width / 3);
        let took = if width < WIDTH_OF_TIMES { 0 } else { TOOK_COLUMNS + 1 };
        let left = 2 + names + took + 2;
        let frame = Frame { names, left, scale: Scale::new(self.began, self.length(), width - left), glyphs, width };
        let mut lines = self.head(&frame);
        lines.extend(frame.axis());
        rows.iter().for_each(|row| frame.row(row, &mut lines));
        if left_out > 0 {
            let text = format!("… {} rows more: what went well and took less time, what has not begun", grouped(left_out));
            lines.push(line(&[(&glyphs.words(&elide(&text, width)), Ink::Dim)]));
        }
        lines.extend(frame.legend(&rows));
        print(&lines, paint)
    }

    fn head(&self, frame: &Frame) -> Vec<Line> {
        let cut = |text: &str| frame.glyphs.words(&elide(text, frame.width));
        let mut lines = vec![line(&[(&cut(&self.heading()), Ink::Bold)])];
        lines.push(line(&[(&cut(&format!("from {}", utc(self.began))), Ink::Dim)]));
        if let Some((at, reason)) = &self.cancelled {
            let text = format!("cancel asked for after {}: {reason}", span(at.since(self.began)));
            lines.push(line(&[(&cut(&text), Ink::Status(Status::Cancelled))]));
        }
        lines
    }
}

fn indent(row: &Row) -> usize {
    if row.kind == RowKind::Item { 2 } else { 0 }
}

impl Frame {
    /// Times above a line with ticks.
    fn axis(&self) -> Vec<Line> {
        let glyph = |unicode, ascii| self.glyphs.pick(unicode, ascii);
        let (mut times, mut ruler) = (Line::new(), Line::new());
        put(&mut ruler, self.left, &glyph("─", "-").repeat(self.scale.columns), Ink::Dim);
        for (column, time) in self.scale.ticks(TICK_COLUMNS) {
            let tick = if column == 0 { glyph("├", "+") } else { glyph("┬", "+") };
            put(&mut ruler, self.left + column, tick, Ink::Dim);
            if column + time.len() <= self.scale.columns {
                put(&mut times, self.left + column, &time, Ink::Dim);
            }
        }
        vec![times, ruler]
    }

    /// A row, and below it what is to be said when there is no room beside the bar.
    fn row(&self, row: &Row, lines: &mut Vec<Line>) {
        let mut out = Line::new();
        put(&mut out, 0, self.glyphs.sign(row.status), Ink::Status(row.status));
        let name = self.glyphs.words(&elide(&row.name, self.names.saturating_sub(indent(row))));
        put(&mut out, 2 + indent(row), &name, if row.kind == RowKind::Item { Ink::Plain } else { Ink::Bold });
        if let Some((from, to)) = row.time.filter(|_| self.left > self.names + 4) {
            let took = span(to.since(from));
            put(&mut out, (self.left - 2).saturating_sub(took.len()), &took, Ink::Dim);
        }
        let bar = if row.kind == RowKind::Items { self.loads(row, &mut out) } else { self.bars(row, &mut out) };
        let mut below = None;
        if !row.note.is_empty() {
            let note = self.glyphs.words(&elide(&row.note, self.scale.columns));
            let length = note.chars().count();
            if bar.end + 1 + length < self.scale.columns || bar.end == 0 {
                put(&mut out, self.left + bar.end + usize::from(bar.end > 0), &note, Ink::Dim);
            } else if length < bar.start {
                put(&mut out, self.left + bar.start - length - 1, &note, Ink::Dim);
            } else {
                let mut under = Line::new();
                put(&mut under, self.left, &note, Ink::Dim);
                below = Some(under);
            }
        }
        lines.push(out);
        lines.extend(below);
    }

    /// Each stretch of time as its own bar; answers the columns that they take.
    fn bars(&self, row: &Row, out: &mut Line) -> std::ops::Range<usize> {
        let mut all = self.scale.columns..0;
        // Work comes after waits, and ends come last, so that what is short is not hidden.
        for is_work in [false, true] {
            for span in row.spans.iter().filter(|span| (span.what == What::Work) == is_work) {
                let columns = self.scale.columns_of(span.from, span.to);
                put(out, self.left + columns.start, &self.glyphs.fill(span).repeat(columns.len()), ink(span));
                all = all.start.min(columns.start)..all.end.max(columns.end);
            }
        }
        for span in &row.spans {
            if let Some(end) = self.glyphs.end(span.end) {
                put(out, self.left + self.scale.columns_of(span.from, span.to).end - 1, end, ink(span));
            }
        }
        if row.spans.is_empty() { 0..0 } else { all }
    }

    /// How many items worked at a time; answers the columns that it takes.
    fn loads(&self, row: &Row, out: &mut Line) -> std::ops::Range<usize> {
        let loads = density(&row.spans, &self.scale);
        // A few failures get the mark that a person looks for; of many the colour and the count tell.
        let marked = loads.iter().filter(|load| load.failed).count() * MARKED_PART <= loads.len();
        for (column, load) in loads.iter().enumerate().filter(|(_, load)| load.level > 0) {
            let status = match (load.failed, load.open) {
                (true, _) => Status::Failed,
                (false, true) => Status::Running,
                (false, false) => Status::Done,
            };
            let end = self.glyphs.end(End::Failed).filter(|_| load.failed && marked);
            put(out, self.left + column, end.unwrap_or(self.glyphs.level(load.level)), Ink::Status(status));
        }
        let first = loads.iter().position(|load| load.level > 0);
        let last = loads.iter().rposition(|load| load.level > 0);
        first.zip(last).map_or(0..0, |(first, last)| first..last + 1)
    }

    /// What the bars mean, as far as the rows have them, in as many lines as they need.
    fn legend(&self, rows: &[&Row]) -> Vec<Line> {
        let spans = || rows.iter().filter(|row| row.kind != RowKind::Items).flat_map(|row| &row.spans);
        let mut entries: Vec<(String, Ink, &str)> = Vec::new();
        for what in What::ALL.into_iter().filter(|what| spans().any(|span| span.what == *what)) {
            let example = Span::example(what, End::Done);
            entries.push((self.glyphs.fill(&example).to_owned(), ink(&example), what.meaning()));
        }
        for (end, meaning) in End::TOLD.into_iter().filter(|(end, _)| spans().any(|span| span.end == *end)) {
            let example = Span::example(What::Work, end);
            entries.push((self.glyphs.end(end).unwrap_or(self.glyphs.fill(&example)).to_owned(), ink(&example), meaning));
        }
        let items = || rows.iter().filter(|row| row.kind == RowKind::Items);
        if items().flat_map(|row| &row.spans).any(|span| span.end == End::Failed) && !spans().any(|span| span.end == End::Failed) {
            let failed = Span::example(What::Work, End::Failed);
            entries.push((self.glyphs.end(End::Failed).unwrap_or_default().to_owned(), ink(&failed), "failed"));
        }
        if items().next().is_some() {
            let few_and_many = format!("{}{}", self.glyphs.level(2), self.glyphs.level(FULL));
            entries.push((few_and_many, Ink::Status(Status::Done), "fewer or more items at work"));
        }
        let mut lines = vec![Line::new()];
        for (mark, ink, meaning) in entries {
            let mut entry = line(&[(&mark, ink), (" ", Ink::Plain), (meaning, Ink::Dim)]);
            entry.truncate(self.width);
            let last = lines.last().map_or(0, Vec::len);
            if last == 0 || last + 3 + entry.len() > self.width {
                lines.push(entry);
            } else if let Some(last) = lines.last_mut() {
                last.extend(line(&[("   ", Ink::Plain)]));
                last.extend(entry);
            }
        }
        lines
    }
}

fn ink(span: &Span) -> Ink {
    match (span.what, span.end) {
        (What::Work, end) => Ink::Status(end.status()),
        (What::Blocked, _) => Ink::Status(Status::Blocked),
        (What::Retry | What::Time | What::Signal | What::Approval | What::Lock, End::Failed) => Ink::Status(Status::Failed),
        (What::Retry, _) => Ink::Status(Status::Blocked),
        (What::Time | What::Signal | What::Approval | What::Lock, _) => Ink::Dim,
    }
}
