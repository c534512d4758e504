//! One plugin, written in every language (`tests/guests/conformance`), put through the same cases. The table in `sdk/README.md` is what
//! comes of it; `UPDATE_EXPECT=1` writes it again.

mod cases;
mod guest;
mod table;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::time::Duration;

use guest::Guest;
use jackfield_build::BuildError;

/// A language's folder, and what people call it.
struct Dialect {
    folder: &'static str,
    name: &'static str,
    report: OnceLock<Option<Report>>,
}

impl Dialect {
    const fn new(folder: &'static str, name: &'static str) -> Self {
        Self { folder, name, report: OnceLock::new() }
    }

    /// What came of all cases; nothing where the language's tools cannot be had, which on CI is a failure.
    fn report(&self) -> Option<&Report> {
        self.report.get_or_init(|| Report::of(self.folder)).as_ref()
    }
}

static DIALECTS: [Dialect; 6] = [
    Dialect::new("rust", "Rust"),
    Dialect::new("python", "Python"),
    Dialect::new("javascript", "JavaScript"),
    Dialect::new("typescript", "TypeScript"),
    Dialect::new("c", "C"),
    Dialect::new("cpp", "C++"),
];

/// What came of the cases in one language.
struct Report {
    /// For each case, in their order, what went wrong.
    failures: Vec<Option<String>>,
    size_bytes: u64,
    /// A whole call in a fresh instance.
    call: Duration,
}

impl Report {
    #[expect(clippy::print_stderr, reason = "who reads the tests has to know that one did not run")]
    fn of(folder: &str) -> Option<Self> {
        let file = match kit::conformance(folder) {
            Ok(file) => file,
            // A tool that is missing here says nothing about the plugin; where everything is tested, nothing may be missing.
            Err(error @ (BuildError::NoProgram { .. } | BuildError::TooOld { .. } | BuildError::Lacking { .. }))
                if std::env::var_os("CI").is_none() =>
            {
                eprintln!("skipped: {folder}: {error}");
                return None;
            }
            Err(error) => panic!("{folder}: {error}"),
        };
        let guest = Guest::new(&file);
        let failures =
            cases::ALL.iter().map(|case| catch_unwind(AssertUnwindSafe(|| (case.check)(&guest))).err().map(|panic| words(&*panic)));
        Some(Self {
            failures: failures.collect(),
            size_bytes: std::fs::metadata(&file).expect("it is there").len(),
            call: guest.call_time(),
        })
    }
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").to_owned()
}

/// All cases pass in a language.
#[track_caller]
fn passes(folder: &str) {
    let dialect = DIALECTS.iter().find(|dialect| dialect.folder == folder).expect("a dialect");
    let Some(report) = dialect.report() else { return };
    let failed: Vec<String> = cases::ALL
        .iter()
        .zip(&report.failures)
        .filter_map(|(case, failure)| Some(format!("{}: {}", case.name, failure.as_ref()?)))
        .collect();
    assert!(failed.is_empty(), "{} of {} cases fail in {}:\n{}", failed.len(), cases::ALL.len(), dialect.name, failed.join("\n"));
}

#[test]
fn rust() {
    passes("rust");
}

#[test]
fn python() {
    passes("python");
}

#[test]
fn javascript() {
    passes("javascript");
}

#[test]
fn typescript() {
    passes("typescript");
}

#[test]
fn c() {
    passes("c");
}

#[test]
fn cpp() {
    passes("cpp");
}

/// What an author is told of the plugin: warnings alone, because most of its tasks have no example.
#[test]
fn plugin_check_has_nothing_against_them() {
    let world = kit::world::World::new();
    for dialect in &DIALECTS {
        let Ok(file) = kit::conformance(dialect.folder) else { continue };
        let file = file.display().to_string();
        let checked = world.jackfield(&["plugin", "check", &file, "--json"]).expect(0).json();
        let findings = checked["findings"].as_array().expect("a list");
        let other =
            |found: &&serde_json::Value| !found["message"].as_str().is_some_and(|text| text.starts_with("it has no `example-input`"));
        assert_eq!(findings.iter().filter(other).count(), 0, "{}: {checked}", dialect.name);
        assert!(checked["call_ms"].is_number() && checked["memory_bytes"].as_u64() > Some(0), "{}: {checked}", dialect.name);
    }
}

#[test]
fn the_table_says_what_was_run() {
    table::check(&DIALECTS);
}
