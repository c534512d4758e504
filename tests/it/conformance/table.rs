//! The table of languages and cases in `sdk/README.md`.

use std::fmt::Write as _;
use std::fs;

use super::{Dialect, Report, cases};

const BEGIN: &str = "<!-- conformance: written by the test of this name -->\n";
const END: &str = "<!-- end of conformance -->\n";

/// The table says of every language that could be built what was run; `UPDATE_EXPECT=1` makes it say so.
pub(super) fn check(dialects: &[Dialect]) {
    let path = kit::file("sdk/README.md");
    let page = fs::read_to_string(&path).expect("the page is there");
    let (before, rest) = page.split_once(BEGIN).expect("the table has a beginning");
    let (written, after) = rest.split_once(END).expect("the table has an end");
    let table = table(dialects, written);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).expect("it can be written");
    } else {
        assert_eq!(cases_of(written), cases_of(&table), "run this test with UPDATE_EXPECT=1 to write the table again");
    }
}

fn table(dialects: &[Dialect], written: &str) -> String {
    let heads = dialects.iter().fold(String::new(), |heads, dialect| heads + " " + dialect.name + " |");
    let mut table = format!("| case |{heads}\n| --- |{}\n", " --- |".repeat(dialects.len()));
    let mut row = |name: &str, cell: &dyn Fn(&Report, usize) -> String, case: usize| {
        let _ = write!(table, "| {name} |");
        for (column, dialect) in dialects.iter().enumerate() {
            // Where a language cannot be built, nothing new is known about it.
            let known = dialect.report().map_or_else(|| before(written, name, column), |report| cell(report, case));
            let _ = write!(table, " {known} |");
        }
        table.push('\n');
    };
    for (at, case) in cases::ALL.iter().enumerate() {
        row(case.name, &|report, case| if report.failures[case].is_none() { "✓".to_owned() } else { "✗".to_owned() }, at);
    }
    row("size", &|report, _| size(report.size_bytes), 0);
    row("fresh call", &|report, _| format!("{:.2} ms", report.call.as_secs_f64() * 1e3), 0);
    table
}

fn size(bytes: u64) -> String {
    let kib = bytes.div_ceil(1 << 10);
    if kib < 1_024 { format!("{kib} KiB") } else { format!("{}.{} MiB", kib >> 10, ((kib & 1_023) * 10) >> 10) }
}

/// What the page said in a cell.
fn before(written: &str, name: &str, column: usize) -> String {
    let row = written.lines().find(|line| line.starts_with(&format!("| {name} |")));
    row.and_then(|row| row.split('|').nth(column + 2)).map_or("–", str::trim).to_owned()
}

/// The rows that are the same on every machine.
fn cases_of(table: &str) -> Vec<&str> {
    table.lines().filter(|line| !line.starts_with("| size |") && !line.starts_with("| fresh call |")).collect()
}
