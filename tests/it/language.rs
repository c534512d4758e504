//! The language as a whole, from text to end, on a real worker, sandbox and store.

mod ends;
mod flows;
mod limits;
mod shared;
mod stumbles;
mod trouble;
mod waits;

use expect_test::Expect;
use jackfield_store::{Fault, Then, When};
use kit::stage::{Detail, Kept, Stage};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// What a play of a workflow comes to, in memory and in SQLite.
#[expect(clippy::needless_pass_by_value, reason = "an expectation is written in place")]
fn check(workflow: &str, play: &str, expected: Expect) {
    runtime().block_on(async {
        let story = told(workflow, play, Kept::Memory).await;
        expected.assert_eq(&story);
        assert_eq!(told(workflow, play, Kept::Sqlite).await, story, "SQLite tells another story");
    });
}

async fn told(workflow: &str, play: &str, kept: Kept) -> String {
    let mut stage = Stage::open(workflow, kept, None).await;
    stage.play(play).await;
    let story = stage.story(Detail::Steps).await;
    stage.close().await;
    story
}

/// The same however often the worker dies: at every write, before and after it was done. Steps may run more than once.
#[expect(clippy::needless_pass_by_value, reason = "an expectation is written in place")]
fn check_crashes(workflow: &str, play: &str, expected: Expect) {
    runtime().block_on(async {
        let mut stage = Stage::open(workflow, Kept::Memory, None).await;
        stage.play(play).await;
        let story = once(&stage.story(Detail::Ends).await);
        expected.assert_eq(&story);
        let writes = stage.store.writes();
        stage.close().await;
        assert!(writes > 2, "only {writes} writes");
        for when in [When::Before, When::After] {
            for nth in 1..=writes {
                check_fault(workflow, play, &story, Fault { nth, when, then: Then::Down }).await;
            }
        }
    });
}

/// The same when the store fails once at any write, and the same worker goes on.
fn check_stumbles(workflow: &str, play: &str) {
    runtime().block_on(async {
        let mut stage = Stage::open(workflow, Kept::Memory, None).await;
        stage.play(play).await;
        let (story, writes) = (once(&stage.story(Detail::Ends).await), stage.store.writes());
        stage.close().await;
        for when in [When::Before, When::After, When::Full] {
            for nth in 1..=writes {
                check_fault(workflow, play, &story, Fault { nth, when, then: Then::Up }).await;
            }
        }
    });
}

async fn check_fault(workflow: &str, play: &str, story: &str, fault: Fault) {
    let mut stage = Stage::open(workflow, Kept::Memory, Some(fault)).await;
    stage.play(play).await;
    assert_eq!(once(&stage.story(Detail::Ends).await), story, "{fault:?}");
    stage.close().await;
}

/// The ledger with each line once: what was not recorded may have been done twice.
fn once(story: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in story.lines() {
        lines.push(match line.strip_prefix("ledger: ") {
            Some(notes) => {
                let mut notes: Vec<&str> = notes.split(' ').collect();
                notes.sort_unstable();
                notes.dedup();
                format!("ledger: {}", notes.join(" "))
            }
            None => line.to_owned(),
        });
    }
    lines.join("\n") + "\n"
}
