//! Components that no toolchain would make, through the whole engine.

use std::path::Path;

use handwritten::{Expected, Hostile, hostile};
use jackfield_flow::definition::Source;
use jackfield_flow::run::{RunId, Status};
use jackfield_worker::WorkflowFile;
use kit::engine::Engine;

use super::runs::{engine, honest, workflow};

/// Every row that [`hostile`] serves, each with a test below.
const ROWS: [&str; 12] = ["H01", "H03", "H04", "H05", "H06", "H09", "H10", "H12", "H13", "H14", "H29", "describe"];
/// Rows of other parts of CASES.
const OTHER_ROWS: [&str; 2] = ["D24", "P04"];

/// Runs all guests of a row at once, and honest runs beside them.
async fn check(row: &str) {
    let engine = engine().await;
    let guests: Vec<Hostile> = hostile().into_iter().filter(|guest| guest.row == row).collect();
    assert!(!guests.is_empty(), "no guest serves {row}");
    let (outcomes, ()) = tokio::join!(outcomes(&engine, &guests), honest(&engine, 8));
    let wrong: Vec<String> = guests.iter().zip(outcomes).filter_map(|(guest, seen)| mismatch(guest, &seen)).collect();
    assert!(wrong.is_empty(), "{row}:\n{}", wrong.join("\n"));
    honest(&engine, 1).await;
}

/// What came of a guest.
enum Seen {
    Refused(String),
    Failed { code: String, message: String },
    Done,
}

/// Starts all of them, and then waits for each.
async fn outcomes(engine: &Engine, guests: &[Hostile]) -> Vec<Seen> {
    let mut started = Vec::with_capacity(guests.len());
    for (at, guest) in guests.iter().enumerate() {
        started.push(start(engine, at, guest).await);
    }
    let mut seen = Vec::with_capacity(guests.len());
    for (guest, started) in guests.iter().zip(started) {
        seen.push(match started {
            Ok(run) => end(engine, run, guest).await,
            Err(refused) => Seen::Refused(refused),
        });
    }
    seen
}

async fn start(engine: &Engine, at: usize, guest: &Hostile) -> Result<RunId, String> {
    let path = engine.path().join(format!("guest-{at}.wasm"));
    std::fs::write(&path, &guest.bytes).expect("written");
    let text = workflow(&[("bad", Path::new(&path))], "  s:\n    task: bad.go\n    with: { v: 1 }\n    timeout: 500ms\n    retry: 1\n");
    let source = Source::new("w.yaml", text.as_str());
    let file = WorkflowFile::check(source.clone(), engine.path(), &engine.plugins).await;
    let Some(plan) = file.plan else {
        return Err(file.diagnostics.iter().map(|problem| problem.line(&source)).collect::<Vec<_>>().join("; "));
    };
    Ok(engine.start(&plan.into()).await)
}

async fn end(engine: &Engine, run: RunId, guest: &Hostile) -> Seen {
    let run = engine.end_of(run).await;
    match run.failure() {
        Some((step, failure)) => {
            assert_eq!((run.status(), step), (Status::Failed, Some(0)), "{}", guest.name);
            Seen::Failed { code: failure.code.to_string(), message: failure.message.to_string() }
        }
        None => {
            assert_eq!(run.status(), Status::Done, "{}", guest.name);
            Seen::Done
        }
    }
}

fn mismatch(guest: &Hostile, seen: &Seen) -> Option<String> {
    let what = match (guest.expected, seen) {
        (Expected::Refused, Seen::Refused(why)) if why.contains("error[") => return None,
        (Expected::Fails(code), Seen::Failed { code: seen, message }) if code == seen && !message.is_empty() => return None,
        (Expected::Succeeds, Seen::Done) => return None,
        (_, Seen::Refused(why)) => format!("was refused: {why}"),
        (_, Seen::Failed { code, message }) => format!("failed with {code}: {message}"),
        (_, Seen::Done) => "succeeded".to_owned(),
    };
    Some(format!("`{}` was to be {:?}, and {what}", guest.name, guest.expected))
}

macro_rules! rows {
    ($($name:ident: $row:literal,)*) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            check($row).await;
        }
    )* };
}

rows! {
    h01_loops_end_at_their_deadline: "H01",
    h03_recursion_exhausts_its_own_stack: "H03",
    h04_memory_ends_at_its_limit: "H04",
    h05_memories_that_cannot_be_are_refused: "H05",
    h06_tables_that_cannot_be_are_refused: "H06",
    h09_escapes_in_a_description_do_no_harm: "H09",
    h10_answers_and_descriptions_that_are_too_large: "H10",
    h12_answers_that_break_the_abi: "H12",
    h13_numbers_that_json_has_not: "H13",
    h14_answers_of_another_type: "H14",
    h29_traps: "H29",
    d24_an_error_that_sounds_like_the_engine: "D24",
    p04_a_delay_without_end: "P04",
    descriptions_that_lie: "describe",
}

#[test]
fn every_handwritten_guest_has_a_row_with_a_test() {
    for guest in hostile() {
        assert!(ROWS.contains(&guest.row) || OTHER_ROWS.contains(&guest.row), "{} ({})", guest.name, guest.row);
    }
    assert!(hostile().len() >= 54);
}
