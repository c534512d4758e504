//! Reads the edges back out of a drawn text, as an eye would: out of a box at its bottom, along the lines, never up, until an arrow.

use std::collections::BTreeSet;

use super::super::model::Graph;
use super::super::text::Paint;
use super::kit::random;

const UP: u8 = 1;
const DOWN: u8 = 2;
const LEFT: u8 = 4;
const RIGHT: u8 = 8;

fn sides(c: char) -> u8 {
    match c {
        '│' => UP | DOWN,
        '─' => LEFT | RIGHT,
        '╯' => UP | LEFT,
        '╮' => DOWN | LEFT,
        '╰' => UP | RIGHT,
        '╭' => DOWN | RIGHT,
        '┤' => UP | DOWN | LEFT,
        '├' => UP | DOWN | RIGHT,
        '┴' => UP | LEFT | RIGHT,
        '┬' => DOWN | LEFT | RIGHT,
        '┼' => UP | DOWN | LEFT | RIGHT,
        _ => 0,
    }
}

struct Picture {
    cells: Vec<Vec<char>>,
    /// For each step the lines and columns of its box: top, bottom, left, right.
    boxes: Vec<[usize; 4]>,
}

impl Picture {
    fn read(graph: &Graph, text: &str) -> Self {
        let cells: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
        let at = |row: usize, column: usize| cells.get(row).and_then(|line: &Vec<char>| line.get(column)).copied().unwrap_or(' ');
        let corners = |row: usize, find: [char; 2]| (0..cells[row].len()).filter(move |column| find.contains(&at(row, *column)));
        let mut boxes = vec![None; graph.nodes.len()];
        for (top, left) in (0..cells.len()).flat_map(|row| corners(row, ['┌', '╔']).map(move |column| (row, column))) {
            let right = corners(top, ['┐', '╗']).find(|column| *column > left).expect("a right corner");
            let bottom = (top..cells.len()).find(|row| ['└', '╚'].contains(&at(*row, left))).expect("a bottom corner");
            let words: String = cells[top + 1][left..right].iter().collect();
            let name = words.split_whitespace().find(|word| word.starts_with('s')).expect("a name");
            let node = graph.nodes.iter().position(|node| node.name == name).expect("a step of that name");
            assert!(boxes[node].replace([top, bottom, left, right]).is_none(), "{name} is drawn twice");
        }
        Self { boxes: boxes.into_iter().map(|found| found.expect("every step is drawn")).collect(), cells }
    }

    fn at(&self, row: usize, column: usize) -> char {
        self.cells.get(row).and_then(|line| line.get(column)).copied().unwrap_or(' ')
    }

    fn edges(&self) -> BTreeSet<(usize, usize)> {
        let mut edges = BTreeSet::new();
        for (from, [_, bottom, left, right]) in self.boxes.iter().enumerate() {
            for column in (*left..*right).filter(|column| ['┬', '╤'].contains(&self.at(*bottom, *column))) {
                edges.extend(self.ends(*bottom + 1, column).into_iter().map(|to| (from, to)));
            }
        }
        edges
    }

    /// The steps that a line which comes down into this cell leads to.
    fn ends(&self, row: usize, column: usize) -> BTreeSet<usize> {
        let (mut ends, mut seen, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![(row, column, UP)]);
        while let Some((row, column, came)) = open.pop() {
            if !seen.insert((row, column, came)) {
                continue;
            }
            let (cell, mask) = (self.at(row, column), sides(self.at(row, column)));
            if cell == '▼' && came == UP {
                let inside = |frame: &[usize; 4]| frame[0] == row + 1 && (frame[2]..frame[3]).contains(&column);
                ends.insert(self.boxes.iter().position(inside).expect("an arrow leads to a box"));
            } else if mask == UP | DOWN && came != UP {
                // A line that is crossed goes on behind the other.
                open.push(if came == LEFT { (row, column + 1, LEFT) } else { (row, column - 1, RIGHT) });
            } else {
                assert!(mask & came != 0, "a line ends in nothing at {row}:{column} ({cell})");
                open.extend((mask & DOWN != 0).then_some((row + 1, column, UP)));
                open.extend((mask & LEFT != 0 && came != LEFT).then(|| (row, column - 1, RIGHT)));
                open.extend((mask & RIGHT != 0 && came != RIGHT).then_some((row, column + 1, LEFT)));
            }
        }
        ends
    }
}

/// Where there is room the picture is never a list, and it has all edges and no others.
fn check(graph: &Graph) {
    let text = graph.to_text(1_000, Paint::Plain);
    assert!(text.contains(['┌', '╔']), "\n{text}");
    let wanted: BTreeSet<(usize, usize)> = graph.edges.iter().copied().collect();
    assert_eq!(Picture::read(graph, &text).edges(), wanted, "\n{text}");
}

#[test]
fn lines_lead_where_the_edges_do() {
    for seed in 0..300 {
        let steps = 4 + usize::try_from(seed).expect("small") % 18;
        check(&random(seed, steps, 2, 7));
        check(&random(seed, steps, 5, 16));
    }
}
