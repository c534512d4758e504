//! Tables: a grid where it fits, one block per row where it does not.

use anstyle::Style;
use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table as Grid, presets};

use super::style::{BAD, BUSY, DIM, GOOD, STRONG, WARN, paint};
use super::{Output, escape};

/// The fewest columns a cell is squeezed into before the grid is given up.
const CELL_COLUMNS_MIN: usize = 12;

/// A table of text.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<Field>>,
}

/// One cell: text that has been made harmless, and its style.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    text: String,
    style: Style,
}

impl Field {
    /// Text in a style.
    pub(crate) fn styled(text: impl AsRef<str>, style: Style) -> Self {
        let lines: Vec<_> = text.as_ref().split('\n').map(escape::line).collect();
        Self { text: lines.join("\n"), style }
    }
}

impl<T: AsRef<str>> From<T> for Field {
    fn from(text: T) -> Self {
        Self::styled(text, Style::new())
    }
}

impl Table {
    /// A table without rows.
    pub(crate) fn new(head: impl IntoIterator<Item = &'static str>) -> Self {
        Self { head: head.into_iter().collect(), rows: Vec::new() }
    }

    /// Adds a row; it has as many fields as the head.
    pub(crate) fn row(&mut self, fields: impl IntoIterator<Item = Field>) {
        self.rows.push(fields.into_iter().collect());
    }

    /// The table as lines for the standard output of this process.
    pub(crate) fn render(&self, output: &Output) -> String {
        match output.width() {
            Some(width) if !self.fits(width) => self.blocks(),
            width => self.grid(width, output.colors_data()),
        }
    }

    /// Whether every column gets what it needs, or at least some room.
    fn fits(&self, width: usize) -> bool {
        let widest = |column: usize| {
            let cells =
                self.rows.iter().filter_map(|row| row.get(column)).flat_map(|field| field.text.lines().map(|line| line.chars().count()));
            cells.chain([self.head[column].len()]).max().unwrap_or(0)
        };
        let needed: usize = (0..self.head.len()).map(|column| widest(column).min(CELL_COLUMNS_MIN) + 2).sum();
        needed <= width + 2
    }

    fn grid(&self, width: Option<usize>, colored: bool) -> String {
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING);
        match width.and_then(|width| u16::try_from(width).ok()) {
            Some(width) => grid.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
            None => grid.set_content_arrangement(ContentArrangement::Disabled),
        };
        if colored {
            grid.enforce_styling()
        } else {
            grid.force_no_tty()
        };
        let strong = |head: &&str| Cell::new(head).add_attribute(Attribute::Bold);
        grid.set_header(self.head.iter().map(strong).collect::<Vec<_>>());
        for row in &self.rows {
            grid.add_row(row.iter().map(cell).collect::<Vec<_>>());
        }
        let last = self.head.len().saturating_sub(1);
        for (at, column) in grid.column_iter_mut().enumerate() {
            column.set_padding((0, if at == last { 0 } else { 2 }));
        }
        grid.trim_fmt()
    }

    /// For narrow terminals: `HEAD text`, one field a line.
    fn blocks(&self) -> String {
        let block = |row: &Vec<Field>| {
            let fields = row.iter().zip(&self.head).filter(|(field, _)| !field.text.is_empty());
            fields.map(|(field, head)| format!("{} {}\n", paint(STRONG, head), paint(field.style, &field.text))).collect::<String>()
        };
        self.rows.iter().map(block).collect::<Vec<_>>().join("\n")
    }
}

fn cell(field: &Field) -> Cell {
    let cell = Cell::new(&field.text);
    match field.style {
        style if style == GOOD => cell.fg(Color::DarkGreen),
        style if style == BAD => cell.fg(Color::DarkRed).add_attribute(Attribute::Bold),
        style if style == WARN => cell.fg(Color::DarkYellow),
        style if style == BUSY => cell.fg(Color::DarkCyan),
        style if style == DIM => cell.add_attribute(Attribute::Dim),
        style if style == STRONG => cell.add_attribute(Attribute::Bold),
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(["STEP", "STATE", "NOTE"]);
        table.row(["fetch".into(), Field::styled("done", GOOD), "".into()]);
        table.row(["save".into(), Field::styled("failed", BAD), "a\x1b[2J note of some length that must wrap".into()]);
        table
    }

    #[test]
    fn without_an_end_of_line_nothing_wraps() {
        let shown = table().grid(None, false);
        let expected = "STEP   STATE   NOTE\nfetch  done\nsave   failed  a\\x1b[2J note of some length that must wrap";
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_grid_keeps_to_its_width() {
        let shown = table().grid(Some(40), false);
        assert!(shown.lines().all(|line| line.chars().count() <= 40), "{shown}");
        assert!(table().grid(Some(40), true).contains("\x1b["));
    }

    #[test]
    fn twenty_columns_get_blocks() {
        assert!(!table().fits(20));
        let plain = anstream::adapter::strip_str(&table().blocks()).to_string();
        assert!(plain.starts_with("STEP fetch\nSTATE done\n\nSTEP save\n"), "{plain}");
    }
}
