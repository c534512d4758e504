//! `jackfield doctor`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use jackfield_build::Toolchain;
use jackfield_flow::run::{Input, Run, RunId, Status};
use jackfield_sandbox::Allocation;
use jackfield_store::{Depth, SqliteStore, Store as _};
use jackfield_worker::{Clock as _, SystemClock, load_run};
use serde::Serialize;

use crate::control;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::{Home, small_runtime};
use crate::operator::Operator;
use crate::output::Format;
use crate::output::style::{BAD, GOOD, WARN};
use crate::output::table::{Field, Table};
use crate::output::time::{bytes, span};

/// Unfinished runs that are looked at one by one.
const RUNS_LOOKED_AT: usize = 1_000;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    state: State,
    detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Good,
    /// It works, and could be better.
    Note,
    /// Something is broken.
    Bad,
}

/// Looks at everything, and says what it found.
pub(crate) fn run(home: &Home) -> Result<Exit, CliError> {
    let mut findings = vec![finding("version", State::Good, format!("jackfield {}", env!("CARGO_PKG_VERSION")))];
    findings.push(sandbox(home));
    findings.push(cache(home));
    findings.push(tools());
    findings.extend(data(home)?);
    let output = &home.output;
    if output.format() == Format::Json {
        output.json(&findings)?;
    } else {
        let mut table = Table::new(["WHAT", "STATE", "DETAIL"]);
        for found in &findings {
            let state = match found.state {
                State::Good => Field::styled("good", GOOD),
                State::Note => Field::styled("note", WARN),
                State::Bad => Field::styled("bad", BAD),
            };
            table.row([found.what.into(), state, (&found.detail).into()]);
        }
        output.data(&table.render(output))?;
    }
    let bad: Vec<&str> = findings.iter().filter(|found| found.state == State::Bad).map(|found| found.what).collect();
    if bad.is_empty() { Ok(Exit::Done) } else { Err(CliError::Unhealthy(format!("not in order: {}", bad.join(", ")))) }
}

fn finding(what: &'static str, state: State, detail: impl Into<String>) -> Finding {
    Finding { what, state, detail: detail.into() }
}

fn sandbox(home: &Home) -> Finding {
    let begun = Instant::now();
    match home.plugins(Operator::default()) {
        Ok(plugins) => {
            let took = span(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX));
            match plugins.sandbox().allocation() {
                Allocation::Pool => finding("sandbox", State::Good, format!("starts in {took}, memory from a pool")),
                Allocation::OnDemand(why) => {
                    finding("sandbox", State::Note, format!("starts in {took}, memory on demand, which is slower: {why}"))
                }
            }
        }
        Err(error) => finding("sandbox", State::Bad, error.to_string()),
    }
}

fn cache(home: &Home) -> Finding {
    let Some(directory) = home.settings.compiled() else {
        return finding("cache", State::Note, "no HOME and no XDG_CACHE_HOME: plugins are compiled anew in every process");
    };
    let sizes = std::fs::read_dir(&directory).into_iter().flatten().flatten().filter_map(|entry| entry.metadata().ok());
    let (files, size) = sizes.fold((0_u64, 0_u64), |(files, size), about| (files + 1, size.saturating_add(about.len())));
    finding("cache", State::Good, format!("{}: {files} files, {}", directory.display(), bytes(size)))
}

/// Whether plugins can be built, without making anything that would be needed for it.
fn tools() -> Finding {
    match Toolchain::installed(Path::new(".")).or_else(Toolchain::debian) {
        Some(toolchain) => finding("plugin tools", State::Good, toolchain.description()),
        None => finding("plugin tools", State::Note, "no Rust for wasm32-wasip2 yet; `jackfield plugin build` finds or makes one"),
    }
}

fn data(home: &Home) -> Result<Vec<Finding>, CliError> {
    let directory = &home.settings.data;
    let store = match home.reader() {
        Ok(store) => store,
        Err(CliError::NoStore(_)) => {
            return Ok(vec![finding("data", State::Good, format!("{} does not exist yet; the first run makes it", directory.display()))]);
        }
        Err(error) => return Ok(vec![finding("data", State::Bad, error.to_string())]),
    };
    let shown = std::path::absolute(directory).unwrap_or_else(|_| PathBuf::from(directory));
    let mut findings = vec![finding("data", State::Good, shown.display().to_string()), engine(directory)];
    small_runtime()?.block_on(async {
        match store.health(Depth::Check).await {
            Ok(health) => {
                let detail = format!(
                    "{}, schema {}, {} ({} free), log {}, {} unfinished runs",
                    health.kind,
                    health.schema,
                    bytes(health.bytes),
                    bytes(health.bytes_free),
                    bytes(health.bytes_wal),
                    health.unfinished
                );
                findings.push(finding("store", State::Good, detail));
                if !health.damaged.is_empty() {
                    findings.push(finding("damaged runs", State::Bad, numbers(&health.damaged)));
                }
            }
            Err(error) => findings.push(finding("store", State::Bad, error.to_string())),
        }
        findings.extend(runs(&store).await);
    });
    Ok(findings)
}

fn engine(directory: &Path) -> Finding {
    match control::status(directory) {
        Some(status) => {
            let detail = format!("process {} ({}): {} runs active, {} asleep", status.pid, status.engine, status.active, status.sleeping);
            finding("engine", State::Good, detail)
        }
        None => finding("engine", State::Good, "none is running"),
    }
}

/// Unfinished runs: which can be resumed, which wait for somebody, and which nothing can ever wake.
async fn runs(store: &SqliteStore) -> Vec<Finding> {
    let wakeups = match store.wakeups().await {
        Ok(wakeups) => wakeups,
        Err(error) => return vec![finding("runs", State::Bad, error.to_string())],
    };
    let (mut blocked, mut open, mut stuck, mut unreadable) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for wakeup in wakeups.iter().take(RUNS_LOOKED_AT) {
        match load_run(store, wakeup.run).await {
            Ok(loaded) if loaded.run.status().is_end() => {}
            Ok(loaded) if loaded.run.status() == Status::Blocked => blocked.push(wakeup.run),
            Ok(loaded) if is_stuck(&loaded.run) => stuck.push(wakeup.run),
            Ok(_) => open.push(wakeup.run),
            Err(_) => unreadable.push(wakeup.run),
        }
    }
    let found = [
        ("blocked runs", State::Note, blocked),
        ("unfinished runs", State::Good, open),
        ("runs that nothing can wake", State::Bad, stuck),
        ("unreadable runs", State::Bad, unreadable),
    ];
    let mut findings: Vec<Finding> =
        found.into_iter().filter(|(_, _, runs)| !runs.is_empty()).map(|(what, state, runs)| finding(what, state, numbers(&runs))).collect();
    if wakeups.len() > RUNS_LOOKED_AT {
        findings.push(finding(
            "unfinished runs",
            State::Note,
            format!("only the first {RUNS_LOOKED_AT} of {} were looked at", wakeups.len()),
        ));
    }
    findings
}

/// Whether taking the run over would leave it with nothing that runs and nothing that it waits for: a defect.
fn is_stuck(run: &Run) -> bool {
    let mut run = run.clone();
    let now = SystemClock.now();
    match run.turn(Input::Recovered, now) {
        Ok(_) => !run.status().is_end() && run.status() != Status::Blocked && !run.is_busy() && run.next_wakeup().is_none(),
        Err(_) => true,
    }
}

fn numbers(runs: &[RunId]) -> String {
    const SHOWN: usize = 20;
    let shown: Vec<String> = runs.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = if runs.len() > SHOWN { format!(" and {} more", runs.len() - SHOWN) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut() {
        let runs: Vec<RunId> = (1..=30).map(RunId).collect();
        assert_eq!(numbers(&runs[..3]), "1, 2, 3");
        assert!(numbers(&runs).ends_with("20 and 10 more"));
    }
}
